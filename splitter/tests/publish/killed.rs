//! Ended in the middle, and run again.

use std::collections::HashMap;
use std::process::{Command, Stdio};

use crate::stage::{Stage, succeed};

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

/// Where random instants come from unless `KILL_SEED` has another number.
const SEED: u64 = 19;

fn random() -> fastrand::Rng {
    let seed = std::env::var("KILL_SEED").map_or(SEED, |seed| seed.parse().expect("KILL_SEED is a number"));
    // Shown where the test fails.
    eprintln!("KILL_SEED={seed}");
    fastrand::Rng::with_seed(seed)
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

/// Kills a program at twenty random instants of what it sends, each into a place of its own, and runs it again.
fn kill_at_random(program: impl Fn(&Stage, &str) -> Command) {
    let (stage, mut random) = (Stage::new(), random());
    let (total, top) = (bytes(&stage, false), bytes(&stage, true));
    let killed = (0..20).filter(|instant| {
        // What names the rest is a hundredth of it, and matters most.
        let at = if instant % 4 == 3 { total - 1 - random.u64(..top) } else { random.u64(..total) };
        let prefix = format!("killed-{instant}");
        let run = || program(&stage, &format!("s3://films/{prefix}"));
        kill_and_go_on(&stage, &prefix, at, &mut run(), &mut run()).0
    });
    let killed = killed.count();
    assert!(killed > 10, "only {killed} of 20 were killed");
}

#[test]
fn killed_at_random_instants_it_goes_on_where_it_was() {
    kill_at_random(Stage::publish);
}

#[test]
fn killed_while_it_is_cut_it_goes_on_where_it_was() {
    kill_at_random(|stage, url| stage.cut_into(Stage::film(), url));
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
