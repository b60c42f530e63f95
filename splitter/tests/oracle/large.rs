//! Films beyond 32 bits, made of holes that take no room on the disk, and films that come through a pipe.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use manifest::Document;
use tempfile::TempDir;

use crate::boxes::{make, rewrite, split};
use crate::compare::{original, same_packets_as};
use crate::cut::Cut;
use crate::film::Film;
use crate::program::output;

const AVC: &str = "video/mp4; codecs=\"avc1.4d400a\"";
const AAC: &str = "audio/mp4; codecs=\"mp4a.40.2\"";

/// More than 32 bits can say.
const FAR: u64 = 5 << 30;

/// A film whose media stands behind 5 GiB of nothing: in one `mdat` with a 64-bit size, listed in `co64`.
fn far_film(film: &Film) -> TempDir {
    let bytes = fs::read(&film.path).expect("readable");
    let boxes = split(&bytes);
    let find = |kind: &[u8; 4]| boxes.iter().find(|(found, _)| found == kind).map(|&(_, range)| range).expect("there");
    let (mdat, moov) = (find(b"mdat"), find(b"moov"));
    let ftyp = &bytes[find(b"ftyp").0..find(b"ftyp").1];
    // The payload of mdat moves from behind its 8 byte header to FAR.
    let moved = FAR - (mdat.0 as u64 + 8);
    let moov = rewrite(&bytes[moov.0..moov.1], b"stco", &|body| {
        let offsets = body[8..].chunks_exact(4).map(|offset| u32::from_be_bytes(offset.try_into().expect("four")));
        let far: Vec<u8> = offsets.flat_map(|offset| (u64::from(offset) + moved).to_be_bytes()).collect();
        make(b"co64", &[&body[..8], &far].concat())
    });
    let directory = TempDir::new().expect("a directory");
    let mut file = File::create(directory.path().join("far.mp4")).expect("writable");
    let payload = &bytes[mdat.0 + 8..mdat.1];
    let size = FAR - ftyp.len() as u64 + payload.len() as u64;
    file.write_all(&[ftyp, b"\0\0\0\x01mdat", &size.to_be_bytes()].concat()).expect("written");
    file.seek(SeekFrom::Start(FAR)).expect("a sparse file");
    file.write_all(&[payload, &moov].concat()).expect("written");
    directory
}

#[test]
fn places_and_sizes_of_64_bits() {
    let film = Film::new("film.mp4", "PICTURES TONE H264 -c:a aac");
    let far = far_film(&film);
    let cut = Cut::new(&far.path().join("far.mp4"), "50kB");
    same_packets_as(&cut, &original(&film.path), &[AVC, AAC]);
}

/// Runs the program as a user would.
fn splitter_of_pipe(film: &Path, out: &Path) -> Document {
    let mut splitter = Command::new(env!("CARGO_BIN_EXE_splitter"));
    splitter.args(["-", "--quiet", "--chunk-size", "50kB", "--out"]).arg(out);
    output(splitter.stdin(Stdio::from(File::open(film).expect("readable"))));
    serde_json::from_slice(&fs::read(out.join("manifest.json")).expect("published")).expect("a manifest")
}

#[test]
fn a_pipe_gives_the_same_cut_as_the_file() {
    for movflags in ["-movflags +frag_keyframe+delay_moov", "-movflags +faststart"] {
        let film = Film::new("film.mp4", &format!("PICTURES TONE H264 -c:a aac {movflags}"));
        let out = film.beside("out");
        let piped = splitter_of_pipe(&film.path, &out);
        assert_eq!(piped, *Cut::new(&film.path, "50kB").document());
        let left: Vec<_> = fs::read_dir(&out).expect("there").map(|entry| entry.expect("read").file_name()).collect();
        let hidden = left.iter().filter(|name| name.to_string_lossy().starts_with(".partial"));
        assert_eq!(hidden.count(), 0, "{left:?}");
    }
}
