//! Raw AAC: frames with an ADTS header each (ISO/IEC 13818-7 section 6.2). ffmpeg steps over what is no frame without a word, and
//! keeps the configuration of the first.

use crate::Error;
use crate::source::Input;

/// What shows of the frames without decoding them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Frames {
    /// Whether there is something between them, but for tags in front and behind, or the last is cut off.
    pub(super) have_holes: bool,
    /// Whether their rate or their channels change.
    pub(super) change: bool,
}

const HEADER: usize = 7;

/// Steps from frame to frame.
pub(super) fn frames(film: &Input) -> Result<Frames, Error> {
    let (mut frames, mut at, mut known) = (Frames::default(), tag_in_front(film)?, None);
    let mut header = [0; HEADER];
    while at + HEADER as u64 <= film.bytes {
        film.read_exact_at(&mut header, at)?;
        let Some((length, configuration)) = frame(&header) else {
            frames.have_holes = !matches!(&header, [b'T', b'A', b'G', ..] | [b'A', b'P', b'E', b'T', ..]);
            return Ok(frames);
        };
        frames.change |= *known.get_or_insert(configuration) != configuration;
        at += length;
    }
    frames.have_holes = at != film.bytes;
    Ok(frames)
}

/// Length of a frame, and its profile, rate and channels.
fn frame(header: &[u8; HEADER]) -> Option<(u64, [u8; 2])> {
    let [first, second, third, fourth, fifth, sixth, _] = *header;
    let length = u64::from(fourth & 3) << 11 | u64::from(fifth) << 3 | u64::from(sixth >> 5);
    let is_frame = first == 0xff && second & 0xf6 == 0xf0 && length >= HEADER as u64;
    is_frame.then_some((length, [third & 0xfd, fourth & 0xc0]))
}

/// Length of an ID3 tag in front, whose own length has seven bits in a byte.
fn tag_in_front(film: &Input) -> Result<u64, Error> {
    const TAG: u64 = 10;
    if film.bytes < TAG {
        return Ok(0);
    }
    let tag = film.read_box(0, TAG)?;
    let length = tag[6..].iter().fold(0, |length, &byte| length << 7 | u64::from(byte & 0x7f));
    Ok(if tag.starts_with(b"ID3") { TAG + length } else { 0 })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn sound(third: u8, bytes: u8) -> Vec<u8> {
        [&[0xff, 0xf1, third, 0x80, bytes >> 3, bytes << 5, 0xfc][..], &vec![1; usize::from(bytes) - HEADER]].concat()
    }

    fn found(parts: &[Vec<u8>]) -> (bool, bool) {
        let mut file = tempfile::tempfile().expect("a place for small files");
        file.write_all(&parts.concat()).expect("room");
        let found = frames(&Input::of_spool(file, "sound.aac".into(), 0).expect("it is there")).expect("readable");
        (found.have_holes, found.change)
    }

    #[test]
    fn frames_follow_each_other() {
        let (one, other) = (sound(0x50, 20), sound(0x50, 33));
        let tag = [&b"ID3\x04\0\0\0\0\0\x05"[..], &[9; 5]].concat();
        assert_eq!(found(&[one.clone(), other.clone()]), (false, false));
        assert_eq!(found(&[tag, one.clone(), b"TAG of 128 bytes".to_vec()]), (false, false));
        assert_eq!(found(&[one.clone(), vec![0; 40], other.clone()]), (true, false));
        assert_eq!(found(&[one.clone(), other[..20].to_vec()]), (true, false));
        assert_eq!(found(&[one.clone(), other[..5].to_vec()]), (true, false));
        assert_eq!(found(&[one, sound(0x4c, 20)]), (false, true));
        assert_eq!(found(&[]), (false, false));
    }
}
