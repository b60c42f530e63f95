//! `splitter check URL`.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use splitter::check::{Finding, Options, Review, Severity, check, check_store};
use splitter::verify::Place;
use splitter::{ByteSize, Progress, Stop, publish};
use store::Address;

use super::print_json;
use crate::bar::Bar;

/// Attempts after which a store counts as one that does not answer: some seconds, where `publish` waits for an hour.
const ATTEMPTS: u32 = 4;

/// Looks at a live deployment as a viewer's browser would: is it one that an edge can keep and a player can play?
///
/// Asks for the manifest and a sample of the cut: headers, ranges, tags and conditions, cross-origin access, what the
/// cache says the first time and the second, the digests of inits, tables and some fragments, and whether an error could
/// be kept. Exit status 0 means that nothing is wrong, 1 that something is: each finding comes with its remedy.
///
/// What `splitter publish` has put into a store is looked at there (s3://, r2://, gs://, az://, file://), with the keys that publish takes:
/// whether all that the manifest and the playlists name is there with its length and digest, whether it is stored with the Content-Type and
/// Cache-Control that `origin` would send, whether ranges bring the right bytes, and what killed uploads have left. What an edge and the
/// bucket's domain add cannot be seen there (HTTPS, other sites, tags and conditions, errors, what is kept): check the https:// address
/// likewise. A directory (file://) keeps neither type nor cache rules, nor is that asked of it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  splitter check https://example.org/media/current/manifest.json
  splitter check s3://films/current                             look at the bucket itself
  splitter check https://example.org/media/current/ --warm      read all of it, so that the edge nearest to here has it
  splitter check https://cdn.example.org/film/ --page https://example.org --json
")]
pub(super) struct Check {
    /// URL of a manifest, or of the directory that it lies in; or where `splitter publish` has put it, such as s3://bucket/prefix
    url: String,

    /// Look at every chunk, not only at the first and the last of each stream
    #[arg(long)]
    all: bool,

    /// Read every chunk whole and hold it against its digest: an edge then has it
    #[arg(long)]
    warm: bool,

    /// Ask as a page of this origin, where it is not that of the film
    #[arg(long, value_name = "ORIGIN")]
    page: Option<String>,

    /// Print what was found as JSON, and nothing else
    #[arg(long)]
    json: bool,

    /// Print nothing but findings
    #[arg(short, long)]
    quiet: bool,
}

impl Check {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let options = Options { all: self.all, warm: self.warm, page: self.page.clone() };
        let bar = Bar::new(self.quiet || self.json || !io::stderr().is_terminal());
        let review = self.review(&options, &bar as &dyn Progress);
        bar.clear();
        let review = review?;
        if self.json {
            print_json(&review)?;
        } else {
            self.print(&review).context("cannot write to standard output")?;
        }
        Ok(if review.has_faults() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    fn review(&self, options: &Options, progress: &dyn Progress) -> anyhow::Result<Review> {
        if Address::is_meant_by(&self.url) {
            if self.page.is_some() {
                bail!("--page is about what a server says to pages of other sites: check the https:// address with it");
            }
            let mut place = publish::Options::new("", self.url.parse()?);
            place.patience.attempts = ATTEMPTS;
            return Ok(check_store(&place, options, progress)?);
        }
        let Place::Web(_, url) = Place::parse(&self.url) else {
            bail!("{:?} is no URL; `splitter verify` looks at a directory", self.url);
        };
        Ok(check(&url, options, progress, &Stop::default())?)
    }

    fn print(&self, review: &Review) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if !self.quiet {
            table(&mut out, review)?;
        }
        // What is wrong with a server is wrong with every file: said once.
        let mut said: Vec<(&Finding, usize)> = Vec::new();
        for finding in &review.findings {
            match said.iter_mut().find(|(first, _)| first.message == finding.message) {
                Some((_, others)) => *others += 1,
                None => said.push((finding, 0)),
            }
        }
        for (finding, others) in said {
            match others {
                0 => writeln!(out, "{finding}")?,
                1 => writeln!(out, "{finding}\n       (and one more file)")?,
                others => writeln!(out, "{finding}\n       (and {others} more files)")?,
            }
        }
        if self.quiet {
            return Ok(());
        }
        let faults = review.findings.iter().filter(|finding| finding.severity == Severity::Fault).count();
        let notes = review.findings.len() - faults;
        review.unseen.iter().try_for_each(|unseen| writeln!(out, "not seen here: {unseen}"))?;
        writeln!(out, "{}: {faults} faults, {notes} notes ({} read)", review.id, ByteSize(review.bytes))
    }
}

fn table(out: &mut impl Write, review: &Review) -> io::Result<()> {
    writeln!(out, "{} ({} of {} files)", review.url, review.files.len(), review.all_files)?;
    let width = review.files.iter().map(|row| row.file.chars().count()).max().unwrap_or(0);
    for row in &review.files {
        let cache = row.cache.as_ref().map_or_else(|| "-".to_owned(), |(first, last)| format!("{first}, {last}"));
        let bytes = ByteSize(row.bytes).to_string();
        let control = row.cache_control.as_deref().unwrap_or("-");
        writeln!(out, "  {:width$}  {bytes:>9}  {cache:18}  {control}", row.file)?;
    }
    Ok(())
}
