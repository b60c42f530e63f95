//! Fields that let a page of any other site play the film (the Fetch standard, "CORS protocol").

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Response, StatusCode};

use crate::body::Body;
use crate::cache_policy;
use crate::methods::METHODS;

/// Fetch standard, "Cross-Origin-Resource-Policy header".
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// Resource Timing, section 4.5.
const TIMING_ALLOW_ORIGIN: HeaderName = HeaderName::from_static("timing-allow-origin");

/// Adds what every response carries. The values never depend on the request, so no cache has to keep them apart.
pub(crate) fn open_to_all(fields: &mut HeaderMap) {
    let exposed = "Accept-Ranges, Age, CF-Cache-Status, Content-Length, Content-Range, ETag, Retry-After";
    fields.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    fields.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(exposed));
    fields.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    fields.insert(TIMING_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    fields.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// The answer to `OPTIONS`, on whatever path.
pub(crate) fn preflight() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let fields = response.headers_mut();
    let allowed =
        "Cache-Control, If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, Pragma, Range";
    fields.insert(ALLOW, HeaderValue::from_static(METHODS));
    fields.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    fields.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(allowed));
    fields.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    fields.insert(CACHE_CONTROL, HeaderValue::from_static(cache_policy::ERROR.cache_control));
    response
}
