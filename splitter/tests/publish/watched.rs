//! A film is published anew, several times, over one that ten people are watching: each has all of the old or all of the new one,
//! or hears that it is gone once it has been pruned.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use http::Method;
use manifest::{Digest, Document};
use origin::{Config, Media, Server};
use sha2::{Digest as _, Sha256};
use splitter::http::Client;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::stage::{Stage, succeed};

/// How many watch.
const VIEWERS: usize = 10;
/// A viewer asks for so many bytes at once: a chunk takes several requests.
const PIECE: u64 = 64 << 10;
/// The longest wait for viewers that get nowhere.
const PATIENCE: Duration = Duration::from_secs(120);

/// How it went with a film.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// Every byte came, and is right.
    Whole,
    /// A file is not there any more.
    Gone,
}

/// One viewer of the cut that the manifest named at the beginning.
struct Viewer<'a> {
    client: &'a Client,
    base: &'a str,
    id: String,
    /// Name, length and digest of what is still to come, the next at the end.
    left: Vec<(String, u64, Digest)>,
}

impl<'a> Viewer<'a> {
    fn new(client: &'a Client, base: &'a str) -> Self {
        let (status, _, bytes) = get(client, &format!("{base}/manifest.json"), None);
        assert_eq!(status, 200, "at every moment there is a manifest");
        let document = Document::parse(&bytes).expect("a whole manifest");
        let files = document.streams.iter().flat_map(|stream| {
            let tables = stream.chunks.iter().filter_map(|chunk| chunk.fragments.as_ref());
            let tables = tables.map(|table| (table.url.clone(), table.bytes, table.sha256));
            let chunks = stream.chunks.iter().map(|chunk| (chunk.url.clone(), chunk.bytes, chunk.sha256));
            [(stream.init.url.clone(), stream.init.bytes, stream.init.sha256)].into_iter().chain(tables).chain(chunks)
        });
        let mut left: Vec<_> = files.collect();
        left.reverse();
        Self { client, base, id: document.id, left }
    }

    /// Fetches files until so many are left, and holds each against its digest.
    fn watch_until(&mut self, left: usize) -> Outcome {
        while self.left.len() > left {
            let (name, bytes, digest) = self.left.pop().expect("more than that are left");
            let url = format!("{}/{name}", self.base);
            let (mut hash, mut at, mut tag) = (Sha256::new(), 0, None);
            while at < bytes {
                let end = (at + PIECE).min(bytes);
                let (status, etag, piece) = get(self.client, &url, Some(&format!("bytes={at}-{}", end - 1)));
                if status == 404 {
                    return Outcome::Gone;
                }
                assert_eq!((status, piece.len() as u64), (206, end - at), "{name} from byte {at}");
                assert!(*tag.get_or_insert_with(|| etag.clone()) == etag, "{name} has two tags");
                hash.update(&piece);
                at = end;
            }
            assert_eq!(Digest(hash.finalize().into()), digest, "{name} is mixed up");
        }
        Outcome::Whole
    }
}

/// Status, tag and body.
fn get(client: &Client, url: &str, range: Option<&str>) -> (u16, Option<String>, Vec<u8>) {
    let fields: Vec<_> = range.into_iter().map(|range| ("Range", range)).collect();
    let answer = client.send(&Method::GET, &url.parse().expect("a URL"), &fields).expect("an answer");
    let (status, etag) = (answer.status, answer.header("etag").map(str::to_owned));
    let mut body = Vec::new();
    std::io::Read::read_to_end(&mut answer.into_reader(u64::MAX), &mut body).expect("a whole body");
    (status, etag, body)
}

/// What the viewers have seen, and which cuts are pruned, or about to be.
#[derive(Default)]
struct Log {
    whole: HashMap<String, usize>,
    gone: usize,
    pruned: Vec<String>,
    is_over: bool,
}

#[derive(Default)]
struct Cinema {
    log: Mutex<Log>,
    news: Condvar,
}

impl Cinema {
    /// One film after the other, until it is over.
    fn sit(&self, client: &Client, base: &str) {
        while !self.log.lock().expect("nobody panics with it").is_over {
            let mut viewer = Viewer::new(client, base);
            let outcome = viewer.watch_until(0);
            let mut log = self.log.lock().expect("nobody panics with it");
            let is_right = outcome == Outcome::Whole || log.pruned.contains(&viewer.id);
            match outcome {
                Outcome::Whole => *log.whole.entry(viewer.id).or_default() += 1,
                Outcome::Gone => log.gone += 1,
            }
            self.news.notify_all();
            drop(log);
            assert!(is_right, "a cut is gone that nobody has pruned");
        }
    }

    /// Until a cut has been seen whole by as many as there are viewers.
    fn wait_for(&self, id: &str) {
        let log = self.log.lock().expect("nobody panics with it");
        let is_missing = |log: &mut Log| log.whole.get(id).is_none_or(|count| *count < VIEWERS);
        let (_log, timeout) = self.news.wait_timeout_while(log, PATIENCE, is_missing).expect("nobody panics with it");
        assert!(!timeout.timed_out(), "nobody sees {id}");
    }
}

/// Ends the viewers, whatever happens.
struct Over<'a>(&'a Cinema);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        if let Ok(mut log) = self.0.log.lock() {
            log.is_over = true;
        }
    }
}

/// Ten seconds of the film of the repository.
fn film(directory: &Path) -> PathBuf {
    let path = directory.join("film.mp4");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-i"]).arg(Stage::film()).args(["-t", "10", "-c", "copy"]);
    succeed(ffmpeg.arg(&path));
    path
}

/// The cut that the manifest names once it is none of these: an origin looks at a store again after a second.
fn another(client: &Client, base: &str, cuts: &[String]) -> Option<String> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let id = Viewer::new(client, base).id;
        if !cuts.contains(&id) {
            return Some(id);
        }
        thread::sleep(Duration::from_millis(50));
    }
    None
}

/// Publishes over a place that is watched through an origin of `media`.
fn publish_over(stage: &Stage, place: &str, media: &Media) {
    let directory = TempDir::new().expect("a directory");
    let film = film(directory.path());
    let publish = |fragments: &str| {
        let options = ["--out", place, "--chunk-size", "400kB", "--fragment-duration", fragments, "--quiet"];
        succeed(stage.splitter_with_keys().arg(&film).args(options));
    };
    publish("0.4");
    let (address, _runtime) = serve(stage, media);
    let base = format!("http://{address}/media/current");
    let (client, cinema) = (Client::new(), Cinema::default());
    thread::scope(|scope| {
        let over = Over(&cinema);
        let viewers: Vec<_> = (0..VIEWERS).map(|_| scope.spawn(|| cinema.sit(&Client::new(), &base))).collect();
        let mut cuts = vec![Viewer::new(&client, &base).id];
        cinema.wait_for(&cuts[0]);
        // Each is another cut, but for one that is the same again.
        for (round, fragments) in ["0.6", "0.8", "0.8", "1", "1.2", "1.5"].into_iter().enumerate() {
            // Whoever is in the middle of it when the next is published, and when it is pruned.
            let mut viewer = Viewer::new(&client, &base);
            let mut late = Viewer::new(&client, &base);
            let half = viewer.left.len() / 2;
            assert_eq!((viewer.watch_until(half), late.watch_until(half)), (Outcome::Whole, Outcome::Whole));
            publish(fragments);
            let is_again = round == 2;
            let new = if is_again { cuts.last().cloned() } else { another(&client, &base, &cuts) };
            let new = new.expect("the manifest is the new one soon");
            cinema.wait_for(&new);
            assert_eq!(viewer.watch_until(0), Outcome::Whole, "what is not pruned is there to its end");
            if round % 2 == 1 {
                cinema.log.lock().expect("nobody panics with it").pruned.clone_from(&cuts);
                succeed(stage.splitter_with_keys().args(["prune", place, "--json"]));
                assert_eq!(late.watch_until(0), Outcome::Gone);
            }
            cuts.extend((!is_again).then_some(new));
        }
        drop(over);
        viewers.into_iter().for_each(|viewer| viewer.join().expect("nothing wrong was seen"));
    });
    let log = cinema.log.into_inner().expect("nobody panics with it");
    eprintln!("seen whole: {:?}; {} found theirs pruned", log.whole.values(), log.gone);
    assert_eq!(log.whole.len(), 6);
}

fn serve(stage: &Stage, media: &Media) -> (SocketAddr, Runtime) {
    let environment = stage.bucket.environment().into_iter().collect();
    let config = Config { media: media.clone(), environment, ..Config::loopback("") };
    let runtime = Runtime::new().expect("threads");
    let address = runtime.block_on(async {
        let server = Server::bind(&config).await.expect("a free port");
        let address = server.address().expect("an address");
        tokio::spawn(server.run(std::future::pending()));
        address
    });
    (address, runtime)
}

#[test]
fn ten_who_watch_a_directory_see_no_mixture() {
    let (stage, place) = (Stage::new(), TempDir::new().expect("a directory"));
    let path = place.path().to_str().expect("UTF-8");
    publish_over(&stage, path, &Media::Directory(path.into()));
}

#[test]
fn ten_who_watch_a_bucket_see_no_mixture() {
    let stage = Stage::new();
    publish_over(&stage, "s3://films/watched", &Media::parse("s3://films/watched".into()).expect("an address"));
}
