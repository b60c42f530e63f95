//! How requests are sent: with what the page adds to each of them, and through its hook. gloo-net builds requests and reads
//! answers; what it would panic at is done here.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_net::http::{RequestBuilder, Response};
use js_sys::{Array, Function, Promise};
use playback::Failure;
use serde::{Deserialize, Serialize};
use tsify::Tsify;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit};

use crate::border::to_js;
use crate::js_error::describe;
use crate::timer::window;

/// What the page wants of every request. It can be changed while a film plays.
pub(crate) type Shared = Rc<RefCell<Requests>>;

/// What the page adds to requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests {
    pub(crate) credentials: Option<Credentials>,
    headers: Vec<(String, String)>,
    hook: Option<Function>,
    /// Names of parameters of the manifest's query that go on to what it names.
    token: Vec<String>,
}

/// Whether cookies and the like go along, as `fetch` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Credentials {
    Omit,
    SameOrigin,
    Include,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RequestKind {
    Manifest,
    Init,
    Chunk,
    /// Digests of the fragments of a chunk.
    Table,
    /// Of the film.
    Subtitles,
    /// That a viewer has brought: `headers` and `credentials` do not go there.
    Captions,
    Thumbnails,
}

/// What a request is for: the second argument of the option `request`.
#[derive(Clone, Copy, Debug, Serialize, Tsify)]
#[tsify(missing_as_null)]
pub(crate) struct RequestPurpose {
    pub(crate) kind: RequestKind,
    /// Of inits, chunks and tables.
    pub(crate) stream: Option<usize>,
    /// Of chunks and tables.
    pub(crate) chunk: Option<usize>,
}

impl RequestPurpose {
    /// For what belongs to no stream.
    pub(crate) fn of(kind: RequestKind) -> Self {
        Self { kind, stream: None, chunk: None }
    }
}

impl Requests {
    /// Takes over one of the options `headers`, `request` and `token`.
    ///
    /// # Errors
    /// Say that it is not what it should be.
    pub(crate) fn change(&mut self, name: &str, given: &JsValue) -> Result<(), String> {
        match name {
            "headers" => self.headers = headers(given).map_err(|thrown| describe(&thrown))?,
            "request" if given.is_null() => self.hook = None,
            "request" => self.hook = Some(given.dyn_ref().cloned().ok_or("it is neither a function nor null")?),
            _ => {
                let list = if given.is_string() {
                    Some(Array::of(std::slice::from_ref(given)))
                } else {
                    given.dyn_ref().cloned()
                };
                let names = list.and_then(|list| list.iter().map(|name| name.as_string()).collect::<Option<_>>());
                self.token = names.ok_or("it is neither a name nor a list of names")?;
            }
        }
        Ok(())
    }

    /// A request to be built, with what the page adds to it.
    pub(crate) fn builder(&self, address: &str, purpose: RequestPurpose) -> RequestBuilder {
        let mut builder = RequestBuilder::new(address);
        if purpose.kind == RequestKind::Captions {
            return builder;
        }
        if let Some(credentials) = self.credentials {
            builder = builder.credentials(credentials.into());
        }
        self.headers.iter().fold(builder, |builder, (name, value)| builder.header(name, value))
    }

    /// What of a manifest's address goes on to what it names, as the query has it: a signature may be of these very bytes.
    pub(crate) fn token_of(&self, manifest: &str) -> String {
        let query =
            manifest.split('#').next().and_then(|address| address.split_once('?')).map_or("", |(_, query)| query);
        let is_token = |pair: &&str| self.token.iter().any(|name| pair.split('=').next() == Some(name));
        query.split('&').filter(is_token).collect::<Vec<_>>().join("&")
    }

    /// Sends a request, at once where the page has no hook; the answer is awaited.
    ///
    /// gloo-net's own `send` takes for granted that `fetch` resolves to a `Response` and rejects with an `Error`. Pages wrap
    /// `fetch`, service workers answer in its place, and either may give anything at all.
    pub(crate) fn send(
        &self,
        request: Result<web_sys::Request, Failure>,
        init: RequestInit,
        purpose: RequestPurpose,
    ) -> impl Future<Output = Result<Response, Failure>> + use<> {
        let hook = self.hook.clone();
        let sent = match (&hook, &request) {
            (None, Ok(request)) => Some(window().fetch_with_request_and_init(request, &init)),
            _ => None,
        };
        async move {
            let sent = match sent {
                Some(sent) => sent,
                None => {
                    let request = changed(hook, request?, purpose).await.map_err(|thrown| {
                        Failure::Page(format!("the page's hook gave no request: {}", describe(&thrown)))
                    })?;
                    window().fetch_with_request_and_init(&request, &init)
                }
            };
            // A browser does not tell a script why a request failed.
            answer(JsFuture::from(sent).await.map_err(|_| Failure::Network)?)
        }
    }
}

/// The request that a page's hook makes of one: another, or the same changed or not.
async fn changed(
    hook: Option<Function>,
    request: web_sys::Request,
    purpose: RequestPurpose,
) -> Result<web_sys::Request, JsValue> {
    let Some(hook) = hook else { return Ok(request) };
    let given = hook.call2(&JsValue::NULL, &request, &to_js(&purpose))?;
    let given = JsFuture::from(Promise::resolve(&given)).await?;
    if given.is_undefined() || given.is_null() {
        return Ok(request);
    }
    given.dyn_into().map_err(|_| JsValue::from_str("what came is no Request"))
}

/// A request that gloo-net builds.
pub(crate) fn built(builder: RequestBuilder) -> Result<web_sys::Request, Failure> {
    builder.build().map(Into::into).map_err(|error| Failure::Page(error.to_string()))
}

/// What a promised answer has come to.
pub(crate) fn answer(settled: JsValue) -> Result<Response, Failure> {
    let response = settled.dyn_into::<web_sys::Response>().map(Response::from);
    response.map_err(|_| Failure::Page("what came is no Response".to_owned()))
}

/// Names and values, which `Headers` has looked at.
fn headers(given: &JsValue) -> Result<Vec<(String, String)>, JsValue> {
    let headers = if given.is_null() { Headers::new()? } else { Headers::new_with_str_sequence_sequence(given)? };
    let pairs = js_sys::try_iter(&headers)?.into_iter().flatten();
    let text = |value: JsValue| value.as_string().unwrap_or_default();
    pairs.map(|pair| pair.map(|pair| Array::from(&pair)).map(|pair| (text(pair.get(0)), text(pair.get(1))))).collect()
}

impl From<Credentials> for web_sys::RequestCredentials {
    fn from(credentials: Credentials) -> Self {
        match credentials {
            Credentials::Omit => Self::Omit,
            Credentials::SameOrigin => Self::SameOrigin,
            Credentials::Include => Self::Include,
        }
    }
}

#[cfg(test)]
mod tests;
