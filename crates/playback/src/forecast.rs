//! When playback will stand still, at the rate at which bytes come.

use std::time::Duration;

use manifest::{Group, GroupId, MediaTime};

use crate::now::time_to_play;
use crate::throughput::{Throughput, time_of};
use crate::track::Track;
use crate::{Event, Now};

/// Film ahead of the playhead in which stalls are looked for.
const HORIZON: MediaTime = MediaTime::from_millis(120_000);

/// Time between two looks.
const INTERVAL: Duration = Duration::from_secs(1);

/// Confidence in the throughput, from 0 to 1, below which it is a guess, and nothing is predicted by it.
const CONFIDENCE: f64 = 0.5;

/// Throughput divided by what is needed above which a predicted stall is expected no more: a prediction should not flicker.
const MARGIN: f64 = 1.1;

/// Streams that play at once, at most: pictures, sound, and room for more.
const MOST_TRACKS: usize = 4;

/// How the film is played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    /// Where the playhead is.
    pub(crate) target: MediaTime,
    /// How far ahead of it bytes are asked for.
    pub(crate) goal: MediaTime,
    /// `playbackRate`.
    pub(crate) rate: f64,
}

impl Course {
    /// Time from now until the playhead has come `film` further.
    fn time_until(self, film: MediaTime) -> Duration {
        time_to_play(film, self.rate)
    }
}

/// Looks out for stalls.
#[derive(Debug, Default)]
pub(crate) struct StallForecast {
    looked: Option<Now>,
    /// Where a stall has been predicted, while it still looks so.
    told: Option<MediaTime>,
}

impl StallForecast {
    /// Where playback is expected to stand still.
    pub(crate) fn expected(&self) -> Option<MediaTime> {
        self.told
    }

    /// The event to tell, if it is time to look and what is seen is news.
    pub(crate) fn look(
        &mut self,
        now: Now,
        tracks: &[Track],
        course: Course,
        throughput: &Throughput,
    ) -> Option<Event> {
        let target = course.target;
        if self.looked.is_some_and(|looked| now - looked < INTERVAL) {
            return None;
        }
        self.looked = Some(now);
        let bandwidth = throughput.estimate(0);
        if bandwidth.confidence < CONFIDENCE {
            return None;
        }
        let rate = if self.told.is_some() { bandwidth.bits_per_second / MARGIN } else { bandwidth.bits_per_second };
        let Some(at) = first_stall(tracks, course, rate) else {
            self.told = None;
            return None;
        };
        // Half the time that was left is news.
        if self.told.is_some_and(|told| (at - target) + (at - target) > told - target) {
            return None;
        }
        self.told = Some(at);
        Some(Event::StallPredicted { at, within: course.time_until(at - target) })
    }
}

/// The start of the first group whose bytes come later than the playhead, when each group's bytes take their turn by time
/// and are asked for no sooner than the goal allows.
fn first_stall<'a>(tracks: &'a [Track], course: Course, bits_per_second: f64) -> Option<MediaTime> {
    let Course { target, goal, .. } = course;
    let known = |track: &'a Track, id: Option<GroupId>| Some((id?, track.lowest().stream.group(id?)?));
    let mut cursors: [Option<(GroupId, &Group)>; MOST_TRACKS] = [None; MOST_TRACKS];
    for (cursor, track) in cursors.iter_mut().zip(tracks) {
        let missing = track.first_missing(target).and_then(|id| track.feed.stream.group(id));
        *cursor = known(track, missing.map(|group| track.lowest().locate(group.start)));
    }
    let next_of = |cursors: &[Option<(GroupId, &'a Group)>; MOST_TRACKS]| {
        let here = cursors.iter().enumerate().filter_map(|(at, cursor)| Some((at, (*cursor)?)));
        here.min_by_key(|(_, (_, group))| group.start)
    };
    if let Some((_, (_, first))) = next_of(&cursors) {
        // Where all of it comes in the time that is left for the first of it, nothing can be late.
        let past = |track: &Track, id| {
            let stream = &track.lowest().stream;
            let last = stream.locate(target + HORIZON);
            stream.bytes_between(id, last) + stream.group(last).map_or(0, |group| group.bytes)
        };
        let bytes = tracks.iter().zip(&cursors).filter_map(|(track, cursor)| Some(past(track, (*cursor)?.0)));
        let left = course.time_until((first.start - target).min(goal));
        if time_of(bytes.sum(), bits_per_second) <= left {
            return None;
        }
    }
    let mut arrival = Duration::ZERO;
    while let Some((at, (id, group))) = next_of(&cursors) {
        let (track, start) = (&tracks[at], group.start);
        if start - target > HORIZON {
            return None;
        }
        let asked = course.time_until(start - target - goal);
        arrival = arrival.max(asked).saturating_add(time_of(track.least_bytes(id), bits_per_second));
        // A group plays while its end is still to come: only what is a whole group late stops the playhead for long.
        if arrival > course.time_until(start - target).saturating_add(course.time_until(group.end - group.start)) {
            return Some(start);
        }
        cursors[at] = known(track, track.lowest().stream.following(id));
    }
    None
}
