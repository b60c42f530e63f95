//! `splitter prune DIR|URL`.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use splitter::{ByteSize, publish};
use store::Address;

use super::print_json;

/// Removes cuts that no manifest in a directory, or in a store, names any more
///
/// Cutting another film, or the same with other options, leaves the earlier cut where it is, because viewers may be in the
/// middle of it. This removes such cuts, and what killed splitters have left. Nothing else is touched. Whoever still watches
/// an earlier cut loses it.
#[derive(Debug, Args)]
pub(super) struct Prune {
    /// Directory that films are published in, or where `splitter publish` has put them, such as s3://bucket/prefix
    #[arg(value_name = "DIR|URL")]
    place: String,

    /// Remove nothing, only say what would be
    #[arg(long)]
    dry_run: bool,

    /// Print what was removed as JSON
    #[arg(long)]
    json: bool,
}

impl Prune {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let pruned = if Address::is_meant_by(&self.place) {
            splitter::publish::prune(&publish::Options::new("", self.place.parse()?), self.dry_run)?
        } else {
            splitter::prune(Path::new(&self.place), self.dry_run)?
        };
        if self.json {
            print_json(&pruned)?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut out = io::stdout().lock();
        let verb = if self.dry_run { "would remove" } else { "removed" };
        for entry in &pruned.removed {
            writeln!(out, "{verb} {} ({})", entry.path.display(), ByteSize(entry.bytes))?;
        }
        if pruned.removed.is_empty() {
            // A listing may lag behind.
            let found = if Address::is_meant_by(&self.place) { "listed below" } else { "in" };
            writeln!(out, "nothing to remove: {} is the only cut {found} {}", pruned.current, self.place)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
