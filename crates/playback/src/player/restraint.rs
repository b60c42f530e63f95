//! Why nothing more is asked for though there is room: what is only for later would take the link, the page's thread and the
//! decoder from what somebody waits for.

use std::time::Duration;

use manifest::{Kind, MediaTime};

use super::Player;
use crate::{Now, Options};

/// Whoever looks for a place in a paused film has gone on by then, or stays.
const DWELL: Duration = Duration::from_secs(1);

/// So many times the film's rate is a link that need not be used while somebody looks at a picture.
const AMPLE: f64 = 1.5;

/// So many times the rate of what is played is a link that fills the buffer in no time, whenever that is wanted.
const PLENTY: f64 = 3.0;

/// Over such a link a fragment, and the next, is here long before that much of the film has been played.
const BRIEF: MediaTime = MediaTime::from_millis(2_000);

/// Whoever has watched that many times as long stays for as long as that is ahead.
const STAY: i64 = 6;

/// Of what is kept ahead at first, what is more than [`Options::low`] comes so many times as quickly as it is played.
const RISE: i64 = 2;

/// A decoder that shows nothing for that long though it has what shows a picture may want more than most.
const DECODER: Duration = Duration::from_millis(250);

/// Streams that end so little apart end together: a browser plays the rest (MSE, duration change).
const EVEN: MediaTime = MediaTime::from_millis(100);

/// Longer than any film.
const EVERYTHING: MediaTime = MediaTime::from_millis(1_000 * 3_600 * 1_000);

/// How far the streams hold back, as seen from all of them together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Restraint {
    /// Whoever looks for a place in a paused film may well go on to the next until then.
    dwell: Option<Now>,
    /// Since when every stream has what shows the picture at the target, and there is none.
    sighted: Option<Now>,
    /// Up to when pictures have been received, where that is not far: sound goes only a little further.
    pub(crate) pictures: Option<MediaTime>,
    /// How far ahead is enough, where that is less than [`Options::ahead`].
    enough: Option<MediaTime>,
    /// Since when a stream has nothing at the target though all that belongs there has been appended.
    pub(super) hollow: Option<Now>,
    /// Whether the playhead gets on only where the next content is, or the film's end: however far that is.
    has_to_leap: bool,
}

impl Restraint {
    /// Whether a paused film shows a picture that has only just come, over a link that would not be missed if it went on.
    pub(crate) fn dwells(&self) -> bool {
        self.dwell.is_some()
    }

    /// Whether the decoder has had its time to show what it has.
    pub(crate) fn is_decoder_late(&self, now: Now) -> bool {
        self.sighted.is_some_and(|since| since + DECODER <= now)
    }

    /// How far ahead of the playhead to fetch.
    pub(crate) fn goal(&self, options: &Options) -> MediaTime {
        if self.has_to_leap {
            return EVERYTHING;
        }
        self.enough.map_or(options.ahead, |enough| enough.min(options.ahead))
    }

    /// With less than that ahead no time may be lost.
    pub(crate) fn low(&self, options: &Options) -> MediaTime {
        self.enough.map_or(options.low, |_| options.low.min(BRIEF))
    }

    /// When it ends by itself.
    pub(crate) fn end(&self, now: Now, options: &Options) -> Option<Now> {
        let sighted = self.sighted.map(|since| since + DECODER);
        let hollow = self.hollow.map(|since| since + options.nudge);
        [self.dwell, sighted, hollow].into_iter().flatten().filter(|at| *at > now).min()
    }
}

impl Player {
    pub(super) fn restrain(&mut self, now: Now) {
        let (dwell, pictures, enough) = (self.dwells_until(now), self.scarce_pictures(), self.enough());
        let sighted = self.is_sighted().then(|| self.restraint.sighted.unwrap_or(now));
        let hollow = self.restraint.hollow;
        self.restraint = Restraint { dwell, sighted, pictures, enough, hollow, has_to_leap: false };
        self.restraint.has_to_leap =
            hollow.is_some_and(|since| since + self.options.nudge <= now) || self.nears_an_early_end();
    }

    /// Whether one stream ends soon and another goes on: a browser plays on there only once the other has ended, too (MSE,
    /// SourceBuffer monitoring).
    fn nears_an_early_end(&self) -> bool {
        let mut ends = self.streams.iter().filter_map(|stream| stream.film.chunks.last()?.end);
        let Some((one, other)) = ends.next().zip(ends.next()) else { return false };
        let until = self.target() + self.restraint.goal(&self.options);
        one.min(other) <= until && (one - other).abs() > EVEN
    }

    /// What is fetched for later while somebody looks for a place stands in the way of what they look for, and is thrown
    /// away. Not over a link that playback would soon need all of.
    fn dwells_until(&self, now: Now) -> Option<Now> {
        let until = self.shown_at.filter(|_| self.has_shown && self.playhead.paused)? + DWELL;
        (now < until && self.throughput.carries(self.bits_per_second() * AMPLE)).then_some(until)
    }

    /// Most of those who leave, or go elsewhere, do so soon: what lies far ahead would be thrown away, and its bytes would be
    /// in the link's queue before those that are wanted then.
    fn enough(&self) -> Option<MediaTime> {
        let rate = self.bits_per_second() * self.playhead.rate.max(1.0);
        let watched = self.watched.as_micros();
        let risen = self.options.low + MediaTime::from_micros(watched.saturating_mul(RISE));
        let stays = MediaTime::from_micros(watched / STAY);
        let is_wished = self.options.ahead_at_first < self.options.ahead;
        (is_wished && self.throughput.carries(rate * PLENTY)).then(|| self.options.ahead_at_first.min(risen) + stays)
    }

    fn bits_per_second(&self) -> f64 {
        self.streams.iter().map(|stream| stream.bits_per_second).sum()
    }

    fn is_sighted(&self) -> bool {
        !self.shows() && self.streams.iter().all(|stream| stream.is_sighted(self.target()))
    }

    fn scarce_pictures(&self) -> Option<MediaTime> {
        let stream = self.streams.iter().find(|stream| stream.film.kind == Some(Kind::Video))?;
        let until = stream.received_until();
        (!stream.has_received_all() && until - self.target() < self.options.low).then_some(until)
    }
}
