//! The tracks of a film, as the page sees and chooses them.

use js_sys::Array;
use manifest::Kind;
use playback::StreamId;
use wasm_bindgen::prelude::*;

use crate::driver::Driver;
use crate::events;
use crate::player::{Player, member};
use crate::problem::Refusal;
use crate::text_tracks::Subtitles;

#[wasm_bindgen]
impl Player {
    /// The film's audio tracks; none before the manifest has been read, or where the sound is in the same stream as the
    /// pictures.
    #[wasm_bindgen(getter, js_name = audioTracks, unchecked_return_type = "AudioTrackInfo[]")]
    pub fn audio_tracks(&self) -> JsValue {
        let tracks = self.mailbox().and_then(|mailbox| mailbox.look(audio));
        tracks.unwrap_or_default().into()
    }

    /// The subtitles that can be shown.
    #[wasm_bindgen(getter, js_name = textTracks, unchecked_return_type = "TextTrackInfo[]")]
    pub fn text_tracks(&self) -> JsValue {
        self.loaded().map_or_else(|| Array::new().into(), |film| film.texts.describe())
    }

    /// Makes subtitles of the viewer's own known (WebVTT or SubRip), until another film is loaded; gives back the number
    /// to show them by.
    ///
    /// @throws PlayerError
    #[wasm_bindgen(js_name = addTextTrack)]
    pub fn add_text_track(
        &self,
        #[wasm_bindgen(unchecked_param_type = "TextTrackSource")] source: &JsValue,
    ) -> Result<usize, JsValue> {
        let film = self.loaded().ok_or(Refusal::Argument("subtitles belong to a film: load one first"))?;
        let src = member(source, "src");
        if !src.is_string() && !src.is_instance_of::<web_sys::Blob>() {
            return Err(Refusal::Argument("the src of a text track is an address or a Blob").into());
        }
        let text = |name| member(source, name).as_string().filter(|text| !text.is_empty());
        let id = film.texts.add(Subtitles {
            source: src,
            label: text("label"),
            language: text("language"),
            from_film: false,
        });
        self.tell_tracks();
        Ok(id)
    }

    /// Shows these subtitles and no others; `null` shows none. Resolves when they are here; rejects with a PlayerError
    /// when they cannot be had, after an `error` event that is not fatal.
    #[wasm_bindgen(js_name = showTextTrack)]
    pub async fn show_text_track(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number | null")] id: Option<usize>,
    ) -> Result<(), JsValue> {
        match self.loaded() {
            Some(film) => film.show_text(id).await,
            None => Ok(()),
        }
    }

    /// How many seconds later than written subtitles are shown.
    #[wasm_bindgen(getter, js_name = textTrackOffset)]
    pub fn text_track_offset(&self) -> f64 {
        self.loaded().map_or(0.0, |film| film.texts.offset())
    }

    /// Shows subtitles so many seconds later than written; a negative number is earlier.
    #[wasm_bindgen(setter, js_name = textTrackOffset)]
    pub fn set_text_track_offset(&self, seconds: f64) {
        if let Some(film) = self.loaded().filter(|_| seconds.is_finite()) {
            film.texts.set_offset(seconds);
        }
    }

    fn tell_tracks(&self) {
        events::dispatch(self.target(), "tracks", &JsValue::NULL);
    }
}

fn audio(driver: &Driver) -> Array {
    let streams = driver.film().map(|source| source.film.streams.as_slice()).unwrap_or_default();
    let streams = streams.iter().enumerate().filter(|(_, stream)| stream.kind == Some(Kind::Audio));
    let describe = |(id, stream): (usize, &manifest::Stream)| {
        let text = |text: &Option<String>| text.as_deref().map_or(JsValue::NULL, JsValue::from_str);
        events::object(&[
            ("id", (id as f64).into()),
            ("label", text(&stream.label)),
            ("language", text(&stream.language)),
            ("channels", stream.channels.into()),
            ("default", stream.default.into()),
            ("active", driver.is_played(StreamId(id)).into()),
        ])
    };
    streams.map(describe).collect()
}
