//! Sample tables, whole and hostile.

use super::*;
use crate::test_boxes::{full, make, words};

fn list(kind: &[u8; 4], version: u8, numbers: &[u32]) -> Vec<u8> {
    full(kind, version, 0, &words(numbers))
}

fn read(boxes: &[Vec<u8>], file_bytes: u64) -> Result<Vec<Sample>, Error> {
    let bytes = make(b"stbl", &boxes.concat());
    let stbl = BoxRef::parse(&bytes, 0).expect("whole");
    SampleTable::from_stbl(&stbl, file_bytes).map(|table| table.iter().collect())
}

/// Five samples in three chunks of 2, 2 and 1.
fn boxes() -> Vec<Vec<u8>> {
    vec![
        list(b"stts", 0, &[2, 3, 512, 2, 500]),
        list(b"ctts", 1, &[3, 1, 1_024, 1, (-512_i32).cast_unsigned(), 3, 0]),
        list(b"stss", 0, &[2, 1, 4]),
        list(b"stsz", 0, &[0, 5, 10, 20, 30, 40, 50]),
        list(b"stsc", 0, &[2, 1, 2, 1, 3, 1, 1]),
        list(b"stco", 0, &[3, 1_000, 100, 2_000]),
    ]
}

#[test]
fn a_table_is_read_whole() {
    let sample = |offset, size, duration, composition_offset, is_sync| Sample {
        offset,
        size,
        duration,
        composition_offset,
        is_sync,
    };
    let expected = [
        sample(1_000, 10, 512, 1_024, true),
        sample(1_010, 20, 512, -512, false),
        sample(100, 30, 512, 0, false),
        sample(130, 40, 500, 0, true),
        sample(2_000, 50, 500, 0, false),
    ];
    assert_eq!(read(&boxes(), 2_050).expect("valid"), expected);
    let mut with_co64 = boxes();
    with_co64[5] = list(b"co64", 0, &[3, 0, 1_000, 0, 100, 0, 2_000]);
    assert_eq!(read(&with_co64, 2_050).expect("valid"), expected);
}

fn durations(stts: &[u32]) -> Vec<u32> {
    let mut boxes = boxes();
    boxes[0] = list(b"stts", 0, stts);
    read(&boxes, 9_999).expect("valid").iter().map(|sample| sample.duration).collect()
}

#[test]
fn times_that_run_backwards_are_put_right_behind() {
    let minus = |ticks: i32| (-ticks).cast_unsigned();
    // As ffmpeg has it: 512, 0, 1536 and 512 ticks later than the one before, and never at the same time as that.
    assert_eq!(durations(&[4, 1, 512, 1, minus(512), 1, 1_536, 2, 512]), [512, 1, 1_023, 512, 512]);
    assert_eq!(durations(&[3, 1, 512, 3, minus(1), 1, 512]), [512, 1, 1, 1, 506]);
    assert_eq!(durations(&[2, 4, 512, 1, minus(512)]), [512; 5], "the last lasts as long as the one before");
    assert_eq!(durations(&[1, 5, u32::MAX]), [1; 5]);
    assert_eq!(durations(&[2, 2, 0, 3, 512]), [0, 0, 512, 512, 512]);
}

#[test]
fn random_access_points_stand_in_groups_too() {
    let syncs = |boxes: &[Vec<u8>]| {
        let samples = read(boxes, 9_999).expect("valid");
        samples.iter().map(|sample| u8::from(sample.is_sync)).collect::<Vec<_>>()
    };
    let group = |kind: &[u8; 4], rows: &[u32]| full(b"sbgp", 0, 0, &[&kind[..], &words(rows)].concat());
    let with = |group: Vec<u8>| [boxes(), vec![list(b"sgpd", 1, &[0]), group]].concat();
    assert_eq!(syncs(&boxes()), [1, 0, 0, 1, 0]);
    assert_eq!(syncs(&with(group(b"rap ", &[2, 2, 0, 1, 1]))), [1, 0, 1, 1, 0]);
    assert_eq!(syncs(&with(group(b"roll", &[1, 5, 1]))), [1, 0, 0, 1, 0]);
    let parameter = full(b"sbgp", 1, 0, &[&b"rap "[..], &words(&[7, 1, 5, 1])].concat());
    assert_eq!(syncs(&with(parameter)), [1; 5]);
    assert!(read(&with(group(b"rap ", &[9])), 9_999).is_err(), "rows that are not there");
}

#[test]
fn equal_entries_are_one() {
    let entry = |reference, rest: &[u8]| make(b"avc1", &[&[0, 0, 0, 0, 0, 0, 0, reference], rest].concat());
    let rates = make(b"btrt", &[7; 12]);
    let with = |entries: &[Vec<u8>]| {
        let stsd = full(b"stsd", 0, 0, &[words(&[entries.len() as u32]), entries.concat()].concat());
        let mut boxes = [boxes(), vec![stsd]].concat();
        boxes[4] = list(b"stsc", 0, &[2, 1, 2, 1, 3, 1, 2]);
        let bytes = make(b"stbl", &boxes.concat());
        SampleTable::from_stbl(&BoxRef::parse(&bytes, 0).expect("whole"), 9_999).map(|table| table.description())
    };
    assert_eq!(with(&[entry(1, b"same"), entry(1, b"same")]).expect("equal"), 1);
    assert_eq!(with(&[entry(1, b"same"), entry(2, &[&b"same"[..], &rates].concat())]).expect("equal"), 1);
    assert!(with(&[entry(1, b"same"), entry(1, b"other")]).is_err());
    assert!(with(&[entry(1, b"alone")]).is_err());
}

#[test]
fn compact_sizes_are_read() {
    let sizes = |width, rows: &[u8]| {
        let mut boxes = boxes();
        boxes[3] = full(b"stz2", 0, 0, &[&words(&[width, 5]), rows].concat());
        read(&boxes, 9_999).map(|samples| samples.iter().map(|sample| sample.size).collect::<Vec<_>>())
    };
    assert_eq!(sizes(4, &[0x12, 0x34, 0x50]).expect("valid"), [1, 2, 3, 4, 5]);
    assert_eq!(sizes(8, &[1, 2, 3, 4, 5]).expect("valid"), [1, 2, 3, 4, 5]);
    assert_eq!(sizes(16, &[0, 1, 0, 2, 0, 3, 0, 4, 1, 0]).expect("valid"), [1, 2, 3, 4, 256]);
    assert!(sizes(5, &[]).is_err());
}

#[test]
fn a_file_that_is_cut_off_is_refused() {
    assert!(read(&boxes(), 2_049).expect_err("cut off").to_string().contains("past the end of the file"));
}

#[test]
fn what_is_there_of_a_file_that_is_cut_off_is_read() {
    let bytes = make(b"stbl", &boxes().concat());
    let stbl = BoxRef::parse(&bytes, 0).expect("whole");
    let read = |file_bytes| {
        let (table, missing) = SampleTable::from_stbl_of_cut_off(&stbl, file_bytes).expect("its beginning is there");
        (table.count(), missing)
    };
    assert_eq!([read(2_050), read(2_049), read(1_029), read(1_009)], [(5, 0), (4, 1), (1, 4), (0, 5)]);
}

#[test]
fn surplus_that_no_sample_uses_is_taken() {
    for (at, with) in [
        (0, list(b"stts", 0, &[1, 9, 512])),
        (1, list(b"ctts", 0, &[1, 9, 512])),
        (1, list(b"ctts", 0, &[0])),
        (4, list(b"stsc", 0, &[2, 1, 2, 1, 3, 9, 1])),
    ] {
        let mut boxes = boxes();
        boxes[at] = with;
        assert_eq!(read(&boxes, 9_999).expect("harmless").len(), 5);
    }
}

#[test]
fn contradictions_are_refused_with_their_place() {
    let refused = |at: usize, with: Vec<u8>| {
        let mut boxes = boxes();
        boxes[at] = with;
        read(&boxes, 9_999).expect_err("contradicts").to_string()
    };
    assert!(refused(0, list(b"stts", 0, &[1, 4, 512])).contains("fewer samples have a duration"));
    assert!(refused(0, make(b"free", &[])).contains("no stts"));
    assert!(refused(1, list(b"ctts", 0, &[1, 4, 512])).contains("fewer samples have a composition offset"));
    assert!(refused(3, list(b"stsz", 0, &[0, 4, 1, 1, 1, 1])).contains("more samples than there are sizes"));
    assert!(refused(4, list(b"stsc", 0, &[1, 1, 3, 1])).contains("more samples than there are sizes"));
    assert!(refused(2, list(b"stss", 0, &[9, 1])).contains("stss"));
    assert!(refused(3, list(b"stsz", 0, &[0, 6, 1, 1, 1, 1, 1])).contains("stsz"));
    assert!(refused(3, list(b"stsz", 0, &[0, 6, 1, 1, 1, 1, 1, 1])).contains("fewer samples"));
    assert!(refused(4, list(b"stsc", 0, &[2, 1, 2, 1, 3, 1, 2])).contains("codec configuration"));
    assert!(refused(5, list(b"stco", 0, &[9, 0])).contains("stco"));
    assert!(refused(5, list(b"co64", 0, &[3, u32::MAX, u32::MAX, 0, 0, 0, 0])).contains("past the end"));
}

/// Where two boxes list the same samples that the third has no size of, film is lost.
#[test]
fn sizes_that_end_within_the_last_chunk_are_refused() {
    let mut boxes = boxes();
    boxes[0] = list(b"stts", 0, &[2, 3, 512, 4, 500]);
    boxes[4] = list(b"stsc", 0, &[2, 1, 2, 1, 3, 3, 1]);
    let refused = read(&boxes, 9_999).expect_err("two samples are lost").to_string();
    assert!(refused.contains("more samples than there are sizes"), "{refused}");
}

#[test]
fn four_billion_samples_are_refused_soon() {
    let boxes = [
        list(b"stts", 0, &[1, u32::MAX, 1]),
        list(b"stsz", 0, &[1, u32::MAX]),
        list(b"stsc", 0, &[1, 1, u32::MAX, 1]),
        list(b"stco", 0, &[1, 0]),
    ];
    assert!(read(&boxes, 1 << 20).expect_err("short file").to_string().contains("past the end"));
    assert!(read(&boxes, u64::MAX).expect_err("too many").to_string().contains("more samples than any film"));
}

#[test]
fn empty_entries_end() {
    let mut without = boxes();
    without[4] = list(b"stsc", 0, &[1, 1, 0, 1]);
    assert!(read(&without, 9_999).is_err());
    without[4] = list(b"stsc", 0, &[0]);
    assert!(read(&without, 9_999).is_err());
}

#[test]
fn no_changed_byte_panics() {
    let whole = boxes().concat();
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut changed = whole.clone();
            changed[at] = value;
            let _ = read(&[changed], 5_000);
        }
    }
}
