//! `splitter verify DIR|URL`.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Args;
use splitter::verify::{Place, decode, verify};
use splitter::{ByteSize, Progress, Stop};

use super::print_json;
use crate::bar::Bar;

/// Reads a whole cut, from a directory or a server, and says what is wrong with it
///
/// Held against the manifest: the length and digest of every file and of every fragment, the init and its codec strings, the
/// index against the real boxes, each group's sync sample and time, decode times across chunks, and the playlists. Samples are
/// held against the framing of their codec: NAL units must fill them, for example. Exit status 0 means that all of it is right
/// to the last bit, 1 that something is not: each finding names file and place.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Directory that a film is published in, the URL of one or of its manifest.json, or where `splitter publish` has put it,
    /// such as s3://bucket/prefix
    #[arg(value_name = "DIR|URL")]
    place: String,

    /// Have ffmpeg decode all of it, too, and say what it complains of
    #[arg(long)]
    decode: bool,

    /// Print the verdict as JSON, and nothing else
    #[arg(long)]
    json: bool,

    /// Print nothing but findings
    #[arg(short, long)]
    quiet: bool,
}

impl Verify {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let bar = Bar::new(self.quiet || self.json || !io::stderr().is_terminal());
        let place = Place::of(&self.place)?;
        let mut verdict = verify(&place, &bar as &dyn Progress, &Stop::default())?;
        bar.clear();
        if self.decode {
            verdict.findings.extend(decode(&place, &Stop::default())?);
        }
        let code = if verdict.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        if self.json {
            print_json(&verdict)?;
            return Ok(code);
        }
        let mut out = io::stdout().lock();
        if !self.quiet {
            for ladder in &verdict.ladders {
                writeln!(out, "set {}: {} rungs of {} groups", ladder.set, ladder.rungs, ladder.groups)?;
            }
            verdict.report.iter().try_for_each(|missing| writeln!(out, "note: {missing}"))?;
        }
        verdict.findings.iter().try_for_each(|finding| writeln!(out, "{finding}"))?;
        let looked_at = format!("{} files, {}", verdict.files, ByteSize(verdict.bytes));
        match verdict.findings.len() {
            0 if self.quiet => {}
            0 => writeln!(out, "{}: whole ({looked_at})", verdict.id)?,
            1 => writeln!(out, "{}: 1 finding ({looked_at})", verdict.id)?,
            count => writeln!(out, "{}: {count} findings ({looked_at})", verdict.id)?,
        }
        Ok(code)
    }
}
