//! How far ahead of the playhead to fetch, and what is put off though there is room: what is only for later would take the
//! link, the page's thread and the decoder from what somebody waits for.
//!
//! `player/pacing.rs` works it out before each round. It acts in five places: the goal ahead (`Sink::goal`), in `feed/asking.rs` what is put
//! off by `holds_back`, by `need_not_ask` and, for sound, by `sound_limit`, and what a full SourceBuffer is emptied of (`Sink::evict`). By the
//! goal `Feed::lacks_room` tells whether to read on, strictly, and `need_not_ask` whether to ask: no more from the goal less
//! `Options::reopen`, or a third of it, on. Either is `Activity::AtGoal`, and nothing else means that the goal is reached. Only the goal is
//! what the options `aheadAtFirst` and `aheadAtFirstInParty` set.

use std::time::Duration;

use manifest::MediaTime;

use crate::{Now, Options};

/// Film ahead below which no time may be lost, over a link that can refill the buffer at will: the next fragments are here long
/// before it has been played.
const LOW_OVER_AMPLE_LINK: MediaTime = MediaTime::from_millis(2_000);

/// Time that a decoder may take to show a picture of which it has all bytes. One that takes longer may want more bytes than most do.
const DECODER: Duration = Duration::from_millis(250);

/// Longer than any film: fetch as far as the goal in bytes allows.
const EVERYTHING: MediaTime = MediaTime::from_millis(1_000 * 3_600 * 1_000);

/// The limits for this round, the same for all streams.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pacing {
    /// Whether a third more than [`Options::ahead`] is fetched. A film of several rungs need not be played at the rate that the link
    /// carries: what lies further ahead costs no more than better pictures, and outlasts outages.
    pub(crate) has_reserve: bool,
    /// The goal ahead of the playhead over a link that is ample, and only there; `None` is no limit. That there is one makes [`Self::low`]
    /// less, too.
    pub(crate) limit: Option<MediaTime>,
    /// Until then a paused film whose picture has just come fetches nothing more.
    pub(crate) dwells_until: Option<Now>,
    /// Since when every stream has received what shows the picture at the target, and it is not on the screen.
    pub(crate) decodable_since: Option<Now>,
    /// Up to when pictures have been received, where that is not far ahead: sound goes only a little further.
    pub(crate) pictures_until: Option<MediaTime>,
    /// Whether the playhead gets on only where the next content is, or at the film's end, however far away that is.
    pub(crate) has_to_leap: bool,
    /// Number of times that the goal is doubled, because the decoder wants more pictures than that holds.
    pub(crate) lifted: u32,
}

impl Pacing {
    /// How far ahead of the playhead to fetch, whatever fits into the SourceBuffers: `Sink::goal` is what counts for one.
    pub(crate) fn goal(&self, options: &Options) -> MediaTime {
        if self.has_to_leap {
            return EVERYTHING;
        }
        if self.lifted > 0 {
            return MediaTime::from_micros(options.ahead.as_micros().saturating_mul(1 << self.lifted.min(8)));
        }
        let reserve = if self.has_reserve { options.ahead.third() } else { MediaTime::ZERO };
        self.limit.map_or(options.ahead + reserve, |limit| limit.min(options.ahead))
    }

    /// Film ahead below which no time may be lost.
    pub(crate) fn low(&self, options: &Options) -> MediaTime {
        self.limit.map_or(options.low, |_| options.low.min(LOW_OVER_AMPLE_LINK))
    }

    /// Whether the decoder has had its time to show what it has.
    pub(crate) fn is_decoder_late(&self, now: Now) -> bool {
        self.decodable_since.is_some_and(|since| since + DECODER <= now)
    }

    /// When the decoder will have had its time.
    pub(crate) fn decoder_late_at(&self) -> Option<Now> {
        self.decodable_since.map(|since| since + DECODER)
    }
}
