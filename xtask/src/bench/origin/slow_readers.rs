//! A thousand clients who take their time.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::servers::Running;

const READERS: usize = 1_000;
const LENGTH: Duration = Duration::from_secs(10);
/// Bytes that each of them reads at a time, and how long all of them then wait.
const SIP: usize = 64 * 1024;
const PAUSE: Duration = Duration::from_millis(250);

/// What they cost.
pub(super) struct Cost {
    pub(super) peak_mb: f64,
    pub(super) read_mb: f64,
}

/// Lets them read for a while, each over a connection of its own.
pub(super) fn cost(server: &Running, file: &str) -> Result<Cost> {
    let request = format!("GET /{file} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut readers = Vec::with_capacity(READERS);
    for _ in 0..READERS {
        let mut stream = TcpStream::connect(server.address).context("a reader is refused")?;
        stream.write_all(request.as_bytes())?;
        stream.set_nonblocking(true)?;
        readers.push(stream);
    }
    let (mut peak, mut read_bytes) = (0, 0);
    let mut buffer = vec![0; SIP];
    let mut was_served = vec![false; READERS];
    let end = Instant::now() + LENGTH;
    while Instant::now() < end {
        for (reader, was_served) in readers.iter_mut().zip(&mut was_served) {
            match reader.read(&mut buffer) {
                Ok(read) => {
                    ensure!(read > 0, "the server has left a reader");
                    *was_served = true;
                    read_bytes += read;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error).context("a reader"),
            }
        }
        peak = peak.max(server.resident());
        thread::sleep(PAUSE);
    }
    ensure!(was_served.iter().all(|&was_served| was_served), "not every reader was served");
    Ok(Cost { peak_mb: peak as f64 / 1e6, read_mb: read_bytes as f64 / 1e6 })
}
