//! A server that is asked, and what matters of its answers.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::Case;

fn exchange(address: SocketAddr, request: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
    stream.write_all(request.as_bytes()).expect("room");
    let mut response = Vec::new();
    // A server that answers before it has read everything may reset the connection behind its answer.
    let _ = stream.read_to_end(&mut response);
    response
}

/// One that is asked.
pub(super) struct Server {
    address: SocketAddr,
    tag: String,
}

/// When the files were changed last, in seconds since 1970.
pub(super) const CHANGED: u64 = 1_600_000_000;

impl Server {
    pub(super) fn new(address: SocketAddr) -> Self {
        let head = exchange(address, "HEAD /f HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let head = String::from_utf8(head).expect("a head is text");
        let tag = field(&head, "etag").expect("a tag").to_owned();
        assert_eq!(field(&head, "last-modified"), Some(date(0).as_str()));
        Self { address, tag }
    }

    /// The status, and what else matters of an answer with that status.
    pub(super) fn outcome(&self, case: &Case) -> String {
        let version = if case.line.contains(" HTTP/") { "" } else { " HTTP/1.1" };
        let mut request = format!("{}{version}\r\n", case.line);
        if !case.fields.contains(&("Host", "NONE")) {
            request += "Host: a\r\n";
        }
        for (name, value) in case.fields.iter().filter(|(_, value)| *value != "NONE") {
            let value = value.replace("TAG", &self.tag).replace("DATE", &date(0));
            let value = value.replace("BEFORE", &date(-60)).replace("AFTER", &date(60));
            let _ = write!(request, "{name}: {value}\r\n");
        }
        let response = exchange(self.address, &format!("{request}Connection: close\r\n\r\n"));
        describe(&response)
    }
}

fn describe(response: &[u8]) -> String {
    let end = response
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("no whole head: {:?}", String::from_utf8_lossy(response)))
        + 4;
    let (head, body) = (String::from_utf8_lossy(&response[..end]), &response[end..]);
    let status = head.get(9..12).expect("a status");
    let place = field(&head, "content-range");
    match status {
        "200" => {
            let length: usize = field(&head, "content-length").and_then(|text| text.parse().ok()).expect("a length");
            let of = if body.len() == length { String::new() } else { format!(" of {length}") };
            format!("200, {}{of} bytes", body.len())
        }
        "206" if place.is_some() => format!("206, {}", place.unwrap_or_default()),
        "206" => {
            let text = String::from_utf8_lossy(body).to_ascii_lowercase();
            format!("206, {} parts", text.matches("content-range:").count())
        }
        "416" => format!("416, {}", place.unwrap_or("no Content-Range")),
        "204" | "405" => format!(
            "{status}, {}",
            field(&head, "allow").map_or("no Allow".to_owned(), |list| format!("Allow: {list}"))
        ),
        _ => status.to_owned(),
    }
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

/// `CHANGED` and so many seconds, as HTTP writes it: a Sunday of September 2020.
fn date(offset: i64) -> String {
    let second = i64::try_from(CHANGED).expect("small") + offset;
    let day_second = second.rem_euclid(86_400);
    format!("Sun, 13 Sep 2020 {:02}:{:02}:{:02} GMT", day_second / 3600, day_second / 60 % 60, day_second % 60)
}
