//! VP8 and VP9, by the first bytes of a frame. A sample may hold several frames, of which the first is what decoding starts at.

use super::Picture;

/// Bytes of a frame that are looked at.
pub(super) const HEAD: usize = 6;

/// RFC 6386 section 9.1: of three bytes the lowest bit, which is 0 for a key frame; behind them a start code.
pub(super) fn vp8(head: &[u8]) -> Option<Picture> {
    let first = *head.first()?;
    let is_key = first & 1 == 0 && head.get(3..6) == Some(&[0x9d, 0x01, 0x2a]);
    Some(if is_key { Picture::Closed } else { Picture::Dependent })
}

/// The uncompressed header, VP9 section 6.2: marker, profile (a bit more for profile 3), `show_existing_frame`, `frame_type`,
/// `show_frame`, `error_resilient_mode`, and then for a key frame its sync code.
pub(super) fn vp9(head: &[u8]) -> Option<Picture> {
    const SYNC_CODE: u32 = 0x49_8342;
    let bits = head.iter().take(5).fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
    let mut left = head.len().min(5) * 8;
    let mut take = |width: usize| {
        left = left.checked_sub(width)?;
        u32::try_from(bits >> left & ((1 << width) - 1)).ok()
    };
    if take(2)? != 0b10 {
        return None;
    }
    if take(2)? == 0b11 {
        take(1)?;
    }
    let shows_existing = take(1)? == 1;
    let is_key = !shows_existing && take(1) == Some(0) && take(2).is_some() && take(24) == Some(SYNC_CODE);
    Some(if is_key { Picture::Closed } else { Picture::Dependent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_frames_of_vp9() {
        // As libvpx writes them: profile 0, a key frame and another; profile 2.
        assert_eq!(vp9(&[0x82, 0x49, 0x83, 0x42, 0, 0]), Some(Picture::Closed));
        assert_eq!(vp9(&[0x86, 0x00, 0x40, 0x92]), Some(Picture::Dependent));
        assert_eq!(vp9(&[0x92, 0x49, 0x83, 0x42, 0]), Some(Picture::Closed));
        // Profile 3 has a bit more.
        assert_eq!(vp9(&[0xb1, 0x24, 0xc1, 0xa1, 0]), Some(Picture::Closed));
        assert_eq!(vp9(&[0x88]), Some(Picture::Dependent), "an existing frame is shown");
        assert_eq!(vp9(&[0x82, 0x49]), Some(Picture::Dependent), "cut off");
        for none in [&[][..], &[0x42], &[0xff]] {
            assert_ne!(vp9(none), Some(Picture::Closed));
        }
    }

    #[test]
    fn key_frames_of_vp8() {
        assert_eq!(vp8(&[0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a]), Some(Picture::Closed));
        assert_eq!(vp8(&[0x31, 0x02, 0x00, 0x9d, 0x01, 0x2a]), Some(Picture::Dependent));
        assert_eq!(vp8(&[0x10, 0x02, 0x00]), Some(Picture::Dependent));
        assert_eq!(vp8(&[]), None);
    }
}
