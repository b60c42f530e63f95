//! What was seen of damaged bytes: whether all damage was found out, and which pictures were shown of it.

use super::{anatomy::Fragment, corruption::Struck, judge::Told, pictures::Pictures};
use crate::{Event, Frame};

/// What the player says where another decoder takes over.
const REOPENING: &str = "reopening";

/// Seconds of film that a decoder has ahead of what it shows: these pictures cannot be called back.
const DECODED: f64 = 0.5;

/// Seconds of film around a playhead at which a decoder fails at what is damaged.
const AROUND: f64 = 1.0;

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
        let seen = told.frames.iter().filter(|frame| frame.picture.is_some()).count();
        let reopened = told.events.iter().filter(|event| event.kind == REOPENING).count();
        let mut toll = Self { struck, found, reopened, seen, ..Self::default() };
        let mut wrong = Vec::new();
        // Of an answer that is given up before its end nobody may have read what is damaged.
        let passed: Vec<_> = toll.struck.iter().filter(|struck| !is_found(struck) && !struck.is_asked_again).collect();
        if passed.len() > reopened * UNDER_WAY {
            wrong.push(format!("{} damaged fragments were not found out: {:?}", passed.len(), passed[0]));
        }
        // What is shown at the very end may not have been looked at yet.
        if seen + 3 < told.frames.len() {
            wrong.push(format!("of {} pictures {seen} were looked at", told.frames.len()));
        }
        let mut late = Vec::new();
        for frame in told.frames.iter().filter(|frame| known.lack(frame)) {
            match found_last(frame, fragments, &told.events) {
                Some(_) | None if is_checked_first => late.push(frame),
                Some(found) if frame.shown < found.now => toll.early += 1,
                Some(found) if frame.time < found.at + DECODED => toll.decoded += 1,
                Some(_) | None => late.push(frame),
            }
        }
        if !late.is_empty() {
            wrong.push(format!("{} pictures of damaged bytes were shown: {:?}", late.len(), late[0]));
        }
        (toll, wrong)
    }
}

/// What told last that the group of a picture is damaged.
fn found_last<'a>(frame: &Frame, fragments: &[Fragment], events: &'a [Event]) -> Option<&'a Event> {
    let is_of_group = |fragment: &&Fragment| fragment.is_pictures && fragment.group.contains(&(frame.time + 1e-3));
    let group: Vec<_> = fragments.iter().filter(is_of_group).collect();
    let tells = |event: &&Event| {
        let is_near = event.kind == REOPENING && (event.at - frame.time).abs() < AROUND;
        is_near || group.iter().any(|fragment| tells_of(event, &fragment.object, fragment.span.start))
    };
    events.iter().filter(tells).max_by(|a, b| a.now.total_cmp(&b.now))
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

    fn toll(told: &Told, is_checked_first: bool) -> (Toll, Vec<String>) {
        let mut known = Pictures::default();
        known.learn(&self::told([(70, 0.0), (71, 0.0)], None));
        let struck = Struck {
            object: OBJECT.to_owned(),
            span: 0..166,
            wound: Wound::Bit,
            spot: Spot::Data,
            is_asked_again: false,
        };
        Toll::take(told, vec![struck], &[fragment(0), fragment(166)], &known, is_checked_first)
    }

    #[test]
    fn damaged_pictures_are_told_from_those_that_are_right_and_early_ones_from_late_ones() {
        let (found, wrong) = toll(&told([(70, 10.0), (71, 20.0)], Some(15.0)), true);
        assert_eq!((found.found, found.early, found.decoded, found.seen, wrong.len()), (1, 0, 0, 2, 0), "{wrong:?}");
        let (found, wrong) = toll(&told([(99, 10.0), (98, 20.0)], Some(15.0)), false);
        assert_eq!((found.early, found.decoded, wrong.len()), (1, 1, 0), "{wrong:?}");
        let (_, wrong) = toll(&told([(99, 10.0), (71, 20.0)], Some(15.0)), true);
        assert!(matches!(&wrong[..], [one] if one.contains("1 pictures of damaged bytes")), "{wrong:?}");
    }

    #[test]
    fn damage_that_nothing_tells_of_is_wrong_and_so_is_a_picture_that_none_explains() {
        let (_, wrong) = toll(&told([(70, 10.0), (98, 20.0)], None), false);
        assert!(
            matches!(&wrong[..], [passed, shown] if passed.contains("not found out") && shown.contains("shown")),
            "{wrong:?}"
        );
    }
}
