//! The command line.

mod bar;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Parser;
use splitter::{ByteSize, Options, Progress, Report, Stop};

use crate::bar::Bar;

/// Cuts a film into chunks that an edge cache can hold, ready to be served and played.
///
/// Pictures and sound are copied as they are, never re-encoded. The result is a directory with manifest.json, which the
/// player is given, and the chunks it names. Publishing is atomic: viewers see the old film until the new one is whole.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
struct Arguments {
    /// The film: an MP4, M4V, MOV or M4A file
    film: PathBuf,

    /// Directory to publish in
    #[arg(short, long, value_name = "DIR", default_value = "media/current")]
    out: PathBuf,

    /// The most bytes in a chunk, such as 256MB or 200MiB
    #[arg(long, value_name = "SIZE", default_value = "256MB")]
    chunk_size: ByteSize,

    /// How long a fragment should be, in seconds; shorter ones start sooner, longer ones cost fewer bytes
    #[arg(long, value_name = "SECONDS", default_value_t = 0.5)]
    fragment_duration: f64,

    /// The film's name, for people
    #[arg(long)]
    name: Option<String>,

    /// Allow chunks larger than edges are known to hold
    #[arg(long)]
    force: bool,

    /// Print the manifest as JSON when done, and nothing else
    #[arg(long)]
    json: bool,

    /// Print nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  splitter film.mp4                                  publish in media/current
  splitter film.mp4 --out /srv/media/current         publish elsewhere
  splitter film.mp4 --chunk-size 100MB               smaller chunks
  splitter film.mkv                                  not an MP4: the error names the ffmpeg command to run first";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "splitter: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut options = Options::new(&arguments.film, &arguments.out);
    options.chunk_size = arguments.chunk_size;
    options.fragment_duration =
        Duration::try_from_secs_f64(arguments.fragment_duration).context("--fragment-duration")?;
    options.name.clone_from(&arguments.name);
    options.force = arguments.force;
    stop_on_interrupt(&options.stop)?;

    let started = Instant::now();
    let is_silent = arguments.quiet || arguments.json || !io::stderr().is_terminal();
    let bar = Bar::new(is_silent);
    let report = splitter::cut(&options, &bar as &dyn Progress)?;
    bar.clear();
    if !arguments.quiet {
        let mut err = io::stderr().lock();
        for warning in &report.warnings {
            writeln!(err, "warning: {warning}")?;
        }
    }
    if arguments.json {
        let mut out = io::stdout().lock();
        serde_json::to_writer(&mut out, &report.document)?;
        writeln!(out)?;
    } else if !arguments.quiet {
        summary(&mut io::stdout().lock(), &report, &options, started.elapsed())?;
    }
    Ok(())
}

fn stop_on_interrupt(stop: &Stop) -> anyhow::Result<()> {
    let stop = stop.clone();
    ctrlc::set_handler(move || stop.ask()).context("cannot listen for Ctrl-C")
}

fn summary(out: &mut impl Write, report: &Report, options: &Options, took: Duration) -> io::Result<()> {
    let document = &report.document;
    let mut total = 0;
    for stream in &document.streams {
        let bytes: u64 = stream.chunks.iter().map(|chunk| chunk.bytes).sum();
        total += bytes;
        let chunks = stream.chunks.len();
        let plural = if chunks == 1 { "chunk" } else { "chunks" };
        writeln!(out, "{}  {}, {chunks} {plural}", stream.mime, ByteSize(bytes))?;
    }
    let rate = ByteSize((total as f64 / took.as_secs_f64().max(1e-9)) as u64);
    writeln!(
        out,
        "{} of {} in {:.1} s ({rate}/s): {}",
        document.duration,
        ByteSize(total),
        took.as_secs_f64(),
        options.out.join("manifest.json").display()
    )
}
