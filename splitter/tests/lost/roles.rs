//! Tracks of which something says that they are no film, though they are.

use splitter::{Error, Warning};

use crate::boxes::make;
use crate::film::{FILM, Film, with};

/// The kinds of the streams that are cut.
fn kinds(film: &Film) -> Vec<String> {
    let report = splitter::cut(&film.options(), &()).unwrap_or_else(|error| panic!("{error}"));
    report.document.streams.iter().map(|stream| stream.mime.split('/').next().unwrap_or_default().to_owned()).collect()
}

fn handler(trak: &[u8], kind: [u8; 4]) -> Vec<u8> {
    with(trak, b"hdlr", &|body| [&body[..8], &kind, &body[12..]].concat())
}

#[test]
fn pictures_under_another_handler() {
    for kind in [*b"pict", *b"auxv", [0; 4]] {
        assert_eq!(kinds(&Film::edited(1, |trak| handler(trak, kind))), ["video", "audio"], "{kind:?}");
        assert_eq!(kinds(&Film::edited(2, |trak| handler(trak, kind))), ["video", "audio"], "{kind:?}");
    }
}

/// As `--video` and `--audio` choose them.
#[test]
fn inspect_numbers_tracks_under_another_handler() {
    for number in [1, 2] {
        let film = Film::edited(number, |trak| handler(trak, *b"pict"));
        let inspection = splitter::inspect::inspect(&film.path).expect("readable");
        let numbers: Vec<_> = inspection.tracks.iter().map(|track| (track.kind.as_str(), track.number)).collect();
        assert_eq!(numbers, [("video", Some(1)), ("audio", Some(1))]);
    }
}

/// The only pictures of a film are no pictures of chapters, whoever says so.
#[test]
fn pictures_that_another_track_calls_those_of_chapters() {
    let refer = |trak: &[u8]| {
        let reference = make(b"tref", &make(b"chap", &1_u32.to_be_bytes()));
        make(b"trak", &[&trak[8..], &reference].concat())
    };
    let bytes = std::fs::read(FILM).expect("the sample film is in the repository");
    let film = Film::grown(&bytes, 2, &refer);
    assert_eq!(kinds(&film), ["video", "audio"]);
}

/// Pictures of a codec that nothing plays, under whatever handler the film has them, are no reason for sound alone.
#[test]
fn pictures_that_nothing_plays() {
    let film = Film::edited(1, |trak| {
        with(trak, b"stsd", &|body| {
            let mut body = body.to_vec();
            body[12..16].copy_from_slice(b"mp4v");
            body
        })
    });
    assert!(matches!(film.refused("another codec"), Error::Codec { track: 1, .. } | Error::Box { .. }));
}

/// Sound that not even ffmpeg decodes: what was said to help is not said again.
#[test]
fn sound_that_nothing_decodes() {
    // Without its descriptor, too, by which ffmpeg knows AAC under any name.
    let film = Film::edited(2, |trak| {
        with(trak, b"stsd", &|body| {
            let descriptor = body.windows(4).position(|word| word == b"esds").expect("there");
            [&body[..12], b"apac", &body[16..descriptor], b"free", &body[descriptor + 4..]].concat()
        })
    });
    assert!(matches!(film.refused("Spatial Audio"), Error::Codec { track: 2, .. }));
    let mut options = film.options();
    options.transcode = true;
    let refused = splitter::cut(&options, &()).map(|report| report.document.duration);
    let Err(error @ Error::NoDecoder { .. }) = refused else { panic!("{refused:?}") };
    assert!(error.to_string().contains("--keep-going") && !error.to_string().contains("--transcode"), "{error}");
    options.keep_going = true;
    let report = splitter::cut(&options, &()).expect("the pictures are fine");
    assert_eq!(report.document.streams.len(), 1);
    assert!(
        report.warnings.iter().any(|warning| matches!(warning, Warning::Unplayable { .. })),
        "{:?}",
        report.warnings
    );
}

/// Nor are pictures that not even ffmpeg decodes.
#[test]
fn pictures_that_nothing_decodes() {
    let film = Film::edited(1, |trak| {
        with(trak, b"stsd", &|body| {
            let configuration = body.windows(4).position(|word| word == b"avcC").expect("there");
            [&body[..12], b"xyzw", &body[16..configuration], b"free", &body[configuration + 4..]].concat()
        })
    });
    for keep_going in [false, true] {
        let options = splitter::Options { transcode: true, keep_going, ..film.options() };
        let refused = splitter::cut(&options, &()).map(|report| report.document.duration);
        let Err(error @ Error::NoPictures { .. }) = refused else { panic!("{refused:?}") };
        assert!(!error.to_string().contains("--keep-going"), "{error}");
    }
}
