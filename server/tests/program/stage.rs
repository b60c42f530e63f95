//! Sockets without a library between them and the test, and the program as it is shipped.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use test_bucket::Bucket;

/// The longest wait for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A media directory with one small file, `a.mp4`.
pub(crate) fn media() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("a.mp4"), "abcdef").expect("room");
    dir
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    stream
}

/// Sends bytes, and reads until the other side closes.
pub(crate) fn exchange(address: SocketAddr, request: impl AsRef<[u8]>) -> String {
    let mut stream = connect(address);
    // The answer may come, and the connection end, before everything is sent.
    let _ = stream.write_all(request.as_ref());
    read_all(stream)
}

/// What comes until the other side closes.
pub(crate) fn read_all(mut stream: impl Read) -> String {
    let mut response = Vec::new();
    match stream.read_to_end(&mut response) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&response)),
    }
    String::from_utf8_lossy(&response).into_owned()
}

/// A GET of one path, after which the connection closes.
pub(crate) fn get(address: SocketAddr, path: &str) -> String {
    exchange(address, format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
}

/// Waits until something holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The statuses of the responses in what has come, in order.
pub(crate) fn statuses(responses: &str) -> Vec<u16> {
    let heads = responses.split("HTTP/1.").skip(1);
    heads.filter_map(|head| head.get(2..5)?.parse().ok()).collect()
}

/// The program, stopped when dropped.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
    /// `http` or `https`.
    pub(crate) scheme: String,
}

impl Program {
    /// Starts it on a free port, with its log thrown away.
    pub(crate) fn start(media: &Path, arguments: &[&str]) -> Self {
        Self::started(media, arguments, &[], Stdio::null()).0
    }

    /// Starts it with variables of its environment.
    pub(crate) fn start_with(media: &Path, arguments: &[&str], variables: &[(&str, String)]) -> Self {
        Self::started(media, arguments, variables, Stdio::null()).0
    }

    /// Starts it with its log kept.
    pub(crate) fn start_logged(media: &Path, arguments: &[&str]) -> (Self, ChildStderr) {
        let (program, log) = Self::started(media, arguments, &[], Stdio::piped());
        (program, log.expect("piped"))
    }

    /// Starts it over a bucket's prefix `film`, with its log kept.
    pub(crate) fn start_over(bucket: &Bucket, arguments: &[&str]) -> (Self, ChildStderr) {
        let variables = bucket.environment();
        let (program, log) = Self::started(Path::new("s3://films/film"), arguments, &variables, Stdio::piped());
        (program, log.expect("piped"))
    }

    fn started(
        media: &Path,
        arguments: &[&str],
        variables: &[(&str, String)],
        log: Stdio,
    ) -> (Self, Option<ChildStderr>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_origin"));
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        Self::run(command, media, arguments, log)
    }

    /// Runs a command that is the program, or ends as it.
    pub(crate) fn run(
        mut command: Command,
        media: &Path,
        arguments: &[&str],
        log: Stdio,
    ) -> (Self, Option<ChildStderr>) {
        command.args(["--listen", "127.0.0.1:0", "--media"]).arg(media).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("it can be started");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it says so");
        let rest = line.trim_end().strip_prefix("listening on ").expect("the promised line");
        let (scheme, rest) = rest.split_once("://").expect("a URL");
        let address = rest.trim_end_matches('/').parse().expect("an address");
        let log = child.stderr.take();
        (Self { child, address, scheme: scheme.to_owned() }, log)
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().expect("kill is there").success());
    }

    /// One line of `/proc/…/status`, in bytes.
    pub(crate) fn memory(&self, line: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let value = status.lines().find_map(|text| text.strip_prefix(line)).expect("the line");
        let kilobytes: u64 = value.trim_matches(|c: char| !c.is_ascii_digit()).parse().expect("a number");
        kilobytes * 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
