//! SHA-256 by the browser's own code. The bytes stay where they are.

use js_sys::{Reflect, Uint8Array};
use manifest::Digest;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::SubtleCrypto;

use crate::timer::window;

/// Whether this page may hash: browsers only let secure contexts (https and localhost).
pub(crate) fn is_available() -> bool {
    subtle().is_some()
}

fn subtle() -> Option<SubtleCrypto> {
    let crypto = window().crypto().ok()?;
    // Typed as always there, and undefined in an insecure context.
    let is_there = Reflect::get(&crypto, &JsValue::from_str("subtle")).is_ok_and(|subtle| subtle.is_object());
    is_there.then(|| crypto.subtle())
}

/// The digest of `bytes` as they are now; `None` when the browser does not give one.
pub(crate) fn sha256(bytes: Option<&Uint8Array>) -> impl Future<Output = Option<Digest>> + use<> {
    let promise = bytes.and_then(|bytes| subtle()?.digest_with_str_and_buffer_source("SHA-256", bytes).ok());
    async move {
        let digest = Uint8Array::new(&JsFuture::from(promise?).await.ok()?);
        let mut bytes = [0; 32];
        (digest.length() == 32).then(|| digest.copy_to(&mut bytes))?;
        Some(Digest(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    async fn the_digest_is_that_of_fips_180_4() {
        assert!(is_available(), "localhost is a secure context");
        let abc = Uint8Array::from(b"abc".as_slice());
        let digest = sha256(Some(&abc)).await.expect("a digest").to_string();
        assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(sha256(None).await, None);
    }

    #[wasm_bindgen_test]
    async fn what_becomes_of_the_bytes_afterwards_does_not_matter() {
        let bytes = Uint8Array::from(b"abc".as_slice());
        let early = sha256(Some(&bytes));
        bytes.fill(0, 0, 3);
        assert_ne!(early.await, sha256(Some(&bytes)).await);
    }
}
