//! How far the film can be played, and how long it takes until it can be shown somewhere.

use std::time::Duration;

use manifest::MediaTime;

use crate::throughput::{Throughput, time_of};
use crate::track::Track;

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

/// Bytes after which a decoder shows its first picture, unless the group that holds the time has fewer.
const PICTURE: u64 = 64 << 10;

/// Time from a request to its answer, assumed while there has been none.
const LATENCY: Duration = Duration::from_millis(100);

/// How far every track is buffered without a break from `time` on; [`MediaTime::MAX`] is to the end.
pub(crate) fn buffered_until(tracks: &[Track], time: MediaTime) -> MediaTime {
    let ends = tracks.iter().map(|track| match track.sink.held.ranges().around(time) {
        Some(_) if track.is_complete(time) => MediaTime::MAX,
        Some((_, end)) => end,
        // Beyond its end a stream has nothing, and nothing is missing.
        None if is_over(track, time) => MediaTime::MAX,
        None => time,
    });
    ends.min().unwrap_or(time)
}

/// Whether a stream has ended by `time`.
fn is_over(track: &Track, time: MediaTime) -> bool {
    let end = track.feed.stream.chunks.last().and_then(|chunk| chunk.end);
    end.is_some_and(|end| end <= time) && track.is_complete(time)
}

/// When `time` can be shown, if that were all that is fetched.
pub(crate) fn ready_at(tracks: &[Track], time: MediaTime, throughput: &Throughput, guess: u64) -> Readiness {
    let mut bytes = 0;
    let is_missing = |track: &&Track| track.sink.held.ranges().around(time).is_none() && !is_over(track, time);
    for track in tracks.iter().filter(is_missing) {
        let feed = track.lowest();
        let Some(group) = feed.stream.group(feed.locate(time)).filter(|_| !feed.awaits_index(time)) else {
            return Readiness::Unknown;
        };
        let until = feed.byte_at(time).offset.saturating_sub(group.offset) + PICTURE;
        bytes += until.min(group.bytes);
    }
    if bytes == 0 {
        return if tracks.is_empty() { Readiness::Unknown } else { Readiness::Now };
    }
    let latency = throughput.latency().unwrap_or(LATENCY);
    Readiness::In(latency.saturating_add(time_of(bytes, throughput.estimate(guess).bits_per_second)))
}
