//! What kind of picture a sample is.

use isobmff::{BoxPath, Children, Picture, PictureFormat};

/// Reads the first byte as how pictures are written, and the rest as a sample; all of it as sample entries, too.
pub fn picture(bytes: &[u8]) {
    for entry in Children::new(bytes, BoxPath::default(), 0).map_while(Result::ok) {
        let _ = PictureFormat::of(&entry);
    }
    let Some((&format, sample)) = bytes.split_first() else { return };
    let entries = [entry(b"avc1", b"avcC", 4), entry(b"avc3", b"avcC", 1), entry(b"hvc1", b"hvcC", 2)];
    let plain = [b"av01", b"vp08", b"vp09"].map(|kind| entry(kind, b"free", 1));
    let all = [&entries[..], &plain].concat();
    let entry = &all[usize::from(format) % all.len()];
    let entry = Children::new(entry, BoxPath::default(), 0).next().expect("one was made").expect("it is whole");
    let format = PictureFormat::of(&entry).expect("it is long enough").expect("it says how pictures are written");
    let mut reads = 0;
    let read = |at: u64, buffer: &mut [u8]| {
        reads += 1;
        let at = usize::try_from(at).expect("no further than the sample");
        buffer.copy_from_slice(&sample[at..at + buffer.len()]);
        Ok::<_, ()>(())
    };
    let found = format.picture(sample.len() as u64, read).expect("every byte can be read");
    assert!(reads <= 512, "{reads} reads");
    assert!(!sample.is_empty() || found.is_none() || found == Some(Picture::Dependent), "nothing is no keyframe");
}

/// A sample entry of pictures, with a configuration that says how many bytes the length of a NAL unit takes.
fn entry(kind: &[u8; 4], configuration: &[u8; 4], length_bytes: u8) -> Vec<u8> {
    const FIELDS: usize = 78;
    let record = [&[0, 0, 0, 31][..], configuration, &[length_bytes - 1; 23]].concat();
    let size = u32::try_from(8 + FIELDS + record.len()).expect("small").to_be_bytes();
    [&size[..], kind, &[0; FIELDS], &record].concat()
}
