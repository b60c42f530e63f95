//! A room's messages, as the browser has parsed them.
//!
//! `party::ToMember` reads the same by serde; that takes twice as many bytes as all the rest of this module together. Tests
//! hold one against the other.

use crate::json::Json;
use crate::words::{ACTIVITIES, CAUSES, CONTROLS, FAREWELLS, PHASES, REFUSALS, Words, of};
use manifest::MediaTime;
use party::{
    Action, ContentId, MemberId, MemberView, Policy, Rate, Report, RoomTime, Span, Stamp, State, Text, ToMember,
    Welcome,
};

/// Largest whole number that JavaScript holds exactly.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// The message; `None` where it is none.
pub(crate) fn message(value: impl Json) -> Option<ToMember> {
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
            gone: fields.list("gone", |id| member_id(&id.0))?,
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
pub(crate) fn action(value: impl Json) -> Option<Action> {
    if let Some(word) = value.text() {
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
pub(crate) fn policy(value: impl Json) -> Option<Policy> {
    if value.text().as_deref() == Some("never") {
        return Some(Policy::Never);
    }
    if !value.is_single() {
        return None;
    }
    let fields = Fields(value);
    if let Some(all) = fields.within("all") {
        return Some(Policy::All { limit: all.count("limit")?.into() });
    }
    let quorum = fields.within("quorum")?;
    let percent = u8::try_from(quorum.count("percent")?).ok()?;
    Some(Policy::Quorum { percent, limit: quorum.count("limit")?.into() })
}

fn state(fields: &Fields<impl Json>) -> Option<State> {
    Some(State {
        stamp: stamp(fields)?,
        content: fields.optional("content", |value| ContentId::new(&value.text()?))?,
        phase: fields.word("phase", &PHASES)?,
        position: MediaTime::from_micros(fields.micros("position")?),
        rate: Rate::from_millionths(fields.count("rate")?)?,
        at: fields.time("at")?,
        until: fields.optional("until", |value| whole(value).map(RoomTime::from_micros))?,
        control: fields.word("control", &CONTROLS)?,
        policy: policy(fields.get("policy"))?,
        by: fields.optional("by", member_id)?,
        cause: fields.word("cause", &CAUSES)?,
    })
}

fn stamp(fields: &Fields<impl Json>) -> Option<Stamp> {
    let stamp = fields.within("stamp")?;
    let number = |name| u64::try_from(stamp.micros(name)?).ok();
    Some(Stamp { epoch: number("epoch")?, rev: number("rev")? })
}

fn member(fields: &Fields<impl Json>) -> Option<MemberView> {
    Some(MemberView {
        id: MemberId(fields.count("id")?),
        name: fields.short("name")?,
        host: fields.flag("host")?,
        present: fields.flag("present")?,
        awaited: fields.flag("awaited")?,
        late: fields.flag("late")?,
        report: report(&Fields(fields.get("report"))),
    })
}

fn report(fields: &Fields<impl Json>) -> Option<Report> {
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
        reach: fields.optional("reach", |value| whole(value).map(MediaTime::from_micros))?,
    })
}

/// An object, of which nothing is known.
struct Fields<T>(T);

impl<T: Json> Fields<T> {
    fn get(&self, name: &str) -> T {
        self.0.get(name)
    }

    fn within(&self, name: &str) -> Option<Self> {
        Some(Self(self.get(name))).filter(|fields| fields.0.is_object())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).text()
    }

    fn short<const MOST: usize>(&self, name: &str) -> Option<Text<MOST>> {
        Text::new(&self.text(name)?)
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).flag()
    }

    fn micros(&self, name: &str) -> Option<i64> {
        whole(&self.get(name))
    }

    fn count(&self, name: &str) -> Option<u32> {
        u32::try_from(self.micros(name)?).ok()
    }

    fn time(&self, name: &str) -> Option<RoomTime> {
        time(&self.get(name))
    }

    fn word<W: Copy>(&self, name: &str, words: Words<W>) -> Option<W> {
        of(&self.text(name)?, words)
    }

    /// `None` where it is there and wrong.
    fn optional<R>(&self, name: &str, read: impl FnOnce(&T) -> Option<R>) -> Option<Option<R>> {
        let value = self.get(name);
        if value.is_nothing() { Some(None) } else { read(&value).map(Some) }
    }

    /// What cannot be read in it is left out: one member's report must not take the room from all others.
    fn list<R>(&self, name: &str, read: impl Fn(&Self) -> Option<R>) -> Option<Vec<R>> {
        Some(self.get(name).entries()?.filter_map(|value| read(&Self(value))).collect())
    }
}

fn time(value: &impl Json) -> Option<RoomTime> {
    whole(value).map(RoomTime::from_micros)
}

fn member_id(value: &impl Json) -> Option<MemberId> {
    u32::try_from(whole(value)?).ok().map(MemberId)
}

/// A whole number that JavaScript holds exactly: JSON's larger ones have been rounded.
fn whole(value: &impl Json) -> Option<i64> {
    let number = value.number()?;
    (number.trunc() == number && number.abs() <= EXACT).then_some(number as i64)
}
