//! The plain manifest: an array of `{url, bytes}` over fragmented chunks, one muxed stream, nothing else said.

use serde::Deserialize;

use crate::check::{ensure, url};
use crate::{Chunk, Error, Film, MediaTime, Stream};

#[derive(Deserialize)]
struct Entry {
    url: String,
    bytes: u64,
}

pub(crate) fn parse(bytes: &[u8]) -> Result<Film, Error> {
    let entries: Vec<Entry> = serde_json::from_slice(bytes).map_err(|error| Error::Json(error.to_string()))?;
    ensure(!entries.is_empty(), "[]", || "it names no chunks".into())?;
    let chunks = entries.into_iter().enumerate().map(|(at, entry)| {
        let place = format!("[{at}]");
        ensure(entry.bytes > 0, &place, || "a chunk has no bytes".into())?;
        Ok(Chunk {
            url: url(entry.url, &place)?,
            bytes: entry.bytes,
            sha256: None,
            start: (at == 0).then_some(MediaTime::ZERO),
            end: None,
            groups: Vec::new(),
            fragments: None,
        })
    });
    let stream = Stream::unknown(chunks.collect::<Result<_, Error>>()?);
    Ok(Film { id: None, name: None, duration: None, streams: vec![stream], subtitles: Vec::new(), thumbnails: None })
}
