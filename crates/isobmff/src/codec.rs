//! Codec strings (RFC 6381) from the configuration boxes of sample entries.

mod av1;
mod avc;
pub(crate) mod bits;
mod configuration;
mod dolby_vision;
mod hevc;
pub(crate) mod hvcc;
pub(crate) mod mpeg4_audio;
mod vp9;

pub use configuration::check_configuration;
pub(crate) use mpeg4_audio::Mpeg4Audio;

use crate::{BoxRef, Error, FourCc};

/// The codec string of a sample entry, from its type and the boxes inside it.
///
/// A type that is not known here is its own codec string: the browser is asked about it and says no.
pub(crate) fn name(format: FourCc, boxes: &[BoxRef<'_>]) -> Result<String, Error> {
    let find = |kind: &[u8; 4]| boxes.iter().find(|child| child.kind == kind);
    match &format.0 {
        b"avc1" | b"avc2" | b"avc3" | b"avc4" => find(b"avcC").map(|avcc| avc::name(format, avcc)),
        b"hvc1" | b"hev1" => find(b"hvcC").map(|hvcc| hevc::name(format, hvcc)),
        b"dvh1" | b"dvhe" | b"dva1" | b"dvav" | b"dav1" => {
            find(b"dvcC").or_else(|| find(b"dvvC")).map(|dvcc| dolby_vision::name(format, dvcc))
        }
        b"av01" => find(b"av1C").map(av1::name),
        b"vp08" | b"vp09" => find(b"vpcC").map(|vpcc| vp9::name(format, vpcc)),
        b"mp4a" => find(b"esds").map(|esds| Mpeg4Audio::parse(esds).map(|audio| audio.name())),
        b"Opus" => Some(Ok("opus".to_owned())),
        b"fLaC" => Some(Ok("flac".to_owned())),
        b".mp3" => Some(Ok("mp3".to_owned())),
        _ => None,
    }
    .unwrap_or_else(|| Ok(format.to_string().trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::{full, make};
    use crate::{BoxPath, Children, ErrorKind};

    fn named(format: &[u8; 4], configuration: &[u8]) -> String {
        let boxes: Vec<_> =
            Children::new(configuration, BoxPath::default(), 0).map(|child| child.expect("valid")).collect();
        name(FourCc::new(format), &boxes).expect("valid")
    }

    #[test]
    fn each_codec_has_its_string() {
        let avcc = make(b"avcC", &[1, 0x64, 0x00, 0x1f, 0xff]);
        assert_eq!(named(b"avc1", &avcc), "avc1.64001f");
        assert_eq!(named(b"avc3", &avcc), "avc3.64001f");
        let hvcc = make(b"hvcC", &[1, 0x02, 0x20, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 93]);
        assert_eq!(named(b"hvc1", &hvcc), "hvc1.2.4.L93.B0");
        assert_eq!(named(b"av01", &make(b"av1C", &[0x81, 0x08, 0x4c, 0])), "av01.0.08M.10");
        assert_eq!(named(b"vp09", &full(b"vpcC", 1, 0, &[2, 31, 0xa2])), "vp09.02.31.10");
        assert_eq!(named(b"dvh1", &make(b"dvcC", &[1, 0, 5 << 1, 6 << 3])), "dvh1.05.06");
        assert_eq!(named(b"Opus", &[]), "opus");
        assert_eq!(named(b"ec-3", &[]), "ec-3");
    }

    #[test]
    fn mpeg4_audio_is_named_by_its_object_type() {
        let esds = |object_type: u8, specific: &[u8]| {
            let mut config = vec![4, 13 + 2 + specific.len() as u8, object_type, 0x15, 0, 0, 0];
            config.extend([0; 8]);
            config.extend([5, specific.len() as u8]);
            config.extend(specific);
            let mut body = vec![3, 3 + config.len() as u8, 0, 1, 0];
            body.extend(config);
            full(b"esds", 0, 0, &body)
        };
        assert_eq!(named(b"mp4a", &esds(0x40, &[0x12, 0x10])), "mp4a.40.2");
        assert_eq!(named(b"mp4a", &esds(0x40, &[0x2b, 0x92, 0x08, 0x00])), "mp4a.40.5");
        assert_eq!(named(b"mp4a", &esds(0x40, &[0x13, 0x90, 0x56, 0xe5, 0xa0])), "mp4a.40.5", "SBR signalled behind");
        assert_eq!(named(b"mp4a", &esds(0x40, &[0xf9, 0x48, 0x80])), "mp4a.40.42");
        assert_eq!(named(b"mp4a", &esds(0x6b, &[])), "mp4a.6B");
    }

    #[test]
    fn a_short_configuration_is_an_error() {
        let bytes = make(b"avcC", &[1, 0x64]);
        let boxes: Vec<_> = Children::new(&bytes, BoxPath::default(), 0).map(|child| child.expect("valid")).collect();
        assert_eq!(name(FourCc::new(b"avc1"), &boxes).map_err(|error| error.kind()), Err(ErrorKind::Truncated));
    }
}
