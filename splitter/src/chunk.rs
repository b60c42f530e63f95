//! Writing one chunk: every byte of media is read once, hashed while it is in the processor's cache, and written once.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use isobmff::Sample;
use isobmff::write::{FragmentRun, moof};
use manifest::{Digest, FragmentRecord, FragmentTable};
use sha2::{Digest as _, Sha256};

use crate::plan::ChunkPlan;
use crate::source::Input;
use crate::stream::Stream;
use crate::{Error, Progress, Stop};

/// Bytes read, hashed and written at a time: few enough to stay in the processor's second level cache.
const BUFFER: usize = 256 << 10;

/// What is known of a chunk once it is written.
pub(crate) struct Written {
    /// Of the whole file.
    pub(crate) sha256: Digest,
    pub(crate) fragments: FragmentTable,
}

/// Writes one chunk to `path` and sees to it that it is on the disk.
pub(crate) fn write(
    input: &Input,
    stream: &Stream,
    plan: &ChunkPlan,
    path: &Path,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Written, Error> {
    let file = File::create(path).map_err(Error::io("create", path))?;
    let mut out = Output {
        file,
        path,
        buffer: Vec::with_capacity(BUFFER),
        hashed: 0,
        fragment_bytes: 0,
        fragment: Sha256::new(),
        chunk: Sha256::new(),
        progress,
        stop,
    };
    let mut records = Vec::with_capacity(plan.fragments.len());
    let mut table = stream.table.samples(plan.first_sample..u32::MAX);
    let mut decode_time = plan.decode_time;
    let (mut samples, mut boxes) = (Vec::new(), Vec::new());
    for (sequence, &count) in (plan.sequence..).zip(&plan.fragments) {
        samples.clear();
        samples.extend(table.by_ref().take(count as usize));
        boxes.clear();
        moof(&mut boxes, sequence, &[FragmentRun { track: 1, decode_time, samples: &samples }])
            .map_err(|bytes| Error::FragmentTooLarge { stream: stream.name.clone(), bytes })?;
        out.write(&boxes)?;
        for (offset, bytes) in stretches(&samples) {
            out.copy(input, offset, bytes)?;
        }
        let ticks: u64 = samples.iter().map(|sample| u64::from(sample.duration)).sum();
        decode_time += ticks;
        records.push(out.end_fragment(u32::try_from(ticks).unwrap_or(u32::MAX)));
    }
    let sha256 = out.finish()?;
    Ok(Written { sha256, fragments: FragmentTable { records } })
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

struct Output<'a> {
    file: File,
    path: &'a Path,
    buffer: Vec<u8>,
    /// How much of the buffer the fragment's hash, or that of the one before, has seen.
    hashed: usize,
    fragment_bytes: u64,
    fragment: Sha256,
    chunk: Sha256,
    progress: &'a dyn Progress,
    stop: &'a Stop,
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

    fn copy(&mut self, input: &Input, mut offset: u64, mut bytes: u64) -> Result<(), Error> {
        self.fragment_bytes += bytes;
        while bytes > 0 {
            let now = usize::try_from(bytes).unwrap_or(usize::MAX).min(self.room()?);
            let start = self.buffer.len();
            self.buffer.resize(start + now, 0);
            input.read_exact_at(&mut self.buffer[start..], offset)?;
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
        self.fragment.update(&self.buffer[self.hashed..]);
        self.chunk.update(&self.buffer);
        self.file.write_all(&self.buffer).map_err(Error::io("write", self.path))?;
        self.progress.written(self.buffer.len() as u64);
        self.buffer.clear();
        self.hashed = 0;
        Ok(())
    }

    fn end_fragment(&mut self, ticks: u32) -> FragmentRecord {
        self.fragment.update(&self.buffer[self.hashed..]);
        self.hashed = self.buffer.len();
        let bytes = u32::try_from(std::mem::take(&mut self.fragment_bytes)).expect("a fragment is below 2^31 bytes");
        FragmentRecord { bytes, ticks, sha256: Digest(self.fragment.finalize_reset().into()) }
    }

    fn finish(mut self) -> Result<Digest, Error> {
        self.flush()?;
        self.file.sync_all().map_err(Error::io("sync", self.path))?;
        Ok(Digest(self.chunk.finalize().into()))
    }
}
