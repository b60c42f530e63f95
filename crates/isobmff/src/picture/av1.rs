//! AV1, by the headers of its OBUs (AV1 section 5.3 to 5.9).

use super::Picture;

/// The most OBUs of one sample that are looked at.
const MOST_OBUS: usize = 512;
/// Header, extension, a length of up to eight bytes, and the first byte of what follows.
const HEAD: usize = 11;

const SEQUENCE_HEADER: u8 = 1;
const FRAME_HEADER: u8 = 3;
const FRAME: u8 = 6;

/// Looks at a temporal unit. Decoding can start where its first frame is a key frame that is shown, behind a sequence header
/// (AV1 codec ISO media file format binding section 2.5).
pub(super) fn picture<E>(
    bytes: u64,
    mut read: impl FnMut(u64, &mut [u8]) -> Result<(), E>,
) -> Result<Option<Picture>, E> {
    let (mut at, mut sequence) = (0, None);
    for _ in 0..MOST_OBUS {
        if at >= bytes {
            break;
        }
        let mut head = [0; HEAD];
        let there = usize::try_from(bytes - at).unwrap_or(usize::MAX).min(HEAD);
        let head = &mut head[..there];
        read(at, head)?;
        let Some(Obu { kind, begin, length }) = Obu::parse(head, bytes - at) else { return Ok(None) };
        let first = head.get(begin).copied().filter(|_| length > 0);
        match (kind, first) {
            (SEQUENCE_HEADER, Some(first)) => sequence = Some(first),
            (FRAME_HEADER | FRAME, Some(first)) => {
                let is_start = sequence.is_some_and(|sequence| is_reduced(sequence) || is_shown_key(first));
                return Ok(Some(if is_start { Picture::Closed } else { Picture::Dependent }));
            }
            _ => {}
        }
        at += begin as u64 + length;
    }
    Ok(None)
}

/// An OBU's header.
struct Obu {
    kind: u8,
    /// Where what it holds begins, and how long that is.
    begin: usize,
    length: u64,
}

impl Obu {
    /// Of the `left` bytes of the sample, `head` are the first. `None` where that is no OBU, or not all of one.
    fn parse(head: &[u8], left: u64) -> Option<Self> {
        let first = *head.first()?;
        let fields = 1 + usize::from(first >> 2 & 1);
        let is_forbidden = first & 0x80 != 0;
        if is_forbidden || left < fields as u64 {
            return None;
        }
        let kind = first >> 3 & 15;
        if first & 2 == 0 {
            return Some(Self { kind, begin: fields, length: left - fields as u64 });
        }
        let size = head.get(fields..)?;
        let bytes = size.iter().take(8).position(|byte| byte & 0x80 == 0)? + 1;
        let length = size[..bytes].iter().rev().fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
        let begin = fields + bytes;
        (length <= left - begin as u64).then_some(Self { kind, begin, length })
    }
}

/// `reduced_still_picture_header`, behind the profile and `still_picture`: every frame is a key frame.
fn is_reduced(sequence: u8) -> bool {
    sequence & 0x08 != 0
}

/// `show_existing_frame` 0, `frame_type` 0, `show_frame` 1.
fn is_shown_key(frame: u8) -> bool {
    frame & 0xf0 == 0x10
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sample: &[u8]) -> Option<Picture> {
        let read = |at: u64, buffer: &mut [u8]| {
            let at = usize::try_from(at).expect("small");
            buffer.copy_from_slice(&sample[at..at + buffer.len()]);
            Ok::<_, ()>(())
        };
        picture(sample.len() as u64, read).expect("it can be read")
    }

    const DELIMITER: &[u8] = &[0x12, 0];
    const SEQUENCE: &[u8] = &[0x0a, 3, 0x00, 0x00, 0x24];

    #[test]
    fn key_frames_behind_a_sequence_header() {
        let unit = |parts: &[&[u8]]| of(&parts.concat());
        assert_eq!(unit(&[DELIMITER, SEQUENCE, &[0x32, 2, 0x10, 0]]), Some(Picture::Closed));
        assert_eq!(unit(&[SEQUENCE, &[0x30, 0x10, 0, 0]]), Some(Picture::Closed), "the last may lack its length");
        assert_eq!(unit(&[SEQUENCE, &[0x2a, 1, 7], &[0x1a, 1, 0x10], &[0x22, 1, 0]]), Some(Picture::Closed));
        assert_eq!(unit(&[DELIMITER, &[0x32, 2, 0x10, 0]]), Some(Picture::Dependent), "without one");
        // Between frames; shown later; shown once more; intra only.
        for other in [0x30, 0x00, 0x90, 0x50] {
            assert_eq!(unit(&[SEQUENCE, &[0x32, 2, other, 0]]), Some(Picture::Dependent), "{other:#x}");
        }
        assert_eq!(unit(&[&[0x0a, 1, 0x18], &[0x32, 1, 0]]), Some(Picture::Closed), "a still");
        let extended: [&[u8]; 2] = [&[0x0e, 0x08, 1, 0], &[0x36, 0x08, 0x81, 0x00, 0x10]];
        assert_eq!(unit(&extended), Some(Picture::Closed), "with extensions");
    }

    #[test]
    fn bytes_that_are_no_obus() {
        for none in [&[][..], &[0x92, 0], &[0x32], &[0x32, 9, 0x10], &[0x36], &[0x12, 0], &[0x32, 0], &[0x32, 0xff]] {
            assert_eq!(of(none), None, "{none:?}");
        }
        assert_eq!(of(&[0x12, 0].repeat(2_000)), None, "empty ones without end");
    }
}
