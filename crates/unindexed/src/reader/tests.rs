//! Times and codecs are what ffprobe says of the same files.

use super::*;
use test_boxes::film;

#[path = "../../../isobmff/src/test_boxes.rs"]
mod test_boxes;

const FRAG: &[u8] = include_bytes!("../../../../fuzz/corpus/fragments/frag.mp4");
const DASH: &[u8] = include_bytes!("../../../../fuzz/corpus/fragments/dash.mp4");
const CUT: &[u8] = include_bytes!("../../../../fuzz/corpus/fragments/cut.mp4");

const FIRST: ChunkIndex = ChunkIndex(0);

/// Reads a chunk in pieces of that length.
fn read(bytes: &[u8], piece: usize) -> Vec<Found> {
    let mut reader = ChunkReader::new(FIRST, 0, bytes.len() as u64, None);
    take(&mut reader, bytes, 0, piece, &mut Inits::default())
}

fn take(reader: &mut ChunkReader, bytes: &[u8], offset: usize, piece: usize, inits: &mut Inits) -> Vec<Found> {
    let mut found = Vec::new();
    for (number, piece_bytes) in bytes[offset..].chunks(piece).enumerate() {
        let copy = |range: Range<u32>| piece_bytes[range.start as usize..range.end as usize].to_vec();
        let (start, length) = ((offset + number * piece) as u64, piece_bytes.len() as u32);
        found.extend(reader.take(start, length, copy, |_| true, inits));
    }
    found
}

fn fragments(found: &[Found]) -> Vec<&FragmentFacts> {
    found.iter().filter_map(|found| if let Found::Fragment(facts) = found { Some(facts) } else { None }).collect()
}

fn seconds(facts: &FragmentFacts) -> (f64, f64) {
    (facts.start.as_seconds(), facts.end.as_seconds())
}

#[test]
fn a_chunk_tells_its_init_and_when_its_fragments_play() {
    let found = read(FRAG, usize::MAX);
    let Some(Found::Init { init: InitId(0), kind: Kind::Muxed, mime, .. }) = found.first() else { panic!("{found:?}") };
    assert!(mime.starts_with("video/mp4; codecs=\"avc1.4d40"), "{mime}");
    let [facts] = fragments(&found)[..] else { panic!("{found:?}") };
    assert_eq!((seconds(facts), facts.sync, facts.end_offset), ((0.2, 0.7), true, 3_526));

    let found = read(CUT, usize::MAX);
    let [facts] = fragments(&found)[..] else { panic!("{found:?}") };
    assert_eq!((seconds(facts), facts.sync, facts.end_offset), ((0.0, 0.5), true, 2_297));
}

#[test]
fn how_a_chunk_is_cut_into_pieces_does_not_show() {
    for bytes in [FRAG, DASH, CUT] {
        let whole = read(bytes, usize::MAX);
        assert!(!fragments(&whole).is_empty());
        for piece in [1, 7, 500] {
            assert_eq!(read(bytes, piece), whole);
        }
    }
}

#[test]
fn of_the_media_nothing_is_copied() {
    let mut reader = ChunkReader::new(FIRST, 0, CUT.len() as u64, None);
    let copied = std::cell::Cell::new(0);
    let copy = |range: Range<u32>| {
        copied.set(copied.get() + range.len());
        CUT[range.start as usize..range.end as usize].to_vec()
    };
    reader.take(0, CUT.len() as u32, copy, |_| true, &mut Inits::default());
    // All but the payload of `mdat`.
    assert_eq!(copied.get(), 836);
}

#[test]
fn a_chunk_without_an_init_goes_on_with_the_one_before() {
    let init = Arc::new(Init::parse(&CUT[..708]).expect("an init"));
    let mut reader = ChunkReader::new(ChunkIndex(3), 708, CUT.len() as u64, Some(init));
    assert!(reader.follows(ChunkIndex(3), 708) && reader.follows(ChunkIndex(3), 100));
    assert!(!reader.follows(ChunkIndex(3), 709) && !reader.follows(ChunkIndex(2), 708));
    let found = take(&mut reader, CUT, 708, 100, &mut Inits::default());
    let [facts] = fragments(&found)[..] else { panic!("{found:?}") };
    assert_eq!((facts.chunk, seconds(facts)), (ChunkIndex(3), (0.0, 0.5)));
}

#[test]
fn what_has_been_looked_at_is_passed_over() {
    let mut reader = ChunkReader::new(FIRST, 0, CUT.len() as u64, None);
    let mut inits = Inits::default();
    let first = take(&mut reader, &CUT[..800], 0, 300, &mut inits);
    assert!(matches!(first[..], [Found::Init { .. }]));
    // The next request begins before where the last one ended.
    let rest = take(&mut reader, CUT, 700, 300, &mut inits);
    assert!(matches!(rest[..], [Found::Fragment(_)]), "{rest:?}");
}

#[test]
fn sound_alone_is_no_place_to_enter_a_film_with_pictures() {
    let init = film::init(&[film::video(1), film::audio(2)]);
    let whole = [init, film::fragment(1, 0), film::fragment(2, 0)].concat();
    let found = read(&whole, usize::MAX);
    let [pictures, sound] = fragments(&found)[..] else { panic!("{found:?}") };
    assert!(pictures.sync && !sound.sync);

    let alone = [film::init(&[film::audio(2)]), film::fragment(2, 0)].concat();
    let found = read(&alone, usize::MAX);
    assert!(matches!(
        found[..],
        [Found::Init { kind: Kind::Audio, .. }, Found::Fragment(FragmentFacts { sync: true, .. })]
    ));
}

#[test]
fn what_is_no_film_is_told_once() {
    for bytes in [
        &b"<!DOCTYPE html><title>Not found</title>"[..],
        &CUT[708..],
        include_bytes!("../../../../fuzz/corpus/film/prog.mp4"),
    ] {
        let mut reader = ChunkReader::new(FIRST, 0, bytes.len() as u64, None);
        let found = take(&mut reader, bytes, 0, 10, &mut Inits::default());
        let told = found.iter().filter(|found| matches!(found, Found::Malformed(_))).count();
        assert_eq!(told, 1, "{found:?}");
        assert!(!reader.follows(FIRST, 0));
    }
    let found = read(include_bytes!("../../../../fuzz/corpus/film/prog.mp4"), usize::MAX);
    let Some(Found::Malformed(what)) = found.last() else { panic!("{found:?}") };
    assert!(what.contains("progressive MP4"), "{what}");
}

#[test]
fn a_chunk_that_ends_within_a_box_is_damaged() {
    let found = read(&CUT[..CUT.len() - 1], usize::MAX);
    let Some(Found::Malformed(what)) = found.last() else { panic!("{found:?}") };
    assert!(what.contains("1 bytes before the end of mdat"), "{what}");
}
