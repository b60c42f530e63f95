//! Addresses as QR codes for the page: a module of its own, since most viewers open no room.
//!
//! Natively this crate is empty.
#![cfg(target_arch = "wasm32")]

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};
use wasm_bindgen::prelude::wasm_bindgen;

/// The light edge around a code, which readers want.
const EDGE: i32 = 4;

/// The text's code as a picture of SVG, black on white.
///
/// # Errors
/// Where the text is longer than a code can be (2,331 bytes).
#[wasm_bindgen]
pub fn square(text: &str) -> Result<String, String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|error| error.to_string())?;
    let size = code.size() + 2 * EDGE;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing to a string cannot fail.
            let _ = write!(path, "M{} {}h1v1h-1z", x + EDGE, y + EDGE);
        }
    }
    Ok(format!(
        r##"<svg viewBox="0 0 {size} {size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>"##
    ))
}
