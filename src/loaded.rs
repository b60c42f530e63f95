//! A film from `load` to `detach`: 1. the gate, 2. the manifest, 3. the engine, which the gate may hold up again.
//!
//! Where the gate is closed is the option `preload`. The element is the page's: once it has another source, or another player,
//! the film is let go.

mod texts;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{Function, Promise, Reflect};
use manifest::MediaTime;
use playback::{Input, SeekOrigin, Trouble};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlMediaElement, RequestCache};

use crate::border::to_js;
use crate::connection::Connection;
use crate::details::StateDetail;
use crate::download::Fetcher;
use crate::events::{self, Outlet};
use crate::film_source::{self, Error, FilmSource, while_it_may_come};
use crate::gate::Gate;
use crate::inbox::{Listener, Message};
use crate::mailbox::Mailbox;
use crate::options::{Preload, Settings};
use crate::problem::{self, Refusal};
use crate::readers;
use crate::request::{RequestKind, Shared};
use crate::resume::{self, Resume};
use crate::state::PlayerState;
use crate::task::{Deferred, promise, spawn};
use crate::text_tracks::{Subtitles, TextTracks};

/// The event of an element that is loaded, with whatever source.
const EMPTIED: &str = "emptied";

thread_local! {
    /// The films of all players: no two of them are on one element.
    static FILMS: RefCell<Vec<Weak<Loaded>>> = const { RefCell::new(Vec::new()) };
}

/// A film that is loaded, or on its way.
pub(crate) struct Loaded {
    mailbox: Rc<Mailbox>,
    pub(crate) texts: TextTracks,
    outlet: Rc<Outlet>,
    element: HtmlMediaElement,
    /// For what is fetched whole: manifest, inits, subtitles.
    fetcher: Rc<Fetcher>,
    /// Held for its listeners.
    _connection: Connection,
    /// What to load, where that can be tried again.
    src: RefCell<Option<JsValue>>,
    /// How the manifest is asked for.
    cache: RequestCache,
    is_looking: Cell<bool>,
    is_aborted: Cell<bool>,
    /// Comes to what finds pictures for a seek bar, once somebody has asked for one.
    thumbnails: RefCell<Option<Promise>>,
    gate: Gate,
    preload: Preload,
    resumes: bool,
    /// Where to begin, until the engine has begun.
    start: Cell<Option<MediaTime>>,
    /// `currentTime` when that was said, in seconds. Without a film an element keeps what it is set to.
    noted_time: Cell<f64>,
    on_emptied: Listener,
    is_closed: Cell<bool>,
    /// Counts what was asked to be shown: the last wish holds, however long the text of another takes to come.
    text_wishes: Cell<u32>,
    resume: RefCell<Option<Resume>>,
}

impl Loaded {
    /// Attaches `element`; nothing is fetched yet. What has been set of it before counts, `start` more than `currentTime`.
    pub(crate) fn open(
        element: &HtmlMediaElement,
        outlet: &Rc<Outlet>,
        options: &Settings,
        requests: Shared,
        cache: RequestCache,
        start: Option<MediaTime>,
    ) -> Result<Rc<Self>, JsValue> {
        let mine = |film: &Rc<Self>| film.element == *element;
        let others = FILMS.with_borrow_mut(|films| {
            films.retain(|film| film.strong_count() > 0);
            films.iter().filter_map(Weak::upgrade).filter(mine).collect::<Vec<_>>()
        });
        others.iter().for_each(|film| film.let_go());
        let is_empty = element.ready_state() == HtmlMediaElement::HAVE_NOTHING;
        let set = Some(element.current_time()).filter(|set| is_empty && *set > 0.0);
        let rate = element.playback_rate();
        let fetcher = Rc::new(Fetcher::new(requests, options.engine.clone()));
        let online = Rc::downgrade(&fetcher);
        let mailbox = Mailbox::open(element.clone(), outlet.clone(), options.engine.clone(), fetcher.clone())?;
        element.set_playback_rate(rate);
        let film = Rc::new_cyclic(|me: &Weak<Self>| Self {
            mailbox,
            fetcher,
            _connection: Connection::watch(move || {
                if let Some(fetcher) = online.upgrade() {
                    fetcher.hurry();
                }
            }),
            src: RefCell::default(),
            cache,
            is_looking: Cell::default(),
            is_aborted: Cell::default(),
            thumbnails: RefCell::default(),
            texts: TextTracks::new(element.clone()),
            outlet: outlet.clone(),
            element: element.clone(),
            gate: Gate::new(element.clone()),
            preload: options.preload,
            resumes: options.resume,
            start: Cell::new(start.or(set.and_then(MediaTime::from_seconds))),
            noted_time: Cell::new(element.current_time()),
            on_emptied: Closure::new({
                let me = me.clone();
                move || {
                    if let Some(film) = me.upgrade() {
                        film.look_at_source();
                    }
                }
            }),
            is_closed: Cell::default(),
            text_wishes: Cell::default(),
            resume: RefCell::default(),
        });
        element.add_event_listener_with_callback(EMPTIED, film.on_emptied.as_ref().unchecked_ref())?;
        FILMS.with_borrow_mut(|films| films.push(Rc::downgrade(&film)));
        Ok(film)
    }

    /// Whether it has been let go.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    fn look_at_source(&self) {
        if self.mailbox.look(|driver| !driver.is_attached()).unwrap_or_default() {
            self.let_go();
        }
    }

    /// The element is another's.
    fn let_go(&self) {
        if self.is_closed() {
            return;
        }
        self.close();
        // In one: what listeners do comes after both.
        self.outlet.then(|target| {
            events::dispatch(target, "state", &to_js(&StateDetail { state: PlayerState::Idle }));
            events::dispatch(target, "detached", &JsValue::NULL);
        });
    }

    /// Through which the film is reached.
    pub(crate) fn mailbox(&self) -> Rc<Mailbox> {
        self.mailbox.clone()
    }

    /// Brings the film from `src`. With `preload` none, that is put off, and `Ok` says nothing about the film.
    pub(crate) async fn bring(self: Rc<Self>, src: JsValue) -> Result<(), JsValue> {
        self.src.replace(Some(src));
        if self.preload != Preload::None {
            let brought = Deferred::new();
            let promise = brought.promise.clone();
            spawn(self.fetch(Some(brought)));
            return JsFuture::from(promise).await.map(drop);
        }
        let film = Rc::downgrade(&self);
        self.gate.when_open(move || {
            if let Some(film) = film.upgrade() {
                // Whoever loaded it learns of a failure by the `error` event.
                spawn(film.fetch(None));
            }
        });
        Ok(())
    }

    /// Looks for the film until it is there, or cannot be had, or nobody wants it. `brought` is told when it is there, and
    /// when it has failed so often that it may take long.
    async fn fetch(self: Rc<Self>, brought: Option<Deferred>) {
        let settle = |outcome: Result<(), JsValue>| {
            if let Some(brought) = &brought {
                brought.settle(outcome);
            }
        };
        let fail = |error: &Error| {
            let error = problem::of_source(error);
            self.mailbox.fail(&error);
            settle(Err(error));
        };
        let has_failed = Cell::new(false);
        let tell = |url: &str, trouble| {
            match trouble {
                Trouble::Again { failure, after } => {
                    self.outlet.tell("retrying", events::retrying_object("manifest-network", url, &failure, after));
                }
                Trouble::Spent { failure, history } => {
                    has_failed.set(true);
                    fail(&Error::lost(url.to_owned(), failure, history));
                }
            }
            true
        };
        self.is_looking.set(true);
        let src = self.src.borrow().clone().unwrap_or_default();
        let found = film_source::load(&self.fetcher, &src, self.cache, &tell).await;
        self.is_looking.set(false);
        match found {
            _ if self.is_aborted.get() => settle(Err(Refusal::Aborted.into())),
            _ if self.is_closed.get() => settle(Err(Refusal::Superseded.into())),
            Ok(source) => {
                if has_failed.get() {
                    self.mailbox.reconnect();
                }
                self.meet(source);
                settle(Ok(()));
            }
            Err(error) => fail(&error),
        }
    }

    fn meet(self: &Rc<Self>, source: FilmSource) {
        for entry in &source.film.subtitles {
            self.texts.add(Subtitles {
                source: source.address(&entry.url).into(),
                label: entry.label.clone(),
                language: entry.language.clone(),
                from_film: true,
            });
        }
        let shown = source.film.subtitles.iter().position(|entry| entry.default);
        if let Some(id) = source.film.id.as_deref().filter(|_| self.resumes) {
            let left = resume::position(id, source.film.duration.map(MediaTime::as_seconds));
            let left = left.and_then(MediaTime::from_seconds);
            self.start.set(self.start.get().or(left));
            self.resume.replace(Some(Resume::keep(id, self.element.clone())));
        }
        self.mailbox().post(Message::Film(Box::new(source)));
        self.outlet.tell("tracks", JsValue::NULL);
        if shown.is_some() {
            let film = self.clone();
            // The `error` event tells of subtitles that cannot be had.
            spawn(async move { drop(film.show_text(shown).await) });
        }
        if self.preload == Preload::Metadata && !self.gate.is_open() {
            self.mailbox.post(Message::Input(Input::Hold(true)));
            let mailbox = Rc::downgrade(&self.mailbox);
            self.gate.when_open(move || {
                if let Some(mailbox) = mailbox.upgrade() {
                    mailbox.post(Message::Input(Input::Hold(false)));
                }
            });
        }
        // What has been set since the start was said is the later wish.
        let time = Some(self.element.current_time()).filter(|time| *time != self.noted_time.get());
        let start = time.and_then(MediaTime::from_seconds).or(self.start.take());
        self.mailbox.post(Message::Begin { at: start.unwrap_or_default() });
    }

    /// Goes to a time of the film. Before the film is known, that is where it will begin.
    pub(crate) fn seek(&self, to: MediaTime, origin: SeekOrigin) {
        self.mailbox.post(Message::Input(Input::Seek { to, origin }));
        self.gate.open();
    }

    /// Tries again after a fatal error: also where there is no film yet.
    pub(crate) fn retry(self: &Rc<Self>) {
        self.fetcher.hurry();
        let is_known = self.mailbox.look(|driver| driver.film().is_some()).unwrap_or_default();
        if is_known || self.is_looking.get() {
            self.mailbox.resume();
        } else if self.mailbox.state() == PlayerState::Failed {
            self.mailbox.try_again();
            spawn(self.clone().fetch(None));
        }
    }

    /// Other options from now on.
    pub(crate) fn configure(&self, options: &playback::Options) {
        self.fetcher.configure(options.clone());
        self.mailbox.post(Message::Input(Input::Configure(Box::new(options.clone()))));
    }

    /// The picture of the film for that moment; `None` where there is none.
    pub(crate) async fn thumbnail_at(self: Rc<Self>, time: f64) -> Option<JsValue> {
        let file = self.mailbox.look(|driver| {
            let source = driver.film()?;
            Some(source.address(&source.film.thumbnails.as_ref()?.url))
        })??;
        let pending = self.thumbnails.borrow_mut().get_or_insert_with(|| self.clone().find_thumbnails(&file)).clone();
        let find: Function = JsFuture::from(pending).await.ok()?.unchecked_into();
        let found = find.call1(&JsValue::NULL, &time.into()).ok()?;
        let url = JsValue::from_str("url");
        let name = Reflect::get(&found, &url).ok()?.as_string()?;
        let address = self.mailbox.look(|driver| Some(driver.film()?.address_beside(&name, &file)))??;
        Reflect::set(&found, &url, &address.into()).ok()?;
        Some(found)
    }

    /// What is lost is asked for again when somebody next wants a picture.
    fn find_thumbnails(self: Rc<Self>, file: &str) -> Promise {
        let source = JsValue::from_str(file);
        promise(async move {
            let bytes = film_source::bytes(&self.fetcher, &source, RequestKind::Thumbnails, &while_it_may_come).await;
            let found = match bytes {
                Ok(bytes) => readers::read(&bytes, "thumbnails").await.ok(),
                Err(_) => None,
            };
            found.ok_or_else(|| {
                self.thumbnails.take();
                JsValue::NULL
            })
        })
    }

    /// The page wants it no more.
    pub(crate) fn abort(&self) {
        self.is_aborted.set(true);
        self.close();
    }

    /// Aborts every request and lets go of the element.
    pub(crate) fn close(&self) {
        if self.is_closed.replace(true) {
            return;
        }
        let listener = self.on_emptied.as_ref().unchecked_ref();
        let _ = self.element.remove_event_listener_with_callback(EMPTIED, listener);
        self.fetcher.close();
        self.resume.take();
        self.texts.clear();
        self.mailbox.close();
    }
}
