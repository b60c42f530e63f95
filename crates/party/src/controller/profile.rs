//! What is known of a browser before anything has been measured.

use crate::Span;

/// How a browser's player is to be steered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Whether small changes of the rate go unnoticed. Where they do not, drift is corrected by waiting and by seeking alone.
    pub steers_by_rate: bool,
    /// Drift below that is left alone: 6 ms, and 100 ms where every correction is seen.
    pub dead_band: Span,
    /// The smallest change of the rate that does anything, in millionths.
    pub least_nudge: i32,
    /// How much later than the player says a picture is shown, or its sound heard: what the platform does not report, such as
    /// the delay of a Bluetooth headset. Zero unless set.
    pub output_latency: Span,
}

impl Profile {
    /// The rate is changed by 0.1 % or more: with less, a correction takes too long to be worth its two changes.
    pub const CHROMIUM: Self =
        Self { steers_by_rate: true, dead_band: Span::from_millis(6), least_nudge: 1_000, output_latency: Span::ZERO };

    /// As Chromium.
    pub const FIREFOX: Self = Self::CHROMIUM;

    /// Safari and everything else on WebKit: sound stutters at each change of the rate.
    pub const WEBKIT: Self = Self { steers_by_rate: false, dead_band: Span::from_millis(100), ..Self::CHROMIUM };
}

impl Default for Profile {
    fn default() -> Self {
        Self::CHROMIUM
    }
}
