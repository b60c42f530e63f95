//! A proxy before the real origin that does what a script says: one scenario's server.

use std::{
    io::{BufReader, Write},
    net::{Shutdown, TcpListener, TcpStream},
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use socket2::SockRef;

use super::{
    answer::{Answer, Delivery, Step, head},
    corruption::{Corruption, Struck},
    fault::Fault,
    strike::{Doom, Script, Strikes},
};

/// What is asked for to end the fault.
const HEAL: &str = "/heal";

/// Bytes in one piece.
const PIECE: usize = 16_384;

/// A running proxy. Its threads end with their connections.
#[derive(Debug)]
pub(super) struct Line {
    address: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    strikes: Strikes,
    upstream: String,
    corruption: Corruption,
    asked: AtomicUsize,
}

impl Line {
    /// Stands before the origin at `upstream`, such as `http://127.0.0.1:40123`.
    pub(super) fn before(upstream: &str, script: Script, corruption: Corruption) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port")?;
        let address = format!("http://{}", listener.local_addr()?);
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let shared =
            Arc::new(Shared { strikes: Strikes::new(script), upstream, corruption, asked: AtomicUsize::new(0) });
        let own = shared.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let shared = own.clone();
                // A browser that gives a request up breaks the connection: that is no failure here.
                thread::spawn(move || drop(shared.serve(&client)));
            }
        });
        Ok(Self { address, shared })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn strikes(&self) -> &Strikes {
        &self.shared.strikes
    }

    /// What has come damaged.
    pub(super) fn struck(&self) -> Vec<Struck> {
        self.shared.corruption.struck()
    }

    /// How many requests for media there were.
    pub(super) fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }
}

impl Shared {
    /// Serves one request, and ends the connection.
    fn serve(&self, client: &TcpStream) -> Result<()> {
        if self.strikes.is_away() {
            return reset(client);
        }
        let request = head(&mut BufReader::new(client.try_clone()?))?;
        let path = request[0].split(' ').nth(1).unwrap_or_default();
        if path == HEAL {
            self.strikes.heal();
            return self.deliver(client, Answer::bare(204, &[]).whole());
        }
        if !path.starts_with("/media/") {
            let answer = self.ask(&request, path, true)?;
            return self.deliver(client, answer.whole());
        }
        self.asked.fetch_add(1, Ordering::SeqCst);
        let delivery = match self.strikes.judge(path, &asked(&request)) {
            Doom::Refuse => return reset(client),
            Doom::Pass => self.ask(&request, path, true)?.whole(),
            Doom::Cut(at) => Fault::Truncate.strike(self.ask(&request, path, true)?, at, ""),
            Doom::OtherTag => {
                let mut answer = self.ask(&request, path, true)?;
                answer.set("ETag", "\"another\"");
                answer.whole()
            }
            Doom::Strike(at) => {
                let fault = &self.strikes.script.fault;
                let (path, elsewhere) = match fault {
                    Fault::Yesterday => (another_chunk(path), String::new()),
                    _ => (path.to_owned(), format!("http://{}{path}", self.upstream)),
                };
                let mut answer = self.ask(&request, &path, *fault != Fault::Whole)?;
                if fault.is_corruption() {
                    let object = path.split('?').next().unwrap_or_default();
                    self.corruption.strike(object, answer.first_byte(), &mut answer.body);
                }
                fault.strike(answer, at, &elsewhere)
            }
        };
        self.deliver(client, delivery)
    }

    /// The origin's own answer.
    fn ask(&self, request: &[String], path: &str, has_range: bool) -> Result<Answer> {
        let mut server = TcpStream::connect(&self.upstream)?;
        let method = request[0].split(' ').next().unwrap_or("GET");
        let is_kept = |line: &&String| {
            let line = line.to_ascii_lowercase();
            // What is compressed is compressed here.
            let dropped = ["connection:", "accept-encoding:", "if-none-match:", "if-modified-since:"];
            !dropped.iter().any(|name| line.starts_with(name)) && (has_range || !line.starts_with("range:"))
        };
        let fields: String = request[1..].iter().filter(is_kept).map(|line| format!("{line}\r\n")).collect();
        server.write_all(format!("{method} {path} HTTP/1.1\r\n{fields}Connection: close\r\n\r\n").as_bytes())?;
        Answer::read(&mut BufReader::new(server))
    }

    fn deliver(&self, mut client: &TcpStream, delivery: Delivery) -> Result<()> {
        client.write_all(delivery.head.as_bytes())?;
        for step in delivery.steps {
            match step {
                Step::Wait(time) => thread::sleep(time),
                Step::Reset => return reset(client),
                Step::Send(bytes) => self.send(client, &bytes, None)?,
                Step::Slowly(bytes, rate) => self.send(client, &bytes, Some(rate))?,
            }
        }
        Ok(client.shutdown(Shutdown::Write)?)
    }

    /// Sends in pieces, each as the line is then.
    fn send(&self, mut client: &TcpStream, mut bytes: &[u8], own: Option<u32>) -> Result<()> {
        while !bytes.is_empty() {
            if self.strikes.is_away() {
                return reset(client);
            }
            let rate = own.or_else(|| self.strikes.pace());
            // What comes slowly comes in pieces of a tenth of a second.
            let most = rate.map_or(PIECE, |rate| (rate as usize / 10).clamp(1, PIECE));
            let (piece, rest) = bytes.split_at(most.min(bytes.len()));
            if let Some(rate) = rate {
                thread::sleep(Duration::from_secs_f64(piece.len() as f64 / f64::from(rate)));
            }
            client.write_all(piece)?;
            bytes = rest;
        }
        Ok(())
    }
}

/// Ends a connection by RST.
fn reset(client: &TcpStream) -> Result<()> {
    SockRef::from(client).set_linger(Some(Duration::ZERO))?;
    anyhow::bail!("the connection is reset")
}

/// The bytes that a request asks for.
fn asked(request: &[String]) -> Range<u64> {
    let range = request.iter().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("range").then(|| value.trim().strip_prefix("bytes="))?
    });
    let Some((first, last)) = range.and_then(|range| range.split_once('-')) else { return 0..u64::MAX };
    first.parse().unwrap_or(0)..last.parse().map_or(u64::MAX, |last: u64| last.saturating_add(1))
}

/// Another chunk of the same stream: the first, or the second in its place.
fn another_chunk(path: &str) -> String {
    let (directory, file) = path.rsplit_once('/').unwrap_or_default();
    let file = file.split('?').next().unwrap_or_default();
    let (name, ending) = file.split_once('.').unwrap_or_default();
    let other = if name.parse() == Ok(1) { 2 } else { 1 };
    format!("{directory}/{other:0width$}.{ending}", width = name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_it_is_asked_for() {
        let asked = |range: &str| asked(&["GET / HTTP/1.1".to_owned(), range.to_owned()]);
        assert_eq!(asked("Range: bytes=5-9"), 5..10);
        assert_eq!(asked("range: bytes=5-"), 5..u64::MAX);
        assert_eq!(asked("Accept: */*"), 0..u64::MAX);
    }

    #[test]
    fn another_chunk_is_one_of_the_same_stream() {
        assert_eq!(another_chunk("/a/video-1/0003.mp4?again=2"), "/a/video-1/0001.mp4");
        assert_eq!(another_chunk("/a/video-1/0001.mp4"), "/a/video-1/0002.mp4");
    }
}
