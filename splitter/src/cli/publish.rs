//! `splitter publish DIR URL`.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use splitter::publish::{preview, publish};
use splitter::{Progress, Stop};
use store::{Address, NoAddress};

use super::sending::{self, Sending};
use super::{print_json, signals};
use crate::bar::Bar;

/// Puts a film that was cut into object storage: S3 and what speaks like it, R2, Google, Azure
///
/// Chunks go first, several at once; the playlists and the manifest last, so that nobody is ever given what is not there.
/// Ended half-way (Ctrl-C, a kill, a power cut), it goes on where it was when it is run again: what lies there with the right
/// length and digest is not sent again. A connection that breaks, a machine that sleeps and a store that is busy are waited
/// out, for about an hour at a time.
///
/// `splitter FILM --out URL` does so without the directory. With --progressive the film can be watched while it goes up.
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

    #[command(flatten)]
    sending: Sending,

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
  splitter publish media/current r2://films/current --progressive   to be watched while it goes up

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
        let options = self.sending.options(&self.directory, self.address()?, &stop);
        let started = Instant::now();
        let published = if self.dry_run {
            preview(&options)?
        } else {
            let bar = Bar::new(self.quiet || self.json || !io::stderr().is_terminal());
            let published = publish(&options, &bar as &dyn Progress);
            bar.clear();
            published?
        };
        let mut out = io::stdout().lock();
        if self.json {
            drop(out);
            print_json(&published)?;
        } else if !self.quiet && self.dry_run {
            sending::preview(&mut out, &published)?;
        } else if !self.quiet {
            sending::summary(&mut out, &published, started.elapsed().as_secs_f64())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
