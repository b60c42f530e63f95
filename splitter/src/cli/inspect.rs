//! `splitter inspect FILE|CUT`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;
use splitter::ByteSize;
use splitter::inspect::{Cut, Inspection, Node, Stream, Track, inspect, inspect_cut};
use splitter::verify::Place;

use super::print_json;

/// Shows the streams and the boxes of an ISO file (MP4, MOV, M4A, an init, a chunk), or the streams and rungs of a cut
///
/// Exit status 1 means that something in it is damaged, which is then told with its place.
#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// A file, or a cut: its directory, its manifest.json, its URL, or where `splitter publish` has put it
    #[arg(value_name = "FILE|CUT")]
    what: PathBuf,

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
        if let Some(place) = self.place()? {
            return self.run_on_cut(&place);
        }
        let inspection = inspect(&self.what)?;
        if self.json {
            print_json(&inspection)?;
        } else {
            let shown = if self.all { usize::MAX } else { FEW };
            show(&mut io::stdout().lock(), &inspection, shown)?;
        }
        Ok(if inspection.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Where the cut is, if one is meant: a directory, a manifest or an address.
    fn place(&self) -> anyhow::Result<Option<Place>> {
        if self.what.is_dir() {
            return Ok(Some(Place::Directory(self.what.clone())));
        }
        let is_manifest = self.what.file_name().is_some_and(|name| name == "manifest.json");
        let is_meant = |text: &&str| is_manifest || text.contains("://") && !self.what.exists();
        Ok(self.what.to_str().filter(is_meant).map(Place::of).transpose()?)
    }

    fn run_on_cut(&self, place: &Place) -> anyhow::Result<ExitCode> {
        let cut = inspect_cut(place)?;
        if self.json {
            print_json(&cut)?;
        } else {
            show_cut(&mut io::stdout().lock(), &cut)?;
        }
        Ok(if cut.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn show_cut(out: &mut impl Write, cut: &Cut) -> io::Result<()> {
    write!(out, "{}: {}", cut.path.display(), cut.id)?;
    if let Some(name) = &cut.name {
        write!(out, ", {name}")?;
    }
    writeln!(out, ", {:.3} s", cut.duration)?;
    cut.streams.iter().filter(|stream| stream.set.is_none()).try_for_each(|stream| show_stream(out, stream))?;
    for ladder in &cut.ladders {
        writeln!(out, "set {}: {} rungs of {} groups", ladder.set, ladder.rungs, ladder.groups)?;
        let mut rungs = cut.streams.iter().filter(|stream| stream.set == Some(ladder.set));
        rungs.try_for_each(|stream| show_stream(out, stream))?;
    }
    cut.problems.iter().try_for_each(|problem| writeln!(out, "damaged: {problem}"))
}

fn show_stream(out: &mut impl Write, stream: &Stream) -> io::Result<()> {
    write!(out, "  stream {}  {}", stream.id, stream.mime)?;
    if let Some((width, height)) = stream.size {
        write!(out, "  {width}x{height}")?;
    }
    if let Some(language) = &stream.language {
        write!(out, "  {language}")?;
    }
    let megabits = |bits: u64| bits as f64 / 1e6;
    write!(out, "  {:.2} Mbit/s, {:.2} at most", megabits(stream.bandwidth), megabits(stream.peak_bandwidth))?;
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    write!(out, ", {} of up to {:.3} s", counted(stream.groups, "group"), stream.longest_group_seconds)?;
    write!(out, " in {}", counted(stream.chunks, "chunk"))?;
    writeln!(out, ", {}{}", ByteSize(stream.bytes), if stream.default { "  default" } else { "" })
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
