//! Messages at random, and what becomes of them on the way: the hand-written reader and writer are held against serde's.

use party::{MemberId, MemberView, Report, ToMember};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::messages::{action, members, state, to_member, to_room};
use super::parse;
use crate::{read, write};

/// Largest whole number that JavaScript holds exactly.
const EXACT: f64 = 9_007_199_254_740_991.0;

fn cases() -> ProptestConfig {
    let cases = if cfg!(target_arch = "wasm32") { 100 } else { 500 };
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

/// What damages a message.
#[derive(Clone, Debug)]
enum Damage {
    Replaced(Value),
    Removed,
    Added(&'static str, Value),
}

fn damages() -> impl Strategy<Value = Damage> {
    let names =
        select(vec!["type", "x", "all", "never", "limit", "id", "stamp", "content", "by", "report", "reach", "at"]);
    prop_oneof![
        4 => values().prop_map(Damage::Replaced),
        2 => Just(Damage::Removed),
        1 => (names, values()).prop_map(|(name, value)| Damage::Added(name, value)),
    ]
}

/// What may stand in the wrong place.
fn values() -> impl Strategy<Value = Value> {
    let long = |length| Value::from("é".repeat(length));
    let text = |text: &str| Value::from(text);
    prop_oneof![
        3 => select(vec![json!(-1), json!(0), json!(1), json!(-0.0), json!(1.5), json!(10.0), json!(1e300), json!(255), json!(256)]),
        3 => select(vec![
            json!(u32::MAX), json!(1_u64 << 32), json!(1_u64 << 53), json!((1_i64 << 53) - 1), json!(-1_i64 << 53),
            json!(u64::MAX), json!(i64::MIN), json!(249_999), json!(4_000_001),
        ]),
        3 => select(vec![
            text(""), text("play"), text("playing"), text("never"), text("anyone"), text("state"), text("other"),
            text("a\u{7}"), text("\u{85}"), long(32), long(33), long(64), long(65),
        ]),
        2 => select(vec![
            json!(null), json!(true), json!([]), json!({}), json!([[1, 2]]), json!([7, {"id": 1}]),
            json!({"all": {"limit": 0}}), json!({"quorum": {"percent": 256, "limit": 1}}), json!({"epoch": 1, "rev": 2}),
        ]),
    ]
}

/// Every value in it.
fn places(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, places: &mut Vec<String>) {
        places.push(at.to_owned());
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| walk(value, &format!("{at}/{name}"), places));
            }
            Value::Array(entries) => {
                (0..).zip(entries).for_each(|(n, value): (u32, _)| walk(value, &format!("{at}/{n}"), places));
            }
            _ => {}
        }
    }
    let mut places = Vec::new();
    walk(value, "", &mut places);
    places
}

fn damage(value: &mut Value, index: Index, damage: Damage) {
    let places = places(value);
    let place = &places[index.index(places.len())];
    match damage {
        Damage::Replaced(new) => *value.pointer_mut(place).expect("it is there") = new,
        Damage::Removed => {
            let Some((around, name)) = place.rsplit_once('/') else { return };
            match value.pointer_mut(around).expect("it is there") {
                Value::Object(fields) => drop(fields.remove(name)),
                Value::Array(entries) => drop(entries.remove(name.parse().expect("a number"))),
                _ => unreachable!("something is in it"),
            }
        }
        Damage::Added(name, new) => {
            if let Value::Object(fields) = value.pointer_mut(place).expect("it is there") {
                fields.insert(name.to_owned(), new);
            }
        }
    }
}

/// What serde reads of a message as JavaScript has it. There whole numbers are no others for being written with a point, and those that it
/// does not hold exactly are refused. And what the format does not have, but serde: lists for objects, numbers and objects for words.
fn expected(mut message: Value) -> Option<ToMember> {
    plain(&mut message, "");
    for name in ["members", "changed"] {
        forgive(&mut message, name);
    }
    if let Some(gone) = message.get_mut("gone").and_then(Value::as_array_mut) {
        gone.retain(|id| serde_json::from_value::<MemberId>(id.clone()).is_ok());
    }
    ToMember::decode(&message.to_string()).ok()
}

/// In a list of members, whoever cannot be read is left out, and a report that cannot be.
fn forgive(message: &mut Value, name: &str) {
    let Some(members) = message.get_mut(name).and_then(Value::as_array_mut) else { return };
    for member in members.iter_mut().filter_map(Value::as_object_mut) {
        if member.get("report").is_some_and(|report| serde_json::from_value::<Report>(report.clone()).is_err()) {
            member.remove("report");
        }
    }
    members.retain(|member| serde_json::from_value::<MemberView>(member.clone()).is_ok());
}

fn plain(value: &mut Value, name: &str) {
    const LISTS: [&str; 3] = ["members", "changed", "gone"];
    const WORDS: [&str; 6] = ["type", "phase", "control", "cause", "activity", "why"];
    /// Nobody takes it for anything.
    const NOTHING: f64 = 0.5;
    let is_word = WORDS.contains(&name);
    match value {
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(NOTHING);
            let is_whole = number.trunc() == number && number.abs() <= EXACT && !is_word;
            *value = if is_whole { json!(number as i64) } else { json!(NOTHING) };
        }
        Value::Array(entries) if LISTS.contains(&name) => entries.iter_mut().for_each(|entry| plain(entry, "")),
        Value::Array(_) => *value = json!(NOTHING),
        Value::Object(_) if is_word => *value = json!(NOTHING),
        Value::Object(fields) => {
            if name == "policy" && fields.contains_key("never") {
                *fields = Map::new();
            }
            fields.iter_mut().for_each(|(name, value)| plain(value, name));
        }
        _ => {}
    }
}

/// Texts that nearly are a message.
fn texts() -> impl Strategy<Value = String> {
    let spliced = (to_member(), any::<Index>(), 0..12_usize, "[\\[\\]{}\":,0-9.eE+\\- a-z\\\\]{0,12}").prop_map(
        |(message, index, length, new)| {
            let mut text: Vec<char> = message.encode().chars().collect();
            let from = index.index(text.len());
            let to = (from + length).min(text.len());
            text.splice(from..to, new.chars());
            text.into_iter().collect()
        },
    );
    prop_oneof![4 => spliced, 1 => ".{0,200}", 1 => "[\\[{\":,]{0,300}"]
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn what_a_room_says_is_what_is_read(message in to_member()) {
        let value = parse(&message.encode()).expect("JSON");
        prop_assert_eq!(read::message(value), Some(message));
    }

    #[test]
    fn what_a_member_says_is_written_as_serde_writes_it(message in to_room()) {
        prop_assert_eq!(write::message(&message), message.encode());
    }

    #[test]
    fn what_pages_read_is_written_as_serde_writes_it(state in state(), members in members()) {
        prop_assert_eq!(write::of_state(&state), serde_json::to_string(&state).expect("JSON"));
        prop_assert_eq!(write::of_members(&members), serde_json::to_string(&members).expect("JSON"));
    }

    #[test]
    fn what_a_viewer_wants_is_read_and_written_as_serde_does(action in action()) {
        let text = serde_json::to_string(&action).expect("JSON");
        prop_assert_eq!(write::of_action(&action), text.clone());
        prop_assert_eq!(read::action(parse(&text).expect("JSON")), Some(action));
    }

    #[test]
    fn a_damaged_message_is_read_or_refused_as_serde_does(
        message in to_member(),
        damages in prop::collection::vec((any::<Index>(), damages()), 1..4),
    ) {
        let mut value: Value = serde_json::from_str(&message.encode()).expect("JSON");
        for (index, what) in damages {
            damage(&mut value, index, what);
        }
        let read = read::message(parse(&value.to_string()).expect("JSON"));
        prop_assert_eq!(read, expected(value.clone()), "{}", value);
    }

    #[test]
    fn any_text_is_read_or_refused_as_serde_does(text in texts()) {
        let read = parse(&text).map(read::message);
        match serde_json::from_str::<Value>(&text) {
            Ok(value) => prop_assert_eq!(read, Some(expected(value)), "{}", text),
            // Only browsers take halves of a character, numbers beyond all bounds, and hundreds of brackets in each other.
            Err(_) => prop_assert!(read.is_none() || cfg!(target_arch = "wasm32"), "{}", text),
        }
    }
}
