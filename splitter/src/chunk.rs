//! Making one chunk: every byte of media is read once, hashed while it is in the processor's cache, and handed on once.

mod file;

use isobmff::Sample;
use isobmff::framing::{self, Check};
use isobmff::write::{FragmentRun, moof};
use manifest::{Digest, FragmentRecord, FragmentTable};

use crate::hash::{Sha256, update_both};
use crate::plan::ChunkPlan;
use crate::source::Input;
use crate::stream::Stream;
use crate::{Error, Progress, Stop};

pub(crate) use file::{find, write};

/// Bytes read, hashed and handed on at a time: few enough to stay in the processor's second level cache.
pub(crate) const PIECE: usize = 256 << 10;

/// What is known of a chunk once it is made.
pub(crate) struct Written {
    /// Of the whole file.
    pub(crate) sha256: Digest,
    pub(crate) fragments: FragmentTable,
}

/// Where the bytes of a chunk go.
pub(crate) trait Sink {
    /// Takes the next of them, [`PIECE`] at most, and leaves an empty buffer.
    fn take(&mut self, piece: &mut Vec<u8>) -> Result<(), Error>;
}

/// Makes one chunk, digests it, and holds its samples against the framing of their codecs.
pub(crate) fn make(
    stream: &Stream<'_>,
    plan: &ChunkPlan,
    sink: &mut dyn Sink,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Written, Error> {
    let mut digesting = Digesting { hashes: Hashes::new(), checks: checks(stream)?, hashed: 0 };
    let records = Output::new(sink, Some(&mut digesting), progress, stop).chunk(stream, plan)?;
    hold_framing(stream, plan, &digesting.checks)?;
    Ok(Written { sha256: digesting.hashes.chunk.finish(), fragments: FragmentTable { records } })
}

/// Makes one chunk once more, of which everything but its bytes is known.
pub(crate) fn repeat(stream: &Stream<'_>, plan: &ChunkPlan, sink: &mut dyn Sink, stop: &Stop) -> Result<(), Error> {
    Output::new(sink, None, &(), stop).chunk(stream, plan).map(drop)
}

/// What holds the samples of each track against their framing while they are copied.
fn checks(stream: &Stream<'_>) -> Result<Vec<Check>, Error> {
    let in_box = |cause| Error::Box { path: stream.input.path.clone(), cause };
    let numbers = (1..).take(stream.tracks.len());
    numbers.map(|number| framing::of_init(&stream.init, number).map(Check::new).map_err(in_box)).collect()
}

/// Refuses a chunk with samples that no decoder takes.
fn hold_framing(stream: &Stream<'_>, plan: &ChunkPlan, checks: &[Check]) -> Result<(), Error> {
    for ((track, begin), check) in stream.tracks.iter().zip(&plan.begins).zip(checks) {
        if let Some((number, why)) = check.fault() {
            let samples =
                track.table.samples(begin.sample..u32::MAX).take(usize::try_from(number).unwrap_or(usize::MAX));
            let ticks: u64 = samples.map(|sample| u64::from(sample.duration)).sum();
            let at =
                begin.decode_time.saturating_add(ticks).cast_signed().saturating_sub_unsigned(track.timing.media_time);
            let (name, seconds) = (track.name.clone(), track.timing.seconds(at));
            return Err(Error::Undecodable { path: stream.input.path.clone(), stream: name, seconds, why });
        }
    }
    Ok(())
}

/// The places of the samples' bytes in the film, neighbours joined.
fn stretches(samples: &[Sample]) -> impl Iterator<Item = (u64, u64)> {
    let mut rest = samples.iter().peekable();
    std::iter::from_fn(move || {
        let first = rest.next()?;
        let mut end = first.offset + u64::from(first.size);
        while let Some(next) = rest.next_if(|next| next.offset == end) {
            end += u64::from(next.size);
        }
        Some((first.offset, end - first.offset))
    })
}

/// The digests of the fragment and of the chunk that are being written.
struct Hashes {
    fragment: Sha256,
    chunk: Sha256,
}

impl Hashes {
    fn new() -> Self {
        Self { fragment: Sha256::new(), chunk: Sha256::new() }
    }

    fn update(&mut self, bytes: &[u8]) {
        update_both(&mut self.fragment, &mut self.chunk, bytes);
    }
}

/// What is learned of a chunk from its bytes.
struct Digesting {
    hashes: Hashes,
    /// Of each track.
    checks: Vec<Check>,
    /// Bytes of the buffer that have been hashed.
    hashed: usize,
}

struct Output<'a> {
    sink: &'a mut dyn Sink,
    buffer: Vec<u8>,
    fragment_bytes: u64,
    /// Unless all is known.
    digesting: Option<&'a mut Digesting>,
    progress: &'a dyn Progress,
    stop: &'a Stop,
}

impl<'a> Output<'a> {
    fn new(
        sink: &'a mut dyn Sink,
        digesting: Option<&'a mut Digesting>,
        progress: &'a dyn Progress,
        stop: &'a Stop,
    ) -> Self {
        Self { sink, buffer: Vec::with_capacity(PIECE), fragment_bytes: 0, digesting, progress, stop }
    }

    /// All of a chunk; its fragments, as far as they are digested.
    fn chunk(&mut self, stream: &Stream<'_>, plan: &ChunkPlan) -> Result<Vec<FragmentRecord>, Error> {
        let mut records = Vec::with_capacity(plan.samples.len() / stream.tracks.len());
        let mut tracks: Vec<_> = stream
            .tracks
            .iter()
            .zip(&plan.begins)
            .map(|(track, begin)| (track.table.samples(begin.sample..u32::MAX), begin.decode_time))
            .collect();
        let mut boxes = Vec::new();
        for (sequence, counts) in (plan.sequence..).zip(plan.samples.chunks_exact(stream.tracks.len())) {
            let mut parts = Vec::with_capacity(counts.len());
            for ((table, decode_time), &count) in tracks.iter_mut().zip(counts) {
                let samples: Vec<_> = table.by_ref().take(count as usize).collect();
                let ticks: u64 = samples.iter().map(|sample| u64::from(sample.duration)).sum();
                parts.push((*decode_time, ticks, samples));
                *decode_time += ticks;
            }
            let runs = (1..).zip(&parts).map(|(track, &(decode_time, _, ref samples))| FragmentRun {
                track,
                decode_time,
                samples,
            });
            let runs: Vec<_> = runs.filter(|run| !run.samples.is_empty()).collect();
            boxes.clear();
            moof(&mut boxes, sequence, &runs)
                .map_err(|bytes| Error::FragmentTooLarge { stream: stream.name.to_string(), bytes })?;
            self.write(&boxes)?;
            for run in &runs {
                self.media(stream.input, run)?;
            }
            records.extend(self.end_fragment(u32::try_from(parts[0].1).unwrap_or(u32::MAX)));
        }
        self.flush()?;
        Ok(records)
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        self.fragment_bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(self.room()?.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    fn media(&mut self, input: &Input, run: &FragmentRun<'_>) -> Result<(), Error> {
        let track = run.track as usize - 1;
        if let Some(digesting) = &mut self.digesting {
            digesting.checks[track].expect(run.samples.iter().map(|sample| sample.size));
        }
        for (offset, bytes) in stretches(run.samples) {
            self.copy(input, offset, bytes, track)?;
        }
        Ok(())
    }

    fn copy(&mut self, input: &Input, mut offset: u64, mut bytes: u64, track: usize) -> Result<(), Error> {
        self.fragment_bytes += bytes;
        while bytes > 0 {
            let now = usize::try_from(bytes).unwrap_or(usize::MAX).min(self.room()?);
            let start = self.buffer.len();
            self.buffer.resize(start + now, 0);
            input.read_exact_at(&mut self.buffer[start..], offset)?;
            if let Some(digesting) = &mut self.digesting {
                digesting.checks[track].take(&self.buffer[start..]);
            }
            offset += now as u64;
            bytes -= now as u64;
        }
        Ok(())
    }

    /// Bytes that fit into the buffer; never 0.
    fn room(&mut self) -> Result<usize, Error> {
        if self.buffer.len() == PIECE {
            self.flush()?;
        }
        Ok(PIECE - self.buffer.len())
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.stop.check()?;
        self.hash();
        let bytes = self.buffer.len() as u64;
        self.sink.take(&mut self.buffer)?;
        self.progress.written(bytes);
        self.digesting.iter_mut().for_each(|digesting| digesting.hashed = 0);
        Ok(())
    }

    fn hash(&mut self) {
        if let Some(digesting) = &mut self.digesting {
            digesting.hashes.update(&self.buffer[digesting.hashed..]);
            digesting.hashed = self.buffer.len();
        }
    }

    fn end_fragment(&mut self, ticks: u32) -> Option<FragmentRecord> {
        self.hash();
        let bytes = u32::try_from(std::mem::take(&mut self.fragment_bytes)).expect("a fragment is below 2^31 bytes");
        let digesting = self.digesting.as_mut()?;
        Some(FragmentRecord { bytes, ticks, sha256: digesting.hashes.fragment.finish() })
    }
}
