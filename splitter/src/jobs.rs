//! The chunks that are to be made, and their making: into files, or for nothing but their digests.

use std::path::{Path, PathBuf};

use crate::chunk::{self, Sink, Written};
use crate::directory::write;
use crate::plan::{ChunkPlan, StreamPlan};
use crate::stream::Stream;
use crate::syncer::Syncer;
use crate::written::Held;
use crate::{Error, Progress, Stop, parallel, written};

/// All chunks of all streams.
pub(crate) struct Jobs<'a> {
    /// In the order in which their media stands in the film.
    jobs: Vec<Job<'a>>,
    streams: usize,
}

/// One chunk.
struct Job<'a> {
    stream: &'a Stream<'a>,
    stream_number: usize,
    plan: &'a ChunkPlan,
    /// In its stream, from 1.
    number: u32,
    /// Where its first sample stands in the film.
    offset: u64,
}

/// What the writing takes.
pub(crate) struct Work<'a> {
    pub(crate) partial: &'a Path,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) stop: &'a Stop,
}

impl<'a> Jobs<'a> {
    pub(crate) fn new(streams: &'a [Stream<'a>], plans: &'a [StreamPlan]) -> Self {
        let mut jobs = Vec::new();
        for (stream_number, (stream, plan)) in streams.iter().zip(plans).enumerate() {
            for (number, plan) in (1..).zip(&plan.chunks) {
                let first = plan.begins[0].sample;
                let offset = stream.lead().table.samples(first..first + 1).next().map_or(0, |sample| sample.offset);
                jobs.push(Job { stream, stream_number, plan, number, offset });
            }
        }
        jobs.sort_by_key(|job| job.offset);
        Self { jobs, streams: streams.len() }
    }

    /// Of all chunks together.
    pub(crate) fn bytes(&self) -> u64 {
        self.jobs.iter().map(|job| job.plan.bytes).sum()
    }

    /// Writes the chunks and brings them to the disk; what was written of each stream, in its order.
    pub(crate) fn run(&self, work: &Work<'_>) -> Result<Vec<Vec<Written>>, Error> {
        Syncer::run(|syncer| parallel::run(&self.jobs, |job| job.run(work, syncer)))
            .map(|written| self.by_stream(written))
    }

    /// Makes the chunks and keeps nothing but what is known of them then, of each stream in its order.
    pub(crate) fn digest(&self, progress: &dyn Progress, stop: &Stop) -> Result<Vec<Vec<Written>>, Error> {
        parallel::run(&self.jobs, |job| job.digest(progress, stop)).map(|written| self.by_stream(written))
    }

    fn by_stream(&self, written: Vec<Written>) -> Vec<Vec<Written>> {
        let mut in_order: Vec<_> = self.jobs.iter().zip(written).collect();
        in_order.sort_by_key(|(job, _)| (job.stream_number, job.number));
        let mut by_stream: Vec<Vec<_>> = (0..self.streams).map(|_| Vec::new()).collect();
        in_order.into_iter().for_each(|(job, written)| by_stream[job.stream_number].push(written));
        by_stream
    }
}

impl Job<'_> {
    fn run(&self, work: &Work<'_>, syncer: &Syncer) -> Result<Written, Error> {
        let Work { partial, progress, stop } = *work;
        let place = partial.join(&*self.stream.name);
        let path = place.join(format!("{:04}.mp4", self.number));
        let table_path = place.join(format!("{:04}.bin", self.number));
        let (written, file) = match chunk::find(self.plan, &path, &table_path, progress, stop)? {
            Some(found) => found,
            None => chunk::write(self.stream, self.plan, &path, progress, stop, syncer)?,
        };
        written::hold_chunk(self.stream, self.plan, &path)?;
        // The table comes behind its chunk: where both are found, the chunk was once whole.
        let table = write(&table_path, &written.fragments.encode())?;
        syncer.take(file, path);
        syncer.take(table, table_path);
        Ok(written)
    }

    fn digest(&self, progress: &dyn Progress, stop: &Stop) -> Result<Written, Error> {
        let path = PathBuf::from(format!("{}/{:04}.mp4", self.stream.name, self.number));
        let mut sink = Holding(Held::new(self.stream, self.plan, &path)?);
        let written = chunk::make(self.stream, self.plan, &mut sink, progress, stop)?;
        sink.0.finish()?;
        Ok(written)
    }
}

/// Holds what comes against the plan, and keeps nothing.
struct Holding<'a>(Held<'a>);

impl Sink for Holding<'_> {
    fn take(&mut self, piece: &mut Vec<u8>) -> Result<(), Error> {
        self.0.take(piece)?;
        piece.clear();
        Ok(())
    }
}
