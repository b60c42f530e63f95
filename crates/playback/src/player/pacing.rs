//! Works out the [`Pacing`] of this round, as seen from all tracks together.

use std::time::Duration;

use manifest::{Kind, MediaTime};

use super::Player;
use crate::pacing::Pacing;
use crate::{Now, SeekOrigin};

/// Time that a viewer looks at one place of a paused film before going on to the next, if at all.
const DWELL: Duration = Duration::from_secs(1);

/// Throughput divided by the film's rate above which a link need not be used while somebody looks at a picture.
const SPARE: f64 = 1.5;

/// Throughput divided by the rate of what is played above which the buffer can be refilled at will.
const AMPLE: f64 = 3.0;

/// A viewer who has watched n seconds is assumed to stay n/6 more.
const WATCHED_PER_AHEAD: i64 = 6;

/// Of what is kept ahead at first, what is more than [`crate::Options::low`] is fetched at twice the speed of playback.
const RISE: i64 = 2;

/// Streams that end so little apart end together: a browser plays the rest (MSE, duration change).
const EVEN: MediaTime = MediaTime::from_millis(100);

impl Player {
    pub(super) fn pace(&mut self, now: Now) {
        let has_picture = || self.tracks.iter().all(|track| track.feed.has_first_picture(self.target()));
        let is_decodable = !self.shows_target() && has_picture();
        self.pacing = Pacing {
            limit: self.pacing_limit(),
            dwells_until: self.dwells_until(now),
            decodable_since: is_decodable.then(|| self.pacing.decodable_since.unwrap_or(now)),
            pictures_until: self.scarce_pictures(),
            has_to_leap: false,
        };
        self.pacing.has_to_leap = self.is_gap_lasting(now) || self.nears_an_early_end();
    }

    /// Whether one stream ends soon and another goes on: a browser plays on there only once the other has ended, too (MSE,
    /// SourceBuffer monitoring).
    fn nears_an_early_end(&self) -> bool {
        let mut ends = self.tracks.iter().filter_map(|track| track.feed.stream.chunks.last()?.end);
        let Some((one, other)) = ends.next().zip(ends.next()) else { return false };
        let until = self.target() + self.pacing.goal(&self.options);
        one.min(other) <= until && (one - other).abs() > EVEN
    }

    /// What is fetched for later while somebody looks for a place stands in the way of what they look for, and is thrown
    /// away. Not over a link that playback would soon need all of.
    fn dwells_until(&self, now: Now) -> Option<Now> {
        let until = self.shown.since.filter(|_| self.playhead.paused)? + DWELL;
        let can_wait = self.network.throughput.carries(self.bits_per_second() * SPARE);
        (now < until && can_wait).then_some(until)
    }

    /// How far ahead to fetch where a link is ample, in seconds of film:
    ///
    /// ```text
    /// limit = min(ahead_at_first, low + 2 · watched) + watched / 6, but never more than ahead
    /// ```
    ///
    /// After a seek of the party's it is `ahead_at_first_in_party` instead.
    /// `watched` counts from the start or from the last seek to where nothing was buffered. `None` is no limit but `ahead`;
    /// an `ahead_at_first` of `ahead` or more switches this off.
    ///
    /// Most viewers who leave a film, or go elsewhere in it, do so soon: what lies far ahead would be thrown away, and its
    /// bytes would be in the link's queue before those that are wanted then. Whoever has watched for long stays for long.
    ///
    /// What is buffered is not this limit: it swings between the limit less a third (or less [`crate::Options::reopen`]),
    /// where the next request is sent, and one group beyond the limit, for requests end with a group.
    fn pacing_limit(&self) -> Option<MediaTime> {
        let rate = self.bits_per_second() * self.playhead.rate.max(1.0);
        let at_first = match self.shown.came_by {
            Some(SeekOrigin::Party) => self.options.ahead_at_first_in_party,
            Some(SeekOrigin::User | SeekOrigin::Program) | None => self.options.ahead_at_first,
        };
        if at_first >= self.options.ahead || !self.network.throughput.carries(rate * AMPLE) {
            return None;
        }
        let watched = self.shown.watched.as_micros();
        let risen = self.options.low + MediaTime::from_micros(watched.saturating_mul(RISE));
        Some(at_first.min(risen) + MediaTime::from_micros(watched / WATCHED_PER_AHEAD))
    }

    /// The rate of all that plays.
    fn bits_per_second(&self) -> f64 {
        self.tracks.iter().map(|track| track.feed.bits_per_second).sum()
    }

    fn scarce_pictures(&self) -> Option<MediaTime> {
        let track = self.tracks.iter().find(|track| track.feed.stream.kind == Some(Kind::Video))?;
        let until = track.feed.received_until();
        (!track.feed.has_received_all() && until - self.target() < self.options.low).then_some(until)
    }
}
