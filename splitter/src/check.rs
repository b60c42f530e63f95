//! Whether a deployment is one that players and edges can live with: asked as a browser asks, header by header. What lies in a store is
//! looked at there (`stored`).
//!
//! 1. The manifest: what it says, how long it may be kept, whether a compressing server weakens its tag.
//! 2. Every file of the sample: a byte of it twice, its last byte, what lies behind its end, its conditions, and whether
//!    the edge has it the second time.
//! 3. The bytes: inits, tables and some fragments by their digests; whole chunks where the edge is to be filled.
//! 4. A file that is not there: an edge must not keep that answer.
//!
//! What is wrong is a [`Finding`] with its remedy; an error is only what keeps everything else from being looked at.

mod fields;
mod file;
mod finding;
mod kind;
mod stored;

use std::thread;
use std::time::Duration;

use manifest::{Document, Film};
use serde::Serialize;
use url::Url;

pub use finding::{Finding, Problem, Severity};
pub use stored::check_store;

use crate::http::{Answer, Client, shown};
use crate::{Error, Progress, Stop};
use kind::Kind;

/// The largest manifest that is read, in bytes.
const LARGEST_MANIFEST: u64 = Film::LARGEST_MANIFEST as u64;
/// The most times that a file is asked for until the edge has it, and the wait in between: an edge may fetch a whole chunk for the byte
/// that was asked for, and say "hit" only then.
const LOOKS: usize = 3;
const BETWEEN_LOOKS: Duration = Duration::from_millis(400);

/// How thoroughly to look.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Look at every chunk, not only at the first and the last of each stream.
    pub all: bool,
    /// Read every chunk whole: an edge then has it, and its digest is known to be right. Implies `all`.
    pub warm: bool,
    /// The origin of the page (`https://example.org`) where it is not that of the film: browsers then send it along, and
    /// edges may keep what they answer to it apart.
    pub page: Option<String>,
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, Serialize)]
pub struct Review {
    /// Of the manifest, once redirections were followed, without its query; or its address in a store.
    pub url: String,
    /// The content id.
    pub id: String,
    /// Every file that was looked at, the manifest first.
    pub files: Vec<Row>,
    /// How many files the cut has.
    pub all_files: usize,
    /// Body bytes that were read.
    pub bytes: u64,
    /// What is wrong or worth knowing; empty when all is well.
    pub findings: Vec<Finding>,
    /// What cannot be looked at where it was looked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<&'static str>,
}

/// One file.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// As the manifest names it.
    pub file: String,
    /// Its length in bytes, as the manifest has it.
    pub bytes: u64,
    /// What the cache said of the first request, and of the last.
    pub cache: Option<(String, String)>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
}

impl Review {
    /// Whether something is wrong, not only worth knowing.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Fault)
    }
}

/// Looks at the deployment that `url` names: a manifest, or the directory of one.
///
/// # Errors
/// When there is no manifest to go by, or it was asked to stop.
pub fn check(url: &Url, options: &Options, progress: &dyn Progress, stop: &Stop) -> Result<Review, Error> {
    let mut look =
        Look { client: Client::new(), page: options.page.clone(), written: None, bytes: 0, findings: Vec::new() };
    let (url, document, first) = look.manifest(url)?;
    let files = file::of(&document);
    let sample: Vec<_> = files.iter().filter(|file| options.all || options.warm || file.is_typical).collect();
    progress.planned(sample.iter().map(|file| file.bytes).sum());

    let mut rows = vec![look.manifest_row(&url, first)];
    for file in &sample {
        stop.check()?;
        rows.push(look.file(&url, file));
        look.bytes_of(&url, file, options.warm, stop)?;
        progress.written(file.bytes);
    }
    look.missing(&url, manifest::whole_id(&document.id));
    look.edge(&url, &rows);
    let Look { bytes, findings, .. } = look;
    Ok(Review {
        url: shown(&url).to_owned(),
        id: document.id,
        files: rows,
        all_files: files.len() + 1,
        bytes,
        findings,
        unseen: Vec::new(),
    })
}

/// The looking itself.
struct Look {
    client: Client,
    page: Option<String>,
    /// When the manifest was written, where its server says so.
    written: Option<u128>,
    /// Body bytes that have been read.
    bytes: u64,
    findings: Vec<Finding>,
}

impl Look {
    fn report(&mut self, file: &str, problem: Problem) {
        self.findings.push(Finding::new(file, problem));
    }

    /// Asks, with these fields beside those that a browser sends.
    fn ask(&self, method: &str, url: &Url, fields: &[(&str, &str)]) -> Result<Answer, Problem> {
        let mut all = fields.to_vec();
        if let Some(page) = &self.page {
            all.push(("Origin", page));
        }
        let method = method.parse().expect("GET and HEAD are methods");
        self.client.send(&method, url, &all).map_err(|why| Problem::NoAnswer { why: why.to_string() })
    }

    fn body(&mut self, answer: Answer, most: u64) -> Result<Vec<u8>, Problem> {
        let body = answer.into_bytes(most).map_err(|why| Problem::NoAnswer { why: why.to_string() })?;
        self.bytes += body.len() as u64;
        Ok(body)
    }

    /// Where the manifest is once redirections were followed, what it says, and what the cache said of it.
    fn manifest(&mut self, url: &Url) -> Result<(Url, Document, Option<String>), Error> {
        let no_manifest = |why: String| Error::NoManifest { path: shown(url).into(), why };
        let answer = self.ask("GET", url, &[]).map_err(|why| no_manifest(why.to_string()))?;
        if answer.status != 200 {
            return Err(no_manifest(format!("the server answers with status {}", answer.status)));
        }
        let (url, first) = (answer.url.clone(), fields::cache_status(&answer.headers));
        self.written = answer.header("etag").and_then(fields::written);
        let in_manifest = |cause| Error::Manifest { path: shown(&url).into(), cause };
        let body = self.body(answer, LARGEST_MANIFEST).map_err(|why| no_manifest(why.to_string()))?;
        if !Film::parse(&body).map_err(in_manifest)?.is_indexed() {
            return Err(Error::PlainManifest { path: shown(&url).into() });
        }
        let document = Document::parse(&body).map_err(in_manifest)?;
        let is_loopback = url.host_str().is_some_and(|host| host == "localhost" || host.starts_with("127."));
        if url.scheme() != "https" && !is_loopback {
            self.report("manifest.json", Problem::Insecure);
        }
        Ok((url, document, first))
    }

    fn manifest_row(&mut self, url: &Url, first: Option<String>) -> Row {
        let mut row = Row { file: "manifest.json".to_owned(), bytes: 0, cache: None, cache_control: None };
        if signing::Link::parse(url.query().unwrap_or_default()).is_some() {
            self.signed(url, first, &mut row);
            return row;
        }
        // As browsers ask for it: a server that compresses may weaken the tag only then.
        match self.until_kept(url, &row.file.clone(), &[("Accept-Encoding", "gzip, deflate, br")]) {
            Ok((answer, cache)) => {
                row.cache = cache.map(|(second, last)| (first.unwrap_or(second), last));
                row.cache_control = answer.header("cache-control").map(str::to_owned);
                row.bytes = answer.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
                let problems = fields::of(&answer.headers, Kind::Manifest, &["application/json"]);
                problems.into_iter().for_each(|problem| self.report("manifest.json", problem));
            }
            Err(problem) => self.report("manifest.json", problem),
        }
        row
    }

    /// The manifest of a film that only those with a link may watch: kept by nobody, and refused without the link.
    fn signed(&mut self, url: &Url, first: Option<String>, row: &mut Row) {
        let file = row.file.clone();
        match self.ask("GET", url, &[("Accept-Encoding", "gzip, deflate, br")]) {
            Ok(answer) => {
                row.cache = first.zip(fields::cache_status(&answer.headers));
                row.cache_control = answer.header("cache-control").map(str::to_owned);
                row.bytes = answer.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
                let problems = fields::of(&answer.headers, Kind::Signed, &["application/json"]);
                problems.into_iter().for_each(|problem| self.report(&file, problem));
            }
            Err(problem) => self.report(&file, problem),
        }
        let mut open = url.clone();
        open.set_query(None);
        match self.ask("GET", &open, &[]) {
            Ok(answer) if answer.status < 400 => self.report(&file, Problem::Unguarded),
            Ok(answer) => fields::of_error(&answer.headers).into_iter().for_each(|problem| self.report(&file, problem)),
            Err(problem) => self.report(&file, problem),
        }
    }

    /// Asks until the cache has it, or for as often as is decent: the last answer, and what the cache said first and last.
    fn until_kept(
        &mut self,
        url: &Url,
        file: &str,
        fields: &[(&str, &str)],
    ) -> Result<(Answer, Option<(String, String)>), Problem> {
        let mut answer = self.ask("GET", url, fields)?;
        let Some(first) = fields::cache_status(&answer.headers) else { return Ok((answer, None)) };
        let mut last = first.clone();
        for look in 1..LOOKS {
            if look > 1 && !is_kept(&last) {
                thread::sleep(BETWEEN_LOOKS);
            }
            // The connection is used again once the body is read, and then meets the same server.
            let _ = self.body(answer, LARGEST_MANIFEST);
            answer = self.ask("GET", url, fields)?;
            last = fields::cache_status(&answer.headers).unwrap_or_default();
            if is_kept(&last) {
                break;
            }
        }
        if !is_kept(&last) {
            self.report(file, Problem::not_kept(&first, &last));
        }
        Ok((answer, Some((first, last))))
    }

    /// A name that no cut has.
    fn missing(&mut self, url: &Url, id: &str) {
        let name = format!("{id}/no-such-chunk-{}.mp4", std::process::id());
        let Ok(missing) = url.join(&name) else { return };
        match self.ask("GET", &missing, &[]) {
            Err(problem) => self.report(&name, problem),
            Ok(answer) if answer.status != 404 => {
                self.report(&name, Problem::Status { expected: 404, found: answer.status });
            }
            Ok(answer) => {
                let says_nothing = answer.header("cache-control").is_none();
                if let Some(problem) = fields::of_error(&answer.headers)
                    && !(says_nothing && self.edge_drops(&missing, answer))
                {
                    self.report(&name, problem);
                }
            }
        }
    }

    /// Whether an edge keeps none of what says nothing about it, as its own rules may have it: a bucket's errors say nothing.
    fn edge_drops(&mut self, url: &Url, first: Answer) -> bool {
        let drops = |answer: &Answer| fields::cache_status(&answer.headers).is_some_and(|status| !is_kept(&status));
        if !drops(&first) {
            return false;
        }
        // The connection is used again once the body is read, and then meets the same server.
        let _ = self.body(first, LARGEST_MANIFEST);
        self.ask("GET", url, &[]).is_ok_and(|again| drops(&again))
    }

    fn edge(&mut self, url: &Url, rows: &[Row]) {
        if rows.iter().all(|row| row.cache.is_none()) {
            self.report(url.path(), Problem::NoEdge);
        }
    }
}

/// What a cache says of what it has.
fn is_kept(status: &str) -> bool {
    ["HIT", "REVALIDATED", "UPDATING", "STALE"].contains(&status)
}
