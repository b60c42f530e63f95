//! Held against `serde_json`, which is not ours.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Any JSON, of few levels.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// What it makes of any JSON: numbers are left out, since it reads only those that are asked for.
fn tree(json: &mut Reader<'_>) -> Result<Value, Fault> {
    Ok(match json.peek() {
        Some(b'{') => {
            let mut members = serde_json::Map::new();
            json.object(&mut |name, json| {
                members.insert(name.to_owned(), tree(json)?);
                Ok(())
            })?;
            Value::Object(members)
        }
        Some(b'[') => {
            let mut items = Vec::new();
            json.array(&mut |json| {
                items.push(tree(json)?);
                Ok(())
            })?;
            Value::Array(items)
        }
        Some(b'"') => json.text()?.into(),
        Some(b't' | b'f') => json.bool()?.into(),
        _ => {
            json.skip()?;
            Value::Null
        }
    })
}

fn without_numbers(value: Value) -> Value {
    match value {
        Value::Number(_) => Value::Null,
        Value::Array(items) => items.into_iter().map(without_numbers).collect(),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, without_numbers(value))).collect())
        }
        other => other,
    }
}

fn reads<'a, T>(text: &'a str, value: impl FnOnce(&mut Reader<'a>) -> Result<T, Fault>) -> Option<T> {
    read(text.as_bytes(), value).ok()
}

proptest! {
    #[test]
    fn what_serde_json_writes_is_read(value in value(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let read = reads(&text.expect("a text"), tree);
        prop_assert_eq!(read, Some(without_numbers(value)));
    }

    /// Texts that are nearly JSON.
    #[test]
    fn what_serde_json_refuses_is_refused(text in r#"[\[\]{},:"\\0-9eE+.\-a-fntrul ]{0,14}"#) {
        let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        // Names of an object are strings for both, but what is ignored there may be half a character.
        let half = text.contains("\\u");
        prop_assume!(!half);
        prop_assert_eq!(reads(&text, Reader::skip).is_some(), theirs, "{}", text);
    }

    #[test]
    fn escapes_are_those_of_serde_json(text in r#"(\\u[0-9a-fA-F]{4}|\\u[dD][89a-fA-F][0-9a-f]{2}|\\["\\/bfnrtx]|[a-zé]){0,5}"#) {
        let text = format!("\"{text}\"");
        prop_assert_eq!(reads(&text, Reader::text), serde_json::from_str::<String>(&text).ok(), "{}", text);
    }

    #[test]
    fn whole_numbers_are_those_of_serde_json(text in r"-?[0-9]{1,22}(\.[0-9]{1,2})?(e[0-9])?") {
        prop_assert_eq!(reads(&text, Reader::unsigned), serde_json::from_str::<u64>(&text).ok(), "{}", text);
        prop_assert_eq!(reads(&text, Reader::signed), serde_json::from_str::<i64>(&text).ok(), "{}", text);
        prop_assert_eq!(reads(&text, Reader::small::<u16>), serde_json::from_str::<u16>(&text).ok(), "{}", text);
    }

    #[test]
    fn a_time_of_any_film_is_read_exactly(micros in -1_000_000_000_000_i64..1_000_000_000_000) {
        let time = MediaTime::from_micros(micros);
        let text = serde_json::to_string(&time).expect("a number");
        prop_assert_eq!(reads(&text, Reader::seconds), Some(time), "{}", text);
    }

    #[test]
    fn any_number_of_seconds_is_as_good_as_a_float(text in r"-?[0-9]{1,9}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?") {
        let theirs = serde_json::from_str::<f64>(&text).ok().and_then(MediaTime::from_seconds);
        if let (Some(ours), Some(theirs)) = (reads(&text, Reader::seconds), theirs) {
            let error = (ours.as_seconds() - theirs.as_seconds()).abs();
            prop_assert!(error <= 1e-6 + 1e-12 * theirs.as_seconds().abs(), "{} is {} or {}", text, ours, theirs);
        }
    }
}

#[test]
fn a_fault_has_its_place() {
    let fault = |text: &str| read(text.as_bytes(), Reader::skip).expect_err("a fault").to_string();
    assert!(fault("{\n  \"a\": 1,\n  b\n}").contains("expected `\"` at line 3 column 3"), "{}", fault("{\n b}"));
    assert!(fault("[1] 2").contains("more than one value at line 1 column 5"));
    assert!(fault(&"[".repeat(100_000)).contains("too many brackets"));
    assert!(read(b"\"\xff\"", Reader::skip).expect_err("a fault").to_string().contains("no UTF-8 at line 1 column 2"));
}
