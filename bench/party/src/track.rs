//! What one viewer has shown: frames, each with its place in the film and the moment at which it was shown.

/// A frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    /// Its time in the film, in seconds.
    pub(crate) media: f64,
    /// When it was shown, by the machine's clock, in milliseconds.
    pub(crate) wall: f64,
}

/// Frames in the order in which they were shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Track {
    frames: Vec<Frame>,
}

/// Seconds by which the film may go on more than the clock from one frame to the next: a display's tick and a hurried frame. Beyond,
/// the viewer went to another place.
const LEAP: f64 = 0.15;

/// The fastest that a film plays here, corrections included.
const FASTEST: f64 = 1.1;

impl Track {
    /// Takes further frames. One that is stamped no later than the one before it is left out: it was never seen.
    pub(crate) fn add(&mut self, frames: impl IntoIterator<Item = Frame>) {
        for frame in frames {
            if self.frames.last().is_none_or(|last| last.wall < frame.wall) {
                self.frames.push(frame);
            }
        }
    }

    /// Where in the film the viewer was, in seconds: between the frames before and after that moment. `None` where there are not both,
    /// and while it went from one place to another. Of a film that stood still the frames say so themselves.
    pub(crate) fn place_at(&self, wall: f64) -> Option<f64> {
        let after = self.frames.partition_point(|frame| frame.wall <= wall);
        let (from, to) = (self.frames.get(after.checked_sub(1)?)?, self.frames.get(after)?);
        let (shown, passed) = (to.media - from.media, (to.wall - from.wall) / 1e3);
        if shown < 0.0 || shown > passed * FASTEST + LEAP {
            return None;
        }
        Some(from.media + shown * (wall - from.wall) / (to.wall - from.wall))
    }

    /// The first frame after `wall` that is wanted.
    pub(crate) fn first_after(&self, wall: f64, is_wanted: impl Fn(&Frame) -> bool) -> Option<Frame> {
        let after = self.frames.partition_point(|frame| frame.wall <= wall);
        self.frames[after..].iter().copied().find(is_wanted)
    }

    /// How long the film stood each time after `from`, up to `to`, in milliseconds: between two frames more time passed than film. Frames
    /// that were not composed are none of it.
    pub(crate) fn stood(&self, from: f64, to: f64) -> Vec<f64> {
        /// Milliseconds without a new frame from which on a film stands still.
        const LEAST: f64 = 250.0;
        let until = |wall: f64| self.frames.partition_point(|frame| frame.wall <= wall);
        let frames = &self.frames[until(from).min(until(to))..until(to)];
        let stood = frames.windows(2).map(|pair| {
            let (passed, shown) = (pair[1].wall - pair[0].wall, (pair[1].media - pair[0].media) * 1e3);
            if (0.0..passed).contains(&shown) { passed - shown } else { 0.0 }
        });
        stood.filter(|stood| *stood >= LEAST).collect()
    }

    /// How many frames were shown after `from`, up to `to`.
    pub(crate) fn count(&self, from: f64, to: f64) -> usize {
        let until = |wall: f64| self.frames.partition_point(|frame| frame.wall <= wall);
        until(to).saturating_sub(until(from))
    }

    /// The last frame up to `wall`.
    pub(crate) fn last_before(&self, wall: f64) -> Option<Frame> {
        let after = self.frames.partition_point(|frame| frame.wall <= wall);
        self.frames.get(after.checked_sub(1)?).copied()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A film of 24 frames a second from `media` on, shown from `wall` on for so many seconds.
    pub(crate) fn playing(media: f64, wall: f64, seconds: u32) -> impl Iterator<Item = Frame> {
        (0..seconds * 24).map(|n| f64::from(n) / 24.0).map(move |at| Frame { media: media + at, wall: wall + at * 1e3 })
    }

    #[test]
    fn a_place_lies_between_two_frames() {
        let mut track = Track::default();
        track.add(playing(10.0, 5_000.0, 2));
        let place = track.place_at(5_512.3).expect("it plays");
        assert!((place - 10.5123).abs() < 1e-9, "{place}");
        assert_eq!(track.place_at(4_999.0), None, "before the first");
        assert_eq!(track.place_at(7_001.0), None, "after the last");
        assert_eq!(track.count(5_000.0, 6_000.0), 24);
    }

    #[test]
    fn dropped_frames_do_not_move_the_film_and_a_stall_holds_it() {
        let mut track = Track::default();
        track.add(playing(0.0, 0.0, 4).filter(|frame| !(1_000.0..2_000.0).contains(&frame.wall)));
        let place = track.place_at(1_500.0).expect("between two");
        assert!((place - 1.5).abs() < 1e-9, "frames that were not composed: {place}");
        assert!(track.stood(0.0, 4_000.0).is_empty());
        let mut track = Track::default();
        track.add(playing(0.0, 0.0, 1).chain(playing(1.0, 3_000.0, 1)));
        let place = track.place_at(2_500.0).expect("between two");
        assert!((0.95..=1.0).contains(&place), "it stood: {place}");
        let stood = track.stood(500.0, 3_500.0);
        assert!(matches!(stood[..], [once] if (once - 2_000.0).abs() < 1e-6), "{stood:?}");
    }

    #[test]
    fn nobody_is_anywhere_while_seeking() {
        for to in [100.0, 0.0] {
            let mut track = Track::default();
            track.add(playing(50.0, 0.0, 1).chain(playing(to, 1_200.0, 1)));
            assert_eq!(track.place_at(1_100.0), None);
            let place = track.place_at(1_700.0).expect("it plays again");
            assert!((place - to - 0.5).abs() < 1e-9, "{place}");
        }
    }

    #[test]
    fn frames_that_overtake_are_left_out() {
        let mut track = Track::default();
        track.add([(0.0, 0.0), (0.1, 100.0), (0.05, 90.0), (0.2, 200.0)].map(|(media, wall)| Frame { media, wall }));
        assert_eq!(track.place_at(150.0).map(|place| (place * 1e3).round()), Some(150.0));
    }
}
