//! Frames of silence, for what comes before sound that begins late.
//!
//! A frame of some codecs can be written by hand that is silent whatever the encoder was: nothing but the fields that say so.

mod aac;
mod ac3;
mod flac;
mod mpeg;
mod writer;

use crate::codec::mpeg4_audio::{Mpeg4Audio, OBJECT_TYPE_AAC};
use crate::{BoxRef, Error, SampleEntry, TrackKind};

/// Objects that are MPEG audio, of MPEG-2 and MPEG-1 (ISO/IEC 14496-1 table 5).
const OBJECT_TYPES_MPEG: [u8; 2] = [0x69, 0x6b];

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
    /// Bytes of a track's first frame that say how it is coded.
    pub const FIRST_BYTES: u32 = 8;

    /// The frame for tracks with this sample entry: of AAC LC, with or without SBR and PS, of Opus, of FLAC, of MPEG audio, of AC-3
    /// and of E-AC-3 in one stream. Of the last three the track's own frames say how they are coded: `first` is what the first
    /// one begins with, [`Self::FIRST_BYTES`] if they are known. `None` for everything else, and for AAC that does not say whether it has SBR, where its rate of up to 24 kHz
    /// or a track's `timescale` (ticks in a second) of twice that makes it likely: a decoder that has begun without might not
    /// change its rate.
    ///
    /// # Errors
    /// When the entry is damaged.
    pub fn of(entry: &BoxRef<'_>, timescale: u32, first: &[u8]) -> Result<Option<Self>, Error> {
        let boxes = SampleEntry::boxes(entry, TrackKind::Audio)?;
        let find = |kind: &[u8; 4]| boxes.iter().find(|child| child.kind == kind);
        Ok(match &entry.kind.0 {
            b"mp4a" => match find(b"esds").map(Mpeg4Audio::parse).transpose()? {
                Some(audio) if audio.object_type == OBJECT_TYPE_AAC => aac::silence(&audio.specific, timescale),
                Some(audio) if OBJECT_TYPES_MPEG.contains(&audio.object_type) => mpeg::silence(first),
                _ => None,
            },
            b".mp3" => mpeg::silence(first),
            b"Opus" => find(b"dOps").and_then(opus),
            b"ac-3" | b"ec-3" => ac3::silence(find(b"dec3"), first),
            b"fLaC" => find(b"dfLa").and_then(|dfla| flac::silence(dfla, first)),
            _ => None,
        })
    }
}

/// By `dOps`, Opus in ISO base media file format section 4.3.2.
///
/// The frame has no bytes, as where an encoder sends nothing (RFC 6716 section 3.2.1). A decoder that has had none before then
/// gives silence, and the sound behind finds it as it was; a frame that is coded to be silent would change how loud its first
/// quarter of a second is. Where there are several streams, a packet holds one such frame of each (RFC 7845 section 3), and all
/// but the last say how long they are (RFC 6716 appendix B).
fn opus(dops: &BoxRef<'_>) -> Option<SilentFrame> {
    /// Configuration 31, CELT of 20 ms over the full band, and code 0: one frame (RFC 6716 section 3.1).
    const TOC: u8 = 31 << 3;
    const STEREO: u8 = 4;
    const NOTHING: u8 = 0;
    let mut fields = dops.fields();
    let [_, channels] = fields.array().ok()?;
    fields.skip(2 + 4 + 2).ok()?;
    let (streams, pairs) = match (fields.u8().ok()?, channels) {
        (0, 1 | 2) => (1, channels - 1),
        (0, _) => return None,
        _ => (fields.u8().ok()?, fields.u8().ok()?),
    };
    if streams == 0 || pairs > streams {
        return None;
    }
    let mut bytes = Vec::new();
    for stream in 0..streams {
        bytes.push(if stream < pairs { TOC | STEREO } else { TOC });
        bytes.extend((stream + 1 < streams).then_some(NOTHING));
    }
    Some(SilentFrame { bytes, samples: 960, rate: 48_000 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::{full, make};

    fn silence(format: &[u8; 4], configuration: &[u8]) -> Option<SilentFrame> {
        let entry = make(format, &[&[0; 28], configuration].concat());
        SilentFrame::of(&BoxRef::parse(&entry, 0).expect("whole"), 48_000, &[0xff, 0xfb, 0x94, 0]).expect("readable")
    }

    fn opus(channels: u8, mapping: &[u8]) -> Option<Vec<u8>> {
        let head = [0, channels, 1, 0x38, 0, 0, 0xbb, 0x80, 0, 0];
        let silent = silence(b"Opus", &make(b"dOps", &[&head, mapping].concat()))?;
        assert_eq!((silent.samples, silent.rate), (960, 48_000));
        Some(silent.bytes)
    }

    #[test]
    fn opus_of_one_stream() {
        assert_eq!(opus(1, &[0]), Some(vec![0xf8]));
        assert_eq!(opus(2, &[0]), Some(vec![0xfc]));
        assert_eq!([opus(6, &[0]), opus(0, &[0])], [None, None]);
        assert_eq!(opus(2, &[]), None, "cut off");
    }

    #[test]
    fn opus_of_several_streams() {
        assert_eq!(opus(6, &[1, 4, 2, 0, 4, 1, 2, 3, 5]), Some(vec![0xfc, 0, 0xfc, 0, 0xf8, 0, 0xf8]));
        assert_eq!(opus(2, &[255, 1, 1, 0, 1]), Some(vec![0xfc]));
        assert_eq!([opus(6, &[1, 0, 0]), opus(6, &[1, 2, 3]), opus(6, &[1, 2])], [None, None, None]);
    }

    #[test]
    fn mpeg_audio_is_as_the_first_frame_says() {
        let esds = |object_type: u8| {
            full(b"esds", 0, 0, &[&[3, 18, 0, 1, 0, 4, 13, object_type, 0x15][..], &[0; 11]].concat())
        };
        let length = |silent: Option<SilentFrame>| silent.map(|frame| frame.bytes.len());
        for entry in [silence(b"mp4a", &esds(0x6b)), silence(b"mp4a", &esds(0x69)), silence(b".mp3", &[])] {
            assert_eq!(length(entry), Some(96));
        }
        assert_eq!(silence(b"mp4a", &esds(0xdd)), None, "Vorbis");
    }

    #[test]
    fn what_has_no_known_silence() {
        assert_eq!(silence(b"mp4a", &[]), None);
        assert_eq!(silence(b"ac-3", &make(b"dac3", &[0x10, 0x3d, 0x40])), None, "the first frame is of something else");
        assert_eq!(silence(b"alac", &[]), None);
        assert_eq!(silence(b"fLaC", &[]), None);
    }
}
