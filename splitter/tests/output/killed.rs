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

    /// How many bytes of the new film lie there, by whatever name.
    fn written(&self) -> u64 {
        let id = id(&self.place.path().join("peace"));
        let is_its = |name: &String| name.starts_with(".partial-") || *name == id;
        let lengths = names(&self.out()).into_iter().filter(is_its).map(|name| length(&self.out().join(name)));
        lengths.sum()
    }

    /// The film before or the new one is named, and both are whole or, where nothing names it, the new one is not there at all.
    fn assert_nothing_half_made_passes_for_a_cut(&self) {
        let now = files(&self.out());
        for (path, bytes) in now.iter().filter(|(path, _)| !path.to_string_lossy().starts_with(".partial-")) {
            let is_known = [&self.before, &self.expected].iter().any(|film| film.get(path) == Some(bytes));
            assert!(is_known, "{} is of neither film", path.display());
        }
        // A file at the top has one name in both.
        let is_whole = |film: &BTreeMap<PathBuf, Vec<u8>>| film.keys().all(|path| now.contains_key(path));
        let appears = self.expected.iter().any(|(path, bytes)| now.get(path) == Some(bytes));
        assert!(is_whole(&self.before), "the film before is not whole");
        assert!(is_whole(&self.expected) || !appears, "the new film is not whole");
    }

    /// Takes back what a splitter has published or begun.
    fn put_old_film_back(&self) {
        fs::remove_dir_all(self.out()).expect("the directory");
        for (path, bytes) in &self.before {
            let path = self.out().join(path);
            fs::create_dir_all(path.parent().expect("it lies in a directory")).expect("room");
            fs::write(path, bytes).expect("room");
        }
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

/// Bytes of the file, or of all files in the directory, as far as they are still there.
fn length(path: &Path) -> u64 {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| length(&entry.path())).sum(),
        Err(_) => fs::metadata(path).map_or(0, |file| file.len()),
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

/// Up to the last byte, after which there is only what publishes it. A run goes on from the one before where that has come less far, and
/// begins anew otherwise.
#[test]
fn killed_at_random_instants_it_leaves_nothing_half_made_that_passes_for_a_cut() {
    let stage = Stage::new();
    let new = |path: &&PathBuf| path.components().count() > 1;
    let total: u64 = stage.expected.keys().filter(new).map(|path| stage.expected[path].len() as u64).sum();
    let mut killed = 0;
    for permille in [618, 236, 854, 472, 90, 708, 326, 944, 1_000] {
        let enough = total * permille / 1_000;
        if stage.written() >= enough {
            stage.put_old_film_back();
        }
        let mut child = cut(&stage.film, &stage.out(), &OPTIONS).stderr(Stdio::null()).spawn().expect("it starts");
        while stage.written() < enough && matches!(child.try_wait(), Ok(None)) {
            thread::yield_now();
        }
        let _ = child.kill();
        killed += u32::from(!child.wait().expect("it ends").success());
        stage.assert_nothing_half_made_passes_for_a_cut();
    }
    assert!(killed > 4, "only {killed} of 9 were killed");
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
