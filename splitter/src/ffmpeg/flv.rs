//! Flash video (Adobe Flash Video File Format 10.1, annex E; Enhanced RTMP 2): whether its decoders are configured anew on the
//! way. An MP4 as ffmpeg writes it has one configuration for each track, and what follows another is destroyed.

use crate::Error;
use crate::source::Input;

/// When configurations change for the first time, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Changes {
    pub(super) video: Option<f64>,
    pub(super) audio: Option<f64>,
}

const HEADER: u64 = 9;
const TAG_HEADER: usize = 11;
/// The longest configuration that is compared whole.
const LONGEST: u32 = 1 << 16;
const AUDIO: u8 = 8;
const VIDEO: u8 = 9;
/// Of what follows the header of a tag: what it is coded as, what kind of packet it is.
const FIELDS: usize = 2;

/// Looks through a film that ffprobe calls `flv`. Ends where it is damaged, which ffmpeg tells of.
pub(super) fn changes(film: &Input) -> Result<Changes, Error> {
    let (mut known, mut changes) = ([None, None], Changes::default());
    let mut at = HEADER + 4;
    let mut head = [0; TAG_HEADER + FIELDS];
    while at + head.len() as u64 <= film.bytes {
        film.read_exact_at(&mut head, at)?;
        let (header, fields) = head.split_at(TAG_HEADER);
        let (kind, length) = (header[0] & 0x1f, u32::from_be_bytes([0, header[1], header[2], header[3]]));
        let end = at + (TAG_HEADER as u64) + u64::from(length);
        if end > film.bytes {
            break;
        }
        if is_configuration(kind, fields) && (FIELDS as u32..=LONGEST).contains(&length) {
            let (known, change) = match kind {
                VIDEO => (&mut known[0], &mut changes.video),
                _ => (&mut known[1], &mut changes.audio),
            };
            let body = film.read_box(at + TAG_HEADER as u64, length.into())?;
            if known.get_or_insert_with(|| body.clone()) != &body {
                // The highest byte of a time stands last.
                let milliseconds = u32::from_be_bytes([header[7], header[4], header[5], header[6]]);
                change.get_or_insert(f64::from(milliseconds) / 1_000.0);
            }
        }
        at = end + 4;
    }
    Ok(changes)
}

/// Whether a tag holds the configuration of a decoder.
fn is_configuration(kind: u8, fields: &[u8]) -> bool {
    const AVC: u8 = 7;
    const HEVC: u8 = 12;
    const AAC: u8 = 10;
    const ENHANCED: u8 = 9;
    /// Sequence header, in the old and in the enhanced form.
    const SEQUENCE: u8 = 0;
    match (kind, fields[0], fields[1]) {
        (VIDEO, first, _) if first & 0x80 != 0 => first & 0x0f == SEQUENCE,
        (VIDEO, first, packet) => matches!(first & 0x0f, AVC | HEVC) && packet == SEQUENCE,
        (AUDIO, first, _) if first >> 4 == ENHANCED => first & 0x0f == SEQUENCE,
        (AUDIO, first, packet) => first >> 4 == AAC && packet == SEQUENCE,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn tag(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).expect("small").to_be_bytes();
        // All at 2^24 + 1 ms.
        [&[kind], &length[1..], &[0, 0, 1, 1, 0, 0, 0], body, &[0; 4]].concat()
    }

    fn found(tags: &[Vec<u8>]) -> Changes {
        let mut file = tempfile::tempfile().expect("a place for small files");
        file.write_all(&[&[0; 13][..], &tags.concat()].concat()).expect("room");
        changes(&Input::of_spool(file, "film.flv".into(), 0).expect("it is there")).expect("readable")
    }

    #[test]
    fn a_configuration_may_come_again_but_not_another() {
        let avc = |last| tag(VIDEO, &[0x17, 0, 0, 0, 0, 1, 0x64, last]);
        let aac = |last| tag(AUDIO, &[0xaf, 0, 0x12, last]);
        let media = [tag(VIDEO, &[0x17, 1, 0, 0, 0, 9, 9]), tag(AUDIO, &[0xaf, 1, 7, 7, 7])].concat();
        let time = |changes: bool| changes.then_some(16_777.217);
        let of = |video, audio| Changes { video: time(video), audio: time(audio) };
        assert_eq!(found(&[avc(1), aac(1), media.clone(), avc(1), aac(1), media.clone()]), of(false, false));
        assert_eq!(found(&[avc(1), aac(1), media.clone(), avc(2), media.clone(), avc(1)]), of(true, false));
        assert_eq!(found(&[avc(1), aac(1), media.clone(), aac(2)]), of(false, true));
        let enhanced = |last| tag(VIDEO, &[0x90, b'h', b'v', b'c', b'1', last]);
        assert_eq!(found(&[enhanced(1), media, enhanced(2)]), of(true, false));
        assert_eq!(found(&[avc(1), avc(2)[..15].to_vec()]), of(false, false), "cut off");
        assert_eq!(found(&[]), of(false, false));
    }
}
