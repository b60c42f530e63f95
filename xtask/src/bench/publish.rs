//! `splitter FILM --out s3://…` beside plain uploads of the same bytes by well-known clients, to the same S3 server on this machine.
//!
//! Every contestant has its turn in every round, into an empty bucket; each round gives ratios, and the table has their medians.
//! The bucket lies in memory (tmpfs), where the disk has no say, and what is sent is read once before, so that it is in the page
//! cache. Server and clients share the processor: the ratios are what counts. What the splitter has done is read back at the
//! end, to the last bit.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::splitter::{film, finish, median};
use super::store::{self, Store};
use crate::{command, demo, report, setup, workspace};

const ROUNDS: usize = 3;
/// Times as long as a plain upload that publishing may take, cutting included.
const MOST_OF_UPLOAD: f64 = 1.2;
/// Megabytes that the splitter may hold, whatever the film's length.
const MOST_MEGABYTES: f64 = 128.0;
/// Between these lines of `docs/publishing.md` stands what was measured.
const PLACE: [&str; 2] =
    ["<!-- figures: written by `cargo xtask bench publish` -->\n", "<!-- end of the figures -->\n"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contestant {
    /// Cuts the film while it is sent.
    Splitter,
    /// The film as one object, as each sends it unless told otherwise.
    Aws,
    Rclone,
    /// What was cut before, in the splitter's own requests: a file in each.
    RcloneWhole,
}

const ALL: [Contestant; 4] = [Contestant::Splitter, Contestant::Aws, Contestant::Rclone, Contestant::RcloneWhole];

/// What is sent.
struct Bytes {
    film: PathBuf,
    /// The same, as the splitter cuts it into a directory.
    cut: PathBuf,
}

/// A bucket in memory and its server; gone when dropped.
struct Bucket {
    place: PathBuf,
    store: Store,
}

/// What the turns of one contestant came to.
#[derive(Clone, Debug, Default)]
struct Turns {
    seconds: Vec<f64>,
    peak_megabytes: f64,
}

/// Measures with a film of about so many gigabytes, and prints the table; with the whole of 4 the page has it, too.
pub(crate) fn run(gigabytes: Option<f64>) -> Result<()> {
    setup::run(setup::Purpose::Publish)?;
    report::headline("Building the splitter and the S3 server");
    demo::build_programs()?;
    store::build()?;
    report::headline("Making the film, and cutting it once");
    let bytes = Bytes::make(gigabytes.unwrap_or(4.0))?;
    let bucket = Bucket::new()?;
    let length = fs::metadata(&bytes.film)?.len() as f64 / 1e9;

    report::headline(&format!("A film of {length:.2} GB, medians of {ROUNDS} rounds"));
    let turns = measure(&bytes, &bucket)?;
    let text = table(&turns, length);
    report::line(&text);
    bucket.empty()?;
    finish(&mut Contestant::Splitter.turn(&bytes, &bucket))?;
    let mut verify = bucket.client(workspace::program("splitter"));
    finish(verify.args(["verify", "s3://films/film"]).stdout(Stdio::null()))?;
    report::line("What the splitter has sent is whole.");
    if gigabytes.is_none() {
        write(&text)?;
    }
    bytes.remove()
}

/// Every contestant in every round, in an order that turns.
fn measure(bytes: &Bytes, bucket: &Bucket) -> Result<Vec<Turns>> {
    let mut turns = vec![Turns::default(); ALL.len()];
    for round in 0..=ROUNDS {
        for turn in 0..ALL.len() {
            let at = (round + turn) % ALL.len();
            bucket.empty()?;
            let begin = Instant::now();
            let megabytes = finish(&mut ALL[at].turn(bytes, bucket))?;
            // The first round only warms up.
            if round > 0 {
                turns[at].seconds.push(begin.elapsed().as_secs_f64());
            }
            turns[at].peak_megabytes = turns[at].peak_megabytes.max(megabytes);
        }
    }
    Ok(turns)
}

/// The table, and below it what it was measured with.
fn table(turns: &[Turns], gigabytes: f64) -> String {
    let own = &turns[0];
    let mut text = "| | time | splitter / this | most memory |\n| --- | ---: | ---: | ---: |\n".to_owned();
    for (contestant, turns) in ALL.into_iter().zip(turns) {
        let seconds = median(turns.seconds.clone());
        let ratio = median(own.seconds.iter().zip(&turns.seconds).map(|(own, its)| own / its).collect());
        let judged = |is_met: bool, goal: String| format!(" ({}{goal})", if is_met { "" } else { "MISSES " });
        let of_ratio = match contestant {
            Contestant::Splitter => "1".to_owned(),
            _ => format!("{ratio:.2}{}", judged(ratio <= MOST_OF_UPLOAD, format!("≤ {MOST_OF_UPLOAD}"))),
        };
        let of_memory = match contestant {
            Contestant::Splitter => judged(turns.peak_megabytes <= MOST_MEGABYTES, format!("≤ {MOST_MEGABYTES} MB")),
            _ => String::new(),
        };
        let (name, megabytes) = (contestant.name(), turns.peak_megabytes);
        text += &format!("| {name} | {seconds:.1} s | {of_ratio} | {megabytes:.0} MB{of_memory} |\n");
    }
    let version = |program: &str, question: &str| {
        let answer = command::output(command::program(program).arg(question)).unwrap_or_default();
        answer.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    };
    text += &format!(
        "\nA film of {gigabytes:.2} GB, medians of {ROUNDS} rounds on {} cores, which the server takes its share of; {}; {}.\n",
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        version("aws", "--version"),
        version("rclone", "version"),
    );
    text
}

fn write(table: &str) -> Result<()> {
    let page = workspace::root().join("docs/publishing.md");
    let text = fs::read_to_string(&page).with_context(|| format!("cannot read {}", page.display()))?;
    let text = put_between(&text, &format!("\n{table}\n"));
    let text = text.with_context(|| format!("{} has no place for the figures", page.display()))?;
    fs::write(&page, text).with_context(|| format!("cannot write {}", page.display()))
}

fn put_between(page: &str, text: &str) -> Option<String> {
    let (before, rest) = page.split_once(PLACE[0])?;
    let (_, after) = rest.split_once(PLACE[1])?;
    Some([before, PLACE[0], text, PLACE[1], after].concat())
}

impl Contestant {
    fn name(self) -> &'static str {
        match self {
            Self::Splitter => "`splitter FILM --out s3://…`, which cuts it",
            Self::Aws => "`aws s3 cp FILM`",
            Self::Rclone => "`rclone copyto FILM`",
            Self::RcloneWhole => "`rclone copy` of what was cut before, one request a file",
        }
    }

    fn turn(self, bytes: &Bytes, bucket: &Bucket) -> Command {
        match self {
            Self::Splitter => {
                let mut splitter = bucket.client(workspace::program("splitter"));
                splitter.arg(&bytes.film).args(["--out", "s3://films/film", "--quiet"]);
                splitter
            }
            Self::Aws => {
                let mut aws = bucket.client("aws");
                // Newer versions add checksums, older ones do not.
                aws.env("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required").env("AWS_DEFAULT_REGION", "us-east-1");
                aws.args(["s3", "cp", "--quiet", "--endpoint-url", &bucket.store.endpoint()]);
                aws.arg(&bytes.film).arg("s3://films/film.mp4");
                aws
            }
            Self::Rclone => {
                let mut rclone = rclone(bucket);
                rclone.arg("copyto").arg(&bytes.film).arg("store:films/film.mp4");
                rclone
            }
            Self::RcloneWhole => {
                let mut rclone = rclone(bucket);
                rclone.args(["copy", "--s3-upload-cutoff", "1G", "--exclude", ".*"]);
                rclone.arg(&bytes.cut).arg("store:films/film");
                rclone
            }
        }
    }
}

fn rclone(bucket: &Bucket) -> Command {
    let mut rclone = bucket.client("rclone");
    // No file of settings is read or made.
    rclone.env("RCLONE_CONFIG", "").env("RCLONE_CONFIG_STORE_TYPE", "s3");
    rclone.env("RCLONE_CONFIG_STORE_PROVIDER", "Other").env("RCLONE_CONFIG_STORE_ENV_AUTH", "true");
    rclone.env("RCLONE_CONFIG_STORE_ENDPOINT", bucket.store.endpoint());
    rclone.args(["--quiet", "--s3-no-check-bucket"]);
    rclone
}

impl Bytes {
    fn make(gigabytes: f64) -> Result<Self> {
        let film = film(gigabytes)?;
        let cut = workspace::target().join("bench/publish");
        // Of a run that was broken off.
        if cut.exists() {
            fs::remove_dir_all(&cut).with_context(|| format!("cannot remove {}", cut.display()))?;
        }
        let mut splitter = command::program(workspace::program("splitter"));
        command::run(splitter.arg(&film).arg("--out").arg(&cut).arg("--quiet"))?;
        let bytes = Self { film, cut };
        read(&bytes.film)?;
        Ok(bytes)
    }

    fn remove(self) -> Result<()> {
        fs::remove_file(&self.film).with_context(|| format!("cannot remove {}", self.film.display()))?;
        fs::remove_dir_all(&self.cut).with_context(|| format!("cannot remove {}", self.cut.display()))
    }
}

/// Reads a file into the page cache.
fn read(path: &Path) -> Result<()> {
    let read = fs::File::open(path).and_then(|mut file| io::copy(&mut file, &mut io::sink()));
    read.map(drop).with_context(|| format!("cannot read {}", path.display()))
}

impl Bucket {
    fn new() -> Result<Self> {
        let memory = Path::new("/dev/shm");
        ensure!(memory.is_dir(), "there is no tmpfs at {}", memory.display());
        let place = memory.join(format!("watchparty-bench-{}", std::process::id()));
        fs::create_dir_all(place.join("films")).with_context(|| format!("cannot make {}", place.display()))?;
        let store = Store::start(&["--bare".as_ref(), place.as_os_str()])?;
        Ok(Self { place, store })
    }

    /// A program that knows where the server is and has its keys, and no others.
    fn client(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut client = command::program(program);
        self.store.introduce(&mut client);
        client.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        // Nothing here is encrypted, and rclone ends where it is told of certificates.
        client.env_remove("AWS_CA_BUNDLE");
        client
    }

    /// Removes every object, and what the server keeps of them beside the bucket.
    fn empty(&self) -> Result<()> {
        let failed = || format!("cannot empty {}", self.place.display());
        for entry in fs::read_dir(&self.place).with_context(failed)? {
            let entry = entry.with_context(failed)?;
            let path = entry.path();
            let is_directory = entry.file_type().with_context(failed)?.is_dir();
            if is_directory { fs::remove_dir_all(path) } else { fs::remove_file(path) }.with_context(failed)?;
        }
        fs::create_dir(self.place.join("films")).with_context(failed)
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        // The server writes nothing more when nobody asks it.
        let _ = fs::remove_dir_all(&self.place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_place_for_the_table() {
        let page = include_str!("../../../docs/publishing.md");
        assert!(put_between(page, "table").is_some_and(|page| page.contains("table")));
    }
}
