//! `splitter prune DIR`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use splitter::ByteSize;

use super::print_json;

/// Removes cuts that no manifest in a directory names any more
///
/// Cutting another film, or the same with other options, leaves the earlier cut where it is, because viewers may be in the
/// middle of it. This removes such cuts, and what killed splitters have left. Nothing else is touched. Whoever still watches
/// an earlier cut loses it.
#[derive(Debug, Args)]
pub(super) struct Prune {
    /// Directory that films are published in
    #[arg(value_name = "DIR")]
    directory: PathBuf,

    /// Remove nothing, only say what would be
    #[arg(long)]
    dry_run: bool,

    /// Print what was removed as JSON
    #[arg(long)]
    json: bool,
}

impl Prune {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let pruned = splitter::prune(&self.directory, self.dry_run)?;
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
            writeln!(out, "nothing to remove: {} is the only cut in {}", pruned.current, self.directory.display())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
