//! What the engine does when the playhead stands still, and before.

use std::time::Duration;

use super::{MediaState, Player};
use crate::append::STANDS;
use crate::output::Output;
use crate::readiness::Course;
use crate::stall::Place;
use crate::stream::Stream;
use crate::{Event, Now, Playhead, StallCause, Stalls, span};

/// While the film plays, the playhead and the goals are looked at after so many seconds of it.
const TICK: f64 = 1.0;

/// And that often where it may soon stand still.
const CLOSE_TICK: Duration = Duration::from_millis(250);

impl Player {
    /// Judges a playhead that has just been sampled.
    pub(super) fn watch_playhead(&mut self, now: Now) {
        if self.media.state != MediaState::Open || self.fatal {
            self.look_at_playhead = None;
            return;
        }
        // The playhead of an earlier moment has moved on since: nothing is judged by it, and nothing moved.
        if self.sampled_at < now {
            return;
        }
        let place = self.place();
        let is_inside = self.media.duration.is_none_or(|duration| self.target() < duration);
        let is_hollow = place.is_appended && !place.is_reported && is_inside;
        self.restraint.hollow = is_hollow.then(|| self.restraint.hollow.unwrap_or(now));
        let verdict = self.stall.sample(now, &self.playhead, self.has_shown, place, &self.options);
        if let Some(to) = verdict.set_playhead {
            if place.behind_hole == Some(to) {
                self.statistics.holes += 1;
                self.emit(Event::SteppedOver { from: self.playhead.time, to });
            } else {
                self.statistics.nudges += 1;
            }
            self.move_playhead(to);
        }
        if verdict.inspect {
            let inspect = |stream: &Stream| Output::Inspect { buffer: stream.lies_in };
            self.out.extend(self.streams.iter().map(inspect));
        }
        if let Some(event) = verdict.event {
            self.note_stall(event);
        } else if self.is_flowing() {
            let course =
                Course { target: self.target(), goal: self.restraint.goal(&self.options), rate: self.playhead.rate };
            let predicted = self.outlook.look(now, &self.streams, course, &self.throughput);
            self.out.extend(predicted.map(Output::Event));
        }
        // The goal moves with the playhead, and a decoder that hangs says nothing.
        let moves = !self.playhead.rests() && !self.playhead.ended;
        let is_close = self.buffered_until(self.playhead.time) - self.playhead.time < self.options.low;
        let tick =
            if is_close { CLOSE_TICK } else { span(TICK / self.playhead.rate.clamp(1.0, 4.0)).unwrap_or(CLOSE_TICK) };
        self.look_at_playhead = [verdict.look_again, moves.then_some(now + tick)].into_iter().flatten().min();
    }

    /// Whether the film plays, and does not stand still.
    fn is_flowing(&self) -> bool {
        let Playhead { seeking, ended, .. } = self.playhead;
        self.has_shown && !self.playhead.rests() && !seeking && !ended && !self.stall.is_told()
    }

    fn note_stall(&mut self, mut event: Event) {
        match &mut event {
            Event::Stalled(cause) => {
                if *cause == StallCause::Network && !self.online {
                    *cause = StallCause::Offline;
                }
                self.stalled = *cause;
                self.statistics.stalls.or_insert(*cause, Stalls::default()).count += 1;
            }
            Event::Recovered { after } => {
                self.statistics.stalls.or_insert(self.stalled, Stalls::default()).time += *after;
            }
            _ => {}
        }
        self.emit(event);
    }

    fn place(&self) -> Place {
        let time = self.target();
        let reaches = |stream: &Stream, id| stream.film.group(id).is_some_and(|group| time + STANDS < group.start);
        let goes_on = |stream: &Stream| stream.first_missing(time).is_none_or(|id| reaches(stream, id));
        let is_appended = self.streams.iter().all(goes_on);
        let holes = self.streams.iter().map(|stream| stream.buffer.ranges());
        let behind_hole =
            holes.filter(|ranges| ranges.around(time).is_none()).filter_map(|ranges| ranges.next_start(time));
        let is_reported = self.streams.iter().all(|stream| stream.buffer.ranges().around(time).is_some());
        let behind_hole = behind_hole.max();
        let fills = |stream: &Stream, next| {
            let missing = stream.first_missing(time).and_then(|id| stream.film.group(id));
            missing.is_none_or(|group| next <= group.start)
        };
        let is_hollow = behind_hole.is_some_and(|next| self.streams.iter().all(|stream| fills(stream, next)));
        Place { is_appended, is_reported, behind_hole, is_hollow }
    }
}
