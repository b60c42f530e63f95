//! A film from `load` to `detach`: 1. the gate, 2. the manifest, 3. the gate again, 4. the engine.
//!
//! Which of the two gates is closed is the option `preload`.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use manifest::MediaTime;
use playback::{Input, SeekOrigin};
use wasm_bindgen::JsValue;
use web_sys::{AbortController, HtmlMediaElement};

use crate::captions;
use crate::events::Outlet;
use crate::film_source::{self, FilmSource, resolve};
use crate::gate::Gate;
use crate::mailbox::{Mailbox, Message};
use crate::options::{Preload, Settings};
use crate::problem::{self, Refusal};
use crate::resume::{self, Resume};
use crate::task::spawn;
use crate::text_tracks::{Subtitles, TextTracks};

/// A film that is loaded, or on its way.
pub(crate) struct Loaded {
    mailbox: Rc<Mailbox>,
    pub(crate) texts: TextTracks,
    outlet: Rc<Outlet>,
    element: HtmlMediaElement,
    /// Ends what is fetched before there is a film, and subtitles.
    controller: AbortController,
    gate: Gate,
    preload: Preload,
    resumes: bool,
    /// Where to begin, until the engine has begun.
    start: Cell<Option<MediaTime>>,
    is_started: Cell<bool>,
    is_closed: Cell<bool>,
    /// Counts what was asked to be shown: the last wish holds, however long the text of another takes to come.
    text_wishes: Cell<u32>,
    resume: RefCell<Option<Resume>>,
}

impl Loaded {
    /// Attaches `element`; nothing is fetched yet.
    pub(crate) fn open(
        element: &HtmlMediaElement,
        outlet: &Rc<Outlet>,
        options: &Settings,
        start: Option<MediaTime>,
    ) -> Result<Rc<Self>, JsValue> {
        Ok(Rc::new(Self {
            mailbox: Mailbox::open(element.clone(), outlet.clone(), options.engine.clone())?,
            texts: TextTracks::new(element.clone()),
            outlet: outlet.clone(),
            element: element.clone(),
            controller: AbortController::new()?,
            gate: Gate::new(element.clone()),
            preload: options.preload,
            resumes: options.resume,
            start: Cell::new(start),
            is_started: Cell::default(),
            is_closed: Cell::default(),
            text_wishes: Cell::default(),
            resume: RefCell::default(),
        }))
    }

    /// Through which the film is reached.
    pub(crate) fn mailbox(&self) -> Rc<Mailbox> {
        self.mailbox.clone()
    }

    /// Brings the film from `src`. With `preload` none, that is put off, and `Ok` says nothing about the film.
    pub(crate) async fn bring(self: Rc<Self>, src: JsValue) -> Result<(), JsValue> {
        if self.preload != Preload::None {
            return self.fetch(src).await;
        }
        let film = Rc::downgrade(&self);
        self.gate.when_open(move || {
            if let Some(film) = film.upgrade() {
                // Whoever loaded it learns of a failure by the `error` event.
                spawn(async move { drop(film.fetch(src).await) });
            }
        });
        Ok(())
    }

    async fn fetch(self: Rc<Self>, src: JsValue) -> Result<(), JsValue> {
        let found = film_source::load(src, &self.controller.signal()).await;
        if self.is_closed.get() {
            return Err(Refusal::Superseded.into());
        }
        match found {
            Ok(source) => {
                self.meet(source);
                Ok(())
            }
            Err(error) => {
                let error = problem::of_source(&error);
                self.mailbox().fail(&error);
                Err(error)
            }
        }
    }

    fn meet(self: &Rc<Self>, source: FilmSource) {
        for entry in &source.film.subtitles {
            self.texts.add(Subtitles {
                source: resolve(&entry.url, &source.base).into(),
                label: entry.label.clone(),
                language: entry.language.clone(),
                from_film: true,
            });
        }
        let shown = source.film.subtitles.iter().position(|entry| entry.default);
        if let Some(id) = source.film.id.as_deref().filter(|_| self.resumes) {
            let left = resume::position(id).and_then(MediaTime::from_seconds);
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
        if self.preload == Preload::Auto {
            return self.begin();
        }
        let film = Rc::downgrade(self);
        self.gate.when_open(move || {
            if let Some(film) = Weak::upgrade(&film) {
                film.begin();
            }
        });
    }

    /// Hands the film to the engine.
    fn begin(&self) {
        if !self.is_closed.get() && !self.is_started.replace(true) {
            self.mailbox().post(Message::Begin { at: self.start.take().unwrap_or_default() });
        }
    }

    /// Goes to a time of the film. Before the film has begun, that is where it will begin.
    pub(crate) fn seek(&self, to: MediaTime, origin: SeekOrigin) {
        if self.is_started.get() {
            self.mailbox().post(Message::Input(Input::Seek { to, origin }));
        } else {
            self.start.set(Some(to));
            self.gate.open();
        }
    }

    /// Tries again after a fatal error.
    pub(crate) fn retry(&self) {
        self.mailbox.resume();
    }

    /// Shows subtitles, which are fetched if need be; `None` hides them.
    pub(crate) async fn show_text(&self, id: Option<usize>) -> Result<(), JsValue> {
        let wish = self.text_wishes.get() + 1;
        self.text_wishes.set(wish);
        if let Some(id) = id {
            let missing = self.texts.missing(id);
            let missing =
                missing.ok_or_else(|| Refusal::Argument("there is no text track of that number".to_owned()))?;
            if let Some(source) = missing {
                let text = self.text(id, source).await;
                if self.is_closed.get() {
                    return Err(Refusal::Superseded.into());
                }
                let text = text.map_err(|refusal| {
                    let error = JsValue::from(refusal);
                    self.outlet.tell("error", error.clone());
                    error
                })?;
                self.texts.fill(id, &text)?;
            }
        }
        if wish != self.text_wishes.get() {
            return Ok(());
        }
        self.texts.show(id);
        self.outlet.tell("tracks", JsValue::NULL);
        Ok(())
    }

    /// The text of a track as WebVTT. That of the film is it already, as the splitter makes it.
    async fn text(&self, id: usize, source: JsValue) -> Result<String, Refusal> {
        let bytes = film_source::bytes(source, &self.controller.signal()).await;
        let bytes = bytes.map_err(Refusal::Subtitles)?;
        match self.texts.of_film(id, &bytes) {
            Some(text) => Ok(text),
            None => captions::read(&bytes).await.map_err(Refusal::Captions),
        }
    }

    /// Aborts every request and lets go of the element.
    pub(crate) fn close(&self) {
        self.is_closed.set(true);
        self.controller.abort();
        self.resume.take();
        self.mailbox().close();
    }
}
