//! What kind of picture a sample is, from the headers in it. No picture is decoded, and no more than the beginning of each
//! part of a sample is looked at.

mod av1;
mod nal;
mod vpx;

use crate::{BoxRef, Error, FourCc, SampleEntry, TrackKind};
use nal::{NalCodec, NalFormat};

/// How the pictures of a track are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureFormat(Format);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// H.264 and H.265.
    Nal(NalFormat),
    Av1,
    Vp8,
    Vp9,
}

/// Where decoding can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// Here: an IDR picture, a BLA picture of H.265, a key frame.
    Closed,
    /// Here, but pictures that are decoded later and shown earlier may need what lies before: a CRA picture of H.265, or
    /// one of H.264 that a recovery point says this of.
    Open,
    /// Nothing says that decoding could start here, but the picture needs no other: I slices alone.
    Intra,
    /// The picture needs others.
    Dependent,
}

impl PictureFormat {
    /// Of a sample entry; `None` where its samples do not show what they are, or nothing says how they are written.
    ///
    /// # Errors
    /// When the entry is shorter than its fields.
    pub fn of(entry: &BoxRef<'_>) -> Result<Option<Self>, Error> {
        let (codec, configuration, at) = match &entry.kind.0 {
            b"avc1" | b"avc2" | b"avc3" | b"avc4" | b"dva1" | b"dvav" => (NalCodec::Avc, FourCc::new(b"avcC"), 4),
            b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => (NalCodec::Hevc, FourCc::new(b"hvcC"), 21),
            b"av01" => return Ok(Some(Self(Format::Av1))),
            b"vp08" => return Ok(Some(Self(Format::Vp8))),
            b"vp09" => return Ok(Some(Self(Format::Vp9))),
            _ => return Ok(None),
        };
        let boxes = SampleEntry::boxes(entry, TrackKind::Video)?;
        let record = boxes.iter().find(|child| child.kind == configuration);
        let byte = record.and_then(|record| record.body.get(at));
        Ok(byte.map(|byte| Self(Format::Nal(NalFormat { codec, length_bytes: (byte & 3) + 1 }))))
    }

    /// Whether the samples are H.264.
    #[must_use]
    pub fn is_h264(self) -> bool {
        matches!(self.0, Format::Nal(NalFormat { codec: NalCodec::Avc, .. }))
    }

    /// Looks at a sample of `bytes` bytes, of which `read` fills in those from an offset on. `None` where its parts do not
    /// fit into it, or none of them is a picture's.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn picture<E>(
        self,
        bytes: u64,
        mut read: impl FnMut(u64, &mut [u8]) -> Result<(), E>,
    ) -> Result<Option<Picture>, E> {
        match self.0 {
            Format::Nal(format) => format.picture(bytes, read),
            Format::Av1 => av1::picture(bytes, read),
            Format::Vp8 | Format::Vp9 => {
                let mut head = [0; vpx::HEAD];
                let there = usize::try_from(bytes).unwrap_or(usize::MAX).min(head.len());
                let head = &mut head[..there];
                read(0, head)?;
                Ok(if self.0 == Format::Vp8 { vpx::vp8(head) } else { vpx::vp9(head) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::make;

    #[test]
    fn an_entry_says_how_its_pictures_are_written() {
        let of = |kind: &[u8; 4], record: Vec<u8>| {
            let entry = make(kind, &[vec![0; 78], record].concat());
            let found = PictureFormat::of(&BoxRef::parse(&entry, 0).expect("whole")).expect("long enough");
            found.map(|format| format.0)
        };
        let nal = |codec, length_bytes| Some(Format::Nal(NalFormat { codec, length_bytes }));
        assert_eq!(of(b"avc1", make(b"avcC", &[1, 0x64, 0, 0x1f, 0xff])), nal(NalCodec::Avc, 4));
        assert_eq!(of(b"hev1", make(b"hvcC", &[1; 23])), nal(NalCodec::Hevc, 2));
        assert_eq!(of(b"avc1", make(b"avcC", &[1])), None);
        assert_eq!(of(b"vp09", Vec::new()), Some(Format::Vp9));
        assert_eq!(of(b"mp4v", Vec::new()), None);
    }
}
