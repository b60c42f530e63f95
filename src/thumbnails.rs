//! Pictures for a seek bar. A script of the page's reads the file that names them, see [`crate::readers`].

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use crate::player::{Player, time as checked};
use crate::task::promise;

#[wasm_bindgen]
impl Player {
    /// The picture of the film for a time in seconds, for a seek bar; `null` where there is none. What names the pictures is
    /// fetched with the first.
    #[wasm_bindgen(js_name = thumbnailAt, unchecked_return_type = "Promise<Thumbnail | null>")]
    pub fn thumbnail_at(&self, time: f64) -> Promise {
        let film = self.needed();
        promise(async move {
            let seconds = checked(time)?.as_seconds();
            let film = film?;
            Ok(film.thumbnail_at(seconds).await.unwrap_or(JsValue::NULL))
        })
    }
}
