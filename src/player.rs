//! What the page calls.

mod facts;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Promise};
use manifest::MediaTime;
use playback::Input;
use tsify::Tsify;
use wasm_bindgen::prelude::*;
use web_sys::{Event, HtmlMediaElement, RequestCache};

use crate::abort::AbortListener;
use crate::address::may_be_source;
use crate::deeds::Deeds;
use crate::details::Origin;
use crate::events::Outlet;
use crate::inbox::Message;
use crate::loaded::Loaded;
use crate::mailbox::Mailbox;
use crate::options::Settings;
use crate::plays::{Playing, Plays};
use crate::problem::{Refusal, browser};
use crate::rehearsal::rehearse;
use crate::request::Shared;
use crate::state::PlayerState;
use crate::task::{promise, spawn};
use crate::{from_js, js_error, support};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &'static str = include_str!("types.d.ts");

/// Plays a film on a media element that belongs to the page.
#[wasm_bindgen]
pub struct Player {
    element: HtmlMediaElement,
    settings: RefCell<Settings>,
    requests: Shared,
    outlet: Rc<Outlet>,
    deeds: RefCell<Option<Deeds>>,
    film: Rc<RefCell<Option<Rc<Loaded>>>>,
    /// A manifest that has been seen before may have been replaced since.
    has_loaded: Cell<bool>,
    /// Counts `play`, `pause` and `detach`: only the last one still has a say.
    wishes: Rc<Cell<u32>>,
    destroyed: Cell<bool>,
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
        let settings = crate::options::read(options).map_err(Refusal::Option)?;
        if support::media_source().is_none() {
            return Err(Refusal::NoMediaSource.into());
        }
        let outlet = Outlet::new().map_err(|thrown| browser(&thrown))?;
        let requests = Rc::new(RefCell::new(settings.requests.clone()));
        let deeds = RefCell::new(Some(Deeds::watch(&video, &outlet)));
        Ok(Self {
            element: video,
            settings: RefCell::new(settings),
            requests,
            outlet,
            deeds,
            film: Rc::default(),
            has_loaded: Cell::default(),
            wishes: Rc::default(),
            destroyed: Cell::default(),
        })
    }

    /// Loads the film that the manifest names. What was loaded before is gone.
    ///
    /// Resolves when the manifest has been read (with `preload: "none"` at once); rejects with a PlayerError when there
    /// is no film, after an `error` event.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn load(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Source")] src: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "LoadOptions")] options: &JsValue,
    ) -> Promise {
        // At once, so that what the page does next is done to this film.
        let film = self.open(&src, options);
        let brought = promise(async move {
            let (film, _listener) = film?;
            film.bring(src).await.map(|()| JsValue::UNDEFINED)
        });
        // Behind the request for the manifest, while its answer is on the way.
        spawn(async { rehearse() });
        brought
    }

    fn open(&self, src: &JsValue, options: &JsValue) -> Result<(Rc<Loaded>, Option<AbortListener>), JsValue> {
        self.alive()?;
        let mut start_time = None;
        let mut read = |number, value: &JsValue| {
            if number == 0 {
                start_time = Some(from_js::read(value)?);
            }
            Ok(())
        };
        from_js::each_member(options, &["startTime", "signal"], &mut read).map_err(Refusal::Argument)?;
        let start = start_time.map(time).transpose()?;
        if !may_be_source(src) {
            return Err(
                Refusal::Argument("there is nothing to load: an address, a Request or a Response".to_owned()).into()
            );
        }
        let signal = AbortListener::signal(options)?;
        self.detach();
        let cache = if self.has_loaded.replace(true) { RequestCache::NoCache } else { RequestCache::Default };
        let settings = self.settings.borrow().clone();
        let film = Loaded::open(&self.element, &self.outlet, &settings, self.requests.clone(), cache, start);
        let film = film.map_err(|thrown| browser(&thrown))?;
        self.film.replace(Some(film.clone()));
        film.mailbox().announce();
        let listener = signal.map(|signal| AbortListener::new(signal, &film, &self.film));
        Ok((film, listener))
    }

    /// Plays: `"playing"`; if the browser wants a gesture first, without sound: `"muted"`; if not even that: `"blocked"`.
    ///
    /// It always comes to an end. Rejects with a PlayerError: with that of the film where it has failed or does so meanwhile,
    /// `superseded` when a pause came first, `no-film`, `destroyed`.
    #[wasm_bindgen(unchecked_return_type = "Promise<PlayResult>")]
    pub fn play(&self, #[wasm_bindgen(unchecked_optional_param_type = "OriginOptions")] options: &JsValue) -> Promise {
        let origin = match origin(options) {
            Ok(origin) => origin,
            Err(refusal) => return Promise::reject(&JsValue::from(refusal)),
        };
        // At once: a pause that follows comes later.
        let begun = self.begin_playing(origin);
        let (element, outlet) = (self.element.clone(), self.outlet.clone());
        let (wishes, wish) = (self.wishes.clone(), self.wish());
        promise(async move {
            let (plays, playing) = begun?;
            let how = Playing { element, outlet, origin };
            plays.settle(&how, playing, || wishes.get() == wish).await.map(JsValue::from)
        })
    }

    fn begin_playing(&self, origin: Origin) -> Result<(Rc<Plays>, Promise), JsValue> {
        let mailbox = self.needed()?.mailbox();
        // Whether it has ended: playing goes back to the beginning then, which is nobody's seek.
        mailbox.post(Message::Sample);
        self.outlet.announced.play(&self.element, origin);
        let (plays, playing) = (mailbox.plays(), self.element.play().map_err(|thrown| browser(&thrown))?);
        // What is buffered plays though no more comes.
        let may_play = self.element.ready_state() >= HtmlMediaElement::HAVE_FUTURE_DATA;
        let has_failed = mailbox.state() == PlayerState::Failed && !may_play;
        let playing = if has_failed { plays.or_failure(playing) } else { playing };
        Ok((plays, playing))
    }

    /// Pauses.
    ///
    /// @throws PlayerError
    pub fn pause(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "OriginOptions")] options: &JsValue,
    ) -> Result<(), JsValue> {
        self.alive()?;
        let origin = origin(options)?;
        self.wish();
        self.outlet.announced.pause(&self.element, origin);
        // An element that is loaded anew at once tells of no pause.
        if let Some(mailbox) = self.mailbox() {
            mailbox.post(Message::Sample);
        }
        Ok(())
    }

    /// Goes to `time`, in seconds.
    ///
    /// @throws PlayerError
    pub fn seek(
        &self,
        time: f64,
        #[wasm_bindgen(unchecked_optional_param_type = "OriginOptions")] options: &JsValue,
    ) -> Result<(), JsValue> {
        self.alive()?;
        let to = self::time(time)?;
        let origin = origin(options)?.into();
        if let Some(film) = self.loaded() {
            film.seek(to, origin);
        }
        Ok(())
    }

    /// Looks whether the film has been cut anew; if so, a `content-changed` event says it.
    ///
    /// @throws PlayerError
    #[wasm_bindgen(js_name = checkForUpdate)]
    pub fn check_for_update(&self) -> Result<(), JsValue> {
        self.needed()?.mailbox().post(Message::Input(Input::Reload));
        Ok(())
    }

    /// Continues after a fatal error, with everything that is buffered; after `decoder`, with another MediaSource. Where the
    /// manifest has not come, it is asked for at once.
    ///
    /// @throws PlayerError
    pub fn retry(&self) -> Result<(), JsValue> {
        self.needed()?.retry();
        Ok(())
    }

    /// Changes options; those that are not given stay as they are. `preload`, `resume` and `integrity` count for the next film,
    /// the others at once.
    ///
    /// @throws PlayerError
    pub fn configure(
        &self,
        #[wasm_bindgen(unchecked_param_type = "PlayerOptions")] options: &JsValue,
    ) -> Result<(), JsValue> {
        self.alive()?;
        let settings = self.settings.borrow().changed(options).map_err(Refusal::Option)?;
        self.requests.replace(settings.requests.clone());
        if let Some(film) = self.loaded() {
            film.configure(&settings.engine);
        }
        self.settings.replace(settings);
        Ok(())
    }

    /// How fast the film plays: 1 is as it was made.
    #[wasm_bindgen(getter, js_name = playbackRate)]
    pub fn playback_rate(&self) -> f64 {
        self.element.playback_rate()
    }

    /// Plays faster or slower from now on.
    ///
    /// @throws PlayerError
    #[wasm_bindgen(setter, js_name = playbackRate)]
    pub fn set_playback_rate(&self, rate: f64) -> Result<(), JsValue> {
        self.rate_by(rate, Origin::Program)
    }

    /// Plays faster or slower from now on, and says who wants it.
    ///
    /// @throws PlayerError
    #[wasm_bindgen(js_name = setPlaybackRate)]
    pub fn set_playback_rate_of(
        &self,
        rate: f64,
        #[wasm_bindgen(unchecked_optional_param_type = "OriginOptions")] options: &JsValue,
    ) -> Result<(), JsValue> {
        self.rate_by(rate, origin(options)?)
    }

    /// Listens, as on any EventTarget.
    ///
    /// # Errors
    /// What the browser throws.
    #[wasm_bindgen(js_name = addEventListener, skip_typescript)]
    pub fn add_event_listener(&self, name: &str, listener: &Function, options: &JsValue) -> Result<(), JsValue> {
        let options = options.unchecked_ref();
        self.outlet.target().add_event_listener_with_callback_and_add_event_listener_options(name, listener, options)
    }

    /// Listens no more.
    ///
    /// # Errors
    /// What the browser throws.
    #[wasm_bindgen(js_name = removeEventListener, skip_typescript)]
    pub fn remove_event_listener(&self, name: &str, listener: &Function, options: &JsValue) -> Result<(), JsValue> {
        let options = options.unchecked_ref();
        self.outlet.target().remove_event_listener_with_callback_and_event_listener_options(name, listener, options)
    }

    /// Tells listeners of an event of the page's own, as any EventTarget does.
    ///
    /// # Errors
    /// What the browser throws.
    #[wasm_bindgen(js_name = dispatchEvent, skip_typescript)]
    pub fn dispatch_event(&self, event: &Event) -> Result<bool, JsValue> {
        self.outlet.target().dispatch_event(event)
    }

    /// Lets go of the film and of the media element: aborts every request and frees every buffer.
    pub fn detach(&self) {
        self.wish();
        // Taken first: a listener that runs meanwhile may detach, too.
        let film = self.film.take();
        if let Some(film) = film {
            film.close();
        }
    }

    /// Detaches for good.
    pub fn destroy(&self) {
        self.destroyed.set(true);
        self.deeds.take();
        self.detach();
    }
}

impl Player {
    /// The film that is loaded or on its way. The page's listeners may detach while a message is handled: nothing stays
    /// borrowed.
    pub(crate) fn loaded(&self) -> Option<Rc<Loaded>> {
        self.film.borrow().clone().filter(|film| !film.is_closed())
    }

    /// # Errors
    /// Once it has been destroyed.
    pub(crate) fn alive(&self) -> Result<(), Refusal> {
        if self.destroyed.get() { Err(Refusal::Destroyed) } else { Ok(()) }
    }

    /// The film, for what is nothing without one.
    ///
    /// # Errors
    /// Without one, and once it has been destroyed.
    pub(crate) fn needed(&self) -> Result<Rc<Loaded>, Refusal> {
        self.alive()?;
        self.loaded().ok_or(Refusal::NoFilm)
    }

    fn rate_by(&self, rate: f64, origin: Origin) -> Result<(), JsValue> {
        self.alive()?;
        let refused = |thrown| {
            Refusal::Argument(format!("the browser does not play at that rate: {}", js_error::describe(&thrown)))
        };
        Ok(self.outlet.announced.rate(&self.element, rate, origin).map_err(refused)?)
    }

    fn wish(&self) -> u32 {
        self.wishes.set(self.wishes.get() + 1);
        self.wishes.get()
    }

    pub(crate) fn outlet(&self) -> &Outlet {
        &self.outlet
    }

    pub(crate) fn mailbox(&self) -> Option<Rc<Mailbox>> {
        self.loaded().map(|film| film.mailbox())
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

fn origin(options: &JsValue) -> Result<Origin, Refusal> {
    let mut origin = Origin::Program;
    let mut read = |_, value: &JsValue| from_js::read(value).map(|given| origin = given);
    from_js::each_member(options, &["origin"], &mut read).map_err(Refusal::Argument)?;
    Ok(origin)
}

/// A time that a page gives.
pub(crate) fn time(seconds: f64) -> Result<MediaTime, Refusal> {
    MediaTime::from_seconds(seconds).ok_or_else(|| Refusal::Argument("a time is a finite number of seconds".to_owned()))
}

/// Where to begin.
#[derive(Tsify)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is there for the types")]
struct LoadOptions {
    /// In seconds: 0.
    #[tsify(optional)]
    start_time: Option<f64>,
    /// Gives the film up while it is on its way; once it is there, that changes nothing.
    #[tsify(optional, type = "AbortSignal | null")]
    signal: (),
}

/// Who wants it.
#[derive(Tsify)]
#[expect(dead_code, reason = "it is there for the types")]
struct OriginOptions {
    /// Comes back in the events `play`, `pause`, `rate`, `seeking`, `seeked` and `seek`: `"program"`.
    #[tsify(optional)]
    origin: Option<Origin>,
}

#[cfg(test)]
mod tests;
