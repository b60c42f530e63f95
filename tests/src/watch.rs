//! What the recorder in the page has noted, and how to judge it.

use serde::Deserialize;
use test_film::{Film, Tone, cells};

use crate::Kind;

/// By how many frames pictures come late in WebKitGTK where B-frames have delayed them: it does not apply the edit list that takes
/// the delay back.
const LATE: u32 = 2;

/// More than the seconds of the three B-frames in a row that the test films have at most, at 24 pictures a second.
const REORDERED: f64 = 0.13;

fn late(film: &Film, by: u32) -> f64 {
    f64::from(by) / f64::from(film.frame_rate)
}

/// Everything noted since the page was opened.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Watch {
    /// Every frame that the browser announced, in order of showing.
    pub frames: Vec<Frame>,
    /// Events of the video element and of the player.
    pub events: Vec<Event>,
    /// What was heard, on a page that was opened to be listened to.
    pub pitches: Vec<Pitch>,
    /// `video.buffered` when it had the most separate ranges while a frame was shown.
    pub ranges: Vec<(f64, f64)>,
    /// `video.buffered` at the end.
    pub buffered: Vec<(f64, f64)>,
    /// `video.played` at the end.
    pub played: Vec<(f64, f64)>,
    /// `video.currentTime` at the end.
    pub current_time: f64,
    /// `video.duration`.
    pub duration: Option<f64>,
}

/// A frame as shown.
#[derive(Clone, Debug, Deserialize)]
pub struct Frame {
    /// Its presentation time in seconds.
    pub time: f64,
    /// The same as the browser announced it, where it did; of WebKit, when it was asked again after the picture had been read.
    #[serde(default)]
    announced: Option<f64>,
    row: String,
    /// A digest of all its pixels, on a page that was opened with eyes.
    #[serde(default)]
    pub(crate) picture: Option<u32>,
    /// When it was shown, in milliseconds of the page.
    #[serde(default)]
    pub(crate) shown: f64,
}

/// An event.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// `video` or `player`.
    pub source: String,
    /// Such as `waiting`.
    pub kind: String,
    /// Playhead in seconds.
    pub at: f64,
    /// When it was told, in milliseconds of the page.
    #[serde(default)]
    pub(crate) now: f64,
    /// The message or the cause that a player's event carries.
    pub detail: String,
    /// The bytes of which `damaged` tells.
    #[serde(default)]
    pub(crate) damaged: Option<DamagedBytes>,
}

/// A fragment that came damaged.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct DamagedBytes {
    /// Of its chunk.
    pub(crate) url: String,
    /// Its first byte.
    pub(crate) start: u64,
}

/// The loudest frequency of each channel, in hertz.
#[derive(Clone, Debug, Deserialize)]
pub struct Pitch {
    /// Playhead in seconds.
    pub time: f64,
    /// Left channel; 0 when silent.
    pub left: f64,
    /// Right channel; 0 when silent.
    pub right: f64,
}

impl Frame {
    /// The number burnt into it; `None` when the row of cells is none.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        let row: Vec<bool> = self.row.chars().map(|cell| cell == '#').collect();
        cells::read(row.try_into().ok()?)
    }

    /// Panics unless this is the frame that `film` has at this time.
    ///
    /// Of Firefox only the playhead is known, which on a busy machine may be older than the picture, and what it announces, which may be
    /// newer: the picture lies between both, or up to a second beside them.
    pub fn assert_right(&self, film: &Film) {
        if let Some(fault) = self.fault(film, Kind::under_test()) {
            panic!("{fault}");
        }
    }

    /// What is wrong with it in a browser of that kind, if anything is.
    pub(crate) fn fault(&self, film: &Film, kind: Kind) -> Option<String> {
        let (expected, found) = (film.number_at(self.time), self.number());
        let is_near = |found: u32| match kind {
            Kind::Chromium => found == expected,
            Kind::Firefox => {
                let announced = film.number_at(self.announced.unwrap_or(self.time).max(self.time));
                film.steps(found, expected) <= film.frame_rate
                    || film.steps(expected, found) <= film.steps(expected, announced) + film.frame_rate
            }
            // Late pictures apart, its time may be that of the playhead, which lies between two pictures. What is drawn is the video, which
            // may have gone on since it was asked, up to when it is asked again.
            Kind::WebKit => {
                let until = film.number_at(self.announced.unwrap_or(self.time).max(self.time));
                film.steps(found, expected) <= LATE + 1
                    || film.steps(expected, found) <= film.steps(expected, until) + 1
            }
        };
        let right = found.is_some_and(is_near);
        let fault = || format!("frame {found:?} instead of {expected} is shown at {} s, cells {}", self.time, self.row);
        (!right).then(fault)
    }

    /// Panics unless this is the frame that `film` shows at `seconds`.
    ///
    /// Firefox shows the frame before where a seek goes to the very border between two.
    pub fn assert_covers(&self, film: &Film, seconds: f64) {
        let Self { time, row, .. } = self;
        assert!(
            self.covers(film, seconds),
            "frame {:?}, of {time} s, is shown at {seconds} s, cells {row}",
            self.number()
        );
    }

    /// Whether this is the frame that `film` shows at `seconds`, in the same sense.
    pub(crate) fn covers(&self, film: &Film, seconds: f64) -> bool {
        let half = 0.5 / f64::from(film.frame_rate);
        // Times of frames are whole microseconds.
        let number = |tolerance: f64| Some(film.number_at(seconds + tolerance - half));
        let found = self.number();
        found == number(1e-4)
            || match Kind::under_test() {
                Kind::Chromium => false,
                Kind::Firefox => found == number(-1e-4),
                // And where a seek goes to the end of a picture, that may be the next one.
                Kind::WebKit => (0..=LATE).any(|by| found == number(1e-4 - late(film, by))),
            }
    }
}

impl Watch {
    /// Panics unless every frame shown is the right one for its time.
    pub fn assert_frames_right(&self, film: &Film) {
        assert!(!self.frames.is_empty(), "no frame was shown; events: {:?}", self.events);
        for frame in &self.frames {
            frame.assert_right(film);
        }
    }

    /// Panics unless the frames shown only ever went forward.
    pub fn assert_in_order(&self, film: &Film) {
        for pair in self.frames.windows(2) {
            let (Some(before), Some(after)) = (pair[0].number(), pair[1].number()) else { panic!("{pair:?}") };
            let is_forward = film.steps(before, after) < film.period / 2;
            assert!(is_forward, "frame {before} was shown before {after}, at {} s", pair[1].time);
        }
    }

    /// Events of one kind, `source` being `video` or `player`.
    pub fn events(&self, source: &str, kind: &str) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |event| event.source == source && event.kind == kind)
    }

    /// Panics if playback halted once it had begun, or anything failed.
    pub fn assert_smooth(&self) {
        let begin = self.events.iter().position(|event| event.kind == "playing").expect("playback began");
        let halts: Vec<_> = self.events[begin..]
            .iter()
            .filter(|event| matches!(event.kind.as_str(), "waiting" | "stalled" | "error"))
            .filter(|event| !self.is_firefox_being_itself(event))
            .collect();
        assert!(halts.is_empty(), "{halts:?}");
    }

    /// Firefox begins to play with a picture or two, and waits for more at the very end, a moment before it notices that
    /// there is no more.
    fn is_firefox_being_itself(&self, event: &Event) -> bool {
        let is_begin = self.frames.first().is_some_and(|frame| (event.at - frame.time).abs() < 0.5);
        let is_end = self.duration.is_some_and(|duration| event.at >= duration);
        Kind::under_test() == Kind::Firefox && event.kind == "waiting" && (is_begin || is_end)
    }

    /// Panics if `video.buffered` ever was more than one range. Firefox tells of pictures that have come before the B-frames that are shown
    /// before them: of a group under way these may be missing.
    pub fn assert_without_holes(&self) {
        let is_reordered = |(_, end): (f64, f64), (start, _): (f64, f64)| start - end < REORDERED;
        let under_way = match self.ranges[..] {
            [.., before, last] if Kind::under_test() == Kind::Firefox && is_reordered(before, last) => 1,
            _ => 0,
        };
        assert_eq!(
            self.ranges.len() - under_way,
            1,
            "the buffer had a hole: {:?}; at the end it is {:?}",
            self.ranges,
            self.buffered
        );
    }

    /// Panics unless the film was played from its first to its last quarter second in one go, frames of both were shown, and the end is
    /// where it should be. That its very last frame was shown is [`crate::Page::wait_for_end`]'s to see.
    ///
    /// Firefox and WebKitGTK leave out pictures of a film that plays already where no processor is free for them: of the first and of
    /// the last second one is enough.
    pub fn assert_spans(&self, film: &Film) {
        let end = film.start + f64::from(film.seconds);
        let spans = |from: f64, until: f64, edge: f64| from < film.start + edge && until > end - edge;
        assert!(matches!(self.played[..], [(from, until)] if spans(from, until, 0.25)), "played: {:?}", self.played);
        let (first, last) = (self.frames.first().expect("a frame").time, self.frames.last().expect("a frame").time);
        let edge = if Kind::under_test() == Kind::Chromium { 0.25 } else { 1.0 };
        assert!(spans(first, last, edge), "frames from {first} s to {last} s were shown");
        let duration = self.duration.expect("a film has a duration");
        let late = if Kind::under_test() == Kind::WebKit { late(film, LATE) } else { 0.0 };
        assert!((duration - end).abs() < 0.05 + late, "the duration is {duration} s, the film ends at {end} s");
    }

    /// Panics unless frames were shown shortly before and after `seconds`.
    pub fn assert_shown_around(&self, seconds: f64) {
        let shown = |from: f64, to: f64| self.frames.iter().any(|frame| from <= frame.time && frame.time < to);
        assert!(shown(seconds - 0.5, seconds) && shown(seconds, seconds + 0.5), "no frame on one side of {seconds} s");
    }

    /// Panics unless the tone heard was that of the second shown, with the right channel an octave above the left.
    pub fn assert_pitches_right(&self) {
        // The analyser hears the last 170 ms: near a step it may hear two seconds at once.
        let settled = |pitch: &&Pitch| (0.35..0.95).contains(&pitch.time.fract());
        let pitches: Vec<_> = self.pitches.iter().filter(settled).collect();
        assert!(pitches.len() >= 20, "heard only {} times", self.pitches.len());
        // What WebKitGTK gives to Web Audio has waited there for up to a second.
        let waits: u32 = if Kind::under_test() == Kind::WebKit { 1 } else { 0 };
        let right = |pitch: &&&Pitch| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a film's seconds are few")]
            let second = pitch.time as u32;
            // A bin of the analyser is 6 Hz wide.
            let is_tone = |hertz: f64| (pitch.left - hertz).abs() < 12.0 && (pitch.right - 2.0 * hertz).abs() < 12.0;
            (second.saturating_sub(waits)..=second).any(|second| is_tone(f64::from(Tone::hertz(second))))
        };
        let share = pitches.iter().filter(right).count() * 100 / pitches.len();
        assert!(share >= 90, "the tone was right {share} times in 100: {pitches:?}");
    }
}
