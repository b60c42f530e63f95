//! Sample entries: what a decoder must know (ISO/IEC 14496-12 section 8.5.2 and 12).

use std::ops::Range;

use crate::codec::{self, Mpeg4Audio};
use crate::{BoxRef, Children, Error, FourCc, TrackKind};

/// One entry of an `stsd` box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleEntry {
    /// Its type, such as `avc1`; for an encrypted track that of the encryption, such as `encv`.
    pub format: FourCc,
    /// The codec string (RFC 6381), such as `avc1.64001f`.
    pub codec: String,
    /// Coded width in pixels (video).
    pub width: u16,
    /// Coded height in pixels (video).
    pub height: u16,
    /// Channels (audio); the decoder's own configuration counts before the entry's field.
    pub channels: u16,
    /// Samples in a second (audio), at the decoder's output.
    pub sample_rate: u32,
}

/// Fields of a VisualSampleEntry before the boxes in it (section 12.1.3).
const VISUAL_FIELDS: usize = 78;

impl SampleEntry {
    /// Bytes of the fields of an AudioSampleEntry before the boxes in it (section 12.2.3).
    pub(crate) const AUDIO_FIELDS: usize = 28;

    /// Reads an entry of a track's `stsd`.
    ///
    /// # Errors
    /// When a field is cut off or the configuration box of a known codec is damaged.
    pub fn parse(entry: &BoxRef<'_>, kind: TrackKind) -> Result<Self, Error> {
        let mut fields = entry.fields();
        fields.skip(8)?;
        let mut parsed =
            Self { format: entry.kind, codec: String::new(), width: 0, height: 0, channels: 0, sample_rate: 0 };
        let boxes = Self::boxes(entry, kind)?;
        match kind {
            TrackKind::Video => {
                fields.skip(16)?;
                (parsed.width, parsed.height) = (fields.u16()?, fields.u16()?);
            }
            TrackKind::Audio => {
                let version = fields.u16()?;
                fields.skip(6)?;
                if version == 2 {
                    fields.skip(16)?;
                    let rate = f64::from_bits(fields.u64()?);
                    // `as` saturates, and a rate that is not a number becomes 0.
                    parsed.sample_rate = rate as u32;
                    parsed.channels = u16::try_from(fields.u32()?).unwrap_or(u16::MAX);
                } else {
                    parsed.channels = fields.u16()?;
                    fields.skip(6)?;
                    parsed.sample_rate = fields.u32()? >> 16;
                }
                if let Some(esds) = boxes.iter().find(|child| child.kind == b"esds") {
                    let audio = Mpeg4Audio::parse(esds)?;
                    parsed.channels = audio.channels().unwrap_or(parsed.channels);
                    parsed.sample_rate = audio.sample_rate().unwrap_or(parsed.sample_rate);
                }
            }
            TrackKind::Text | TrackKind::Other(_) => {}
        }
        parsed.codec = codec::name(entry.kind, &boxes)?;
        Ok(parsed)
    }

    /// The boxes inside an entry, those of QuickTime's `wave` included.
    ///
    /// # Errors
    /// When the entry is shorter than its fields. Ends at the first damaged box: QuickTime writes other things there.
    pub fn boxes<'a>(entry: &BoxRef<'a>, kind: TrackKind) -> Result<Vec<BoxRef<'a>>, Error> {
        let Some(fields) = Self::fields_bytes(entry, kind)? else { return Ok(Vec::new()) };
        let readable = |children: Children<'a>| children.map_while(Result::ok);
        let mut boxes: Vec<_> = readable(entry.children_after(fields)?).collect();
        if let Some(wave) = boxes.iter().find(|child| child.kind == b"wave").copied() {
            boxes.extend(readable(wave.children()));
        }
        Ok(boxes)
    }

    /// Length of an entry's fields before the boxes in it; `None` where that is not known.
    ///
    /// # Errors
    /// When the entry is too short to say.
    pub fn fields_bytes(entry: &BoxRef<'_>, kind: TrackKind) -> Result<Option<usize>, Error> {
        Ok(match kind {
            TrackKind::Video => Some(VISUAL_FIELDS),
            TrackKind::Audio => {
                let mut fields = entry.fields();
                fields.skip(8)?;
                // QuickTime's versions 1 and 2 carry more fields; ISO's own version 1 does not, and both are told apart
                // by what follows.
                Some(match fields.u16()? {
                    1 if !starts_with_box(entry.body.get(Self::AUDIO_FIELDS..)) => Self::AUDIO_FIELDS + 16,
                    2 => Self::AUDIO_FIELDS + 36,
                    _ => Self::AUDIO_FIELDS,
                })
            }
            TrackKind::Text | TrackKind::Other(_) => None,
        })
    }
}

/// Whether these bytes look like a box: a size that fits and a printable type.
fn starts_with_box(bytes: Option<&[u8]>) -> bool {
    let Some((&[a, b, c, d, kind @ ..], _)) = bytes.and_then(|bytes| bytes.split_first_chunk::<8>()) else {
        return false;
    };
    let size = u32::from_be_bytes([a, b, c, d]) as usize;
    size >= 8 && bytes.is_some_and(|bytes| size <= bytes.len()) && FourCc(kind).is_printable()
}

/// The entries of an `stsd` that mean the same to a decoder: recorders write a new one after each pause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Descriptions(Vec<u32>);

impl Descriptions {
    /// The most entries that are compared with each other; of more, each is one of its own.
    const MOST: usize = 64;

    /// Reads the entries of an `stsd`.
    #[must_use]
    pub fn parse(stsd: &BoxRef<'_>) -> Self {
        let decoded = Self::decoded(stsd);
        let first = |like: &Vec<u8>| decoded.iter().position(|other| other == like).unwrap_or_default();
        Self(decoded.iter().map(|like| u32::try_from(first(like) + 1).expect("a few")).collect())
    }

    /// The entries of an `stsd`, without what no decoder minds: equal where they mean the same.
    #[must_use]
    pub fn decoded(stsd: &BoxRef<'_>) -> Vec<Vec<u8>> {
        let entries = stsd.children_after(8).map(|entries| entries.map_while(Result::ok).take(Self::MOST));
        entries.into_iter().flatten().map(|entry| decoded(&entry)).collect()
    }

    /// The first entry that means the same as the one with this number. Both count from 1; 0 stands for 1.
    #[must_use]
    pub fn first_like(&self, number: u32) -> u32 {
        let at = (number.max(1) - 1) as usize;
        self.0.get(at).copied().unwrap_or(number)
    }
}

/// The bytes of an entry without those that no decoder minds: which file the samples are in, what made them, their average
/// rate, the shape of a pixel. Recorders and editors write others with each piece.
fn decoded(entry: &BoxRef<'_>) -> Vec<u8> {
    const DATA_REFERENCE: Range<usize> = 6..8;
    /// Revision and vendor of QuickTime, zero in ISO's files.
    const MAKER: Range<usize> = 10..16;
    /// QuickTime's qualities, and the name of the coding (section 12.1.3), both in pictures alone.
    const QUALITY: Range<usize> = 16..24;
    const NAME: Range<usize> = 42..74;
    const PASSED_OVER: [&[u8]; 2] = [b"\0\0\0\x14btrt", b"\0\0\0\x10pasp"];
    let is_picture = matches!(
        &entry.kind.0,
        b"avc1" | b"avc3" | b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" | b"av01" | b"vp08" | b"vp09" | b"mp4v" | b"jpeg"
    );
    let mut bytes = entry.body.to_vec();
    for head in PASSED_OVER {
        if let Some(at) = bytes.windows(head.len()).position(|window| window == head) {
            bytes.drain(at..bytes.len().min(at + usize::from(head[3])));
        }
    }
    let fields: &[Range<usize>] =
        if is_picture { &[DATA_REFERENCE, MAKER, QUALITY, NAME] } else { &[DATA_REFERENCE, MAKER] };
    for field in fields {
        if let Some(field) = bytes.get_mut(field.clone()) {
            field.fill(0);
        }
    }
    bytes.extend(entry.kind.0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::{full, make};

    #[test]
    fn what_no_decoder_minds_makes_no_other_entry() {
        let plain = [&[0; 78][..], &make(b"avcC", &[1, 0x64, 0, 0x1f])].concat();
        let mut named = [&plain[..], &make(b"pasp", &[0, 0, 0, 1, 0, 0, 0, 1]), &make(b"btrt", &[7; 12])].concat();
        named[7] = 2;
        named[12..16].copy_from_slice(b"appl");
        named[42..50].copy_from_slice(b"\x07encoder");
        let mut other = plain.clone();
        other[89] = 0x4d;
        let entries = [plain, named, other].map(|body| make(b"avc1", &body)).concat();
        let stsd = full(b"stsd", 0, 0, &[&[0, 0, 0, 3][..], &entries].concat());
        let read = Descriptions::parse(&BoxRef::parse(&stsd, 0).expect("whole"));
        assert_eq!([1, 2, 3].map(|number| read.first_like(number)), [1, 1, 3]);
    }
}
