//! The same server by the names of Google Cloud Storage: its XML interface is S3's, with fields of other names, and a token in the
//! place of a signature.

use http::request::Parts;
use http::{HeaderMap, HeaderName, Response, header};

/// What the token of the bucket is, which appears nowhere.
const TOKEN: &str = "testonlytoken.neverprinted";

const GOOGLE: &str = "x-goog-meta-";
const S3: &str = "x-amz-meta-";

/// The variables of a process that uses the bucket at this address.
pub(crate) fn environment(endpoint: String) -> [(&'static str, String); 2] {
    [("GOOGLE_BASE_URL", endpoint), ("GOOGLE_BEARER_TOKEN", TOKEN.to_owned())]
}

/// Makes a request of Google's one of S3's that needs no signature; whether it is one that has the token.
pub(crate) fn take(parts: &mut Parts) -> bool {
    let expected = format!("Bearer {TOKEN}");
    if parts.headers.get(header::AUTHORIZATION).is_none_or(|found| found.as_bytes() != expected.as_bytes()) {
        return false;
    }
    parts.headers.remove(header::AUTHORIZATION);
    rename(&mut parts.headers, GOOGLE, S3);
    true
}

/// Makes an answer of S3's one of Google's.
pub(crate) fn give(mut answer: Response<s3s::Body>) -> Response<s3s::Body> {
    rename(answer.headers_mut(), S3, GOOGLE);
    answer
}

fn rename(fields: &mut HeaderMap, from: &str, to: &str) {
    let names: Vec<_> = fields.keys().filter(|name| name.as_str().starts_with(from)).cloned().collect();
    for name in names {
        let renamed = name.as_str().replacen(from, to, 1);
        if let Some(value) = fields.remove(&name) {
            fields.insert(HeaderName::try_from(renamed).expect("a name"), value);
        }
    }
}
