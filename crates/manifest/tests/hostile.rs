//! Manifests that nobody should write, read by `serde_json`.
#![cfg(not(target_arch = "wasm32"))]

#[path = "hostile/cases.rs"]
mod cases;

use cases::{Answer, cases};
use manifest::Film;

#[test]
fn each_is_answered_as_the_table_says() {
    for case in cases() {
        let answer = Film::parse(&case.json).map(drop).map_err(|error| error.to_string());
        let expected = match case.answer {
            Answer::Film | Answer::NotInBrowsers => Ok(()),
            Answer::Refused(words) => Err(words),
            Answer::OnlyInBrowsers => Err(""),
        };
        match (answer, expected) {
            (Ok(()), Ok(())) => {}
            (Err(message), Err(words)) if message.contains(words) => {}
            (answer, expected) => panic!("{}: {expected:?} was expected, it is {answer:?}", case.name),
        }
    }
}
