//! What a page tells a test, by requests of its own.

use std::{
    io::{BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use serde::Deserialize;
use tokio::sync::mpsc;

use crate::{Event, Frame, head};

/// The longest that a page says nothing. It only keeps a broken one from being waited for for ever.
const PATIENCE: Duration = Duration::from_secs(180);

/// More than a page has ever to say at once.
const LONGEST: usize = 64 << 20;

/// Something told.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Told {
    /// Its tab is to be hidden for so many milliseconds.
    Hide(u64),
    /// All acts are done.
    Done(Box<Done>),
    /// One of them cannot be.
    Failed(String),
}

/// What was seen since the last time, and what the page holds.
#[derive(Debug, Deserialize)]
pub(super) struct Done {
    pub(super) sought: Vec<Sought>,
    pub(super) frames: Vec<Frame>,
    pub(super) events: Vec<Event>,
    pub(super) wasm: f64,
    pub(super) requests: f64,
    pub(super) buffered: f64,
    pub(super) received: f64,
}

/// What a seek has shown.
#[derive(Debug, Deserialize)]
pub(super) struct Sought {
    /// Where it went, in seconds.
    pub(super) to: f64,
    /// The picture there.
    pub(super) shown: Option<Frame>,
}

/// Where pages tell.
pub(super) struct Ear {
    address: String,
    told: mpsc::Receiver<Told>,
}

impl Ear {
    /// # Errors
    /// When there is no port.
    pub(super) fn open() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port")?;
        let address = format!("http://{}/", listener.local_addr()?);
        let (sender, told) = mpsc::channel(8);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // Each by itself: where connecting takes long, Chromium tries a second time, and says nothing over one of the two.
                let sender = sender.clone();
                thread::spawn(move || {
                    // What is no message is missed, and what misses it says so.
                    if let Ok(message) = hear(client) {
                        let _ = sender.blocking_send(message);
                    }
                });
            }
        });
        Ok(Self { address, told })
    }

    /// For the page.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// What is told next.
    pub(super) async fn next(&mut self) -> Result<Told> {
        let told = tokio::time::timeout(PATIENCE, self.told.recv()).await;
        told.with_context(|| format!("the page has said nothing for {} s", PATIENCE.as_secs()))?
            .context("nobody listens")
    }
}

fn hear(mut client: TcpStream) -> Result<Told> {
    let mut reader = BufReader::new(client.try_clone()?);
    let lines = head::read(&mut reader)?;
    let length: usize = head::field(&lines, "content-length").context("no length")?.parse()?;
    let mut body = Vec::new();
    reader.take(length.min(LONGEST) as u64).read_to_end(&mut body)?;
    client.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")?;
    Ok(serde_json::from_slice(&body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_over_which_nothing_is_said_keeps_no_other_waiting() {
        let mut ear = Ear::open().expect("a port");
        let address = ear.address().trim_start_matches("http://").trim_end_matches('/').to_owned();
        let silent = TcpStream::connect(&address).expect("an ear");
        let mut client = TcpStream::connect(&address).expect("an ear");
        let message = "POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n{\"hide\":50}";
        client.write_all(message.as_bytes()).expect("room");
        assert!(matches!(ear.next().await.expect("a message"), Told::Hide(50)));
        drop(silent);
    }
}
