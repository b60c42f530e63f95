//! What the page calls.

use manifest::MediaTime;
use party::{ContentId, Forecast, MemberInput as Input, Rate, Sample, Span, Text};
use wasm_bindgen::prelude::*;

use crate::moment::time;
use crate::{output, read, words, write};

/// One viewer's side of a party.
#[wasm_bindgen]
pub struct Member(party::Member);

#[wasm_bindgen]
impl Member {
    /// `control` and `policy` are those of a new room, as a hello has them; `browser` is `chromium`, `firefox` or `webkit`;
    /// `latency` is how much later than the browser says sound is heard, in milliseconds.
    #[wasm_bindgen(constructor)]
    #[expect(clippy::too_many_arguments, reason = "one call without an object for what never changes")]
    pub fn new(
        name: &str,
        token: Option<String>,
        seat: Option<String>,
        control: Option<String>,
        policy: JsValue,
        browser: &str,
        latency: f64,
        seed: u32,
    ) -> Member {
        let profile = match browser {
            "firefox" => party::Profile::FIREFOX,
            "webkit" => party::Profile::WEBKIT,
            _ => party::Profile::CHROMIUM,
        };
        Self(party::Member::new(party::MemberOptions {
            name: Text::cut(name),
            token: token.and_then(|token| Text::new(&token)),
            seat: seat.and_then(|seat| Text::new(&seat)),
            control: control.and_then(|word| words::of(&word, &words::CONTROLS)),
            policy: read::policy(policy),
            profile: party::Profile { output_latency: span(latency), ..profile },
            seed: seed.into(),
        }))
    }

    /// The way to the room is open.
    pub fn opened(&mut self, now: f64) {
        self.input(now, Input::Opened);
    }

    /// It is not, or no longer.
    pub fn closed(&mut self, now: f64) {
        self.input(now, Input::Closed);
    }

    /// The room says this, as `JSON.parse` has it. `false` where it is no message.
    pub fn hear(&mut self, now: f64, message: JsValue) -> bool {
        let message = read::message(message);
        let is_message = message.is_some();
        if let Some(message) = message {
            self.input(now, Input::Message(message));
        }
        is_message
    }

    /// What the player does and expects: where it was `at` a moment, what it has ahead of there, and whether that is all; when it is ready to play from
    /// `place` on, and when it will stand still. Of a film that still goes up: the last place that is `loaded`, and the last one that is `known` to
    /// be there, unless that is all of it.
    #[expect(clippy::too_many_arguments, reason = "one call without an object for each look at the player")]
    pub fn look(
        &mut self,
        now: f64,
        position: f64,
        at: f64,
        paused: bool,
        seeking: bool,
        waiting: bool,
        ended: bool,
        rate: f64,
        buffered: f64,
        is_all: bool,
        ready: Option<f64>,
        stall: Option<f64>,
        loaded: Option<f64>,
        known: Option<f64>,
    ) {
        let sample = Sample {
            position: media(position),
            at: time(at),
            paused,
            seeking,
            waiting,
            ended,
            rate: Rate::nearest(rate),
            buffered: media(buffered),
            is_all,
            growth: loaded.map(|loaded| party::Growth { loaded: media(loaded), known: known.map(media) }),
        };
        let forecast = Forecast { ready: ready.map(time), stall: stall.map(time) };
        self.input(now, Input::Player(sample, forecast));
    }

    /// The viewer wants that for all: an action as a command has it. `false` where it is none.
    pub fn act(&mut self, now: f64, action: JsValue) -> bool {
        let action = read::action(action);
        let is_action = action.is_some();
        if let Some(action) = action {
            self.input(now, Input::Act(action));
        }
        is_action
    }

    /// The player has that cut loaded, or none.
    pub fn content(&mut self, now: f64, id: Option<String>) {
        self.input(now, Input::Content(id.and_then(|id| ContentId::new(&id))));
    }

    /// Whether to do what the others do.
    pub fn follow(&mut self, now: f64, follows: bool) {
        self.input(now, Input::Follow(follows));
    }

    /// Be where the others are, now.
    pub fn resync(&mut self, now: f64) {
        self.input(now, Input::Resync);
    }

    /// Whether the browser refuses to play without a gesture.
    pub fn blocked(&mut self, now: f64, is_blocked: bool) {
        self.input(now, Input::Blocked(is_blocked));
    }

    /// The network is back, as far as the browser can tell.
    pub fn online(&mut self, now: f64) {
        self.input(now, Input::Online);
    }

    /// Go, and do not come back.
    pub fn leave(&mut self, now: f64) {
        self.input(now, Input::Leave);
    }

    /// The next effect, as a list whose first entry says which.
    pub fn poll(&mut self) -> js_sys::Array {
        output::to_js(self.0.poll_output())
    }

    /// Where the room is in the film.
    pub fn place(&self, now: f64) -> Option<f64> {
        self.0.place(time(now)).map(MediaTime::as_seconds)
    }

    /// How far ahead of the room the player is, in milliseconds.
    pub fn drift(&self) -> Option<f64> {
        self.0.drift().map(Span::as_millis)
    }

    /// The room's clock less this one, and how far off that may be, in milliseconds.
    pub fn clock(&self, now: f64) -> Option<Vec<f64>> {
        let (offset, bound) = self.0.clock(time(now))?;
        Some(vec![offset.as_millis(), bound.as_millis()])
    }

    /// By which a later page takes the same seat.
    pub fn seat(&self) -> Option<String> {
        self.0.seat().map(|seat| seat.as_str().to_owned())
    }

    /// The room's state as JSON.
    pub fn state(&self) -> Option<String> {
        self.0.state().map(write::of_state)
    }

    /// Who is there, as JSON.
    pub fn members(&self) -> String {
        write::of_members(self.0.members())
    }

    /// This member's number.
    pub fn me(&self) -> Option<u32> {
        self.0.me().map(|id| id.0)
    }

    /// Whether it does what the others do.
    pub fn follows(&self) -> bool {
        self.0.follows()
    }

    /// Whether the room answers.
    #[wasm_bindgen(js_name = isConnected)]
    pub fn is_connected(&self) -> bool {
        self.0.is_connected()
    }

    /// Whether the viewer may want that for all.
    pub fn may(&self, action: JsValue) -> bool {
        read::action(action).is_some_and(|action| self.0.may(&action))
    }
}

impl Member {
    fn input(&mut self, now: f64, input: Input) {
        self.0.handle_input(time(now), input);
    }
}

/// From milliseconds.
fn span(millis: f64) -> Span {
    Span::from_micros((millis * 1e3) as i64)
}

fn media(seconds: f64) -> MediaTime {
    MediaTime::from_seconds(seconds).unwrap_or_default()
}
