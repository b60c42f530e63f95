//! Films of which a part would be lost: pictures that nothing plays or that are not there, configurations that no decoder
//! takes, tables that contradict each other. Each is refused with its reason, and published without what is missing only
//! where that is asked for.

#[path = "oracle/boxes.rs"]
mod boxes;

use std::fs;
use std::path::{Path, PathBuf};

use boxes::{make, rewrite, split};
use splitter::{Error, Options, Report, Warning};
use tempfile::TempDir;

const FILM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/media/sample.mp4");
const MOTION_JPEG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/films/motion_jpeg.mov");

/// A film in a directory of its own, beside which it is cut.
struct Film {
    directory: TempDir,
    path: PathBuf,
}

impl Film {
    /// The sample film with the `number`th of its tracks changed.
    fn edited(number: usize, edit: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        let bytes = fs::read(FILM).expect("the sample film is in the repository");
        let boxes = split(&bytes).into_iter().flat_map(|(kind, (start, end))| {
            let whole = &bytes[start..end];
            if kind != *b"moov" { whole.to_vec() } else { make(b"moov", &moov(&whole[8..], number, &edit)) }
        });
        // The headers stand in front of the media, which must stay where it is.
        let edited: Vec<u8> = boxes.collect();
        Self::new(&settle(&bytes, edited))
    }

    fn new(bytes: &[u8]) -> Self {
        let directory = TempDir::new().expect("a directory");
        let path = directory.path().join("film.mp4");
        fs::write(&path, bytes).expect("room");
        Self { directory, path }
    }

    fn options(&self) -> Options {
        Options::new(&self.path, self.directory.path().join("out"))
    }

    fn refused(&self, what: &str) -> Error {
        let error = splitter::cut(&self.options(), &()).map(|report| report.document.duration);
        let error = error.err().unwrap_or_else(|| panic!("{what}: it was cut"));
        assert!(!self.directory.path().join("out").exists(), "{what}: something was written");
        error
    }
}

fn moov(body: &[u8], number: usize, edit: &impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut tracks = 0;
    let children = split(body).into_iter().flat_map(|(kind, (start, end))| {
        let child = &body[start..end];
        tracks += usize::from(kind == *b"trak");
        if kind == *b"trak" && tracks == number { edit(child) } else { child.to_vec() }
    });
    children.collect()
}

/// Brings the media back to its place: what the headers have lost becomes free space behind them.
fn settle(before: &[u8], edited: Vec<u8>) -> Vec<u8> {
    let place = |bytes: &[u8], wanted: &[u8; 4]| {
        split(bytes).into_iter().find(|(kind, _)| kind == wanted).map(|(_, place)| place).expect("there")
    };
    let (was, is) = (place(before, b"mdat").0, place(&edited, b"mdat").0);
    if was == is {
        return edited;
    }
    let end = place(&edited, b"moov").1;
    let free = make(b"free", &vec![0; was.checked_sub(is + 8).expect("it has become shorter by a box at least")]);
    [&edited[..end], &free, &edited[end..]].concat()
}

/// The box of that type with another body.
fn with(trak: &[u8], kind: &[u8; 4], body: &dyn Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    rewrite(trak, kind, &|old| make(kind, &body(old)))
}

fn empty(_: &[u8]) -> Vec<u8> {
    vec![0; 8]
}

fn emptied(trak: &[u8], kinds: &[&[u8; 4]]) -> Vec<u8> {
    let sizes = |_: &[u8]| vec![0; 12];
    kinds.iter().fold(trak.to_vec(), |trak, &kind| with(&trak, kind, if kind == b"stsz" { &sizes } else { &empty }))
}

fn sound_alone(film: &Film) -> Report {
    let mut options = film.options();
    options.audio_only = true;
    let report = splitter::cut(&options, &()).expect("the sound is fine");
    assert_eq!(report.document.streams.len(), 1);
    assert!(report.document.streams[0].mime.starts_with("audio/"));
    report
}

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
    let report = splitter::cut(&Film::edited(2, |trak| emptied(trak, &all)).options(), &()).expect("it has pictures");
    assert_eq!(report.document.streams.len(), 1);
    assert!(report.warnings.iter().any(|warning| matches!(warning, Warning::Empty { track: 2, .. })));
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
    let report = splitter::cut(&options, &()).expect("one picture is missed");
    let left_out = |warning: &Warning| matches!(warning, Warning::Undecodable { track: 1, samples: 1, .. });
    assert!(report.warnings.iter().any(left_out), "{:?}", report.warnings);
    assert!((29.9..30.1).contains(&report.document.duration.as_seconds()), "{}", report.document.duration);
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

/// A film that is cut off: what is said by default, and how long the film is that is published where that is wanted.
fn cut_off(film: &Film) -> (String, f64) {
    let Error::Incomplete { loss, .. } = film.refused("cut off") else { panic!("it is cut off") };
    let mut options = film.options();
    options.keep_going = true;
    let report = splitter::cut(&options, &()).expect("its beginning is there");
    let warned = |warning: &Warning| matches!(warning, Warning::Incomplete { loss: other } if *other == loss);
    assert!(report.warnings.iter().any(warned), "{:?}", report.warnings);
    assert!((report.document.duration.as_seconds() - loss.came).abs() < 0.2, "{loss}");
    (loss.to_string(), report.document.duration.as_seconds())
}

#[test]
fn half_of_a_film_whose_headers_came_first() {
    let whole = fs::read(FILM).expect("the sample film is in the repository");
    let (said, seconds) = cut_off(&Film::new(&whole[..whole.len() / 2]));
    assert!(said.contains(" of 30.0 s can be read (") && said.contains("lie past the end of the file"), "{said}");
    assert!((12.0..18.0).contains(&seconds), "{seconds}");
}

#[test]
fn a_recording_that_was_interrupted() {
    let film = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/films/interrupted.mp4")).expect("it is here");
    let (said, seconds) = cut_off(&Film::new(&film));
    assert!(said.contains("the file ends within the fragment at byte 53451"), "{said}");
    assert!((9.9..10.1).contains(&seconds), "{seconds}");
    // Within the headers of the same fragment.
    let (said, _) = cut_off(&Film::new(&film[..53_500]));
    assert!(said.contains("the file ends within the headers of the fragment at byte 53451"), "{said}");
}

#[test]
fn a_fragment_that_is_gone_from_the_middle() {
    let mut film = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/films/interrupted.mp4")).expect("it is here");
    let second = split(&film[..53_451]).into_iter().filter(|(kind, _)| kind == b"moof").nth(1).expect("several").1.0;
    film[second..second + 8].fill(0);
    film.truncate(53_451);
    let (said, _) = cut_off(&Film::new(&film));
    assert!(said.contains("are no box"), "{said}");
}

#[test]
fn fragments_behind_media_that_is_said_to_be_longer_than_the_file() {
    let mut film = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/films/interrupted.mp4")).expect("it is here");
    film.truncate(53_451);
    let second = split(&film).into_iter().filter(|(kind, _)| kind == b"mdat").nth(1).expect("several").1.0;
    film[second] = 1;
    let (said, seconds) = cut_off(&Film::new(&film));
    assert!(said.contains("are no box") && seconds > 9.0, "{said}, {seconds}");
}
