//! A chunk against the manifest, its table of fragments and its own boxes.

use std::io::Read;
use std::ops::Range;

use isobmff::{Event, Fragment, Init, Track, Walker, Want};
use manifest::{ChunkEntry, Digest, FragmentTable, StreamEntry};
use sha2::{Digest as _, Sha256};

use super::init::{Known, lead};
use super::media::Media;
use super::{Finding, Place, Problem};
use crate::{Error, Progress, Stop};

/// Bytes read at a time.
const BUFFER: usize = 256 << 10;

/// What was seen of a chunk.
pub(super) struct Looked {
    pub(super) findings: Vec<Finding>,
    /// For each track of the init: its number, and from the decode time of its first sample to the end of its last;
    /// `None` where it has none.
    spans: Vec<(u32, Option<Range<u64>>)>,
    /// Whether its boxes could be followed to the end.
    is_followed: bool,
}

/// Reads one chunk, once.
pub(super) fn check(
    place: &Place,
    known: &Known,
    stream: &StreamEntry,
    number: usize,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Looked, Error> {
    let entry = &stream.chunks[number];
    let init = &known.init;
    let mut findings = Vec::new();
    let table = table(place, entry, &mut findings);
    let mut look = Look {
        entry,
        findings,
        whole: Sha256::new(),
        bytes: 0,
        digests: Digests::new(table.as_ref()),
        walker: Some(Walker::with_init(0, init.clone())),
        init,
        boxes: Vec::new(),
        media: Media::new(init, &known.framings),
        fragments: Vec::new(),
    };
    match place.open(&entry.url) {
        Ok(mut file) => {
            let mut buffer = vec![0; BUFFER];
            loop {
                stop.check()?;
                match file.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(read) => {
                        look.take(&buffer[..read]);
                        progress.written(read as u64);
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(error) => {
                        look.find(Problem::Unreadable { why: error.to_string() });
                        break;
                    }
                }
            }
            look.finish();
        }
        Err(why) => {
            look.walker = None;
            look.find(Problem::Unreadable { why });
        }
    }
    if let Some(table) = &table {
        look.hold_against_table(table, lead(init));
    }
    look.hold_against_groups(lead(init));
    let spans = look.follow(init);
    Ok(Looked { findings: look.findings, spans, is_followed: look.walker.is_some() })
}

/// Notes where a track does not go on in a chunk as it ended in the one before.
pub(super) fn check_borders(stream: &StreamEntry, looked: &[Looked], findings: &mut Vec<Finding>) {
    let tracks = looked.first().map_or(0, |looked| looked.spans.len());
    for track in 0..tracks {
        let mut before: Option<u64> = None;
        for (entry, looked) in stream.chunks.iter().zip(looked) {
            // Behind a chunk that cannot be followed nothing is known, which has been told already.
            before = before.filter(|_| looked.is_followed);
            let (track, Some(span)) = &looked.spans[track] else { continue };
            if let Some(expected) = before.filter(|&before| before != span.start) {
                let problem = Problem::Gap { track: *track, expected, found: span.start };
                findings.push(Finding::at(&entry.url, 0, problem));
            }
            before = Some(span.end).filter(|_| looked.is_followed);
        }
    }
}

fn table(place: &Place, entry: &ChunkEntry, findings: &mut Vec<Finding>) -> Option<FragmentTable> {
    let reference = entry.fragments.as_ref()?;
    let mut find = |problem| findings.push(Finding::new(&reference.url, problem));
    let bytes = match place.read(&reference.url, entry.bytes.max(reference.bytes)) {
        Ok(bytes) => bytes,
        Err(why) => {
            find(Problem::Unreadable { why });
            return None;
        }
    };
    if bytes.len() as u64 != reference.bytes {
        find(Problem::Length { expected: reference.bytes, found: bytes.len() as u64 });
    }
    let found = Digest(Sha256::digest(&bytes).into());
    if found != reference.sha256 {
        find(Problem::Digest { expected: reference.sha256, found });
    }
    FragmentTable::decode(&bytes, entry.bytes).map_err(|error| find(Problem::Table { why: error.to_string() })).ok()
}

/// What is gathered while a chunk is read.
struct Look<'a> {
    entry: &'a ChunkEntry,
    findings: Vec<Finding>,
    whole: Sha256,
    bytes: u64,
    digests: Digests,
    /// Until the boxes make no sense any more.
    walker: Option<Walker>,
    init: &'a Init,
    /// What was handed to the walker since its last event.
    boxes: Vec<u8>,
    media: Media,
    fragments: Vec<(Range<u64>, Fragment)>,
}

impl Look<'_> {
    fn find(&mut self, problem: Problem) {
        self.findings.push(Finding::new(&self.entry.url, problem));
    }

    fn find_at(&mut self, offset: u64, problem: Problem) {
        self.findings.push(Finding::at(&self.entry.url, offset, problem));
    }

    fn take(&mut self, bytes: &[u8]) {
        self.whole.update(bytes);
        self.digests.take(bytes);
        self.bytes += bytes.len() as u64;
        if let Err((offset, why)) = self.walk(bytes) {
            self.walker = None;
            self.find_at(offset, Problem::Boxes { why });
        }
    }

    /// Steps over boxes; where and why it can go no further.
    fn walk(&mut self, mut bytes: &[u8]) -> Result<(), (u64, String)> {
        let Some(walker) = &mut self.walker else { return Ok(()) };
        while !bytes.is_empty() {
            let (wanted, is_payload) = match walker.want() {
                Want::Bytes(wanted) => (wanted, false),
                Want::Skip(wanted) => (usize::try_from(wanted).unwrap_or(usize::MAX), true),
            };
            let (now, later) = bytes.split_at(wanted.min(bytes.len()));
            let offset = walker.offset();
            let wrong = |error: isobmff::WalkerError| (offset, error.to_string());
            let event = if is_payload {
                walker.skip(now.len() as u64).map_err(wrong)?;
                self.media.take(now);
                None
            } else {
                self.boxes.extend_from_slice(now);
                walker.feed(now).map_err(wrong)?
            };
            let passed = walker.offset();
            if event.is_some() {
                let boxes = std::mem::take(&mut self.boxes);
                if let Some(Event::Fragment { range, payload, .. }) = &event {
                    // The fragment's boxes are the last of them: they end where the media begins.
                    let moof =
                        usize::try_from(passed - range.start).ok().and_then(|length| boxes.len().checked_sub(length));
                    let moof = moof.and_then(|at| boxes.get(at..)).unwrap_or_default();
                    self.media.expect(self.init, moof, range.start, *payload);
                }
            }
            match event {
                Some(Event::Fragment { range, fragment, .. }) => self.fragments.push((range, fragment)),
                Some(Event::Init { range, .. }) => {
                    return Err((range.start, "an init stands in the chunk, which needs none".to_owned()));
                }
                Some(Event::Other { .. }) | None => {}
            }
            bytes = later;
        }
        Ok(())
    }

    fn finish(&mut self) {
        if let Some(Err(error)) = self.walker.as_ref().map(Walker::finish) {
            self.walker = None;
            self.find_at(self.bytes, Problem::Boxes { why: error.to_string() });
        }
        if self.bytes != self.entry.bytes {
            self.find(Problem::Length { expected: self.entry.bytes, found: self.bytes });
        }
        let found = Digest(self.whole.finalize_reset().into());
        if found != self.entry.sha256 {
            self.find(Problem::Digest { expected: self.entry.sha256, found });
        }
        let undecodable: Vec<_> = self.media.problems().collect();
        undecodable.into_iter().for_each(|(offset, problem)| self.find_at(offset, problem));
    }

    fn hold_against_table(&mut self, table: &FragmentTable, lead: &Track) {
        let mut offset = 0;
        for (fragment, record) in table.records.iter().enumerate() {
            let start = offset;
            offset += u64::from(record.bytes);
            if let Some(&found) = self.digests.done.get(fragment).filter(|&&found| found != record.sha256) {
                self.find_at(start, Problem::FragmentDigest { fragment, expected: record.sha256, found });
            }
            let Some((range, parsed)) = self.fragments.get(fragment) else { continue };
            let found = range.end.saturating_sub(range.start);
            let ticks = parsed.tracks.iter().find(|track| track.track == lead.id).map_or(0, |track| track.duration);
            let measures = [("bytes", u64::from(record.bytes), found), ("ticks", u64::from(record.ticks), ticks)];
            for (unit, expected, found) in measures {
                if expected != found {
                    self.find_at(start, Problem::Fragment { fragment, unit, expected, found });
                }
            }
        }
        if self.walker.is_some() && self.fragments.len() != table.records.len() {
            let why = format!("it has {} fragments, its table {}", self.fragments.len(), table.records.len());
            self.find(Problem::Table { why });
        }
    }

    /// Groups begin with a fragment, at a sync sample, when the index says. In front of the very first may stand one of
    /// sound alone.
    fn hold_against_groups(&mut self, lead: &Track) {
        let ticks = self.entry.groups.ticks.iter().flat_map(|&(ticks, run)| std::iter::repeat_n(ticks, run as usize));
        let lengths = self.entry.groups.bytes.iter();
        let (mut offset, mut expected) = (0_u64, self.entry.start);
        for (group, (ticks, &length)) in ticks.zip(lengths).enumerate() {
            let at = self.fragments.binary_search_by_key(&offset, |(range, _)| range.start);
            let beyond = self.fragments.last().is_none_or(|(range, _)| range.end <= offset);
            let led = |at: usize| self.fragments.get(at)?.1.tracks.iter().find(|track| track.track == lead.id);
            let leads = |at: usize| self.fragments[at].1.sequence == 1;
            let first = at.ok().and_then(|at| led(at).or_else(|| led(at + 1).filter(|_| leads(at))));
            match first {
                // What lies behind the last box that made sense has been told already.
                None if beyond => return,
                None => self.find_at(offset, Problem::GroupInFragment { group }),
                Some(&first) => {
                    if !first.starts_with_sync {
                        self.find_at(offset, Problem::NoSync { group });
                    }
                    let found = first.composition_time.saturating_add(lead.shift());
                    if found != expected {
                        self.find_at(offset, Problem::GroupTime { group, expected, found });
                    }
                }
            }
            // The manifest has been checked: neither sum overflows.
            offset = offset.saturating_add(length);
            expected = expected.saturating_add_unsigned(ticks);
        }
    }

    /// Follows the decode time of every track through the chunk.
    fn follow(&mut self, init: &Init) -> Vec<(u32, Option<Range<u64>>)> {
        let mut spans: Vec<_> = init.tracks.iter().map(|track| (track.id, None::<Range<u64>>)).collect();
        let mut gaps = Vec::new();
        for (range, fragment) in &self.fragments {
            for part in &fragment.tracks {
                let Some((_, span)) = spans.iter_mut().find(|(id, _)| *id == part.track) else { continue };
                let span = span.get_or_insert(part.decode_time..part.decode_time);
                if span.end != part.decode_time {
                    let problem = Problem::Gap { track: part.track, expected: span.end, found: part.decode_time };
                    gaps.push((range.start, problem));
                }
                span.end = part.decode_time.saturating_add(part.duration);
            }
        }
        gaps.into_iter().for_each(|(offset, problem)| self.find_at(offset, problem));
        spans
    }
}

/// The digests of fragments, computed while their bytes pass.
struct Digests {
    /// Lengths of those that have not ended.
    lengths: std::vec::IntoIter<u32>,
    left: usize,
    hash: Sha256,
    done: Vec<Digest>,
}

impl Digests {
    fn new(table: Option<&FragmentTable>) -> Self {
        let lengths: Vec<_> = table.iter().flat_map(|table| table.records.iter().map(|record| record.bytes)).collect();
        let mut lengths = lengths.into_iter();
        let left = lengths.next().unwrap_or(0) as usize;
        Self { lengths, left, hash: Sha256::new(), done: Vec::new() }
    }

    fn take(&mut self, mut bytes: &[u8]) {
        while self.left > 0 && !bytes.is_empty() {
            let (now, later) = bytes.split_at(self.left.min(bytes.len()));
            self.hash.update(now);
            self.left -= now.len();
            bytes = later;
            if self.left == 0 {
                self.done.push(Digest(self.hash.finalize_reset().into()));
                self.left = self.lengths.next().unwrap_or(0) as usize;
            }
        }
    }
}
