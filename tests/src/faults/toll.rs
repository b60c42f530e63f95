//! What was seen of damaged bytes: whether all damage was found out, and which pictures were shown of it.

use super::{anatomy::Fragment, corruption::Struck, judge::Told, pictures::Pictures};
use crate::{Event, Frame};

/// What the player says where another decoder takes over.
const REOPENING: &str = "reopening";

/// Seconds of film that a decoder has ahead of what it shows, a dozen pictures: these cannot be called back, and are shown in their time.
const DECODED: f64 = 0.5;

/// Seconds by which the pictures of a fragment may lie before its begin: two B-frames, which are decoded behind what they are shown before.
const REORDERED: f64 = 0.1;

/// Fragments that go with a decoder before they are whole, and are not needed any more where the playhead is by then: one of the pictures
/// and one of the sound.
const UNDER_WAY: usize = 2;

/// What came of damaged bytes.
#[derive(Clone, Debug, Default)]
pub struct Toll {
    /// What was damaged.
    pub struck: Vec<Struck>,
    /// How much of that was found out by its digest.
    pub found: usize,
    /// Decoders that failed at it.
    pub reopened: usize,
    /// Pictures of damaged bytes that were shown before that.
    pub early: usize,
    /// Pictures of damaged bytes that were shown after it, because the decoder had them already.
    pub decoded: usize,
    /// Pictures that were held against what they are to be, to the last pixel.
    pub seen: usize,
}

impl Toll {
    /// Counts, and tells what is wrong. `is_checked_first` says that nothing is appended before it is checked.
    pub(super) fn take(
        told: &Told,
        struck: Vec<Struck>,
        fragments: &[Fragment],
        known: &Pictures,
        is_checked_first: bool,
    ) -> (Self, Vec<String>) {
        let is_found =
            |struck: &&Struck| told.events.iter().any(|event| tells_of(event, &struck.object, struck.span.start));
        let found = struck.iter().filter(is_found).count();
        let looked_at = told.frames.iter().filter(|frame| frame.picture.is_some()).count();
        let seen = told.frames.iter().filter(|frame| known.know(frame)).count();
        let reopened = told.events.iter().filter(|event| event.kind == REOPENING).count();
        let mut toll = Self { struck, found, reopened, seen, ..Self::default() };
        let mut wrong = Vec::new();
        // Of an answer that is given up before its end nobody may have read what is damaged.
        let passed: Vec<_> = toll.struck.iter().filter(|struck| !is_found(struck) && !struck.is_asked_again).collect();
        if passed.len() > reopened * UNDER_WAY {
            wrong.push(format!("{} damaged fragments were not found out: {:?}", passed.len(), passed[0]));
        }
        // What is shown at the very end may not have been looked at yet.
        if looked_at + 3 < told.frames.len() {
            wrong.push(format!("of {} pictures {looked_at} were looked at", told.frames.len()));
        }
        let mut late = Vec::new();
        for frame in told.frames.iter().filter(|frame| known.lack(frame)) {
            let causes = causes(frame, &toll.struck, fragments, told);
            let is_decoded =
                |event: &&Event| frame.shown < event.now + DECODED * 1e3 && (frame.time - event.at).abs() < DECODED;
            if is_checked_first {
                late.push(frame);
            } else if causes.iter().any(|event| frame.shown < event.now) {
                toll.early += 1;
            } else if causes.iter().any(is_decoded) {
                toll.decoded += 1;
            } else {
                late.push(frame);
            }
        }
        if !late.is_empty() {
            wrong.push(format!("{} pictures of damaged bytes were shown: {:?}", late.len(), late[0]));
        }
        (toll, wrong)
    }
}

/// What tells of each fragment that came damaged and that a picture hangs on: that its digest is another, or, before that, that a decoder has
/// failed there. From then on none of its pictures is right to be shown: the next decoder is given checked bytes.
fn causes<'a>(frame: &Frame, struck: &[Struck], fragments: &[Fragment], told: &'a Told) -> Vec<&'a Event> {
    let is_struck =
        |one: &&Fragment| struck.iter().any(|struck| struck.object == one.object && struck.span == one.span);
    let hangs =
        |one: &&Fragment| one.is_pictures && (one.begins - REORDERED..one.group_ends).contains(&(frame.time + 1e-3));
    // Where the playhead was: an element that has just been given another decoder no longer knows.
    let place =
        |event: &Event| told.frames.iter().rfind(|frame| frame.shown < event.now).map_or(0.0, |frame| frame.time);
    let has_failed_at = |event: &Event, one: &Fragment| {
        event.kind == REOPENING && (one.begins - DECODED..one.group_ends).contains(&place(event))
    };
    let tells = |one: &Fragment| {
        let is_of_it = |event: &&Event| tells_of(event, &one.object, one.span.start) || has_failed_at(event, one);
        told.events.iter().find(is_of_it)
    };
    fragments.iter().filter(is_struck).filter(hangs).filter_map(tells).collect()
}

/// Whether it says that this fragment came damaged.
fn tells_of(event: &Event, object: &str, start: u64) -> bool {
    event.damaged.as_ref().is_some_and(|damaged| damaged.url.ends_with(object) && damaged.start == start)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{Spot, Wound, anatomy::tests::fragment};
    use super::*;

    const OBJECT: &str = "video-1/0001.mp4";

    /// Pictures 0 and 1, each with what it looks like and when it was shown, and when the fragment at 0 was found out, if it was.
    fn told(pictures: [(u32, f64); 2], found: Option<f64>) -> Told {
        let row = ["#...............", "#.............##"];
        let frame = |n: usize| json!({ "time": n as f64 / 24.0, "row": row[n], "picture": pictures[n].0, "shown": pictures[n].1 });
        let event = |now| {
            json!({ "source": "player", "kind": "damaged", "at": 0.1, "now": now, "detail": "",
            "damaged": { "url": format!("http://a/media/x/{OBJECT}"), "start": 0 } })
        };
        let events: Vec<Value> = found.into_iter().map(event).collect();
        let told = json!({ "isDone": true, "isEnded": true, "state": "ended", "at": 16, "stood": 0, "errors": [], "duration": 16,
            "frames": [frame(0), frame(1)], "events": events });
        serde_json::from_value(told).expect("it is complete")
    }

    /// What came of damage to a fragment that begins at so many seconds.
    fn toll(told: &Told, begins: f64, is_checked_first: bool) -> (Toll, Vec<String>) {
        let mut known = Pictures::default();
        known.learn(&self::told([(70, 0.0), (71, 0.0)], None));
        let struck = Struck {
            object: OBJECT.to_owned(),
            span: 0..166,
            wound: Wound::Bit,
            spot: Spot::Data,
            is_asked_again: false,
        };
        let mut fragments = [fragment(0), fragment(166)];
        fragments[0].begins = begins;
        Toll::take(told, vec![struck], &fragments, &known, is_checked_first)
    }

    #[test]
    fn damaged_pictures_are_told_from_those_that_are_right_and_early_ones_from_late_ones() {
        let (found, wrong) = toll(&told([(70, 10.0), (71, 20.0)], Some(15.0)), 0.0, true);
        assert_eq!((found.found, found.early, found.decoded, found.seen, wrong.len()), (1, 0, 0, 2, 0), "{wrong:?}");
        let (found, wrong) = toll(&told([(99, 10.0), (98, 20.0)], Some(15.0)), 0.0, false);
        assert_eq!((found.early, found.decoded, wrong.len()), (1, 1, 0), "{wrong:?}");
        let (_, wrong) = toll(&told([(99, 10.0), (71, 20.0)], Some(15.0)), 0.0, true);
        assert!(matches!(&wrong[..], [one] if one.contains("1 pictures of damaged bytes")), "{wrong:?}");
    }

    #[test]
    fn a_picture_that_is_shown_again_or_that_lies_before_the_damage_is_wrong() {
        for (shown, begins) in [([10.0, 515.0], 0.0), ([10.0, 11.0], 0.5)] {
            let (_, wrong) = toll(&told([(70, shown[0]), (98, shown[1])], Some(15.0)), begins, false);
            assert!(matches!(&wrong[..], [one] if one.contains("1 pictures of damaged bytes")), "{wrong:?}");
        }
    }

    #[test]
    fn damage_that_nothing_tells_of_is_wrong_and_so_is_a_picture_that_none_explains() {
        let (_, wrong) = toll(&told([(70, 10.0), (98, 20.0)], None), 0.0, false);
        assert!(
            matches!(&wrong[..], [passed, shown] if passed.contains("not found out") && shown.contains("shown")),
            "{wrong:?}"
        );
    }
}
