//! An origin's answer, and how it is delivered.

use std::{
    io::{BufRead, Read},
    time::Duration,
};

use anyhow::{Context, Result, ensure};

/// The most bytes of a head, and of a body that a test reads.
const MOST: u64 = 64 << 20;

/// One answer, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) fields: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// How it reaches the browser: a head, then pieces. The connection ends behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delivery {
    pub(super) head: String,
    pub(super) steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Send(Vec<u8>),
    /// At so many bytes in a second.
    Slowly(Vec<u8>, u32),
    Wait(Duration),
    /// The connection breaks: TCP's RST.
    Reset,
}

impl Answer {
    /// One of the proxy's own, without a body.
    pub(super) fn bare(status: u16, fields: &[(&str, &str)]) -> Self {
        let own = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        let mut answer = Self { status, fields: fields.iter().map(own).collect(), body: Vec::new() };
        answer.set("Content-Length", "0");
        answer.set("Access-Control-Allow-Origin", "*");
        answer.set("Cache-Control", "no-store");
        answer
    }

    /// Reads one to its end.
    pub(super) fn read(reader: &mut impl BufRead) -> Result<Self> {
        let lines = head(reader)?;
        let status = lines[0].split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
        let fields = lines[1..].iter().filter_map(|line| line.split_once(':'));
        let fields: Vec<_> = fields.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
        let mut body = Vec::new();
        reader.take(MOST).read_to_end(&mut body)?;
        Ok(Self { status, fields, body })
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.fields.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    /// Which byte of the object the body begins with.
    pub(super) fn first_byte(&self) -> u64 {
        let range = self.field("content-range").and_then(|range| range.strip_prefix("bytes "));
        range.and_then(|range| range.split('-').next()?.parse().ok()).unwrap_or(0)
    }

    /// All of it at once.
    pub(super) fn whole(self) -> Delivery {
        let steps = vec![Step::Send(self.body.clone())];
        self.with(steps)
    }

    /// Its head, and then these.
    pub(super) fn with(self, steps: Vec<Step>) -> Delivery {
        let kept = self.fields.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("connection"));
        let fields: String = kept.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        Delivery { head: format!("HTTP/1.1 {} \r\n{fields}Connection: close\r\n\r\n", self.status), steps }
    }
}

/// Reads a head up to its empty line, and gives its lines, of which there is at least one.
pub(super) fn head(reader: &mut impl BufRead) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut left = MOST;
    loop {
        let mut line = String::new();
        let count = reader.by_ref().take(left).read_line(&mut line)?;
        ensure!(count > 0, "the connection ended within a head");
        left -= count as u64;
        match line.trim_end() {
            "" if lines.is_empty() => {}
            "" => return Ok(lines),
            line => lines.push(line.to_owned()),
        }
    }
}
