//! Why the picture stands still, and what moves it on.

use std::time::Duration;

use manifest::MediaTime;

use crate::{Event, Now, Options, Playhead, ReadyState, StallCause};

/// Time for which a playhead may stand still without that meaning anything: it is between two frames.
const PATIENCE: Duration = Duration::from_millis(250);

/// Distance from the end of what is buffered within which a playhead may stand still: browsers do not play to the last frame.
pub(crate) const STANDS: MediaTime = MediaTime::from_millis(250);

/// How often the time is doubled after which a playhead is nudged again.
const MOST_DOUBLINGS: u32 = 4;

/// What the playhead did lately.
#[derive(Debug, Default)]
pub(crate) struct Stall {
    /// Where it is, and since when.
    still: Option<(MediaTime, Now)>,
    /// Since when there has been a picture.
    shown: Option<Now>,
    /// Whether it rested by right at the last sample.
    rested: bool,
    /// Since when it has stood still, if the page has been told.
    told: Option<Now>,
    /// Where it was nudged to last.
    nudged: MediaTime,
    /// How often it has been nudged since it went on by itself. Each time it is given twice as long: from another place the decoder begins
    /// at the keyframe before it once more, which takes a busy machine longer than [`Options::nudge`].
    nudges: u32,
    /// When it was last seen seeking.
    sought: Now,
    /// Since when there has been something to show in its place: the browser reports it, or nothing more has to come.
    fed: Option<Now>,
    /// Since when nothing more has had to come for it to move.
    supplied: Option<Now>,
    /// When the browser was last asked what it holds.
    inspected: Now,
}

/// What is known about the place where the playhead stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Whether every stream has appended what belongs there, and enough after it for the playhead to move.
    pub(crate) is_appended: bool,
    /// Whether the browser reports that it has that in every SourceBuffer.
    pub(crate) is_reported: bool,
    /// Where the next place is that all streams can play, if the browser reports a gap here.
    pub(crate) after_gap: Option<MediaTime>,
    /// Whether all that belongs into the gap has been appended.
    pub(crate) is_gap_filled: bool,
}

/// What to do.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) event: Option<Event>,
    pub(crate) set_playhead: Option<MediaTime>,
    /// Whether the browser may have lost what has been appended.
    pub(crate) inspect: bool,
    /// When to look again.
    pub(crate) look_again: Option<Now>,
}

impl Stall {
    /// A sample of the playhead; `has_shown` once there has been a first frame.
    pub(crate) fn sample(
        &mut self,
        now: Now,
        playhead: &Playhead,
        has_shown: bool,
        place: Place,
        options: &Options,
    ) -> Verdict {
        self.shown = has_shown.then(|| self.shown.unwrap_or(now));
        let moves = self.still.is_none_or(|(time, _)| time != playhead.time);
        // What rested has stood still by right until now.
        let resumes = std::mem::replace(&mut self.rested, playhead.rests()) && !playhead.rests();
        if moves || resumes || playhead.ended {
            self.still = Some((playhead.time, now));
        }
        if playhead.time + STANDS < self.nudged || self.nudged + STANDS < playhead.time {
            self.nudges = 0;
        }
        if playhead.seeking {
            self.sought = now;
        }
        // A film that rests stands still by right, unless it waits for a picture in a gap.
        let waits = playhead.ready < ReadyState::CurrentData && place.is_appended;
        let fine =
            playhead.ended || (playhead.rests() && !waits) || (moves && playhead.ready >= ReadyState::FutureData);
        if fine {
            let event = self.told.take().map(|since| Event::Recovered { after: now - since });
            return Verdict { event, ..Verdict::default() };
        }
        let since = self.still.map_or(now, |(_, since)| since);
        let is_supplied = is_supplied(playhead, place);
        self.fed = (is_supplied || place.is_reported).then(|| self.fed.unwrap_or(now));
        self.supplied = is_supplied.then(|| self.supplied.unwrap_or(now));
        let mut verdict = Verdict { look_again: Some(now + PATIENCE), ..Verdict::default() };
        if now - since < PATIENCE {
            return verdict;
        }
        // A decoder takes its time after a seek and at the start: only a long rest before data is a stall.
        let lasts = self.fed.is_none_or(|fed| now - since.max(fed) >= options.nudge);
        // Nobody sees a hidden page stand still.
        if has_shown && lasts && self.told.is_none() && !playhead.rests() && !playhead.hidden {
            self.told = Some(since);
            verdict.event = Some(Event::Stalled(cause(playhead, place)));
        }
        if let Some(supplied) = self.supplied {
            verdict.set_playhead = self.way_out(now, since.max(supplied), playhead, place, options);
            verdict.inspect = self.may_inspect(now, since, options);
        }
        verdict
    }

    /// Once for every [`Options::nudge`] that the playhead has stood still.
    fn may_inspect(&mut self, now: Now, since: Now, options: &Options) -> bool {
        let due = now - self.inspected.max(since) >= options.nudge;
        if due {
            self.inspected = now;
        }
        due
    }

    /// Whether playback stands still, as far as the page knows.
    pub(crate) fn is_told(&self) -> bool {
        self.told.is_some()
    }

    fn way_out(&mut self, now: Now, since: Now, at: &Playhead, place: Place, options: &Options) -> Option<MediaTime> {
        if let Some(next) = place.after_gap {
            // Into a large one something might still come, unless all that belongs there has.
            let is_lasting = place.is_gap_filled && now - since >= options.nudge;
            return (next - at.time <= options.hole || is_lasting).then_some(next);
        }
        // Before its first picture no decoder hangs: it takes its time, and WebKitGTK loses what is sought meanwhile.
        let since = self.shown.map(|shown| since.max(shown).max(self.sought));
        let patience = options.nudge.saturating_mul(1 << self.nudges.min(MOST_DOUBLINGS));
        let lasts = since.is_some_and(|since| now - since >= patience);
        let stuck = lasts && place.is_reported && !at.seeking && !at.rests();
        stuck.then(|| {
            self.nudges += 1;
            self.sought = now;
            self.nudged = at.time + MediaTime::from_millis(20);
            self.nudged
        })
    }
}

/// Whether nothing more has to come for the playhead to move. The last group that is known of a film without an index is
/// not whole before the next has begun, but the browser plays it.
fn is_supplied(playhead: &Playhead, place: Place) -> bool {
    place.is_appended || playhead.ready >= ReadyState::FutureData
}

fn cause(playhead: &Playhead, place: Place) -> StallCause {
    match (is_supplied(playhead, place), playhead.seeking) {
        (true, _) => StallCause::Decoder,
        (false, true) => StallCause::Seek,
        (false, false) => StallCause::Network,
    }
}
