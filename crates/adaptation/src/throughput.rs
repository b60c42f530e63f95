//! What a link has carried.
//!
//! 1. Bytes are counted against the time in which somebody waited for them. Time in which nobody did, the wait for an answer's first
//!    byte, and what comes out of the browser's own cache say nothing about how fast bytes come.
//! 2. Two means are kept, of three seconds and of one. A transfer that is over sooner than in a second counts as if it had taken one
//!    at its rate: otherwise a quick link would be believed the later the quicker it is.
//! 3. The time of waiting is cut into half seconds, of which the last sixty make the distribution.
//! 4. Beside all that runs a film of half as much again as the lowest rung, which is played without end from what comes: how far it
//!    has fallen behind at most is the buffer that this link may ask for.

mod mean;

use std::time::Duration;

use mean::Mean;

use crate::Forecast;
use crate::forecast::permille;

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The browser's own cache: it says nothing about the link.
    BrowserCache,
    /// An edge that had it.
    Hit,
    /// An edge that had to ask the origin first: its answers take longer to begin.
    Miss,
    /// A server that does not say.
    Unknown,
}

/// Waiting after which what came before has half the weight, in the mean that says what to expect.
const MEMORY: Duration = Duration::from_secs(3);
/// The same in the mean that says what comes now.
const SHORT_MEMORY: Duration = Duration::from_secs(1);

/// The least time that a transfer counts for, at its own rate: a quick link is believed within a few groups, however short they are.
const LEAST_WEIGHT: Duration = Duration::from_secs(1);

/// Waiting in one slice of the distribution.
const SLICE: Duration = Duration::from_millis(500);
/// Slices in the distribution: the last half minute of waiting.
const SLICES: usize = 60;

/// The least that the low rate is, in thousandths of the mean: a link that has been silent for a while is not silent for ever.
const LOW_LEAST: u64 = 300;
/// The most that the low rate is, in thousandths of the mean: a link that has never faltered may still do so.
const LOW_MOST: u64 = 800;

/// Rate of the film that is played beside everything, in thousandths of the lowest rung's.
const BESIDE: u64 = 1_500;

/// Waiting within which a shortfall fades to about a third (1/e): some three quarters of an hour, the scale of a film.
const SHORTFALL_MEMORY: Duration = Duration::from_secs(2_600);

/// What a link has carried, and what may be expected of it.
#[derive(Clone, Debug)]
pub struct Throughput {
    mean: Mean,
    short: Mean,
    /// What came of the transfer under way, in bytes, and the waiting for it.
    transfer: (u64, Duration),
    slices: [u64; SLICES],
    /// Slices that were ever full.
    full: usize,
    /// The slice under way.
    slice: (u64, Duration),
    /// Bytes in a second of the film that is played beside everything, and how far it is and has been behind.
    beside: u64,
    behind: Duration,
    shortfall: Duration,
    latency: [Option<Duration>; 2],
    /// The share of answers that had to be fetched by the edge, in thousandths.
    misses: u64,
}

impl Throughput {
    /// Knows nothing yet of a link over which a film is to be played whose lowest rung has `lowest` bits in a second.
    #[must_use]
    pub fn new(lowest: u64) -> Self {
        Self {
            mean: Mean::new(MEMORY),
            short: Mean::new(SHORT_MEMORY),
            transfer: (0, Duration::ZERO),
            slices: [0; SLICES],
            full: 0,
            slice: (0, Duration::ZERO),
            beside: permille(lowest / 8, BESIDE).max(1),
            behind: Duration::ZERO,
            shortfall: Duration::ZERO,
            latency: [None; 2],
            misses: 0,
        }
    }

    /// An answer's first byte came this long `after` its request.
    pub fn answered(&mut self, source: Source, after: Duration) {
        if source == Source::BrowserCache {
            return;
        }
        let is_miss = source == Source::Miss;
        let known = &mut self.latency[usize::from(is_miss)];
        *known = Some(known.map_or(after, |known| (known * 3).saturating_add(after) / 4));
        self.misses = (self.misses * 7 + u64::from(is_miss) * 1_000) / 8;
    }

    /// `bytes` of an answer came in a `span` of waiting for them. That none came in it is news, too.
    pub fn received(&mut self, source: Source, bytes: u64, span: Duration) {
        if source == Source::BrowserCache {
            return;
        }
        self.mean.take(bytes, span);
        self.short.take(bytes, span);
        self.transfer = (self.transfer.0.saturating_add(bytes), self.transfer.1.saturating_add(span));
        self.play_beside(bytes, span);
        self.cut(bytes, span);
    }

    /// The transfer is over, whole or given up.
    pub fn completed(&mut self) {
        let (bytes, span) = std::mem::take(&mut self.transfer);
        let more = LEAST_WEIGHT.saturating_sub(span);
        if !span.is_zero() && !more.is_zero() {
            let bytes = u128::from(bytes) * more.as_micros() / span.as_micros().max(1);
            self.mean.take(u64::try_from(bytes).unwrap_or(u64::MAX), more);
        }
    }

    /// What may be expected; `None` while nothing has come.
    #[must_use]
    pub fn forecast(&self) -> Option<Forecast> {
        let expected = self.mean.rate()?;
        let low = self.tenth().clamp(permille(expected, LOW_LEAST), permille(expected, LOW_MOST));
        let now = self.short.rate().unwrap_or(expected);
        Some(Forecast { expected, low, now, latency: self.latency(), shortfall: self.shortfall })
    }

    /// Weighed by how many of the answers lately had to be fetched by the edge.
    fn latency(&self) -> Duration {
        let [hit, miss] = self.latency;
        let usual = hit.or(miss).unwrap_or_default();
        let more = miss.unwrap_or(usual).saturating_sub(usual);
        usual + crate::forecast::part(more, self.misses)
    }

    fn play_beside(&mut self, bytes: u64, span: Duration) {
        // In nanoseconds: of the short reads of a quick link less than a microsecond fades each.
        let fading = self.shortfall.as_nanos().saturating_mul(span.as_nanos()) / SHORTFALL_MEMORY.as_nanos();
        let fading = Duration::from_nanos(u64::try_from(fading).unwrap_or(u64::MAX));
        self.behind = self.behind.saturating_add(span).saturating_sub(crate::forecast::time_of(bytes, self.beside));
        self.shortfall = self.shortfall.saturating_sub(fading).max(self.behind);
    }

    fn cut(&mut self, mut bytes: u64, mut span: Duration) {
        // However long a span is, no more slices are cut of it than are kept.
        while self.slice.1.saturating_add(span) >= SLICE {
            let missing = SLICE - self.slice.1;
            let share = u128::from(bytes) * missing.as_micros() / span.as_micros().max(1);
            let share = u64::try_from(share).unwrap_or(u64::MAX).min(bytes);
            self.slices[self.full % SLICES] = self.slice.0.saturating_add(share);
            self.full += 1;
            self.slice = (0, Duration::ZERO);
            let rest = span - missing;
            let kept = rest.min(SLICE * SLICES as u32);
            let left = u128::from(bytes - share) * kept.as_micros() / rest.as_micros().max(1);
            (bytes, span) = (u64::try_from(left).unwrap_or(u64::MAX), kept);
        }
        self.slice = (self.slice.0.saturating_add(bytes), self.slice.1 + span);
    }

    /// Bytes in a second in the slice that a tenth of them lies below; 0 while there is none.
    fn tenth(&self) -> u64 {
        let mut sorted = self.slices;
        let known = &mut sorted[..self.full.min(SLICES)];
        if known.is_empty() {
            return 0;
        }
        let (_, tenth, _) = known.select_nth_unstable(known.len() / 10);
        tenth.saturating_mul(2)
    }
}

#[cfg(test)]
mod tests;
