//! What the engine does when the playhead stands still, and before.

use std::time::Duration;

use manifest::MediaTime;

use super::Player;
use crate::forecast::Course;
use crate::now::time_to_play;
use crate::output::Output;
use crate::stall::{Place, STANDS};
use crate::track::Track;
use crate::{Event, Now, Playhead, ReadyState, StallCause, Stalls};

/// Film between two looks at the playhead and the goals while it plays.
const TICK: MediaTime = MediaTime::from_millis(1_000);

/// The playback rate above which looks come no more often: each costs the page's thread time.
const FASTEST_TICKS: f64 = 4.0;

/// Time between two looks where the playhead may soon stand still.
const CLOSE_TICK: Duration = Duration::from_millis(250);

impl Player {
    /// Judges a playhead that has just been sampled.
    pub(super) fn watch_playhead(&mut self, now: Now) {
        if !self.media.is_open() || self.effects.has_failed() {
            self.look_at_playhead = None;
            return;
        }
        // The playhead of an earlier moment has moved on since: nothing is judged by it, and nothing moved.
        if self.sampled_at < now {
            return;
        }
        let place = self.place();
        let is_inside = self.media.duration.is_none_or(|duration| self.target() < duration);
        let is_gap = place.is_appended
            && !place.is_reported
            && is_inside
            // What plays on has been told that a stream is over.
            && self.playhead.ready < ReadyState::FutureData;
        self.gap_since = is_gap.then(|| self.gap_since.unwrap_or(now));
        // Until another MediaSource has shown something, that it shows nothing is no stall.
        let has_shown = self.shown.has_shown && !self.is_reopening;
        let verdict = self.stall.sample(now, &self.playhead, has_shown, place, &self.options);
        if let Some(to) = verdict.set_playhead {
            if place.after_gap == Some(to) {
                self.effects.statistics.holes += 1;
                self.effects.tell(Event::SteppedOver { from: self.playhead.time, to });
            } else {
                self.effects.statistics.nudges += 1;
            }
            self.move_playhead(to);
        }
        if verdict.inspect {
            self.tracks.iter().for_each(|track| self.effects.push(Output::Inspect { buffer: track.sink.id }));
        }
        if let Some(event) = verdict.event {
            self.note_stall(event);
        } else if self.is_flowing() {
            let (target, goal) = (self.target(), self.pacing.goal(&self.options));
            let course = Course { target, goal, rate: self.playhead.rate };
            let predicted = self.forecast.look(now, &self.tracks, course, &self.network.throughput);
            predicted.into_iter().for_each(|event| self.effects.tell(event));
        }
        // The goal moves with the playhead, and a decoder that hangs says nothing.
        let moves = !self.playhead.rests() && !self.playhead.ended;
        let is_close =
            self.buffered_until(self.playhead.time) - self.playhead.time < self.options.low || self.nears_early_end();
        let tick = if is_close { CLOSE_TICK } else { time_to_play(TICK, self.playhead.rate.clamp(1.0, FASTEST_TICKS)) };
        self.look_at_playhead = [verdict.look_again, moves.then_some(now + tick)].into_iter().flatten().min();
    }

    /// Whether a stream has had nothing at the target for a while, though all that belongs there has been appended.
    pub(super) fn is_gap_lasting(&self, now: Now) -> bool {
        self.gap_since.is_some_and(|since| since + self.options.nudge <= now)
    }

    /// Whether the film plays, and does not stand still.
    fn is_flowing(&self) -> bool {
        let Playhead { seeking, ended, .. } = self.playhead;
        self.shown.has_shown && !self.playhead.rests() && !seeking && !ended && !self.stall.is_told()
    }

    fn note_stall(&mut self, mut event: Event) {
        let receives = self.tracks.iter().any(|track| track.feed.is_receiving());
        match &mut event {
            Event::Stalled(cause) => {
                if *cause == StallCause::Network && !self.online && !receives {
                    *cause = StallCause::Offline;
                }
                self.last_stall = *cause;
                self.effects.statistics.stalls.or_insert(*cause, Stalls::default()).count += 1;
            }
            Event::Recovered { after } => {
                self.effects.statistics.stalls.or_insert(self.last_stall, Stalls::default()).time += *after;
            }
            _ => {}
        }
        self.effects.tell(event);
    }

    fn place(&self) -> Place {
        let time = self.target();
        let start = |track: &Track, id| track.feed.stream.group(id).map(|group| group.start);
        let reaches = |track: &Track, id| start(track, id).is_some_and(|start| time + STANDS < start);
        let goes_on = |track: &Track| track.first_missing(time).is_none_or(|id| reaches(track, id));
        let is_appended = self.tracks.iter().all(goes_on);
        let ranges = || self.tracks.iter().map(|track| track.sink.held.ranges());
        let with_gap = ranges().filter(|ranges| ranges.around(time).is_none());
        let after_gap = with_gap.filter_map(|ranges| ranges.next_start(time)).max();
        let is_reported = ranges().all(|ranges| ranges.around(time).is_some());
        let fills = |track: &Track, next| {
            let missing = track.first_missing(time).and_then(|id| start(track, id));
            missing.is_none_or(|start| next <= start)
        };
        let is_gap_filled = after_gap.is_some_and(|next| self.tracks.iter().all(|track| fills(track, next)));
        Place { is_appended, is_reported, after_gap, is_gap_filled }
    }
}
