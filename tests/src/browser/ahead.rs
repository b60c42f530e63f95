//! What runs in a page before its own scripts, for a browser whose driver has no command for that: all that it asks for goes
//! through a proxy, which puts scripts at the head of documents and passes everything else on as it is.

use std::{
    io::{self, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

use socket2::SockRef;

use crate::head;

/// A running proxy. Its threads end with their connections.
#[derive(Debug)]
pub(super) struct Ahead {
    address: String,
    scripts: Arc<Mutex<String>>,
}

impl Ahead {
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port")?;
        let address = listener.local_addr()?.to_string();
        let scripts = Arc::new(Mutex::new(String::new()));
        let known = scripts.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let scripts = known.clone();
                thread::spawn(move || {
                    let Ok(own) = client.try_clone() else { return };
                    // What a server refuses or breaks off is to look as it would without a proxy.
                    if pass(client, &scripts).is_err() {
                        reset(&own);
                    }
                });
            }
        });
        Ok(Self { address, scripts })
    }

    /// Such as `127.0.0.1:40123`.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Runs `source` in every document that is asked for from now on.
    pub(super) fn add(&self, source: &str) {
        let source = source.replace("</script", "<\\/script");
        let mut scripts = self.scripts.lock().expect("no thread panics while it holds the lock");
        // What looks at the document is to find nothing in it that is not the page's.
        scripts.push_str(&format!("<script>document.currentScript.remove();\n{source}\n</script>"));
    }
}

/// Ends a connection as one that breaks, by RST, once nobody holds it any more.
fn reset(connection: &TcpStream) {
    // It may be gone already.
    let _ = SockRef::from(connection).set_linger(Some(Duration::ZERO));
    let _ = connection.shutdown(Shutdown::Read);
}

/// Serves one request, and closes the connection.
fn pass(client: TcpStream, scripts: &Mutex<String>) -> Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut lines = head::read(&mut reader)?;
    let (authority, asked) = own_form(&lines[0]).context("it asks for no address")?;
    let server = TcpStream::connect(&authority)?;
    lines[0] = asked;
    if matches!(head::field(&lines, "sec-fetch-dest"), Some("document" | "iframe")) {
        return pass_document(client, server, lines, scripts);
    }
    let is_upgrade = head::field(&lines, "upgrade").is_some();
    let text = if is_upgrade { head::text(&lines) } else { head::closing(&lines) };
    (&server).write_all(text.as_bytes())?;
    let (back, mut up) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        // Whoever gives a request up closes the connection, and the server is to learn of it.
        let _ = io::copy(&mut reader, &mut up);
        let _ = up.shutdown(Shutdown::Both);
    });
    answer(server, &back, is_upgrade)?;
    // The other direction still holds the connection open.
    let _ = back.shutdown(Shutdown::Both);
    Ok(())
}

fn answer(server: TcpStream, mut client: &TcpStream, is_upgrade: bool) -> Result<()> {
    let mut reader = BufReader::new(server);
    let lines = head::read(&mut reader)?;
    let text = if is_upgrade { head::text(&lines) } else { head::closing(&lines) };
    client.write_all(text.as_bytes())?;
    io::copy(&mut reader, &mut client)?;
    Ok(())
}

/// Where a request goes to, and its first line as the server there expects it.
fn own_form(first: &str) -> Option<(String, String)> {
    let (method, rest) = first.split_once(' ')?;
    let (address, version) = rest.rsplit_once(' ')?;
    let address = address.strip_prefix("http://").or_else(|| address.strip_prefix("ws://"))?;
    let (authority, path) = address.find('/').map_or((address, "/"), |slash| address.split_at(slash));
    let authority = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
    Some((authority, format!("{method} {path} {version}")))
}

/// A document comes whole and as it is: of HTTP/1.0, whose bodies end with the connection.
fn pass_document(
    mut client: TcpStream,
    mut server: TcpStream,
    lines: Vec<String>,
    scripts: &Mutex<String>,
) -> Result<()> {
    const LEFT_OUT: [&str; 3] = ["accept-encoding:", "if-none-match:", "if-modified-since:"];
    let left_out = |line: &String| LEFT_OUT.iter().any(|name| line.to_ascii_lowercase().starts_with(name));
    let mut lines: Vec<String> = lines.into_iter().filter(|line| !left_out(line)).collect();
    lines[0] = lines[0].replace("HTTP/1.1", "HTTP/1.0");
    server.write_all(head::closing(&lines).as_bytes())?;
    let mut reader = BufReader::new(server);
    let mut lines = head::read(&mut reader)?;
    let mut body = Vec::new();
    reader.read_to_end(&mut body)?;
    if head::field(&lines, "content-type").is_some_and(|kind| kind.starts_with("text/html")) {
        let scripts = scripts.lock().expect("no thread panics while it holds the lock").clone();
        body = with_scripts(&String::from_utf8_lossy(&body), &scripts).into_bytes();
        lines.retain(|line| !line.to_ascii_lowercase().starts_with("content-length:"));
        lines.push(format!("Content-Length: {}", body.len()));
    }
    lines[0] = lines[0].replace("HTTP/1.0", "HTTP/1.1");
    client.write_all(head::closing(&lines).as_bytes())?;
    Ok(client.write_all(&body)?)
}

/// Puts them where the head begins, before any policy of the page about scripts. Behind them the page's own word on its encoding would
/// come too late.
fn with_scripts(document: &str, scripts: &str) -> String {
    let after = |tag: &str| Some(document.find(tag)? + document[document.find(tag)?..].find('>')? + 1);
    let place = after("<head").or_else(|| after("<!doctype")).or_else(|| after("<!DOCTYPE")).unwrap_or(0);
    let (before, behind) = document.split_at(place);
    format!("{before}<meta charset=\"utf-8\">{scripts}{behind}")
}
