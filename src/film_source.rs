//! From a URL to a film: the manifest, its inits, and whether this browser can play them.

use std::rc::Rc;

use gloo_net::http::{RequestBuilder, Response};
use isobmff::Init;
use js_sys::{Promise, Uint8Array};
use manifest::Film;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, RequestCache, RequestInit};

use crate::film_json;
use crate::js_error::describe;
use crate::media_source::Media;
use crate::request::{answer, body, send};
use crate::timer::window;

/// A film that may be played.
pub(crate) struct FilmSource {
    pub(crate) film: Rc<Film>,
    /// The address that the manifest's URLs are relative to: its own, or the page's where a page has made the manifest.
    pub(crate) base: String,
    /// For each stream that has an init of its own, its bytes.
    pub(crate) inits: Vec<Option<Uint8Array>>,
    /// For each stream, whether the browser plays its type, as far as that is known.
    pub(crate) supported: Vec<bool>,
}

/// Why there is no film.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{url}: {what}")]
    Network { url: String, what: String },
    #[error("{url}: {source}")]
    Manifest { url: String, source: manifest::Error },
    #[error("{url}: the init of stream {stream} is damaged: {source}")]
    Init { url: String, stream: usize, source: isobmff::Error },
    #[error("{url}: the manifest calls stream {stream} {manifest}, its init is {init}")]
    Mime { url: String, stream: usize, manifest: String, init: String },
}

impl Error {
    /// Of what could not be had or read.
    pub(crate) fn url(&self) -> &str {
        match self {
            Self::Network { url, .. }
            | Self::Manifest { url, .. }
            | Self::Init { url, .. }
            | Self::Mime { url, .. } => url,
        }
    }

    /// A short name that does not change, for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Network { .. } => "manifest-network",
            Self::Manifest { .. } => "manifest-invalid",
            Self::Init { .. } => "init-invalid",
            Self::Mime { .. } => "init-mismatch",
        }
    }

    /// The remedy, as a clause.
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::Network { .. } => "check the address and the connection, and load again",
            Self::Manifest { source, .. } => source.remedy(),
            Self::Init { .. } | Self::Mime { .. } => "cut the film again",
        }
    }
}

/// 1. Fetch the manifest. 2. Read it. 3. Get every init that it does not bring along. 4. Hold inits and types together.
///
/// `src` is an address, an answer, or the promise of one: a page may ask for the manifest before WebAssembly is there.
pub(crate) async fn load(src: JsValue, signal: &AbortSignal) -> Result<FilmSource, Error> {
    let (bytes, base) = match src.as_string() {
        Some(url) => get(&url, signal).await?,
        None => whole("the manifest", answer(JsFuture::from(Promise::resolve(&src)).await)).await?,
    };
    let film = film_json::read(&bytes).map_err(|source| Error::Manifest { url: base.clone(), source })?;
    let (mut inits, mut supported) = (Vec::new(), Vec::new());
    for (number, stream) in film.streams.iter().enumerate() {
        let bytes = match &stream.init {
            Some(manifest::Init { data: Some(data), .. }) => Some(Uint8Array::from(data.as_slice())),
            Some(init) => Some(get(&resolve(&init.url, &base), signal).await?.0),
            None => None,
        };
        if let Some((bytes, mime)) = bytes.as_ref().zip(stream.mime.as_ref()) {
            check(&bytes.to_vec(), mime, number, &base)?;
        }
        supported.push(stream.mime.as_deref().is_none_or(Media::supports));
        inits.push(bytes);
    }
    Ok(FilmSource { film: Rc::new(film), base, inits, supported })
}

/// The manifest that stands at `url` now, if one does.
pub(crate) async fn reload(url: &str) -> Option<Film> {
    let (bytes, _) = ask(url, RequestBuilder::new(url).cache(RequestCache::NoCache)).await.ok()?;
    film_json::read(&bytes).ok()
}

/// The bytes at an address, or of a `Blob`.
pub(crate) async fn bytes(source: JsValue, signal: &AbortSignal) -> Result<Uint8Array, Error> {
    match (source.as_string(), source.dyn_ref::<Blob>()) {
        (Some(url), _) => Ok(get(&url, signal).await?.0),
        (None, blob) => {
            let response = web_sys::Response::new_with_opt_blob(blob);
            Ok(whole("the text", response.map(Response::from).map_err(|thrown| describe(&thrown))).await?.0)
        }
    }
}

/// An absolute URL; what cannot be resolved is left as it is, and fails as a request with its own name.
pub(crate) fn resolve(url: &str, base: &str) -> String {
    web_sys::Url::new_with_base(url, base).map_or_else(|_| url.to_owned(), |url| url.href())
}

fn check(bytes: &[u8], mime: &str, stream: usize, url: &str) -> Result<(), Error> {
    let init = Init::parse(bytes).map_err(|source| Error::Init { url: url.to_owned(), stream, source })?;
    let found = init.mime();
    let plain = |mime: &str| mime.to_ascii_lowercase().replace(' ', "");
    if plain(&found) == plain(mime) {
        return Ok(());
    }
    Err(Error::Mime { url: url.to_owned(), stream, manifest: mime.to_owned(), init: found })
}

/// A small object whole, and the URL that it came from in the end.
async fn get(url: &str, signal: &AbortSignal) -> Result<(Uint8Array, String), Error> {
    ask(url, RequestBuilder::new(url).abort_signal(Some(signal))).await
}

async fn ask(url: &str, request: RequestBuilder) -> Result<(Uint8Array, String), Error> {
    whole(url, send(request, &RequestInit::new()).await).await
}

/// The body of an answer. `name` is what to call it where it does not say where it came from: an answer that a page has made
/// itself comes from nowhere but the page.
async fn whole(name: &str, response: Result<Response, String>) -> Result<(Uint8Array, String), Error> {
    let failed = |url: &str, what| Error::Network { url: url.to_owned(), what };
    let response = response.map_err(|what| failed(name, what))?;
    let url = response.url();
    let bytes = body(response).await.map_err(|what| failed(if url.is_empty() { name } else { &url }, what))?;
    let base = if url.is_empty() { window().location().href().unwrap_or_default() } else { url };
    Ok((bytes, base))
}
