//! How a request is sent and a whole body is read. gloo-net builds requests and reads answers; what it would panic at is
//! done here.

use gloo_net::http::{RequestBuilder, Response};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::RequestInit;

use crate::js_error::describe;
use crate::timer::window;

/// Sends a request at once; the answer is awaited.
///
/// gloo-net's own `send` takes for granted that `fetch` resolves to a `Response` and rejects with an `Error`. Pages wrap
/// `fetch`, service workers answer in its place, and either may give anything at all.
pub(crate) fn send(
    request: RequestBuilder,
    init: &RequestInit,
) -> impl Future<Output = Result<Response, String>> + use<> {
    let promise = request.build().map(|request| {
        let request: web_sys::Request = request.into();
        window().fetch_with_request_and_init(&request, init)
    });
    async move { answer(JsFuture::from(promise.map_err(|error| error.to_string())?).await) }
}

/// What a promised answer has come to.
pub(crate) fn answer(settled: Result<JsValue, JsValue>) -> Result<Response, String> {
    let response = settled.map_err(|thrown| describe(&thrown))?.dyn_into::<web_sys::Response>();
    response.map(Response::from).map_err(|_| "what came is no Response".to_owned())
}

/// The whole body of an answer that is good, as JavaScript has it.
pub(crate) async fn body(response: Response) -> Result<Uint8Array, String> {
    if !response.ok() {
        return Err(format!("the server answered {} {}", response.status(), response.status_text()));
    }
    // Read here, for gloo-net would copy it into WebAssembly's memory.
    let response: web_sys::Response = response.into();
    let thrown = |thrown: JsValue| describe(&thrown);
    let buffer = JsFuture::from(response.array_buffer().map_err(thrown)?).await.map_err(thrown)?;
    Ok(Uint8Array::new(&buffer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    async fn whatever_the_pages_fetch_gives_is_an_answer_or_a_failure() {
        assert!(answer(Err("a text".into())).is_err_and(|what| what.contains("a text")));
        assert!(answer(Err(JsValue::UNDEFINED)).is_err());
        assert!(answer(Ok(JsValue::from_f64(5.0))).is_err_and(|what| what.contains("no Response")));
        let own = js_sys::eval(
            "(() => { const own = window.fetch; window.fetch = () => Promise.reject('blocked'); return own; })()",
        );
        let own = own.expect("the page's own");
        let refused = send(RequestBuilder::new("/"), &RequestInit::new()).await;
        js_sys::Reflect::set(&window(), &"fetch".into(), &own).expect("as before");
        assert_eq!(refused.err().as_deref(), Some("blocked"));
    }

    #[wasm_bindgen_test]
    async fn an_address_that_is_none_is_a_failure() {
        assert!(send(RequestBuilder::new("http://"), &RequestInit::new()).await.is_err());
    }
}
