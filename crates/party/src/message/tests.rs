use super::*;
use crate::policy::Limit;
use crate::state::{Cause, Phase};
use crate::{Rate, Timeline};
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn state() -> State {
    State {
        stamp: Stamp { epoch: 1_764_300_000_000, rev: 7 },
        content: ContentId::new("3f7a"),
        phase: Phase::Playing,
        position: MediaTime::from_millis(61_500),
        rate: Rate::ONE,
        at: RoomTime::from_micros(1_764_300_123_456_789),
        until: None,
        control: Control::Anyone,
        policy: Policy::All { limit: Limit::seconds(10) },
        by: Some(MemberId(2)),
        cause: Cause::Seek,
    }
}

/// What docs/party.md shows is what is written and read.
#[test]
fn the_documentation_shows_messages_as_they_are() {
    let page = include_str!("../../../../docs/party.md");
    let mut shown = 0;
    for line in page.lines().filter(|line| line.starts_with("{\"type\":")) {
        let to_room = ToRoom::decode(line).ok().filter(|message| *message != ToRoom::Unknown);
        let to_member = ToMember::decode(line).ok().filter(|message| *message != ToMember::Unknown);
        let again = to_room.map(|message| message.encode()).or(to_member.map(|message| message.encode()));
        assert_eq!(again.as_deref(), Some(line));
        shown += 1;
    }
    assert!(shown >= 12, "{shown} messages are shown");
}

#[test]
fn a_state_is_written_as_whole_numbers() {
    let text = ToMember::State(state()).encode();
    let expected = concat!(
        r#"{"type":"state","stamp":{"epoch":1764300000000,"rev":7},"content":"3f7a","phase":"playing","#,
        r#""position":61500000,"rate":1000000,"at":1764300123456789,"control":"anyone","#,
        r#""policy":{"all":{"limit":10}},"by":2,"cause":"seek"}"#
    );
    assert_eq!(text, expected);
    assert_eq!(state().timeline(), Timeline { rate: Some(Rate::ONE), ..state().timeline() });
}

/// What a later version adds is passed over, not refused.
#[test]
fn what_is_not_known_is_passed_over() {
    assert_eq!(ToRoom::decode(r#"{"type":"wave","at":[1,{}]}"#).ok(), Some(ToRoom::Unknown));
    assert_eq!(ToMember::decode(r#"{"type":"weather"}"#).ok(), Some(ToMember::Unknown));
    let sent = Now::from_micros(5);
    assert_eq!(ToRoom::decode(r#"{"type":"probe","sent":5,"colour":"red"}"#).ok(), Some(ToRoom::Probe { sent }));
    let refused = ToMember::decode(r#"{"type":"refused","id":1,"why":"bad-weather"}"#).ok();
    assert_eq!(refused, Some(ToMember::Refused { id: 1, why: Refusal::Unknown }));
}

#[test]
fn what_is_too_long_or_no_message_is_refused() {
    let long = format!(r#"{{"type":"leave","x":"{}"}}"#, "x".repeat(LONGEST_TO_ROOM));
    assert!(matches!(ToRoom::decode(&long), Err(Malformed::TooLong { most: LONGEST_TO_ROOM, .. })));
    for text in [
        "",
        "[]",
        "{}",
        r#"{"type":7}"#,
        r#"{"type":"probe"}"#,
        r#"{"type":"probe","sent":1.5}"#,
        r#"{"type":"hello","version":1,"name":"a\u0007b"}"#,
        r#"{"type":"command","id":1,"base":{"epoch":1,"rev":1},"action":{"rate":9000000}}"#,
        r#"{"type":"command","id":-1,"base":{"epoch":1,"rev":1},"action":"play"}"#,
    ] {
        assert!(ToRoom::decode(text).is_err(), "{text}");
    }
    let name = format!(r#"{{"type":"hello","version":1,"name":"{}"}}"#, "é".repeat(33));
    assert!(ToRoom::decode(&name).is_err());
    // Brackets in each other are not followed for ever.
    let deep = format!(r#"{{"type":"leave","x":{}}}"#, "[".repeat(3_000));
    assert!(ToRoom::decode(&deep).is_err());
}

/// The longest welcome that there can be.
#[test]
fn a_hundred_members_with_long_names_fit() {
    let report = Report {
        stamp: Stamp { epoch: u64::MAX, rev: u64::MAX },
        activity: Activity::Buffering,
        position: MediaTime::from_micros(i64::MIN),
        at: RoomTime::from_micros(i64::MIN),
        buffered: MediaTime::from_micros(i64::MIN),
        ready: Some(RoomTime::from_micros(i64::MIN)),
        stall: Some(RoomTime::from_micros(i64::MIN)),
        drift: Some(Span::from_micros(i64::MIN)),
        delay: Span::from_micros(i64::MIN),
        reach: Some(MediaTime::from_micros(i64::MIN)),
    };
    let member = Member {
        id: MemberId(u32::MAX),
        // Every quotation mark takes two bytes.
        name: Name::cut(&"\"".repeat(64)),
        host: false,
        present: false,
        awaited: false,
        late: false,
        report: Some(report),
    };
    let welcome = Welcome {
        version: VERSION,
        you: member.id,
        seat: Secret::cut(&"\"".repeat(64)),
        clock: Text::cut(&"\"".repeat(64)),
        state: State { content: Some(ContentId::cut(&"\"".repeat(128))), ..state() },
        members: vec![member; 100],
    };
    let text = ToMember::Welcome(welcome).encode();
    assert!(text.len() <= LONGEST_TO_MEMBER, "{} bytes", text.len());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        let _ = (ToRoom::decode(&text), ToMember::decode(&text));
    }

    #[test]
    fn what_is_cut_fits(text in any::<String>()) {
        let cut = Text::<16>::cut(&text);
        prop_assert!(cut.as_str().len() <= 16 && Text::<16>::new(cut.as_str()).is_some());
    }
}
