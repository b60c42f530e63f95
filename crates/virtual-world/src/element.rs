//! A media element and its MediaSource: a playhead that really stalls.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use manifest::MediaTime;
use playback::{BufferId, Playhead, ReadyState};

use crate::source_buffer::SourceBuffer;

/// From the last byte that a picture needs to the picture.
const DECODE: Duration = Duration::from_millis(15);

/// Farthest that decoders are ahead of the playhead.
const DECODED: MediaTime = MediaTime::from_millis(2_000);

/// Least media ahead with which most decoders begin.
const FEW_FRAMES: MediaTime = MediaTime::from_millis(50);

#[derive(Debug, Default)]
pub struct Element {
    pub buffers: BTreeMap<BufferId, SourceBuffer>,
    pub is_open: bool,
    /// `MediaSource.readyState` is "ended".
    pub has_ended_stream: bool,
    /// `MediaSource.duration`.
    pub duration: Option<MediaTime>,
    pub state: Playhead,
    /// When a seek ends whose data are here.
    seek_done: Option<Duration>,
    /// Since when the state is as it is.
    at: Duration,
    /// What was shown, as runs of media time.
    pub shown: Vec<(MediaTime, MediaTime)>,
    /// A place where the decoder hangs until the playhead is moved.
    pub sticks_at: Option<MediaTime>,
    /// SourceBuffers of which the decoder knows that they are over, until the next seek.
    over: BTreeSet<BufferId>,
    /// How much the decoder wants ahead before it begins.
    pub wants_ahead: Option<MediaTime>,
    /// From the first data at the playhead to the first picture. What is sought in that time is lost, as in WebKitGTK: it never ends.
    pub begins_after: Option<Duration>,
    /// When the first picture comes.
    begins_at: Option<Duration>,
    /// Whether a seek is lost.
    is_lost: bool,
    /// On a busy machine, how long a seek takes, and how long the playhead then stands.
    pub is_slow_by: Option<Duration>,
    /// Until when the playhead stands after a seek.
    stands_until: Duration,
    /// How long playback stood still though it should not have.
    pub waited: Duration,
    /// The decoder has failed: nothing plays, and nothing can be appended.
    pub is_broken: bool,
    /// Whether anything damaged has ever been in a buffer.
    pub has_met_damage: bool,
}

fn media(span: Duration) -> MediaTime {
    MediaTime::from_micros(i64::try_from(span.as_micros()).expect("a test is shorter"))
}

fn wall(span: MediaTime) -> Duration {
    Duration::from_micros(u64::try_from(span.as_micros()).unwrap_or(0))
}

impl Element {
    /// How far the picture can go on from `time`: the intersection of all buffers (MSE, HTMLMediaElement.buffered).
    fn playable_until(&self, time: MediaTime) -> Option<MediaTime> {
        let end = self.buffers.values().map(SourceBuffer::end).max()?;
        let mut playable = None;
        for (id, buffer) in &self.buffers {
            let here = buffer.ranges.around(time);
            if self.over.contains(id) && here.is_none_or(|(_, to)| to == buffer.end()) {
                // It lasts as long as the others.
                playable = playable.or(Some(end));
                continue;
            }
            let is_last = |to: MediaTime| self.has_ended_stream && to == buffer.end();
            let until = match here {
                Some((_, to)) if is_last(to) => Some(end),
                Some((_, to)) => Some(to),
                // A shorter stream that has ended lasts as long as the longest.
                None if self.has_ended_stream && buffer.end() <= time && time < end => Some(end),
                None => None,
            };
            let until = until?;
            playable = Some(playable.map_or(until, |other: MediaTime| other.min(until)));
        }
        playable
    }

    fn is_ready(&self) -> bool {
        self.is_open && !self.buffers.is_empty() && self.buffers.values().all(|buffer| buffer.has_init)
    }

    fn at_end(&self) -> bool {
        self.has_ended_stream && self.duration.is_some_and(|duration| self.state.time >= duration)
    }

    /// Whether data are here, and the first picture is not.
    fn is_beginning(&self) -> bool {
        self.begins_at.is_some_and(|begins| self.at < begins)
    }

    fn is_stuck(&self) -> bool {
        self.sticks_at == Some(self.state.time)
    }

    fn plays(&self) -> bool {
        let rests = self.state.paused || self.state.rate <= 0.0 || self.is_broken;
        let stands = self.is_stuck() || self.at < self.stands_until;
        !rests && !self.state.seeking && self.state.ready >= ReadyState::FutureData && !stands
    }

    /// When something happens by itself.
    pub fn next_event(&self) -> Option<Duration> {
        let begins = self.begins_at.filter(|begins| self.at < *begins);
        let goes_on = Some(self.stands_until).filter(|until| self.at < *until);
        if let Some(event) = self.seek_done.or(begins).or(goes_on) {
            return Some(event);
        }
        if !self.plays() {
            return None;
        }
        self.limit().map(|limit| self.at + wall(limit - self.state.time).div_f64(self.state.rate))
    }

    fn limit(&self) -> Option<MediaTime> {
        let until = self.playable_until(self.state.time)?;
        let stop = self.sticks_at.filter(|stop| self.state.time < *stop);
        stop.into_iter().chain([until]).chain(self.duration).min()
    }

    /// Lets time pass. Whether a media event fired.
    pub fn advance(&mut self, now: Duration) -> bool {
        let passed = now.saturating_sub(self.at);
        if self.plays() {
            let limit = self.limit().unwrap_or(self.state.time);
            let to = (self.state.time + media(passed.mul_f64(self.state.rate))).min(limit);
            self.show(to);
        } else if !self.state.paused && !self.state.ended && !self.state.seeking {
            self.waited += passed;
        }
        self.at = now;
        self.look_again()
    }

    fn show(&mut self, to: MediaTime) {
        let from = std::mem::replace(&mut self.state.time, to);
        match self.shown.last_mut() {
            Some(last) if last.1 == from => last.1 = to,
            _ if from < to => self.shown.push((from, to)),
            _ => {}
        }
    }

    /// Works the state out after something has changed. Whether a media event fired.
    pub fn look_again(&mut self) -> bool {
        let before = self.state.clone();
        let here = self.playable_until(self.state.time);
        let has_data = here.is_some() || self.at_end();
        if let Some(span) = self.begins_after.filter(|_| here.is_some() && self.is_ready()) {
            self.begins_at.get_or_insert(self.at + span);
        }
        if self.state.seeking {
            if has_data && self.is_ready() && !self.is_lost {
                let done = *self.seek_done.get_or_insert(self.at + self.is_slow_by.unwrap_or(DECODE));
                if done <= self.at {
                    self.seek_done = None;
                    self.state.seeking = false;
                    self.stands_until = self.at + self.is_slow_by.unwrap_or_default();
                }
            } else {
                self.seek_done = None;
            }
        }
        self.state.ready = match here {
            _ if !self.is_ready() => ReadyState::Nothing,
            _ if self.state.seeking || self.is_beginning() => ReadyState::Metadata,
            _ if self.at_end() => ReadyState::EnoughData,
            // What plays goes on to the last frame.
            Some(_) if before.ready >= ReadyState::FutureData => ReadyState::EnoughData,
            Some(end) if end - self.state.time > self.wants_ahead.unwrap_or(FEW_FRAMES) => ReadyState::EnoughData,
            Some(end) if self.duration.is_some_and(|duration| end >= duration) => ReadyState::EnoughData,
            Some(_) => ReadyState::CurrentData,
            // The last frame stays on the screen.
            None if before.ready >= ReadyState::CurrentData => ReadyState::CurrentData,
            None => ReadyState::Metadata,
        };
        let ended = self.at_end() && !self.state.seeking && self.is_ready();
        if ended && !self.state.ended {
            self.state.paused = true;
        }
        self.state.ended = ended;
        self.state != Playhead { time: self.state.time, ..before }
    }

    /// `currentTime = to`.
    pub fn seek(&mut self, to: MediaTime) {
        assert!(self.state.ready >= ReadyState::Metadata, "the playhead is moved before the metadata are here");
        self.is_lost |= self.is_beginning();
        self.state.time = to.or_zero().min(self.duration.unwrap_or(MediaTime::MAX));
        self.state.seeking = true;
        self.state.ended = false;
        self.seek_done = None;
        self.sticks_at = None;
        self.over.clear();
        self.look_again();
    }

    /// What is done to a MediaSource that was ended opens it again: decoders that had come to the end of what there is have taken
    /// it for their end. Whether it was ended.
    pub fn open_again(&mut self) -> bool {
        if !std::mem::take(&mut self.has_ended_stream) {
            return false;
        }
        let decoded = self.state.time + DECODED;
        for (id, buffer) in &self.buffers {
            if buffer.ranges.around(self.state.time).map_or(buffer.end(), |(_, end)| end) <= decoded {
                assert!(buffer.has_all(), "a stream is said to be over that is not");
                self.over.insert(*id);
            }
        }
        self.look_again();
        true
    }

    /// `src = ` another MediaSource (HTML, media element load algorithm).
    pub fn load(&mut self) {
        self.buffers.clear();
        (self.is_open, self.has_ended_stream, self.is_broken) = (false, false, false);
        (self.duration, self.seek_done, self.sticks_at) = (None, None, None);
        (self.begins_at, self.is_lost) = (None, false);
        self.state = Playhead { paused: true, hidden: self.state.hidden, ..Playhead::default() };
    }

    pub fn any_updating(&self) -> bool {
        self.buffers.values().any(|buffer| buffer.updating)
    }

    /// `MediaSource.duration = duration`.
    pub fn set_duration(&mut self, duration: MediaTime) {
        assert!(self.is_open && !self.has_ended_stream, "the duration is set while the MediaSource is not open");
        assert!(!self.any_updating(), "the duration is set while an operation is in flight");
        let end = self.buffers.values().map(SourceBuffer::end).max().unwrap_or_default();
        assert!(duration >= end, "a duration of {duration} cuts off what is buffered up to {end}");
        self.duration = Some(duration);
    }

    /// `MediaSource.endOfStream()`.
    pub fn end_of_stream(&mut self) {
        assert!(self.is_open && !self.has_ended_stream, "the stream is ended twice");
        assert!(!self.any_updating(), "the stream is ended while an operation is in flight");
        self.has_ended_stream = true;
        let end = self.buffers.values().map(SourceBuffer::end).max().unwrap_or_default();
        if !self.buffers.is_empty() {
            self.duration = Some(end);
        }
        self.look_again();
    }
}
