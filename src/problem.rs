//! Errors as the page gets them: one `Error` object, whether thrown, rejected with or told by an `error` event.

use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;

use crate::events::object;
use crate::film_source;

/// What the shell itself refuses, before or beside the engine.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("this browser has no MediaSource; use its own HLS player with master.m3u8, or a newer browser")]
    NoMediaSource,
    #[error("{0}; see the table of options")]
    Option(String),
    #[error("{0}; see the type of this argument")]
    Argument(&'static str),
    #[error("another load, a pause, detach or destroy came first; nothing is to be done")]
    Superseded,
    #[error("the player has been destroyed; attach a new one")]
    Destroyed,
    #[error("the browser refused: {0}; reload the page, or use another browser")]
    Browser(String),
    #[error("subtitles: {0}")]
    Subtitles(String),
}

impl Refusal {
    /// A short name that does not change, for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NoMediaSource => "media-source-missing",
            Self::Option(_) => "option-invalid",
            Self::Argument(_) => "argument-invalid",
            Self::Superseded => "superseded",
            Self::Destroyed => "destroyed",
            Self::Browser(_) => "browser-refused",
            Self::Subtitles(_) => "subtitles-network",
        }
    }
}

impl From<Refusal> for JsValue {
    fn from(refusal: Refusal) -> Self {
        // Without subtitles the film still plays.
        let is_fatal = !matches!(refusal, Refusal::Subtitles(_));
        problem(refusal.code(), is_fatal, &refusal.to_string(), JsValue::NULL, Array::new())
    }
}

/// Why there is no film.
pub(crate) fn of_source(error: &film_source::Error) -> JsValue {
    let context = object(&[("url", error.url().into())]);
    problem(error.code(), true, &error.to_string(), context, Array::new())
}

/// Why the engine stopped.
pub(crate) fn of_engine(error: &playback::Error) -> JsValue {
    use playback::Error::{ContentChanged, Decoder, Integrity, Malformed, Network, Refused, Uncheckable};
    let context = match error {
        Network { stream, url, .. }
        | Refused { stream, url, .. }
        | Integrity { stream, url, .. }
        | Malformed { stream, url, .. } => object(&[("stream", (stream.0 as f64).into()), ("url", url.into())]),
        Uncheckable { url, .. } | ContentChanged { url, .. } => object(&[("url", url.into())]),
        Decoder { stream, .. } => object(&[("stream", (stream.0 as f64).into())]),
        _ => JsValue::NULL,
    };
    let attempt = |attempt: &playback::Attempt| {
        object(&[
            ("at", (attempt.at.elapsed().as_secs_f64() * 1e3).into()),
            ("offset", (attempt.offset as f64).into()),
            ("failure", attempt.failure.to_string().into()),
        ])
    };
    let history = match error {
        Network { history, .. } | Integrity { history, .. } => history.iter().map(attempt).collect(),
        _ => Array::new(),
    };
    problem(error.code(), true, &error.to_string(), context, history)
}

fn problem(code: &str, is_fatal: bool, message: &str, context: JsValue, history: Array) -> JsValue {
    let error = js_sys::Error::new(message);
    error.set_name("PlayerError");
    // Every message ends with what helps, behind its last semicolon.
    let remedy = message.rsplit_once(';').map_or("", |(_, remedy)| remedy.strip_prefix(' ').unwrap_or(remedy));
    let members: [(&str, JsValue); 5] = [
        ("code", code.into()),
        ("fatal", is_fatal.into()),
        ("remedy", remedy.into()),
        ("context", context),
        ("history", history.into()),
    ];
    for (name, value) in members {
        // Setting a member of a new object cannot fail.
        let _ = Reflect::set(&error, &JsValue::from_str(name), &value);
    }
    error.into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    /// The names between quotes on the lines `Self::… => "name",` of every `fn code`.
    fn codes(source: &str) -> impl Iterator<Item = &str> {
        let bodies = source.split("pub fn code(").chain(source.split("pub(crate) fn code(")).skip(1);
        let lines = bodies.flat_map(|body| body.split("\n    }\n").next().unwrap_or_default().lines());
        lines.filter(|line| line.trim_start().starts_with("Self::")).filter_map(|line| line.split('"').nth(1))
    }

    fn all_codes() -> BTreeSet<&'static str> {
        let engine = include_str!("../crates/playback/src/error.rs");
        let own = [include_str!("problem.rs").split("#[cfg(test)]").next().expect("code before tests")];
        let package = include_str!("../package/index.js").split("code: \"").skip(1);
        let package = package.filter_map(|text| text.split('"').next());
        own.into_iter().chain([engine, include_str!("film_source.rs")]).flat_map(codes).chain(package).collect()
    }

    #[wasm_bindgen_test]
    fn the_custom_element_passes_every_event_on() {
        let types = include_str!("types.d.ts").split_once("interface PlayerEvents {").expect("the events").1;
        let types = types.split_once("\n}").expect("its end").0;
        let typed = types.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": CustomEvent<"));
        let typed: BTreeSet<_> = typed.map(|(name, _)| name.trim_matches('"')).collect();
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
        assert_eq!(rows.map(|(code, _)| code).collect::<BTreeSet<_>>(), codes);
        let types = include_str!("types.d.ts").split_once("type ErrorCode").expect("the union").1;
        let union = types.split_once(';').expect("its end").0;
        assert_eq!(union.split('"').skip(1).step_by(2).collect::<BTreeSet<_>>(), codes);
    }

    #[wasm_bindgen_test]
    fn an_error_says_what_helps() {
        let thrown = JsValue::from(Refusal::Destroyed);
        let member = |name| Reflect::get(&thrown, &JsValue::from_str(name)).ok().and_then(|value| value.as_string());
        assert_eq!(member("code").as_deref(), Some("destroyed"));
        assert_eq!(member("remedy").as_deref(), Some("attach a new one"));
        assert_eq!(member("message").as_deref(), Some("the player has been destroyed; attach a new one"));
    }
}
