//! What the engine wants fetched, and the tables that have come.

use js_sys::Uint8Array;
use manifest::{ChunkIndex, FragmentTable};
use playback::{Fetch, Input, Object, Span, StreamId};

use super::Driver;
use crate::fetch::Request;
use crate::{digest, rungs};

impl Driver {
    pub(super) fn fetch(&mut self, fetch: &Fetch) {
        let Some(film) = &self.film else { return };
        let (stream, chunk) = fetch.object.place();
        let entry = &film.film.streams[stream.0].chunks[chunk];
        let table = entry.fragments.as_ref().filter(|_| matches!(fetch.object, Object::Table { .. }));
        if table.is_some() {
            self.received[stream.0].table.clear();
        }
        let url = table.map_or(&entry.url, |table| &table.url);
        let boxes = self.received[stream.0].boxes.as_ref().map(|boxes| {
            let only_beginning = matches!(fetch.object, Object::ChunkHead { .. });
            let init = self.engine.init_of(stream, chunk);
            boxes.reader(chunk.0, fetch.start as f64, entry.bytes as f64, init.0, only_beginning)
        });
        // Nothing stays borrowed while the page's own `fetch` runs.
        let requests = self.fetcher.requests.borrow().clone();
        match Request::send(fetch, &film.address(url), &requests, boxes, &self.inbox) {
            Ok(request) => {
                self.requests.push((fetch.request, request));
                if matches!(fetch.object, Object::Chunk { .. }) {
                    self.note(rungs::SENT, fetch.request, 0.0);
                }
            }
            Err(thrown) => self.must(Err(thrown)),
        }
    }

    /// Hashes the table that has come, and reads it.
    pub(super) fn read_table(&mut self, stream: StreamId, chunk: ChunkIndex) {
        let Some(film) = &self.film else { return };
        let entry = &film.film.streams[stream.0].chunks[chunk];
        let length = entry.fragments.as_ref().map_or(0, |table| table.bytes);
        let received = &mut self.received[stream.0].table;
        let bytes = received.get(Span { chunk, start: 0, end: length });
        let table = FragmentTable::decode(&bytes.as_ref().map(Uint8Array::to_vec).unwrap_or_default(), entry.bytes);
        let digest = digest::sha256(bytes.as_ref());
        received.clear();
        self.later(async move { Input::Table { stream, chunk, digest: digest.await, table } });
    }
}
