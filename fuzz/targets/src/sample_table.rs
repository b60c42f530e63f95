//! The sample table of a progressive film.

use isobmff::{BoxPath, Children, SampleTable};

/// A film that long could be.
const FILE_BYTES: u64 = 1 << 24;

/// Reads bytes as the inside of an `stbl`.
pub fn sample_table(bytes: &[u8]) {
    let size = u32::try_from(bytes.len() + 8).unwrap_or(u32::MAX);
    let stbl = [&size.to_be_bytes()[..], b"stbl", bytes].concat();
    let Some(Ok(stbl)) = Children::new(&stbl, BoxPath::default(), 0).next() else { return };
    let Ok(table) = SampleTable::from_stbl(&stbl, FILE_BYTES) else { return };
    assert!(table.bytes() <= FILE_BYTES);
    let (mut ticks, mut total) = (0, 0);
    for sample in table.iter() {
        assert!(sample.offset + u64::from(sample.size) <= FILE_BYTES);
        ticks += u64::from(sample.duration);
        total += u64::from(sample.size);
    }
    assert_eq!((ticks, total), (table.ticks(), table.bytes()));
    let middle = table.count() / 2;
    assert!(table.samples(middle..u32::MAX).eq(table.iter().skip(middle as usize)));
}
