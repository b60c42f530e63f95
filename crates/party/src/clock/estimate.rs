//! From probes to an offset.

use crate::{Now, RoomTime, Span};

/// The most that two clocks drift apart, as a part of the time that passes: quartz is within 100 millionths, a machine whose time is
/// being corrected somewhat more.
const DRIFT: f64 = 250e-6;

/// Error that rounding adds to a probe: two of its stamps are of browsers, of which Firefox and Safari round to a millisecond.
const ROUNDING: Span = Span::from_millis(2);

/// The least error that a probe is weighed with, as a standard deviation in microseconds: that of one whose round trip was the shortest.
const FLOOR: f64 = 700.0;

/// Drift that two clocks usually have, as a standard deviation in millionths: it holds the line level while there are few probes.
const USUAL_DRIFT: f64 = 60.0;

/// A probe and its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    /// The middle between sending and answer.
    pub(super) at: Now,
    /// The room's clock less the member's, were both ways equally long.
    pub(super) offset: Span,
    /// Both ways together.
    pub(super) round_trip: Span,
}

impl Probe {
    pub(super) fn new(now: Now, sent: Now, received: RoomTime, answered: RoomTime) -> Self {
        let middle = |from: i64, to: i64| from.saturating_add(to.saturating_sub(from) / 2);
        let at = Now::from_micros(middle(sent.as_micros(), now.as_micros()));
        let theirs = middle(received.as_micros(), answered.as_micros());
        let offset = Span::from_micros(theirs.saturating_sub(at.as_micros()));
        Self { at, offset, round_trip: (now - sent) - (answered - received) }
    }

    /// How far the offset at `now` may lie from this probe's.
    fn reach(&self, now: Now) -> Span {
        Span::from_micros(self.round_trip.as_micros() / 2) + ROUNDING + drift(now - self.at)
    }

    /// Whether both can be true.
    pub(super) fn agrees(&self, newer: &Self) -> bool {
        (self.offset - newer.offset).abs() <= self.reach(newer.at) + newer.reach(newer.at)
    }
}

fn drift(span: Span) -> Span {
    Span::from_micros((span.as_micros().unsigned_abs() as f64 * DRIFT) as i64)
}

/// A line through the offsets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    at: Now,
    offset: Span,
    /// By how much the offset grows, microseconds a second.
    slope: f64,
    bound: Span,
}

impl Estimate {
    /// `None` where there are no probes.
    pub(super) fn of(probes: &[Probe], now: Now) -> Option<Self> {
        let shortest = probes.iter().map(|probe| probe.round_trip).min()?;
        let first = probes.first()?.offset;
        // Offsets are counted from the first one: their differences are small, they themselves are not.
        let mut sums = Sums { xx: USUAL_DRIFT.powi(-2), ..Sums::default() };
        for probe in probes {
            let seconds = (probe.at - now).as_micros() as f64 / 1e6;
            let difference = (probe.offset - first).as_micros() as f64;
            // The delay beyond the shortest lies on both ways in unknown parts: an error spread evenly up to half of it.
            let excess = (probe.round_trip - shortest).as_micros() as f64 / 2.0;
            sums.add((FLOOR * FLOOR + excess * excess / 3.0).recip(), seconds, difference);
        }
        let (offset, slope) = sums.line();
        let offset = first + Span::from_micros(offset.round() as i64);
        let lowest = probes.iter().map(|probe| probe.offset - probe.reach(now)).max()?;
        let highest = probes.iter().map(|probe| probe.offset + probe.reach(now)).min()?;
        // Where they agree in pairs they share a point.
        let offset = offset.min(highest).max(lowest);
        let bound = (highest - offset).max(offset - lowest);
        Some(Self { at: now, offset, slope: slope.clamp(-DRIFT * 1e6, DRIFT * 1e6), bound })
    }

    pub(super) fn at(&self) -> Now {
        self.at
    }

    pub(super) fn offset(&self, now: Now) -> Span {
        let seconds = (now - self.at).as_micros() as f64 / 1e6;
        self.offset + Span::from_micros((seconds * self.slope).round() as i64)
    }

    pub(super) fn bound(&self, now: Now) -> Span {
        self.bound + drift(now - self.at) + drift(now - self.at)
    }
}

/// What a weighted line through points is made of.
#[derive(Debug, Default)]
struct Sums {
    w: f64,
    x: f64,
    xx: f64,
    y: f64,
    xy: f64,
}

impl Sums {
    fn add(&mut self, weight: f64, x: f64, y: f64) {
        self.w += weight;
        self.x += weight * x;
        self.xx += weight * x * x;
        self.y += weight * y;
        self.xy += weight * x * y;
    }

    /// The value at 0 and the slope. There is a weight, and `xx` begins above 0: nothing is divided by 0.
    fn line(&self) -> (f64, f64) {
        let determinant = self.w * self.xx - self.x * self.x;
        let value = (self.xx * self.y - self.x * self.xy) / determinant;
        let slope = (self.w * self.xy - self.x * self.y) / determinant;
        (value, slope)
    }
}
