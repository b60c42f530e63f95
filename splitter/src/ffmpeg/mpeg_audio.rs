//! Raw MPEG audio: frames with a header each, of which ffmpeg's copy keeps the rate and the channels of the first.

use isobmff::framing::MpegFrame;

use super::adts::tag;
use crate::Error;
use crate::source::Input;

/// Bytes of a header.
const HEADER: u64 = 4;
/// The most bytes between two frames that are stepped over, as far as ffmpeg looks for the next.
const MOST_BETWEEN: u64 = 64 << 10;

/// When the rate or the number of channels changes for the first time, in seconds.
pub(super) fn change(film: &Input) -> Result<Option<f64>, Error> {
    let (mut at, mut between, mut seconds) = (0, 0, 0.0);
    // One frame alone may be what other bytes look like.
    let (mut before, mut known) = (None, None);
    let mut header = [0; HEADER as usize];
    while film.bytes.saturating_sub(at) >= HEADER && between < MOST_BETWEEN {
        film.read_exact_at(&mut header, at)?;
        let passed_over = if header.starts_with(b"ID3") { tag(film, at)? } else { 0 };
        if passed_over > 0 {
            at = at.saturating_add(passed_over);
            continue;
        }
        let Some(frame) = MpegFrame::parse(header).filter(|frame| frame.bytes > HEADER) else {
            (at, between, before) = (at + 1, between + 1, None);
            continue;
        };
        let settings = (frame.rate, frame.channels);
        let length = f64::from(frame.samples) / f64::from(frame.rate);
        if before == Some(settings) && *known.get_or_insert(settings) != settings {
            return Ok(Some(seconds - length));
        }
        (at, between, before) = (at + frame.bytes, 0, Some(settings));
        seconds += length;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Frames of layer III at 128 kbit/s, of 48 kHz or 44.1 kHz, in stereo.
    fn frames(count: usize, is_other: bool) -> Vec<u8> {
        let (third, bytes) = if is_other { (0x90, 417) } else { (0x94, 384) };
        [&[0xff, 0xfb, third, 0][..], &vec![7; bytes - 4]].concat().repeat(count)
    }

    fn found(parts: &[Vec<u8>]) -> Option<f64> {
        let mut file = tempfile::tempfile().expect("a place for small files");
        file.write_all(&parts.concat()).expect("room");
        change(&Input::of_spool(file, "sound.mp3".into(), 0).expect("it is there")).expect("readable")
    }

    #[test]
    fn a_change_is_found_at_its_time() {
        let tag = [&b"ID3\x04\0\0\0\0\0\x05"[..], &[9; 5]].concat();
        assert_eq!(found(&[frames(9, false)]), None);
        assert_eq!(found(&[tag.clone(), frames(9, false), b"TAG of 128 bytes".to_vec()]), None);
        for between in [Vec::new(), tag, vec![0; 300]] {
            let seconds = found(&[frames(100, false), between, frames(9, true)]).expect("it changes");
            assert!((seconds - 2.4).abs() < 1e-9, "{seconds}");
        }
        assert_eq!(found(&[frames(9, false), vec![0; 70_000], frames(9, true)]), None);
        assert_eq!(found(&[]), None);
    }
}
