//! A film that may be watched while it goes up: manifests that name what is there, and nothing else.
//!
//! Such a manifest has each stream up to the first chunk that is not there, and one rung of each switching set, since the groups of
//! all rungs must agree. Its id is the content id of the whole film, `r`, and up to which millisecond of the film everything
//! is there: `3f…9ar42000`. So it is another one each time, as that of every manifest must be that names other bytes; it is the film's
//! own up to the `r`; and who is told of it knows how far the film can be watched, without a member that no player knows.

use std::collections::HashMap;

use manifest::{Document, Film, MediaTime, READY};
use representation::cache_policy::GROWING;
use store::{Fields, Store};

use super::files::{MANIFEST, Upload, fields_by, is_further_rung};
use crate::Error;

/// A manifest that is to take the place of the one before.
#[derive(Clone, Debug)]
pub(super) struct Grown {
    pub(super) manifest: Upload,
    pub(super) fields: Fields,
}

/// What is there of a film.
pub(super) struct Growing {
    /// Of the whole film, with the rungs that can be watched while it grows.
    document: Document,
    /// Stream and number of each chunk by its name.
    places: HashMap<String, (usize, usize)>,
    /// Of each stream, which chunks are there.
    there: Vec<Vec<bool>>,
    /// How far everything was there by the last manifest, in milliseconds.
    ready: u64,
}

impl Growing {
    /// Nothing is known to be there; `None` where the store already names the whole film.
    pub(super) async fn begin(document: &Document, store: &Store) -> Result<Option<Self>, Error> {
        let current = match store.bytes("manifest.json", Film::LARGEST_MANIFEST as u64).await {
            Ok(json) => Film::parse(&json).ok().and_then(|film| film.id).unwrap_or_default(),
            Err(store::Error::Missing { .. }) => String::new(),
            Err(error) => return Err(error.into()),
        };
        if current == document.id {
            return Ok(None);
        }
        // A run that was broken off has come further than this one has looked.
        let ready = current.strip_prefix(&*document.id).and_then(|rest| rest.strip_prefix(READY)?.parse().ok());
        Ok(Some(Self::new(document, ready.unwrap_or(0))))
    }

    fn new(document: &Document, ready: u64) -> Self {
        let mut watchable = document.clone();
        let mut numbers = 0..;
        watchable.streams.retain(|_| numbers.next().is_some_and(|number| !is_further_rung(&document.streams, number)));
        for stream in watchable.streams.iter_mut().filter(|stream| stream.set.is_some()) {
            // It stands for all of its set, whichever of them is the default.
            stream.default = document.streams.iter().any(|rung| rung.set == stream.set && rung.default);
            stream.set = None;
        }
        let streams = watchable.streams.iter().enumerate();
        let places = streams.flat_map(|(stream, entry)| {
            let chunks = entry.chunks.iter().enumerate();
            chunks.map(move |(number, chunk)| (chunk.url.clone(), (stream, number)))
        });
        let places = places.collect();
        let there = watchable.streams.iter().map(|stream| vec![false; stream.chunks.len()]).collect();
        Self { document: watchable, places, there, ready }
    }

    /// Takes note that a file is there; the manifest of what is there then, where more of the film can be watched by it.
    pub(super) fn note(&mut self, name: &str) -> Option<Grown> {
        let &(stream, number) = self.places.get(name)?;
        self.there[stream][number] = true;
        let mut document = self.document.clone();
        let mut ready = None;
        for (entry, there) in document.streams.iter_mut().zip(&self.there) {
            entry.chunks.truncate(there.iter().take_while(|is_there| **is_there).count());
            let last = entry.chunks.last()?;
            let end = entry.timescale.media_time(last.start.saturating_add_unsigned(last.duration));
            ready =
                Some(ready.map_or((end, end), |(least, most): (MediaTime, MediaTime)| (least.min(end), most.max(end))));
        }
        let (least, most) = ready?;
        let millis = (least.as_seconds() * 1e3).floor().max(0.0) as u64;
        if millis <= self.ready {
            return None;
        }
        self.ready = millis;
        document.duration = most;
        document.id = format!("{}{READY}{millis}", document.id);
        let json = serde_json::to_vec(&document).expect("a manifest has nothing that JSON lacks");
        let manifest = Upload::of_bytes(MANIFEST, json);
        let fields = fields_by(&manifest.name, GROWING);
        Some(Grown { manifest, fields })
    }
}

#[cfg(test)]
mod tests {
    use store::Source;

    use super::*;

    const CUT: &[u8] = include_bytes!("../../../fuzz/corpus/manifest/cut.json");

    /// Pictures in three chunks of 2, 2 and 1 s, and sound in one of 5 s.
    fn film() -> Document {
        let mut document = Document::parse(CUT).expect("a manifest");
        document.id = "0123456789abcdef0123456789abcdef".to_owned();
        for (stream, lengths) in document.streams.iter_mut().zip([&[2, 2, 1][..], &[5]]) {
            let (first, second) = (stream.chunks[0].clone(), u64::from(stream.timescale.get()));
            let mut start = 0;
            stream.chunks.clear();
            for (number, seconds) in lengths.iter().enumerate() {
                let mut chunk = first.clone();
                (chunk.start, chunk.duration) = (start, seconds * second);
                chunk.groups.bytes = vec![chunk.bytes];
                chunk.groups.ticks = vec![(chunk.duration, 1)];
                chunk.url = format!("{}-{number}.mp4", stream.kind_name());
                start += (seconds * second).cast_signed();
                stream.chunks.push(chunk);
            }
        }
        document
    }

    trait Named {
        fn kind_name(&self) -> &'static str;
    }

    impl Named for manifest::StreamEntry {
        fn kind_name(&self) -> &'static str {
            if self.kind == manifest::Kind::Audio { "audio" } else { "video" }
        }
    }

    fn parsed(grown: &Grown) -> Film {
        let Source::Bytes(json) = &grown.manifest.source else { panic!("it is at hand") };
        Film::parse(json).expect("the player takes it")
    }

    #[test]
    fn a_manifest_names_what_is_there_without_holes() {
        let mut growing = Growing::new(&film(), 0);
        assert!(growing.note("video-0.mp4").is_none(), "there is no sound");
        assert!(growing.note("video-2.mp4").is_none());
        assert!(growing.note("0a/init.mp4").is_none(), "it is no chunk");
        let first = growing.note("audio-0.mp4").expect("two seconds can be watched");
        let film = parsed(&first);
        assert_eq!(film.id.as_deref(), Some("0123456789abcdef0123456789abcdefr2000"));
        assert_eq!(film.streams.iter().map(|stream| stream.chunks.len()).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(film.duration.map(MediaTime::as_seconds), Some(5.0), "that of its longest stream");
        let last = growing.note("video-1.mp4").expect("all of it can be watched");
        assert_eq!(parsed(&last).id.as_deref().map(|id| &id[32..]), Some("r5000"));
        assert_eq!(last.fields.cache_control, "public, max-age=1, s-maxage=1");
    }

    #[test]
    fn it_never_names_less_than_before() {
        let mut growing = Growing::new(&film(), 4_000);
        for name in ["audio-0.mp4", "video-0.mp4", "video-1.mp4"] {
            assert!(growing.note(name).is_none(), "{name}");
        }
        assert!(growing.note("video-2.mp4").is_some());
    }

    #[test]
    fn of_a_set_one_rung_grows() {
        let mut document = film();
        document.streams[0].set = Some(1);
        let mut lower = document.streams[0].clone();
        lower.chunks.iter_mut().for_each(|chunk| chunk.url.insert_str(0, "low-"));
        document.streams.insert(1, lower);
        (document.streams[0].default, document.streams[1].default) = (false, true);
        let mut growing = Growing::new(&document, 0);
        assert!(growing.note("low-video-0.mp4").is_none());
        assert!(growing.note("audio-0.mp4").is_none());
        let film = parsed(&growing.note("video-0.mp4").expect("it can be watched"));
        assert_eq!(film.streams.iter().map(|stream| stream.set).collect::<Vec<_>>(), [None, None]);
        assert!(film.streams[0].default, "the one that grows stands for its set");
    }
}
