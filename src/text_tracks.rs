//! Subtitles: those of the manifest, fetched when they are first shown, and those that the viewer brings.
//!
//! The browser parses and draws them: each shown track is a `<track>` in the page's media element, gone on `detach`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlMediaElement, HtmlTrackElement, TextTrack, TextTrackMode, Url};

use crate::timer::window;

/// Subtitles that can be shown.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub(crate) struct TextTrackInfo {
    id: usize,
    label: String,
    /// BCP 47.
    language: Option<String>,
    /// Whether the film brings it; otherwise the viewer did.
    from_film: bool,
    /// Whether it is shown.
    active: bool,
}

/// Text of subtitles and how it is called.
pub(crate) struct Subtitles {
    /// The address of its text, or a `Blob`.
    pub(crate) source: JsValue,
    pub(crate) label: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) from_film: bool,
}

/// All of one film.
pub(crate) struct TextTracks {
    element: HtmlMediaElement,
    tracks: RefCell<Vec<(Subtitles, Option<Track>)>>,
    shown: Cell<Option<usize>>,
    /// In seconds; positive is later.
    offset: Rc<Cell<f64>>,
}

/// A track that has its text.
struct Track {
    element: HtmlTrackElement,
    url: String,
    on_load: Closure<dyn FnMut()>,
}

impl TextTracks {
    pub(crate) fn new(element: HtmlMediaElement) -> Self {
        Self { element, tracks: RefCell::default(), shown: Cell::default(), offset: Rc::default() }
    }

    /// Takes all of them off the element.
    pub(crate) fn clear(&self) {
        self.tracks.borrow_mut().clear();
    }

    /// Makes a track known, and says its number.
    pub(crate) fn add(&self, subtitles: Subtitles) -> usize {
        let mut tracks = self.tracks.borrow_mut();
        tracks.push((subtitles, None));
        tracks.len() - 1
    }

    /// Where the text of a track is to be had, if it is still to be had; `None` where there is no such track.
    pub(crate) fn missing(&self, id: usize) -> Option<Option<JsValue>> {
        let tracks = self.tracks.borrow();
        tracks.get(id).map(|(subtitles, track)| track.is_none().then(|| subtitles.source.clone()))
    }

    /// Whether the film brings a track.
    pub(crate) fn is_of_film(&self, id: usize) -> bool {
        self.tracks.borrow().get(id).is_some_and(|(subtitles, _)| subtitles.from_film)
    }

    /// The text of a track of the film, if these bytes are WebVTT; `None` of what a viewer brings, which may be anything.
    pub(crate) fn of_film(&self, id: usize, bytes: &Uint8Array) -> Option<JsValue> {
        let text = String::from_utf8(self.is_of_film(id).then(|| bytes.to_vec())?).ok()?;
        text.trim_start_matches('\u{feff}').starts_with("WEBVTT").then(|| bytes.into())
    }

    /// Gives a track its text, WebVTT as a string or as bytes.
    pub(crate) fn fill(&self, id: usize, text: &JsValue) -> Result<(), JsValue> {
        if let Some((subtitles, track @ None)) = self.tracks.borrow_mut().get_mut(id) {
            *track = Some(Track::make(subtitles, id, text, &self.element, &self.offset)?);
        }
        Ok(())
    }

    /// Shows a track that has its text and hides the others; `None` hides all.
    pub(crate) fn show(&self, id: Option<usize>) {
        self.shown.set(id);
        for (number, (_, track)) in self.tracks.borrow().iter().enumerate() {
            if let Some(track) = track.as_ref().and_then(|track| track.element.track()) {
                // A disabled one would have no cues that could be shifted.
                track.set_mode(if Some(number) == id { TextTrackMode::Showing } else { TextTrackMode::Hidden });
            }
        }
    }

    pub(crate) fn offset(&self) -> f64 {
        self.offset.get()
    }

    /// Shows everything `offset` seconds later than written.
    pub(crate) fn set_offset(&self, offset: f64) {
        let by = offset - self.offset.replace(offset);
        let tracks = self.tracks.borrow();
        for track in tracks.iter().filter_map(|(_, track)| track.as_ref()?.element.track()) {
            shift(&track, by);
        }
    }

    pub(crate) fn describe(&self) -> Vec<TextTrackInfo> {
        let tracks = self.tracks.borrow();
        let describe = |(id, (subtitles, _)): (usize, &(Subtitles, Option<Track>))| TextTrackInfo {
            id,
            label: subtitles.name(id),
            language: subtitles.language.clone(),
            from_film: subtitles.from_film,
            active: self.shown.get() == Some(id),
        };
        tracks.iter().enumerate().map(describe).collect()
    }
}

impl Subtitles {
    fn name(&self, id: usize) -> String {
        let name = self.label.clone().or_else(|| self.language.clone());
        name.unwrap_or_else(|| format!("Subtitles {}", id + 1))
    }
}

impl Track {
    fn make(
        subtitles: &Subtitles,
        id: usize,
        text: &JsValue,
        video: &HtmlMediaElement,
        offset: &Rc<Cell<f64>>,
    ) -> Result<Self, JsValue> {
        let kind = BlobPropertyBag::new();
        kind.set_type("text/vtt");
        let blob = Blob::new_with_str_sequence_and_options(&Array::of(std::slice::from_ref(text)), &kind)?;
        let document = window().document().ok_or("the page has no document")?;
        let element: HtmlTrackElement = document.create_element("track")?.unchecked_into();
        let url = Url::create_object_url_with_blob(&blob)?;
        element.set_kind("subtitles");
        element.set_label(&subtitles.name(id));
        element.set_srclang(subtitles.language.as_deref().unwrap_or_default());
        element.set_src(&url);
        // The cues come once the track is shown, and then at their own times.
        let on_load = Closure::new({
            let (element, offset) = (element.clone(), offset.clone());
            move || {
                if let Some(track) = element.track() {
                    shift(&track, offset.get());
                }
            }
        });
        element.add_event_listener_with_callback("load", on_load.as_ref().unchecked_ref())?;
        video.append_child(&element)?;
        Ok(Self { element, url, on_load })
    }
}

impl Drop for Track {
    fn drop(&mut self) {
        let _ = self.element.remove_event_listener_with_callback("load", self.on_load.as_ref().unchecked_ref());
        let _ = Url::revoke_object_url(&self.url);
        self.element.remove();
    }
}

fn shift(track: &TextTrack, by: f64) {
    let Some(cues) = track.cues().filter(|_| by != 0.0) else { return };
    let length = cues.length();
    for number in 0..length {
        // The list is sorted anew with each change: none may come to where one still waits for its turn.
        let number = if by > 0.0 { length - 1 - number } else { number };
        if let Some(cue) = cues.get(number) {
            cue.set_start_time(cue.start_time() + by);
            cue.set_end_time(cue.end_time() + by);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use js_sys::Promise;
    use wasm_bindgen_futures::JsFuture;
    use wasm_bindgen_test::wasm_bindgen_test;
    use web_sys::Element;

    fn video() -> HtmlMediaElement {
        let element = window().document().expect("a document").create_element("video");
        element.expect("an element").unchecked_into()
    }

    fn brought() -> Subtitles {
        Subtitles { source: JsValue::NULL, label: None, language: Some("en".into()), from_film: false }
    }

    /// Waits for a track's cues.
    async fn cues(track: Option<Element>) -> Vec<(f64, f64)> {
        let track: HtmlTrackElement = track.expect("a track").unchecked_into();
        while track.ready_state() < HtmlTrackElement::LOADED {
            let wait = Promise::new(&mut |resolve, _| {
                window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 10).expect("a timer");
            });
            JsFuture::from(wait).await.expect("a timer");
        }
        let cues = track.track().and_then(|track| track.cues()).expect("cues");
        let cues = (0..cues.length()).filter_map(|number| cues.get(number));
        cues.map(|cue| (cue.start_time(), cue.end_time())).collect()
    }

    #[wasm_bindgen_test]
    async fn cues_are_shifted_whether_they_were_there_before_or_come_later() {
        let video = video();
        let tracks = TextTracks::new(video.clone());
        let id = tracks.add(brought());
        tracks.set_offset(2.0);
        tracks.fill(id, &"WEBVTT\n\n00:01.500 --> 00:02.000\nHello\n".into()).expect("a track");
        tracks.show(Some(id));
        assert_eq!(cues(video.first_element_child()).await, [(3.5, 4.0)]);
        tracks.set_offset(-0.5);
        assert_eq!(cues(video.first_element_child()).await, [(1.0, 1.5)]);
        drop(tracks);
        assert!(video.first_element_child().is_none(), "the element is the page's own again");
    }

    #[wasm_bindgen_test]
    async fn every_cue_of_every_track_is_shifted_once() {
        let video = video();
        let tracks = TextTracks::new(video.clone());
        let text = "WEBVTT\n\n00:10.000 --> 00:11.000\na\n\n00:12.000 --> 00:13.000\nb\n\n00:12.000 --> 00:14.000\nc\n";
        for _ in 0..2 {
            let id = tracks.add(brought());
            tracks.fill(id, &text.into()).expect("a track");
            tracks.show(Some(id));
            assert_eq!(cues(video.last_element_child()).await.len(), 3);
        }
        for (offset, first) in [(3.0, 13.0), (-2.0, 8.0)] {
            tracks.set_offset(offset);
            let mut shifted = cues(video.last_element_child()).await;
            shifted.sort_by(|one, other| one.partial_cmp(other).expect("numbers"));
            assert_eq!(shifted, [(first, first + 1.0), (first + 2.0, first + 3.0), (first + 2.0, first + 4.0)]);
        }
        tracks.show(Some(0));
        assert_eq!(
            cues(video.first_element_child()).await,
            cues(video.last_element_child()).await,
            "one that was hidden meanwhile"
        );
    }
}
