//! Futures on the browser's queue. Each type of future that the queue is given takes code of its own: here all are of one.

use std::pin::Pin;

use js_sys::Promise;
use wasm_bindgen::JsValue;

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// Runs a future to its end.
pub(crate) fn spawn(future: impl Future<Output = ()> + 'static) {
    spawn_boxed(Box::pin(future));
}

/// The promise of what a future comes to.
pub(crate) fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    promise_boxed(Box::pin(future))
}

fn spawn_boxed(future: Boxed<()>) {
    wasm_bindgen_futures::spawn_local(future);
}

fn promise_boxed(future: Boxed<Result<JsValue, JsValue>>) -> Promise {
    wasm_bindgen_futures::future_to_promise(future)
}
