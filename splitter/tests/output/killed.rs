//! Ended in the middle: nothing half-published, the earlier film untouched, and the next run goes on from there.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;

use tempfile::TempDir;

use crate::directory::{files, id, names};
use crate::film::{long, sample};
use crate::program::{cut, findings, send, succeed};

/// The film has about fifty chunks of this size.
const OPTIONS: [&str; 3] = ["--chunk-size", "1MB", "--quiet"];

/// A place with a published film, a longer film to be cut in the middle of which the splitter is ended, and a cut of that
/// film made in peace.
struct Stage {
    place: TempDir,
    film: PathBuf,
    before: BTreeMap<PathBuf, Vec<u8>>,
    expected: BTreeMap<PathBuf, Vec<u8>>,
}

impl Stage {
    fn new() -> Self {
        let place = TempDir::new().expect("a directory");
        let film = long(place.path(), 16);
        let peace = place.path().join("peace");
        succeed(&mut cut(&film, &peace, &OPTIONS));
        let expected = files(&peace);
        let out = place.path().join("out");
        succeed(&mut cut(&sample(), &out, &["--quiet"]));
        Self { film, before: files(&out), expected, place }
    }

    fn out(&self) -> PathBuf {
        self.place.path().join("out")
    }

    /// Starts a cut and ends it with a signal as soon as `chunks` chunks are begun. It ends long before it is done, but if it
    /// should be too fast for this, it is tried again with fewer.
    fn end_at(&self, signal: &str, mut chunks: usize) {
        loop {
            let mut child = cut(&self.film, &self.out(), &OPTIONS).stderr(Stdio::piped()).spawn().expect("it starts");
            while begun(&self.out()).len() < chunks && matches!(child.try_wait(), Ok(None)) {
                thread::yield_now();
            }
            send(signal, &child);
            let status = child.wait().expect("it ends");
            if !status.success() {
                return;
            }
            assert!(chunks > 1, "the splitter is done before it can be ended");
            chunks /= 2;
            fs::remove_dir_all(self.out().join(id(&self.out()))).expect("its cut");
            fs::write(self.out().join("manifest.json"), &self.before[Path::new("manifest.json")]).expect("the old one");
        }
    }

    /// What was published before is all that is visible.
    fn assert_old_film_stands(&self) {
        let mut now = files(&self.out());
        now.retain(|path, _| !path.to_string_lossy().starts_with(".partial-"));
        assert_eq!(now.keys().collect::<Vec<_>>(), self.before.keys().collect::<Vec<_>>());
        assert!(now == self.before, "a file of the film published before has changed");
        assert_eq!(findings(self.out()), []);
    }

    /// The next run publishes what a cut in peace does.
    fn assert_next_run_is_right(&self) {
        succeed(&mut cut(&self.film, &self.out(), &OPTIONS));
        assert_eq!(findings(self.out()), []);
        let now = files(&self.out());
        for (path, bytes) in &self.expected {
            assert!(now.get(path) == Some(bytes), "{} is not as it is from a cut in peace", path.display());
        }
        assert!(!names(&self.out()).iter().any(|name| name.starts_with(".partial-")), "{:?}", names(&self.out()));
    }
}

/// The chunks in the directory of the work under way.
fn begun(out: &Path) -> Vec<PathBuf> {
    let entries = |path: PathBuf| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_partial =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".partial-"));
    let streams = entries(out.to_owned()).filter(is_partial).flat_map(entries);
    let is_chunk =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension == "mp4") && !path.ends_with("init.mp4");
    streams.flat_map(entries).filter(is_chunk).collect()
}

#[test]
fn killed_at_any_point_it_leaves_the_earlier_film_and_goes_on_later() {
    let stage = Stage::new();
    for chunks in [1, 10, 30] {
        stage.end_at("KILL", chunks);
        stage.assert_old_film_stands();
    }
    stage.assert_next_run_is_right();
}

#[test]
fn finished_chunks_are_kept_where_they_are_right() {
    let stage = Stage::new();
    stage.end_at("KILL", 16);
    // A table that was opened and not yet written says nothing of its chunk.
    let has_table = |path: &PathBuf| fs::metadata(path.with_extension("bin")).is_ok_and(|table| table.len() > 0);
    let finished: Vec<_> = begun(&stage.out()).into_iter().filter(has_table).collect();
    assert!(finished.len() >= 2, "{} chunks were finished", finished.len());
    let (damaged, kept) = finished.split_first().expect("two of them");
    let mut bytes = fs::read(damaged).expect("a chunk");
    bytes[5_000] ^= 1;
    fs::write(damaged, bytes).expect("damaged");
    let inode = |path: &Path| fs::metadata(path).expect("a file").ino();
    let write_time = |path: &Path| fs::metadata(path).expect("a file").modified().expect("a time");
    let states: Vec<_> = kept.iter().map(|path| (inode(path), write_time(path))).collect();

    stage.assert_next_run_is_right();
    let cut = stage.out().join(id(&stage.out()));
    for (path, state) in kept.iter().zip(states) {
        let name: PathBuf = path.components().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect();
        let published = cut.join(name);
        assert_eq!((inode(&published), write_time(&published)), state, "{} was written again", published.display());
    }
}

#[test]
fn an_interrupted_cut_leaves_nothing() {
    let stage = Stage::new();
    stage.end_at("INT", 5);
    assert_eq!(begun(&stage.out()), [] as [&Path; 0]);
    assert!(files(&stage.out()) == stage.before, "the directory is not as it was");
    stage.assert_next_run_is_right();
}
