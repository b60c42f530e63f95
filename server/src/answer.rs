//! Answers of a few words for people, and how long an answer may be kept.

use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};

use crate::body::Body;
use crate::cache_policy::{self, Policy};
use crate::fault::Fault;

/// RFC 9213, under the name that Cloudflare gives it.
const EDGE_CACHE_CONTROL: HeaderName = HeaderName::from_static("cloudflare-cdn-cache-control");
/// Room for what a response carries and what is added to it: a map takes three quarters of this before it grows.
pub(crate) const FIELDS: usize = 24;

/// Says how long an answer may be kept.
pub(crate) fn keep(policy: Policy, fields: &mut HeaderMap) {
    fields.insert(CACHE_CONTROL, HeaderValue::from_static(policy.cache_control));
    if let Some(value) = policy.edge_cache_control {
        fields.insert(EDGE_CACHE_CONTROL, HeaderValue::from_static(value));
    }
}

/// A short text for people, kept by no cache.
pub(crate) fn error(status: StatusCode, what: &str) -> Response<Body> {
    let text = format!("{status}: {what}\n");
    let mut fields = HeaderMap::with_capacity(FIELDS);
    fields.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    fields.insert(CONTENT_LENGTH, text.len().into());
    keep(cache_policy::ERROR, &mut fields);
    let mut response = Response::new(Body::empty().then(text));
    *response.status_mut() = status;
    *response.headers_mut() = fields;
    response
}

/// What is answered in place of a file, kept by no cache; what is more than "not there" is logged. Clients are not told of what goes on
/// behind.
pub(crate) fn fault(fault: &Fault, name: &str) -> Response<Body> {
    let (status, what) = match fault {
        Fault::Missing => return error(StatusCode::NOT_FOUND, "no such file"),
        Fault::Unreadable(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the file cannot be read at the moment"),
        Fault::Refused(_) => (StatusCode::BAD_GATEWAY, "the store refuses to show the file"),
        Fault::Changed | Fault::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, "the file cannot be had at the moment"),
    };
    tracing::error!(name, %fault, "a file cannot be sent");
    let mut response = error(status, what);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
