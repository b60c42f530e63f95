//! From a URL to a film: the manifest, its inits, and whether this browser can play them.

use std::rc::Rc;

use isobmff::Init;
use js_sys::{Promise, Uint8Array};
use manifest::Film;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, RequestCache, RequestInit, Response};

use crate::js_error::describe;
use crate::media_source::Media;
use crate::timer::window;

/// A film that may be played.
pub(crate) struct FilmSource {
    pub(crate) film: Rc<Film>,
    /// What the manifest's URLs are relative to: its own address, unless a page has made it.
    pub(crate) base: String,
    /// For each stream that has an init of its own, its bytes.
    pub(crate) inits: Vec<Option<Uint8Array>>,
    /// For each stream, whether the browser plays its type, as far as that is known.
    pub(crate) supported: Vec<bool>,
}

/// Why there is no film.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{url}: {what}; check the address and the connection, and try again")]
    Network { url: String, what: String },
    #[error("{url}: {source}")]
    Manifest { url: String, source: manifest::Error },
    #[error("{url}: stream {stream}'s init is damaged: {source}; cut the film again")]
    Init { url: String, stream: usize, source: isobmff::Error },
    #[error("{url}: the manifest calls stream {stream} {manifest}, its init is {init}; cut the film again")]
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
}

/// 1. Fetch the manifest. 2. Read it. 3. Get every init that it does not bring along. 4. Hold inits and types together.
///
/// `src` is an address, an answer, or the promise of one: a page may ask for the manifest before WebAssembly is there.
pub(crate) async fn load(src: JsValue, signal: &AbortSignal) -> Result<FilmSource, Error> {
    let (bytes, base) = match src.as_string() {
        Some(url) => get(&url, signal).await?,
        None => take("the manifest", Promise::resolve(&src)).await?,
    };
    let film = Film::parse(&bytes.to_vec()).map_err(|source| Error::Manifest { url: base.clone(), source })?;
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
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoCache);
    let (bytes, _) = take(url, window().fetch_with_str_and_init(url, &init)).await.ok()?;
    Film::parse(&bytes.to_vec()).ok()
}

/// The text at an address, or of a `Blob`.
pub(crate) async fn text(source: JsValue, signal: &AbortSignal) -> Result<String, Error> {
    let bytes = match (source.as_string(), source.dyn_ref::<Blob>()) {
        (Some(url), _) => get(&url, signal).await?.0,
        (None, blob) => {
            let response = Response::new_with_opt_blob(blob).map_err(|thrown| network("the text", &thrown))?;
            take("the text", Promise::resolve(&JsValue::from(response))).await?.0
        }
    };
    Ok(String::from_utf8_lossy(&bytes.to_vec()).into_owned())
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
    let init = RequestInit::new();
    init.set_signal(Some(signal));
    take(url, window().fetch_with_str_and_init(url, &init)).await
}

/// The body of a promised answer. `name` is what to call it until it says where it came from.
async fn take(name: &str, response: Promise) -> Result<(Uint8Array, String), Error> {
    let response = JsFuture::from(response).await.map_err(|thrown| network(name, &thrown))?;
    let response: Response = response.dyn_into().map_err(|_| Error::Network {
        url: name.to_owned(),
        what: "that is neither an address nor an answer".into(),
    })?;
    // An answer that a page has made itself comes from nowhere but the page.
    let url = Some(response.url()).filter(|url| !url.is_empty());
    let name = url.as_deref().unwrap_or(name);
    let thrown = |thrown: JsValue| network(name, &thrown);
    if !response.ok() {
        let what = format!("the server answered {} {}", response.status(), response.status_text());
        return Err(Error::Network { url: name.to_owned(), what });
    }
    let buffer = JsFuture::from(response.array_buffer().map_err(thrown)?).await.map_err(thrown)?;
    Ok((Uint8Array::new(&buffer), url.or_else(|| window().location().href().ok()).unwrap_or_default()))
}

fn network(url: &str, thrown: &JsValue) -> Error {
    Error::Network { url: url.to_owned(), what: describe(thrown) }
}
