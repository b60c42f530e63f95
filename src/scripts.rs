//! What most viewers never need, and the page's script therefore fetches when it is first needed.

use std::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static SCRIPTS: RefCell<Option<[Function; 3]>> = const { RefCell::new(None) };
}

/// Which of them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Script {
    Reader,
    Unindexed,
    Chooser,
}

/// Says what fetches it.
///
/// `reader` gets the bytes of a file, and what it is. Of `captions` it makes WebVTT, and rejects with a text where there are none; of
/// `thumbnails` the function that finds the picture for a time, as `package/thumbnails.js` has it. `unindexed` reads films without an
/// index: it gives a promise of the module's `stream`. `chooser` gets the media element and the manifest of a film that has several
/// renditions, and gives who chooses among them.
#[wasm_bindgen(js_name = fetchWith)]
pub fn fetch_with(
    #[wasm_bindgen(
        unchecked_param_type = "(bytes: Uint8Array, kind: \"captions\" | \"thumbnails\") => Promise<unknown>"
    )]
    reader: Function,
    #[wasm_bindgen(unchecked_param_type = "() => Promise<Function>")] unindexed: Function,
    #[wasm_bindgen(unchecked_param_type = "(video: HTMLMediaElement, manifest: Uint8Array) => object")]
    chooser: Function,
) {
    SCRIPTS.set(Some([reader, unindexed, chooser]));
}

/// One of them; `None` where nobody has said.
pub(crate) fn script(which: Script) -> Option<Function> {
    SCRIPTS.with_borrow(|scripts| scripts.as_ref()?.get(which as usize).cloned())
}
