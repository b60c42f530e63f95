//! What a member sees of its own player.

use manifest::MediaTime;

use crate::{Now, Rate};

/// A sample of the media element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Where it is: the time of the picture that is shown, as exactly as it is known.
    pub position: MediaTime,
    /// When it was there.
    pub at: Now,
    /// `paused`.
    pub paused: bool,
    /// `seeking`.
    pub seeking: bool,
    /// Whether it has too little to play on from there: `readyState` is below `HAVE_FUTURE_DATA`.
    pub waiting: bool,
    /// `ended`.
    pub ended: bool,
    /// `playbackRate`.
    pub rate: Rate,
    /// Length of the film that is buffered ahead of there, without a break.
    pub buffered: MediaTime,
    /// Whether that is all there is, up to the film's end.
    pub is_all: bool,
}

impl Sample {
    /// Whether it moves.
    #[must_use]
    pub fn moves(&self) -> bool {
        !self.paused && !self.seeking && !self.waiting && !self.ended
    }

    /// Where it is a moment later, if nothing happens.
    #[must_use]
    pub fn position_at(&self, now: Now) -> MediaTime {
        let moved = if self.moves() { self.rate.film((now - self.at).or_zero()) } else { MediaTime::ZERO };
        self.position + moved
    }
}

/// What the player's engine expects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// When the place that was asked for can be played on from; `None` while that is unknown.
    pub ready: Option<Now>,
    /// When it will stand still at the rate at which bytes come; `None` where it will not.
    pub stall: Option<Now>,
}
