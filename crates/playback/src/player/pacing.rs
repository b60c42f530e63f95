//! Works out the [`Pacing`] of this round, as seen from all tracks together.

use std::time::Duration;

use manifest::{Kind, MediaTime};

use super::Player;
use crate::pacing::Pacing;
use crate::track::Track;
use crate::{Now, ReadyState, SeekOrigin};

/// Time that a viewer looks at one place of a paused film before going on to the next, if at all.
const DWELL: Duration = Duration::from_secs(1);

/// Throughput divided by the film's rate above which a link need not be used while somebody looks at a picture.
const SPARE: f64 = 1.5;

/// Throughput divided by the rate of what is played above which the buffer can be refilled at will.
const AMPLE: f64 = 3.0;

/// A viewer who has watched n seconds is assumed to stay n/6 more.
const WATCHED_PER_AHEAD: i64 = 6;

/// Film fetched for each second that is watched, in seconds, until what is kept ahead at first is there: it lies between
/// [`crate::Options::low`], fetched at once, and [`crate::Options::ahead_at_first`].
const RISE: i64 = 2;

/// Time after which a decoder that shows nothing of what should be enough is taken to want more pictures: some begin with five.
/// By then a playhead that stands still has been nudged, and the browser been asked what it holds.
const DECODER_STARVES: Duration = Duration::from_millis(1_500);

/// The most times that the goal ahead is doubled: eight times half a minute holds five pictures that are ten seconds apart.
const MOST_LIFTED: u32 = 3;

impl Player {
    pub(super) fn pace(&mut self, now: Now) {
        let has_rungs = self.tracks.iter().any(Track::has_rungs);
        let has_picture = || self.tracks.iter().all(|track| track.feed.has_first_picture(self.target()));
        let is_decodable = !self.shows_target() && has_picture();
        // A playhead that has one picture and cannot go on is as badly off.
        let is_starved = self.playhead.ready == ReadyState::CurrentData && !self.playhead.ended;
        // A playhead that rests and has shown something has nobody who would notice that what is at it has got lost.
        let is_noticed = !self.playhead.rests() || !self.shown.has_shown;
        let starves = (is_decodable || is_starved) && is_noticed && self.media.is_open() && self.has_half_its_goal();
        // Browsers show little in a page that is hidden; its time begins when it is looked at.
        let since = self.starved_since.filter(|_| !self.playhead.hidden);
        self.starved_since = starves.then(|| since.unwrap_or(now));
        self.pacing = Pacing {
            has_reserve: has_rungs,
            limit: self.pacing_limit(),
            dwells_until: self.dwells_until(now),
            decodable_since: is_decodable.then(|| self.pacing.decodable_since.unwrap_or(now)),
            pictures_until: self.scarce_pictures(has_rungs),
            has_to_leap: self.is_gap_lasting(now),
            lifted: self.lifted,
        };
        self.lifted = self.lift(now);
        self.pacing.lifted = self.lifted;
    }

    /// Whether as much is buffered at the playhead as can be asked of a decoder to do with, and more could be.
    fn has_half_its_goal(&self) -> bool {
        let (target, enough) = (self.target(), self.pacing.goal(&self.options).half());
        let has_more = self.tracks.iter().any(|track| !track.is_complete(target));
        has_more
            && self.tracks.iter().all(|track| {
                let here = track.sink.held.ranges().around(target);
                track.is_complete(target) || here.is_some_and(|(_, end)| end - target >= enough)
            })
    }

    /// How often the goal ahead is doubled: with pictures far apart it holds fewer than the decoder wants before it shows one.
    fn lift(&self, now: Now) -> u32 {
        let late = self.starved_since.map_or(Duration::ZERO, |since| now - since);
        let due = (0..MOST_LIFTED).find(|lift| late < DECODER_STARVES * (lift + 1)).unwrap_or(MOST_LIFTED);
        self.lifted.max(due)
    }

    /// When it is doubled next.
    pub(super) fn lifts_at(&self) -> Option<Now> {
        let since = self.starved_since.filter(|_| self.lifted < MOST_LIFTED)?;
        Some(since + DECODER_STARVES * (self.lifted + 1))
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
    /// bytes would be in the link's queue before those that are wanted then. A viewer who has watched for long stays for long.
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

    /// The rate of all that plays, in the highest rungs.
    fn bits_per_second(&self) -> f64 {
        self.tracks.iter().map(Track::most_bits_per_second).sum()
    }

    /// Of a film of several rungs they are scarce for longer: sound is a good part of a low one, and all that is ahead of the pictures
    /// they have to wait for.
    fn scarce_pictures(&self, has_rungs: bool) -> Option<MediaTime> {
        let enough = if has_rungs { self.options.ahead } else { self.options.low };
        let track = self.tracks.iter().find(|track| track.feed.stream.kind == Some(Kind::Video))?;
        let until = track.feed.received_until();
        (!track.feed.has_received_all() && until - self.target() < enough).then_some(until)
    }
}
