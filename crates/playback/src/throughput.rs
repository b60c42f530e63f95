//! How fast bytes come while they are awaited, and how long an answer takes.

use std::time::Duration;

use crate::Now;

/// The least bytes in a sample, which also takes at least [`SHORTEST`].
const SAMPLE: u64 = 64 << 10;

/// The least time that a sample takes: shorter ones say more about timers than about the network.
const SHORTEST: Duration = Duration::from_millis(50);

/// Time of reading that carries half of the weight, in the average that falls quickly and in the one that rises slowly.
const HALF_LIVES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(8)];

/// A rate of transfer and how much it is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bandwidth {
    /// Bits in a second.
    pub bits_per_second: f64,
    /// From 0, a guess, to 1: half of it comes with 2 s of reading.
    pub confidence: f64,
}

/// Bytes that come in `span` at a rate.
pub(crate) fn bytes_in(span: Duration, bits_per_second: f64) -> u64 {
    (bits_per_second * span.as_micros() as f64 / 8e6) as u64
}

/// How long bytes take at a rate, which is taken to be one bit in a second at least.
pub(crate) fn time_of(bytes: u64, bits_per_second: f64) -> Duration {
    let micros = bytes as f64 * 8e6 / bits_per_second.max(1.0);
    Duration::from_micros(micros.round() as u64)
}

/// Measured over all requests together, and only while bytes are awaited: what nobody reads says nothing.
#[derive(Debug, Default)]
pub(crate) struct Throughput {
    /// Reads under way.
    reading: u32,
    since: Now,
    bytes: u64,
    busy: Duration,
    /// One for each of [`HALF_LIVES`]: weighted bytes and weighted microseconds.
    averages: [(f64, f64); 2],
    /// Time in all samples together.
    observed: Duration,
    latency: Option<Duration>,
}

impl Throughput {
    /// A read begins.
    pub(crate) fn begin(&mut self, now: Now) {
        if self.reading == 0 {
            self.since = now;
        }
        self.reading += 1;
    }

    /// A read ends, which gave `bytes`.
    pub(crate) fn end(&mut self, now: Now, bytes: u64) {
        if self.reading == 0 {
            return;
        }
        self.busy = self.busy.saturating_add(now - self.since);
        self.since = now;
        self.reading -= 1;
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes >= SAMPLE && self.busy >= SHORTEST {
            self.take_sample();
        }
    }

    fn take_sample(&mut self) {
        let (bytes, micros) = (self.bytes as f64, micros(self.busy));
        for ((had_bytes, had_micros), half_life) in self.averages.iter_mut().zip(HALF_LIVES) {
            let kept = remains(micros, half_life);
            *had_bytes = *had_bytes * kept + bytes;
            *had_micros = *had_micros * kept + micros;
        }
        self.observed = self.observed.saturating_add(self.busy);
        (self.bytes, self.busy) = (0, Duration::ZERO);
    }

    /// An answer's head took that long.
    pub(crate) fn answered(&mut self, after: Duration) {
        self.latency = Some(self.latency.map_or(after, |known| (known * 3 + after) / 4));
    }

    /// From a request to its head, lately.
    pub(crate) fn latency(&self) -> Option<Duration> {
        self.latency
    }

    /// Whether that rate is known to be carried.
    pub(crate) fn carries(&self, bits_per_second: f64) -> bool {
        self.known().is_some_and(|known| known >= bits_per_second)
    }

    /// Bits in a second. What came too quickly for a sample counts while there is none.
    pub(crate) fn known(&self) -> Option<f64> {
        let early = (self.bytes >= SAMPLE).then(|| rate(self.bytes as f64, micros(self.busy).max(1e3)));
        if !self.observed.is_zero() { Some(self.estimate(0).bits_per_second) } else { early }
    }

    /// The smaller of two averages; `guess` in bits per second while nothing has been measured.
    pub(crate) fn estimate(&self, guess: u64) -> Bandwidth {
        let rates =
            self.averages.iter().filter(|(_, micros)| *micros > 0.0).map(|(bytes, micros)| rate(*bytes, *micros));
        let measured = rates.reduce(f64::min);
        let confidence = 1.0 - remains(micros(self.observed), HALF_LIVES[0]);
        Bandwidth { bits_per_second: measured.unwrap_or(guess as f64), confidence }
    }
}

/// Without the 128 bits of `as_micros`, whose conversion is slow, and this is asked after every input.
fn micros(span: Duration) -> f64 {
    span.as_secs() as f64 * 1e6 + f64::from(span.subsec_nanos()) / 1e3
}

/// Bits in a second.
fn rate(bytes: f64, micros: f64) -> f64 {
    bytes * 8e6 / micros
}

/// The part of a weight that is left after `micros` of reading.
fn remains(micros: f64, half_life: Duration) -> f64 {
    0.5_f64.powf(micros / self::micros(half_life))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn at(millis: u64) -> Now {
        Now::since_zero(Duration::from_millis(millis))
    }

    #[test]
    fn what_comes_too_quickly_to_be_measured_is_known_to_be_quick() {
        let mut throughput = Throughput::default();
        assert!(!throughput.carries(1.0), "nothing is known");
        throughput.begin(at(0));
        throughput.end(at(10), 125_000);
        assert!(throughput.carries(99e6) && !throughput.carries(101e6));
        throughput.begin(at(10));
        throughput.end(at(110), 125_000);
        assert!(throughput.carries(18e6) && !throughput.carries(19e6), "{:?}", throughput.estimate(0));
    }

    #[test]
    fn only_awaited_bytes_count() {
        let mut throughput = Throughput::default();
        assert_eq!(throughput.estimate(5).bits_per_second, 5.0);
        for second in 0..20 {
            throughput.begin(at(second * 1_000));
            throughput.end(at(second * 1_000 + 100), 100_000);
        }
        let estimate = throughput.estimate(5);
        assert!((estimate.bits_per_second - 8e6).abs() < 1.0, "{estimate:?}");
        assert!((estimate.confidence - 0.5).abs() < 0.01, "2 s of reading: {estimate:?}");
    }

    #[test]
    fn two_reads_at_once_share_the_time() {
        let mut throughput = Throughput::default();
        throughput.begin(at(0));
        throughput.begin(at(0));
        throughput.end(at(500), 500_000);
        throughput.end(at(1_000), 500_000);
        assert!((throughput.estimate(0).bits_per_second - 8e6).abs() < 1.0);
    }

    #[test]
    fn it_falls_quickly_and_rises_slowly() {
        let mut throughput = Throughput::default();
        let mut second = |megabits: u64| {
            let begin = throughput.observed.as_millis() as u64;
            throughput.begin(at(begin));
            throughput.end(at(begin + 1_000), megabits * 125_000);
            throughput.estimate(0).bits_per_second / 1e6
        };
        let mut seconds = |times, megabits| (0..times).map(|_| second(megabits)).last().expect("a second");
        seconds(30, 20);
        let fallen = seconds(4, 4);
        assert!(fallen < 9.0, "{fallen}");
        let risen = seconds(4, 20);
        assert!(risen < 17.0, "{risen}");
    }
}
