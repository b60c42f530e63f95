//! From a URL to a film: the manifest, its inits, and whether this browser can play them.

use std::rc::Rc;

use isobmff::Init;
use js_sys::{Function, Uint8Array};
use manifest::Film;
use playback::{Attempt, Failure, Trouble};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, RequestCache};

use crate::address::{page_base, resolve, with_token};
use crate::boxes;
use crate::download::{Fetcher, Lost, Order, Source};
use crate::film_json;
use crate::request::{RequestKind, RequestPurpose};
use crate::support;

/// The most bytes that are read of captions, and of the file that names thumbnails: their reader takes no more either.
const MOST_TEXT: u64 = 32 << 20;

/// The most bytes that are read of an init: those of films have some kB.
const MOST_INIT: u64 = 16 << 20;

/// A film that may be played.
pub(crate) struct FilmSource {
    pub(crate) film: Rc<Film>,
    /// The address that the manifest's URLs are relative to: its own, or the page's where a page has made the manifest.
    pub(crate) base: String,
    /// What of its query goes on to what it names.
    token: String,
    /// For each stream that has an init of its own, its bytes.
    pub(crate) inits: Vec<Option<Uint8Array>>,
    /// For each stream, whether the browser plays its type, as far as that is known.
    pub(crate) supported: Vec<bool>,
    /// What reads its boxes, where it has no index.
    pub(crate) boxes: Option<Function>,
    /// Its manifest, where it has rungs.
    pub(crate) manifest: Option<Uint8Array>,
}

/// Why there is no film.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{url}: {failure}")]
    Network { url: String, failure: Failure, history: Vec<Attempt> },
    #[error("{url}: {failure}")]
    WrongObject { url: String, failure: Failure },
    #[error("{url}: {source}")]
    Manifest { url: String, source: manifest::Error },
    #[error("{url}: the init of stream {stream} is damaged: {source}")]
    Init { url: String, stream: usize, source: isobmff::Error },
    #[error("{url}: the manifest calls stream {stream} {manifest}, its init is {init}")]
    Mime { url: String, stream: usize, manifest: String, init: String },
    #[error("{url}: it has no index, and what reads such films could not be fetched: {why}")]
    NoReader { url: String, why: String },
    #[error("it is not wanted any more")]
    Closed,
}

impl Error {
    /// What could not be had.
    pub(crate) fn lost(url: String, failure: Failure, history: Vec<Attempt>) -> Self {
        match failure {
            Failure::WrongType { .. } | Failure::WrongTotal { .. } => Self::WrongObject { url, failure },
            _ => Self::Network { url, failure, history },
        }
    }

    /// Of what could not be had or read.
    pub(crate) fn url(&self) -> &str {
        match self {
            Self::Network { url, .. }
            | Self::WrongObject { url, .. }
            | Self::Manifest { url, .. }
            | Self::Init { url, .. }
            | Self::Mime { url, .. }
            | Self::NoReader { url, .. } => url,
            Self::Closed => "",
        }
    }

    /// A short name that does not change, for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Network { failure: Failure::TooLarge { .. }, .. } => "manifest-invalid",
            Self::Network { .. } => "manifest-network",
            Self::WrongObject { .. } => "wrong-object",
            Self::Manifest { .. } => "manifest-invalid",
            Self::Init { .. } => "init-invalid",
            Self::Mime { .. } => "init-mismatch",
            Self::NoReader { .. } => "engine-missing",
            Self::Closed => "superseded",
        }
    }

    /// The remedy, as a clause.
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::Network { failure, .. } if failure.may_pass() => "check the connection",
            Self::Network { .. } => "check the address, and load again",
            Self::WrongObject { .. } => "see that the server has the whole film, and answers 404 for what it has not",
            Self::Manifest { source, .. } => source.remedy(),
            Self::Init { .. } | Self::Mime { .. } => "cut the film again",
            Self::NoReader { .. } => "see that the package is served whole, and load again",
            Self::Closed => "nothing is to be done: what came later counts",
        }
    }
}

/// 1. Fetch the manifest. 2. Read it. 3. Get every init that it does not bring along. 4. Hold inits and types together.
/// 5. Get what reads films without an index, if this is one.
///
/// `src` is what a page loads, see [`crate::address::source`]: it may ask for the manifest before WebAssembly is there.
pub(crate) async fn load(
    fetcher: &Fetcher,
    src: &JsValue,
    cache: RequestCache,
    tell: &dyn Fn(&str, Trouble) -> bool,
) -> Result<FilmSource, Error> {
    let from = match crate::address::source(src) {
        Some(from) => from,
        // A promise of one.
        None => {
            let settled = fetcher.settle(src).await;
            let from = settled.and_then(|settled| {
                crate::address::source(&settled).ok_or_else(|| Failure::Page("what came is no Response".to_owned()))
            });
            from.map_err(|failure| Error::lost("the manifest".to_owned(), failure, Vec::new()))?
        }
    };
    let order = |from| Order {
        from,
        purpose: RequestPurpose::of(RequestKind::Manifest),
        cache,
        expected: None,
        limit: Film::LARGEST_MANIFEST as u64,
    };
    let got = match get(fetcher, order(from), tell).await {
        // The page's own request has failed, and it can be sent again.
        Err((error @ Error::Network { .. }, true)) if !error.url().is_empty() => {
            let again = Source::Address(error.url().to_owned());
            get(fetcher, order(again), tell).await
        }
        got => got,
    };
    let (bytes, base) = got.map_err(|(error, _)| error)?;
    let film = film_json::read(&bytes).map_err(|source| Error::Manifest { url: base.clone(), source })?;
    let token = fetcher.requests.borrow().token_of(&base);
    let (mut inits, mut supported) = (Vec::new(), Vec::new());
    for (number, stream) in film.streams.iter().enumerate() {
        let bytes = match &stream.init {
            Some(manifest::Init { data: Some(data), .. }) => Some(Uint8Array::from(data.as_slice())),
            Some(init) => {
                let order = Order {
                    from: Source::Address(with_token(resolve(&init.url, &base), &base, &token)),
                    purpose: RequestPurpose { kind: RequestKind::Init, stream: Some(number), chunk: None },
                    cache: RequestCache::Default,
                    expected: Some(init.bytes),
                    limit: MOST_INIT,
                };
                Some(get(fetcher, order, tell).await.map_err(|(error, _)| error)?.0)
            }
            None => None,
        };
        if let Some((bytes, mime)) = bytes.as_ref().zip(stream.mime.as_ref()) {
            check(&bytes.to_vec(), mime, number, &base)?;
        }
        supported.push(stream.mime.as_deref().is_none_or(support::plays));
        inits.push(bytes);
    }
    let boxes = match film.is_indexed() {
        true => None,
        false => Some(boxes::fetch().await.map_err(|why| Error::NoReader { url: base.clone(), why })?),
    };
    let manifest = film.streams.iter().any(|stream| stream.set.is_some()).then_some(bytes);
    Ok(FilmSource { film: Rc::new(film), base, token, inits, supported, boxes, manifest })
}

impl FilmSource {
    /// The absolute address of what the manifest names.
    pub(crate) fn address(&self, url: &str) -> String {
        self.address_beside(url, &self.base)
    }

    /// The absolute address of what a file of the film names.
    pub(crate) fn address_beside(&self, url: &str, file: &str) -> String {
        with_token(resolve(url, file), &self.base, &self.token)
    }
}

/// The manifest that stands at `url` now, if one does.
pub(crate) async fn reload(fetcher: &Fetcher, url: &str) -> Option<Film> {
    let order = Order {
        from: Source::Address(url.to_owned()),
        purpose: RequestPurpose::of(RequestKind::Manifest),
        cache: RequestCache::NoCache,
        expected: None,
        limit: Film::LARGEST_MANIFEST as u64,
    };
    let (bytes, _) = get(fetcher, order, &while_it_may_come).await.ok()?;
    film_json::read(&bytes).ok()
}

/// For what is not asked for any more once its budget is spent.
#[expect(clippy::needless_pass_by_value, reason = "it is handed over as what may keep it")]
pub(crate) fn while_it_may_come(_: &str, trouble: Trouble) -> bool {
    matches!(trouble, Trouble::Again { .. })
}

/// The bytes at an address, or of a `Blob`, of `kind`.
pub(crate) async fn bytes(
    fetcher: &Fetcher,
    source: &JsValue,
    kind: RequestKind,
    tell: &dyn Fn(&str, Trouble) -> bool,
) -> Result<Uint8Array, Error> {
    let from = match (source.as_string(), source.dyn_ref::<Blob>()) {
        (Some(url), _) => Source::Address(resolve(&url, &page_base())),
        (None, blob) => Source::Answer(
            web_sys::Response::new_with_opt_blob(blob).unwrap_or_else(|_| web_sys::Response::error()).into(),
        ),
    };
    let (purpose, cache) = (RequestPurpose::of(kind), RequestCache::Default);
    let order = Order { from, purpose, cache, expected: None, limit: MOST_TEXT };
    get(fetcher, order, tell).await.map(|(bytes, _)| bytes).map_err(|(error, _)| error)
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

/// A small object whole, and the URL that it came from in the end. With an error, whether asking again may help where this
/// could not.
async fn get(
    fetcher: &Fetcher,
    order: Order,
    tell: &dyn Fn(&str, Trouble) -> bool,
) -> Result<(Uint8Array, String), (Error, bool)> {
    let name = match &order.from {
        Source::Address(address) => address.clone(),
        Source::Request(request) => request.url(),
        Source::Answer(_) => String::new(),
    };
    let is_answer = matches!(order.from, Source::Answer(_));
    match fetcher.fetch(order, &|trouble| tell(&name, trouble)).await {
        // An answer that a page has made itself comes from nowhere but the page.
        Ok(got) if got.url.is_empty() => Ok((got.bytes, page_base())),
        Ok(got) => Ok((got.bytes, got.url)),
        Err(Lost::Closed) => Err((Error::Closed, false)),
        Err(Lost::Failed { failure, history, url }) => {
            let may_help = is_answer && failure.may_pass();
            let url = if url.is_empty() { name } else { url };
            Err((Error::lost(url, failure, history), may_help))
        }
    }
}
