//! Links with round trips, losses and steps of their rate, for real: packets between two network namespaces, nginx with HTTP/1.1 or with
//! HTTP/2 over TLS at one end, a browser at the other.
//!
//! 1. [`Links`] lays the link, starts the server at its one end and this program again at the other.
//! 2. There a page first fetches the film's bytes alone, one file after the other: what the link carries, and when.
//! 3. Then the film is played. It may stand still for as long as those bytes came too late for it, and for little longer.
//!
//! A link whose rate takes turns begins anew with the first of them before each of the two.

mod inside;
mod links;

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Mutex,
    thread,
};

use anyhow::{Context, Result, ensure};
use player_bench::{Certificate, Link, Network, Server};
use serde_json::json;
use tempfile::TempDir;

use self::inside::{Bare, Report, Task};
use super::{
    judge::{Course, Told, wrong_pictures},
    stage::{PAGES, film},
};
use crate::{Cut, Kind, Recoded, Site, place};
use links::LINKS;

/// On the command line: that the program is at the viewer's end, and is told its task on its input.
pub const INSIDE: &str = "--inside";

/// Where all servers are (`player_bench`'s).
const SERVER: &str = "10.77.0.2";

/// Round trips that a player may take until there is a picture: three for connection and TLS, one each for manifest, fragment table and init, and
/// four for a group of 90 kB while TCP begins with ten packets and doubles them.
const TRIPS: f64 = 10.0;

/// Seconds after which a lost SYN is sent again (RFC 6298, section 2).
const SYN: f64 = 1.0;

/// Seconds on top of a round trip after which TCP sends again what nobody has acknowledged, at the least (Linux).
const RETRANSMISSION: f64 = 0.2;

/// Bytes of a packet.
const PACKET: f64 = 1448.0;

/// Seconds more than alone, with several browsers on few processors.
const SLACK: f64 = 1.0;

/// How the film is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1 over TCP.
    Http1,
    /// HTTP/2 over TLS.
    Http2,
}

impl Protocol {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Http1, Self::Http2];

    /// As browsers call it.
    const fn name(self) -> &'static str {
        match self {
            Self::Http1 => "http/1.1",
            Self::Http2 => "h2",
        }
    }
}

/// The film, and what serves it.
#[derive(Debug)]
pub struct Links {
    film: Recoded,
    cut: Cut,
    site: Site,
    nginx: PathBuf,
    certificate: Certificate,
    _keys: TempDir,
}

/// What came of one link.
#[derive(Clone, Debug, Default)]
pub struct Shaped {
    /// Its name.
    pub link: &'static str,
    /// By which protocol the browser says it came.
    pub protocol: String,
    /// Seconds that the film's bytes took alone.
    pub bare: f64,
    /// Seconds for which the film had to stand still by that.
    pub forced: f64,
    /// Seconds for which it did.
    pub stood: f64,
    /// How many pictures were read.
    pub pictures: usize,
    /// What is not as it is to be.
    pub wrong: Vec<String>,
}

impl Links {
    /// Makes and cuts the film.
    ///
    /// # Errors
    /// When one of the programs or the package is not there.
    pub fn prepare() -> Result<Self> {
        let (film, cut) = film()?;
        let site = Site::example("minimal")?;
        for (name, text) in PAGES {
            std::fs::write(site.path().join(name), text)?;
        }
        site.add(cut.path(), "media/current")?;
        player_bench::compress(site.path())?;
        let keys = TempDir::new_in(place::scratch()?)?;
        let certificate = certify(keys.path())?;
        let nginx = std::env::var_os("NGINX").map_or_else(|| "/usr/sbin/nginx".into(), PathBuf::from);
        Ok(Self { film, cut, site, nginx, certificate, _keys: keys })
    }

    /// Plays the film over every link whose name has these words, by each protocol, so many at once; `tell` hears of each.
    ///
    /// # Panics
    /// When `tell` does.
    pub fn play_all(&self, kind: Kind, words: &str, at_once: usize, tell: impl Fn(&Shaped) + Sync) -> Vec<Shaped> {
        let chosen = LINKS.iter().filter(|link| link.name.contains(words));
        let waiting = Mutex::new(chosen.flat_map(|link| Protocol::ALL.map(|protocol| (link, protocol))));
        let outcomes = Mutex::new(Vec::new());
        let next = || waiting.lock().expect("no thread panics while it holds the lock").next();
        let play_on = || {
            while let Some((link, protocol)) = next() {
                let failed = |error| Shaped {
                    link: link.name,
                    protocol: protocol.name().to_owned(),
                    wrong: vec![format!("{error:#}")],
                    ..Shaped::default()
                };
                let outcome = self.play(link, protocol, kind).unwrap_or_else(failed);
                tell(&outcome);
                outcomes.lock().expect("no thread panics while it holds the lock").push(outcome);
            }
        };
        thread::scope(|scope| (0..at_once).for_each(|_| drop(scope.spawn(play_on))));
        outcomes.into_inner().expect("no thread panics while it holds the lock")
    }

    /// Plays the film over a link in a browser.
    ///
    /// # Errors
    /// When the link cannot be laid, or the browser fails.
    fn play(&self, link: &Link, protocol: Protocol, kind: Kind) -> Result<Shaped> {
        let network = Network::lay(link)?;
        let scratch = TempDir::new_in(place::scratch()?)?;
        let (root, scratch) = (self.site.path(), scratch.path());
        let server = match protocol {
            Protocol::Http1 => Server::start(&network, &self.nginx, root, scratch)?,
            Protocol::Http2 => Server::start_secure(&network, &self.nginx, root, scratch, &self.certificate)?,
        };
        let task = Task {
            origin: server.origin.clone(),
            is_firefox: kind == Kind::Firefox,
            files: self.files(),
            setting: json!({ "id": link.name, "options": {}, "rate": 1, "seek": null, "hasEyes": false, "waits": true }),
        };
        let mut inside = network.client(std::env::current_exe()?);
        inside.arg(INSIDE).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut inside = inside.spawn().context("cannot start this program at the link's other end")?;
        inside.stdin.take().context("its input is a pipe")?.write_all(&serde_json::to_vec(&task)?)?;
        let mut said = String::new();
        for line in BufReader::new(inside.stdout.take().context("its output is a pipe")?).lines() {
            said = line?;
            if said.is_empty() {
                network.begin_steps();
            }
        }
        ensure!(inside.wait()?.success(), "{}: the viewer's end failed", link.name);
        let report = serde_json::from_str(&said).context("the viewer's end says something else")?;
        self.judge(link, protocol, kind, &report)
    }

    /// All chunks, in the order in which they are needed.
    fn files(&self) -> Vec<String> {
        let streams = self.cut.document().streams.iter();
        let mut chunks: Vec<_> = streams
            .flat_map(|stream| {
                let scale = f64::from(stream.timescale.get());
                stream
                    .chunks
                    .iter()
                    .map(move |chunk| (chunk.start as f64 / scale, format!("/media/current/{}", chunk.url)))
            })
            .collect();
        chunks.sort_by(|a, b| a.0.total_cmp(&b.0));
        chunks.into_iter().map(|(_, file)| file).collect()
    }

    fn judge(&self, link: &Link, protocol: Protocol, kind: Kind, report: &Report) -> Result<Shaped> {
        let told: Told = serde_json::from_value(report.told.clone()).context("the page's report is incomplete")?;
        let forced = forced(&report.bare, f64::from(self.film.film.seconds));
        let mut wrong = wrong_pictures(&told, (&self.film.film, kind), Course::default(), |_| false);
        wrong.extend(told.errors.iter().filter(|error| error.fatal).map(|error| error.message.clone()));
        if !told.is_ended {
            wrong.push(format!("it did not end: {} at {} s", told.state, told.at));
        }
        if report.bare.protocol != protocol.name() {
            wrong.push(format!("it came by {}", report.bare.protocol));
        }
        let bytes = report.bare.arrivals.last().map_or(0, |(_, bytes)| *bytes);
        let most = forced + losses(link, bytes as f64) + link.round_trip().as_secs_f64() * TRIPS + SYN + SLACK;
        if told.stood > most {
            wrong.push(format!("it stood still for {:.1} s, {most:.1} s were due at most", told.stood));
        }
        let bare = report.bare.arrivals.last().map_or(0.0, |(time, _)| time / 1e3);
        let (pictures, protocol) = (told.frames.len(), report.bare.protocol.clone());
        Ok(Shaped { link: link.name, protocol, bare, forced, stood: told.stood, pictures, wrong })
    }
}

impl Shaped {
    /// As a row of a table: link, protocol, seconds of the bare download, forced and real standstill, pictures, what is wrong.
    #[must_use]
    pub fn row(&self) -> String {
        let Self { link, protocol, bare, forced, stood, pictures, wrong } = self;
        format!(
            "| {link} | {protocol} | {bare:.1} s | {forced:.1} s | {stood:.1} s | {pictures} | {} |",
            wrong.join("; ")
        )
    }
}

/// At the viewer's end: does what it is told, says in an empty line that a download begins, and at last what came of it.
///
/// # Errors
/// When the browser fails.
pub async fn inside(input: impl Read, mut output: impl Write) -> Result<()> {
    let task = serde_json::from_reader(input).context("no task")?;
    let report = inside::run(&task, || writeln!(output).context("nobody listens")).await?;
    serde_json::to_writer(output, &report).context("nobody listens")
}

/// For how many seconds a film stands still at least that needs each byte in its turn, where they came as they did.
fn forced(bare: &Bare, duration: f64) -> f64 {
    let total = bare.arrivals.last().map_or(0, |(_, bytes)| *bytes).max(1) as f64;
    let mut before = 0;
    let late = bare.arrivals.iter().map(|&(time, bytes)| {
        let late = time / 1e3 - before as f64 / total * duration;
        before = bytes;
        late
    });
    late.fold(0.0, f64::max)
}

/// Seconds by which chance may delay the film more than the bare download. Each loses about as many packets as the link says; of two such numbers
/// one is greater than the other by less than two standard deviations 39 times in 40. A loss costs a retransmission timer at most.
fn losses(link: &Link, bytes: f64) -> f64 {
    let lost = bytes / PACKET * link.lost();
    2.0 * (2.0 * lost).sqrt() * (link.round_trip().as_secs_f64() + RETRANSMISSION)
}

/// A certificate of the server's own.
fn certify(directory: &Path) -> Result<Certificate> {
    let made = rcgen::generate_simple_self_signed(vec![SERVER.to_owned()])?;
    let certificate = Certificate { chain: directory.join("certificate.pem"), key: directory.join("key.pem") };
    std::fs::write(&certificate.chain, made.cert.pem())?;
    std::fs::write(&certificate.key, made.signing_key.serialize_pem())?;
    Ok(certificate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(arrivals: &[(f64, u64)]) -> Bare {
        Bare { arrivals: arrivals.to_vec(), protocol: String::new() }
    }

    #[test]
    fn a_film_stands_still_for_as_long_as_its_bytes_are_late() {
        let close = |found: f64, due: f64| assert!((found - due).abs() < 1e-9, "{found} s instead of {due} s");
        // Ten seconds in a hundred bytes, each second of which comes in one, after a beginning of half a second.
        let steady: Vec<_> = (1..=10_u32).map(|n| (500.0 + f64::from(n) * 1e3, 10 * u64::from(n))).collect();
        close(forced(&bare(&steady), 10.0), 1.5);
        close(forced(&bare(&[(100.0, 50), (200.0, 100)]), 10.0), 0.1);
        // The second half is there 3 s after the first has been watched.
        close(forced(&bare(&[(100.0, 50), (8_000.0, 100)]), 10.0), 3.0);
        close(forced(&bare(&[]), 10.0), 0.0);
    }

    #[test]
    fn more_packets_that_are_lost_may_delay_a_film_longer() {
        let delay = |lost| losses(&Link::new("", 5_000_000, 300, lost), PACKET * 1_000.0);
        assert!(delay(0).abs() < 1e-9 && (delay(2) - 2.0).abs() < 1e-9 && (delay(32) - 8.0).abs() < 1e-9);
    }

    #[test]
    fn links_have_names_of_their_own() {
        let names: std::collections::BTreeSet<_> = LINKS.iter().map(|link| link.name).collect();
        assert_eq!(names.len(), LINKS.len());
    }
}
