//! A film that comes through standard input, and what happens before all of it is there.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::film::sample;
use crate::program::{cut, fail, findings, send, splitter, succeed};

/// The longest wait for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A splitter that has begun to read its film and waits for the rest.
struct Waiting {
    child: Child,
    film: ChildStdin,
    rest: Vec<u8>,
}

impl Waiting {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut film = child.stdin.take().expect("it is piped");
        let mut bytes = fs::read(sample()).expect("the sample");
        let rest = bytes.split_off(bytes.len() / 2);
        // No pipe holds this much: once it is written, the splitter is reading.
        film.write_all(&bytes).expect("it reads");
        Self { child, film, rest }
    }

    /// Its end, while its film stays open.
    fn end(mut self) -> Output {
        let begun = Instant::now();
        while self.child.try_wait().expect("our child").is_none() {
            if begun.elapsed() > PATIENCE {
                self.child.kill().expect("our child");
                panic!("it goes on waiting for its film");
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.child.wait_with_output().expect("our child")
    }

    /// Its end, once it has got the rest.
    fn finish(mut self) -> Output {
        self.film.write_all(&self.rest).expect("it reads");
        drop(self.film);
        self.child.wait_with_output().expect("our child")
    }
}

#[test]
fn a_film_that_does_not_go_on_keeps_nobody_from_stopping() {
    for signal in ["INT", "TERM"] {
        let place = TempDir::new().expect("a directory");
        let out = place.path().join("media/current");
        let waiting = Waiting::start(&mut cut(Path::new("-"), &out, &[]));
        send(signal, &waiting.child);
        let output = waiting.end();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("stopped; nothing was published"), "{said}");
        assert!(!place.path().join("media").exists(), "nothing is left");
    }
}

#[test]
fn while_the_film_comes_nobody_else_writes_there() {
    let out = TempDir::new().expect("a directory");
    succeed(&mut cut(&sample(), out.path(), &["--chunk-size", "1MB"]));
    let waiting = Waiting::start(&mut cut(Path::new("-"), out.path(), &[]));
    for other in [&mut cut(&sample(), out.path(), &[]), splitter().arg("prune").arg(out.path())] {
        let said = fail(other);
        assert!(said.contains("another splitter is writing"), "{said}");
    }
    assert!(waiting.finish().status.success());
    assert_eq!(findings(out.path()), []);
}

#[test]
fn under_nohup_the_end_of_the_terminal_ends_nothing() {
    let out = TempDir::new().expect("a directory");
    // As `nohup` does, which also looks after files.
    let mut nohup = Command::new("sh");
    nohup.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(splitter().get_program());
    let waiting = Waiting::start(nohup.args(["-", "--out"]).arg(out.path()));
    send("HUP", &waiting.child);
    let output = waiting.finish();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(findings(out.path()), []);
}

/// Not as the system calls the file that it is kept in.
#[test]
fn messages_call_it_standard_input() {
    let place = TempDir::new().expect("a directory");
    let said = |bytes: &[u8], option: &str| {
        let film = place.path().join("film");
        fs::write(&film, bytes).expect("room");
        let mut command = splitter();
        command.args(["-", option, "--out"]).arg(place.path().join("out"));
        fail(command.stdin(fs::File::open(film).expect("there")))
    };
    let cut_off = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/films/cut_off.mkv")).expect("there");
    for said in [said(&cut_off, "--quiet"), said(b"no film at all", "--quiet"), said(b"no film", "--transcode")] {
        assert!(said.contains("standard input") && !said.contains("/proc/"), "{said}");
    }
}

/// What is no MP4 is converted from where it was kept.
#[test]
fn a_film_for_ffmpeg() {
    let place = TempDir::new().expect("a directory");
    let film = fs::File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/films/cut_off.mkv")).expect("there");
    let mut command = splitter();
    command.args(["-", "--keep-going", "--out"]).arg(place.path()).stdin(film);
    succeed(&mut command);
    assert!(place.path().join("manifest.json").exists());
}
