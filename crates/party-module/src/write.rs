//! Messages and what pages read, as JSON texts: what serde would write, in a tenth of the bytes.

use manifest::MediaTime;
use party::{Action, Hello, MemberView, Policy, Report, Span, Stamp, State, Text, ToRoom};

use crate::words::{ACTIVITIES, CAUSES, CONTROLS, PHASES, word};

/// A member's message.
pub(crate) fn message(message: &ToRoom) -> String {
    let mut json = Json::default();
    let open = |json: &mut Json, kind| {
        json.open();
        json.text("type", kind);
    };
    match message {
        ToRoom::Hello(hello) => {
            open(&mut json, "hello");
            self::hello(&mut json, hello);
        }
        ToRoom::Probe { sent } => {
            open(&mut json, "probe");
            json.number("sent", sent.as_micros());
        }
        ToRoom::Command(command) => {
            open(&mut json, "command");
            json.number("id", command.id.into());
            stamp(&mut json, "base", command.base);
            json.key("action");
            action(&mut json, &command.action);
        }
        ToRoom::Report(told) => {
            open(&mut json, "report");
            report(&mut json, told);
        }
        ToRoom::Sync => open(&mut json, "sync"),
        ToRoom::Leave => open(&mut json, "leave"),
        ToRoom::Unknown => open(&mut json, "unknown"),
    }
    json.close();
    json.text
}

/// A room's state.
pub(crate) fn of_state(state: &State) -> String {
    let mut json = Json::default();
    json.open();
    self::state(&mut json, state);
    json.close();
    json.text
}

/// The members of a room.
pub(crate) fn of_members(members: &[MemberView]) -> String {
    let mut json = Json::default();
    json.text.push('[');
    for member in members {
        json.comma();
        json.open();
        json.number("id", member.id.0.into());
        json.text("name", member.name.as_str());
        json.flag("host", member.host);
        json.flag("present", member.present);
        json.flag("awaited", member.awaited);
        json.flag("late", member.late);
        if let Some(told) = &member.report {
            json.key("report");
            json.open();
            report(&mut json, told);
            json.close();
        }
        json.close();
    }
    json.text.push(']');
    json.text
}

/// What a viewer wants.
pub(crate) fn of_action(wanted: &Action) -> String {
    let mut json = Json::default();
    action(&mut json, wanted);
    json.text
}

fn hello(json: &mut Json, hello: &Hello) {
    json.number("version", hello.version.into());
    json.text("name", hello.name.as_str());
    json.maybe("seat", hello.seat.as_ref().map(Text::as_str));
    json.maybe("token", hello.token.as_ref().map(Text::as_str));
    json.maybe("content", hello.content.as_ref().map(Text::as_str));
    json.maybe("control", hello.control.map(|control| word(&control, &CONTROLS)));
    if let Some(policy) = hello.policy {
        json.key("policy");
        self::policy(json, policy);
    }
    if let Some(known) = &hello.known {
        json.key("known");
        json.open();
        json.key("state");
        json.open();
        state(json, &known.state);
        json.close();
        json.media("position", known.position);
        json.flag("host", known.host);
        json.close();
    }
    if hello.last != 0 {
        json.number("last", hello.last.into());
    }
}

fn state(json: &mut Json, state: &State) {
    stamp(json, "stamp", state.stamp);
    json.maybe("content", state.content.as_ref().map(Text::as_str));
    json.text("phase", word(&state.phase, &PHASES));
    json.media("position", state.position);
    json.number("rate", state.rate.millionths().into());
    json.number("at", state.at.as_micros());
    if let Some(until) = state.until {
        json.number("until", until.as_micros());
    }
    json.text("control", word(&state.control, &CONTROLS));
    json.key("policy");
    policy(json, state.policy);
    if let Some(by) = state.by {
        json.number("by", by.0.into());
    }
    json.text("cause", word(&state.cause, &CAUSES));
}

fn report(json: &mut Json, report: &Report) {
    let span = |json: &mut Json, name, span: Option<Span>| {
        if let Some(span) = span {
            json.number(name, span.as_micros());
        }
    };
    stamp(json, "stamp", report.stamp);
    json.text("activity", word(&report.activity, &ACTIVITIES));
    json.media("position", report.position);
    json.number("at", report.at.as_micros());
    json.media("buffered", report.buffered);
    if let Some(ready) = report.ready {
        json.number("ready", ready.as_micros());
    }
    if let Some(stall) = report.stall {
        json.number("stall", stall.as_micros());
    }
    span(json, "drift", report.drift);
    span(json, "delay", Some(report.delay));
    if let Some(reach) = report.reach {
        json.media("reach", reach);
    }
}

fn stamp(json: &mut Json, name: &str, stamp: Stamp) {
    json.key(name);
    json.open();
    json.number("epoch", signed(stamp.epoch));
    json.number("rev", signed(stamp.rev));
    json.close();
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn action(json: &mut Json, action: &Action) {
    match action {
        Action::Play => return json.string("play"),
        Action::Pause => return json.string("pause"),
        _ => json.open(),
    }
    match action {
        Action::Play | Action::Pause => {}
        Action::Seek(to) => json.media("seek", *to),
        Action::Rate(rate) => json.number("rate", rate.millionths().into()),
        Action::Content(content) => json.text("content", content.as_str()),
        Action::Control(control) => json.text("control", word(control, &CONTROLS)),
        Action::Policy(policy) => {
            json.key("policy");
            self::policy(json, *policy);
        }
        Action::Host(heir) => json.number("host", heir.0.into()),
    }
    json.close();
}

fn policy(json: &mut Json, policy: Policy) {
    let limit = policy.limit().as_micros() / 1_000_000;
    let (name, percent) = match policy {
        Policy::Never => return json.string("never"),
        Policy::All { .. } => ("all", None),
        Policy::Quorum { percent, .. } => ("quorum", Some(percent)),
    };
    json.open();
    json.key(name);
    json.open();
    if let Some(percent) = percent {
        json.number("percent", percent.into());
    }
    json.number("limit", limit);
    json.close();
    json.close();
}

/// A text of JSON, written from its beginning to its end.
#[derive(Default)]
struct Json {
    text: String,
}

impl Json {
    fn open(&mut self) {
        self.text.push('{');
    }

    fn close(&mut self) {
        self.text.push('}');
    }

    /// Where something stands before.
    fn comma(&mut self) {
        if !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
    }

    fn key(&mut self, name: &str) {
        self.comma();
        self.string(name);
        self.text.push(':');
    }

    fn number(&mut self, name: &str, value: i64) {
        self.key(name);
        self.text += &value.to_string();
    }

    fn media(&mut self, name: &str, value: MediaTime) {
        self.number(name, value.as_micros());
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.key(name);
        self.text += if value { "true" } else { "false" };
    }

    fn text(&mut self, name: &str, value: &str) {
        self.key(name);
        self.string(value);
    }

    fn maybe(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// Texts of the format hold no control characters: two characters are left that JSON wants escaped.
    fn string(&mut self, value: &str) {
        self.text.push('"');
        for char in value.chars() {
            if matches!(char, '"' | '\\') {
                self.text.push('\\');
            }
            self.text.push(char);
        }
        self.text.push('"');
    }
}
