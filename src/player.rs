//! What the page calls.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Reflect};
use manifest::MediaTime;
use playback::{Input, Options, Origin, Readiness};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, EventTarget, HtmlMediaElement};

use crate::driver::{Mailbox, Message};
use crate::media_source::Media;
use crate::problem::Refusal;
use crate::timer::window;
use crate::{events, film_source, flow, js_error, problem, stats};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &'static str = include_str!("types.d.ts");

/// Plays a film on a media element that belongs to the page.
#[wasm_bindgen]
pub struct Player {
    element: HtmlMediaElement,
    options: Options,
    target: EventTarget,
    film: RefCell<Option<Loaded>>,
    destroyed: Cell<bool>,
}

/// From `load` to `detach`.
struct Loaded {
    mailbox: Rc<Mailbox>,
    /// Ends what is fetched before there is a film.
    controller: AbortController,
}

#[wasm_bindgen]
impl Player {
    /// A player for `video`, which stays the page's own: its controls, its attributes, its place in the document.
    ///
    /// @throws PlayerError
    pub fn attach(
        video: HtmlMediaElement,
        #[wasm_bindgen(unchecked_optional_param_type = "PlayerOptions")] options: &JsValue,
    ) -> Result<Player, JsValue> {
        let options = crate::options::read(options).map_err(Refusal::Option)?;
        if !Media::is_available() {
            return Err(Refusal::NoMediaSource.into());
        }
        let target = EventTarget::new().map_err(|thrown| browser(&thrown))?;
        Ok(Self { element: video, options, target, film: RefCell::default(), destroyed: Cell::default() })
    }

    /// Loads the film that the manifest names. What was loaded before is gone.
    ///
    /// Resolves when the manifest has been read; rejects with a PlayerError when there is no film, after an `error`
    /// event.
    pub async fn load(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Source")] src: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "LoadOptions")] options: JsValue,
    ) -> Result<(), JsValue> {
        if self.destroyed.get() {
            return Err(Refusal::Destroyed.into());
        }
        self.detach();
        let start = member(&options, "startTime").as_f64().and_then(MediaTime::from_seconds).unwrap_or_default();
        let controller = AbortController::new().map_err(|thrown| browser(&thrown))?;
        let signal = controller.signal();
        let mailbox = Mailbox::open(self.element.clone(), self.target.clone(), self.options.clone());
        let mailbox = mailbox.map_err(|thrown| browser(&thrown))?;
        self.film.replace(Some(Loaded { mailbox: mailbox.clone(), controller }));
        mailbox.announce();

        let found = film_source::load(src, &signal).await;
        if !self.mailbox().is_some_and(|current| Rc::ptr_eq(&current, &mailbox)) {
            return Err(Refusal::Superseded.into());
        }
        match found {
            Ok(source) => {
                mailbox.post(Message::Film { source: Box::new(source), start });
                Ok(())
            }
            Err(error) => {
                let error = problem::of_source(&error);
                mailbox.fail(&error);
                Err(error)
            }
        }
    }

    /// Plays: `"playing"`; if the browser wants a gesture first, without sound: `"muted"`; if not even that: `"blocked"`.
    #[wasm_bindgen(unchecked_return_type = "PlayResult")]
    pub async fn play(&self) -> String {
        let result = if self.try_play().await {
            "playing"
        } else {
            let was_muted = self.element.muted();
            self.element.set_muted(true);
            if self.try_play().await {
                "muted"
            } else {
                self.element.set_muted(was_muted);
                "blocked"
            }
        };
        result.into()
    }

    async fn try_play(&self) -> bool {
        match self.element.play() {
            Ok(promise) => JsFuture::from(promise).await.is_ok(),
            Err(_) => false,
        }
    }

    /// Pauses.
    pub fn pause(&self) {
        // Pausing does not throw.
        let _ = self.element.pause();
    }

    /// Goes to `time`, in seconds.
    ///
    /// @throws PlayerError
    pub fn seek(
        &self,
        time: f64,
        #[wasm_bindgen(unchecked_optional_param_type = "SeekOptions")] options: &JsValue,
    ) -> Result<(), JsValue> {
        let to = MediaTime::from_seconds(time);
        let to = to.ok_or(Refusal::Argument("a time is a finite number of seconds"))?;
        let origin = member(options, "origin");
        let origin = match origin.as_string().as_deref() {
            Some("user") => Origin::User,
            Some("party") => Origin::Party,
            Some("program") => Origin::Program,
            None if origin.is_undefined() => Origin::Program,
            _ => return Err(Refusal::Argument("an origin is \"user\", \"party\" or \"program\"").into()),
        };
        if let Some(mailbox) = self.mailbox() {
            mailbox.post(Message::Input(Input::Seek { to, origin }));
        }
        Ok(())
    }

    /// Lets another audio stream of the film play: one of [`Self::film`]'s. Nobody has to wait for it: the one that plays
    /// goes on until it is there.
    #[wasm_bindgen(js_name = selectAudio)]
    pub fn select_audio(&self, stream: usize) {
        if let Some(mailbox) = self.mailbox() {
            mailbox.post(Message::Input(Input::SelectAudio { stream }));
        }
    }

    /// Looks whether the film has been cut anew; if so, a `newcut` event says it.
    #[wasm_bindgen(js_name = checkForUpdate)]
    pub fn check_for_update(&self) {
        if let Some(mailbox) = self.mailbox() {
            mailbox.post(Message::Input(Input::Reload));
        }
    }

    /// Continues after a fatal error, with everything that is buffered.
    pub fn retry(&self) {
        if let Some(mailbox) = self.mailbox() {
            mailbox.resume();
        }
    }

    /// How fast the film plays: 1 is as it was made.
    #[wasm_bindgen(getter, js_name = playbackRate)]
    pub fn playback_rate(&self) -> f64 {
        self.element.playback_rate()
    }

    /// Plays faster or slower from now on.
    #[wasm_bindgen(setter, js_name = playbackRate)]
    pub fn set_playback_rate(&self, rate: f64) {
        self.element.set_playback_rate(rate);
    }

    /// What the player is doing.
    #[wasm_bindgen(getter, unchecked_return_type = "PlayerState")]
    pub fn state(&self) -> String {
        self.mailbox().map_or("idle", |mailbox| mailbox.state().name()).into()
    }

    /// Length of the film in seconds, as far as it is known.
    #[wasm_bindgen(getter)]
    pub fn duration(&self) -> Option<f64> {
        self.read(playback::Player::duration).flatten().map(MediaTime::as_seconds)
    }

    /// Where the film is now.
    #[wasm_bindgen(unchecked_return_type = "Position")]
    pub fn position(&self) -> JsValue {
        let at = window().performance().map_or(0.0, |performance| performance.now());
        events::object(&[("mediaTime", self.element.current_time().into()), ("at", at.into())])
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

    /// The numbers behind the picture.
    #[wasm_bindgen(unchecked_return_type = "Stats")]
    pub fn stats(&self) -> JsValue {
        let ahead = self.buffered_ahead(None);
        let stats = self.mailbox().and_then(|mailbox| mailbox.look(|driver| stats::describe(driver, ahead)));
        stats.unwrap_or_else(|| stats::of(&playback::Player::new(self.options.clone()), 0.0, 0.0))
    }

    /// The film as it was cut; `null` before the manifest has been read.
    #[wasm_bindgen(getter, unchecked_return_type = "FilmInfo | null")]
    pub fn film(&self) -> JsValue {
        let film = self.mailbox().and_then(|mailbox| mailbox.look(|driver| driver.film().map(flow::film))?);
        film.unwrap_or(JsValue::NULL)
    }

    /// What is under way and what is buffered, by stream and chunk; `null` without a film.
    #[wasm_bindgen(unchecked_return_type = "Flow | null")]
    pub fn flow(&self) -> JsValue {
        self.mailbox().and_then(|mailbox| mailbox.look(flow::now)).unwrap_or(JsValue::NULL)
    }

    /// Listens, as on any EventTarget.
    ///
    /// # Errors
    /// What the browser throws.
    #[wasm_bindgen(js_name = addEventListener, skip_typescript)]
    pub fn add_event_listener(&self, name: &str, listener: &Function, options: &JsValue) -> Result<(), JsValue> {
        let options = options.unchecked_ref();
        self.target.add_event_listener_with_callback_and_add_event_listener_options(name, listener, options)
    }

    /// Listens no more.
    ///
    /// # Errors
    /// What the browser throws.
    #[wasm_bindgen(js_name = removeEventListener, skip_typescript)]
    pub fn remove_event_listener(&self, name: &str, listener: &Function, options: &JsValue) -> Result<(), JsValue> {
        let options = options.unchecked_ref();
        self.target.remove_event_listener_with_callback_and_event_listener_options(name, listener, options)
    }

    /// Lets go of the film and of the media element: aborts every request and frees every buffer.
    pub fn detach(&self) {
        // Taken first: a listener that runs meanwhile may detach, too.
        let film = self.film.take();
        if let Some(Loaded { mailbox, controller }) = film {
            controller.abort();
            mailbox.close();
        }
    }

    /// Detaches for good.
    pub fn destroy(&self) {
        self.destroyed.set(true);
        self.detach();
    }
}

impl Player {
    // The page's listeners may detach while a message is handled: nothing stays borrowed.
    fn mailbox(&self) -> Option<Rc<Mailbox>> {
        self.film.borrow().as_ref().map(|film| film.mailbox.clone())
    }

    fn read<T>(&self, read: impl FnOnce(&playback::Player) -> T) -> Option<T> {
        self.mailbox()?.read(read)
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.detach();
    }
}

fn browser(thrown: &JsValue) -> JsValue {
    Refusal::Browser(js_error::describe(thrown)).into()
}

/// A member of an object that may be none.
fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::rc::Weak;

    use super::*;
    use js_sys::Promise;
    use wasm_bindgen_test::wasm_bindgen_test;
    use web_sys::Response;

    /// How many players come and go.
    const TIMES: usize = 200;
    /// After how many of them memory is looked at.
    const AT_ONCE: usize = 20;

    fn video() -> HtmlMediaElement {
        let element = window().document().expect("a document").create_element("video");
        element.expect("an element").unchecked_into()
    }

    /// The plan's manifest, of a chunk that never comes.
    fn manifest() -> JsValue {
        let body = r#"[{"url": "/nothing-is-here.mp4", "bytes": 1000}]"#;
        Response::new_with_opt_str(Some(body)).expect("a response").into()
    }

    fn code(thrown: &JsValue) -> String {
        member(thrown, "code").as_string().unwrap_or_default()
    }

    fn wasm_bytes() -> f64 {
        let buffer = member(&wasm_bindgen::memory(), "buffer");
        member(&buffer, "byteLength").as_f64().expect("a length")
    }

    /// Lets the browser do what it has put off.
    async fn breathe() {
        let wait = Promise::new(&mut |resolve, _| {
            window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 20).expect("a timer");
        });
        JsFuture::from(wait).await.expect("a timer");
    }

    /// One viewing that ends while the first request is under way.
    async fn come_and_go(video: &HtmlMediaElement) -> Weak<Mailbox> {
        let player = Player::attach(video.clone(), &JsValue::UNDEFINED).expect("a player");
        player.load(manifest(), JsValue::UNDEFINED).await.expect("a film");
        let mailbox = Rc::downgrade(&player.mailbox().expect("a film is loaded"));
        player.destroy();
        assert_eq!(player.state(), "idle");
        mailbox
    }

    #[wasm_bindgen_test]
    async fn two_hundred_players_leave_nothing_behind() {
        let video = video();
        let mut settled = Vec::new();
        for _ in 0..TIMES / AT_ONCE {
            let mut mailboxes = Vec::new();
            for _ in 0..AT_ONCE {
                mailboxes.push(come_and_go(&video).await);
            }
            // Aborted requests let go when the browser says that they have ended.
            while mailboxes.iter().any(|mailbox| mailbox.strong_count() > 0) {
                breathe().await;
            }
            settled.push(wasm_bytes());
        }
        assert!(settled.iter().all(|bytes| *bytes == settled[0]), "{settled:?}");
        assert!(!video.has_attribute("src"), "the element is the page's own again");
    }

    #[wasm_bindgen_test]
    async fn a_destroyed_player_says_so() {
        let player = Player::attach(video(), &JsValue::UNDEFINED).expect("a player");
        player.destroy();
        let thrown = player.load(manifest(), JsValue::UNDEFINED).await.expect_err("destroyed");
        assert_eq!(code(&thrown), "destroyed");
        assert!(player.film().is_null() && player.flow().is_null() && player.duration().is_none());
    }

    #[wasm_bindgen_test]
    async fn what_is_no_film_is_refused_with_a_code() {
        let player = Player::attach(video(), &JsValue::UNDEFINED).expect("a player");
        let nonsense = Response::new_with_opt_str(Some("nonsense")).expect("a response");
        let thrown = player.load(nonsense.into(), JsValue::UNDEFINED).await.expect_err("no manifest");
        assert_eq!((code(&thrown).as_str(), player.state().as_str()), ("manifest-invalid", "failed"));
        let thrown = player.load(JsValue::from_f64(5.0), JsValue::UNDEFINED).await.expect_err("no source");
        assert_eq!(code(&thrown), "manifest-network");
    }

    #[wasm_bindgen_test]
    async fn a_load_that_is_overtaken_is_told() {
        let player = Rc::new(Player::attach(video(), &JsValue::UNDEFINED).expect("a player"));
        let (first, waiting) = (player.clone(), Rc::new(RefCell::new(None)));
        let seen = waiting.clone();
        let gate = Promise::new(&mut |resolve, _| {
            seen.replace(Some(resolve));
        });
        let outcome = Rc::new(RefCell::new(None));
        let told = outcome.clone();
        wasm_bindgen_futures::spawn_local(async move {
            told.replace(Some(first.load(gate.into(), JsValue::UNDEFINED).await));
        });
        breathe().await;
        player.load(manifest(), JsValue::UNDEFINED).await.expect("a film");
        waiting.take().expect("resolvable").call1(&JsValue::NULL, &manifest()).expect("resolves");
        breathe().await;
        let thrown = outcome.take().expect("it has ended").expect_err("superseded");
        assert_eq!(code(&thrown), "superseded");
        assert!(!player.film().is_null(), "the later film stays");
    }

    #[wasm_bindgen_test]
    fn arguments_are_checked() {
        let player = Player::attach(video(), &JsValue::UNDEFINED).expect("a player");
        let thrown = player.seek(f64::NAN, &JsValue::UNDEFINED).expect_err("no time");
        assert_eq!(code(&thrown), "argument-invalid");
        let nobody = events::object(&[("origin", "nobody".into())]);
        assert_eq!(code(&player.seek(1.0, &nobody).expect_err("nobody")), "argument-invalid");
        let options = events::object(&[("ahead", "much".into())]);
        assert_eq!(code(&Player::attach(video(), &options).err().expect("no number")), "option-invalid");
    }
}
