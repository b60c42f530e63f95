//! The directory of the media goes away under the origin: it is unmounted, another takes its place, leave to read it is taken away.
#![cfg(target_os = "linux")]

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::stage::{Program, connect, get, read_all, statuses, until};

const FILE: &str = "/media/current/long.mp4";
const LONG: usize = 16_000_000;

/// Asks for the file, and has its first byte.
fn begin(program: &Program) -> std::net::TcpStream {
    let mut stream = connect(program.address);
    write!(stream, "GET {FILE} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").expect("room");
    stream.read_exact(&mut [0]).expect("it answers");
    stream
}

fn status(program: &Program, path: &str) -> u16 {
    statuses(&get(program.address, path))[0]
}

/// Whether all of the file comes, and consists of this byte.
fn is_whole(response: &str, byte: u8) -> bool {
    let (_, body) = response.split_once("\r\n\r\n").expect("a head");
    body.len() == LONG && body.bytes().all(|other| other == byte)
}

/// An origin that has mounts of its own, and the directory that is served.
struct Mounts(Program);

impl Mounts {
    fn start(media: &Path) -> Self {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", env!("CARGO_BIN_EXE_origin")]);
        Self(Program::run(command, media, &[], Stdio::null()).0)
    }

    /// Does something among its mounts.
    fn shell(&self, script: &str, media: &Path) {
        let mut command = Command::new("nsenter");
        command.args(["--preserve-credentials", "--user", "--mount", "--target", &self.0.child.id().to_string()]);
        let status = command.args(["sh", "-ec", script]).arg("sh").arg(media).status().expect("nsenter is there");
        assert!(status.success(), "{script}");
    }

    /// Mounts a disk with the file on it, which consists of this byte.
    fn mount(&self, media: &Path, byte: char) {
        let script = format!(
            "mount -t tmpfs -o size=32m none \"$1\"; head -c {LONG} /dev/zero | tr '\\0' {byte} > \"$1/new\"; \
             mv \"$1/new\" \"$1/long.mp4\""
        );
        self.shell(&script, media);
    }
}

#[test]
fn a_disk_that_is_unmounted_is_404_and_another_takes_its_place() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mounts = Mounts::start(dir.path());
    let program = &mounts.0;
    assert_eq!(status(program, FILE), 404);
    mounts.mount(dir.path(), 'x');
    until("the disk is not seen", || status(program, FILE) == 200);

    let reading = begin(program);
    mounts.shell("umount -l \"$1\"", dir.path());
    until("the disk is seen for ever", || status(program, FILE) == 404);
    mounts.mount(dir.path(), 'y');
    until("the other disk is not seen", || status(program, FILE) == 200);
    assert!(is_whole(&get(program.address, FILE), b'y'));
    let rest = read_all(reading);
    assert!(is_whole(&rest, b'x'), "what was begun is served to its end");
}

#[test]
fn a_directory_that_another_takes_the_place_of_is_served_to_the_end_of_each_body() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let (media, other) = (place.path().join("media"), place.path().join("other"));
    for (directory, byte) in [(&media, b'x'), (&other, b'y')] {
        fs::create_dir(directory).expect("room");
        fs::write(directory.join("long.mp4"), vec![byte; LONG]).expect("room");
    }
    let program = Program::start(&media, &[]);
    let reading = begin(&program);
    fs::rename(&media, place.path().join("old")).expect("the same file system");
    // For as long as none is there, the old one is served on: another is about to take its place.
    assert_eq!((status(&program, FILE), status(&program, "/healthz")), (200, 503));
    fs::rename(&other, &media).expect("the same file system");
    until("the other is not seen", || is_whole(&get(program.address, FILE), b'y'));
    assert_eq!(status(&program, "/healthz"), 200);
    assert!(is_whole(&read_all(reading), b'x'));
}

/// It is no lack of the film that players should be told of, but a fault that whoever runs the origin mends.
#[test]
fn leave_to_read_that_is_taken_away_is_said_and_comes_back() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("long.mp4");
    fs::write(&file, vec![b'x'; LONG]).expect("room");
    // Root may read everything unless it gives that up.
    let is_root = rustix::process::geteuid().is_root();
    let mut command = Command::new(if is_root { "setpriv" } else { env!("CARGO_BIN_EXE_origin") });
    if is_root {
        command.args(["--bounding-set=-all", "--inh-caps=-all", env!("CARGO_BIN_EXE_origin")]);
    }
    let (mut program, log) = Program::run(command, dir.path(), &[], Stdio::piped());
    let reading = begin(&program);
    for (path, mode) in [(file.as_path(), 0o644), (dir.path(), 0o755)] {
        let set = |mode| fs::set_permissions(path, Permissions::from_mode(mode)).expect("its owner may");
        set(0);
        assert_eq!(status(&program, FILE), 500, "{}", path.display());
        set(mode);
        assert_eq!(status(&program, FILE), 200, "{}", path.display());
    }
    assert!(is_whole(&read_all(reading), b'x'), "what was begun is served to its end");
    program.signal("TERM");
    program.child.wait().expect("our child");
    let mut said = String::new();
    log.expect("piped").read_to_string(&mut said).expect("UTF-8");
    assert!(said.contains("long.mp4") && said.contains("Permission denied"), "{said}");
}
