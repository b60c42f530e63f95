//! Ended in the middle, and run again.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::chance::{kills, random};
use crate::stage::{Stage, files, succeed};

/// Sends a signal to a program, which may have ended by itself.
pub(crate) fn send(signal: &str, pid: u32) {
    let _ = Command::new("kill").args(["-s", signal, &pid.to_string()]).stderr(Stdio::null()).status();
}

/// Runs a program, and sends it a signal once that many bytes have come; the status that it ended with, if not by the signal.
pub(crate) fn end_after(stage: &Stage, program: &mut Command, bytes: u64, signal: &'static str) -> Option<i32> {
    let mut child = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let pid = child.id();
    stage.bucket.after(bytes, move || send(signal, pid));
    child.wait().expect("it ends").code()
}

/// Bytes of a whole cut, or of the files at its top alone, which name the rest and go last.
fn bytes(stage: &Stage, is_top: bool) -> u64 {
    let files = stage.expected();
    let meant = files.iter().filter(|(name, _)| !is_top || !name.contains('/'));
    meant.map(|(_, bytes)| bytes.len() as u64).sum()
}

/// Kills a program once so many bytes have come, and runs it again; whether it was killed, and whether a part could be watched then.
fn kill_and_go_on(stage: &Stage, prefix: &str, at: u64, first: &mut Command, again: &mut Command) -> (bool, bool) {
    eprintln!("{prefix}: after {at} bytes");
    stage.bucket.forget();
    let ended = end_after(stage, first, at, "KILL");
    let before = stage.bucket.written();
    let is_all_named = stage.assert_never_promises(prefix);
    let can_be_watched = !is_all_named && stage.there(prefix).contains_key("manifest.json");

    succeed(again);
    assert!(stage.there(prefix) == stage.expected(), "{prefix}");
    let mut times: HashMap<String, usize> = HashMap::new();
    stage.bucket.written().into_iter().for_each(|key| *times.entry(key).or_default() += 1);
    if first.get_args().any(|argument| argument == "--progressive") {
        times.remove(&format!("{prefix}/manifest.json"));
    }
    assert!(times.values().all(|&times| times == 1), "{prefix}: {before:?}, then {times:?}");
    (ended.is_none(), can_be_watched)
}

/// A random instant of what is sent, in bytes. What names the rest is a hundredth of it, and matters most.
fn instant(stage: &Stage, number: u64, random: &mut fastrand::Rng) -> u64 {
    let (total, top) = (bytes(stage, false), bytes(stage, true));
    if number % 4 == 3 { total - 1 - random.u64(..top) } else { random.u64(..total) }
}

/// Kills a program at random instants of what it sends, each time into a place of its own, and runs it again.
fn kill_at_random(program: impl Fn(&Stage, &str) -> Command) {
    let (stage, mut random, kills) = (Stage::new(), random(), kills(20));
    let killed = (0..kills).filter(|&instant| {
        let at = self::instant(&stage, instant, &mut random);
        let prefix = format!("killed-{instant}");
        let run = || program(&stage, &format!("s3://films/{prefix}"));
        kill_and_go_on(&stage, &prefix, at, &mut run(), &mut run()).0
    });
    let killed = killed.count() as u64;
    eprintln!("{killed} of {kills} were killed");
    assert!(killed > kills / 2, "only {killed} of {kills} were killed");
}

#[test]
fn killed_at_random_instants_it_goes_on_where_it_was() {
    kill_at_random(Stage::publish);
}

#[test]
fn killed_while_it_is_cut_it_goes_on_where_it_was() {
    kill_at_random(|stage, url| stage.cut_into(Stage::film(), url));
}

/// Kills a program at random instants of what it writes into a directory, and runs it again.
fn kill_in_directory(program: impl Fn(&Stage, &str) -> Command, usual: u64) {
    let (stage, mut random, kills) = (Stage::new(), random(), kills(usual));
    let expected = stage.expected();
    let killed = (0..kills).filter(|&number| {
        let at = instant(&stage, number, &mut random);
        eprintln!("{number}: after {at} bytes");
        let place = TempDir::new().expect("a directory");
        let url = format!("file://{}", place.path().display());
        let mut child = program(&stage, &url).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        while length(place.path()) <= at && matches!(child.try_wait(), Ok(None)) {
            thread::yield_now();
        }
        let _ = child.kill();
        let is_killed = !child.wait().expect("it ends").success();
        stage.assert_promises_hold(place.path());

        succeed(&mut program(&stage, &url));
        let mut found = files(place.path());
        // As every directory has it that the splitter writes to.
        found.remove(".splitter.lock");
        assert!(found == expected, "{:?}", found.keys());
        is_killed
    });
    let killed = killed.count() as u64;
    eprintln!("{killed} of {kills} were killed");
    assert!(killed > kills / 3, "only {killed} of {kills} were killed");
}

/// Bytes of all files below a directory, as far as they are still there.
fn length(path: &Path) -> u64 {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| length(&entry.path())).sum(),
        Err(_) => fs::metadata(path).map_or(0, |file| file.len()),
    }
}

#[test]
fn killed_at_random_instants_it_goes_on_in_a_directory() {
    kill_in_directory(Stage::publish, 6);
}

#[test]
fn killed_while_it_is_cut_it_goes_on_in_a_directory() {
    kill_in_directory(|stage, url| stage.cut_into(Stage::film(), url), 6);
}

/// What was sent before is then newer than the manifest.
#[test]
fn a_clock_that_is_set_back_takes_no_digest_away() {
    let (stage, place) = (Stage::new(), TempDir::new().expect("a directory"));
    let url = format!("file://{}", place.path().display());
    succeed(&mut stage.publish(&url));
    let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
    let of_cut = |name: &String| name.contains('/').then(|| place.path().join(name));
    let paths: Vec<PathBuf> = files(place.path()).keys().filter_map(of_cut).collect();
    for path in &paths {
        File::options().append(true).open(path).and_then(|file| file.set_modified(tomorrow)).expect("a file");
    }
    stage.cut_as("Two");
    succeed(&mut stage.publish(&url));
    let time = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).expect("a time");
    assert!(paths.iter().all(|path| time(path) <= time(&place.path().join("manifest.json"))));
}

/// Two seconds lie between two manifests of it: several wait at once.
#[test]
fn killed_while_it_can_be_watched_it_goes_on_where_it_was() {
    let mut random = random();
    let kill = |number: usize, part: f64| {
        let (stage, prefix) = (Stage::new(), format!("watched-{number}"));
        let url = format!("s3://films/{prefix}");
        let run = || if number.is_multiple_of(2) { stage.publish(&url) } else { stage.cut_into(Stage::film(), &url) };
        let (mut first, mut again) = (run(), run());
        first.args(["--progressive", "--limit-rate", "1MB"]);
        // With it or without, it goes on.
        again.args((!number.is_multiple_of(3)).then_some("--progressive"));
        let at = (bytes(&stage, false) as f64 * part) as u64;
        kill_and_go_on(&stage, &prefix, at, &mut first, &mut again)
    };
    let outcomes: Vec<_> = std::thread::scope(|threads| {
        let kills: Vec<_> = (0..6)
            .map(|number| {
                let part = random.f64();
                threads.spawn(move || kill(number, part))
            })
            .collect();
        kills.into_iter().map(|kill| kill.join().expect("it goes on")).collect()
    });
    let (killed, watched) = (outcomes.iter().filter(|one| one.0).count(), outcomes.iter().filter(|one| one.1).count());
    assert!(killed > 3 && watched > 0, "{killed} were killed, {watched} could be watched");
}

#[test]
fn asked_to_stop_it_leaves_nothing_that_names_what_is_not_there() {
    let stage = Stage::new();
    let total = bytes(&stage, false);
    for (signal, part) in [("INT", 4), ("TERM", 2)] {
        let prefix = format!("stopped-{signal}");
        let url = format!("s3://films/{prefix}");
        assert_eq!(end_after(&stage, &mut stage.publish(&url), total / part, signal), Some(1), "{signal}");
        let there = stage.there(&prefix);
        assert!(!there.contains_key("manifest.json") && !there.contains_key("master.m3u8"));
        succeed(&mut stage.publish(&url));
        assert!(stage.there(&prefix) == stage.expected());
    }
}
