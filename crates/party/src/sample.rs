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
    /// Whether that is all there is, up to the film's end; of a film that still goes up, up to the end of what is loaded.
    pub is_all: bool,
    /// How far the film is there, while it still goes up; `None` for a whole one.
    pub growth: Option<Growth>,
}

/// How far a film is there that still goes up: the last places at which a player may stand, for it ends behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// Of what is loaded. More takes a new manifest.
    pub loaded: MediaTime,
    /// Of the newest manifest that is known; `None` where it names all of the film.
    pub known: Option<MediaTime>,
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
