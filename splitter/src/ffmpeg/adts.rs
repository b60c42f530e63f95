//! Raw AAC: frames with an ADTS header each (ISO/IEC 13818-7 section 6.2). ffmpeg steps over what is no frame without a word, and
//! keeps the configuration of the first.

use crate::Error;
use crate::source::Input;

/// Bytes of the part of a header that all frames have.
pub(super) const HEADER: usize = 7;

/// What shows of the frames without decoding them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Frames {
    /// Whether there is something between them, but for tags in front and behind, or the last is cut off.
    pub(super) have_holes: bool,
    /// When their profile, rate or channels change for the first time, in seconds.
    pub(super) change: Option<f64>,
}

/// What a header says of its frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Length with the header, which is within it.
    pub(super) bytes: u64,
    /// Profile, rate and channels.
    pub(super) configuration: [u8; 2],
    pub(super) seconds: f64,
}

/// Steps from frame to frame.
pub(super) fn frames(film: &Input) -> Result<Frames, Error> {
    let (mut frames, mut at, mut known) = (Frames::default(), tag(film, 0)?, None);
    let (mut header, mut seconds) = ([0; HEADER], 0.0);
    while at + HEADER as u64 <= film.bytes {
        film.read_exact_at(&mut header, at)?;
        let Some(frame) = Frame::parse(&header) else {
            frames.have_holes = !matches!(&header, [b'T', b'A', b'G', ..] | [b'A', b'P', b'E', b'T', ..]);
            return Ok(frames);
        };
        if *known.get_or_insert(frame.configuration) != frame.configuration {
            frames.change.get_or_insert(seconds);
        }
        at += frame.bytes;
        seconds += frame.seconds;
    }
    frames.have_holes = at != film.bytes;
    Ok(frames)
}

impl Frame {
    /// `None` where no frame begins like that.
    pub(super) fn parse(header: &[u8; HEADER]) -> Option<Self> {
        /// By index (ISO/IEC 14496-3 table 1.18); the others are reserved, or do not stand in such a header.
        const RATES: [u32; 13] =
            [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
        const SAMPLES: f64 = 1_024.0;
        let [first, second, third, fourth, fifth, sixth, seventh] = *header;
        let bytes = u64::from(fourth & 3) << 11 | u64::from(fifth) << 3 | u64::from(sixth >> 5);
        let rate = *RATES.get(usize::from(third >> 2 & 0xf))?;
        let is_frame = first == 0xff && second & 0xf6 == 0xf0 && bytes >= HEADER as u64;
        let seconds = SAMPLES * f64::from((seventh & 3) + 1) / f64::from(rate);
        is_frame.then_some(Self { bytes, configuration: [third & 0xfd, fourth & 0xc0], seconds })
    }
}

/// Length of an ID3 tag at a place, whose own length has seven bits in a byte; 0 where there is none.
pub(super) fn tag(film: &Input, at: u64) -> Result<u64, Error> {
    const TAG: u64 = 10;
    if film.bytes.saturating_sub(at) < TAG {
        return Ok(0);
    }
    let tag = film.read_box(at, TAG)?;
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
        (found.have_holes, found.change.is_some())
    }

    #[test]
    fn a_change_has_a_time() {
        let film = [vec![sound(0x50, 20); 3].concat(), sound(0x4c, 20)].concat();
        let mut file = tempfile::tempfile().expect("a place for small files");
        file.write_all(&film).expect("room");
        let found = frames(&Input::of_spool(file, "sound.aac".into(), 0).expect("it is there")).expect("readable");
        assert_eq!(found.change, Some(3.0 * 1_024.0 / 44_100.0));
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
