//! Writing one chunk: every byte of media is read once, hashed while it is in the processor's cache, and written once.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use isobmff::Sample;
use isobmff::framing::{self, Check};
use isobmff::write::{FragmentRun, moof};
use manifest::{Digest, FragmentRecord, FragmentTable};

use crate::hash::{Sha256, update_both};
use crate::plan::ChunkPlan;
use crate::source::Input;
use crate::stream::Stream;
use crate::syncer::Syncer;
use crate::{Error, Progress, Stop};

/// Bytes read, hashed and written at a time: few enough to stay in the processor's second level cache.
const BUFFER: usize = 256 << 10;

/// Bytes written to a file between two requests to bring it to the disk, so that the disk works while the next are hashed.
const URGE: u64 = 32 << 20;

/// What is known of a chunk once it is written.
pub(crate) struct Written {
    /// Of the whole file.
    pub(crate) sha256: Digest,
    pub(crate) fragments: FragmentTable,
}

/// Writes one chunk to `path`; its file is still to be brought to the disk.
pub(crate) fn write(
    stream: &Stream<'_>,
    plan: &ChunkPlan,
    path: &Path,
    progress: &dyn Progress,
    stop: &Stop,
    syncer: &Syncer,
) -> Result<(Written, File), Error> {
    let input = stream.input;
    let file = File::create(path).map_err(Error::io("create", path))?;
    let mut out = Output {
        file,
        path,
        buffer: Vec::with_capacity(BUFFER),
        hashed: 0,
        fragment_bytes: 0,
        hashes: Hashes::new(),
        progress,
        stop,
        syncer,
        unsynced: 0,
    };
    let mut checks = checks(stream)?;
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
        out.write(&boxes)?;
        for run in &runs {
            let check = &mut checks[run.track as usize - 1];
            check.expect(run.samples.iter().map(|sample| sample.size));
            for (offset, bytes) in stretches(run.samples) {
                out.copy(input, offset, bytes, check)?;
            }
        }
        records.push(out.end_fragment(u32::try_from(parts[0].1).unwrap_or(u32::MAX)));
    }
    for ((track, begin), check) in stream.tracks.iter().zip(&plan.begins).zip(&checks) {
        if let Some((number, why)) = check.fault() {
            let samples =
                track.table.samples(begin.sample..u32::MAX).take(usize::try_from(number).unwrap_or(usize::MAX));
            let ticks: u64 = samples.map(|sample| u64::from(sample.duration)).sum();
            let at =
                begin.decode_time.saturating_add(ticks).cast_signed().saturating_sub_unsigned(track.timing.media_time);
            let (stream, seconds) = (track.name.clone(), track.timing.seconds(at));
            return Err(Error::Undecodable { path: input.path.clone(), stream, seconds, why });
        }
    }
    out.finish(FragmentTable { records })
}

/// What holds the samples of each track against their framing while they are copied.
fn checks(stream: &Stream<'_>) -> Result<Vec<Check>, Error> {
    let in_box = |cause| Error::Box { path: stream.input.path.clone(), cause };
    let numbers = (1..).take(stream.tracks.len());
    numbers.map(|number| framing::of_init(&stream.init, number).map(Check::new).map_err(in_box)).collect()
}

/// A chunk that a killed splitter has left at `path`, if its digests are those of the `table` left beside it.
pub(crate) fn find(
    plan: &ChunkPlan,
    path: &Path,
    table: &Path,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Option<(Written, File)>, Error> {
    let Some(table) = fs::read(table).ok().and_then(|bytes| FragmentTable::decode(&bytes, plan.bytes).ok()) else {
        return Ok(None);
    };
    // Windows brings to the disk only what may be written to.
    let opened = File::options().read(true).write(true).open(path);
    let opened = opened.and_then(|file| Ok((file.metadata()?.len(), file)));
    let Some((_, mut file)) = opened.ok().filter(|&(bytes, _)| bytes == plan.bytes) else { return Ok(None) };
    let mut hashes = Hashes::new();
    let mut buffer = vec![0; BUFFER];
    for record in &table.records {
        let mut left = record.bytes as usize;
        while left > 0 {
            stop.check()?;
            let part = &mut buffer[..left.min(BUFFER)];
            if file.read_exact(part).is_err() {
                return Ok(None);
            }
            hashes.update(part);
            left -= part.len();
        }
        if hashes.fragment.finish() != record.sha256 {
            return Ok(None);
        }
    }
    progress.written(plan.bytes);
    Ok(Some((Written { sha256: hashes.chunk.finish(), fragments: table }, file)))
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

struct Output<'a> {
    file: File,
    path: &'a Path,
    buffer: Vec<u8>,
    /// Bytes of the buffer that have been hashed.
    hashed: usize,
    fragment_bytes: u64,
    hashes: Hashes,
    progress: &'a dyn Progress,
    stop: &'a Stop,
    syncer: &'a Syncer,
    /// Bytes written since the file was last to be brought to the disk.
    unsynced: u64,
}

impl Output<'_> {
    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        self.fragment_bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(self.room()?.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    fn copy(&mut self, input: &Input, mut offset: u64, mut bytes: u64, check: &mut Check) -> Result<(), Error> {
        self.fragment_bytes += bytes;
        while bytes > 0 {
            let now = usize::try_from(bytes).unwrap_or(usize::MAX).min(self.room()?);
            let start = self.buffer.len();
            self.buffer.resize(start + now, 0);
            input.read_exact_at(&mut self.buffer[start..], offset)?;
            check.take(&self.buffer[start..]);
            offset += now as u64;
            bytes -= now as u64;
        }
        Ok(())
    }

    /// Bytes that fit into the buffer; never 0.
    fn room(&mut self) -> Result<usize, Error> {
        if self.buffer.len() == BUFFER {
            self.flush()?;
        }
        Ok(BUFFER - self.buffer.len())
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.stop.check()?;
        self.hash();
        self.file.write_all(&self.buffer).map_err(Error::io("write", self.path))?;
        self.progress.written(self.buffer.len() as u64);
        self.unsynced += self.buffer.len() as u64;
        if self.unsynced >= URGE {
            self.syncer.urge(&self.file, self.path);
            self.unsynced = 0;
        }
        self.buffer.clear();
        self.hashed = 0;
        Ok(())
    }

    fn hash(&mut self) {
        self.hashes.update(&self.buffer[self.hashed..]);
        self.hashed = self.buffer.len();
    }

    fn end_fragment(&mut self, ticks: u32) -> FragmentRecord {
        self.hash();
        let bytes = u32::try_from(std::mem::take(&mut self.fragment_bytes)).expect("a fragment is below 2^31 bytes");
        FragmentRecord { bytes, ticks, sha256: self.hashes.fragment.finish() }
    }

    fn finish(mut self, fragments: FragmentTable) -> Result<(Written, File), Error> {
        self.flush()?;
        Ok((Written { sha256: self.hashes.chunk.finish(), fragments }, self.file))
    }
}
