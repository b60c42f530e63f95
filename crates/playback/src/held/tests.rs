use manifest::ChunkIndex;

use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const STREAM: StreamId = StreamId(3);

fn id(group: usize) -> GroupId {
    GroupId { chunk: ChunkIndex(0), group }
}

fn ms(millis: i64) -> MediaTime {
    MediaTime::from_millis(millis)
}

fn held() -> Held {
    let mut held = Held::default();
    held.report(Ranges::new([(ms(0), ms(6_000))]));
    for at in 0..3 {
        let start = ms(at * 2_000);
        let group = Group { offset: 0, bytes: 10, start, end: start + ms(2_000) };
        held.insert(STREAM, id(at as usize), group, false);
    }
    held
}

fn groups(held: &Held) -> Vec<usize> {
    held.groups_from(STREAM, id(0)).map(|id| id.group).collect()
}

#[test]
fn what_the_browser_drops_is_gone() {
    let mut held = held();
    held.report(Ranges::new([(ms(2_050), ms(5_960))]));
    assert_eq!(groups(&held), [1, 2]);
    held.report(Ranges::new([(ms(3_000), ms(5_960))]));
    assert_eq!(groups(&held), [2]);
    assert_eq!(held.bytes(), 10);
}

#[test]
fn a_gap_in_the_content_is_no_eviction() {
    let mut held = held();
    let gapped = Group { offset: 0, bytes: 10, start: ms(6_000), end: ms(8_000) };
    held.report(Ranges::new([(ms(0), ms(6_500)), (ms(7_500), ms(8_000))]));
    held.insert(STREAM, id(3), gapped, false);
    held.report(Ranges::new([(ms(0), ms(6_500)), (ms(7_500), ms(8_000))]));
    assert_eq!(groups(&held), [0, 1, 2, 3]);
    held.report(Ranges::new([(ms(0), ms(6_000))]));
    assert_eq!(groups(&held), [0, 1, 2]);
}

#[test]
fn what_never_shows_is_tried_twice_and_then_a_gap() {
    let mut held = held();
    let empty = Group { offset: 0, bytes: 10, start: ms(6_000), end: ms(8_000) };
    for kept in [false, true] {
        held.insert(STREAM, id(3), empty, false);
        held.report(Ranges::new([(ms(0), ms(6_000))]));
        assert_eq!(groups(&held).contains(&3), kept);
    }
    held.report(Ranges::new([(ms(0), ms(8_000))]));
    held.report(Ranges::new([(ms(0), ms(6_000))]));
    assert!(!groups(&held).contains(&3), "it was there, and the browser dropped it");
}

#[test]
fn removal_forgets_whole_groups_only() {
    let mut held = held();
    held.forget(|_, _, group| group.end <= ms(3_000));
    assert_eq!(groups(&held), [1, 2]);
    held.forget(|_, _, group| ms(4_000) <= group.start);
    assert_eq!(groups(&held), [1]);
}

#[test]
fn what_goes_has_been_shown_or_not() {
    let mut held = held();
    held.note_shown((STREAM, id(0)), ms(1_900), ms(2_000));
    held.forget(|_, _, group| group.end <= ms(4_000));
    assert_eq!(held.take_fates(), Fates { shown: 10, unseen: 10 });
    assert_eq!(held.waiting_bytes(), 10);
    held.report(Ranges::default());
    assert_eq!(held.take_fates(), Fates { shown: 0, unseen: 10 });
}

#[test]
fn of_several_streams_each_has_its_own_groups() {
    let (mut held, other) = (held(), StreamId(4));
    held.mix();
    let group = |start: i64| Group { offset: 0, bytes: 7, start: ms(start), end: ms(start + 2_000) };
    held.bridge(other, id(0), group(1_000));
    held.insert(other, id(1), group(3_000), false);
    assert_eq!(held.bytes(), 37, "what bridges has no bytes of its own");
    held.forget_replaced(other, ms(3_000), ms(5_000));
    assert_eq!(held.groups_from(STREAM, id(0)).collect::<Vec<_>>(), [id(0)]);
    assert_eq!(held.groups_from(other, id(0)).collect::<Vec<_>>(), [id(0), id(1)]);
    let others = held.forget_others(other);
    assert_eq!(others, Some(vec![(ms(0), ms(3_000)), (ms(5_000), MediaTime::MAX)]));
    assert_eq!((held.bytes(), held.forget_others(other)), (7, None));
}
