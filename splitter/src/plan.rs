//! Where to cut: groups, fragments and chunks, from the table of samples alone.
//!
//! 1. A group begins at a sync sample. Where sync samples stand closer than fragments are long, some of them begin none.
//! 2. A group is cut into fragments of equal length in time, as near to the wanted one as whole numbers allow.
//! 3. Chunks take whole groups for as long as they fit.

use isobmff::write::{FragmentRun, moof};
use isobmff::{Sample, SampleTable};

use crate::stream::{Stream, Timing};
use crate::{ByteSize, Error};

/// Fragments in a group where every sample is a sync sample and the group ends where the splitter wants.
const FRAGMENTS_IN_FREE_GROUP: u64 = 4;

/// How one stream is cut.
#[derive(Debug)]
pub(crate) struct StreamPlan {
    /// In order; at least one.
    pub(crate) chunks: Vec<ChunkPlan>,
    /// The longest group: when it begins and how long it is, in ticks.
    pub(crate) longest_group: (i64, u64),
}

/// How one chunk is cut. Times in ticks.
#[derive(Debug, Default)]
pub(crate) struct ChunkPlan {
    /// The first sample's number in the table.
    pub(crate) first_sample: u32,
    /// Of the first sample.
    pub(crate) decode_time: u64,
    /// Number of the first fragment in the stream, from 1.
    pub(crate) sequence: u32,
    /// Number of samples in each.
    pub(crate) fragments: Vec<u32>,
    /// Presentation time of the first sample.
    pub(crate) start: i64,
    /// Up to the start of the next chunk or the end of the stream.
    pub(crate) duration: u64,
    /// Length of each group in the file.
    pub(crate) group_bytes: Vec<u64>,
    /// Length of each group in presentation time.
    pub(crate) group_ticks: Vec<u64>,
    /// All groups together.
    pub(crate) bytes: u64,
}

/// A group before it has found its chunk.
struct Group {
    first_sample: u32,
    decode_time: u64,
    start: i64,
    fragments: Vec<u32>,
    bytes: u64,
}

impl StreamPlan {
    /// Plans a stream. The fragments will be as long as `fragment_seconds` as far as groups allow.
    pub(crate) fn new(stream: &Stream, chunk_size: ByteSize, fragment_seconds: f64) -> Result<Self, Error> {
        let target = (fragment_seconds * f64::from(stream.timing.timescale)).round().max(1.0) as u64;
        let mut planner = Planner { stream, target, chunk_size, chunks: Vec::new(), fragments: 0, scratch: Vec::new() };
        let mut starts = Starts::new(&stream.table, stream.timing, target);
        let mut samples = Vec::new();
        let mut group = (0, stream.timing.decode_start, i64::MIN);
        let (mut decode_time, mut end) = (stream.timing.decode_start, i64::MIN);
        for (at, sample) in (0..).zip(stream.table.iter()) {
            let presentation = stream.timing.presentation(decode_time, &sample);
            if starts.at(&sample, decode_time, presentation) {
                planner.add(group, &samples)?;
                samples.clear();
                group = (at, decode_time, presentation);
            }
            end = end.max(presentation.saturating_add(i64::from(sample.duration)));
            decode_time = decode_time.saturating_add(u64::from(sample.duration));
            samples.push(sample);
        }
        planner.add(group, &samples)?;
        Ok(planner.finish(end))
    }
}

/// Decides where groups begin.
struct Starts {
    is_all_sync: bool,
    /// Shortest length of a group in ticks.
    shortest: u64,
    /// When the group began: in decode and in presentation time.
    began: Option<(u64, i64)>,
    decode_start: u64,
}

impl Starts {
    fn new(table: &SampleTable, timing: Timing, target: u64) -> Self {
        let is_all_sync = table.is_all_sync();
        let shortest = if is_all_sync { target.saturating_mul(FRAGMENTS_IN_FREE_GROUP) } else { target / 2 };
        Self { is_all_sync, shortest: shortest.max(1), began: None, decode_start: timing.decode_start }
    }

    fn at(&mut self, sample: &Sample, decode_time: u64, presentation: i64) -> bool {
        let begins = match self.began {
            None => true,
            // Free groups keep to a grid, so that they do not drift by a sample's rounding each.
            Some((began, start)) if self.is_all_sync => {
                let cell = |time: u64| (time - self.decode_start) / self.shortest;
                cell(decode_time) > cell(began) && presentation > start
            }
            Some((began, start)) => sample.is_sync && decode_time - began >= self.shortest && presentation > start,
        };
        if begins {
            self.began = Some((decode_time, presentation));
        }
        begins
    }
}

struct Planner<'a> {
    stream: &'a Stream,
    target: u64,
    chunk_size: ByteSize,
    chunks: Vec<ChunkPlan>,
    fragments: u32,
    scratch: Vec<u8>,
}

impl Planner<'_> {
    /// Adds the group of these samples, if there are any.
    fn add(&mut self, (first_sample, decode_time, start): (u32, u64, i64), samples: &[Sample]) -> Result<(), Error> {
        if samples.is_empty() {
            return Ok(());
        }
        let mut group = Group { first_sample, decode_time, start, fragments: Vec::new(), bytes: 0 };
        let mut time = decode_time;
        for fragment in cut(samples, self.target) {
            let bytes = self.fragment_bytes(time, fragment)?;
            group.bytes += bytes;
            group.fragments.push(u32::try_from(fragment.len()).expect("a table has at most 2^24 samples"));
            time += fragment.iter().map(|sample| u64::from(sample.duration)).sum::<u64>();
        }
        if group.bytes > self.chunk_size.0 {
            return Err(Error::GroupTooLarge {
                stream: self.stream.name.clone(),
                seconds: self.stream.timing.seconds(start),
                size: ByteSize(group.bytes),
                limit: self.chunk_size,
            });
        }
        self.place(group);
        Ok(())
    }

    fn fragment_bytes(&mut self, decode_time: u64, samples: &[Sample]) -> Result<u64, Error> {
        self.scratch.clear();
        let run = FragmentRun { track: 1, decode_time, samples };
        moof(&mut self.scratch, 1, &[run])
            .map_err(|bytes| Error::FragmentTooLarge { stream: self.stream.name.clone(), bytes })?;
        let media: u64 = samples.iter().map(|sample| u64::from(sample.size)).sum();
        Ok(self.scratch.len() as u64 + media)
    }

    /// Puts a group into the chunk that is being filled, or into a new one.
    fn place(&mut self, group: Group) {
        let fits = |chunk: &&mut ChunkPlan| chunk.bytes + group.bytes <= self.chunk_size.0;
        let chunk = match self.chunks.last_mut().filter(fits) {
            Some(chunk) => {
                chunk.end_group(group.start);
                chunk
            }
            None => {
                if let Some(full) = self.chunks.last_mut() {
                    full.end_group(group.start);
                }
                self.chunks.push(ChunkPlan {
                    first_sample: group.first_sample,
                    decode_time: group.decode_time,
                    sequence: self.fragments + 1,
                    start: group.start,
                    ..ChunkPlan::default()
                });
                self.chunks.last_mut().expect("one was added")
            }
        };
        chunk.bytes += group.bytes;
        chunk.group_bytes.push(group.bytes);
        self.fragments += u32::try_from(group.fragments.len()).expect("no more fragments than samples");
        chunk.fragments.extend(group.fragments);
    }

    fn finish(mut self, end: i64) -> StreamPlan {
        if let Some(last) = self.chunks.last_mut() {
            last.end_group(end);
        }
        let mut longest_group = (0, 0);
        for chunk in &self.chunks {
            let mut start = chunk.start;
            for &ticks in &chunk.group_ticks {
                if ticks > longest_group.1 {
                    longest_group = (start, ticks);
                }
                start = start.saturating_add_unsigned(ticks);
            }
        }
        StreamPlan { chunks: self.chunks, longest_group }
    }
}

impl ChunkPlan {
    /// The group that was placed last lasts until `end`.
    fn end_group(&mut self, end: i64) {
        let began = self.start.saturating_add_unsigned(self.duration);
        // A last group of samples without duration still takes a tick, so that no group is empty.
        let ticks = end.saturating_sub(began).max(1).unsigned_abs();
        self.group_ticks.push(ticks);
        self.duration += ticks;
    }
}

/// Cuts a group into fragments of equal length, about `target` ticks each.
fn cut(samples: &[Sample], target: u64) -> impl Iterator<Item = &[Sample]> {
    let total: u64 = samples.iter().map(|sample| u64::from(sample.duration)).sum();
    let count = ((total + target / 2) / target).max(1);
    let mut rest = samples;
    let (mut time, mut number) = (0_u64, 0);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        number += 1;
        let bound = u128::from(total) * u128::from(number) / u128::from(count);
        let mut length = 0;
        while length < rest.len() && (length == 0 || number >= count || u128::from(time) < bound) {
            time += u64::from(rest[length].duration);
            length += 1;
        }
        let (fragment, behind) = rest.split_at(length);
        rest = behind;
        Some(fragment)
    })
}

#[cfg(test)]
mod tests;
