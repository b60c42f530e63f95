//! The tracks of a film, as the page sees and chooses them.

use js_sys::{Promise, Reflect};
use manifest::Kind;
use playback::{Input, StreamId};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::border::to_js;
use crate::driver::Driver;
use crate::from_js;
use crate::inbox::Message;
use crate::player::Player;
use crate::problem::Refusal;
use crate::task::promise;
use crate::text_tracks::{Subtitles, TextTrackInfo};

/// Sound that can be chosen.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
struct AudioTrackInfo {
    id: usize,
    label: Option<String>,
    /// BCP 47.
    language: Option<String>,
    channels: Option<u16>,
    /// Whether the film begins with it.
    default: bool,
    /// Whether it is the one that plays.
    active: bool,
}

/// WebVTT, SubRip or SubStation Alpha, in any usual encoding.
#[derive(Default, Deserialize, Tsify)]
#[serde(default, expecting = "an object")]
struct TextTrackSource {
    /// The address of the text, or the text itself.
    #[tsify(type = "string | Blob")]
    src: IgnoredAny,
    #[tsify(optional)]
    label: Option<String>,
    /// BCP 47.
    #[tsify(optional)]
    language: Option<String>,
}

#[wasm_bindgen]
impl Player {
    /// The film's audio tracks; none before the manifest has been read, or where the sound is in the same stream as the
    /// pictures.
    #[wasm_bindgen(getter, js_name = audioTracks, unchecked_return_type = "AudioTrackInfo[]")]
    pub fn audio_tracks(&self) -> JsValue {
        to_js(&self.mailbox().and_then(|mailbox| mailbox.look(audio)).unwrap_or_default())
    }

    /// Lets another of `audioTracks` play, by its `id`. Nobody has to wait for it: the one that plays goes on until it is
    /// there, and a `tracks` event says so. Before the manifest has been read, any number is taken.
    ///
    /// @throws PlayerError
    #[wasm_bindgen(js_name = selectAudio)]
    pub fn select_audio(&self, id: f64) -> Result<(), JsValue> {
        let mailbox = self.needed()?.mailbox();
        let stream =
            if id.fract() == 0.0 && (0.0..f64::from(u32::MAX)).contains(&id) { id as usize } else { usize::MAX };
        let is_there = |driver: &Driver| {
            let streams = driver.film().map(|source| &source.film.streams);
            // Of a plain array nothing is known that could be chosen.
            streams.is_none_or(|streams| streams.get(stream).is_some_and(|stream| stream.kind == Some(Kind::Audio)))
        };
        if stream == usize::MAX || !mailbox.look(is_there).unwrap_or(true) {
            return Err(Refusal::Argument("there is no audio track of that number".to_owned()).into());
        }
        mailbox.post(Message::Input(Input::SelectAudio { stream: StreamId(stream) }));
        Ok(())
    }

    /// The subtitles that can be shown.
    #[wasm_bindgen(getter, js_name = textTracks, unchecked_return_type = "TextTrackInfo[]")]
    pub fn text_tracks(&self) -> JsValue {
        to_js(&self.loaded().map_or_else(Vec::<TextTrackInfo>::new, |film| film.texts.describe()))
    }

    /// Makes subtitles of the viewer's own known (WebVTT, SubRip or SubStation Alpha), until another film is loaded; gives back the number
    /// to show them by.
    ///
    /// @throws PlayerError
    #[wasm_bindgen(js_name = addTextTrack)]
    pub fn add_text_track(
        &self,
        #[wasm_bindgen(unchecked_param_type = "TextTrackSource")] source: &JsValue,
    ) -> Result<usize, JsValue> {
        let argument = |what: &str| Refusal::Argument(what.to_owned());
        let film = self.needed()?;
        let TextTrackSource { label, language, .. } = from_js::read_options(source).map_err(Refusal::Argument)?;
        let source = Reflect::get(source, &JsValue::from_str("src")).unwrap_or_default();
        if !source.is_string() && !source.is_instance_of::<web_sys::Blob>() {
            return Err(argument("src: it is neither an address nor a Blob").into());
        }
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (label, language) = (given(label), given(language));
        let id = film.texts.add(Subtitles { source, label, language, from_film: false });
        self.tell_tracks();
        Ok(id)
    }

    /// Shows these subtitles and no others; `null` shows none. Resolves when they are here; rejects with a PlayerError
    /// when they cannot be had, after an `error` event that is not fatal.
    #[wasm_bindgen(js_name = showTextTrack, unchecked_return_type = "Promise<void>")]
    pub fn show_text_track(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number | null")] id: Option<usize>,
    ) -> Promise {
        let (alive, film) = (self.alive(), self.loaded());
        promise(async move {
            alive?;
            match (film, id) {
                (Some(film), id) => film.show_text(id).await?,
                (None, Some(_)) => return Err(Refusal::NoFilm.into()),
                (None, None) => {}
            }
            Ok(JsValue::UNDEFINED)
        })
    }

    /// How many seconds later than written subtitles are shown.
    #[wasm_bindgen(getter, js_name = textTrackOffset)]
    pub fn text_track_offset(&self) -> f64 {
        self.loaded().map_or(0.0, |film| film.texts.offset())
    }

    /// Shows subtitles this many seconds later than written; a negative number is earlier.
    #[wasm_bindgen(setter, js_name = textTrackOffset)]
    pub fn set_text_track_offset(&self, seconds: f64) {
        if let Some(film) = self.loaded().filter(|_| seconds.is_finite()) {
            film.texts.set_offset(seconds);
        }
    }

    fn tell_tracks(&self) {
        self.outlet().tell("tracks", JsValue::NULL);
    }
}

fn audio(driver: &Driver) -> Vec<AudioTrackInfo> {
    let streams = driver.film().map(|source| source.film.streams.as_slice()).unwrap_or_default();
    let mut tracks: Vec<AudioTrackInfo> = Vec::new();
    let mut set = None;
    for (id, stream) in streams.iter().enumerate().filter(|(_, stream)| stream.kind == Some(Kind::Audio)) {
        let (default, active) = (stream.default, driver.is_played(StreamId(id)));
        match tracks.last_mut().filter(|_| set.is_some() && set == stream.set) {
            // The rungs of a set are one choice, called as the highest of them.
            Some(same) => (same.default, same.active) = (same.default | default, same.active | active),
            None => tracks.push(AudioTrackInfo {
                id,
                label: stream.label.clone(),
                language: stream.language.clone(),
                channels: stream.channels,
                default,
                active,
            }),
        }
        set = stream.set;
    }
    tracks
}
