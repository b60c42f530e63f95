//! `splitter FILM`: cut and publish.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use serde_json::json;
use signing::Keys;
use splitter::publish::{self, preview_cut};
use splitter::{
    AudioChoice, ByteSize, Choice, LadderChoice, Options, PlannedChunk, Preview, Progress, Report, SoundRate,
    SubtitlesFile, WantedRung, Warning,
};

use store::{Address, NoAddress};

use super::sending::{self, Sending};
use super::{print_json, signals};
use crate::bar::Bar;

#[derive(Debug, Args)]
pub(super) struct Cut {
    /// The film: an MP4, M4V, MOV or M4A file, any other that ffmpeg reads where it is installed, or - for standard input.
    /// Behind it, its pictures at other rates, for players to choose from as links allow
    ///
    /// Groups begin at the keyframes that all of them have at the same time. Sound and subtitles are those of the first.
    #[arg(required = true, value_name = "FILM")]
    pub(super) films: Vec<PathBuf>,

    /// Have ffmpeg make rungs of the film for slower links: auto, or heights such as 1080p,720p,480p
    ///
    /// They are H.264 (CRF 21 within what each height usually takes), with keyframes exactly where the film has its own. A rung that
    /// is finished is kept in DIR/.rungs and not made again for the same film and settings, until the splitter is asked to
    /// prune. `auto` never makes pictures larger, nor a rung that would be hardly smaller than the one above it.
    #[arg(long, value_name = "auto|HEIGHTS")]
    ladder: Option<LadderChoice>,

    /// Have ffmpeg make rungs of each sound, too, at these rates, such as 128k,64k; of AAC and AC-3 only
    #[arg(long, value_name = "RATES", value_delimiter = ',')]
    audio_ladder: Vec<SoundRate>,

    /// How much time libx264 takes for the rungs: ultrafast to veryslow; the slower, the better they look at their rate
    #[arg(long, value_name = "PRESET", default_value = "medium", requires = "ladder")]
    ladder_preset: String,

    /// Directory to publish in, or a place in a store, such as s3://bucket/prefix (see `splitter publish --help`)
    ///
    /// Into a store the film goes while it is cut: it is read twice, and no copy of it is on the disk.
    #[arg(short, long, value_name = "DIR|URL", default_value = "media/current")]
    out: PathBuf,

    #[command(flatten)]
    sending: Sending,

    /// Where ffmpeg puts what it makes on the way into a store, and keeps rungs; the system's place for such files unless told
    /// otherwise
    #[arg(long, value_name = "DIR", help_heading = "Into a store")]
    spool: Option<PathBuf>,

    /// The most bytes in a chunk, such as 256MB or 200MiB
    #[arg(long, value_name = "SIZE", default_value = "256MB")]
    chunk_size: ByteSize,

    /// How long a fragment should be, in seconds; shorter ones start sooner, longer ones cost fewer bytes. One that would
    /// take more than 768 KiB is cut once more
    #[arg(long, value_name = "SECONDS", default_value_t = 0.5)]
    fragment_duration: f64,

    /// Put video and audio into the same fragments, as one stream, for players that want that
    ///
    /// Such a stream starts later: a browser shows nothing of a fragment before all of it is there.
    #[arg(long)]
    muxed: bool,

    /// The film's name, for people
    #[arg(long)]
    name: Option<String>,

    /// Publish under a name that nobody can guess, also not who has the same film: for films that only those with a link may watch
    ///
    /// See `splitter share` and `origin --share-key`. The manifest itself is found by whoever is told of DIR.
    #[arg(long, requires = "key")]
    private: bool,

    /// File of keys, one a line, of which the first makes the name of a private cut; `openssl rand -hex 32` makes a key
    #[arg(long, value_name = "FILE", requires = "private")]
    key: Option<PathBuf>,

    /// Subtitles beside the film: a language and a .srt, .ass or .vtt file, such as en=film.en.srt; may be repeated
    #[arg(long, value_name = "LANG=FILE")]
    subtitles: Vec<SubtitlesFile>,

    /// Cut this video track, counted from 1 as --dry-run lists them; the one that the film wants played unless told
    /// otherwise
    #[arg(long, value_name = "N")]
    video: Option<u32>,

    /// Cut these audio tracks, by language or by number as --dry-run lists them, such as en,ja or 2; the first is the
    /// default. All that play unless told otherwise
    #[arg(long, value_name = "LANG|N", value_delimiter = ',')]
    audio: Vec<AudioChoice>,

    /// Leave out the subtitles in the film
    #[arg(long)]
    no_subtitles: bool,

    /// Have ffmpeg make pictures for the seek bar, one every 10 seconds or as many as are given, at keyframes
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "10")]
    thumbnails: Option<f64>,

    /// Have ffmpeg re-encode what not every browser plays (HEVC, AC-3, …) as H.264 and AAC, a keyframe every 2 s
    #[arg(long)]
    transcode: bool,

    /// Publish sound alone, without the film's pictures
    #[arg(long)]
    audio_only: bool,

    /// Publish what is there of a film that is cut off or damaged, with a warning, instead of refusing it
    #[arg(long)]
    keep_going: bool,

    /// Allow chunks larger than edges are known to hold
    #[arg(long)]
    force: bool,

    /// Write nothing, only say what would be: streams, codecs, chunks, sizes, warnings; with a URL the store is asked what it has
    #[arg(long)]
    dry_run: bool,

    /// Print the manifest (or the plan of --dry-run) as JSON, and nothing else; with a URL what is, or would be, sent
    #[arg(long)]
    json: bool,

    /// Print nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

impl Cut {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let options = self.options()?;
        if let Some(address) = self.address()? {
            return self.send_to(&options, address);
        }
        if self.dry_run {
            return self.preview(&options);
        }
        let started = Instant::now();
        let bar = self.bar();
        let report = splitter::cut(&options, &bar as &dyn Progress)?;
        bar.clear();
        self.warn(&report.warnings)?;
        if self.json {
            print_json(&report.manifest())?;
        } else if !self.quiet {
            summary(&mut io::stdout().lock(), &report, &options, started.elapsed())?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The place in a store that was typed as one. Read here and not by clap, which repeats what it refuses: people put secrets into
    /// URLs.
    pub(super) fn address(&self) -> Result<Option<Address>, NoAddress> {
        self.out.to_str().filter(|out| Address::is_meant_by(out)).map(str::parse).transpose()
    }

    /// Why options do not fit the place where the film goes.
    pub(super) fn misfit(&self) -> Option<&'static str> {
        let is_into_store = self.address().is_ok_and(|address| address.is_some());
        let makes_rungs = self.ladder.is_some() || !self.audio_ladder.is_empty();
        match is_into_store {
            false if self.sending.is_given() || self.spool.is_some() => Some(
                "--limit-rate, --jobs, --read-back, --progressive and --spool are for a store: give its URL with --out, or put the \
                 directory into one with `splitter publish`",
            ),
            true if makes_rungs && self.spool.is_none() => Some(
                "ffmpeg makes rungs in a directory, where they are kept until you remove them: say which with --spool DIR",
            ),
            _ => None,
        }
    }

    fn bar(&self) -> Bar {
        Bar::new(self.quiet || self.json || !io::stderr().is_terminal())
    }

    fn send_to(&self, options: &Options, address: Address) -> anyhow::Result<ExitCode> {
        let into = self.sending.options(Path::new(""), address, &options.stop);
        let started = Instant::now();
        let bar = self.bar();
        if self.dry_run {
            let previewed = preview_cut(options, &into, &bar as &dyn Progress);
            bar.clear();
            let (preview, published) = previewed?;
            if self.json {
                print_json(&published.as_ref().map_or_else(|| json!(preview), |published| json!(published)))?;
                return Ok(ExitCode::SUCCESS);
            }
            self.warn(&preview.warnings)?;
            if !self.quiet {
                let mut out = io::stdout().lock();
                show_preview(&mut out, &preview, options)?;
                published.iter().try_for_each(|published| sending::preview(&mut out, published))?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        let cut = publish::cut(options, &into, &bar as &dyn Progress);
        bar.clear();
        let publish::Cut { report, published } = cut?;
        self.warn(&report.warnings)?;
        if self.json {
            print_json(&published)?;
        } else if !self.quiet {
            let mut out = io::stdout().lock();
            streams(&mut out, &report)?;
            sending::summary(&mut out, &published, started.elapsed().as_secs_f64())?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn preview(&self, options: &Options) -> anyhow::Result<ExitCode> {
        let preview = splitter::preview(options)?;
        if self.json {
            print_json(&preview)?;
            return Ok(ExitCode::SUCCESS);
        }
        self.warn(&preview.warnings)?;
        if !self.quiet {
            show_preview(&mut io::stdout().lock(), &preview, options)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn options(&self) -> anyhow::Result<Options> {
        let (film, rungs) = self.films.split_first().context("which film?")?;
        let mut options = Options::new(film, &self.out);
        if self.address()?.is_some() {
            options.out = self.spool.clone().unwrap_or_else(std::env::temp_dir);
        }
        options.rungs = rungs.to_owned();
        options.ladder.clone_from(&self.ladder);
        options.audio_ladder.clone_from(&self.audio_ladder);
        options.ladder_preset.clone_from(&self.ladder_preset);
        options.chunk_size = self.chunk_size;
        options.fragment_duration =
            Duration::try_from_secs_f64(self.fragment_duration).context("--fragment-duration")?;
        options.thumbnails = self.thumbnails.map(Duration::try_from_secs_f64).transpose().context("--thumbnails")?;
        options.muxed = self.muxed;
        options.name.clone_from(&self.name);
        options.private = self.key.as_deref().map(Keys::read).transpose()?;
        options.subtitles.clone_from(&self.subtitles);
        options.choice = Choice { video: self.video, audio: self.audio.clone(), no_subtitles: self.no_subtitles };
        options.transcode = self.transcode;
        options.audio_only = self.audio_only;
        options.keep_going = self.keep_going;
        options.force = self.force;
        signals::stop_on_any(&options.stop).context("cannot listen for Ctrl-C")?;
        Ok(options)
    }

    fn warn(&self, warnings: &[Warning]) -> io::Result<()> {
        let mut err = io::stderr().lock();
        warnings.iter().filter(|_| !self.quiet).try_for_each(|warning| writeln!(err, "warning: {warning}"))
    }
}

fn summary(out: &mut impl Write, report: &Report, options: &Options, took: Duration) -> io::Result<()> {
    let total = streams(out, report)?;
    let rate = ByteSize((total as f64 / took.as_secs_f64().max(1e-9)) as u64);
    writeln!(
        out,
        "{} of {} in {:.1} s ({rate}/s): {}",
        report.document.duration,
        ByteSize(total),
        took.as_secs_f64(),
        options.out.join("manifest.json").display()
    )
}

/// Writes a line for each stream; the bytes of all of them.
fn streams(out: &mut impl Write, report: &Report) -> io::Result<u64> {
    let document = &report.document;
    let mut total = 0;
    for stream in &document.streams {
        let bytes: u64 = stream.chunks.iter().map(|chunk| chunk.bytes).sum();
        total += bytes;
        let chunks = stream.chunks.len();
        let plural = if chunks == 1 { "chunk" } else { "chunks" };
        let size = stream.width.zip(stream.height).map(|(width, height)| format!("  {width}x{height}"));
        writeln!(out, "{}{}  {}, {chunks} {plural}", stream.mime, size.unwrap_or_default(), ByteSize(bytes))?;
    }
    Ok(total)
}

fn show_preview(out: &mut impl Write, preview: &Preview, options: &Options) -> io::Result<()> {
    for track in &preview.film_tracks {
        writeln!(out, "{track}{}", if track.chosen { "" } else { "  (left out)" })?;
    }
    for stream in &preview.streams {
        write!(out, "{}  {}", stream.name, stream.mime)?;
        if let Some((width, height)) = stream.size {
            write!(out, "  {width}x{height}")?;
        }
        write!(out, "  {} kbit/s", stream.bandwidth / 1_000)?;
        writeln!(out, "{}", stream.set.map_or(String::new(), |set| format!("  a rung of set {set}")))?;
        writeln!(
            out,
            "  {:.3} s in {} groups of at most {:.1} s, {} fragments",
            stream.seconds, stream.groups, stream.longest_group_seconds, stream.fragments
        )?;
        for (number, PlannedChunk { bytes, start_seconds, seconds }) in (1..).zip(&stream.chunks) {
            writeln!(
                out,
                "  {number:04}.mp4  {:>10}  from {start_seconds:.3} s, {seconds:.3} s",
                ByteSize(*bytes).to_string()
            )?;
        }
    }
    for WantedRung { name, size, most_bits_per_second: most } in &preview.rungs {
        let size = size.map_or(String::new(), |(width, height)| format!("  {width}x{height}"));
        writeln!(out, "{name}{size}  at most {} kbit/s for long: a rung that ffmpeg makes", most / 1_000)?;
    }
    writeln!(out, "{} in {}; nothing was written", ByteSize(preview.bytes), options.out.display())
}
