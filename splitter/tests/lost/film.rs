//! The sample film with something changed.

use std::fs;
use std::path::PathBuf;

use splitter::{Error, Options, Report};
use tempfile::TempDir;

use crate::boxes::{make, rewrite, split};

pub(crate) const FILM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/media/sample.mp4");

/// A film in a directory of its own, beside which it is cut.
pub(crate) struct Film {
    directory: TempDir,
    pub(crate) path: PathBuf,
}

impl Film {
    /// The sample film with the `number`th of its tracks changed.
    pub(crate) fn edited(number: usize, edit: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        let bytes = fs::read(FILM).expect("the sample film is in the repository");
        let boxes = split(&bytes).into_iter().flat_map(|(kind, (start, end))| {
            let whole = &bytes[start..end];
            if kind != *b"moov" { whole.to_vec() } else { make(b"moov", &moov(&whole[8..], number, &edit)) }
        });
        // The headers stand in front of the media, which must stay where it is.
        let edited: Vec<u8> = boxes.collect();
        Self::new(&settle(&bytes, edited))
    }

    /// As [`Self::edited`], where the headers grow: the free space behind them makes room for that.
    pub(crate) fn grown(bytes: &[u8], number: usize, edit: &impl Fn(&[u8]) -> Vec<u8>) -> Self {
        let place = split(bytes).into_iter().find(|(kind, _)| kind == b"moov").map(|(_, place)| place).expect("there");
        let moov = make(b"moov", &moov(&bytes[place.0 + 8..place.1], number, edit));
        // Behind the media, where nothing moves; what stood in front is free.
        let free = make(b"free", &bytes[place.0 + 8..place.1]);
        Self::new(&[&bytes[..place.0], &free, &bytes[place.1..], &moov].concat())
    }

    pub(crate) fn new(bytes: &[u8]) -> Self {
        let directory = TempDir::new().expect("a directory");
        let path = directory.path().join("film.mp4");
        fs::write(&path, bytes).expect("room");
        Self { directory, path }
    }

    pub(crate) fn options(&self) -> Options {
        Options::new(&self.path, self.directory.path().join("out"))
    }

    pub(crate) fn refused(&self, what: &str) -> Error {
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
pub(crate) fn with(trak: &[u8], kind: &[u8; 4], body: &dyn Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    rewrite(trak, kind, &|old| make(kind, &body(old)))
}

fn empty(_: &[u8]) -> Vec<u8> {
    vec![0; 8]
}

pub(crate) fn emptied(trak: &[u8], kinds: &[&[u8; 4]]) -> Vec<u8> {
    let sizes = |_: &[u8]| vec![0; 12];
    kinds.iter().fold(trak.to_vec(), |trak, &kind| with(&trak, kind, if kind == b"stsz" { &sizes } else { &empty }))
}

pub(crate) fn sound_alone(film: &Film) -> Report {
    let mut options = film.options();
    options.audio_only = true;
    let report = splitter::cut(&options, &()).expect("the sound is fine");
    assert_eq!(report.document.streams.len(), 1);
    assert!(report.document.streams[0].mime.starts_with("audio/"));
    report
}
