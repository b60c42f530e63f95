//! From a document to a film: every number is held against every other.

use crate::base64;
use crate::document::{ChunkEntry, InitEntry, StreamEntry};
use crate::index::Group;
use crate::{
    Cause, ChapterEntry, Chunk, Document, Error, Film, FragmentTable, FragmentTableRef, Init, MediaTime, Stream,
    Subtitles, Thumbnails, Timescale,
};

/// More groups than a stream of a year has: run lengths come from the network, and each asks for memory.
const MOST_GROUPS: usize = 1 << 24;

/// More fragments than a chunk of a day has: a table is held before its digest can be compared.
const MOST_FRAGMENTS: u64 = 1 << 20;

/// The most chapters of a film, of each of which a page draws a mark; films have dozens.
pub const MOST_CHAPTERS: usize = 4_096;

/// A fragment has at least the headers of `moof` and `mdat`.
const LEAST_FRAGMENT: u64 = 16;

impl Document {
    /// Holds every number against every other.
    ///
    /// # Errors
    /// [`Cause::Invalid`] names the place of the first contradiction.
    pub fn check(self) -> Result<Film, Error> {
        let id_is_safe = !self.id.is_empty() && self.id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        ensure(id_is_safe, "id", || "it is not a content id".into())?;
        ensure(self.duration > MediaTime::ZERO, "duration", || "a film has a length".into())?;
        ensure(!self.streams.is_empty(), "streams", || "there is none".into())?;
        let streams = self.streams.into_iter().enumerate();
        let streams =
            streams.map(|(at, entry)| stream(entry, &format!("streams[{at}]"))).collect::<Result<Vec<_>, _>>()?;
        sets(&streams)?;
        let subtitles = self.subtitles.into_iter().enumerate().map(|(at, entry)| {
            let url = url(entry.url, &format!("subtitles[{at}]"))?;
            Ok(Subtitles { url, language: entry.language, label: entry.label, default: entry.default })
        });
        Ok(Film {
            id: Some(self.id),
            name: self.name,
            duration: Some(self.duration),
            streams,
            chapters: chapters(self.chapters)?,
            subtitles: subtitles.collect::<Result<_, Error>>()?,
            thumbnails: match self.thumbnails {
                Some(entry) => Some(Thumbnails { url: url(entry.url, "thumbnails")? }),
                None => None,
            },
        })
    }
}

/// In order, and no more than anybody looks at.
fn chapters(entries: Vec<ChapterEntry>) -> Result<Vec<ChapterEntry>, Error> {
    ensure(entries.len() <= MOST_CHAPTERS, "chapters", || format!("there are more than {MOST_CHAPTERS}"))?;
    let mut earliest = MediaTime::ZERO;
    for (at, entry) in entries.iter().enumerate() {
        let is_later = if at == 0 { entry.start >= earliest } else { entry.start > earliest };
        ensure(is_later, &format!("chapters[{at}]"), || format!("it begins at {}, too early", entry.start))?;
        earliest = entry.start;
    }
    Ok(entries)
}

fn stream(entry: StreamEntry, place: &str) -> Result<Stream, Error> {
    ensure(!entry.chunks.is_empty(), place, || "it has no chunks".into())?;
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut next_start = None;
    for (at, chunk_entry) in entry.chunks.into_iter().enumerate() {
        let place = format!("{place}.chunks[{at}]");
        let start = chunk_entry.start;
        let expected = *next_start.get_or_insert(start);
        ensure(start == expected, &place, || format!("it starts at tick {start}, the one before ends at {expected}"))?;
        next_start = i64::try_from(chunk_entry.duration).ok().and_then(|ticks| start.checked_add(ticks));
        ensure(next_start.is_some(), &place, || "its end is beyond all time".into())?;
        chunks.push(chunk(chunk_entry, entry.timescale, &place)?);
    }
    Ok(Stream {
        kind: Some(entry.kind),
        mime: Some(entry.mime),
        bandwidth: Some(entry.bandwidth),
        size: entry.width.zip(entry.height),
        frame_rate: entry.frame_rate,
        channels: entry.channels,
        sample_rate: entry.sample_rate,
        language: entry.language,
        label: entry.label,
        default: entry.default,
        set: entry.set,
        init: Some(init(entry.init, &format!("{place}.init"))?),
        chunks,
    })
}

/// Holds each rung of a switching set against the one above it, in one pass: sets come one after the other.
fn sets(streams: &[Stream]) -> Result<(), Error> {
    let mut above: Option<(usize, &Stream)> = None;
    for (at, rung) in streams.iter().enumerate().filter(|(_, stream)| stream.set.is_some()) {
        if let Some((number, upper)) = above {
            let is_apart = upper.set < rung.set;
            let is_alike = upper.set == rung.set
                && upper.kind == rung.kind
                && upper.language == rung.language
                && upper.bandwidth >= rung.bandwidth
                && starts(upper).eq(starts(rung));
            ensure(is_apart || is_alike, &format!("streams[{at}]"), || {
                format!(
                    "it is no rung below streams[{number}]: another kind, language or start of a group, or out of order"
                )
            })?;
        }
        above = Some((at, rung));
    }
    Ok(())
}

/// When its groups begin, to the microsecond: SourceBuffers tell no nearer times apart.
fn starts(stream: &Stream) -> impl Iterator<Item = MediaTime> {
    stream.chunks.iter().flat_map(|chunk| &chunk.groups).map(|group| group.start)
}

fn init(entry: InitEntry, place: &str) -> Result<Init, Error> {
    let data = match entry.data {
        Some(text) => Some(base64::decode(&text).ok_or_else(|| invalid(place, "its data is not base64".to_owned()))?),
        None => None,
    };
    let length_fits = data.as_ref().is_none_or(|data| data.len() as u64 == entry.bytes);
    ensure(length_fits, place, || format!("its data has not the {} bytes it claims", entry.bytes))?;
    Ok(Init { url: url(entry.url, place)?, bytes: entry.bytes, sha256: entry.sha256, data })
}

fn chunk(entry: ChunkEntry, timescale: Timescale, place: &str) -> Result<Chunk, Error> {
    let groups = groups(&entry, timescale, place)?;
    let fragments = match entry.fragments {
        Some(table) => {
            let place = format!("{place}.fragments");
            let most = MOST_FRAGMENTS.min(entry.bytes / LEAST_FRAGMENT);
            let record = FragmentTable::RECORD_BYTES as u64;
            let fits = table.bytes % record == 0 && (1..=most).contains(&(table.bytes / record));
            ensure(fits, &place, || format!("{} bytes are no table of a chunk of {}", table.bytes, entry.bytes))?;
            let url = url(table.url, &place)?;
            Some(FragmentTableRef { url, bytes: table.bytes, sha256: table.sha256 })
        }
        None => None,
    };
    Ok(Chunk {
        url: url(entry.url, place)?,
        bytes: entry.bytes,
        sha256: Some(entry.sha256),
        start: groups.first().map(|group| group.start),
        end: groups.last().map(|group| group.end),
        groups,
        fragments,
    })
}

fn groups(entry: &ChunkEntry, timescale: Timescale, place: &str) -> Result<Vec<Group>, Error> {
    let lengths = &entry.groups.bytes;
    let count = entry.groups.ticks.iter().map(|(_, run)| *run as usize).fold(0, usize::saturating_add);
    ensure(!lengths.is_empty() && lengths.len() <= MOST_GROUPS, place, || format!("it has {} groups", lengths.len()))?;
    ensure(count == lengths.len(), place, || format!("{} groups have lengths, {count} have times", lengths.len()))?;

    let ticks = entry.groups.ticks.iter().flat_map(|&(ticks, run)| std::iter::repeat_n(ticks, run as usize));
    let mut groups = Vec::with_capacity(lengths.len());
    let (mut offset, mut elapsed) = (0_u64, 0_u64);
    for (&bytes, ticks) in lengths.iter().zip(ticks) {
        let begin = (offset, elapsed);
        let end = offset.checked_add(bytes).zip(elapsed.checked_add(ticks));
        (offset, elapsed) = end
            .filter(|_| bytes > 0 && ticks > 0)
            .ok_or_else(|| invalid(place, format!("group {} has {bytes} bytes and {ticks} ticks", groups.len())))?;
        ensure(elapsed <= entry.duration, place, || "its groups last longer than it does".into())?;
        // Both sums are at most `duration`, whose end the caller found to fit.
        let time = |elapsed: u64| timescale.media_time(entry.start.saturating_add_unsigned(elapsed));
        groups.push(Group { offset: begin.0, bytes, start: time(begin.1), end: time(elapsed) });
    }
    ensure(offset == entry.bytes, place, || format!("its groups have {offset} bytes, it has {}", entry.bytes))?;
    let last = elapsed == entry.duration;
    ensure(last, place, || format!("its groups last {elapsed} ticks, it lasts {}", entry.duration))?;
    Ok(groups)
}

/// A URL reference (RFC 3986) that a browser may resolve against the manifest's own.
pub(crate) fn url(text: String, place: &str) -> Result<String, Error> {
    let printable = text.chars().all(|c| !c.is_control() && !c.is_whitespace());
    let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let fetchable = match scheme {
        // A colon behind the first slash belongs to a path.
        Some(scheme) => scheme.contains(['/', '?', '#']) || matches!(scheme.as_str(), "http" | "https" | "blob"),
        None => true,
    };
    ensure(!text.is_empty() && printable && fetchable, place, || format!("`{text}` is no URL to fetch"))?;
    Ok(text)
}

pub(crate) fn ensure(holds: bool, place: &str, what: impl FnOnce() -> String) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(invalid(place, what())) }
}

fn invalid(place: &str, what: String) -> Error {
    Cause::Invalid { place: place.to_owned(), what }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GroupIndex, Kind};

    const CUT: &[u8] = include_bytes!("../../../fuzz/corpus/manifest/cut.json");

    fn check(chunk_bytes: u64, table_bytes: u64) -> Result<Film, Error> {
        let mut document = Document::parse(CUT).expect("a manifest");
        let chunk = &mut document.streams[0].chunks[0];
        (chunk.bytes, chunk.groups.bytes) = (chunk_bytes, vec![chunk_bytes]);
        chunk.fragments.as_mut().expect("a table").bytes = table_bytes;
        document.check()
    }

    #[test]
    fn chapters_begin_one_after_the_other() {
        let check = |starts: &[i64]| {
            let chapter = |&millis: &i64| ChapterEntry { start: MediaTime::from_millis(millis), title: String::new() };
            let chapters = starts.iter().map(chapter).collect();
            Document { chapters, ..Document::parse(CUT).expect("a manifest") }.check().map(|film| film.chapters.len())
        };
        assert_eq!(check(&[0, 1, 90_000_000]).ok(), Some(3));
        for (starts, place) in [(&[-1, 4][..], "chapters[0]"), (&[0, 4, 4], "chapters[2]"), (&[0; 5_000], "chapters")] {
            let error = check(starts).expect_err("no order");
            let Cause::Invalid { place: found, .. } = error.cause() else { panic!("{error}") };
            assert_eq!(found, place);
        }
    }

    /// What becomes of [`CUT`] with a second rung of pictures between those that there are and the sound.
    fn rung(change: impl FnOnce(&mut StreamEntry)) -> Result<Film, Error> {
        let mut document = Document::parse(CUT).expect("a manifest");
        let chunk = &mut document.streams[0].chunks[0];
        chunk.groups = GroupIndex { bytes: vec![1_000, 400, 189], ticks: vec![(1_700, 2), (1_720, 1)] };
        document.streams[0].set = Some(1);
        let mut lower = document.streams[0].clone();
        lower.bandwidth -= 1;
        change(&mut lower);
        document.streams.insert(1, lower);
        document.check()
    }

    #[test]
    fn rungs_of_a_set_begin_their_groups_together() {
        let film = rung(|_| {}).expect("rungs");
        assert_eq!(film.streams.iter().map(|stream| stream.set).collect::<Vec<_>>(), [Some(1), Some(1), None]);
        // The same times in another scale, in other chunks, with another end.
        rung(|lower| {
            lower.timescale = Timescale::new(20_480).expect("not zero");
            let mut next = lower.chunks[0].clone();
            lower.chunks[0].groups = GroupIndex { bytes: vec![1_589], ticks: vec![(3_400, 1)] };
            lower.chunks[0].duration = 3_400;
            next.groups = GroupIndex { bytes: vec![1_500, 89], ticks: vec![(3_400, 1), (3_000, 1)] };
            (next.start, next.duration) = (next.start + 3_400, 6_400);
            lower.chunks.push(next);
        })
        .expect("the same times");
        // What is in no set, or in one of its own, may be anything.
        for set in [None, Some(2)] {
            rung(|other| (other.set, other.kind, other.bandwidth) = (set, Kind::Audio, 1 << 40)).expect("no rung");
        }
    }

    #[test]
    fn what_is_no_rung_is_named_with_the_one_above_it() {
        let refused = |change: fn(&mut StreamEntry)| {
            let error = rung(change).expect_err("no rung").to_string();
            assert!(error.contains("at streams[1]: ") && error.contains("below streams[0]"), "{error}");
        };
        refused(|lower| lower.chunks[0].groups.ticks = vec![(1_700, 1), (1_710, 2)]);
        refused(|lower| lower.chunks[0].groups = GroupIndex { bytes: vec![1_589], ticks: vec![(5_120, 1)] });
        refused(|lower| lower.chunks[0].start += 1);
        refused(|lower| lower.kind = Kind::Muxed);
        refused(|lower| lower.language = Some("de".to_owned()));
        refused(|lower| lower.bandwidth += 2);
        refused(|lower| lower.set = Some(0));
    }

    #[test]
    fn a_table_lists_whole_fragments_that_the_chunk_has_room_for() {
        assert!(check(32, 80).is_ok());
        for (chunk_bytes, table_bytes) in [(32, 0), (32, 41), (32, 120), (15, 40), (1_589, 4_000_000_000)] {
            let error = check(chunk_bytes, table_bytes).expect_err("no table");
            let Cause::Invalid { place, what } = error.cause() else { panic!("{error}") };
            assert_eq!(place, "streams[0].chunks[0].fragments");
            assert_eq!(*what, format!("{table_bytes} bytes are no table of a chunk of {chunk_bytes}"));
        }
    }

    #[test]
    fn a_chunk_that_claims_to_be_vast_has_no_vast_table() {
        assert!(check(1 << 50, 40 << 20).is_ok());
        assert!(check(1 << 50, (40 << 20) + 40).is_err());
    }
}
