//! Errors as the page gets them: one `Error` object, whether thrown, rejected with or told by an `error` event.

use js_sys::Object;
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::{JsCast, JsValue};

use crate::border::{millis, to_js};
use crate::film_source;
use crate::js_error;
use crate::readers;

/// What the shell itself refuses, before or beside the engine.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("this browser has no MediaSource")]
    NoMediaSource,
    #[error("among the options, {0}")]
    Option(String),
    #[error("{0}")]
    Argument(String),
    #[error("there is no film")]
    NoFilm,
    #[error("the page has aborted it")]
    Aborted,
    #[error("another load, a pause, detach or destroy came first")]
    Superseded,
    #[error("the player has been destroyed")]
    Destroyed,
    #[error("the browser refused: {0}")]
    Browser(String),
    #[error("the browser does not play before a gesture")]
    Gesture,
    #[error("subtitles: {0}")]
    Subtitles(film_source::Error),
    #[error("subtitles: {0}")]
    Captions(readers::Error),
}

impl Refusal {
    /// A short name that does not change, for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NoMediaSource => "media-source-missing",
            Self::Option(_) => "option-invalid",
            Self::Argument(_) => "argument-invalid",
            Self::NoFilm => "no-film",
            Self::Aborted => "aborted",
            Self::Superseded => "superseded",
            Self::Destroyed => "destroyed",
            Self::Browser(_) => "browser-refused",
            Self::Gesture => "gesture-needed",
            Self::Subtitles(_) | Self::Captions(readers::Error::NoReader(_)) => "subtitles-network",
            Self::Captions(readers::Error::Invalid(_)) => "subtitles-invalid",
        }
    }

    /// The remedy, as a clause.
    fn remedy(&self) -> &'static str {
        match self {
            Self::NoMediaSource => "use the browser's own HLS player with master.m3u8, or a newer browser",
            Self::Option(_) => "look at PlayerOptions in the types",
            Self::Argument(_) => "look at the method in the types",
            Self::NoFilm => "load one first",
            Self::Aborted => "nothing is to be done: the page's AbortSignal says so",
            Self::Superseded => "nothing is to be done: what came later counts",
            Self::Destroyed => "attach a new one",
            Self::Browser(_) => "reload the page, or use another browser",
            Self::Gesture => "play again when the viewer presses a button",
            Self::Subtitles(_) => "check the address of the subtitles, and show them again",
            Self::Captions(readers::Error::NoReader(_)) => "see that the package is served whole, and show them again",
            Self::Captions(readers::Error::Invalid(_)) => "bring a SubRip, SubStation Alpha or WebVTT file",
        }
    }
}

/// What helps, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ErrorAction {
    /// `player.retry()`, or what was tried once more.
    Retry,
    /// `player.load()`.
    Load,
    /// What was tried once more, when the viewer presses a button.
    Gesture,
    /// Nothing that a program can do.
    None,
}

impl ErrorAction {
    fn of(code: &str) -> Self {
        match code {
            "network" | "manifest-network" | "subtitles-network" | "decoder" => Self::Retry,
            "refused" | "wrong-object" | "content-changed" | "no-film" => Self::Load,
            "gesture-needed" => Self::Gesture,
            _ => Self::None,
        }
    }
}

/// What a `PlayerError` has beside the members of every `Error`.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub(crate) struct ErrorDetails {
    /// A short name that does not change between releases.
    #[tsify(type = "ErrorCode")]
    code: &'static str,
    /// Whether the film does not play.
    fatal: bool,
    /// What helps.
    action: ErrorAction,
    /// What helps, in words that `message` does not repeat.
    remedy: &'static str,
    /// Where it happened, as far as that is known.
    context: Option<ErrorContext>,
    /// The attempts that failed, the oldest first.
    history: Vec<FailedAttempt>,
}

/// Where an error happened.
#[derive(Default, Serialize, Tsify)]
struct ErrorContext {
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// An attempt that failed.
#[derive(Serialize, Tsify)]
struct FailedAttempt {
    /// On the clock of `performance.now()`.
    at: f64,
    /// The byte from which on it asked.
    offset: u64,
    failure: String,
}

impl From<Refusal> for JsValue {
    fn from(refusal: Refusal) -> Self {
        let context = match &refusal {
            Refusal::Subtitles(error) => Some(ErrorContext { stream: None, url: Some(error.url().to_owned()) }),
            _ => None,
        };
        // Without subtitles the film still plays, and after a gesture it does.
        let fatal = !matches!(refusal, Refusal::Subtitles(_) | Refusal::Captions(_) | Refusal::Gesture);
        let history = match &refusal {
            Refusal::Subtitles(error) => attempts(error),
            _ => Vec::new(),
        };
        problem(&refusal.to_string(), refusal.code(), refusal.remedy(), fatal, context, history)
    }
}

/// What the browser threw that should not have.
pub(crate) fn browser(thrown: &JsValue) -> JsValue {
    Refusal::Browser(js_error::describe(thrown)).into()
}

/// Why there is no film.
pub(crate) fn of_source(error: &film_source::Error) -> JsValue {
    let context = Some(ErrorContext { stream: None, url: Some(error.url().to_owned()) });
    problem(&error.to_string(), error.code(), error.remedy(), true, context, attempts(error))
}

fn attempts(error: &film_source::Error) -> Vec<FailedAttempt> {
    match error {
        film_source::Error::Network { history, .. } => history.iter().map(attempt).collect(),
        _ => Vec::new(),
    }
}

fn attempt(attempt: &playback::Attempt) -> FailedAttempt {
    FailedAttempt { at: millis(attempt.at.elapsed()), offset: attempt.offset, failure: attempt.failure.to_string() }
}

/// Why the engine stopped.
pub(crate) fn of_engine(error: &playback::Error) -> JsValue {
    use playback::Error::{ContentChanged, Decoder, Integrity, Malformed, Network, Refused, Uncheckable, WrongObject};
    let context = match error {
        Network { stream, url, .. }
        | Refused { stream, url, .. }
        | WrongObject { stream, url, .. }
        | Integrity { stream, url, .. }
        | Malformed { stream, url, .. } => Some(ErrorContext { stream: Some(stream.0), url: Some(url.clone()) }),
        Uncheckable { url, .. } | ContentChanged { url, .. } => {
            Some(ErrorContext { stream: None, url: Some(url.clone()) })
        }
        Decoder { stream, .. } => Some(ErrorContext { stream: Some(stream.0), url: None }),
        _ => None,
    };
    let history = match error {
        Network { history, .. } | Integrity { history, .. } => history.iter().map(attempt).collect(),
        _ => Vec::new(),
    };
    problem(&error.to_string(), error.code(), error.remedy(), true, context, history)
}

fn problem(
    message: &str,
    code: &'static str,
    remedy: &'static str,
    fatal: bool,
    context: Option<ErrorContext>,
    history: Vec<FailedAttempt>,
) -> JsValue {
    let error = js_sys::Error::new(message);
    error.set_name("PlayerError");
    let details = ErrorDetails { code, fatal, action: ErrorAction::of(code), remedy, context, history };
    Object::assign(&error, to_js(&details).unchecked_ref()).into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use js_sys::Reflect;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    /// The names between quotes on the lines `Self::… => "name",` of every `fn code`.
    fn codes(source: &str) -> impl Iterator<Item = &str> {
        let bodies = source.split("pub fn code(").chain(source.split("pub(crate) fn code(")).skip(1);
        let lines = bodies.flat_map(|body| body.split("\n    }\n").next().unwrap_or_default().lines());
        lines.filter(|line| line.trim_start().starts_with("Self::")).filter_map(|line| line.split('"').nth(1))
    }

    fn all_codes() -> BTreeSet<&'static str> {
        let engine = include_str!("../crates/playback/src/error.rs");
        let own = [include_str!("problem.rs").split("#[cfg(test)]").next().expect("code before tests")];
        let package = include_str!("../package/index.js").split(", \"").skip(1);
        let package = package.filter_map(|text| text.split_once("\", remedy").map(|(code, _)| code));
        own.into_iter().chain([engine, include_str!("film_source.rs")]).flat_map(codes).chain(package).collect()
    }

    #[wasm_bindgen_test]
    fn the_custom_element_passes_every_event_on() {
        let typed = |source: &'static str| {
            let events = source.split_once("interface PlayerEvents {").expect("the events").1;
            let lines = events.split('}').next().unwrap_or_default().lines();
            lines.filter_map(|line| Some(line.trim_start().split_once(": CustomEvent<")?.0.trim_matches('"')))
        };
        let own = typed(include_str!("types.d.ts"));
        let typed: BTreeSet<_> = own.chain(typed(include_str!("../package/growing.d.ts"))).collect();
        let element = include_str!("../package/element.js").split_once("EVENTS = [").expect("the events").1;
        let passed = element.split_once(']').expect("its end").0.split('"').skip(1).step_by(2);
        assert_eq!(passed.collect::<BTreeSet<_>>(), typed);
    }

    #[wasm_bindgen_test]
    fn every_code_stands_in_the_table_and_in_the_types() {
        let codes = all_codes();
        assert!(codes.contains("network") && codes.contains("manifest-invalid") && codes.contains("superseded"));
        let table = include_str!("../docs/errors.md");
        let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
        let rows: Vec<_> = rows.collect();
        assert_eq!(rows.iter().map(|(code, _)| *code).collect::<BTreeSet<_>>(), codes);
        for (code, rest) in rows {
            let action = to_js(&ErrorAction::of(code)).as_string().expect("a word");
            assert!(rest.starts_with(&format!(" | `{action}` | ")), "the table does not say {action} of {code}");
        }
        let types = include_str!("types.d.ts").split_once("type ErrorCode").expect("the union").1;
        let union = types.split_once(';').expect("its end").0;
        assert_eq!(union.split('"').skip(1).step_by(2).collect::<BTreeSet<_>>(), codes);
    }

    fn member(thrown: &JsValue, name: &str) -> Option<String> {
        Reflect::get(thrown, &JsValue::from_str(name)).ok()?.as_string()
    }

    #[wasm_bindgen_test]
    fn an_error_says_what_helps_and_says_it_once() {
        let thrown = JsValue::from(Refusal::Destroyed);
        assert!(thrown.is_instance_of::<js_sys::Error>());
        assert_eq!(member(&thrown, "name").as_deref(), Some("PlayerError"));
        assert_eq!(member(&thrown, "code").as_deref(), Some("destroyed"));
        assert_eq!(member(&thrown, "remedy").as_deref(), Some("attach a new one"));
        assert_eq!(member(&thrown, "message").as_deref(), Some("the player has been destroyed"));
    }

    #[wasm_bindgen_test]
    fn an_address_with_semicolons_is_no_remedy() {
        let url = "/films/a;session=1;b/0001.mp4".to_owned();
        let thrown = of_engine(&playback::Error::Malformed {
            stream: playback::StreamId(0),
            url: url.clone(),
            what: "no box".into(),
        });
        assert_eq!(member(&thrown, "message"), Some(format!("{url}: no box")));
        assert_eq!(
            member(&thrown, "remedy").as_deref(),
            Some("cut the whole film again: splitter FILM --out media/current")
        );
    }
}
