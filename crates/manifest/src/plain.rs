//! The plain manifest: an array of `{url, bytes}` over fragmented chunks, one muxed stream, nothing else said.

use crate::check::{ensure, url};
use crate::json::read;
use crate::read::file;
use crate::{Chunk, Error, Film, MediaTime, Stream};

pub(crate) fn parse(bytes: &[u8]) -> Result<Film, Error> {
    let mut entries = Vec::new();
    read(bytes, |json| {
        json.array(&mut |json| {
            let (url, bytes, ..) = file(json)?;
            entries.push((url, json.need(bytes, "bytes")?));
            Ok(())
        })
    })?;
    ensure(!entries.is_empty(), "[]", || "it names no chunks".into())?;
    let chunks = entries.into_iter().enumerate().map(|(at, (name, bytes))| {
        let place = format!("[{at}]");
        ensure(bytes > 0, &place, || "a chunk has no bytes".into())?;
        Ok(Chunk {
            url: url(name, &place)?,
            bytes,
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
