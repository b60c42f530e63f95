//! `splitter inspect FILE`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;
use splitter::ByteSize;
use splitter::inspect::{Inspection, Node, Track, inspect};

use super::print_json;

/// Shows the streams and the boxes of an ISO file (MP4, MOV, M4A, an init, a chunk)
///
/// Exit status 1 means that something in it is damaged, which is then told with its place.
#[derive(Debug, Args)]
pub(super) struct Inspect {
    file: PathBuf,

    /// Show every fragment, not only the first few
    #[arg(long)]
    all: bool,

    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

/// Boxes of the top level that are shown unasked.
const FEW: usize = 16;

impl Inspect {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let inspection = inspect(&self.file)?;
        if self.json {
            print_json(&inspection)?;
        } else {
            let shown = if self.all { usize::MAX } else { FEW };
            show(&mut io::stdout().lock(), &inspection, shown)?;
        }
        Ok(if inspection.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn show(out: &mut impl Write, inspection: &Inspection, shown: usize) -> io::Result<()> {
    write!(out, "{}: {}", inspection.path.display(), ByteSize(inspection.bytes))?;
    match inspection.fragmented {
        Some(true) => write!(out, ", fragmented")?,
        Some(false) => write!(out, ", progressive")?,
        None => write!(out, ", without a moov box")?,
    }
    if let Some(duration) = inspection.duration {
        write!(out, ", {duration:.3} s")?;
    }
    writeln!(out)?;
    inspection.tracks.iter().try_for_each(|track| show_track(out, track))?;
    writeln!(out, "\n{:>14} {:>14}  box", "offset", "bytes")?;
    inspection.boxes.iter().take(shown).try_for_each(|node| show_box(out, node, 0))?;
    if let Some(more) = inspection.boxes.len().checked_sub(shown).filter(|&more| more > 0) {
        writeln!(out, "{:>14} {:>14}  and {more} boxes more: --all shows them", "", "")?;
    }
    inspection.problems.iter().try_for_each(|problem| writeln!(out, "damaged: {problem}"))
}

fn show_track(out: &mut impl Write, track: &Track) -> io::Result<()> {
    write!(out, "  track {}  {}", track.id, track.kind)?;
    if let Some(number) = track.number {
        write!(out, " {number}")?;
    }
    write!(out, "  {}", track.codec)?;
    if let Some((width, height)) = track.size {
        write!(out, "  {width}x{height}")?;
    }
    if let Some(channels) = track.channels {
        write!(out, "  {channels} ch")?;
    }
    if let Some(rate) = track.sample_rate {
        write!(out, "  {rate} Hz")?;
    }
    if let Some(language) = &track.language {
        write!(out, "  {language}")?;
    }
    let Track { samples, sync_samples, seconds, fragments, timescale, .. } = track;
    write!(out, "  {seconds:.3} s at {timescale} ticks/s, {samples} samples, {sync_samples} of them sync")?;
    if *fragments > 0 {
        write!(out, ", {fragments} fragments")?;
    }
    writeln!(out, ", {}", ByteSize(track.bytes))
}

fn show_box(out: &mut impl Write, node: &Node, depth: usize) -> io::Result<()> {
    write!(out, "{:>14} {:>14}  {:indent$}{}", node.offset, node.bytes, "", node.kind, indent = 2 * depth)?;
    for (name, value) in &node.fields {
        match value {
            Value::String(text) => write!(out, "  {name}={text}")?,
            value => write!(out, "  {name}={value}")?,
        }
    }
    writeln!(out)?;
    node.children.iter().try_for_each(|child| show_box(out, child, depth + 1))
}
