//! From a request to a response; needs no socket.
//!
//! 1. the method, 2. the path, 3. the link, where one is needed, 4. the file, 5. its validators, 6. the conditions, 7. the range,
//! 8. the fields.

use std::time::SystemTime;

use http::header::{
    ACCEPT_RANGES, ALLOW, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue,
    LAST_MODIFIED, RANGE,
};
use http::{Method, Request, Response, StatusCode};
use signing::KeyFile;

use crate::answer::{self, error};
use crate::body::Body;
use crate::cache_policy::{self, Place, Policy};
use crate::config::{Config, Media};
use crate::digests::Digests;
use crate::error::Error;
use crate::fault::Fault;
use crate::methods::METHODS;
use crate::path::{Refusal, RequestPath};
use crate::precondition::{self, Verdict};
use crate::range::{self, ByteRange, Selection};
use crate::storage::{Content, Storage};
use crate::validator::Validators;
use crate::{cors, mime, multipart, shared};

/// RFC 9530.
const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");
/// How often a file that is replaced while it is looked at is looked at again.
const LOOKS: u32 = 3;

/// What is served.
#[derive(Debug)]
pub struct Handler {
    media: Storage,
    digests: Digests,
    /// Path segments below which media appears, joined by `/`; empty for the root.
    media_prefix: String,
    site: Option<Storage>,
    /// Of the links that manifests are answered to, where they are not answered to everybody.
    share_keys: Option<KeyFile>,
}

impl Handler {
    /// Opens the directories that `config` names, and makes ready to ask its bucket.
    ///
    /// # Errors
    /// A directory that cannot be opened, a bucket without keys, or a media path that no request could match.
    pub fn new(config: &Config) -> Result<Self, Error> {
        let open = |media: &Media| Storage::open(media, &config.environment, config.limits.store_time);
        let prefix = RequestPath::parse(&config.media_path)
            .map_err(|source| Error::MediaPath { path: config.media_path.clone(), source })?;
        Ok(Self {
            media: open(&config.media)?,
            digests: Digests::default(),
            media_prefix: prefix.as_str().to_owned(),
            site: config.site.clone().map(Media::Directory).as_ref().map(open).transpose()?,
            share_keys: config.share_key.as_deref().map(KeyFile::load).transpose()?,
        })
    }

    /// The keys of links, where there are any.
    pub(crate) fn share_keys(&self) -> Option<&KeyFile> {
        self.share_keys.as_ref()
    }

    /// Whether the media directory is still where it was, or the bucket answers.
    pub(crate) async fn is_media_there(&self) -> bool {
        self.media.is_there().await
    }

    /// What its bucket has been asked, in the format of Prometheus; nothing where the media is a directory.
    pub(crate) fn metrics(&self) -> Option<String> {
        self.media.metrics()
    }

    /// Answers a request at wall-clock time `now`. A request's body is not looked at. The answer to a HEAD has the content
    /// that it speaks of; whoever sends it leaves that out.
    pub async fn respond<B>(&self, request: &Request<B>, now: SystemTime) -> Response<Body> {
        let mut response = self.answer(request, now).await;
        cors::open_to_all(response.headers_mut());
        response
    }

    async fn answer<B>(&self, request: &Request<B>, now: SystemTime) -> Response<Body> {
        match *request.method() {
            Method::GET | Method::HEAD => {}
            Method::OPTIONS => return cors::preflight(),
            _ => {
                let mut response = error(StatusCode::METHOD_NOT_ALLOWED, "only GET, HEAD and OPTIONS");
                response.headers_mut().insert(ALLOW, HeaderValue::from_static(METHODS));
                return response;
            }
        }
        let path = match RequestPath::parse(request.uri().path()) {
            Ok(path) => path,
            Err(Refusal::TooLong) => return error(StatusCode::URI_TOO_LONG, "no file has such a name"),
            Err(Refusal::Malformed(what)) => return error(StatusCode::BAD_REQUEST, what),
            Err(Refusal::Hidden(_)) => return not_found(),
        };
        let Some((storage, place, name)) = self.locate(&path) else { return not_found() };
        let mut policy = Policy::of(place, &name);
        if let Some(keys) = self.share_keys.as_ref().filter(|_| shared::needs_link(place, &name, policy)) {
            if let Err(refusal) = shared::check(keys, request, now) {
                return error(shared::status(refusal), &refusal.to_string());
            }
            policy = cache_policy::SIGNED;
        }
        let mut looks = 0;
        loop {
            looks += 1;
            match self.send(request, now, storage, place, &name, policy).await {
                Ok(response) => return response,
                Err(Fault::Changed) if looks < LOOKS => {}
                Err(fault) => return answer::fault(&fault, &name),
            }
        }
    }

    async fn send<B>(
        &self,
        request: &Request<B>,
        now: SystemTime,
        storage: &Storage,
        place: Place,
        name: &str,
        policy: Policy,
    ) -> Result<Response<Body>, Fault> {
        let never_changes = policy == cache_policy::IMMUTABLE;
        let file = storage.file(name, never_changes).await?;
        let known = match place {
            Place::Media if never_changes => self.digests.of(storage, name, &file).await?,
            _ => None,
        };
        let etag = known.as_ref().map_or_else(|| file.identity().etag(), |known| known.etag.clone());
        let grows = policy == cache_policy::MANIFEST && self.grows(name, &file).await?;
        let policy = if grows { cache_policy::GROWING } else { policy };
        let validators = Validators { etag, last_modified: file.identity().last_modified(now) };
        let mut fields = represent(name, policy, &validators);
        let is_immutable = known.is_some();
        if let Some(known) = known {
            fields.insert(REPR_DIGEST, known.repr_digest);
        }
        let mut response = select(request, now, file, &validators, fields, mime::of(name));
        if request.method() == Method::GET {
            response.body_mut().begin().await?;
        }
        Ok(response.map(|body| body.immutable(is_immutable)))
    }

    /// Whether a manifest names what is there of a film that still goes up: who stored it has said so by how long it may be kept, and where
    /// nothing is stored with files its id does.
    async fn grows(&self, name: &str, manifest: &Content) -> Result<bool, Fault> {
        match manifest.cache_control() {
            Some(stored) => Ok(stored == cache_policy::GROWING.cache_control),
            None => self.digests.grows(name, manifest).await,
        }
    }

    /// Where the file lies that a path stands for, and its name there.
    fn locate(&self, path: &RequestPath) -> Option<(&Storage, Place, String)> {
        if let Some(name) = below(&self.media_prefix, path.as_str()) {
            return (!path.is_directory()).then(|| (&self.media, Place::Media, name.to_owned()));
        }
        let name = match (path.as_str(), path.is_directory()) {
            ("", _) => "index.html".to_owned(),
            (path, true) => format!("{path}/index.html"),
            (path, false) => path.to_owned(),
        };
        self.site.as_ref().map(|site| (site, Place::Site, name))
    }
}

/// What is left of `path` below the segments of `prefix`.
fn below<'a>(prefix: &str, path: &'a str) -> Option<&'a str> {
    if prefix.is_empty() {
        return (!path.is_empty()).then_some(path);
    }
    path.strip_prefix(prefix)?.strip_prefix('/')
}

/// The fields that 200, 206 and 304 share (RFC 9110 section 15.4.5).
fn represent(name: &str, policy: Policy, validators: &Validators) -> HeaderMap {
    let mut fields = HeaderMap::with_capacity(answer::FIELDS);
    fields.insert(CONTENT_TYPE, HeaderValue::from_static(mime::of(name)));
    fields.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    fields.insert(ETAG, validators.etag.to_header());
    if let Some(modified) = validators.last_modified {
        fields.insert(LAST_MODIFIED, header(httpdate::fmt_http_date(modified)));
    }
    answer::keep(policy, &mut fields);
    fields
}

/// Conditions, then range, then the response.
fn select<B>(
    request: &Request<B>,
    now: SystemTime,
    file: Content,
    validators: &Validators,
    fields: HeaderMap,
    part_type: &str,
) -> Response<Body> {
    let file_bytes = file.identity().bytes;
    match precondition::evaluate(request.headers(), validators) {
        Verdict::Proceed => {}
        Verdict::Failed => return error(StatusCode::PRECONDITION_FAILED, "the file has changed"),
        Verdict::NotModified => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.headers_mut() = fields;
            response.headers_mut().remove(CONTENT_TYPE);
            return response;
        }
    }
    let selection = match range_field(request) {
        Some(field) if precondition::range_applies(request.headers(), validators, now) => {
            range::select(field, file_bytes)
        }
        _ => Selection::Whole,
    };
    let mut response = Response::new(Body::empty());
    *response.headers_mut() = fields;
    let body = match selection {
        Selection::Whole => Body::file(file, ByteRange { start: 0, end: file_bytes }),
        Selection::Unsatisfiable => {
            let mut response = error(StatusCode::RANGE_NOT_SATISFIABLE, "the file ends before that range");
            response.headers_mut().insert(CONTENT_RANGE, header(format!("bytes */{file_bytes}")));
            return response;
        }
        Selection::Ranges(ranges) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let fields = response.headers_mut();
            if let [range] = *ranges {
                fields.insert(CONTENT_RANGE, header(range.content_range(file_bytes).to_string()));
                Body::file(file, range)
            } else {
                fields.insert(CONTENT_TYPE, header(multipart::content_type()));
                multipart::body(&file, &ranges, part_type)
            }
        }
    };
    response.headers_mut().insert(CONTENT_LENGTH, body.bytes().into());
    *response.body_mut() = body;
    response
}

/// The text of the only `Range` field of a GET: for other methods it has no meaning (RFC 9110 section 14.2), and several
/// are no list.
fn range_field<B>(request: &Request<B>) -> Option<&str> {
    let mut values = request.headers().get_all(RANGE).iter();
    let field = values.next()?.to_str().ok()?;
    (request.method() == Method::GET && values.next().is_none()).then_some(field)
}

fn not_found() -> Response<Body> {
    error(StatusCode::NOT_FOUND, "no such file")
}

fn header(value: String) -> HeaderValue {
    HeaderValue::try_from(value).expect("dates and numbers are visible ASCII")
}

#[cfg(test)]
mod tests;
