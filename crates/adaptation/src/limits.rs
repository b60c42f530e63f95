//! What keeps a rung from being chosen, whatever the link carries.

use std::fmt;
use std::time::Duration;

use crate::{Ahead, Rung, RungId};

/// What the viewer, the page and the device set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Lines that are shown: the element's height times the device's pixel ratio. `None` where that is not known.
    pub shown_height: Option<u32>,
    /// Lines at most, as the page or the viewer has said.
    pub max_height: Option<u32>,
    /// Bits in a second at most, likewise.
    pub max_bits_per_second: Option<u64>,
    /// The highest rung of which few pictures were dropped, where others were.
    pub undropped: Option<RungId>,
    /// Bytes that the browser takes at once, where it has refused more.
    pub quota: Option<u64>,
    /// Whether the viewer has asked to save data.
    pub saves_data: bool,
}

/// Why a rung is out of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// It has more lines than are shown.
    Shown(u32),
    /// It has more lines than are wanted.
    MaxHeight(u32),
    /// It has more bits in a second than are wanted.
    MaxRate(u64),
    /// The device would not decode it in time.
    NotSmooth,
    /// The device has dropped pictures of it, or of a lower one.
    Dropped,
    /// What has to lie ready of it is more than the browser takes.
    Quota(u64),
    /// The viewer saves data.
    SavesData,
}

/// The most lines of a picture for those who save data.
const SAVING_HEIGHT: u32 = 480;

/// Film that has to fit into the SourceBuffer at once: the group that plays and the one that comes, of up to 4 s each.
const HAS_TO_FIT: Duration = Duration::from_secs(8);

impl Limits {
    /// The highest rung that may be chosen, and what stands against the next one. The lowest always may.
    #[must_use]
    pub fn ceiling(&self, ahead: &Ahead<'_>) -> (RungId, Option<Limit>) {
        let mut highest = RungId::LOWEST;
        while let Some(rung) = ahead.rungs.get(highest.above().0) {
            if let Some(limit) = self.against(ahead, highest, rung) {
                return (highest, Some(limit));
            }
            highest = highest.above();
        }
        (highest, None)
    }

    /// What stands against a rung, next to which `below` is.
    fn against(&self, ahead: &Ahead<'_>, below: RungId, rung: &Rung) -> Option<Limit> {
        let lower = ahead.rungs.get(below.0).map_or(0, |rung| rung.height);
        // The first that has as many lines as are shown is not too many: the next lower one would be blurred.
        let is_beyond = |lines: u32| rung.height > lines && lower >= lines;
        let fits = |bytes: u64| {
            let needed = u128::from(rung.bits_per_second) * HAS_TO_FIT.as_micros() / 8_000_000;
            needed <= u128::from(bytes)
        };
        if let Some(lines) = self.shown_height.filter(|lines| is_beyond(*lines)) {
            return Some(Limit::Shown(lines));
        }
        if let Some(lines) = self.max_height.filter(|lines| rung.height > *lines) {
            return Some(Limit::MaxHeight(lines));
        }
        if let Some(rate) = self.max_bits_per_second.filter(|rate| rung.bits_per_second > *rate) {
            return Some(Limit::MaxRate(rate));
        }
        if !rung.is_smooth {
            return Some(Limit::NotSmooth);
        }
        if self.undropped.is_some_and(|highest| below >= highest) {
            return Some(Limit::Dropped);
        }
        if let Some(bytes) = self.quota.filter(|bytes| !fits(*bytes)) {
            return Some(Limit::Quota(bytes));
        }
        (self.saves_data && rung.height > SAVING_HEIGHT).then_some(Limit::SavesData)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shown(lines) => write!(f, "no more than {lines} lines are shown"),
            Self::MaxHeight(lines) => write!(f, "no more than {lines} lines are wanted"),
            Self::MaxRate(rate) => write!(f, "no more than {} kbit/s are wanted", rate / 1_000),
            Self::NotSmooth => f.write_str("this device would not play it smoothly"),
            Self::Dropped => f.write_str("this device has dropped pictures of it"),
            Self::Quota(bytes) => write!(f, "the browser takes no more than {} kB at once", bytes / 1_000),
            Self::SavesData => f.write_str("data is to be saved"),
        }
    }
}

#[cfg(test)]
mod tests;
