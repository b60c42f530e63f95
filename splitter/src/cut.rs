//! The whole way from a film to a published cut.
//!
//! 1. Read the film's boxes and build its streams.
//! 2. Plan every chunk from the tables of samples.
//! 3. Write the chunks, as many at once as there are processors, each in one pass.
//! 4. Describe them in a manifest, and publish.

use std::fs;
use std::path::Path;

use manifest::{Digest, Document};
use sha2::{Digest as _, Sha256};

use crate::chunk::{self, Written};
use crate::describe::{self, CutStream};
use crate::directory::{Directory, sync_directory, write_synced};
use crate::plan::{ChunkPlan, StreamPlan};
use crate::source::{Input, Source};
use crate::stream::{Stream, streams};
use crate::{Error, Options, Progress, Warning, parallel};

/// What was published.
#[derive(Clone, Debug)]
pub struct Report {
    /// The manifest.
    pub document: Document,
    /// What the user should know.
    pub warnings: Vec<Warning>,
}

/// Cuts a film and publishes it.
///
/// # Errors
/// Every [`Error`]; what was published before is untouched then.
pub fn cut(options: &Options, progress: &dyn Progress) -> Result<Report, Error> {
    options.check()?;
    let mut source = Source::open(&options.film)?;
    let streams = streams(&mut source)?;
    let Source { input, mut warnings, .. } = source;
    let fragment_seconds = options.fragment_duration.as_secs_f64();
    let plan = |stream| StreamPlan::new(stream, options.chunk_size, fragment_seconds);
    let plans = streams.iter().map(plan).collect::<Result<Vec<_>, _>>()?;
    streams.iter().zip(&plans).for_each(|(stream, plan)| warn(stream, plan, &mut warnings));

    let directory = Directory::open(&options.out)?;
    let partial = directory.partial(&key(options, &input, &streams))?;
    for stream in &streams {
        let place = partial.path.join(&stream.name);
        fs::create_dir_all(&place).map_err(Error::io("create", &place))?;
        write_synced(&place.join("init.mp4"), &stream.init)?;
    }
    let jobs = jobs(&streams, &plans);
    progress.planned(jobs.iter().map(|job| job.plan.bytes).sum());
    let written = parallel::run(&jobs, |job| write(job, &input, &partial.path, options, progress))?;
    input.check_unchanged()?;

    let mut by_stream: Vec<Vec<Written>> = streams.iter().map(|_| Vec::new()).collect();
    let mut in_order: Vec<_> = jobs.iter().zip(written).collect();
    in_order.sort_by_key(|(job, _)| (job.stream_number, job.number));
    in_order.into_iter().for_each(|(job, written)| by_stream[job.stream_number].push(written));
    let cuts: Vec<_> = streams
        .iter()
        .zip(&plans)
        .zip(&by_stream)
        .map(|((stream, plan), written)| CutStream { stream, plan, written })
        .collect();
    let document = describe::document(&cuts, options.name.clone());
    for stream in &streams {
        sync_directory(&partial.path.join(&stream.name))?;
    }
    options.stop.check()?;
    directory.publish(partial, &document.id)?;
    let json = serde_json::to_vec(&document).expect("a manifest has nothing that JSON lacks");
    directory.swap("manifest.json", &json)?;
    Ok(Report { document, warnings })
}

/// One chunk to be written.
struct Job<'a> {
    stream: &'a Stream,
    stream_number: usize,
    plan: &'a ChunkPlan,
    /// In its stream, from 1.
    number: u32,
    /// Where its first sample stands in the film.
    offset: u64,
}

/// All chunks of all streams, in the order in which their media stands in the film.
fn jobs<'a>(streams: &'a [Stream], plans: &'a [StreamPlan]) -> Vec<Job<'a>> {
    let mut jobs = Vec::new();
    for (stream_number, (stream, plan)) in streams.iter().zip(plans).enumerate() {
        for (number, plan) in (1..).zip(&plan.chunks) {
            let mut first = stream.table.samples(plan.first_sample..plan.first_sample + 1);
            let offset = first.next().map_or(0, |sample| sample.offset);
            jobs.push(Job { stream, stream_number, plan, number, offset });
        }
    }
    jobs.sort_by_key(|job| job.offset);
    jobs
}

fn write(
    job: &Job<'_>,
    input: &Input,
    partial: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Written, Error> {
    let place = partial.join(&job.stream.name);
    let path = place.join(format!("{:04}.mp4", job.number));
    let written = chunk::write(input, job.stream, job.plan, &path, progress, &options.stop)?;
    write_synced(&place.join(format!("{:04}.bin", job.number)), &written.fragments.encode())?;
    Ok(written)
}

/// Names the work, so that what a killed splitter left is found again only for the same film and options.
fn key(options: &Options, input: &Input, streams: &[Stream]) -> String {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(options.chunk_size.0.to_be_bytes());
    hash.update(options.fragment_duration.as_nanos().to_be_bytes());
    hash.update(input.bytes.to_be_bytes());
    hash.update(input.stamp().to_be_bytes());
    for stream in streams {
        hash.update(&stream.init);
        for sample in stream.table.iter() {
            hash.update(sample.offset.to_be_bytes());
            hash.update(sample.size.to_be_bytes());
        }
    }
    Digest(hash.finalize().into()).to_string()[..16].to_owned()
}

fn warn(stream: &Stream, plan: &StreamPlan, warnings: &mut Vec<Warning>) {
    /// Seconds.
    const LONG_GROUP: f64 = 10.0;
    let (start, ticks) = plan.longest_group;
    let seconds = ticks as f64 / f64::from(stream.timing.timescale);
    if seconds > LONG_GROUP {
        let at = stream.timing.seconds(start);
        warnings.push(Warning::LongGroup { stream: stream.name.clone(), at, seconds });
    }
}
