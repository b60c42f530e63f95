//! What the page reads of a player.

use manifest::MediaTime;
use playback::Readiness;
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use super::Player;
use crate::border::to_js;
use crate::state::PlayerState;
use crate::timer::window;
use crate::{flow, stats};

#[wasm_bindgen]
impl Player {
    /// What the player is doing.
    #[wasm_bindgen(getter, unchecked_return_type = "PlayerState")]
    pub fn state(&self) -> String {
        let state = self.mailbox().map_or(PlayerState::Idle, |mailbox| mailbox.state());
        // Serde writes it as a text.
        to_js(&state).as_string().unwrap_or_default()
    }

    /// Length of the film in seconds, as far as it is known.
    #[wasm_bindgen(getter)]
    pub fn duration(&self) -> Option<f64> {
        let engine = self.read(playback::Player::duration).flatten();
        let told = || self.mailbox()?.look(|driver| driver.film()?.film.duration)?;
        engine.or_else(told).map(MediaTime::as_seconds)
    }

    /// Where the film is now.
    #[wasm_bindgen(unchecked_return_type = "Position")]
    pub fn position(&self) -> JsValue {
        let at = window().performance().map_or(0.0, |performance| performance.now());
        to_js(&Position { media_time: self.element.current_time(), at })
    }

    /// How many seconds from `time` (by default from the playhead) on can be played without another byte.
    #[wasm_bindgen(js_name = bufferedAhead)]
    pub fn buffered_ahead(&self, time: Option<f64>) -> f64 {
        let time = MediaTime::from_seconds(time.unwrap_or_else(|| self.element.current_time()));
        let Some(time) = time else { return 0.0 };
        let ahead = self.read(|engine| engine.buffered_until(time) - time);
        ahead.unwrap_or_default().or_zero().as_seconds()
    }

    /// Whether the film can be shown at `time` without another byte.
    #[wasm_bindgen(js_name = readyAt)]
    pub fn ready_at(&self, time: f64) -> bool {
        self.buffered_ahead(Some(time)) > 0.0
    }

    /// In how many milliseconds the film can be shown at `time`: 0 is now, `undefined` is not known.
    #[wasm_bindgen(js_name = readyIn)]
    pub fn ready_in(&self, time: f64) -> Option<f64> {
        let time = MediaTime::from_seconds(time)?;
        match self.read(|engine| engine.ready_at(time))? {
            Readiness::Now => Some(0.0),
            Readiness::In(wait) => Some(wait.as_secs_f64() * 1e3),
            Readiness::Unknown => None,
        }
    }

    /// Where in the film, in seconds, playback will stand still at the rate at which bytes come; `undefined` where it will not.
    #[wasm_bindgen(js_name = stallsAt)]
    pub fn stalls_at(&self) -> Option<f64> {
        self.read(playback::Player::stalls_at).flatten().map(MediaTime::as_seconds)
    }

    /// The numbers behind the picture.
    #[wasm_bindgen(unchecked_return_type = "Stats")]
    pub fn stats(&self) -> JsValue {
        let ahead = self.buffered_ahead(None);
        let stats = self.mailbox().and_then(|mailbox| mailbox.look(|driver| stats::describe(driver, ahead)));
        to_js(
            &stats
                .unwrap_or_else(|| stats::of(&playback::Player::new(self.settings.borrow().engine.clone()), 0.0, 0.0)),
        )
    }

    /// The film as it was cut; `null` before the manifest has been read.
    #[wasm_bindgen(getter, unchecked_return_type = "FilmInfo | null")]
    pub fn film(&self) -> JsValue {
        self.mailbox().and_then(|mailbox| mailbox.look(flow::film)).unwrap_or(JsValue::NULL)
    }

    /// What is under way and what is buffered, by stream and chunk; `null` without a film.
    #[wasm_bindgen(unchecked_return_type = "Flow | null")]
    pub fn flow(&self) -> JsValue {
        to_js(&self.mailbox().and_then(|mailbox| mailbox.look(flow::now)))
    }
}

/// A moment of the film, and the moment at which it was shown.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
struct Position {
    /// In seconds.
    media_time: f64,
    /// On the clock of `performance.now()`, in milliseconds.
    at: f64,
}
