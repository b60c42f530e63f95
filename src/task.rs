//! Futures on the browser's queue. Each type of future that the queue is given takes code of its own: here all are of one.

use std::pin::Pin;

use js_sys::{Function, Promise};
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

/// A promise, and what settles it: the first word counts.
pub(crate) struct Deferred {
    pub(crate) promise: Promise,
    resolve: Function,
    reject: Function,
}

impl Deferred {
    pub(crate) fn new() -> Self {
        let mut both = None;
        let promise = Promise::new(&mut |resolve, reject| both = Some((resolve, reject)));
        let (resolve, reject) = both.expect("a promise calls back at once");
        Self { promise, resolve, reject }
    }

    pub(crate) fn settle(&self, outcome: Result<(), JsValue>) {
        // A promise's own functions do not throw.
        let _ = match outcome {
            Ok(()) => self.resolve.call0(&JsValue::NULL),
            Err(error) => self.reject.call1(&JsValue::NULL, &error),
        };
    }
}

fn spawn_boxed(future: Boxed<()>) {
    wasm_bindgen_futures::spawn_local(future);
}

fn promise_boxed(future: Boxed<Result<JsValue, JsValue>>) -> Promise {
    wasm_bindgen_futures::future_to_promise(future)
}
