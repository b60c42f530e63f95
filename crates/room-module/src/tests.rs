//! A room speaks the message format, and goes on where another keeper has left it.

use party::Span;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const HELLO: &str = r#"{"type":"hello","version":1,"name":"Ada","content":"3f7a"}"#;

/// Everything that a room says until it waits, by whom it is for.
fn said(room: &mut Room) -> Vec<(String, ToMember, Vec<f64>)> {
    let mut all = Vec::new();
    loop {
        let effect = room.poll();
        let what = effect.get(0).as_string().expect("a word");
        if what == "wait" {
            return all;
        }
        let message = ToMember::decode(&effect.get(1).as_string().expect("a text")).expect("a message");
        let to = effect.iter().skip(2).map(|connection| connection.as_f64().expect("a number")).collect();
        all.push((what, message, to));
    }
}

#[wasm_bindgen_test]
fn a_moment_that_a_page_is_told_has_come_when_it_calls() {
    assert_eq!(time(66_455.919), RoomTime::from_micros(66_455_919));
}

#[wasm_bindgen_test]
fn another_keeper_goes_on_with_the_room() {
    let mut room = Room::new(1e12, 1e12, 50, "first", None);
    assert!(room.hear(1e12, 7.0, HELLO, "secret", None, Some("Grace".to_owned())));
    let first = said(&mut room).remove(0);
    let (what, ToMember::Welcome(welcome), to) = first else { panic!("{first:?}") };
    assert_eq!((what.as_str(), to, welcome.members[0].name.as_str()), ("send", vec![7.0], "Grace"));
    assert!(!room.hear(1e12, 7.0, "{", "", None, None));

    let mut next = Room::new(1e12 + 5e3, 2e12, 50, "second", Some(room.shared()));
    assert_eq!(next.version(), room.version());
    let again = format!(r#"{{"type":"hello","version":1,"name":"Ada","seat":"{}"}}"#, welcome.seat.as_str());
    assert!(next.hear(1e12 + 5e3, 9.0, &again, "other", None, None));
    let heard = said(&mut next);
    let ToMember::Welcome(back) = &heard[0].1 else { panic!("{heard:?}") };
    assert_eq!((back.you, &back.state), (welcome.you, &welcome.state));
    assert_eq!(back.clock.as_str(), "second");
}

#[wasm_bindgen_test]
fn who_is_sent_away_comes_back_at_a_time_of_its_own() {
    let after = |connection| match ToMember::decode(&bye("restart", connection)) {
        Ok(ToMember::Bye { why: Farewell::Restart, after }) => after,
        other => panic!("{other:?}"),
    };
    assert_ne!(after(1.0), after(2.0));
    assert!((0..3_000).all(|connection| after(f64::from(connection)) < Span::from_secs(2)));
    let final_one = ToMember::Bye { why: Farewell::Misbehaved, after: Span::ZERO };
    assert_eq!(bye("misbehaved", 7.0), final_one.encode());
}
