//! `splitter FILM --out s3://…` beside plain uploads of the film by `aws s3 cp` and `rclone`, to the same S3 server on this machine.
//!
//! Every contestant has its turn in every round, into an empty bucket; each round gives ratios, and the table has their medians.
//! The film is read once before, so that it is in the page cache. Server and clients share the processor: the ratios are what
//! counts. What the splitter has done is read back at the end, to the last bit.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::splitter::{film, finish, median};
use crate::{command, demo, report, setup, workspace};

const ROUNDS: usize = 3;
/// Times as long as a plain upload that publishing may take, cutting included.
const MOST_OF_UPLOAD: f64 = 1.2;
/// Megabytes that the splitter may hold, whatever the film's length.
const MOST_MEGABYTES: f64 = 128.0;
/// Of a server that nobody else reaches.
const KEYS: [&str; 2] = ["benchmark", "benchmark-secret"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contestant {
    Splitter,
    Aws,
    Rclone,
}

const ALL: [Contestant; 3] = [Contestant::Splitter, Contestant::Aws, Contestant::Rclone];

/// An S3 server with one bucket, `films`; ends when dropped.
struct Server {
    child: Child,
    address: SocketAddr,
    bucket: PathBuf,
}

/// Measures with a film of about `gigabytes`, and prints the table.
pub(crate) fn run(gigabytes: f64) -> Result<()> {
    setup::run(setup::Purpose::Publish)?;
    report::headline("Building the splitter");
    demo::build_programs()?;
    report::headline("Making the film");
    let film = film(gigabytes)?;
    let bytes = fs::metadata(&film)?.len();
    // Reads it into the page cache.
    std::io::copy(&mut fs::File::open(&film)?, &mut std::io::sink())?;
    let server = Server::start(&workspace::target().join("bench/publish"))?;

    report::headline(&format!("A film of {:.2} GB, medians of {ROUNDS} rounds", bytes as f64 / 1e9));
    let mut seconds = [const { Vec::new() }; ALL.len()];
    let mut peaks = [0.0_f64; ALL.len()];
    for round in 0..=ROUNDS {
        for turn in 0..ALL.len() {
            let at = (round + turn) % ALL.len();
            server.empty()?;
            let begin = Instant::now();
            let megabytes = finish(&mut ALL[at].turn(&film, &server))?;
            // The first round only warms up.
            if round > 0 {
                seconds[at].push(begin.elapsed().as_secs_f64());
            }
            peaks[at] = peaks[at].max(megabytes);
        }
    }
    report::line("| | time | times the splitter's | peak RSS |");
    report::line("| --- | --- | --- | --- |");
    for (at, name) in ["splitter FILM --out s3://…", "aws s3 cp", "rclone copyto"].into_iter().enumerate() {
        let ratio = median(seconds[at].iter().zip(&seconds[0]).map(|(one, own)| one / own).collect());
        let time = median(seconds[at].clone());
        report::line(&format!("| {name} | {time:.1} s | {ratio:.2} | {:.0} MB |", peaks[at]));
    }
    for (at, name) in [(1, "aws s3 cp"), (2, "rclone")] {
        let ratio = median(seconds[0].iter().zip(&seconds[at]).map(|(own, one)| own / one).collect());
        let verdict = if ratio <= MOST_OF_UPLOAD { "" } else { "MISSES " };
        report::line(&format!("splitter / {name}: {ratio:.2} ({verdict}≤ {MOST_OF_UPLOAD})"));
    }
    let verdict = if peaks[0] <= MOST_MEGABYTES { "" } else { "MISSES " };
    report::line(&format!("the splitter's memory: {:.0} MB ({verdict}≤ {MOST_MEGABYTES} MB)", peaks[0]));

    server.empty()?;
    finish(&mut Contestant::Splitter.turn(&film, &server))?;
    let mut verify = server.client(workspace::program("splitter"));
    finish(verify.args(["verify", "s3://films/film"]).stdout(Stdio::null()))?;
    fs::remove_file(&film).with_context(|| format!("cannot remove {}", film.display()))?;
    server.empty()
}

impl Contestant {
    fn turn(self, film: &Path, server: &Server) -> Command {
        match self {
            Self::Splitter => {
                let mut splitter = server.client(workspace::program("splitter"));
                splitter.arg(film).args(["--out", "s3://films/film", "--quiet"]);
                splitter
            }
            Self::Aws => {
                let mut aws = server.client("aws");
                aws.args(["s3", "cp", "--quiet", "--endpoint-url", &server.url()]).arg(film).arg("s3://films/film.mp4");
                aws
            }
            Self::Rclone => {
                let mut rclone = server.client("rclone");
                rclone.env("RCLONE_CONFIG_STORE_TYPE", "s3").env("RCLONE_CONFIG_STORE_PROVIDER", "Other");
                rclone.env("RCLONE_CONFIG_STORE_ENV_AUTH", "true").env("RCLONE_CONFIG_STORE_ENDPOINT", server.url());
                rclone.args(["copyto", "--quiet", "--s3-no-check-bucket"]).arg(film).arg("store:films/film.mp4");
                rclone
            }
        }
    }
}

impl Server {
    fn start(place: &Path) -> Result<Self> {
        let bucket = place.join("films");
        fs::create_dir_all(&bucket).with_context(|| format!("cannot make {}", bucket.display()))?;
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut server = command::program("s3s-fs");
        server.args(["--host", "127.0.0.1", "--port", &address.port().to_string()]);
        server.args(["--access-key", KEYS[0], "--secret-key", KEYS[1]]).arg(place).env("RUST_LOG", "error");
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = server.spawn().with_context(|| format!("cannot start {}", command::describe(&server)))?;
        let mut running = Self { child, address, bucket };
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(address).is_err() {
            if Instant::now() > end || running.child.try_wait()?.is_some() {
                bail!("{} does not listen", command::describe(&server));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(running)
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A program that knows where the server is and has its keys.
    fn client(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut client = command::program(program);
        client.env("AWS_ENDPOINT_URL", self.url()).env("AWS_REGION", "us-east-1");
        client.env("AWS_ACCESS_KEY_ID", KEYS[0]).env("AWS_SECRET_ACCESS_KEY", KEYS[1]);
        client
    }

    fn empty(&self) -> Result<()> {
        let remove = || format!("cannot empty {}", self.bucket.display());
        fs::remove_dir_all(&self.bucket).with_context(remove)?;
        fs::create_dir(&self.bucket).with_context(remove)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // That it has ended already is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
