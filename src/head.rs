//! Heads of responses, as the core reads them.

use std::time::Duration;

use gloo_net::http::Response;
use playback::{ContentRange, EdgeStatus, ResponseHead};
use web_sys::ResponseType;

/// What a head says. `asked` is the first byte that was asked for.
pub(crate) fn head(response: &Response, asked: u64) -> ResponseHead {
    let headers = response.headers();
    let field = |name| headers.get(name);
    let content_length = field("content-length").and_then(|value| value.trim().parse().ok());
    let content_range = field("content-range").and_then(|value| ContentRange::parse(&value)).or_else(|| {
        // Another site's server must expose the field (CORS); one that does not is believed.
        let hidden = response.type_() == ResponseType::Cors && response.status() == 206;
        let end = asked.checked_add(content_length.filter(|_| hidden)?)?;
        Some(ContentRange { start: asked, end, total: None })
    });
    let retry_after = field("retry-after").and_then(|value| patience(value.trim()));
    // Another site's server must expose the field (CORS).
    // An Age tells that a cache answered without the origin (RFC 9111 section 5.1).
    let aged = || field("age").map(|_| EdgeStatus::Hit);
    let edge = field("cf-cache-status").map(|value| EdgeStatus::parse(&value)).or_else(aged);
    let (content_type, etag) = (field("content-type"), field("etag"));
    ResponseHead { status: response.status(), content_range, content_length, content_type, etag, retry_after, edge }
}

/// Retry-After (RFC 9110 section 10.2.3): seconds, or a date.
fn patience(value: &str) -> Option<Duration> {
    let seconds = value.parse::<u64>().map(|seconds| seconds as f64);
    let seconds = seconds.unwrap_or_else(|_| (js_sys::Date::parse(value) - js_sys::Date::now()) / 1e3);
    playback::span(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen::JsValue;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn retry_after_is_a_number_or_a_date() {
        assert_eq!(patience("120"), Some(Duration::from_secs(120)));
        let soon = js_sys::Date::new(&JsValue::from_f64(js_sys::Date::now() + 60_000.0));
        let wait = patience(&String::from(soon.to_utc_string())).expect("a date");
        assert!((58..=60).contains(&wait.as_secs()), "{wait:?}");
        assert_eq!(patience("Fri, 31 Dec 1999 23:59:59 GMT"), None, "it has passed");
        assert_eq!(patience("soon"), None);
    }
}
