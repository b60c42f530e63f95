//! Ended in the middle: nothing half-published, the earlier film untouched, and the next run goes on from there.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::chance::{kills, random};
use crate::directory::{files, id, sent_digests};
use crate::film::{long, sample};
use crate::program::{cut, findings, send, succeed};

/// The film has about fifty chunks of this size.
const OPTIONS: [&str; 3] = ["--chunk-size", "1MB", "--quiet"];

/// Looks at a directory in the time between the last byte and the end of a splitter, about.
const LOOKS: u32 = 300;

/// A place with a published film, another one to be cut in the middle of which the splitter is ended, and a cut of that
/// film made in peace.
struct Stage {
    place: TempDir,
    film: PathBuf,
    options: Vec<&'static str>,
    before: BTreeMap<PathBuf, Vec<u8>>,
    expected: BTreeMap<PathBuf, Vec<u8>>,
}

impl Stage {
    /// A film of eight minutes, over one of half a minute.
    fn new() -> Self {
        let place = TempDir::new().expect("a directory");
        let film = long(place.path(), 16);
        Self::cutting(place, film, &OPTIONS).over(&sample(), &["--quiet"])
    }

    /// The same film as is there already, as whoever doubts it cuts it again.
    fn over_itself() -> Self {
        let place = TempDir::new().expect("a directory");
        let film = long(place.path(), 16);
        Self::cutting(place, film.clone(), &OPTIONS).over(&film, &OPTIONS)
    }

    fn cutting(place: TempDir, film: PathBuf, options: &[&'static str]) -> Self {
        let peace = place.path().join("peace");
        succeed(&mut cut(&film, &peace, options));
        let expected = files(&peace);
        Self { film, options: options.to_vec(), before: BTreeMap::new(), expected, place }
    }

    fn over(mut self, film: &Path, options: &[&str]) -> Self {
        succeed(&mut cut(film, &self.out(), options));
        self.before = files(&self.out());
        self
    }

    fn cut(&self) -> Command {
        cut(&self.film, &self.out(), &self.options)
    }

    fn out(&self) -> PathBuf {
        self.place.path().join("out")
    }

    /// Starts a cut and ends it with a signal as soon as `chunks` chunks are begun. It ends long before it is done, but if it
    /// should be too fast for this, it is tried again with fewer.
    fn end_at(&self, signal: &str, mut chunks: usize) {
        loop {
            let mut child = self.cut().stderr(Stdio::piped()).spawn().expect("it starts");
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

    /// How many bytes lie there more than before, by whatever name.
    fn written(&self) -> u64 {
        length(&self.out()).saturating_sub(bytes(&self.before))
    }

    /// How many more a run writes. A cut that is there already is written once more beside it.
    fn total(&self) -> u64 {
        bytes(&self.expected)
    }

    /// Kills a splitter at a random instant; whether it had not ended by itself. A run goes on from the one before where that has come less
    /// far, and begins anew otherwise.
    fn kill(&self, random: &mut fastrand::Rng) -> bool {
        // The names are given behind the last byte, in a moment that matters most.
        let is_last = random.u8(..4) == 0;
        let enough = if is_last { self.total() } else { random.u64(..self.total()) };
        let mut looks = if is_last { random.u32(..LOOKS) } else { 0 };
        eprintln!("after {enough} bytes and {looks} looks");
        if self.written() >= enough {
            self.put_old_film_back();
        }
        let mut child = self.cut().stderr(Stdio::null()).spawn().expect("it starts");
        while (self.written() < enough || looks > 0) && matches!(child.try_wait(), Ok(None)) {
            looks = looks.saturating_sub(u32::from(self.written() >= enough));
            thread::yield_now();
        }
        let _ = child.kill();
        !child.wait().expect("it ends").success()
    }

    /// The film before or the new one is named, and both are whole or, where nothing names it, the new one is not there at all.
    fn assert_nothing_half_made_passes_for_a_cut(&self) {
        let now = files(&self.out());
        for (path, bytes) in now.iter().filter(|(path, _)| !is_partial(path)) {
            let is_known = [&self.before, &self.expected].iter().any(|film| film.get(path) == Some(bytes));
            assert!(is_known, "{} is of neither film", path.display());
        }
        let seen = |film: &BTreeMap<PathBuf, Vec<u8>>| -> Vec<PathBuf> { film.keys().cloned().collect() };
        // A file at the top has one name in both.
        let is_whole = |film| seen(film).iter().all(|path| now.contains_key(path));
        let appears = seen(&self.expected).iter().any(|path| now.get(path) == self.expected.get(path));
        assert!(is_whole(&self.before), "the film before is not whole");
        assert!(is_whole(&self.expected) || !appears, "the new film is not whole");
    }

    /// Takes back what a splitter has published or begun.
    fn put_old_film_back(&self) {
        // An ffmpeg whose splitter was killed may begin a file there at this moment.
        assert!((0..100).any(|_| fs::remove_dir_all(self.out()).is_ok()), "the directory stays");
        for (path, bytes) in &self.before {
            let path = self.out().join(path);
            fs::create_dir_all(path.parent().expect("it lies in a directory")).expect("room");
            fs::write(path, bytes).expect("room");
        }
    }

    /// The next run publishes what a cut in peace does.
    fn assert_next_run_is_right(&self) {
        succeed(&mut self.cut());
        assert_eq!(findings(self.out()), []);
        let now = files(&self.out());
        for (path, bytes) in &self.expected {
            assert!(now.get(path) == Some(bytes), "{} is not as it is from a cut in peace", path.display());
        }
        let halves: Vec<_> = now.keys().filter(|path| is_partial(path)).collect();
        assert_eq!(halves, [] as [&Path; 0]);
    }
}

/// Kills splitters at random instants, and looks each time at what they leave.
fn kill_at_random(stage: &Stage, kills: u64) {
    let mut random = random();
    let mut killed = 0;
    for number in 1..=kills {
        killed += u64::from(stage.kill(&mut random));
        stage.assert_nothing_half_made_passes_for_a_cut();
        if number % 10 == 0 || number == kills {
            stage.assert_next_run_is_right();
            stage.put_old_film_back();
        }
    }
    eprintln!("{killed} of {kills} were killed");
    assert!(killed > kills / 3, "only {killed} of {kills} were killed");
}

/// Whether that is the name of something that is still being made.
fn is_partial(path: &Path) -> bool {
    path.to_string_lossy().starts_with(".partial-") || path.extension().is_some_and(|extension| extension == "partial")
}

fn bytes(files: &BTreeMap<PathBuf, Vec<u8>>) -> u64 {
    files.values().map(|bytes| bytes.len() as u64).sum()
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

#[test]
fn killed_at_random_instants_it_leaves_nothing_half_made_that_passes_for_a_cut() {
    kill_at_random(&Stage::new(), kills(9));
}

#[test]
fn killed_at_random_instants_it_leaves_the_same_film_whole() {
    kill_at_random(&Stage::over_itself(), kills(5));
}

/// What was written before it was killed is then newer than what is written after it.
#[test]
fn a_clock_that_is_set_back_takes_no_digest_away() {
    let stage = Stage::new();
    stage.end_at("KILL", 16);
    let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
    for chunk in begun(&stage.out()) {
        File::options().append(true).open(&chunk).and_then(|file| file.set_modified(tomorrow)).expect("a chunk");
    }
    stage.assert_next_run_is_right();
    let of_files = sent_digests(&stage.out());
    assert!(of_files.len() > 50 && of_files.values().all(|is_sent| *is_sent), "{of_files:?}");
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
