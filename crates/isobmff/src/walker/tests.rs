//! Streams, whole and damaged, in pieces of every size.

use super::*;
use crate::test_boxes::{film, full, make, words};

/// Walks a whole stream, handing over at most `piece` bytes at a time.
fn walk(mut walker: Walker, stream: &[u8], piece: usize) -> Result<(Vec<Event>, usize), WalkerError> {
    let (mut events, mut at, mut handed_over) = (Vec::new(), 0, 0);
    while at < stream.len() {
        let left = piece.min(stream.len() - at);
        match walker.want() {
            Want::Bytes(wanted) => {
                let taken = wanted.min(left);
                assert!(taken > 0, "the walker waits for nothing");
                events.extend(walker.feed(&stream[at..at + taken])?);
                handed_over += taken;
                at += taken;
            }
            Want::Skip(wanted) => {
                let taken = usize::try_from(wanted).unwrap_or(usize::MAX).min(left);
                walker.skip(taken as u64)?;
                at += taken;
            }
        }
    }
    walker.finish()?;
    Ok((events, handed_over))
}

fn film() -> Vec<u8> {
    let sidx = make(b"sidx", &[0; 40]);
    [film::init(&[film::video(1)]), sidx, film::fragment(1, 0), film::fragment(1, 1_536)].concat()
}

#[test]
fn a_stream_is_found_out_whatever_its_pieces() {
    let stream = film();
    let init_bytes = film::init(&[film::video(1)]);
    let init_end = init_bytes.len() as u64;
    let fragment_bytes = film::fragment(1, 0).len() as u64;
    let first = init_end + 48;
    for piece in [1, 3, 8, 100, stream.len()] {
        let (events, handed_over) = walk(Walker::new(0), &stream, piece).expect("valid");
        let [Event::Init { range, bytes, init }, sidx, one, two] = &events[..] else { panic!("{events:?}") };
        assert_eq!((range.clone(), bytes, init.tracks.len()), (0..init_end, &init_bytes, 1));
        assert_eq!(*sidx, Event::Other { kind: FourCc::new(b"sidx"), range: init_end..first });
        let Event::Fragment { range, payload, fragment } = one else { panic!("{one:?}") };
        assert_eq!((range.clone(), *payload), (first..first + fragment_bytes, fragment_bytes - 300));
        assert_eq!((fragment.tracks[0].decode_time, fragment.tracks[0].data_bytes), (0, 300));
        let Event::Fragment { range, fragment, .. } = two else { panic!("{two:?}") };
        assert_eq!((range.start, fragment.tracks[0].decode_time), (first + fragment_bytes, 1_536));
        assert_eq!(handed_over, stream.len() - 600 - 40, "no payload is handed over");
    }
}

#[test]
fn a_chunk_without_an_init_is_walked_from_where_it_stands() {
    let init = Init::parse(&film::init(&[film::video(1)])).expect("valid");
    let (events, _) = walk(Walker::with_init(1_000, init.into()), &film::fragment(1, 7), 64).expect("valid");
    assert!(matches!(&events[..], [Event::Fragment { range, .. }] if range.start == 1_000));
    let error = walk(Walker::new(0), &film::fragment(1, 7), 64).expect_err("no init");
    assert_eq!(error, WalkerError::NoInit { offset: 0 });
}

#[test]
fn a_fragment_is_known_before_its_media() {
    let stream = film();
    let cut = stream.len() - 300;
    let mut walker = Walker::new(0);
    let mut fragments = 0;
    let mut at = 0;
    while at < cut {
        match walker.want() {
            Want::Bytes(wanted) => {
                fragments +=
                    usize::from(matches!(walker.feed(&stream[at..at + wanted]), Ok(Some(Event::Fragment { .. }))));
                at += wanted;
            }
            Want::Skip(wanted) => {
                walker.skip(wanted).expect("wanted");
                at += usize::try_from(wanted).expect("small");
            }
        }
    }
    assert_eq!((fragments, walker.want()), (2, Want::Skip(300)));
    assert!(matches!(walker.finish(), Err(WalkerError::Ended { missing: 300, .. })));
}

#[test]
fn a_progressive_file_is_told_apart() {
    let progressive = |stream: &[u8]| match walk(Walker::new(0), stream, 64) {
        Err(error @ WalkerError::Progressive { .. }) => assert!(error.to_string().contains("splitter")),
        other => panic!("{other:?}"),
    };
    let init = film::init(&[film::video(1)]);
    let ftyp = &init[..20];
    progressive(&[ftyp, &make(b"mdat", &[0; 9]), &init[20..]].concat());
    progressive(&[&init[..], &make(b"mdat", &[0; 9])].concat());
    let mut without_mvex = init.clone();
    let mvex = without_mvex.windows(4).position(|window| window == b"mvex").expect("there");
    without_mvex[mvex..mvex + 4].copy_from_slice(b"free");
    progressive(&without_mvex);
    let mut with_samples = init;
    let stts = with_samples.windows(4).position(|window| window == b"stts").expect("there");
    with_samples[stts + 11] = 1;
    progressive(&with_samples);
}

#[test]
fn what_is_no_mp4_is_told_apart() {
    let error = walk(Walker::new(0), b"<!DOCTYPE html><title>404</title>", 64).expect_err("a page");
    assert!(matches!(error, WalkerError::NotMp4 { .. }), "{error}");
}

#[test]
fn boxes_out_of_order_are_refused() {
    let init = film::init(&[film::video(1)]);
    let fragment = film::fragment(1, 0);
    let moof = &fragment[..fragment.len() - 308];
    let error = walk(Walker::new(0), &[&init, moof, moof].concat(), 64).expect_err("no mdat");
    assert!(matches!(error, WalkerError::Order { expected: "mdat", .. }), "{error}");
    let error = walk(Walker::new(0), &[&init, &[0, 0, 0, 9, 1, 2, 3, 4, 5][..]].concat(), 64).expect_err("no type");
    assert!(matches!(error, WalkerError::Order { expected: "a box", .. }), "{error}");
    assert!(walk(Walker::new(0), &[&init, moof].concat(), 64).is_err(), "it ends before mdat");
}

#[test]
fn sizes_that_lie_cost_nothing() {
    let mut huge = film::init(&[film::video(1)]);
    huge[20] = 0x7f;
    let error = walk(Walker::new(0), &huge, 64).expect_err("huge");
    assert!(matches!(error, WalkerError::TooLarge { limit: MAX_BOX, .. }), "{error}");
    let endless = words(&[0, u32::from_be_bytes(*b"moov")]);
    assert!(matches!(walk(Walker::new(0), &endless, 64), Err(WalkerError::TooLarge { .. })));
    let longest = [words(&[1]), b"free".to_vec(), vec![0xff; 8]].concat();
    let (events, _) = walk_some(&longest);
    assert!(matches!(&events[..], [Event::Other { range, .. }] if range.end == u64::MAX));
}

/// Walks what there is, without an end.
fn walk_some(stream: &[u8]) -> (Vec<Event>, Walker) {
    let mut walker = Walker::new(0);
    let events = stream.iter().filter_map(|byte| walker.feed(&[*byte]).expect("valid")).collect();
    (events, walker)
}

#[test]
fn media_to_the_end_of_the_stream_is_a_fragment_to_the_end() {
    let mut stream = film();
    let mdat = stream.len() - 308;
    stream[mdat..mdat + 4].fill(0);
    let (events, _) = walk(Walker::new(0), &stream, 64).expect("valid");
    assert!(matches!(events.last(), Some(Event::Fragment { range, .. }) if range.end == u64::MAX));
}

#[test]
fn bytes_that_nobody_asked_for_are_refused() {
    let mut walker = Walker::new(0);
    assert!(matches!(walker.feed(&[0; 9]), Err(WalkerError::Unasked { given: 9, wanted: 8 })));
    assert!(matches!(walker.skip(1), Err(WalkerError::Unasked { .. })));
}

#[test]
fn no_changed_byte_panics() {
    let fragments = [film::fragment(1, 0), full(b"emsg", 0, 0, &[0; 9])].concat();
    let stream = [film::init(&[film::video(1)]), fragments].concat();
    for at in 0..stream.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut changed = stream.clone();
            changed[at] = value;
            let _ = walk(Walker::new(0), &changed, 64);
        }
    }
}
