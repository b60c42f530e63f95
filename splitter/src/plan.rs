//! Where to cut: groups, fragments and chunks, from the table of samples alone.
//!
//! 1. A group begins at a sync sample, but at none that comes less than half a fragment after the group before it began. Where
//!    every sample is a sync sample (audio), groups are four fragments long. The groups of a rung begin where those of all rungs do.
//! 2. A group is cut into fragments of equal duration, as near to the wanted one as whole numbers allow. A fragment with too
//!    many bytes is cut again, into parts of about as many bytes each.
//! 3. Where a stream has a second track, each fragment also takes the samples of that track that are presented before the
//!    next fragment begins.
//!    Where it begins before the film, as decoders of sound do, that stands with its first sample that is heard in a fragment
//!    of its own: Firefox takes what comes behind a sample that it shortens to less than half for a jump, after which it drops
//!    pictures up to the next sync sample.
//! 4. A chunk takes whole groups for as long as they fit.

use isobmff::write::{FragmentRun, moof};
use isobmff::{Sample, SampleTable, Samples};

use crate::stream::Stream;
use crate::timing::Timing;
use crate::track::Track;
use crate::{ByteSize, Error};

/// Bytes of a fragment above which it is cut again; the parts are about as long as this at most, unless a single sample is
/// longer. A player hashes each fragment whole, and browsers hash up to a megabyte at half the cost of more: they copy it into
/// memory that they have at hand.
const LARGEST_FRAGMENT: u64 = 768 << 10;

/// Fragments in a group where every sample is a sync sample, so that the splitter is free to choose: with fragments of half a
/// second, a seek in audio goes to within 2 s.
pub(crate) const FRAGMENTS_IN_FREE_GROUP: u64 = 4;

/// How one stream is cut.
#[derive(Debug)]
pub(crate) struct StreamPlan {
    /// In order; at least one.
    pub(crate) chunks: Vec<ChunkPlan>,
    /// The longest group: when it begins and how long it is, in ticks.
    pub(crate) longest_group: (i64, u64),
}

/// How one chunk is cut. Times in ticks of the leading track.
#[derive(Debug, Default)]
pub(crate) struct ChunkPlan {
    /// Where each track of the stream goes on.
    pub(crate) begins: Vec<Begin>,
    /// Sequence number (`mfhd`) of the first fragment: fragments of a stream are counted from 1, across its chunks.
    pub(crate) sequence: u32,
    /// Number of samples of each track in each fragment, track by track within a fragment.
    pub(crate) samples: Vec<u32>,
    /// Presentation time of the leading track's first sample.
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

/// A place in a track.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Begin {
    /// The sample's number in the table, from 0.
    pub(crate) sample: u32,
    /// When it is decoded, in ticks of the track.
    pub(crate) decode_time: u64,
}

/// A group before it has found its chunk.
struct Group {
    begins: Vec<Begin>,
    start: i64,
    fragments: u32,
    samples: Vec<u32>,
    bytes: u64,
}

impl StreamPlan {
    /// Plans a stream whose fragments are as near to `fragment_seconds` as its groups allow.
    ///
    /// # Errors
    /// [`Error::GroupTooLarge`] where a group has more than `chunk_size` bytes, [`Error::FragmentTooLarge`] where a `moof` or its
    /// media cannot be written.
    pub(crate) fn new(stream: &Stream<'_>, chunk_size: ByteSize, fragment_seconds: f64) -> Result<Self, Error> {
        let lead = stream.lead();
        let target = (fragment_seconds * f64::from(lead.timing.timescale)).round().max(1.0) as u64;
        let mut planner = Planner {
            lead,
            target,
            chunk_size,
            followers: stream.tracks[1..].iter().copied().map(Follower::new).collect(),
            chunks: Vec::new(),
            fragments: 0,
            scratch: Vec::new(),
        };
        let mut starts = Starts::new(&lead.table, lead.timing, target, stream.borders.as_deref());
        let mut samples = Vec::new();
        let mut begin = Begin { sample: 0, decode_time: lead.timing.decode_start };
        let mut start = i64::MIN;
        let (mut decode_time, mut end) = (lead.timing.decode_start, i64::MIN);
        for (at, sample) in (0..).zip(lead.table.iter()) {
            let presentation = lead.timing.presentation(decode_time, &sample);
            if starts.at(&sample, decode_time, presentation) {
                planner.add(begin, start, &samples, presentation)?;
                samples.clear();
                (begin, start) = (Begin { sample: at, decode_time }, presentation);
            }
            end = end.max(presentation.saturating_add(i64::from(sample.duration)));
            decode_time = decode_time.saturating_add(u64::from(sample.duration));
            samples.push(sample);
        }
        planner.add(begin, start, &samples, i64::MAX)?;
        Ok(planner.finish(end))
    }

    /// Average over the whole stream, in bits per second, where there are `timescale` ticks in one.
    pub(crate) fn bandwidth(&self, timescale: u32) -> u64 {
        let bytes: u64 = self.chunks.iter().map(|chunk| chunk.bytes).sum();
        let ticks: u64 = self.chunks.iter().map(|chunk| chunk.duration).sum();
        let bits_per_second = u128::from(bytes) * 8 * u128::from(timescale) / u128::from(ticks.max(1));
        u64::try_from(bits_per_second).unwrap_or(u64::MAX)
    }
}

/// Decides where groups begin.
struct Starts<'a> {
    /// The only times at which one may, where they are given.
    borders: Option<&'a [i64]>,
    is_all_sync: bool,
    /// Shortest length of a group in ticks.
    shortest: u64,
    /// When the group began: in decode and in presentation time.
    began: Option<(u64, i64)>,
    decode_start: u64,
    decode_end: u64,
}

impl<'a> Starts<'a> {
    fn new(table: &SampleTable, timing: Timing, target: u64, borders: Option<&'a [i64]>) -> Self {
        let is_all_sync = table.is_all_sync();
        let shortest = if is_all_sync { target.saturating_mul(FRAGMENTS_IN_FREE_GROUP) } else { target / 2 };
        let decode_end = timing.decode_start.saturating_add(table.ticks());
        Self {
            borders,
            is_all_sync,
            shortest: shortest.max(1),
            began: None,
            decode_start: timing.decode_start,
            decode_end,
        }
    }

    fn at(&mut self, sample: &Sample, decode_time: u64, presentation: i64) -> bool {
        let begins = match (self.began, self.borders) {
            (None, _) => true,
            (Some((_, start)), Some(borders)) => {
                sample.is_sync && presentation > start && borders.binary_search(&presentation).is_ok()
            }
            // Free groups keep to a grid, so that they do not drift by a sample's rounding each. What is too short for a
            // group of its own at the end stays in the last: a request for a single sample helps nobody.
            (Some((began, start)), None) if self.is_all_sync => {
                let cell = |time: u64| (time - self.decode_start) / self.shortest;
                let is_long = self.decode_end.saturating_sub(decode_time) >= self.shortest / 2;
                cell(decode_time) > cell(began) && presentation > start && is_long
            }
            (Some((began, start)), None) => {
                sample.is_sync && decode_time - began >= self.shortest && presentation > start
            }
        };
        if begins {
            self.began = Some((decode_time, presentation));
        }
        begins
    }
}

/// A track that goes along with the leading one.
struct Follower<'a> {
    track: &'a Track,
    rest: std::iter::Peekable<Samples<'a>>,
    begin: Begin,
}

impl<'a> Follower<'a> {
    fn new(track: &'a Track) -> Self {
        let begin = Begin { sample: 0, decode_time: track.timing.decode_start };
        Self { track, rest: track.table.iter().peekable(), begin }
    }

    /// When it has a sample that is heard, in ticks of `timescale` and one more, where samples come before of which most lies
    /// in front of the film.
    fn priming(&self, timescale: u32) -> Option<i64> {
        let timing = self.track.timing;
        let mut decode_time = timing.decode_start;
        let is_heard = |&(begin, duration): &(i64, i64)| begin.saturating_add(duration).saturating_mul(2) >= duration;
        let mut samples = self.track.table.iter().map(|sample| {
            let begin = timing.presentation(decode_time, &sample);
            decode_time = decode_time.saturating_add(sample.duration.into());
            (begin, i64::from(sample.duration))
        });
        let (at, (begin, _)) = samples.by_ref().enumerate().find(|(_, sample)| is_heard(sample))?;
        let ticks = i128::from(begin) * i128::from(timescale) / i128::from(timing.timescale);
        (at > 0).then(|| i64::try_from(ticks.max(0)).unwrap_or(i64::MAX).saturating_add(1))
    }

    /// The samples that are presented before `until` in ticks of `timescale`, and the decode time of the first.
    fn take(&mut self, until: i64, timescale: u32) -> (u64, Vec<Sample>) {
        let (timing, began) = (self.track.timing, self.begin.decode_time);
        let until = i128::from(until) * i128::from(timing.timescale);
        let mut taken = Vec::new();
        let mut decode_time = began;
        let is_before = |decode_time, sample: &Sample| {
            i128::from(timing.presentation(decode_time, sample)) * i128::from(timescale) < until
        };
        while let Some(sample) = self.rest.next_if(|sample| is_before(decode_time, sample)) {
            decode_time = decode_time.saturating_add(u64::from(sample.duration));
            taken.push(sample);
        }
        self.begin.decode_time = decode_time;
        self.begin.sample += u32::try_from(taken.len()).expect("a table has at most 2^24 samples");
        (began, taken)
    }

    /// When all that has been taken is over, in ticks of `timescale`, rounded up.
    fn end(&self, timescale: u32) -> i64 {
        let ticks = i128::from(self.begin.decode_time) - i128::from(self.track.timing.media_time);
        let own = i128::from(self.track.timing.timescale);
        i64::try_from((ticks * i128::from(timescale) + own - 1).div_euclid(own)).unwrap_or(i64::MAX)
    }
}

struct Planner<'a> {
    lead: &'a Track,
    target: u64,
    chunk_size: ByteSize,
    followers: Vec<Follower<'a>>,
    chunks: Vec<ChunkPlan>,
    fragments: u32,
    scratch: Vec<u8>,
}

impl Planner<'_> {
    /// Adds the group of these samples, if there are any. It lasts `until` the next one begins, in presentation time.
    fn add(&mut self, begin: Begin, start: i64, samples: &[Sample], until: i64) -> Result<(), Error> {
        if samples.is_empty() {
            return Ok(());
        }
        let begins = [begin].into_iter().chain(self.followers.iter().map(|follower| follower.begin)).collect();
        let mut group = Group { begins, start, fragments: 0, samples: Vec::new(), bytes: 0 };
        let first = if self.fragments == 0 { &self.followers[..] } else { &[] };
        if let Some(until) = first.iter().filter_map(|follower| follower.priming(self.lead.timing.timescale)).max() {
            group.bytes += self.fragment(begin.decode_time, &[], until, &mut group.samples)?;
            group.fragments += 1;
        }
        let mut time = begin.decode_time;
        let mut fragments = cut(samples, self.target).peekable();
        while let Some(fragment) = fragments.next() {
            let next = time + fragment.iter().map(|sample| u64::from(sample.duration)).sum::<u64>();
            // Decode times follow each other as presentation times do on the whole.
            let inner = start.saturating_add_unsigned(next - begin.decode_time).min(until);
            let end = if fragments.peek().is_some() { inner } else { until };
            group.bytes += self.fragment(time, fragment, end, &mut group.samples)?;
            group.fragments += 1;
            time = next;
        }
        if group.bytes > self.chunk_size.0 {
            return Err(Error::GroupTooLarge {
                stream: self.lead.name.clone(),
                seconds: self.lead.timing.seconds(start),
                size: ByteSize(group.bytes),
                limit: self.chunk_size,
            });
        }
        self.place(group);
        Ok(())
    }

    /// Adds to `counts` how many samples each track has in a fragment that lasts `until` the next; gives its length.
    fn fragment(
        &mut self,
        decode_time: u64,
        samples: &[Sample],
        until: i64,
        counts: &mut Vec<u32>,
    ) -> Result<u64, Error> {
        let timescale = self.lead.timing.timescale;
        let taken: Vec<_> = self.followers.iter_mut().map(|follower| follower.take(until, timescale)).collect();
        let tracks =
            [(decode_time, samples)].into_iter().chain(taken.iter().map(|(time, samples)| (*time, &samples[..])));
        let mut runs = Vec::new();
        for (track, (decode_time, samples)) in (1..).zip(tracks) {
            counts.push(u32::try_from(samples.len()).expect("a table has at most 2^24 samples"));
            runs.push(FragmentRun { track, decode_time, samples });
        }
        runs.retain(|run| !run.samples.is_empty());
        self.scratch.clear();
        moof(&mut self.scratch, 1, &runs)
            .map_err(|bytes| Error::FragmentTooLarge { stream: self.lead.name.clone(), bytes })?;
        let media: u64 = runs.iter().flat_map(|run| run.samples).map(|sample| u64::from(sample.size)).sum();
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
                    begins: group.begins,
                    sequence: self.fragments + 1,
                    start: group.start,
                    ..ChunkPlan::default()
                });
                self.chunks.last_mut().expect("one was added")
            }
        };
        chunk.bytes += group.bytes;
        chunk.group_bytes.push(group.bytes);
        self.fragments += group.fragments;
        chunk.samples.extend(group.samples);
    }

    fn finish(mut self, end: i64) -> StreamPlan {
        let timescale = self.lead.timing.timescale;
        let end = self.followers.iter().map(|follower| follower.end(timescale)).fold(end, i64::max);
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

/// Cuts a group into fragments of equal duration, about `target` ticks each, and those with too many bytes once more.
fn cut(samples: &[Sample], target: u64) -> impl Iterator<Item = &[Sample]> {
    let duration = |sample: &Sample| u64::from(sample.duration);
    let size = |sample: &Sample| u64::from(sample.size);
    let total: u64 = samples.iter().map(duration).sum();
    parts(samples, (total + target / 2) / target, duration).flat_map(move |fragment| {
        let total: u64 = fragment.iter().map(size).sum();
        parts(fragment, total.div_ceil(LARGEST_FRAGMENT), size)
    })
}

/// Cuts samples into at most `count` parts of about the same `weight`, and at least into one.
fn parts(samples: &[Sample], count: u64, weight: impl Fn(&Sample) -> u64) -> impl Iterator<Item = &[Sample]> {
    let total: u64 = samples.iter().map(&weight).sum();
    let count = count.max(1);
    let mut rest = samples;
    let (mut passed, mut number) = (0_u64, 0);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        number += 1;
        let bound = u128::from(total) * u128::from(number) / u128::from(count);
        let mut length = 0;
        while length < rest.len() && (length == 0 || number >= count || u128::from(passed) < bound) {
            passed += weight(&rest[length]);
            length += 1;
        }
        let (part, behind) = rest.split_at(length);
        rest = behind;
        Some(part)
    })
}

#[cfg(test)]
mod tests;
