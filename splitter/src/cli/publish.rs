//! `splitter publish DIR URL`.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use splitter::publish::{Options, Published, preview, publish};
use splitter::{ByteSize, Progress, Stop};
use store::{Address, NoAddress};

use super::{print_json, signals};
use crate::bar::Bar;

/// Puts a film that was cut into object storage: S3 and what speaks like it, R2, Google, Azure
///
/// Chunks go first, several at once; the playlists and the manifest last, so that nobody is ever given what is not there.
/// Ended half-way (Ctrl-C, a kill, a power cut), it goes on where it was when it is run again: what lies there with the right
/// length and digest is not sent again. A connection that breaks, a machine that sleeps and a store that is busy are waited
/// out, for about an hour at a time.
///
/// Each object has the content type and the Cache-Control that `origin` would answer with, and its SHA-256 as metadata
/// (sha256). To S3 and R2 a file goes in one request that is signed with that digest: the store itself refuses anything else.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Publish {
    /// Directory that a film was cut into
    #[arg(value_name = "DIR")]
    directory: PathBuf,

    /// Where it goes: s3://bucket/prefix, r2://bucket/prefix, gs://bucket/prefix, az://container/prefix, or file:///directory
    #[arg(value_name = "URL")]
    url: String,

    /// The most bytes to send in a second, such as 1MB, so that others can still use the line
    #[arg(long, value_name = "SIZE")]
    limit_rate: Option<ByteSize>,

    /// How many files are sent at once; each takes about 1 MB of memory, or 16 MiB where it goes in parts
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,

    /// Read every file back after it was sent, and compare its digest: the store's word is not enough then
    #[arg(long)]
    read_back: bool,

    /// Send nothing, only ask the store what it has, and say what would be sent
    #[arg(long)]
    dry_run: bool,

    /// Print what was sent as JSON, and nothing else
    #[arg(long)]
    json: bool,

    /// Print nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  splitter publish media/current s3://films/current
  splitter publish media/current r2://films/current --limit-rate 1MB
  splitter publish media/current s3://films/current --dry-run

Keys come from the environment alone, and appear in no output:
  s3://   AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN), or AWS_PROFILE and ~/.aws; AWS_REGION;
          AWS_ENDPOINT_URL for another server than Amazon's, such as https://s3.eu-central-003.backblazeb2.com
  r2://   the same two of an R2 API token, and CLOUDFLARE_ACCOUNT_ID (or AWS_ENDPOINT_URL)
  gs://   GOOGLE_APPLICATION_CREDENTIALS, or what `gcloud auth application-default login` has left
  az://   AZURE_STORAGE_ACCOUNT_NAME, AZURE_STORAGE_ACCOUNT_KEY (or AZURE_STORAGE_SAS_KEY)

Exit status: 0 when all of it is there, 1 when it is not, 2 when the command makes no sense.";

impl Publish {
    /// What was typed as URL. Read here and not by clap, which repeats what it refuses: people put secrets into URLs.
    pub(super) fn address(&self) -> Result<Address, NoAddress> {
        self.url.parse()
    }

    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let stop = Stop::default();
        signals::stop_on_any(&stop).context("cannot listen for Ctrl-C")?;
        let mut options = Options::new(&self.directory, self.address()?);
        options.limit_rate = self.limit_rate;
        options.jobs = self.jobs.into();
        options.read_back = self.read_back;
        options.stop = stop;
        let started = Instant::now();
        let published = if self.dry_run {
            preview(&options)?
        } else {
            let bar = Bar::new(self.quiet || self.json || !io::stderr().is_terminal());
            let published = publish(&options, &bar as &dyn Progress);
            bar.clear();
            published?
        };
        if self.json {
            print_json(&published)?;
        } else if !self.quiet {
            let seconds = started.elapsed().as_secs_f64();
            self.summary(&mut io::stdout().lock(), &published, seconds)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn summary(&self, out: &mut impl Write, published: &Published, seconds: f64) -> io::Result<()> {
        let Published { url, id, sent, sent_bytes, kept, kept_bytes } = published;
        let kept = format!("{kept} files, {}, are there already", ByteSize(*kept_bytes));
        let count = sent.len();
        if self.dry_run {
            for file in sent {
                writeln!(out, "would send {} ({})  {}", file.name, ByteSize(file.bytes), file.cache_control)?;
            }
            return writeln!(out, "{url}: {id} would take {count} files, {}; {kept}", ByteSize(*sent_bytes));
        }
        let rate = ByteSize((*sent_bytes as f64 / seconds.max(0.001)) as u64);
        writeln!(out, "{url}: {id} is there")?;
        writeln!(out, "sent {count} files, {}, in {seconds:.1} s ({rate}/s); {kept}", ByteSize(*sent_bytes))
    }
}
