//! A cut of which one file is another than it was: it is read by what looks for damage.

use std::fs;
use std::path::{Path, PathBuf};

use splitter::verify::{Place, verify};
use splitter::{Options, Stop, inspect};
use tempfile::TempDir;

/// Two seconds of pictures and sound: 11 files once they are cut.
const FILM: &[u8] = include_bytes!("../media/film.mp4");

/// A cut, and all its files in the order of their names.
struct Cut {
    out: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
    /// Removed with it.
    _place: TempDir,
}

thread_local! {
    static CUT: Cut = Cut::new();
}

/// Reads the first byte as which file it is, and the rest as what stands in there.
pub fn cut(bytes: &[u8]) {
    let Some((&which, bytes)) = bytes.split_first() else { return };
    CUT.with(|cut| {
        let (path, before) = &cut.files[usize::from(which) % cut.files.len()];
        fs::write(path, bytes).expect("room for small files");
        let place = Place::Directory(cut.out.clone());
        let verdict = verify(&place, &(), &Stop::default());
        let _ = inspect::inspect_cut(&place);
        fs::write(path, before).expect("room for small files");
        // Unless it is another manifest, which is whole by what it says itself.
        let is_manifest = path.ends_with("manifest.json");
        let is_found = verdict.is_ok_and(|verdict| !verdict.findings.is_empty());
        assert!(is_manifest || is_found != (bytes == before), "{}: {is_found}", path.display());
    });
}

impl Cut {
    fn new() -> Self {
        let place = TempDir::new().expect("a place for small files");
        let film = place.path().join("film");
        fs::write(&film, FILM).expect("room for small files");
        let out = place.path().join("out");
        splitter::cut(&Options::new(&film, &out), &()).expect("a film that can be cut");
        fs::remove_file(&film).expect("it is there");
        let mut paths = Vec::new();
        list(&out, &mut paths);
        paths.sort();
        // The name of the cut's own directory is that of its content: the order is the same each time.
        let files = paths.into_iter().map(|path| (path.clone(), fs::read(path).expect("a small file")));
        Self { files: files.collect(), out, _place: place }
    }
}

fn list(directory: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("it is there") {
        let path = entry.expect("it can be listed").path();
        match path.is_dir() {
            true => list(&path, paths),
            false => paths.extend((!path.ends_with(".splitter.lock")).then_some(path)),
        }
    }
}
