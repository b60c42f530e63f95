//! How files go into a store, and what is said of it then.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use splitter::publish::{Options, Published};
use splitter::{ByteSize, Stop};
use store::Address;

/// Files that are sent at once unless told otherwise.
const JOBS: u8 = 4;

#[derive(Debug, Args)]
#[command(next_help_heading = "Into a store")]
pub(super) struct Sending {
    /// The most bytes to send in a second, such as 1MB, so that others can still use the line
    #[arg(long, value_name = "SIZE")]
    limit_rate: Option<ByteSize>,

    /// How many files are sent at once, 4 unless told otherwise, or 1 with --progressive; each takes about 1 MB of memory, or 16
    /// MiB where it goes in parts
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: Option<u8>,

    /// Read every file back after it was sent, and compare its digest: the store's word is not enough then
    #[arg(long)]
    read_back: bool,

    /// Have the film be watched while it goes up: chunks go in the order of the film, and the manifest names what is there
    #[arg(long)]
    progressive: bool,
}

impl Sending {
    pub(super) fn options(&self, directory: &Path, address: Address, stop: &Stop) -> Options {
        let mut options = Options::new(directory, address);
        options.limit_rate = self.limit_rate;
        // Who waits for the next chunk is not helped by parts of those behind it.
        options.jobs = self.jobs.unwrap_or(if self.progressive { 1 } else { JOBS }).into();
        options.read_back = self.read_back;
        options.progressive = self.progressive;
        options.stop = stop.clone();
        options
    }

    /// Whether anything of it was asked for.
    pub(super) fn is_given(&self) -> bool {
        self.limit_rate.is_some() || self.jobs.is_some() || self.read_back || self.progressive
    }
}

/// What was sent in so many seconds, for people.
pub(super) fn summary(out: &mut impl Write, published: &Published, seconds: f64) -> io::Result<()> {
    let Published { url, id, sent, sent_bytes, .. } = published;
    let rate = ByteSize((*sent_bytes as f64 / seconds.max(0.001)) as u64);
    writeln!(out, "{url}: {id} is there")?;
    let (count, bytes, kept) = (sent.len(), ByteSize(*sent_bytes), kept(published));
    writeln!(out, "sent {count} files, {bytes}, in {seconds:.1} s ({rate}/s); {kept}")
}

/// What would be sent, for people.
pub(super) fn preview(out: &mut impl Write, published: &Published) -> io::Result<()> {
    let Published { url, id, sent, sent_bytes, .. } = published;
    for file in sent {
        writeln!(out, "would send {} ({})  {}", file.name, ByteSize(file.bytes), file.cache_control)?;
    }
    let (count, bytes, kept) = (sent.len(), ByteSize(*sent_bytes), kept(published));
    writeln!(out, "{url}: {id} would take {count} files, {bytes}; {kept}")
}

fn kept(published: &Published) -> String {
    format!("{} files, {}, are there already", published.kept, ByteSize(published.kept_bytes))
}
