//! A room's messages, as the browser has parsed them.
//!
//! `party::ToMember` reads the same by serde; that takes twice as many bytes as all the rest of this module together. Tests
//! hold one against the other.

use js_sys::{Array, Reflect};
use manifest::MediaTime;
use party::{
    Action, ContentId, MemberId, MemberView, Policy, Rate, Report, RoomTime, Span, Stamp, State, Text, ToMember,
    Welcome,
};
use wasm_bindgen::{JsCast, JsValue};

use crate::words::{ACTIVITIES, CAUSES, CONTROLS, FAREWELLS, PHASES, REFUSALS, Words, of};

/// Largest whole number that JavaScript holds exactly.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// The message; `None` where it is none.
pub(crate) fn message(value: JsValue) -> Option<ToMember> {
    let fields = Fields(value);
    Some(match fields.text("type")?.as_str() {
        "welcome" => ToMember::Welcome(Welcome {
            version: fields.count("version")?,
            you: MemberId(fields.count("you")?),
            seat: fields.short("seat")?,
            clock: fields.short("clock")?,
            state: state(&fields.within("state")?)?,
            members: fields.list("members", member)?,
        }),
        "echo" => ToMember::Echo {
            sent: party::Now::from_micros(fields.micros("sent")?),
            received: fields.time("received")?,
            answered: fields.time("answered")?,
            stamp: stamp(&fields)?,
        },
        "state" => ToMember::State(state(&fields)?),
        "members" => ToMember::Members {
            changed: fields.list("changed", member)?,
            gone: fields.list("gone", |id| Some(MemberId(whole(&id.0)? as u32)))?,
        },
        "accepted" => ToMember::Accepted { id: fields.count("id")?, stamp: stamp(&fields)? },
        "refused" => ToMember::Refused { id: fields.count("id")?, why: fields.word("why", &REFUSALS)? },
        "bye" => {
            ToMember::Bye { why: fields.word("why", &FAREWELLS)?, after: Span::from_micros(fields.micros("after")?) }
        }
        _ => ToMember::Unknown,
    })
}

/// What a viewer wants for all.
pub(crate) fn action(value: JsValue) -> Option<Action> {
    if let Some(word) = value.as_string() {
        return match word.as_str() {
            "play" => Some(Action::Play),
            "pause" => Some(Action::Pause),
            _ => None,
        };
    }
    let fields = Fields(value);
    Some(if let Some(to) = fields.micros("seek") {
        Action::Seek(MediaTime::from_micros(to))
    } else if let Some(rate) = fields.count("rate") {
        Action::Rate(Rate::from_millionths(rate)?)
    } else if let Some(heir) = fields.count("host") {
        Action::Host(MemberId(heir))
    } else if let Some(control) = fields.word("control", &CONTROLS) {
        Action::Control(control)
    } else if let Some(content) = fields.text("content") {
        Action::Content(ContentId::new(&content)?)
    } else {
        Action::Policy(policy(fields.get("policy"))?)
    })
}

/// For whom a room waits.
pub(crate) fn policy(value: JsValue) -> Option<Policy> {
    if value.as_string().as_deref() == Some("never") {
        return Some(Policy::Never);
    }
    let fields = Fields(value);
    if let Some(all) = fields.within("all") {
        return Some(Policy::All { limit: all.count("limit")?.into() });
    }
    let quorum = fields.within("quorum")?;
    let percent = u8::try_from(quorum.count("percent")?).ok()?;
    Some(Policy::Quorum { percent, limit: quorum.count("limit")?.into() })
}

fn state(fields: &Fields) -> Option<State> {
    Some(State {
        stamp: stamp(fields)?,
        content: fields.optional("content", |value| ContentId::new(&value.as_string()?))?,
        phase: fields.word("phase", &PHASES)?,
        position: MediaTime::from_micros(fields.micros("position")?),
        rate: Rate::from_millionths(fields.count("rate")?)?,
        at: fields.time("at")?,
        until: fields.optional("until", |value| whole(value).map(RoomTime::from_micros))?,
        control: fields.word("control", &CONTROLS)?,
        policy: policy(fields.get("policy"))?,
        by: fields.optional("by", |value| whole(value).map(|id| MemberId(id as u32)))?,
        cause: fields.word("cause", &CAUSES)?,
    })
}

fn stamp(fields: &Fields) -> Option<Stamp> {
    let stamp = fields.within("stamp")?;
    let number = |name| u64::try_from(stamp.micros(name)?).ok();
    Some(Stamp { epoch: number("epoch")?, rev: number("rev")? })
}

fn member(fields: &Fields) -> Option<MemberView> {
    Some(MemberView {
        id: MemberId(fields.count("id")?),
        name: fields.short("name")?,
        host: fields.flag("host")?,
        present: fields.flag("present")?,
        awaited: fields.flag("awaited")?,
        late: fields.flag("late")?,
        report: fields.optional("report", |value| report(&Fields(value.clone()))).flatten(),
    })
}

fn report(fields: &Fields) -> Option<Report> {
    let time = |value: &JsValue| whole(value).map(RoomTime::from_micros);
    Some(Report {
        stamp: stamp(fields)?,
        activity: fields.word("activity", &ACTIVITIES)?,
        position: MediaTime::from_micros(fields.micros("position")?),
        at: fields.time("at")?,
        buffered: MediaTime::from_micros(fields.micros("buffered")?),
        ready: fields.optional("ready", time)?,
        stall: fields.optional("stall", time)?,
        drift: fields.optional("drift", |value| whole(value).map(Span::from_micros))?,
        delay: Span::from_micros(fields.micros("delay")?),
    })
}

/// An object, of which nothing is known.
struct Fields(JsValue);

impl Fields {
    /// `undefined` where there is no such field, or this is no object.
    fn get(&self, name: &str) -> JsValue {
        Reflect::get(&self.0, &name.into()).unwrap_or(JsValue::UNDEFINED)
    }

    fn within(&self, name: &str) -> Option<Self> {
        Some(Self(self.get(name))).filter(|fields| fields.0.is_object())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).as_string()
    }

    fn short<const MOST: usize>(&self, name: &str) -> Option<Text<MOST>> {
        Text::new(&self.text(name)?)
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).as_bool()
    }

    fn micros(&self, name: &str) -> Option<i64> {
        whole(&self.get(name))
    }

    fn count(&self, name: &str) -> Option<u32> {
        u32::try_from(self.micros(name)?).ok()
    }

    fn time(&self, name: &str) -> Option<RoomTime> {
        self.micros(name).map(RoomTime::from_micros)
    }

    fn word<T: Copy>(&self, name: &str, words: Words<T>) -> Option<T> {
        of(&self.text(name)?, words)
    }

    /// `None` where it is there and wrong.
    fn optional<T>(&self, name: &str, read: impl FnOnce(&JsValue) -> Option<T>) -> Option<Option<T>> {
        let value = self.get(name);
        if value.is_undefined() || value.is_null() { Some(None) } else { read(&value).map(Some) }
    }

    /// What cannot be read in it is left out: one member's report must not take the room from all others.
    fn list<T>(&self, name: &str, read: impl Fn(&Self) -> Option<T>) -> Option<Vec<T>> {
        let list: Array = self.get(name).dyn_into().ok()?;
        Some(list.iter().filter_map(|value| read(&Self(value))).collect())
    }
}

/// A whole number that JavaScript holds exactly: JSON's larger ones have been rounded.
fn whole(value: &JsValue) -> Option<i64> {
    let number = value.as_f64()?;
    (number.trunc() == number && number.abs() <= EXACT).then_some(number as i64)
}
