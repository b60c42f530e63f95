//! What has been shown: the one record of it.

use manifest::MediaTime;

use crate::now::film_in_at;
use crate::{Now, Playhead, ReadyState, SeekOrigin};

/// A stretch of the film.
pub(crate) type Stretch = (MediaTime, MediaTime);

/// The shortest stretch: of a picture that is shown and does not move.
const MOMENT: MediaTime = MediaTime::from_micros(1);

/// What the viewer has seen and sees.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shown {
    /// Whether there has been a first frame.
    pub(crate) has_shown: bool,
    /// Since when the picture at the playhead has been on the screen; `None` while it is not.
    pub(crate) since: Option<Now>,
    /// How much of the film has been shown since the start, or since the last seek to where nothing was buffered.
    pub(crate) watched: MediaTime,
    /// Who wanted that seek; `None` since the start.
    pub(crate) came_by: Option<SeekOrigin>,
}

/// What a sample of the playhead shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct News {
    /// The picture at the playhead is on the screen.
    pub(crate) shows: bool,
    /// It is the first of all.
    pub(crate) is_first: bool,
    /// What has been shown since the sample before.
    pub(crate) stretch: Option<Stretch>,
}

impl Shown {
    /// Somebody seeks to where nothing is buffered.
    pub(crate) fn leave(&mut self, origin: SeekOrigin) {
        (self.watched, self.came_by) = (MediaTime::ZERO, Some(origin));
    }

    /// Takes note of a sample; `before` is the sample before it.
    pub(crate) fn sample(&mut self, now: Now, before: &Playhead, playhead: &Playhead) -> News {
        let goes_on = !before.seeking && !playhead.seeking;
        if goes_on {
            self.watched = self.watched + (playhead.time - before.time).or_zero();
        }
        let shows = playhead.ready >= ReadyState::CurrentData && !playhead.seeking;
        let from = if goes_on && self.since.is_some() { before.time.min(playhead.time) } else { playhead.time };
        let stretch = shows.then_some((from, playhead.time + MOMENT));
        self.since = shows.then(|| self.since.unwrap_or(now));
        let is_first = shows && !std::mem::replace(&mut self.has_shown, true);
        News { shows, is_first, stretch }
    }

    /// What has been shown since the last sample, taken at `sampled_at`, of a playhead that has been moved away meanwhile
    /// without the engine: it went on for that long at most, and no further than `buffered_until`.
    pub(crate) fn until_moved(
        &self,
        now: Now,
        sampled_at: Now,
        before: &Playhead,
        buffered_until: MediaTime,
    ) -> Option<Stretch> {
        let played = self.since.is_some() && !before.rests() && before.ready >= ReadyState::FutureData;
        let until = before.time + film_in_at(now - sampled_at, before.rate);
        let until = until.min(buffered_until);
        (played && before.time < until).then_some((before.time, until))
    }
}
