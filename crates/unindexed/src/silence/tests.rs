use std::sync::Arc;

use isobmff::{Event, TrackFragment, Walker, Want};
use manifest::ChunkIndex;

use super::*;
use crate::{ChunkReader, Inits};

/// H.264 and AAC.
const FRAG: &[u8] = include_bytes!("../../../../fuzz/corpus/fragments/frag.mp4");
const FIRST: ChunkIndex = ChunkIndex(0);

fn events(bytes: &[u8]) -> Vec<Event> {
    let (mut walker, mut events, mut at) = (Walker::new(0), Vec::new(), 0);
    while at < bytes.len() {
        match walker.want() {
            Want::Skip(count) => {
                walker.skip(count).expect("payload");
                at += count as usize;
            }
            Want::Bytes(count) => {
                let wanted = &bytes[at..at + count];
                at += wanted.len();
                events.extend(walker.feed(wanted).expect("boxes"));
            }
        }
    }
    events
}

/// The init of a film, and what it says.
fn init() -> (Vec<u8>, Arc<Init>) {
    let first = events(FRAG).into_iter().next().expect("an init");
    let Event::Init { bytes, init, .. } = first else { panic!("{first:?}") };
    (bytes, init)
}

/// A fragment of a second of pictures from `second` on, and of sound from `sound` on, in ticks of its track.
fn fragment(init: &Init, second: u64, sound: Option<u64>) -> Vec<u8> {
    let [pictures, heard] = [TrackKind::Video, TrackKind::Audio].map(|kind| only(init, kind).expect("one"));
    let sample = |duration| Sample { offset: 0, size: 10, duration, composition_offset: 0, is_sync: true };
    let (shown, frames) = ([sample(pictures.timescale)], [sample(1_024), sample(1_024)]);
    // Decode times of pictures are such that nothing is to be added.
    let begin = second * u64::from(pictures.timescale) + pictures.edits.media_time;
    let mut runs = vec![FragmentRun { track: pictures.id, decode_time: begin, samples: &shown }];
    runs.extend(sound.map(|decode_time| FragmentRun { track: heard.id, decode_time, samples: &frames }));
    let mut bytes = Vec::new();
    moof(&mut bytes, 1, &runs).expect("small");
    bytes.resize(bytes.len() + 10 * runs.iter().map(|run| run.samples.len()).sum::<usize>(), 7);
    bytes
}

/// Reads a chunk from there on in pieces of that length.
fn read(inits: &mut Inits, bytes: &[u8], from: usize, piece: usize) {
    let init = inits.get(playback::InitId(0)).cloned();
    let mut reader = ChunkReader::new(FIRST, from as u64, bytes.len() as u64, init);
    for (number, part) in bytes[from..].chunks(piece).enumerate() {
        let copy = |range: Range<u32>| part[range.start as usize..range.end as usize].to_vec();
        reader.take((from + number * piece) as u64, part.len() as u32, copy, |_| true, inits);
    }
}

fn filled(inits: &mut Inits, bytes: &[u8]) -> Vec<u8> {
    let (mut filled, mut from) = (Vec::new(), 0);
    for (at, piece) in inits.silence(FIRST, 0..bytes.len() as u64) {
        filled.extend([&bytes[from..at as usize], piece].concat());
        from = at as usize;
    }
    filled.extend(&bytes[from..]);
    filled
}

/// What is there of a track.
fn parts(bytes: &[u8], track: u32) -> Vec<TrackFragment> {
    let fragments = events(bytes).into_iter().filter_map(|event| match event {
        Event::Fragment { fragment, .. } => Some(fragment.tracks),
        _ => None,
    });
    fragments.flatten().filter(|part| part.track == track).collect()
}

#[test]
fn what_comes_before_late_sound_is_filled_to_the_tick() {
    let (head, init) = init();
    let sound = only(&init, TrackKind::Audio).expect("one");
    let begins = u64::from(sound.timescale) * 5 / 2 + 7 + sound.edits.media_time;
    let fragments = [(0, None), (1, None), (2, Some(begins)), (3, Some(begins + 2_048))];
    let fragments: Vec<_> = fragments.map(|(second, sound)| fragment(&init, second, sound)).into();
    let bytes = [vec![head], fragments].concat().concat();
    for piece in [1, 100, usize::MAX] {
        let mut inits = Inits::default();
        read(&mut inits, &bytes, 0, piece);
        let filled = filled(&mut inits, &bytes);
        let heard = parts(&filled, sound.id);
        assert_eq!(heard.len(), 2 + 2, "{heard:?}");
        assert_eq!(heard[0].decode_time, sound.edits.media_time);
        let meets = |pair: &[TrackFragment]| pair[0].decode_time + pair[0].duration == pair[1].decode_time;
        assert!(heard.windows(2).all(meets), "{heard:?}");
        assert!(heard.iter().all(|part| part.starts_with_sync));

        // Read once more, or from somewhere else on, it is the same.
        read(&mut inits, &bytes, 0, piece);
        assert_eq!(self::filled(&mut inits, &bytes), filled);
    }
}

/// What comes of the last one in the piece that is cut off within its boxes is filled with the next.
#[test]
fn what_has_been_appended_already_is_not_filled() {
    let (head, init) = init();
    let sound = only(&init, TrackKind::Audio).expect("one");
    let begins = u64::from(sound.timescale) * 3 + sound.edits.media_time;
    let fragments = [(0, None), (1, None), (2, None), (3, Some(begins))];
    let fragments: Vec<_> = fragments.map(|(second, sound)| fragment(&init, second, sound)).into();
    let second = head.len() + fragments[0].len();
    let bytes = [vec![head], fragments].concat().concat();
    let (mut inits, cut) = (Inits::default(), second + 20);
    let mut reader = ChunkReader::new(FIRST, 0, bytes.len() as u64, None);
    let mut filled = Vec::new();
    for part in [0..cut, cut..bytes.len()] {
        let piece = &bytes[part.clone()];
        let copy = |range: Range<u32>| piece[range.start as usize..range.end as usize].to_vec();
        reader.take(part.start as u64, piece.len() as u32, copy, |_| true, &mut inits);
        let mut from = part.start;
        for (at, silence) in inits.silence(FIRST, part.start as u64..part.end as u64) {
            filled.extend([&bytes[from..at as usize], silence].concat());
            from = at as usize;
        }
        filled.extend(&bytes[from..part.end]);
    }
    let heard = parts(&filled, sound.id);
    assert_eq!(heard.len(), 3, "two seconds, one, and the sound: {heard:?}");
    assert_eq!(heard[0].decode_time, sound.edits.media_time);
    assert_eq!(heard[1].decode_time + heard[1].duration, heard[2].decode_time);
}

/// Packagers may put each track into fragments of its own: that the first has no sound says nothing.
#[test]
fn sound_in_fragments_of_its_own_is_not_late() {
    let (head, init) = init();
    let sound = only(&init, TrackKind::Audio).expect("one");
    let sample = Sample { offset: 0, size: 10, duration: 1_024, composition_offset: 0, is_sync: true };
    let mut lone = Vec::new();
    let run = FragmentRun { track: sound.id, decode_time: sound.edits.media_time, samples: &[sample] };
    moof(&mut lone, 1, &[run]).expect("small");
    lone.extend([7; 10]);
    let bytes = [head, fragment(&init, 0, None), lone, fragment(&init, 1, None)].concat();
    let mut inits = Inits::default();
    read(&mut inits, &bytes, 0, usize::MAX);
    assert_eq!(filled(&mut inits, &bytes), bytes);
}

#[test]
fn a_reader_that_begins_behind_does_not_know_when_sound_begins() {
    let (head, init) = init();
    let first = fragment(&init, 0, None);
    let bytes = [&head[..], &first, &fragment(&init, 1, None), &fragment(&init, 2, None)].concat();
    let mut inits = Inits::default();
    read(&mut inits, &bytes[..head.len()], 0, usize::MAX);
    read(&mut inits, &bytes, head.len() + first.len(), usize::MAX);
    assert_eq!(inits.silence(FIRST, 0..u64::MAX).count(), 0);
}

/// Such a film has a track of sound with nothing in it.
#[test]
fn sound_that_never_begins_takes_a_bounded_amount_of_room() {
    let (head, init) = init();
    let fragments: Vec<_> = (0..40).map(|number| fragment(&init, number * 100, None)).collect();
    let bytes = [vec![head], fragments].concat().concat();
    let mut inits = Inits::default();
    read(&mut inits, &bytes, 0, usize::MAX);
    let bytes: usize = inits.silence(FIRST, 0..u64::MAX).map(|(_, piece)| piece.len()).sum();
    assert!((100_000..MOST_FRAMES as usize * 8 + 40 * 200).contains(&bytes), "{bytes} bytes");
}

#[test]
fn sound_from_the_beginning_on_is_left_alone() {
    let (head, init) = init();
    let sound = only(&init, TrackKind::Audio).expect("one");
    for late in [0, u64::from(sound.timescale) / TOLERANCE, u64::from(sound.timescale) * (MOST_SECONDS + 1)] {
        let begins = late + sound.edits.media_time;
        let bytes = [head.clone(), fragment(&init, 0, Some(begins)), fragment(&init, 1, None)].concat();
        let mut inits = Inits::default();
        read(&mut inits, &bytes, 0, usize::MAX);
        assert_eq!(filled(&mut inits, &bytes), bytes, "{late} ticks late");
    }
}
