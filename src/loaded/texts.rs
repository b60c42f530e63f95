//! Subtitles of the film and of the viewer's own.

use std::rc::Rc;

use playback::Trouble;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::Loaded;
use crate::events;
use crate::film_source::{self, Error};
use crate::problem::Refusal;
use crate::readers;
use crate::request::RequestKind;
use crate::task::{Deferred, spawn};

impl Loaded {
    /// Shows subtitles, which are fetched if need be; `None` hides them.
    ///
    /// What the network keeps back is an error once the budget is spent, and comes later all the same if it is still wanted.
    pub(crate) async fn show_text(self: &Rc<Self>, id: Option<usize>) -> Result<(), JsValue> {
        let (film, shown) = (self.clone(), Deferred::new());
        let promise = shown.promise.clone();
        spawn(async move { shown.settle(film.bring_text(id, &shown).await) });
        JsFuture::from(promise).await.map(drop)
    }

    async fn bring_text(&self, id: Option<usize>, shown: &Deferred) -> Result<(), JsValue> {
        let wish = self.text_wishes.get() + 1;
        self.text_wishes.set(wish);
        if let Some(id) = id {
            let missing = self.texts.missing(id);
            let missing =
                missing.ok_or_else(|| Refusal::Argument("there is no text track of that number".to_owned()))?;
            if let Some(source) = missing {
                let text = self.text(id, source, wish, shown).await;
                if self.is_closed.get() || matches!(text, Err(Refusal::Subtitles(Error::Closed))) {
                    return Err(Refusal::Superseded.into());
                }
                let text = text.map_err(|refusal| self.tell_of_text(refusal))?;
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

    /// The error of subtitles that cannot be had, which is told and given back.
    fn tell_of_text(&self, refusal: Refusal) -> JsValue {
        let error = JsValue::from(refusal);
        self.outlet.tell("error", error.clone());
        error
    }

    /// The text of a track as WebVTT. That of the film is it already, as the splitter makes it.
    async fn text(&self, id: usize, source: JsValue, wish: u32, shown: &Deferred) -> Result<JsValue, Refusal> {
        let kind = if self.texts.is_of_film(id) { RequestKind::Subtitles } else { RequestKind::Captions };
        let tell = |url: &str, trouble| match trouble {
            Trouble::Again { failure, after } => {
                self.outlet.tell("retrying", events::retrying_object("subtitles-network", url, &failure, after));
                true
            }
            Trouble::Spent { failure, history } => {
                let error = Error::lost(url.to_owned(), failure, history);
                shown.settle(Err(self.tell_of_text(Refusal::Subtitles(error))));
                wish == self.text_wishes.get()
            }
        };
        let bytes = film_source::bytes(&self.fetcher, &source, kind, &tell).await;
        let bytes = bytes.map_err(Refusal::Subtitles)?;
        match self.texts.of_film(id, &bytes) {
            Some(text) => Ok(text),
            None => readers::read(&bytes, "captions").await.map_err(Refusal::Captions),
        }
    }
}
