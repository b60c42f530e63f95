//! What was written against what was planned, by reading the boxes back.
//!
//! The plan and the writer are made from the same tables; this reads what is in the file, as a player does, and holds it
//! against the tables once more. Media is stepped over: its digest is in the table of fragments.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use isobmff::{Event, Fragment, Init, Samples, Walker, Want};

use crate::Error;
use crate::plan::{ChunkPlan, StreamPlan};
use crate::stream::Stream;

/// Refuses a plan that has not exactly the samples of the tables.
pub(crate) fn hold_plan(stream: &Stream<'_>, plan: &StreamPlan) -> Result<(), Error> {
    for (number, track) in stream.tracks.iter().enumerate() {
        let counts =
            plan.chunks.iter().flat_map(|chunk| chunk.samples.iter().skip(number).step_by(stream.tracks.len()));
        let planned = counts.map(|&count| u64::from(count)).sum();
        let listed = u64::from(track.table.count());
        if planned != listed {
            return Err(differs(Path::new(&track.name), "samples", listed, planned));
        }
    }
    Ok(())
}

/// Refuses a chunk at `path` that differs from its plan in length, fragments, groups, samples or times.
pub(crate) fn hold_chunk(stream: &Stream<'_>, plan: &ChunkPlan, path: &Path) -> Result<(), Error> {
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let bytes = file.metadata().map_err(Error::io("read", path))?.len();
    same(path, "bytes", plan.bytes, bytes)?;
    let mut held = Held::new(stream, plan, path)?;
    let mut buffer = Vec::new();
    while held.offset() < bytes {
        match held.walker.want() {
            Want::Bytes(wanted) => {
                buffer.resize(wanted, 0);
                file.read_exact(&mut buffer).map_err(Error::io("read", path))?;
                held.take(&buffer)?;
            }
            Want::Skip(wanted) => {
                let end = held.offset().saturating_add(wanted);
                same(path, "bytes", bytes.max(end), bytes)?;
                file.seek(SeekFrom::Start(end)).map_err(Error::io("read", path))?;
                held.skip(wanted)?;
            }
        }
    }
    held.finish()
}

/// A chunk that is held against its plan while its bytes come.
pub(crate) struct Held<'a> {
    walker: Walker,
    expected: Expected<'a>,
    /// Lengths of the groups that have not begun.
    groups: std::slice::Iter<'a, u64>,
    /// Where the group that has ends.
    group_end: u64,
    /// By the plan.
    bytes: u64,
}

impl<'a> Held<'a> {
    /// Before the first byte. Messages call it by its path.
    pub(crate) fn new(stream: &'a Stream<'_>, plan: &'a ChunkPlan, path: &'a Path) -> Result<Self, Error> {
        let init = Init::parse(&stream.init).map_err(|cause| Error::Box { path: path.to_owned(), cause })?;
        let tables = stream.tracks.iter().zip(&plan.begins);
        let tables = tables.map(|(track, begin)| (track.table.samples(begin.sample..u32::MAX), begin.decode_time));
        let counts = plan.samples.chunks_exact(stream.tracks.len());
        Ok(Self {
            walker: Walker::with_init(0, Arc::new(init)),
            expected: Expected { tables: tables.collect(), counts, path },
            groups: plan.group_bytes.iter(),
            group_end: 0,
            bytes: plan.bytes,
        })
    }

    fn offset(&self) -> u64 {
        self.walker.offset()
    }

    /// Takes the next bytes.
    pub(crate) fn take(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            match self.walker.want() {
                Want::Bytes(wanted) => {
                    let (now, later) = bytes.split_at(wanted.min(bytes.len()));
                    let offset = self.offset();
                    let event = self.walker.feed(now).map_err(|_| self.unreadable(offset))?;
                    self.hold(event)?;
                    bytes = later;
                }
                Want::Skip(wanted) => {
                    let now = usize::try_from(wanted).unwrap_or(usize::MAX).min(bytes.len());
                    self.skip(now as u64)?;
                    bytes = &bytes[now..];
                }
            }
        }
        Ok(())
    }

    /// Takes note of as many bytes of media.
    fn skip(&mut self, bytes: u64) -> Result<(), Error> {
        let offset = self.offset();
        self.walker.skip(bytes).map_err(|_| self.unreadable(offset))
    }

    fn hold(&mut self, event: Option<Event>) -> Result<(), Error> {
        let Some(Event::Fragment { range, payload, fragment }) = event else { return Ok(()) };
        if range.start == self.group_end {
            self.group_end = self.groups.next().map_or(self.bytes, |bytes| range.start + bytes);
        }
        let end = self.group_end;
        same(self.expected.path, "bytes up to the end of a group", end.max(range.end), end)?;
        self.expected.hold(&fragment, range.end - range.start - payload)
    }

    /// After the last byte.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let path = self.expected.path;
        same(path, "bytes", self.bytes, self.offset())?;
        self.walker.finish().map_err(|_| differs(path, "readable bytes", self.bytes + 1, self.bytes))?;
        same(path, "groups more", self.groups.len() as u64, 0)?;
        same(path, "fragments more", self.expected.counts.len() as u64, 0)
    }

    fn unreadable(&self, offset: u64) -> Error {
        differs(self.expected.path, "readable bytes", self.bytes, offset)
    }
}

/// What the fragments of a chunk must be, one behind the other.
struct Expected<'a> {
    /// Of each track, what is left of its samples, and when the first of them is decoded.
    tables: Vec<(Samples<'a>, u64)>,
    /// Number of samples of each track in each fragment.
    counts: std::slice::ChunksExact<'a, u32>,
    path: &'a Path,
}

impl Expected<'_> {
    fn hold(&mut self, fragment: &Fragment, media: u64) -> Result<(), Error> {
        let path = self.path;
        let counts = self.counts.next().ok_or_else(|| differs(path, "fragments more", 0, 1))?;
        let mut parts = fragment.tracks.iter();
        let mut planned_media = 0;
        for ((samples, decode_time), &count) in self.tables.iter_mut().zip(counts).filter(|(_, count)| **count > 0) {
            let part = parts.next().ok_or_else(|| differs(path, "samples", count.into(), 0))?;
            let mut sums = (0_u64, 0_u64, 0_u64);
            let mut starts_with_sync = None;
            for sample in samples.take(count as usize) {
                sums = (sums.0 + 1, sums.1 + u64::from(sample.size), sums.2 + u64::from(sample.duration));
                starts_with_sync.get_or_insert(sample.is_sync);
            }
            let measures = [
                ("samples", sums.0, part.samples),
                ("bytes of media", sums.1, part.data_bytes),
                ("ticks", sums.2, part.duration),
                ("ticks before a fragment", *decode_time, part.decode_time),
                (
                    "keyframes at the beginning of a fragment",
                    starts_with_sync.unwrap_or(false).into(),
                    part.starts_with_sync.into(),
                ),
            ];
            measures.into_iter().try_for_each(|(what, planned, written)| same(path, what, planned, written))?;
            *decode_time += sums.2;
            planned_media += sums.1;
        }
        same(path, "tracks more", 0, parts.len() as u64)?;
        same(path, "bytes of media", planned_media, media)
    }
}

fn same(path: &Path, what: &'static str, planned: u64, written: u64) -> Result<(), Error> {
    if planned == written { Ok(()) } else { Err(differs(path, what, planned, written)) }
}

fn differs(path: &Path, what: &'static str, planned: u64, written: u64) -> Error {
    Error::NotAsPlanned { path: path.to_owned(), what, planned, written }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    use tempfile::TempDir;

    use crate::syncer::Syncer;
    use crate::track::tracks;
    use crate::{Options, Stop, chunk, film};

    const FILM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/media/sample.mp4");

    /// What a change of a chunk is refused with, or of its plan.
    fn refused(edit: impl FnOnce(&mut Vec<u8>, &mut ChunkPlan)) -> Option<(&'static str, u64, u64)> {
        let mut source = film::open(&Options::new(FILM, ""), &()).expect("the sample film is in the repository");
        let tracks = tracks(&mut source).expect("placeable");
        let streams = Stream::of_each(&tracks, &source.input);
        let mut plan = StreamPlan::new(&streams[0], "1MB".parse().expect("a size"), 0.5).expect("small groups");
        hold_plan(&streams[0], &plan).expect("all samples are planned");
        let place = TempDir::new().expect("a directory");
        let path = place.path().join("0001.mp4");
        let chunk = &mut plan.chunks[0];
        let write = |syncer: &Syncer| chunk::write(&streams[0], chunk, &path, &(), &Stop::default(), syncer).map(drop);
        Syncer::run(write).expect("room");
        let mut bytes = fs::read(&path).expect("written");
        edit(&mut bytes, chunk);
        fs::write(&path, bytes).expect("room");
        match hold_chunk(&streams[0], chunk, &path) {
            Ok(()) => None,
            Err(Error::NotAsPlanned { what, planned, written, .. }) => Some((what, planned, written)),
            Err(other) => panic!("{other}"),
        }
    }

    /// Where the body of the first box of a type begins.
    fn body(bytes: &[u8], kind: &[u8; 4]) -> usize {
        bytes.windows(4).position(|window| window == kind).expect("there") + 4
    }

    #[test]
    fn what_is_written_as_planned_is_taken() {
        assert_eq!(refused(|_, _| ()), None);
    }

    #[test]
    fn every_other_length_number_and_time_is_refused() {
        let what = |edit: fn(&mut Vec<u8>, &mut ChunkPlan)| refused(edit).expect("another chunk").0;
        assert_eq!(what(|bytes, _| bytes.truncate(bytes.len() - 1)), "bytes");
        assert_eq!(what(|_, plan| *plan.samples.last_mut().expect("one") -= 1), "samples");
        assert_eq!(what(|_, plan| plan.begins[0].decode_time += 1), "ticks before a fragment");
        assert_eq!(what(|_, plan| plan.begins[0].sample += 1), "bytes of media");
        assert_eq!(what(|_, plan| plan.group_bytes[0] -= 8), "bytes up to the end of a group");
        assert_eq!(
            what(|bytes, _| {
                let count = body(bytes, b"trun") + 4;
                bytes[count + 3] -= 1;
            }),
            "samples"
        );
        assert_eq!(
            what(|bytes, _| {
                let time = body(bytes, b"tfdt") + 4;
                bytes[time + 7] += 1;
            }),
            "ticks before a fragment"
        );
    }
}
