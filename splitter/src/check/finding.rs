//! What can be wrong with a deployment, and what to do about it.

use std::fmt;

use manifest::Digest;
use serde::Serialize;

use crate::ByteSize;

/// One thing that is wrong, where, and its remedy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The file, as the manifest names it.
    pub file: String,
    /// How bad it is.
    pub severity: Severity,
    /// What.
    #[serde(flatten)]
    pub problem: Problem,
    /// The same for people.
    pub message: String,
    /// What to do.
    pub remedy: &'static str,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Viewers will notice, or the origin will.
    Fault,
    /// It may be as wanted.
    Note,
}

impl Finding {
    pub(super) fn new(file: &str, problem: Problem) -> Self {
        let (severity, remedy) = problem.consequence();
        Self { file: file.to_owned(), severity, message: problem.to_string(), remedy, problem }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.severity == Severity::Fault { "fault" } else { "note" };
        write!(f, "{mark}: {}: {}\n       {}", self.file, self.message, self.remedy)
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "problem", rename_all = "kebab-case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "each message says what its variant and fields are")]
pub enum Problem {
    #[error("no whole answer: {why}")]
    NoAnswer { why: String },
    #[error("status {found}, not {expected}")]
    Status { expected: u16, found: u16 },
    #[error("its type is {found:?}, not {expected}")]
    ContentType { expected: String, found: String },
    #[error("the body is encoded as {found}: its ranges are not those of the file")]
    Encoded { found: String },
    #[error("there is no Content-Length")]
    NoLength,
    #[error("there is no ETag")]
    NoTag,
    #[error("the tag {found} is weak")]
    WeakTag { found: String },
    #[error("the tag {found} is weakened where the answer is compressed")]
    WeakenedTag { found: String },
    #[error("the tag is {first}, and then {second}")]
    TagChanges { first: String, second: String },
    #[error("it may be kept for long: Cache-Control is {found:?}")]
    ManifestKeptLong { found: String },
    #[error("it may not be kept at all: Cache-Control is {found:?}")]
    ManifestNotKept { found: String },
    #[error("it was asked for by a signed link and may be kept: Cache-Control is {found:?}")]
    SignedKept { found: String },
    #[error("it is answered without its link, too")]
    Unguarded,
    #[error("it may not be kept for long: Cache-Control is {found:?}")]
    KeptShort { found: String },
    #[error("the answer for a file that is not there may be kept: Cache-Control is {found:?}")]
    ErrorKept { found: String },
    #[error("a cookie is set")]
    Cookie,
    #[error("it varies by {found}")]
    Varies { found: String },
    #[error("pages of other sites may not read it: Access-Control-Allow-Origin is {found:?}")]
    NoCors { found: String },
    #[error("pages may not see {fields}")]
    Hidden { fields: String },
    #[error("a range is answered with the whole file")]
    NoRanges,
    #[error("Content-Range is {found:?}, not {expected:?}")]
    ContentRange { expected: String, found: String },
    #[error("{found} bytes come, not {expected}")]
    Length { expected: u64, found: u64 },
    #[error(
        "a range behind the end is answered with {status} and Content-Range {content_range:?}, not with 416 and {expected:?}"
    )]
    Behind { status: u16, content_range: String, expected: String },
    #[error("a range with If-Range and the current tag is answered with {found}, not 206")]
    IfRangeFails { found: u16 },
    #[error("a range with If-Range and another tag is answered with {found}, not 200")]
    IfRangeIgnored { found: u16 },
    #[error("If-None-Match with the current tag is answered with {found}, not 304")]
    NotConditional { found: u16 },
    #[error("HEAD is answered with {status} and the length {length:?}, not with 200 and {expected}")]
    Head { status: u16, length: Option<u64>, expected: u64 },
    #[error("its digest is {found}, the manifest says {expected}")]
    Digest { expected: Digest, found: Digest },
    #[error("it is newer than the manifest, so the origin does not use the digest that the manifest has of it")]
    NewerThanManifest,
    #[error("the cache says {first}, and later {last}")]
    NotKept { first: String, last: String },
    #[error("the cache says DYNAMIC: it does not look at it")]
    Dynamic,
    #[error("the cache says BYPASS: it is told to let it through")]
    Bypassed,
    #[error("no cache says that it is there")]
    NoEdge,
    #[error("it has {bytes} bytes, more than most plans of Cloudflare keep")]
    TooLarge { bytes: u64 },
    #[error("it comes over plain HTTP")]
    Insecure,
    #[error("it is not there")]
    NotThere,
    #[error("it is stored with the type {found:?}, not {expected:?}")]
    StoredType { expected: String, found: String },
    #[error("it is stored with Cache-Control {found:?}, not {expected:?}")]
    StoredRules { expected: String, found: String },
    #[error("an upload of it was not ended{}", .bytes.map(|bytes| format!(", and takes {}", ByteSize(bytes))).unwrap_or_default())]
    Unfinished { bytes: Option<u64> },
}

impl Problem {
    pub(super) fn not_kept(first: &str, last: &str) -> Self {
        match last {
            "DYNAMIC" => Self::Dynamic,
            "BYPASS" => Self::Bypassed,
            _ => Self::NotKept { first: first.to_owned(), last: last.to_owned() },
        }
    }

    fn consequence(&self) -> (Severity, &'static str) {
        use Severity::{Fault, Note};
        match self {
            Self::NoAnswer { .. } => (Fault, "see whether the server is up and finishes its bodies"),
            Self::Status { .. } => {
                (Fault, "publish the cut again, whole; and let nothing stand between that answers by itself")
            }
            Self::ContentType { .. } => {
                (Fault, "serve it with `origin`, or teach the server the type of that extension")
            }
            Self::Encoded { .. } => (Fault, "turn compression off for media"),
            Self::NoLength => (Fault, "send a Content-Length: without it an edge answers ranges with the whole file"),
            Self::NoTag | Self::WeakTag { .. } => (
                Fault,
                "send strong ETags, and turn respect_strong_etags on at the edge: If-Range compares strongly, so a player starts over after every break",
            ),
            Self::WeakenedTag { .. } => (Note, "turn respect_strong_etags on at the edge"),
            Self::TagChanges { .. } => {
                (Fault, "serve one copy, or copies with equal tags: `origin` takes them from the manifest")
            }
            Self::ManifestKeptLong { .. } => (
                Fault,
                "send `public, max-age=60, s-maxage=300`, and keep it out of rules with a fixed time: viewers would not see a new cut",
            ),
            Self::ManifestNotKept { .. } => {
                (Note, "send `public, max-age=60, s-maxage=300`, so that the edge answers for the origin")
            }
            Self::SignedKept { .. } => (
                Fault,
                "send `private, no-store`: a link that has expired would open what is kept, and one film would be kept for each link",
            ),
            Self::Unguarded => (
                Fault,
                "start `origin` with --share-key, or put a rule in front of the bucket; an edge that had it before is to be purged",
            ),
            Self::KeptShort { .. } => (
                Fault,
                "send `public, max-age=31536000, immutable, s-maxage=31536000`: the name holds the content id, so the bytes never change",
            ),
            Self::ErrorKept { .. } => {
                (Fault, "send `no-store` with errors: an edge that keeps the 404 of a chunk keeps a hole in the film")
            }
            Self::Cookie => (Fault, "set no cookies on media: an edge then keeps nothing"),
            Self::Varies { .. } => {
                (Fault, "send no Vary but for Accept-Encoding: every value is a copy of its own at the edge")
            }
            Self::NoCors { .. } => (Note, "send `Access-Control-Allow-Origin: *` where the page lies on another site"),
            Self::Hidden { .. } => (
                Note,
                "send `Access-Control-Expose-Headers: Content-Range, ETag, Age, CF-Cache-Status, Retry-After` where the page lies on another site",
            ),
            Self::NoRanges => (Fault, "let the server answer ranges: seeking would load the film up to there"),
            Self::ContentRange { .. } | Self::Length { .. } | Self::Digest { .. } => {
                (Fault, "the server has other bytes than the cut: publish it again, and purge the file at the edge")
            }
            Self::Behind { .. } => {
                (Note, "answer with 416 and the length: players learn from it that a file has changed")
            }
            Self::IfRangeFails { .. } => {
                (Fault, "let If-Range and strong tags through: a player starts over after every break")
            }
            Self::IfRangeIgnored { .. } => {
                (Fault, "let If-Range through: a player would go on with the bytes of another cut")
            }
            Self::NotConditional { .. } => {
                (Note, "answer conditions: the edge loads the whole file again when its time has run out")
            }
            Self::Head { .. } => (Note, "answer HEAD as GET without its body"),
            Self::NewerThanManifest => (
                Note,
                "copy the cut with its times (`rsync -a`, `rsync -t`, `cp -p`), or the manifest last: machines that serve copies then give equal tags, chunks go out without being read, and edges keep half of one over a restart",
            ),
            Self::NotKept { .. } => (
                Fault,
                "see whether the disk of the edge is full, the file too large for the plan, or another data centre answers; `--warm` fills the edge",
            ),
            Self::Dynamic => (Fault, "apply the rules in edge/: none covers this path or extension"),
            Self::Bypassed => (
                Fault,
                "see which rule or cookie bypasses the cache here: in edge/ it is for /api/, /socket.io/, /admin/, login and callback",
            ),
            Self::NoEdge => (Note, "put an edge in front before many watch: see edge/README.md"),
            Self::TooLarge { .. } => (Fault, "cut with the default --chunk-size"),
            Self::Insecure => (Fault, "serve over HTTPS: browsers check the digests of fragments only there"),
            Self::NotThere => {
                (Fault, "publish the cut again: `splitter publish` sends what is missing, and nothing else")
            }
            Self::StoredType { .. } | Self::StoredRules { .. } => (
                Fault,
                "publish the cut again: `splitter publish` replaces what has other fields; edges and browsers go by what is stored",
            ),
            Self::Unfinished { .. } => (
                Note,
                "wait where it still goes up; what a killed run has left goes when `splitter publish` is run again, or with `splitter prune`",
            ),
        }
    }
}
