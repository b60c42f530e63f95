//! Effects as JavaScript gets them: a list of a name and what belongs to it.

use js_sys::Array;
use party::{Effect, Event, MemberOutput as Output, Reason, Span};
use wasm_bindgen::JsValue;

use crate::moment::millis;
use crate::words::{FAREWELLS, REFUSALS, word};
use crate::write;

pub(crate) fn to_js(output: Output) -> Array {
    match output {
        Output::Open => list(&["open".into()]),
        Output::Close => list(&["close".into()]),
        Output::Send(message) => list(&["send".into(), write::message(&message).into()]),
        Output::Steer(effect, reason) => steer(effect, reason),
        Output::Event(event) => told(event),
        Output::Wait(None) => list(&["wait".into()]),
        Output::Wait(Some((at, why))) => {
            list(&["wait".into(), millis(at).into(), matches!(why, party::Wake::Player).into()])
        }
    }
}

fn list(entries: &[JsValue]) -> Array {
    entries.iter().collect()
}

fn steer(effect: Effect, reason: Reason) -> Array {
    let (what, to) = match effect {
        Effect::Play => ("play", JsValue::UNDEFINED),
        Effect::Pause => ("pause", JsValue::UNDEFINED),
        Effect::Seek(to) => ("seek", to.as_seconds().into()),
        Effect::SetRate(rate) => ("rate", rate.ratio().into()),
    };
    let (why, drift) = match reason {
        Reason::Command => ("command", None),
        Reason::InTime => ("in-time", None),
        Reason::Drift(drift) => ("drift", Some(drift)),
        Reason::Far(drift) => ("far", Some(drift)),
        Reason::Lasting(drift) => ("lasting", Some(drift)),
        Reason::Corrected => ("corrected", None),
        Reason::Resync => ("resync", None),
    };
    list(&["steer".into(), what.into(), to, why.into(), drift.map(Span::as_millis).into()])
}

/// An event's name, and what belongs to it.
fn told(event: Event) -> Array {
    let (name, detail, why) = match event {
        Event::Joined(id) => ("joined", id.0.into(), None),
        Event::Lost { again, why } => ("lost", again.as_millis().into(), why.map(|why| word(&why, &FAREWELLS))),
        Event::Ended(why) => ("ended", JsValue::UNDEFINED, Some(word(&why, &FAREWELLS))),
        Event::Changed(_) => ("changed", JsValue::UNDEFINED, None),
        Event::Members => ("members", JsValue::UNDEFINED, None),
        Event::Following(follows) => ("following", follows.into(), None),
        Event::Blocked(is_blocked) => ("blocked", is_blocked.into(), None),
        Event::OtherContent(content) => ("other-content", content.as_str().into(), None),
        Event::Refused { action, why } => {
            ("refused", write::of_action(&action).into(), why.map(|why| word(&why, &REFUSALS)))
        }
        Event::ClockJumped => ("clock-jumped", JsValue::UNDEFINED, None),
        // The machine may learn to say more before the page does.
        _ => ("unknown", JsValue::UNDEFINED, None),
    };
    list(&["event".into(), name.into(), detail, why.into()])
}
