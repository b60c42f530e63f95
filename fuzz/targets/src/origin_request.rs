//! A whole request to the origin, without a socket: what it sends lies within the file that is asked for, conditions and ranges
//! are answered by their rules, and what needs a link is sent to nobody without one.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::BodyExt;
use origin::{Config, Handler};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// The bytes of the one chunk that is there.
const CHUNK: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// The type of the manifest, and of nothing else that is there.
const JSON: &[u8] = b"application/json";
/// What must never be sent: it lies beside the media.
const SECRET: &[u8] = b"a key that nobody is shown";

/// An origin for everybody, and one that shows manifests to those with a link.
struct Origins {
    open: Handler,
    private: Handler,
    runtime: Runtime,
    /// Removed with them.
    _place: TempDir,
}

thread_local! {
    static ORIGINS: Origins = Origins::new();
}

/// Reads lines as the head of a request: method and target, then a field in each.
pub fn origin_request(bytes: &[u8]) {
    let Some(request) = request(bytes) else { return };
    ORIGINS.with(|origins| {
        // Later than every file was written, so that their dates are strong.
        let now = SystemTime::now() + Duration::from_secs(10);
        for handler in [&origins.open, &origins.private] {
            let (status, fields, body) = origins.runtime.block_on(async {
                let (head, body) = handler.respond(&request, now).await.into_parts();
                (head.status, head.headers, body.collect().await.expect("nobody touches the files").to_bytes())
            });
            check(status, &fields, &body);
            let is_shown = status.is_success() && request.method() != Method::OPTIONS;
            if is_shown && std::ptr::eq(handler, &origins.private) {
                let is_manifest = |bytes: &[u8]| bytes.windows(JSON.len()).any(|part| part == JSON);
                let content_type = fields.get(CONTENT_TYPE).map_or(&[][..], HeaderValue::as_bytes);
                assert!(!is_manifest(content_type) && !is_manifest(&body), "it is shown without a link: {request:?}");
            }
        }
    });
}

fn check(status: StatusCode, fields: &HeaderMap, body: &[u8]) {
    let text = |name: &HeaderName| fields.get(name).map_or("", |value| value.to_str().expect("ours is ASCII"));
    assert!(!body.windows(SECRET.len()).any(|part| part == SECRET), "it leads out of the directory");
    if fields.contains_key(CONTENT_LENGTH) {
        assert_eq!(text(&CONTENT_LENGTH), body.len().to_string());
    }
    match status {
        StatusCode::PARTIAL_CONTENT if text(&CONTENT_TYPE).starts_with("multipart/") => {
            assert!(!fields.contains_key(CONTENT_RANGE));
        }
        StatusCode::PARTIAL_CONTENT => {
            let range =
                text(&CONTENT_RANGE).strip_prefix("bytes ").expect("the unit").split_once('/').expect("a total");
            let (first, last) = range.0.split_once('-').expect("a range");
            let (first, last): (usize, usize) = (first.parse().expect("a number"), last.parse().expect("a number"));
            assert_eq!(last + 1 - first, body.len());
            if range.1 == CHUNK.len().to_string() {
                assert_eq!(body, &CHUNK[first..=last]);
            }
        }
        StatusCode::NOT_MODIFIED => assert!(body.is_empty()),
        StatusCode::INTERNAL_SERVER_ERROR => panic!("a request is no reason to fail"),
        _ => {}
    }
}

fn request(bytes: &[u8]) -> Option<Request<()>> {
    let mut lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let mut first = lines.next()?.splitn(2, |&byte| byte == b' ');
    let method = Method::from_bytes(first.next()?).ok()?;
    let mut request = Request::new(());
    *request.method_mut() = method;
    *request.uri_mut() = Uri::try_from(first.next()?).ok()?;
    for line in lines.take(32) {
        let mut parts = line.splitn(2, |&byte| byte == b':');
        let name = HeaderName::from_bytes(parts.next()?).ok()?;
        request.headers_mut().append(name, HeaderValue::from_bytes(parts.next()?.trim_ascii()).ok()?);
    }
    Some(request)
}

impl Origins {
    fn new() -> Self {
        let place = TempDir::new().expect("a place for small files");
        let media = place.path().join("media");
        let chunks = media.join("0123456789abcdef0123456789abcdef/video-1");
        fs::create_dir_all(&chunks).expect("room");
        let secret = place.path().join("secret");
        let write = |path: &Path, bytes: &[u8]| {
            let mut file = fs::File::create(path).expect("room");
            file.write_all(bytes).expect("room");
            // Dates that fuzzers have found mean the same the next time.
            file.set_modified(UNIX_EPOCH + Duration::from_secs(1_700_000_000)).expect("its own");
        };
        write(&chunks.join("0001.mp4"), CHUNK);
        write(&media.join("manifest.json"), b"{}");
        write(&media.join(".env"), SECRET);
        write(&secret, SECRET);
        let open = Config::loopback(&media);
        let private = Config { share_key: Some(secret), ..open.clone() };
        let handler = |config: &Config| Handler::new(config).expect("the directory is there");
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { open: handler(&open), private: handler(&private), runtime, _place: place }
    }
}
