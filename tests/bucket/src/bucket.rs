//! An S3 server with one bucket, `films`, behind a proxy that knows what R2 refuses, counts, and fails as it is told.
//!
//! Who does not sign is served as the public domain of a bucket would serve him: reading, and nothing else.

use std::collections::HashMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::fault::{Fault, refusal, spoil};
use crate::google;
use crate::line::{Line, serve};
use crate::listing::Listing;
use crate::rules::Rules;
use crate::seen::Seen;
use crate::uploads::Uploads;

/// The keys of the bucket.
pub const KEY_ID: &str = "AKIATESTONLYKEYID001";
/// The secret one, which appears nowhere.
pub const SECRET: &str = "testonlysecret/neverprinted+0123456789abcd";

type Plan = Box<dyn Fn(&Seen, usize) -> Option<Fault> + Send + Sync>;
type Hook = Box<dyn FnOnce() + Send>;

#[derive(Default)]
pub(crate) struct State {
    seen: Mutex<Vec<Seen>>,
    rules: Mutex<Rules>,
    plan: Mutex<Option<Plan>>,
    /// How often each method and key was asked for.
    asked: Mutex<HashMap<(Method, String), usize>>,
    /// Bytes of bodies that have come.
    bytes: AtomicU64,
    /// What to do once that many bytes have come.
    hook: Mutex<Option<(u64, Hook)>>,
    under_way: AtomicUsize,
    /// Whether no connection comes through or lives on.
    pub(crate) is_cut: watch::Sender<bool>,
    /// Connections that did not come through.
    pub(crate) refused: AtomicUsize,
    /// How often the server went to another address.
    pub(crate) moves: watch::Sender<u64>,
    /// Those in parts that are under way or were left.
    uploads: Uploads,
    /// What listings show, where that is not what is there.
    listing: Mutex<Option<Listing>>,
}

/// The server. Ends with this.
pub struct Bucket {
    root: TempDir,
    proxy: Arc<Proxy>,
    address: std::net::SocketAddr,
    runtime: Option<Runtime>,
}

impl Default for Bucket {
    fn default() -> Self {
        Self::new()
    }
}

impl Bucket {
    /// A bucket with nothing in it, on a free port.
    ///
    /// # Panics
    /// Where the machine has no room for it.
    #[must_use]
    pub fn new() -> Self {
        let root = TempDir::new().expect("a directory");
        std::fs::create_dir(root.path().join("films")).expect("a bucket");
        let (private, public) = (service(root.path(), true), service(root.path(), false));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let proxy = Proxy { private, public, state: State::default(), films: root.path().join("films") };
        let proxy = Arc::new(proxy);
        runtime.spawn(serve(proxy.clone(), listener));
        Self { root, proxy, address, runtime: Some(runtime) }
    }

    /// Its `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> std::net::SocketAddr {
        self.address
    }

    /// What signs for it: the variables of a process that uses it.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 3] {
        [
            ("AWS_ACCESS_KEY_ID", KEY_ID.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
            ("AWS_ENDPOINT_URL", self.endpoint()),
        ]
    }

    /// The same for who takes it for one of Google's.
    #[must_use]
    pub fn google_environment(&self) -> [(&'static str, String); 2] {
        google::environment(self.endpoint())
    }

    /// Puts an object there, past all rules and faults, with its SHA-256 as metadata where one is given.
    ///
    /// # Panics
    /// Where there is no room.
    pub fn put(&self, key: &str, bytes: impl Into<Bytes>, sha256: Option<&str>) {
        let digest = sha256.map(|digest| ("x-amz-meta-sha256", digest));
        self.put_with(key, bytes, &Vec::from_iter(digest));
    }

    /// Puts an object there, past all rules and faults, with these fields.
    ///
    /// # Panics
    /// Where there is no room.
    pub fn put_with(&self, key: &str, bytes: impl Into<Bytes>, fields: &[(&str, &str)]) {
        let bytes: Bytes = bytes.into();
        let mut request = Request::put(format!("{}/films/{key}", self.endpoint()));
        request = request.header(header::HOST, self.address.to_string()).header(header::CONTENT_LENGTH, bytes.len());
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(s3s::Body::from(bytes)).expect("a request");
        let (public, (tell, told)) = (self.proxy.public.clone(), std::sync::mpsc::channel());
        self.runtime.as_ref().expect("it runs").spawn(async move {
            let status = public.call(request).await.map(|answer| answer.status());
            tell.send(status.is_ok_and(|status| status.is_success())).expect("somebody waits");
        });
        assert!(told.recv().expect("an answer"), "{key} is not taken");
    }

    /// Where the files of the bucket lie on the disk.
    pub fn films(&self) -> PathBuf {
        self.root.path().join("films")
    }

    /// From now on these faults: by the request and how many of its method and key came before.
    pub fn fail(&self, plan: impl Fn(&Seen, usize) -> Option<Fault> + Send + Sync + 'static) {
        *self.proxy.state.plan.lock().expect("whole") = Some(Box::new(plan));
    }

    /// From now on no faults.
    pub fn heal(&self) {
        *self.proxy.state.plan.lock().expect("whole") = None;
    }

    /// Does something once that many more bytes of bodies have come.
    pub fn after(&self, bytes: u64, hook: impl FnOnce() + Send + 'static) {
        let at = self.proxy.state.bytes.load(Ordering::SeqCst) + bytes;
        *self.proxy.state.hook.lock().expect("whole") = Some((at, Box::new(hook)));
    }

    /// From now on listings say what lies there now, whatever is written and removed.
    pub fn hold_listings(&self) {
        *self.proxy.state.listing.lock().expect("whole") = Some(Listing::of(&self.films()));
    }

    /// From now on listings say what lies there.
    pub fn let_listings_go(&self) {
        *self.proxy.state.listing.lock().expect("whole") = None;
    }

    /// The way there.
    ///
    /// # Panics
    /// Never: it runs for as long as this lives.
    pub fn line(&self) -> Line {
        let runtime = self.runtime.as_ref().expect("it runs").handle().clone();
        Line { proxy: self.proxy.clone(), port: self.address.port(), runtime }
    }

    /// Every request so far, once none is under way.
    pub fn seen(&self) -> Vec<Seen> {
        while self.proxy.state.under_way.load(Ordering::SeqCst) > 0 {
            std::thread::yield_now();
        }
        self.proxy.state.seen.lock().expect("whole").clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.seen();
        self.proxy.state.seen.lock().expect("whole").clear();
    }

    /// Keys that were written whole, in their order.
    pub fn written(&self) -> Vec<String> {
        let is_write = |seen: &Seen| match seen.method {
            Method::PUT => !seen.query.contains_key("uploadId"),
            Method::POST => seen.query.contains_key("uploadId"),
            _ => false,
        };
        self.seen().into_iter().filter(|seen| is_write(seen) && seen.status == 200).map(|seen| seen.key).collect()
    }

    /// Parts of uploads that nobody has ended.
    pub fn left_over_parts(&self) -> usize {
        let entries = std::fs::read_dir(self.root.path()).expect("the directory is there");
        let is_part = |name: &str| name.starts_with(".upload_id-");
        entries.filter(|entry| is_part(&entry.as_ref().expect("an entry").file_name().to_string_lossy())).count()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Whoever drops it may run on another.
            runtime.shutdown_background();
        }
    }
}

/// Stands before the server.
pub(crate) struct Proxy {
    private: S3Service,
    public: S3Service,
    pub(crate) state: State,
    films: PathBuf,
}

/// The server over a directory, for who signs alone or for everybody.
pub(crate) fn service(root: &Path, signed: bool) -> S3Service {
    let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(root).expect("the directory is there"));
    if signed {
        builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
    }
    builder.build()
}

/// Counts a request for as long as it is under way.
struct UnderWay(Arc<Proxy>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.state.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Proxy {
    /// Breaks the connection where this is an error.
    pub(crate) fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<s3s::Body>, std::io::Error>> {
        self.state.under_way.fetch_add(1, Ordering::SeqCst);
        let under_way = UnderWay(self.clone());
        async move {
            let (mut parts, body) = request.into_parts();
            let is_google = google::take(&mut parts);
            let is_signed = is_google || parts.headers.contains_key(header::AUTHORIZATION);
            if !is_signed {
                let is_reading = matches!(parts.method, Method::GET | Method::HEAD);
                if !is_reading {
                    return Ok(refusal(403, "AccessDenied", ""));
                }
                let request = Request::from_parts(parts, s3s::Body::from(body));
                let mut answer = self.public.call(request).await.expect("an answer");
                // Stores say so, and nginx serves no ranges of what does not.
                answer.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
                return Ok(answer);
            }
            let mut seen = Seen::of(&parts);
            let before = {
                let mut asked = self.state.asked.lock().expect("whole");
                let asked = asked.entry((seen.method.clone(), seen.key.clone())).or_default();
                *asked += 1;
                *asked - 1
            };
            let fault = self.state.plan.lock().expect("whole").as_ref().and_then(|plan| plan(&seen, before));
            if matches!(fault, Some(Fault::Silence)) {
                std::future::pending::<()>().await;
            }
            let reset_at = if let Some(Fault::Reset(at)) = fault { Some(at) } else { None };
            let mut body = self.read(body, reset_at).await?;
            seen.bytes = body.len();
            if let (Some(Fault::Altered), Some(byte)) = (fault, body.first_mut()) {
                *byte ^= 1;
            }
            let signed = parts.headers.get(header::AUTHORIZATION).map(|value| format!("{value:?}")).unwrap_or_default();
            let rules = &self.state.rules;
            let refused = match fault {
                Some(Fault::Answer(status, code)) => Some((status, code)),
                _ if is_google => None,
                _ => rules.lock().expect("whole").refuse(
                    &seen.method,
                    &seen.key,
                    &seen.query,
                    &parts.headers,
                    seen.bytes,
                ),
            };
            // Goes on to its end even if whoever asked is gone by then.
            let task = tokio::spawn(async move {
                let _under_way = under_way;
                let wanted = parts.headers.get(header::IF_MATCH).cloned();
                // Of directories on the disk the server of the tests makes objects.
                let is_no_object = !seen.key.is_empty() && self.films.join(&seen.key).is_dir();
                let mut answer = match refused.or(is_no_object.then_some((404, "NoSuchKey"))) {
                    Some((status, code)) => refusal(status, code, &signed),
                    None => {
                        let request = Request::from_parts(parts, s3s::Body::from(body));
                        let server = if is_google { self.public.clone() } else { self.server(&seen) };
                        server.call(request).await.expect("an answer")
                    }
                };
                // Which the server of the tests does not look at.
                if answer.status().is_success()
                    && wanted.is_some_and(|wanted| answer.headers().get(header::ETAG) != Some(&wanted))
                {
                    answer = refusal(412, "PreconditionFailed", &signed);
                }
                answer = self.state.uploads.note(&seen, answer).await;
                seen.status = answer.status().as_u16();
                if matches!(fault, Some(Fault::Rotten)) {
                    let path = self.films.join(&seen.key);
                    let mut bytes = std::fs::read(&path).expect("it was stored");
                    bytes[0] ^= 1;
                    std::fs::write(&path, bytes).expect("it can be written");
                }
                if matches!(fault, Some(Fault::WrongDigest)) {
                    let wrong = "0".repeat(64).parse().expect("a header");
                    answer.headers_mut().insert("x-amz-meta-sha256", wrong);
                }
                self.state.seen.lock().expect("whole").push(seen);
                let answer = if is_google { google::give(answer) } else { answer };
                match fault {
                    Some(fault) => spoil(answer, fault),
                    None => answer,
                }
            });
            Ok(task.await.expect("it does not panic"))
        }
    }

    /// Who answers what is signed.
    fn server(&self, seen: &Seen) -> S3Service {
        let listing = self.state.listing.lock().expect("whole");
        listing.as_ref().and_then(|listing| listing.answers(seen)).unwrap_or_else(|| self.private.clone())
    }

    async fn read(&self, mut body: Incoming, reset_at: Option<usize>) -> std::io::Result<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            if reset_at.is_some_and(|at| all.len() >= at) {
                return Err(std::io::ErrorKind::ConnectionReset.into());
            }
            let Some(frame) = body.frame().await else { return Ok(all) };
            let Ok(data) = frame.map_err(std::io::Error::other)?.into_data() else { continue };
            all.extend_from_slice(&data);
            let bytes = self.state.bytes.fetch_add(data.len() as u64, Ordering::SeqCst) + data.len() as u64;
            let hook = self.state.hook.lock().expect("whole").take_if(|(at, _)| *at <= bytes);
            if let Some((_, hook)) = hook {
                hook();
            }
        }
    }
}
