//! What is read and written here is what serde reads and writes.

mod alike;
mod messages;
#[cfg(not(target_arch = "wasm32"))]
mod native;

use party::{ToMember, ToRoom};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// Every message that docs/party.md shows.
fn shown() -> impl Iterator<Item = &'static str> {
    include_str!("../../../docs/party.md").lines().filter(|line| line.starts_with("{\"type\":"))
}

/// As the browser parses it.
#[cfg(target_arch = "wasm32")]
fn parse(text: &str) -> Option<wasm_bindgen::JsValue> {
    js_sys::JSON::parse(text).ok()
}

/// As a browser would parse it.
#[cfg(not(target_arch = "wasm32"))]
fn parse(text: &str) -> Option<serde_json::Value> {
    serde_json::from_str(text).ok()
}

fn parsed(text: &str) -> impl json::Json {
    parse(text).expect("JSON")
}

#[test]
fn a_moment_that_a_page_is_told_has_come_when_it_calls() {
    for micros in (0..100_000).map(|n| 66_140_237 + n * 7_919).chain([66_278_317, 66_455_919]) {
        let at = party::Now::from_micros(micros);
        assert_eq!(moment::time(moment::millis(at)), at);
    }
}

#[test]
fn messages_are_read_as_serde_reads_them() {
    let mut read = 0;
    for line in shown() {
        let expected = ToMember::decode(line).ok();
        if expected.as_ref().is_some_and(|message| *message != ToMember::Unknown) {
            read += 1;
        }
        assert_eq!(read::message(parsed(line)), expected, "{line}");
    }
    assert!(read >= 7, "{read} messages of a room are shown");
}

#[test]
fn messages_are_written_as_serde_writes_them() {
    let mut written = 0;
    for message in shown().filter_map(|line| ToRoom::decode(line).ok()).filter(|message| *message != ToRoom::Unknown) {
        assert_eq!(write::message(&message), message.encode());
        written += 1;
    }
    assert!(written >= 7, "{written} messages of a member are shown");
}

#[test]
fn states_and_members_are_written_as_serde_writes_them() {
    for message in shown().filter_map(|line| ToMember::decode(line).ok()) {
        if let ToMember::Welcome(welcome) = message {
            assert_eq!(write::of_state(&welcome.state), serde_json::to_string(&welcome.state).expect("JSON"));
            assert_eq!(write::of_members(&welcome.members), serde_json::to_string(&welcome.members).expect("JSON"));
        }
    }
}

/// Every field of every message in turn is of another type, is not there, or is what a number of JavaScript cannot hold.
#[test]
fn what_serde_refuses_is_refused() {
    for line in shown() {
        for (from, to) in [
            ("1764300000000", "1.5"),
            ("1764300123456789", "\"1\""),
            ("\"rev\":", "\"rav\":"),
            ("61500000", "null"),
            ("1000000,", "9000000,"),
            ("\"anyone\"", "\"nobody\""),
            ("\"playing\"", "7"),
            ("{\"limit\":10}", "{\"limit\":-1}"),
            ("\"b64u-of-16-bytes\"", "\"\\u0007\""),
            ("\"stale\"", "\"bad-weather\""),
        ] {
            let changed = line.replace(from, to);
            let expected = ToMember::decode(&changed).ok();
            assert_eq!(read::message(parsed(&changed)), expected, "{changed}");
        }
    }
    for value in ["7", "null", "[]", "{}", "\"state\"", "{\"type\":7}"] {
        assert_eq!(read::message(parsed(value)), None, "{value}");
    }
}

/// One member whose entry cannot be read is not there; the message is.
#[test]
fn who_cannot_be_read_costs_only_itself() {
    let line = shown().find(|line| line.contains("\"changed\"")).expect("it is shown");
    let changed = line.replace("\"changed\":[", "\"changed\":[7,{\"id\":9},");
    assert_eq!(read::message(parsed(&changed)), ToMember::decode(line).ok());
    let report = r#","report":{"stamp":{"epoch":9007199254740993,"rev":0}}}],"gone""#;
    let reported = line.replace("}],\"gone\"", report);
    assert_ne!(reported, line);
    assert_eq!(read::message(parsed(&reported)), ToMember::decode(line).ok());
}

#[test]
fn actions_are_read_and_written_as_serde_does() {
    for text in [
        r#""play""#,
        r#""pause""#,
        r#"{"seek":120000000}"#,
        r#"{"rate":1250000}"#,
        r#"{"content":"3f7a"}"#,
        r#"{"control":"host"}"#,
        r#"{"policy":{"quorum":{"percent":50,"limit":10}}}"#,
        r#"{"policy":"never"}"#,
        r#"{"host":3}"#,
    ] {
        let expected: party::Action = serde_json::from_str(text).expect("an action");
        assert_eq!(read::action(parsed(text)).as_ref(), Some(&expected), "{text}");
        assert_eq!(write::of_action(&expected), text);
    }
    for text in [r#""dance""#, "{}", "7", r#"{"seek":"1"}"#, r#"{"rate":1}"#, r#"{"policy":{}}"#] {
        assert_eq!(read::action(parsed(text)), None, "{text}");
    }
}

/// A number that no member has is not that of another.
#[test]
fn who_cannot_be_is_nobody() {
    let gone = |ids: &str| format!(r#"{{"type":"members","changed":[],"gone":{ids}}}"#);
    assert_eq!(read::message(parsed(&gone("[-1,4294967297,1.5,2]"))), ToMember::decode(&gone("[2]")).ok());
    let line = shown().find(|line| line.starts_with(r#"{"type":"state""#)).expect("it is shown");
    for by in ["-1", "4294967298"] {
        let changed = line.replace(r#""by":2"#, &format!(r#""by":{by}"#));
        assert_eq!(read::message(parsed(&changed)), None, "{changed}");
        assert!(ToMember::decode(&changed).is_err());
    }
}
