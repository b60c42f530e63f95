//! The words of the message format. What a later version adds is the last one.

use party::{Activity, Cause, Control, Farewell, Phase, Refusal};

/// Each value beside its word. An empty word stands for all that are not known.
pub(crate) type Words<T> = &'static [(&'static str, T)];

pub(crate) const PHASES: [(&str, Phase); 3] =
    [("paused", Phase::Paused), ("waiting", Phase::Waiting), ("playing", Phase::Playing)];

pub(crate) const CONTROLS: [(&str, Control); 2] = [("anyone", Control::Anyone), ("host", Control::Host)];

pub(crate) const CAUSES: [(&str, Cause); 12] = [
    ("opened", Cause::Opened),
    ("restored", Cause::Restored),
    ("play", Cause::Play),
    ("pause", Cause::Pause),
    ("seek", Cause::Seek),
    ("rate", Cause::Rate),
    ("content", Cause::Content),
    ("settings", Cause::Settings),
    ("stall", Cause::Stall),
    ("ready", Cause::Ready),
    ("deadline", Cause::Deadline),
    ("", Cause::Unknown),
];

pub(crate) const ACTIVITIES: [(&str, Activity); 7] = [
    ("playing", Activity::Playing),
    ("holding", Activity::Holding),
    ("buffering", Activity::Buffering),
    ("blocked", Activity::Blocked),
    ("apart", Activity::Apart),
    ("elsewhere", Activity::Elsewhere),
    ("", Activity::Elsewhere),
];

pub(crate) const REFUSALS: [(&str, Refusal); 4] = [
    ("stale", Refusal::Stale),
    ("not-allowed", Refusal::NotAllowed),
    ("impossible", Refusal::Impossible),
    ("", Refusal::Unknown),
];

pub(crate) const FAREWELLS: [(&str, Farewell); 9] = [
    ("left", Farewell::Left),
    ("replaced", Farewell::Replaced),
    ("full", Farewell::Full),
    ("forbidden", Farewell::Forbidden),
    ("version", Farewell::Version),
    ("misbehaved", Farewell::Misbehaved),
    ("slow", Farewell::Slow),
    ("restart", Farewell::Restart),
    ("", Farewell::Unknown),
];

/// What a word stands for.
pub(crate) fn of<T: Copy>(word: &str, words: Words<T>) -> Option<T> {
    words.iter().find(|(known, _)| *known == word || known.is_empty()).map(|(_, value)| *value)
}

/// The word for a value; one of a later version is `unknown`.
pub(crate) fn word<T: PartialEq>(value: &T, words: Words<T>) -> &'static str {
    let found = words.iter().find(|(_, known)| known == value).map_or("", |(word, _)| word);
    if found.is_empty() { "unknown" } else { found }
}
