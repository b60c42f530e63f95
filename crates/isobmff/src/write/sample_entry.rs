//! Sample entries as every player reads them, from whatever QuickTime and others wrote (ISO/IEC 14496-12 section 12,
//! ISO/IEC 14496-15 section 8).

use super::{put, words};
use crate::codec::hvcc;
use crate::{BoxRef, Error, FourCc, SampleEntry, TrackKind};

/// Boxes that QuickTime hides in `wave` and ISO puts into the entry itself.
const CONFIGURATIONS: [&[u8; 4]; 5] = [b"esds", b"dac3", b"dec3", b"dOps", b"dfLa"];

/// The body of an `stsd` box with this entry alone.
///
/// What is decoded stays the same, the wrapping becomes ISO's: HEVC is named `hvc1`, its parameter sets complete in
/// `hvcC`, where `parameter_sets` (NAL units) adds those that only the samples have; Dolby Vision over HEVC is named
/// `dvh1`; QuickTime's longer audio entries become short ones; QuickTime's `colr` of type `nclc` becomes `nclx`.
///
/// # Errors
/// When the entry is shorter than its fields or its `hvcC` is damaged.
pub fn sample_entries(entry: &BoxRef<'_>, kind: TrackKind, parameter_sets: &[&[u8]]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    words(&mut out, &[0, 1]);
    let mut result = Ok(());
    match kind {
        TrackKind::Video => put(&mut out, &name(entry.kind), |out| result = video(out, entry, parameter_sets)),
        TrackKind::Audio if is_quicktime(entry)? => put(&mut out, &entry.kind.0, |out| result = audio(out, entry)),
        TrackKind::Audio | TrackKind::Text | TrackKind::Other(_) => {
            let fields = entry.body.get(8..).ok_or_else(|| entry.invalid("the entry has no fields"))?;
            put(&mut out, &entry.kind.0, |out| {
                begin(out);
                out.extend_from_slice(fields);
            });
        }
    }
    result.map(|()| out)
}

/// Of an HEVC entry whose `hvcC` has no parameter sets, so that a player must find them in the samples: how many bytes
/// the length of a NAL unit takes there.
///
/// # Errors
/// When its `hvcC` is damaged.
pub fn parameter_sets_in_samples(entry: &BoxRef<'_>) -> Result<Option<u8>, Error> {
    if !matches!(&entry.kind.0, b"hev1" | b"dvhe" | b"hvc1" | b"dvh1") {
        return Ok(None);
    }
    let boxes = SampleEntry::boxes(entry, TrackKind::Video)?;
    let hvcc = boxes.iter().find(|child| child.kind == b"hvcC");
    hvcc.map_or(Ok(None), hvcc::lacks_sets)
}

fn name(kind: FourCc) -> [u8; 4] {
    match &kind.0 {
        b"hev1" => *b"hvc1",
        b"dvhe" => *b"dvh1",
        other => *other,
    }
}

/// Reserved bytes, and that the media is in this very file, as `dref` says.
fn begin(out: &mut Vec<u8>) {
    out.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]);
}

fn video(out: &mut Vec<u8>, entry: &BoxRef<'_>, parameter_sets: &[&[u8]]) -> Result<(), Error> {
    let mut fields = entry.fields();
    fields.skip(8)?;
    begin(out);
    out.extend_from_slice(fields.bytes(70)?);
    for child in SampleEntry::boxes(entry, TrackKind::Video)? {
        match &child.kind.0 {
            b"hvcC" => hvcc::write_complete(out, &child, parameter_sets)?,
            b"colr" => colour(out, &child),
            _ => out.extend_from_slice(child.bytes),
        }
    }
    Ok(())
}

/// Section 12.1.5. QuickTime's type lacks the last byte, which says that the values have their usual, narrow range.
fn colour(out: &mut Vec<u8>, colr: &BoxRef<'_>) {
    match colr.body {
        [b'n', b'c', b'l', b'c', values @ ..] if values.len() == 6 => put(out, b"colr", |out| {
            out.extend_from_slice(b"nclx");
            out.extend_from_slice(values);
            out.push(0);
        }),
        _ => out.extend_from_slice(colr.bytes),
    }
}

/// Whether the entry is one of QuickTime's, with more fields or its configuration in `wave`.
fn is_quicktime(entry: &BoxRef<'_>) -> Result<bool, Error> {
    let short = SampleEntry::AUDIO_FIELDS;
    let is_longer = SampleEntry::fields_bytes(entry, TrackKind::Audio)?.is_some_and(|bytes| bytes > short);
    let has_wave = || SampleEntry::boxes(entry, TrackKind::Audio).map(|boxes| boxes.iter().any(|b| b.kind == b"wave"));
    Ok(is_longer || has_wave()?)
}

fn audio(out: &mut Vec<u8>, entry: &BoxRef<'_>) -> Result<(), Error> {
    let parsed = SampleEntry::parse(entry, TrackKind::Audio)?;
    begin(out);
    words(out, &[0, 0, u32::from(parsed.channels) << 16 | 16, 0]);
    // Rates that 16 bits cannot say stand in the decoder's configuration.
    words(out, &[u32::from(u16::try_from(parsed.sample_rate).unwrap_or(0)) << 16]);
    let boxes = SampleEntry::boxes(entry, TrackKind::Audio)?;
    let configuration = |child: &&BoxRef<'_>| CONFIGURATIONS.iter().any(|&kind| child.kind == kind);
    boxes.iter().filter(configuration).for_each(|child| out.extend_from_slice(child.bytes));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::{full, make, words};
    use crate::{BoxPath, Children};

    fn rewritten(entry: &[u8], kind: TrackKind, sets: &[&[u8]]) -> (Vec<u8>, SampleEntry) {
        let entry = BoxRef::parse(entry, 0).expect("whole");
        let stsd = sample_entries(&entry, kind, sets).expect("valid");
        let read = Children::new(&stsd[8..], BoxPath::default(), 0).next().expect("one").expect("whole");
        let parsed = SampleEntry::parse(&read, kind).expect("valid");
        (read.bytes.to_vec(), parsed)
    }

    fn hvcc(arrays: &[u8]) -> Vec<u8> {
        let mut header = vec![1, 0x02, 0x20, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 93];
        header.extend([0xf0, 0, 0xfc, 0xfd, 0xfa, 0xfa, 0, 0, 0x0f]);
        make(b"hvcC", &[&header, arrays].concat())
    }

    #[test]
    fn hevc_is_named_hvc1_with_its_sets_complete() {
        let sets = [3, 0x20, 0, 1, 0, 2, 0x40, 1, 0x21, 0, 1, 0, 2, 0x42, 1, 0x22, 0, 1, 0, 2, 0x44, 1];
        let entry = make(b"hev1", &[vec![0; 78], hvcc(&sets)].concat());
        let (bytes, parsed) = rewritten(&entry, TrackKind::Video, &[]);
        assert_eq!((parsed.format, parsed.codec.as_str()), (FourCc::new(b"hvc1"), "hvc1.2.4.L93.B0"));
        let mut complete = sets;
        for at in [1, 8, 15] {
            complete[at] |= 0x80;
        }
        assert!(bytes.ends_with(&complete));
    }

    #[test]
    fn parameter_sets_of_the_samples_are_added() {
        let entry = make(b"hev1", &[vec![0; 78], hvcc(&[0])].concat());
        let read = BoxRef::parse(&entry, 0).expect("whole");
        assert_eq!(parameter_sets_in_samples(&read).expect("valid"), Some(4));
        let (bytes, _) = rewritten(&entry, TrackKind::Video, &[&[0x42, 1, 7], &[0x40, 1], &[0x44, 1], &[0x26, 1]]);
        let sets = [3, 0xa0, 0, 1, 0, 2, 0x40, 1, 0xa1, 0, 1, 0, 3, 0x42, 1, 7, 0xa2, 0, 1, 0, 2, 0x44, 1];
        assert!(bytes.ends_with(&sets), "{bytes:x?}");
        let read = BoxRef::parse(&bytes, 0).expect("whole");
        assert_eq!(parameter_sets_in_samples(&read).expect("valid"), None);
        // One of three is not all of them.
        let sequence = make(b"hev1", &[vec![0; 78], hvcc(&[1, 0x21, 0, 1, 0, 3, 0x42, 1, 7])].concat());
        let read = BoxRef::parse(&sequence, 0).expect("whole");
        assert_eq!(parameter_sets_in_samples(&read).expect("valid"), Some(4));
        let (bytes, _) = rewritten(&sequence, TrackKind::Video, &[&[0x40, 1], &[0x44, 1]]);
        assert_eq!(bytes.len(), 8 + 78 + 8 + 22 + 1 + 3 * 5 + 3 + 2 + 2);
    }

    #[test]
    fn a_quicktime_audio_entry_becomes_short() {
        let config = [&[4, 17, 0x40, 0x15, 0, 0, 0][..], &[0; 8], &[5, 2, 0x12, 0x10]].concat();
        let esds = full(b"esds", 0, 0, &[&[3, 22, 0, 1, 0][..], &config].concat());
        let wave = make(b"wave", &[make(b"frma", b"mp4a"), make(b"mp4a", &[0; 4]), esds.clone(), vec![0; 8]].concat());
        let mut entry = vec![0; 28 + 16];
        entry[9] = 1;
        let entry = make(b"mp4a", &[entry, wave, make(b"chan", &[0; 12])].concat());
        let (bytes, parsed) = rewritten(&entry, TrackKind::Audio, &[]);
        assert_eq!((parsed.codec.as_str(), parsed.channels, parsed.sample_rate), ("mp4a.40.2", 2, 44_100));
        assert_eq!(bytes.len(), 8 + 28 + esds.len());
        assert_eq!(bytes[8 + 24..8 + 28], words(&[44_100 << 16]));
    }

    #[test]
    fn quicktime_colours_become_iso_ones() {
        let colr = make(b"colr", b"nclc\0\x01\0\x01\0\x01");
        let entry = make(b"avc1", &[vec![0; 78], make(b"avcC", &[1, 0x64, 0, 0x1f, 0xff]), colr].concat());
        let (bytes, _) = rewritten(&entry, TrackKind::Video, &[]);
        assert!(bytes.ends_with(b"\0\0\0\x13colrnclx\0\x01\0\x01\0\x01\0"));
    }

    #[test]
    fn other_entries_only_lose_their_data_reference() {
        let opus = make(b"Opus", &[&[0, 0, 0, 0, 0, 0, 0, 7][..], &[0; 20], &make(b"dOps", &[0; 11])].concat());
        let (bytes, _) = rewritten(&opus, TrackKind::Audio, &[]);
        let mut expected = opus;
        expected[15] = 1;
        assert_eq!(bytes, expected);
    }
}
