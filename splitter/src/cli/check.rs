//! `splitter check URL`.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use splitter::check::{Finding, Options, Review, Severity, check};
use splitter::verify::Place;
use splitter::{ByteSize, Progress, Stop};
use store::{Address, Scheme};

use super::print_json;
use crate::bar::Bar;

/// Looks at a live deployment as a viewer's browser would: is it one that an edge can keep and a player can play?
///
/// Asks for the manifest and a sample of the cut: headers, ranges, tags and conditions, cross-origin access, what the
/// cache says the first time and the second, the digests of inits, tables and some fragments, and whether an error could
/// be kept. Exit status 0 means that nothing is wrong, 1 that something is: each finding comes with its remedy.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  splitter check https://example.org/media/current/manifest.json
  splitter check https://example.org/media/current/ --warm      read all of it, so that the edge nearest to here has it
  splitter check https://cdn.example.org/film/ --page https://example.org --json
")]
pub(super) struct Check {
    /// URL of a manifest, or of the directory that it lies in
    url: String,

    /// Look at every chunk, not only at the first and the last of each stream
    #[arg(long)]
    all: bool,

    /// Read every chunk whole and hold it against its digest: the edge then has it
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
        let Place::Web(_, url) = Place::parse(&self.url) else { bail!(no_web(&self.url)) };
        let options = Options { all: self.all, warm: self.warm, page: self.page.clone() };
        let bar = Bar::new(self.quiet || self.json || !io::stderr().is_terminal());
        let review = check(&url, &options, &bar as &dyn Progress, &Stop::default())?;
        bar.clear();
        if self.json {
            print_json(&review)?;
        } else {
            self.print(&review).context("cannot write to standard output")?;
        }
        Ok(if review.has_faults() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
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
        writeln!(out, "{}: {faults} faults, {notes} notes ({} read)", review.id, ByteSize(review.bytes))
    }
}

/// What to do with what is typed instead of the address that viewers ask.
fn no_web(text: &str) -> String {
    if !Address::is_meant_by(text) {
        return format!("{text:?} is no URL; `splitter verify` looks at a directory");
    }
    let address: Address = match text.parse() {
        Ok(address) => address,
        // It is not repeated: people put secrets into addresses.
        Err(no) => return no.to_string(),
    };
    let (what, domain) = match address.scheme {
        Scheme::File => ("directory", "address that it is served at"),
        _ => ("store", "address of the bucket's own domain"),
    };
    format!(
        "{address} is a {what}, and check asks as viewers do: give it the https:// {domain}, or start `origin --media \
         {address}` and check http://127.0.0.1:8080/media/current/; `splitter verify {address}` looks at the {what} itself"
    )
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
