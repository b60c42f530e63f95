//! Films that are cut off, damaged or made to do harm: each is refused with an error that names the place, and what was
//! published before stays as it was.

#[path = "oracle/boxes.rs"]
mod boxes;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use boxes::{make, rewrite, split};
use splitter::{Error, Options};
use tempfile::TempDir;

const FILM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/media/sample.mp4");

/// A place where the sample film is published, and where nothing else ever may be.
struct Place {
    directory: TempDir,
    published: BTreeMap<PathBuf, Vec<u8>>,
}

impl Place {
    fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        splitter::cut(&options(Path::new(FILM), &directory.path().join("out")), &()).expect("the sample film is fine");
        let published = files(&directory.path().join("out"));
        Self { directory, published }
    }

    /// The error of a film that must be refused.
    fn refuse(&self, what: &str, film: &[u8]) -> Error {
        let path = self.directory.path().join("hostile.mp4");
        fs::write(&path, film).expect("writable");
        let out = self.directory.path().join("out");
        let error = splitter::cut(&options(&path, &out), &()).map(|report| report.document.duration);
        let error = error.err().unwrap_or_else(|| panic!("{what}: it was cut"));
        assert!(files(&out) == self.published, "{what}: what was published has changed");
        error
    }

    /// As [`Self::refuse`], with what the user reads.
    fn message(&self, what: &str, film: &[u8]) -> String {
        self.refuse(what, film).to_string()
    }
}

fn options(film: &Path, out: &Path) -> Options {
    let mut options = Options::new(film, out);
    options.chunk_size = "1MB".parse().expect("a size");
    options
}

/// Every file below a directory.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).expect("readable"));
        }
    }
    found
}

fn film() -> Vec<u8> {
    fs::read(FILM).expect("the sample film is in the repository")
}

/// The pictures of the sample film as a fragmented film: init and first chunk.
fn fragmented() -> Vec<u8> {
    let place = Place::new();
    let find = |name: &str| {
        let found = place.published.iter().find(|(path, _)| path.ends_with(name));
        found.map(|(_, bytes)| bytes.clone()).expect("it was cut")
    };
    [find("video-1/init.mp4"), find("video-1/0001.mp4")].concat()
}

/// The film with every box of one type in its `moov` replaced.
fn with(film: &[u8], kind: &[u8; 4], body: &dyn Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let replaced = split(film)
        .into_iter()
        .flat_map(|(_, (start, end))| rewrite(&film[start..end], kind, &|old| make(kind, &body(old))));
    replaced.collect()
}

/// A body whose bytes from `at` on are others.
fn patched(body: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    body[at..at + bytes.len()].copy_from_slice(bytes);
    body
}

#[test]
fn films_that_are_cut_off_anywhere() {
    let place = Place::new();
    for film in [film(), fragmented()] {
        let tops = split(&film);
        let headers = tops.iter().filter(|(kind, _)| matches!(kind, b"moov" | b"moof"));
        let (_, (start, end)) = *headers.clone().next_back().expect("headers");
        let (_, (first, first_end)) = *headers.clone().next().expect("headers");
        let mut cuts: Vec<_> = (0..=40).chain(tops.iter().map(|&(_, (start, _))| start)).collect();
        cuts.extend((first..first_end).step_by((first_end - first) / 50));
        cuts.extend((start..end).step_by((end - start).div_ceil(20)));
        cuts.extend([first_end, first_end + 4, first_end + 9, film.len() / 2, film.len() - 1]);
        // A fragmented film that ends behind a fragment is whole as far as anyone can tell.
        let ends_whole =
            |cut: usize| cut > first_end && tops.iter().any(|&(kind, (start, _))| kind == *b"moof" && start == cut);
        for cut in cuts.into_iter().filter(|&cut| cut < film.len() && !ends_whole(cut)) {
            place.refuse(&format!("{cut} of {} bytes", film.len()), &film[..cut]);
        }
    }
}

#[test]
fn sizes_that_lie() {
    let place = Place::new();
    let film = film();
    let (_, (start, end)) = *split(&film).iter().find(|(kind, _)| kind == b"moov").expect("headers");
    let types: [&[u8; 4]; 12] =
        [b"moov", b"mvhd", b"trak", b"tkhd", b"mdia", b"mdhd", b"minf", b"stbl", b"stsd", b"avc1", b"stsz", b"esds"];
    for kind in types {
        let at = start + film[start..end].windows(4).position(|word| word == kind).expect("there") - 4;
        for size in [1_u32, 2, 7, 9, 0x7fff_ffff, u32::MAX] {
            let mut lying = film.clone();
            lying[at..at + 4].copy_from_slice(&size.to_be_bytes());
            let name = String::from_utf8_lossy(kind).into_owned();
            let message = place.message(&format!("{name} of {size} bytes"), &lying);
            assert!(message.contains(" byte ") || message.contains(" bytes"), "{name} of {size} bytes: {message}");
        }
    }
}

#[test]
fn errors_name_the_box_and_the_place() {
    let place = Place::new();
    let film = film();
    let zero = place.message("no clock", &with(&film, b"mdhd", &|body| patched(body, 12, &[0; 4])));
    assert!(zero.contains("moov/trak/mdia/mdhd at byte ") && zero.contains("timescale is 0"), "{zero}");
    let zero = place.message("no clock of the movie", &with(&film, b"mvhd", &|body| patched(body, 12, &[0; 4])));
    assert!(zero.contains("moov/mvhd at byte "), "{zero}");
    let far = with(&film, b"stco", &|body| patched(body, 8, &u32::MAX.to_be_bytes()));
    let far = place.message("a chunk behind the end", &far);
    assert!(far.contains("moov/trak/mdia/minf/stbl at byte ") && far.contains("past the end of the file"), "{far}");
}

#[test]
fn four_billion_samples() {
    let place = Place::new();
    let film = film();
    let many = u32::MAX.to_be_bytes();
    place.refuse("sizes of their own", &with(&film, b"stsz", &|body| patched(body, 8, &many)));
    let constant = |size: u32| with(&film, b"stsz", &|_| [&[0; 4][..], &size.to_be_bytes(), &many].concat());
    for size in [1, 2, u32::MAX] {
        place.refuse("of one size", &constant(size));
    }
    let everywhere = with(&constant(1), b"stts", &|_| [&[0, 0, 0, 0, 0, 0, 0, 1][..], &many, &[0, 0, 0, 1]].concat());
    let everywhere =
        with(&everywhere, b"stsc", &|_| [&[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1][..], &many, &[0, 0, 0, 1]].concat());
    place.refuse("and one duration, in one chunk", &everywhere);
    for kind in [b"stts", b"ctts", b"stss", b"stsc", b"stco"] {
        place.refuse("rows that are not there", &with(&film, kind, &|body| patched(&body[..12], 4, &many)));
    }
}

#[test]
fn chunks_that_overlap() {
    let place = Place::new();
    let same = with(&film(), b"stco", &|body| {
        let first = body[8..12].to_vec();
        [body[..8].to_vec(), first.repeat((body.len() - 8) / 4)].concat()
    });
    // Where a film lists no more than it has, overlaps are as good as any other place.
    let cut = split(&same).iter().find(|(kind, _)| kind == b"mdat").map(|&(_, (start, end))| start + (end - start) / 2);
    let message = place.message("all chunks at one place", &same[..cut.expect("media")]);
    assert!(message.contains("past the end") || message.contains("overlap"), "{message}");
}

#[test]
fn places_beyond_every_number() {
    let place = Place::new();
    let film = film();
    for far in [u64::MAX, u64::MAX - 100, 1 << 63, 1 << 40] {
        let replaced = split(&film).into_iter().flat_map(|(_, (start, end))| {
            rewrite(&film[start..end], b"stco", &|body| {
                make(b"co64", &[&body[..8], &far.to_be_bytes().repeat((body.len() - 8) / 4)].concat())
            })
        });
        place.refuse("chunks", &replaced.collect::<Vec<_>>());
    }
    let long = with(&film, b"stts", &|body| patched(body, 12, &u32::MAX.to_be_bytes()));
    place.refuse("a sample that lasts for ever", &long);
    let fragmented = fragmented();
    let late = |time: u64| with(&fragmented, b"tfdt", &|body| patched(body, 4, &time.to_be_bytes()));
    place.refuse("fragments that all begin at once", &late(1 << 40));
    place.refuse("fragments at the end of time", &late(u64::MAX));
    let away = with(&fragmented, b"trun", &|body| patched(body, 8, &i32::MIN.to_be_bytes()));
    place.refuse("media in front of the file", &away);
    let many = with(&fragmented, b"trun", &|_| [&[0; 4][..], &u32::MAX.to_be_bytes()].concat());
    place.refuse("four billion samples in a fragment", &many);
}

#[test]
fn boxes_in_boxes_without_end() {
    let place = Place::new();
    let mut nested = Vec::new();
    for _ in 0..10_000 {
        nested = make(b"moov", &nested);
    }
    place.refuse("moov in moov", &nested);
    let mut nested = Vec::new();
    for _ in 0..10_000 {
        nested = make(b"trak", &nested);
    }
    place.refuse("trak in trak", &[make(b"ftyp", b"isom\0\0\0\0"), make(b"moov", &nested)].concat());
}

/// Each of them sends whoever looks for the next box on its way again.
#[test]
fn headers_without_end_that_are_none() {
    let place = Place::new();
    let fragmented = fragmented();
    let place_of = split(&fragmented).into_iter().find(|(kind, _)| kind == b"moof").expect("a fragment").1.0;
    // Of a length that no box has; the same, but for every second; whole, with junk between them.
    let (short, empty) = (*b"\0\0\0\x04moof\0\0\0\x08mfhd", *b"\0\0\0\x10moof\0\0\0\x08mfhd");
    for (unit, what) in [(short.repeat(2), "are no box"), ([empty, [0; 16]].concat(), "than any film")] {
        let film = [&fragmented[..place_of], &unit.repeat(100_000), &fragmented[place_of..]].concat();
        let message = place.message("headers without end", &film);
        assert!(message.contains(what), "{message}");
    }
}

#[test]
fn the_program_says_so_and_fails() {
    let place = Place::new();
    let path = place.directory.path().join("hostile.mp4");
    fs::write(&path, &film()[..1_000]).expect("writable");
    let mut splitter = Command::new(env!("CARGO_BIN_EXE_splitter"));
    let output = splitter.arg(&path).arg("--out").arg(place.directory.path().join("out")).output().expect("built");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.starts_with("splitter: ") && said.contains("moov at byte 32"), "{said}");
    assert!(output.stdout.is_empty());
    assert_eq!(files(&place.directory.path().join("out")), place.published);
}
