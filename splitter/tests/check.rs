//! `splitter check` against the real origin, behind a real edge, and behind an nginx with one fault each.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use edge::{Nginx, Settings};
use splitter::check::{Finding, Options, Problem, Review, Severity, check};
use splitter::{Progress, Stop};
use tokio::runtime::Runtime;

struct Silent;

impl Progress for Silent {}

/// The sample film in several chunks, cut once.
static CUT: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let film = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/media/sample.mp4");
    let mut options = splitter::Options::new(film, dir.path());
    options.chunk_size = splitter::ByteSize(350_000);
    options.thumbnails = Some(std::time::Duration::from_secs(10));
    let captions = dir.path().join("captions.srt");
    std::fs::write(&captions, "1\n00:00:01,000 --> 00:00:02,000\nHi\n").expect("room");
    options.subtitles.push(format!("en={}", captions.display()).parse().expect("valid"));
    splitter::cut(&options, &Silent).expect("a film that can be cut");
    dir
});

/// An origin that serves a directory below a path.
struct Origin {
    address: SocketAddr,
    _runtime: Runtime,
}

impl Origin {
    fn serving(media: &Path, path: &str) -> Self {
        Self::start(&origin::Config { media_path: path.to_owned(), ..origin::Config::loopback(media) })
    }

    fn start(config: &origin::Config) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let address = runtime.block_on(async {
            let server = origin::Server::bind(config).await.expect("a free port");
            let address = server.address().expect("an address");
            tokio::spawn(server.run(std::future::pending()));
            address
        });
        Self { address, _runtime: runtime }
    }

    fn edge(&self) -> Nginx {
        let settings = Settings { origin: self.address, slice: "1m".to_owned(), clock: false };
        Nginx::edge(&settings).expect("nginx")
    }

    /// An nginx in front that says HIT at once, and has these directives.
    fn behind(&self, directives: &str) -> Nginx {
        let hit = if directives.contains("CF-Cache-Status") { "" } else { "add_header CF-Cache-Status HIT;" };
        let http = format!(
            "server {{ listen LISTEN; {hit} {directives} proxy_http_version 1.1; proxy_set_header Connection \"\"; \
             location / {{ proxy_pass http://{}; }} }}",
            self.address
        );
        Nginx::with_http(&http).expect("nginx")
    }
}

fn look(url: &str, options: &Options) -> Review {
    check(&url.parse().expect("a URL"), options, &Silent, &Stop::default()).expect("a manifest")
}

fn names(review: &Review) -> Vec<String> {
    let name = |finding: &Finding| {
        let json = serde_json::to_value(finding).expect("JSON");
        json["problem"].as_str().expect("the tag").to_owned()
    };
    let mut names: Vec<_> = review.findings.iter().map(name).collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn behind_an_edge_nothing_is_wrong() {
    let origin = Origin::serving(CUT.path(), "/media/current/");
    let edge = origin.edge();
    let review = look(&edge.url("/media/current/manifest.json"), &Options::default());
    assert_eq!(review.findings, []);
    for row in &review.files {
        assert_eq!(row.cache, Some(("MISS".to_owned(), "HIT".to_owned())), "{}", row.file);
    }
    assert!(review.files.len() < review.all_files, "it is a sample");
    // The edge has what was looked at.
    let again = look(&edge.url("/media/current/manifest.json"), &Options::default());
    assert!(again.files.iter().all(|row| row.cache == Some(("HIT".to_owned(), "HIT".to_owned()))));
}

/// A film that only those with a link may watch: right when the link opens the manifest, and nothing else does.
#[test]
fn a_signed_link_is_looked_at_as_what_it_is() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let keys = directory.path().join("keys");
    std::fs::write(&keys, "0123456789abcdef").expect("room");
    let guarded =
        Origin::start(&origin::Config { share_key: Some(keys.clone()), ..origin::Config::loopback(CUT.path()) });
    let open = Origin::serving(CUT.path(), "/media/current/");
    let link = |edge: &Nginx| {
        let keys = signing::Keys::read(&keys).expect("a key");
        let (hour, now) = (std::time::Duration::from_secs(3_600), std::time::SystemTime::now());
        splitter::share::share(&edge.url("/media/current/"), None, &keys, hour, now).expect("a link").link.to_string()
    };
    let edge = guarded.edge();
    let review = look(&link(&edge), &Options::default());
    assert_eq!(review.findings, []);
    assert_eq!(review.files[0].cache_control.as_deref(), Some("private, no-store"));
    assert_eq!(review.url, edge.url("/media/current/manifest.json"), "without the token");
    // An origin that asks for no link answers one that has it as it answers everybody.
    assert_eq!(names(&look(&link(&open.edge()), &Options::default())), ["signed-kept", "unguarded"]);
}

#[test]
fn warming_reads_everything_and_the_edge_has_it() {
    let origin = Origin::serving(CUT.path(), "/media/current/");
    let edge = origin.edge();
    let url = edge.url("/media/current/manifest.json");
    let review = look(&url, &Options { warm: true, ..Options::default() });
    assert_eq!(review.findings, []);
    assert_eq!(review.files.len(), review.all_files);
    let cut: u64 = review.files.iter().map(|row| row.bytes).sum();
    assert!(review.bytes >= cut, "{} bytes read of {cut}", review.bytes);
    drop(origin);
    let offline = look(&url, &Options { all: true, ..Options::default() });
    assert!(offline.files.iter().all(|row| row.cache == Some(("HIT".to_owned(), "HIT".to_owned()))), "{offline:#?}");
}

#[test]
fn without_an_edge_that_is_a_note_and_no_fault() {
    let origin = Origin::serving(CUT.path(), "/media/current/");
    let review = look(&format!("http://{}/media/current/manifest.json", origin.address), &Options::default());
    assert_eq!(names(&review), ["no-edge"]);
    assert!(!review.has_faults());
    assert!(review.files.iter().all(|row| row.cache.is_none()));
}

/// Directives that break one thing, and what is said of it, sorted.
const FAULTS: &[(&str, &[&str])] = &[
    ("proxy_set_header Range \"\"; max_ranges 0;", &["no-ranges"]),
    ("proxy_set_header If-Range \"\";", &["if-range-ignored"]),
    ("proxy_set_header If-None-Match \"\"; if_modified_since off;", &["not-conditional"]),
    ("proxy_hide_header ETag;", &["no-tag"]),
    ("proxy_hide_header ETag; add_header ETag 'W/\"1\"' always;", &["weak-tag", "weakened-tag"]),
    ("proxy_hide_header ETag; add_header ETag '\"$request_id\"' always;", &["tag-changes"]),
    ("gzip on; gzip_types application/json; gzip_proxied any; gzip_min_length 1;", &["weakened-tag"]),
    ("add_header Set-Cookie a=b;", &["cookie"]),
    ("add_header Vary Origin;", &["varies"]),
    ("proxy_hide_header Access-Control-Allow-Origin;", &["no-cors"]),
    ("proxy_hide_header Access-Control-Expose-Headers;", &["hidden"]),
    (
        "proxy_hide_header Cache-Control; add_header Cache-Control 'public, max-age=300' always;",
        &["error-kept", "kept-short"],
    ),
    (
        "proxy_hide_header Cache-Control; add_header Cache-Control 'public, max-age=31536000, immutable' always;",
        &["error-kept", "manifest-kept-long"],
    ),
    (
        "proxy_hide_header Cache-Control; add_header Cache-Control no-store always;",
        &["kept-short", "manifest-not-kept"],
    ),
    ("proxy_hide_header Content-Type; add_header Content-Type text/plain;", &["content-type"]),
    ("add_header Content-Encoding br;", &["encoded"]),
    ("add_header CF-Cache-Status MISS always;", &["not-kept"]),
    ("add_header CF-Cache-Status DYNAMIC always;", &["dynamic"]),
    ("error_page 404 =200 /media/current/manifest.json; proxy_intercept_errors on;", &["status"]),
    ("location ~ \\.bin$ { return 503; }", &["status"]),
    ("ssi on; ssi_types *;", &["no-length", "no-tag"]),
];

#[test]
fn each_fault_is_found_and_named() {
    let origin = Origin::serving(CUT.path(), "/media/current/");
    let mut wrong = Vec::new();
    for &(directives, expected) in FAULTS {
        let nginx = origin.behind(directives);
        let review = look(&nginx.url("/media/current/manifest.json"), &Options::default());
        let found = names(&review);
        if found != expected {
            wrong.push(format!("{directives}\n  {found:?}, not {expected:?}"));
        }
        assert!(review.findings.iter().all(|finding| finding.remedy.len() > 20 && !finding.message.is_empty()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_film_below_a_bypassed_path_is_found() {
    let origin = Origin::serving(CUT.path(), "/api/film/");
    let edge = origin.edge();
    let review = look(&edge.url("/api/film/manifest.json"), &Options::default());
    assert_eq!(names(&review), ["bypassed"]);
    assert!(review.has_faults());
}

#[test]
fn a_copy_whose_chunks_are_newer_than_its_manifest_is_found() {
    let (dir, chunk) = copy();
    let origin = Origin::serving(dir.path(), "/media/current/");
    let url = format!("http://{}/media/current/manifest.json", origin.address);
    assert_eq!(names(&look(&url, &Options::default())), ["no-edge"], "its times were copied, too");
    // As `rsync` without `-t` leaves it.
    set_written(&chunk, std::time::SystemTime::now());
    let review = look(&url, &Options { all: true, ..Options::default() });
    assert_eq!(names(&review), ["newer-than-manifest", "no-edge"]);
    assert!(!review.has_faults() && review.findings.iter().any(|finding| finding.remedy.contains("rsync -t")));
}

/// Several films below one directory, each with its manifest: whatever any of them names has its digest.
#[test]
fn films_side_by_side_keep_their_digests() {
    let media = tempfile::tempdir().expect("a temporary directory");
    for film in ["one", "two films/second"] {
        std::fs::create_dir_all(media.path().join(film)).expect("room");
        let from = CUT.path().join(".");
        let status = Command::new("cp").arg("-a").arg(from).arg(media.path().join(film)).status().expect("cp is there");
        assert!(status.success());
    }
    let origin = Origin::serving(media.path(), "/media/");
    for film in ["one", "two%20films/second"] {
        let base = format!("http://{}/media/{film}/", origin.address);
        let review = look(&format!("{base}manifest.json"), &Options { all: true, ..Options::default() });
        assert_eq!(names(&review), ["no-edge"]);
        let kinds = ["/init.mp4", "/0001.mp4", "/0001.bin", ".vtt", ".jpg"];
        for kind in kinds {
            assert!(review.files.iter().any(|row| row.file.ends_with(kind)), "{kind}");
        }
        for row in review.files.iter().skip(1) {
            let answer = ureq::get(format!("{base}{}", row.file)).call().expect("it is there");
            let field = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            assert!(field("repr-digest").starts_with("sha-256=:"), "{film}/{}", row.file);
            assert!(field("etag").starts_with("\"sha256-"), "{film}/{}", row.file);
        }
    }
}

fn set_written(path: &Path, at: std::time::SystemTime) {
    let file = std::fs::OpenOptions::new().write(true).open(path).expect("it is there");
    file.set_modified(at).expect("own file");
}

/// A copy of the cut, to be damaged.
fn copy() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let status = Command::new("cp").arg("-a").arg(CUT.path().join(".")).arg(dir.path()).status().expect("cp is there");
    assert!(status.success());
    let id = look_up_id(dir.path());
    let chunk = dir.path().join(id).join("video-1/0001.mp4");
    (dir, chunk)
}

fn look_up_id(media: &Path) -> String {
    let text = std::fs::read(media.join("manifest.json")).expect("a manifest");
    let document: manifest::Document = serde_json::from_slice(&text).expect("a manifest");
    document.id
}

#[test]
fn other_bytes_than_those_of_the_cut_are_found() {
    let (dir, chunk) = copy();
    let mut bytes = std::fs::read(&chunk).expect("a chunk");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let written = std::fs::metadata(&chunk).and_then(|file| file.modified()).expect("a time");
    let write = |bytes: &[u8]| {
        std::fs::write(&chunk, bytes).expect("room");
        set_written(&chunk, written);
    };
    write(&bytes);
    let origin = Origin::serving(dir.path(), "/media/current/");
    let url = format!("http://{}/media/current/manifest.json", origin.address);
    for options in [Options::default(), Options { warm: true, ..Options::default() }] {
        let review = look(&url, &options);
        assert_eq!(names(&review), ["digest", "no-edge"]);
        let fault = review.findings.iter().find(|finding| finding.severity == Severity::Fault).expect("one");
        assert!(fault.file.ends_with("video-1/0001.mp4") && matches!(fault.problem, Problem::Digest { .. }), "{fault}");
    }

    bytes.truncate(last);
    write(&bytes);
    assert_eq!(names(&look(&url, &Options::default())), ["content-range", "length", "no-edge"]);
    std::fs::remove_file(&chunk).expect("it is there");
    assert_eq!(names(&look(&url, &Options::default())), ["no-edge", "status"]);
}

#[test]
fn the_program_says_it_by_table_json_and_status() {
    let origin = Origin::serving(CUT.path(), "/media/current/");
    let run = |url: &str, flags: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_splitter")).args(["check", url]).args(flags).output().expect("built");
        (
            output.status.code(),
            String::from_utf8(output.stdout).expect("UTF-8"),
            String::from_utf8(output.stderr).expect("UTF-8"),
        )
    };
    let edge = origin.edge();
    let (code, table, _) = run(&edge.url("/media/current/"), &[]);
    assert_eq!(code, Some(0), "{table}");
    assert!(table.contains("MISS, HIT") && table.contains("0 faults, 0 notes"), "{table}");

    let nginx = origin.behind("add_header Set-Cookie a=b;");
    let (code, json, _) = run(&nginx.url("/media/current/"), &["--json"]);
    let review: serde_json::Value = serde_json::from_str(&json).expect("JSON and nothing else");
    assert_eq!((code, &review["findings"][0]["problem"]), (Some(1), &"cookie".into()));
    let (_, text, _) = run(&nginx.url("/media/current/"), &["--quiet"]);
    assert!(text.starts_with("fault: manifest.json: a cookie is set\n       set no cookies"), "{text}");
    assert!(text.contains("more files)"), "{text}");

    let (code, _, message) = run("http://127.0.0.1:9/film/", &[]);
    assert!(code == Some(1) && message.contains("http://127.0.0.1:9/film/manifest.json"), "{message}");
    let (code, _, message) = run("media/current", &[]);
    assert!(code == Some(1) && message.contains("splitter verify"), "{message}");
    let (code, _, message) = run("s3://KEY:hush@films/one", &[]);
    assert!(code == Some(1) && message.contains("environment") && !message.contains("hush"), "{message}");
}

#[test]
fn a_cut_is_inspected_where_it_is_served() {
    let origin = Origin::serving(CUT.path(), "/media/current/");
    let url = format!("http://{}/media/current/manifest.json", origin.address);
    let mut inspect = Command::new(env!("CARGO_BIN_EXE_splitter"));
    let output = inspect.args(["inspect", &format!("{url}?verify=secret")]).output().expect("built");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success() && text.starts_with(&url) && !text.contains("secret"), "{text}");
    assert!(text.contains("\n  stream 0  video/mp4") && text.contains("  1280x720  "), "{text}");
}
