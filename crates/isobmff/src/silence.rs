//! Frames of silence, for what comes before sound that begins late.
//!
//! A frame of some codecs can be written by hand that is silent whatever the encoder was: nothing but the fields that say so.

mod aac;
mod ac3;
mod flac;
mod hidden_sbr;
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
    /// Frames of a track that tell how all of them are coded, at most.
    pub const FRAMES: u32 = 16;
    /// Bytes of each of them, at most.
    pub const FRAME_BYTES: u32 = 1 << 16;

    /// The frame for tracks with this sample entry: of AAC LC, with or without SBR and PS, of Opus, of FLAC, of MPEG audio, of AC-3
    /// and of E-AC-3; `None` for everything else.
    ///
    /// `frames` are the track's first and some others, [`Self::FRAMES`] of up to [`Self::FRAME_BYTES`] if they can be had, and
    /// none where they are not known yet. They say what the entry does not. Without them the silence of MPEG audio is of layer III, that of E-AC-3 has but the
    /// channels of the first substream, and that of AAC of a `timescale` (ticks in a second) or rate with which there may be SBR
    /// has decoders begin as if there were, which they do not do later.
    ///
    /// # Errors
    /// When the entry is damaged.
    pub fn of(entry: &BoxRef<'_>, timescale: u32, frames: &[Vec<u8>]) -> Result<Option<Self>, Error> {
        let boxes = SampleEntry::boxes(entry, TrackKind::Audio)?;
        let find = |kind: &[u8; 4]| boxes.iter().find(|child| child.kind == kind);
        let first = frames.first().map(Vec::as_slice);
        let mpeg = || match first {
            Some(first) => Ok(mpeg::silence(first)),
            None => {
                let SampleEntry { sample_rate, channels, .. } = SampleEntry::parse(entry, TrackKind::Audio)?;
                Ok(mpeg::header(sample_rate, channels).and_then(|header| mpeg::silence(&header)))
            }
        };
        Ok(match &entry.kind.0 {
            b"mp4a" => match find(b"esds").map(Mpeg4Audio::parse).transpose()? {
                Some(audio) if audio.object_type == OBJECT_TYPE_AAC => aac::silence(&audio.specific, timescale, frames),
                Some(audio) if OBJECT_TYPES_MPEG.contains(&audio.object_type) => mpeg()?,
                _ => None,
            },
            b".mp3" => mpeg()?,
            b"Opus" => find(b"dOps").and_then(opus),
            b"ac-3" => ac3::silence(find(b"dac3"), first),
            b"ec-3" => ac3::silence(find(b"dec3"), first),
            b"fLaC" => find(b"dfLa").and_then(|dfla| flac::silence(dfla, first.unwrap_or_default())),
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
        of(format, configuration, &[vec![0xff, 0xfb, 0x94, 0]])
    }

    /// Of 44.1 kHz in two channels.
    fn of(format: &[u8; 4], configuration: &[u8], frames: &[Vec<u8>]) -> Option<SilentFrame> {
        let fields = [&[0; 16][..], &[0, 2], &[0; 6], &44_100_u16.to_be_bytes(), &[0; 2]].concat();
        let entry = make(format, &[&fields, configuration].concat());
        SilentFrame::of(&BoxRef::parse(&entry, 0).expect("whole"), 48_000, frames).expect("readable")
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
        // Where no frame is known: layer III of 32 kbit/s, as long as the entry's rate has it.
        for entry in [of(b"mp4a", &esds(0x6b), &[]), of(b".mp3", &[], &[])] {
            assert_eq!(length(entry), Some(104));
        }
    }

    #[test]
    fn what_has_no_known_silence() {
        assert_eq!(silence(b"mp4a", &[]), None);
        assert_eq!(silence(b"ac-3", &make(b"dac3", &[0x10, 0x3d, 0x40])), None, "the first frame is of something else");
        assert_eq!(silence(b"alac", &[]), None);
        assert_eq!(silence(b"fLaC", &[]), None);
    }
}
