//! The plain manifest: an array of `{url, bytes}` over fragmented chunks, one muxed stream, nothing else said.

use serde::Deserialize;

use crate::check::{ensure, url};
use crate::whole::whole;
use crate::{Chunk, Error, Film, MediaTime, Stream};

/// A chunk as the array names it.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Entry {
    url: String,
    #[serde(deserialize_with = "whole")]
    bytes: u64,
}

pub(crate) fn film(entries: Vec<Entry>) -> Result<Film, Error> {
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
    let (subtitles, chapters) = (Vec::new(), Vec::new());
    Ok(Film { id: None, name: None, duration: None, streams: vec![stream], subtitles, thumbnails: None, chapters })
}
