//! Frames of silence, for what comes before sound that begins late.
//!
//! A frame of some codecs can be written by hand that is silent whatever the encoder was: nothing but the fields that say so.

mod aac;

use crate::codec::mpeg4_audio::{Mpeg4Audio, OBJECT_TYPE_AAC};
use crate::{BoxRef, Error, SampleEntry, TrackKind};

/// A frame of silence, which decoders of a track take in front of the track's own frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilentFrame {
    /// As they stand in a sample of the track.
    pub bytes: Vec<u8>,
    /// How long it is, in samples.
    pub samples: u32,
    /// Samples in a second.
    pub rate: u32,
}

impl SilentFrame {
    /// The frame for tracks with this sample entry: of AAC LC, with or without SBR and PS, in channel configurations 1 to 7,
    /// and of Opus in one stream. `None` for everything else, and for AAC that does not say whether it has SBR, where its rate
    /// of up to 24 kHz or a track's `timescale` (ticks in a second) of twice that makes it likely: a decoder that has begun
    /// without might not change its rate.
    ///
    /// # Errors
    /// When the entry is damaged.
    pub fn of(entry: &BoxRef<'_>, timescale: u32) -> Result<Option<Self>, Error> {
        let boxes = SampleEntry::boxes(entry, TrackKind::Audio)?;
        let find = |kind: &[u8; 4]| boxes.iter().find(|child| child.kind == kind);
        match &entry.kind.0 {
            b"mp4a" => match find(b"esds").map(Mpeg4Audio::parse).transpose()? {
                Some(audio) if audio.object_type == OBJECT_TYPE_AAC => Ok(aac::silence(&audio.specific, timescale)),
                _ => Ok(None),
            },
            b"Opus" => Ok(find(b"dOps").and_then(opus)),
            _ => Ok(None),
        }
    }
}

/// By `dOps`, Opus in ISO base media file format section 4.3.2.
///
/// The frame has no bytes, as where an encoder sends nothing (RFC 6716 section 3.2.1). A decoder that has had none before then
/// gives silence, and the sound behind finds it as it was; a frame that is coded to be silent would change how loud its first
/// quarter of a second is.
fn opus(dops: &BoxRef<'_>) -> Option<SilentFrame> {
    /// Configuration 31, CELT of 20 ms over the full band, and code 0: one frame (RFC 6716 section 3.1).
    const TOC: u8 = 31 << 3;
    const STEREO: u8 = 4;
    let mut fields = dops.fields();
    let [_, channels] = fields.array().ok()?;
    fields.skip(2 + 4 + 2).ok()?;
    let family = fields.u8().ok()?;
    let toc = match channels {
        1 => TOC,
        2 => TOC | STEREO,
        _ => return None,
    };
    let frame = SilentFrame { bytes: vec![toc], samples: 960, rate: 48_000 };
    (family == 0).then_some(frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::{full, make};

    fn silence(format: &[u8; 4], configuration: &[u8]) -> Option<SilentFrame> {
        let entry = make(format, &[&[0; 28], configuration].concat());
        SilentFrame::of(&BoxRef::parse(&entry, 0).expect("whole"), 48_000).expect("readable")
    }

    #[test]
    fn opus_of_one_stream() {
        let of = |channels, family| {
            let silent = silence(b"Opus", &make(b"dOps", &[0, channels, 1, 0x38, 0, 0, 0xbb, 0x80, 0, 0, family]));
            silent.map(|frame| (frame.bytes, frame.samples))
        };
        assert_eq!(of(1, 0), Some((vec![0xf8], 960)));
        assert_eq!(of(2, 0), Some((vec![0xfc], 960)));
        assert_eq!([of(6, 1), of(2, 1), of(0, 0)], [None, None, None]);
        assert_eq!(silence(b"Opus", &make(b"dOps", &[0, 2, 1, 0x38, 0, 0, 0xbb, 0x80, 0, 0])), None, "cut off");
    }

    #[test]
    fn what_has_no_known_silence() {
        let mp3 = [3, 18, 0, 1, 0, 4, 13, 0x6b, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(silence(b"mp4a", &full(b"esds", 0, 0, &mp3)), None);
        assert_eq!(silence(b"mp4a", &[]), None);
        assert_eq!(silence(b"ac-3", &make(b"dac3", &[0x10, 0x3d, 0x40])), None);
        assert_eq!(silence(b"fLaC", &[]), None);
    }
}
