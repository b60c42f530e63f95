//! Tables and configurations that are damaged or missing.

use std::fs;
use std::path::Path;

use splitter::{Error, Warning};

use crate::film::{FILM, Film, emptied, sound_alone, with};

const MOTION_JPEG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/films/motion_jpeg.mov");

#[test]
fn motion_jpeg_is_no_cover() {
    let film = Film::new(&fs::read(MOTION_JPEG).expect("it is in the repository"));
    let error = film.refused("Motion JPEG");
    assert!(matches!(&error, Error::Codec { codec, .. } if codec == "jpeg"), "{error}");
    assert!(error.to_string().contains("--transcode"), "{error}");
    sound_alone(&film);
    let mut options = film.options();
    options.transcode = true;
    let report = splitter::cut(&options, &()).expect("ffmpeg reads it");
    assert!(report.document.streams[0].mime.contains("avc1"));
    assert!((2.9..3.1).contains(&report.document.duration.as_seconds()), "{}", report.document.duration);
}

#[test]
fn one_picture_of_jpeg_is_a_cover() {
    let mut bytes = fs::read(MOTION_JPEG).expect("it is in the repository");
    // One picture, in one chunk.
    let edit = |bytes: &mut Vec<u8>, kind: &[u8; 4], at: usize, value: u32| {
        let place = bytes.windows(4).position(|window| window == kind).expect("there") + 4 + at;
        bytes[place..place + 4].copy_from_slice(&value.to_be_bytes());
    };
    edit(&mut bytes, b"stsz", 8, 1);
    edit(&mut bytes, b"stts", 8, 1);
    edit(&mut bytes, b"stco", 4, 1);
    let report = splitter::cut(&Film::new(&bytes).options(), &()).expect("its sound is all there is");
    assert_eq!(report.document.streams.len(), 1);
    assert!(report.warnings.iter().any(|warning| matches!(warning, Warning::LeftOut { .. })));
}

#[test]
fn pictures_that_are_not_listed_are_lost() {
    let all: [&[u8; 4]; 5] = [b"stsz", b"stts", b"stsc", b"stco", b"ctts"];
    let film = Film::edited(1, |trak| emptied(trak, &all));
    let error = film.refused("no table");
    assert!(matches!(error, Error::NoPictures { track: 1, .. }), "{error}");
    assert!(error.to_string().contains("--audio-only"), "{error}");
    sound_alone(&film);
}

#[test]
fn sound_that_is_not_listed_is_missed_with_a_warning() {
    let all: [&[u8; 4]; 4] = [b"stsz", b"stts", b"stsc", b"stco"];
    let film = Film::edited(2, |trak| emptied(trak, &all));
    let report = splitter::cut(&film.options(), &()).expect("it has pictures");
    assert_eq!(report.document.streams.len(), 1);
    assert!(report.warnings.iter().any(|warning| matches!(warning, Warning::Empty { track: 2, .. })));
    // The numbers by which tracks are chosen are the same everywhere.
    let shown = splitter::inspect::inspect(&film.path).expect("whole boxes");
    assert_eq!(shown.tracks.iter().map(|track| track.number).collect::<Vec<_>>(), [Some(1), None]);
}

#[test]
fn tables_that_contradict_each_other_are_refused() {
    for kind in [b"stsz", b"stts", b"stsc", b"stco"] {
        for track in [1, 2] {
            let what = String::from_utf8_lossy(kind).into_owned();
            let error = Film::edited(track, |trak| emptied(trak, &[kind])).refused(&what);
            assert!(matches!(error, Error::Box { .. }), "{what} of track {track}: {error}");
        }
    }
    let half = |body: &[u8]| {
        let count = u32::from_be_bytes(body[8..12].try_into().expect("four")) / 2;
        [&body[..8], &count.to_be_bytes(), &body[12..12 + 4 * count as usize]].concat()
    };
    let error = Film::edited(1, |trak| with(trak, b"stsz", &half)).refused("half of the sizes").to_string();
    assert!(error.contains("the chunks have more samples than there are sizes"), "{error}");
    let error = Film::edited(1, |trak| {
        with(trak, b"ctts", &|body| {
            let few = u32::from_be_bytes(body[4..8].try_into().expect("four")) / 2;
            [&body[..4], &few.to_be_bytes(), &body[8..8 + 8 * few as usize]].concat()
        })
    });
    let error = error.refused("half of the offsets").to_string();
    assert!(error.contains("fewer samples have a composition offset"), "{error}");
}

#[test]
fn chunks_with_more_samples_than_they_have_are_refused() {
    for track in [1, 2] {
        let film = Film::edited(track, |trak| {
            with(trak, b"stsc", &|body| {
                let mut body = body.to_vec();
                let per_chunk = u32::from_be_bytes(body[12..16].try_into().expect("four")) + 1;
                body[12..16].copy_from_slice(&per_chunk.to_be_bytes());
                body
            })
        });
        let error = film.refused("more samples in the first chunk");
        assert!(matches!(error, Error::Box { .. } | Error::Overlap { .. }), "{error}");
    }
}

#[test]
fn configurations_that_no_decoder_takes_are_refused() {
    for (track, kind) in [(1, b"avcC"), (2, b"esds")] {
        let film = Film::edited(track, |trak| {
            with(trak, b"stsd", &|body| {
                let at = body.windows(4).position(|window| window == kind).expect("there") + 4;
                let size = u32::from_be_bytes(body[at - 8..at - 4].try_into().expect("four")) as usize;
                let mut body = body.to_vec();
                body[at..at - 8 + size].fill(0);
                body
            })
        });
        let what = String::from_utf8_lossy(kind).into_owned();
        let error = film.refused(&what).to_string();
        assert!(error.contains(&what), "{error}");
    }
}

/// A film that lists nothing wrong, but less than all: harmless surplus.
#[test]
fn harmless_surplus_is_taken() {
    let film = Film::edited(1, |trak| {
        with(trak, b"stts", &|body| {
            let mut body = body.to_vec();
            let count = u32::from_be_bytes(body[8..12].try_into().expect("four")) + 5;
            body[8..12].copy_from_slice(&count.to_be_bytes());
            body
        })
    });
    let report = splitter::cut(&film.options(), &()).expect("durations without samples");
    let whole = Film::new(&fs::read(Path::new(FILM)).expect("there"));
    let expected = splitter::cut(&whole.options(), &()).expect("the sample film");
    assert_eq!(report.document.duration, expected.document.duration);
}

/// The sample film with a byte changed in the length of a NAL unit in the middle of its pictures.
fn with_a_wrong_length() -> Film {
    let mut bytes = fs::read(FILM).expect("the sample film is in the repository");
    // The last group begins with an IDR picture; the first byte of its length becomes another.
    let idr = bytes.windows(5).enumerate().filter(|(_, window)| window[0] == 0 && window[1] == 0 && window[4] == 0x65);
    let at = idr.map(|(at, _)| at).next_back().expect("a keyframe");
    bytes[at] = 7;
    Film::new(&bytes)
}

#[test]
fn samples_that_no_decoder_takes_are_refused_or_left_out() {
    let film = with_a_wrong_length();
    let error = film.refused("a NAL unit of 100 MB");
    let Error::Undecodable { stream, seconds, why, .. } = &error else { panic!("{error}") };
    assert_eq!((stream.as_str(), *why), ("video-1", "its parts are longer than it is"));
    assert!((20.0..30.0).contains(seconds), "{seconds}");
    let mut options = film.options();
    options.keep_going = true;
    let report = splitter::cut(&options, &()).expect("its last group is missed");
    let left_out = |warning: &Warning| matches!(warning, Warning::Undecodable { track: 1, samples: 2.., .. });
    assert!(report.warnings.iter().any(left_out), "{:?}", report.warnings);
    assert!((29.9..30.1).contains(&report.document.duration.as_seconds()), "{}", report.document.duration);
}

/// Pictures of which none is left: no film is published as sound alone unasked.
#[test]
fn pictures_of_which_none_can_be_decoded() {
    let mut bytes = fs::read(FILM).expect("the sample film is in the repository");
    let media = bytes.windows(4).position(|word| word == b"mdat").expect("there");
    for at in media + 4..bytes.len() - 4 {
        // A NAL unit of an IDR picture; the first byte of its length becomes another.
        if bytes[at..at + 2] == [0, 0] && bytes[at + 4] == 0x65 {
            bytes[at] = 7;
        }
    }
    let film = Film::new(&bytes);
    let mut options = film.options();
    options.keep_going = true;
    let refused = splitter::cut(&options, &()).map(|report| report.document.duration);
    let Err(error @ Error::NoPictures { track: 1, .. }) = refused else { panic!("{refused:?}") };
    assert!(error.to_string().contains("--audio-only"), "{error}");
    sound_alone(&film);
}

/// A table whose chunks are one byte off: every digest is right, and nothing plays.
#[test]
fn pictures_at_the_wrong_places_are_refused() {
    let film = Film::edited(1, |trak| {
        with(trak, b"stco", &|body| {
            let places = body[8..].chunks_exact(4).map(|place| u32::from_be_bytes(place.try_into().expect("four")) - 1);
            [&body[..8], &places.flat_map(u32::to_be_bytes).collect::<Vec<_>>()].concat()
        })
    });
    assert!(matches!(film.refused("a byte off"), Error::Undecodable { .. } | Error::Overlap { .. }));
}
