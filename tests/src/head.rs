//! Heads of HTTP/1.1, as lines.

use std::io::BufRead;

use anyhow::{Result, ensure};

/// Reads a head up to its empty line, and gives its lines.
pub(crate) fn read(reader: &mut impl BufRead) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        ensure!(reader.read_line(&mut line)? > 0, "the connection ended within a head");
        let line = line.trim_end();
        if line.is_empty() {
            ensure!(!lines.is_empty(), "a head without a first line");
            return Ok(lines);
        }
        lines.push(line.to_owned());
    }
}

/// The head as it is sent.
pub(crate) fn text(lines: &[String]) -> String {
    let mut text: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    text.push_str("\r\n");
    text
}

/// The same head for a connection that ends behind the body.
pub(crate) fn closing(lines: &[String]) -> String {
    let mut kept: Vec<String> =
        lines.iter().filter(|line| !line.to_ascii_lowercase().starts_with("connection:")).cloned().collect();
    kept.push("Connection: close".to_owned());
    text(&kept)
}

/// The value of a field, whose name is given in any case.
pub(crate) fn field<'a>(lines: &'a [String], name: &str) -> Option<&'a str> {
    lines.iter().find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
