//! Where the playhead is, and where somebody wants it to be.

use manifest::MediaTime;

use super::Player;
use crate::output::Output;
use crate::stall::STANDS;
use crate::track::Track;
use crate::{Event, Now, Playhead, ReadyState, SeekOrigin};

/// Distance of the playhead from the target of a seek under way above which somebody has moved it: less is rounding.
const MOVED: MediaTime = MediaTime::from_millis(1);

/// Distance from the end up to which an element with `loop` may have been seen last before it goes back to the beginning: it is
/// looked at once a second of the film.
const LOOP: MediaTime = MediaTime::from_millis(2_000);

impl Player {
    /// Where the playhead is, or will be once it can be moved.
    #[must_use]
    pub fn target(&self) -> MediaTime {
        self.departure.unwrap_or(self.playhead.time)
    }

    /// Whether the picture at the target is on the screen.
    pub(super) fn shows_target(&self) -> bool {
        self.shown.has_shown && !self.playhead.seeking && self.departure.is_none()
    }

    pub(super) fn seek(&mut self, now: Now, to: MediaTime, origin: SeekOrigin) {
        let to = to.or_zero().min(self.media.duration.unwrap_or(MediaTime::MAX));
        self.begin_seek(now, to, origin);
        if self.playhead.ready >= ReadyState::Metadata {
            self.departure = None;
            self.move_playhead(to);
        } else {
            self.departure = Some(to);
        }
    }

    fn begin_seek(&mut self, now: Now, to: MediaTime, origin: SeekOrigin) {
        self.seek = Some((to, origin));
        self.ended_at = None;
        self.on_hold = false;
        if self.buffered_until(to) <= to {
            self.shown.leave(origin);
        }
        self.effects.statistics.seeks += 1;
        let at = self.situation(now);
        for track in &mut self.tracks {
            track.leave_others(&at, &mut self.network, &mut self.effects);
        }
        self.effects.tell(Event::Seeking { to, origin });
        self.rest = Some((now + self.options.seek_rest, to, origin));
    }

    pub(super) fn tell_of_rest(&mut self, now: Now) {
        if let Some((_, to, origin)) = self.rest.take_if(|(at, ..)| *at <= now) {
            self.effects.tell(Event::Rested { to, origin });
        }
    }

    /// A sample that shows the playhead there, seeking, is then no news.
    pub(super) fn move_playhead(&mut self, to: MediaTime) {
        self.playhead.time = to;
        self.playhead.seeking = true;
        self.effects.push(Output::SetPlayhead(to));
    }

    pub(super) fn sample(&mut self, now: Now, mut playhead: Playhead) {
        // Where a decoder fails at its first bytes, Chromium may say that all has been played: the playhead has not moved.
        let holds_end = |track: &Track| track.sink.held.ranges().touch(playhead.time - STANDS, MediaTime::MAX);
        if playhead.ended && !playhead.seeking && !self.tracks.iter().any(holds_end) {
            let Playhead { time, paused, .. } = self.playhead;
            playhead = Playhead { time, paused, ended: false, ..playhead };
        }
        let sampled_at = std::mem::replace(&mut self.sampled_at, now);
        let before = std::mem::replace(&mut self.playhead, playhead);
        // Without metadata an element does not seek: it takes note of where to begin (HTML, default playback start position).
        let is_sent = self.film.is_some() && before.ready < ReadyState::Metadata && self.playhead.time != before.time;
        self.departure = self.departure.map(|to| if is_sent { self.playhead.time } else { to });
        if let Some(to) = self.departure.filter(|_| self.playhead.ready >= ReadyState::Metadata) {
            self.departure = None;
            if to != self.playhead.time {
                self.move_playhead(to);
            }
        } else if self.playhead.seeking && (!before.seeking || (self.playhead.time - before.time).abs() > MOVED) {
            // Nobody asked the engine: the person used the browser's own controls, or the film begins again by itself.
            let is_at_end = self.media.duration.is_some_and(|end| before.loops && end - before.time < LOOP);
            let begins_again = self.playhead.time <= MOVED && (before.ended || is_at_end);
            let origin = if begins_again { SeekOrigin::Program } else { SeekOrigin::User };
            let until = self.buffered_until(before.time);
            let played_on = self.shown.until_moved(now, sampled_at, &before, until);
            played_on.into_iter().for_each(|stretch| self.note_shown(stretch));
            self.begin_seek(now, self.playhead.time, origin);
        }
        let news = self.shown.sample(now, &before, &self.playhead);
        news.stretch.into_iter().for_each(|stretch| self.note_shown(stretch));
        self.is_reopening &= !news.shows;
        if news.is_first {
            let after = now - self.loaded_at;
            self.effects.statistics.start.frame = Some(after);
            self.effects.tell(Event::FirstFrame { after });
        }
        if let Some((to, origin)) = self.seek.take_if(|_| news.shows) {
            self.effects.tell(Event::Seeked { to, origin });
        }
        // What lies behind the playhead may be removed at the end, which opens the MediaSource again for a moment.
        let time = self.playhead.time;
        if self.playhead.ended && self.ended_at.replace(time) != Some(time) {
            self.effects.tell(Event::Ended);
        }
    }

    fn note_shown(&mut self, (from, to): (MediaTime, MediaTime)) {
        self.tracks.iter_mut().for_each(|track| track.note_shown(from, to));
    }
}
