//! Whether the configuration of a decoder is one that a decoder takes.

use super::{Mpeg4Audio, hvcc};
use crate::{BoxRef, Error, Fields, SampleEntry, TrackKind};

/// NAL unit types of H.264: sequence and picture parameter set.
const SEQUENCE: u8 = 7;
const PICTURE: u8 = 8;

/// Holds the configuration in a sample entry against what its codec's decoders need of it.
///
/// # Errors
/// With the box that is missing or holds what no decoder takes, such as nothing but zeros.
pub fn check_configuration(entry: &BoxRef<'_>, kind: TrackKind) -> Result<(), Error> {
    let boxes = SampleEntry::boxes(entry, kind)?;
    let need = |name: &'static str| {
        let found = boxes.iter().find(|child| child.kind.0 == *name.as_bytes());
        found.ok_or_else(|| Error::missing(entry.path, entry.offset, name))
    };
    match &entry.kind.0 {
        b"avc1" => avc(need("avcC")?, true),
        b"avc3" => avc(need("avcC")?, false),
        b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => hevc(need("hvcC")?, &entry.kind.0),
        b"av01" => av1(need("av1C")?),
        b"vp08" | b"vp09" => vp9(need("vpcC")?),
        b"mp4a" => mpeg4_audio(need("esds")?),
        b"Opus" => opus(need("dOps")?),
        b"fLaC" => flac(need("dfLa")?),
        b"ac-3" => need("dac3").map(drop),
        b"ec-3" => need("dec3").map(drop),
        _ => Ok(()),
    }
}

/// `avcC`, ISO/IEC 14496-15 section 5.3.3.1.
fn avc(avcc: &BoxRef<'_>, needs_sets: bool) -> Result<(), Error> {
    const LACKING: &str = "it lacks a sequence or a picture parameter set; the film is damaged";
    let mut fields = avcc.fields();
    let [version, profile, _, level, lengths, sequences] = fields.array()?;
    if version != 1 || profile == 0 || level == 0 {
        return Err(avcc.invalid("it names no version, profile or level of H.264; the film is damaged"));
    }
    if lengths & 3 == 2 {
        return Err(avcc.invalid("lengths of NAL units take 1, 2 or 4 bytes"));
    }
    sets(&mut fields, sequences & 0x1f, SEQUENCE)?;
    let pictures = fields.u8()?;
    sets(&mut fields, pictures, PICTURE)?;
    if needs_sets && (sequences & 0x1f == 0 || pictures == 0) { Err(avcc.invalid(LACKING)) } else { Ok(()) }
}

/// Steps over parameter sets of H.264.
fn sets(fields: &mut Fields<'_>, count: u8, kind: u8) -> Result<(), Error> {
    for _ in 0..count {
        let length = fields.u16()?;
        let damaged = fields.invalid("a parameter set is damaged, and with it the film");
        let unit = fields.bytes(usize::from(length))?;
        let is_right = match *unit {
            // profile_idc stands first in a sequence parameter set.
            [first, profile, ..] => first & 0x9f == kind && (kind != SEQUENCE || profile > 0),
            _ => false,
        };
        if !is_right {
            return Err(damaged);
        }
    }
    Ok(())
}

/// `hvcC`, ISO/IEC 14496-15 section 8.3.3.1.
fn hevc(hvcc: &BoxRef<'_>, format: &[u8; 4]) -> Result<(), Error> {
    const LEVEL: usize = 12;
    let level = *hvcc.body.get(LEVEL).ok_or_else(|| hvcc.invalid("it is too short for HEVC; the film is damaged"))?;
    if level == 0 {
        return Err(hvcc.invalid("it names no level of HEVC; the film is damaged"));
    }
    if matches!(format, b"hvc1" | b"dvh1") && !hvcc::has_all_sets(hvcc)? {
        return Err(hvcc.invalid("it lacks a video, sequence or picture parameter set, and the first sample does, too"));
    }
    Ok(())
}

/// `av1C`, AV1 codec ISO media file format binding section 2.3.3: a marker and version 1 in one byte.
fn av1(av1c: &BoxRef<'_>) -> Result<(), Error> {
    let [marker, profile, ..] = av1c.fields().array::<4>()?;
    if marker != 0x81 || profile >> 5 > 2 {
        return Err(av1c.invalid("it is no configuration of AV1; the film is damaged"));
    }
    Ok(())
}

/// `vpcC`: profile, level, and the bit depth in the upper half of a byte.
fn vp9(vpcc: &BoxRef<'_>) -> Result<(), Error> {
    let (_, _, mut fields) = vpcc.full()?;
    let [profile, _, depth] = fields.array()?;
    if profile > 3 || !matches!(depth >> 4, 8 | 10 | 12) {
        return Err(vpcc.invalid("it is no configuration of VP8 or VP9; the film is damaged"));
    }
    Ok(())
}

fn mpeg4_audio(esds: &BoxRef<'_>) -> Result<(), Error> {
    let audio = Mpeg4Audio::parse(esds)?;
    if audio.is_usable() {
        Ok(())
    } else {
        Err(esds.invalid("it is no configuration of its codec; the film is damaged"))
    }
}

/// `dOps`, Opus in ISO base media file format section 4.3.2: version, channels.
fn opus(dops: &BoxRef<'_>) -> Result<(), Error> {
    let [version, channels] = dops.fields().array()?;
    if version != 0 || channels == 0 {
        return Err(dops.invalid("it is no configuration of Opus; the film is damaged"));
    }
    Ok(())
}

/// `dfLa`: the first block is STREAMINFO, in which the sample rate takes 20 bits behind 10 bytes.
fn flac(dfla: &BoxRef<'_>) -> Result<(), Error> {
    let (_, _, mut fields) = dfla.full()?;
    let kind = fields.u8()?;
    fields.skip(3 + 10)?;
    if kind & 0x7f != 0 || fields.u32()? >> 12 == 0 {
        return Err(dfla.invalid("it is no configuration of FLAC; the film is damaged"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::{full, make};

    fn is_taken(format: &[u8; 4], configuration: &[u8]) -> bool {
        let (kind, fields) = match format {
            b"mp4a" | b"Opus" | b"fLaC" => (TrackKind::Audio, 28),
            _ => (TrackKind::Video, 78),
        };
        let entry = make(format, &[&vec![0; fields], configuration].concat());
        check_configuration(&BoxRef::parse(&entry, 0).expect("whole"), kind).is_ok()
    }

    #[test]
    fn what_real_films_have_is_taken() {
        let avcc = [1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, 0x1f, 1, 0, 2, 0x68, 0xeb];
        assert!(is_taken(b"avc1", &make(b"avcC", &avcc)));
        assert!(is_taken(b"avc3", &make(b"avcC", &[1, 0x64, 0, 0x1f, 0xff, 0xe0, 0])));
        assert!(is_taken(b"av01", &make(b"av1C", &[0x81, 0x08, 0x4c, 0])));
        assert!(is_taken(b"vp09", &full(b"vpcC", 1, 0, &[2, 31, 0xa2])));
        assert!(is_taken(b"Opus", &make(b"dOps", &[0, 2, 0x38, 1, 0, 0, 0xbb, 0x80, 0, 0, 0])));
        assert!(is_taken(b"tmcd", &[]), "what is not known here is not judged");
    }

    #[test]
    fn nothing_but_zeros_is_no_configuration() {
        let formats: [(&[u8; 4], &[u8; 4]); 8] = [
            (b"avc1", b"avcC"),
            (b"avc3", b"avcC"),
            (b"hvc1", b"hvcC"),
            (b"av01", b"av1C"),
            (b"vp09", b"vpcC"),
            (b"mp4a", b"esds"),
            (b"Opus", b"dOps"),
            (b"fLaC", b"dfLa"),
        ];
        for (format, kind) in formats {
            for length in [0, 4, 12, 40, 60] {
                assert!(!is_taken(format, &make(kind, &vec![0; length])), "{length} bytes of {format:?}");
            }
            assert!(!is_taken(format, &[]), "{format:?} without any");
        }
    }

    #[test]
    fn sound_of_a_kind_or_rate_that_nobody_codes_is_refused() {
        let with = |object_type: u8, specific: &[u8]| {
            let length = u8::try_from(specific.len()).expect("short");
            let config = [&[object_type, 0x15][..], &[0; 11], &[5, length], specific].concat();
            let body = [&[3, 5 + config.len() as u8, 0, 1, 0, 4, 15 + length][..], &config].concat();
            full(b"esds", 0, 0, &body)
        };
        // Low complexity at 48,000 Hz; the same with the rate in 24 bits; high efficiency; MP3.
        for (object_type, specific) in [(0x40, &[0x11, 0x90][..]), (0x40, &[0x17, 0x80, 0x5d, 0xc0, 0x10])] {
            assert!(is_taken(b"mp4a", &with(object_type, specific)), "{specific:x?}");
        }
        assert!(is_taken(b"mp4a", &with(0x40, &[0x2b, 0x11, 0x88])) && is_taken(b"mp4a", &with(0x6b, &[])));
        // 0 and 16,777,215 Hz; an index and object types that are reserved; nothing.
        let damaged: [&[u8]; 6] = [
            &[0x17, 0x80, 0, 0, 0x10],
            &[0x17, 0xff, 0xff, 0xff, 0x90],
            &[0x16, 0x90],
            &[0x79, 0x90],
            &[0x51, 0x90],
            &[],
        ];
        for specific in damaged {
            assert!(!is_taken(b"mp4a", &with(0x40, specific)), "{specific:x?}");
        }
        assert!(!is_taken(b"mp4a", &with(15, &[0x11, 0x90])));
    }

    #[test]
    fn a_set_that_is_none_is_refused() {
        let with = |set: &[u8]| {
            let sets = [&[0xe1, 0, set.len() as u8][..], set, &[1, 0, 2, 0x68, 0xeb]].concat();
            make(b"avcC", &[&[1, 0x64, 0, 0x1f, 0xff][..], &sets].concat())
        };
        assert!(is_taken(b"avc1", &with(&[0x67, 0x64, 0, 0x1f])));
        for set in [&[0, 0, 0, 0][..], &[0x67, 0, 0, 0], &[0x67], &[], &[0x68, 0x64, 0, 0x1f]] {
            assert!(!is_taken(b"avc1", &with(set)), "{set:?}");
        }
    }
}
