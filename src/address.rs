//! Addresses: of what a page loads, and of what a manifest names.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Url;

use crate::download::Source;
use crate::timer::window;

/// What a page may load, as far as it is no promise: an address as a text or a `URL`, a `Request`, or a `Response`.
pub(crate) fn source(src: &JsValue) -> Option<Source> {
    if let Some(address) = src.as_string() {
        return Some(Source::Address(resolve(&address, &page_base())));
    }
    if !src.is_object() {
        return None;
    }
    // Not by their classes: what another frame has made is of that frame's.
    let member = |name: &str| Reflect::get(src, &JsValue::from_str(name)).unwrap_or_default();
    if let Some(address) = member("href").as_string() {
        return Some(Source::Address(resolve(&address, &page_base())));
    }
    if member("status").as_f64().is_some() {
        return Some(Source::Answer(src.clone()));
    }
    src.dyn_ref::<web_sys::Request>().cloned().map(Source::Request)
}

/// Whether a page may load it: [`source`], or a promise of one.
pub(crate) fn may_be_source(src: &JsValue) -> bool {
    let is_source = || source(src).is_some() || src.is_object() && is_thenable(src);
    src.as_string().map_or_else(is_source, |address| !address.trim().is_empty())
}

fn is_thenable(value: &JsValue) -> bool {
    Reflect::get(value, &JsValue::from_str("then")).is_ok_and(|then| then.is_function())
}

/// What addresses of the page are relative to. A name and a password in it are not for scripts to send: `fetch` refuses such
/// addresses, and the browser sends both by itself.
pub(crate) fn page_base() -> String {
    let base = window().document().and_then(|document| document.base_uri().ok().flatten()).unwrap_or_default();
    resolve(&base, &base)
}

/// An absolute URL; what cannot be resolved is left as it is, and fails as a request with its own name.
pub(crate) fn resolve(url: &str, base: &str) -> String {
    let Ok(resolved) = Url::new_with_base(url, base) else { return url.to_owned() };
    if !resolved.username().is_empty() || !resolved.password().is_empty() {
        resolved.set_username("");
        resolved.set_password("");
    }
    resolved.href()
}

/// The address with a token in its query, if it lies where the manifest does: a token is a secret between the page and that
/// server.
pub(crate) fn with_token(address: String, manifest: &str, token: &str) -> String {
    let (Ok(url), Ok(manifest)) = (Url::new(&address), Url::new(manifest)) else { return address };
    if token.is_empty() || url.origin() != manifest.origin() {
        return address;
    }
    let query = url.search();
    let joint = if query.is_empty() { '?' } else { '&' };
    url.set_search(&format!("{query}{joint}{token}"));
    url.href()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn names_and_passwords_are_left_to_the_browser() {
        assert_eq!(resolve("a/b.json", "http://me:word@host:8080/c/?d"), "http://host:8080/c/a/b.json");
        assert_eq!(resolve("http://me@host/a", "http://other/"), "http://host/a");
        assert_eq!(resolve("http://", "http://other/"), "http://");
    }

    #[wasm_bindgen_test]
    fn a_token_stays_with_the_server_of_the_manifest() {
        let manifest = "https://a/film/manifest.json?sig=x%2B";
        let with = |address: &str| with_token(address.to_owned(), manifest, "sig=x%2B");
        assert_eq!(with("https://a/film/1.mp4"), "https://a/film/1.mp4?sig=x%2B");
        assert_eq!(with("https://a/1.mp4?b#c"), "https://a/1.mp4?b&sig=x%2B#c");
        assert_eq!(with("https://b/1.mp4"), "https://b/1.mp4");
        assert_eq!(with_token("https://a/1.mp4".to_owned(), manifest, ""), "https://a/1.mp4");
    }

    #[wasm_bindgen_test]
    fn an_address_a_url_a_request_and_an_answer_can_be_loaded_and_promises_of_them() {
        let given = |text: &str| js_sys::eval(text).expect("a value");
        for good in
            ["'a.json'", "new URL('http://a/')", "new Request('/a')", "new Response('')", "Promise.resolve('a')"]
        {
            assert!(may_be_source(&given(good)), "{good}");
        }
        for bad in ["undefined", "null", "5", "''", "({})", "[]", "true", "() => 'a.json'"] {
            assert!(!may_be_source(&given(bad)), "{bad}");
        }
        let url = given("new URL('http://me:word@a/b')");
        assert!(matches!(source(&url), Some(Source::Address(address)) if address == "http://a/b"));
    }
}
