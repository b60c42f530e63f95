//! A cache between page and origin that damages bytes on their way, or delays them.

use std::{
    io::{BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{Origin, head};

/// A byte of one object that comes damaged.
#[derive(Clone, Debug)]
pub struct Damage {
    /// What the object's path ends with.
    pub object: String,
    /// Which byte of it.
    pub offset: u64,
    /// In how many answers.
    pub times: usize,
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Fate {
    /// The origin answers it.
    Pass,
    /// The origin answers it, and its bytes come at so many bits in a second.
    Slowly(u32),
    /// Another origin does.
    Elsewhere(String),
    /// Nobody does, until the client has had enough.
    Silence,
    /// The proxy does, with this head and body.
    Answer(String),
}

/// Decides by the lines of a request's head.
type Rule = dyn Fn(&[String]) -> Fate + Send + Sync;

/// A running proxy. Its threads end with their connections.
#[derive(Debug)]
pub struct Proxy {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Stands before `origin`.
    ///
    /// # Errors
    /// When there is no port.
    pub fn before(origin: &Origin, damage: Damage) -> Result<Self> {
        Self::start(origin, damage, Arc::new(|_: &[String]| Fate::Pass))
    }

    /// Stands before `origin`, and lets a rule decide what becomes of each request.
    ///
    /// # Errors
    /// When there is no port.
    pub fn ruled(origin: &Origin, rule: impl Fn(&[String]) -> Fate + Send + Sync + 'static) -> Result<Self> {
        Self::start(origin, Damage { object: String::new(), offset: 0, times: 0 }, Arc::new(rule))
    }

    fn start(origin: &Origin, damage: Damage, rule: Arc<Rule>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port")?;
        let address = format!("http://{}", listener.local_addr()?);
        let upstream = origin.address().trim_start_matches("http://").to_owned();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, left) = (asked.clone(), Arc::new(AtomicUsize::new(damage.times)));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (upstream, damage, log, left) = (upstream.clone(), damage.clone(), log.clone(), left.clone());
                let rule = rule.clone();
                // A browser that gives a request up breaks the connection: that is no failure here.
                thread::spawn(move || drop(pass(client, &upstream, &damage, &left, &log, &*rule)));
            }
        });
        Ok(Self { address, asked })
    }

    /// Such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The paths, with their queries, that have been asked for.
    ///
    /// # Panics
    /// If a thread of the proxy has.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no thread panics while it holds the lock").clone()
    }
}

/// Serves one request, and closes the connection.
fn pass(
    client: TcpStream,
    upstream: &str,
    damage: &Damage,
    left: &AtomicUsize,
    log: &Mutex<Vec<String>>,
    rule: &Rule,
) -> Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let request = head::read(&mut reader)?;
    let path = request[0].split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().expect("no thread panics while it holds the lock").push(path.clone());

    let mut client = client;
    let mut rate = None;
    let upstream = match rule(&request) {
        Fate::Pass => upstream.to_owned(),
        Fate::Slowly(bits) => {
            rate = Some(bits);
            upstream.to_owned()
        }
        Fate::Elsewhere(address) => address.trim_start_matches("http://").to_owned(),
        Fate::Silence => return Ok(client.read_to_end(&mut Vec::new()).map(drop)?),
        Fate::Answer(answer) => return Ok(client.write_all(answer.as_bytes())?),
    };
    let mut server = TcpStream::connect(upstream)?;
    server.write_all(head::closing(&request).as_bytes())?;
    let mut answer = BufReader::new(server);
    let lines = head::read(&mut answer)?;
    let is_hit = path.split('?').next().is_some_and(|path| path.ends_with(&damage.object));
    let offset = first_byte(&lines);
    let mut bad = is_hit.then(|| damage.offset.checked_sub(offset)).flatten();
    if bad.is_some_and(|at| length(&lines).is_none_or(|length| at >= length)) || left.load(Ordering::SeqCst) == 0 {
        bad = None;
    }
    if bad.is_some() {
        left.fetch_sub(1, Ordering::SeqCst);
    }
    client.write_all(head::closing(&lines).as_bytes())?;
    let (mut buffer, mut at) = ([0_u8; 65_536], 0_u64);
    // What comes slowly comes in small pieces.
    let most = if rate.is_some() { 4_096 } else { buffer.len() };
    loop {
        let count = answer.read(&mut buffer[..most])?;
        if count == 0 {
            return Ok(());
        }
        if let Some(bad) = bad.filter(|bad| (at..at + count as u64).contains(bad)) {
            buffer[usize::try_from(bad - at)?] ^= 0xff;
        }
        if let Some(bits) = rate {
            thread::sleep(Duration::from_secs_f64(count as f64 * 8.0 / f64::from(bits)));
        }
        client.write_all(&buffer[..count])?;
        at += count as u64;
    }
}

/// Which byte of the object the body begins with.
fn first_byte(lines: &[String]) -> u64 {
    let range = head::field(lines, "content-range").and_then(|range| range.strip_prefix("bytes "));
    range.and_then(|range| range.split('-').next()?.parse().ok()).unwrap_or(0)
}

fn length(lines: &[String]) -> Option<u64> {
    head::field(lines, "content-length")?.parse().ok()
}
