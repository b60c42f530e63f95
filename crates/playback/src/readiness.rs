//! How far the film can be played, how long it takes until it can be, and when it will stand still.

use std::time::Duration;

use manifest::{Group, GroupId, MediaTime};

use crate::stream::Stream;
use crate::throughput::Throughput;
use crate::{Event, Now, span};

/// Whether the film can be shown at some time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Readiness {
    /// Without another byte.
    Now,
    /// Once the bytes are here that it needs: that is an estimate, worth as much as
    /// [`crate::Player::bandwidth`] says.
    In(Duration),
    /// A film without an index has not said what it needs.
    Unknown,
}

/// How far ahead stalls are looked for.
const HORIZON: MediaTime = MediaTime::from_millis(120_000);

/// How often.
const INTERVAL: Duration = Duration::from_secs(1);

/// Predictions on less than that are guesses.
const CONFIDENCE: f64 = 0.5;

/// A prediction holds until the bytes come that much faster than needed.
const MARGIN: f64 = 1.1;

/// A decoder shows its first picture after that many bytes, or after the group that holds the time.
const PICTURE: u64 = 64 << 10;

/// How far every stream is buffered without a break from `time` on; [`MediaTime::MAX`] is to the end.
pub(crate) fn buffered_until(streams: &[Stream], time: MediaTime) -> MediaTime {
    let ends = streams.iter().map(|stream| match stream.buffer.ranges().around(time) {
        Some(_) if stream.is_complete(time) => MediaTime::MAX,
        Some((_, end)) => end,
        None => time,
    });
    ends.min().unwrap_or(time)
}

/// When `time` can be shown, if that were all that is fetched.
pub(crate) fn ready_at(streams: &[Stream], time: MediaTime, throughput: &Throughput, guess: u64) -> Readiness {
    let mut bytes = 0;
    for stream in streams.iter().filter(|stream| stream.buffer.ranges().around(time).is_none()) {
        let id = stream.locate(time);
        let Some(group) = stream.film.group(id).filter(|_| !stream.awaits_index(time)) else {
            return Readiness::Unknown;
        };
        let until = stream.byte_at(time).offset.saturating_sub(group.offset) + PICTURE;
        bytes += until.min(group.bytes);
    }
    if bytes == 0 {
        return if streams.is_empty() { Readiness::Unknown } else { Readiness::Now };
    }
    let latency = throughput.latency().unwrap_or(Duration::from_millis(100));
    Readiness::In(latency.saturating_add(transfer(bytes, throughput.estimate(guess).bits_per_second)))
}

fn transfer(bytes: u64, bits_per_second: f64) -> Duration {
    span(bytes as f64 * 8.0 / bits_per_second.max(1.0)).unwrap_or(Duration::MAX)
}

/// How the film is played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    /// Where the playhead is.
    pub(crate) target: MediaTime,
    /// How far ahead of it bytes are asked for.
    pub(crate) goal: MediaTime,
    /// Seconds of film in a second.
    pub(crate) rate: f64,
}

impl Course {
    /// Seconds from now until the playhead has come that far.
    fn seconds(self, film: MediaTime) -> f64 {
        film.or_zero().as_seconds() / self.rate.max(0.01)
    }
}

/// Looks out for stalls.
#[derive(Debug, Default)]
pub(crate) struct Outlook {
    looked: Option<Now>,
    /// Where a stall has been predicted, while it still looks so.
    told: Option<MediaTime>,
}

impl Outlook {
    /// The event to tell, if it is time to look and what is seen is news.
    pub(crate) fn look(
        &mut self,
        now: Now,
        streams: &[Stream],
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
        let stall = first_stall(streams, course, rate);
        let Some(at) = stall else {
            self.told = None;
            return None;
        };
        // Half the time that was left is news.
        if self.told.is_some_and(|told| (at - target) + (at - target) > told - target) {
            return None;
        }
        self.told = Some(at);
        let within = span(course.seconds(at - target)).unwrap_or_default();
        Some(Event::StallPredicted { at, within })
    }
}

/// The start of the first group whose bytes come later than the playhead, when each group's bytes take their turn by time
/// and are asked for no sooner than the goal allows.
fn first_stall<'a>(streams: &'a [Stream], course: Course, bits_per_second: f64) -> Option<MediaTime> {
    let Course { target, goal, .. } = course;
    let known = |stream: &'a Stream, id: Option<GroupId>| Some((id?, stream.film.group(id?)?));
    let mut cursors: [Option<(GroupId, &Group)>; 4] = [None; 4];
    for (cursor, stream) in cursors.iter_mut().zip(streams) {
        *cursor = known(stream, stream.first_missing(target));
    }
    let next_of = |cursors: &[Option<(GroupId, &'a Group)>; 4]| {
        let here = cursors.iter().enumerate().filter_map(|(at, cursor)| Some((at, (*cursor)?)));
        here.min_by_key(|(_, (_, group))| group.start)
    };
    if let Some((_, (_, first))) = next_of(&cursors) {
        // Where all of it comes in the time that is left for the first of it, nothing can be late.
        let behind = |stream: &Stream, id| {
            let last = stream.film.locate(target + HORIZON);
            stream.film.bytes_between(id, last) + stream.film.group(last).map_or(0, |group| group.bytes)
        };
        let bytes = streams.iter().zip(&cursors).filter_map(|(stream, cursor)| Some(behind(stream, (*cursor)?.0)));
        let left = course.seconds((first.start - target).min(goal));
        if bytes.sum::<u64>() as f64 * 8.0 <= left * bits_per_second {
            return None;
        }
    }
    let mut arrival = 0.0_f64;
    while let Some((at, (id, group))) = next_of(&cursors) {
        let (stream, start) = (&streams[at], group.start);
        let ahead = course.seconds(start - target);
        if start - target > HORIZON {
            return None;
        }
        let asked = course.seconds(start - target - goal);
        arrival = arrival.max(asked) + stream.missing_bytes(id) as f64 * 8.0 / bits_per_second.max(1.0);
        // A group plays while its end is still to come: only what is a whole group late stops the playhead for long.
        if arrival > ahead + course.seconds(group.end - group.start) {
            return Some(start);
        }
        cursors[at] = known(stream, stream.film.following(id));
    }
    None
}
