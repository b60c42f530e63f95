//! Counters, in the text format of Prometheus (version 0.0.4).

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The statuses that the origin sends; whatever else a library below it may send is counted as `other`.
const STATUSES: [u16; 18] = [101, 200, 204, 206, 304, 400, 403, 404, 405, 410, 411, 412, 414, 416, 426, 500, 502, 503];
/// Upper bounds, in microseconds.
const BUCKETS: [u64; 8] = [100, 250, 500, 1_000, 5_000, 25_000, 100_000, 1_000_000];

/// What has happened since the start.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    responses: [AtomicU64; STATUSES.len() + 1],
    /// Not cumulative; the last is for what is above every bound.
    head_times: [AtomicU64; BUCKETS.len() + 1],
    head_micros: AtomicU64,
    pub(crate) body_bytes: Counter,
    pub(crate) bodies_cut: Counter,
    pub(crate) connections: Counter,
    pub(crate) refused_all: Counter,
    pub(crate) refused_client: Counter,
    pub(crate) tls_failed: Counter,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Metrics {
    /// A response whose head was ready `head_time` after its request had arrived.
    pub(crate) fn responded(&self, status: u16, head_time: Duration) {
        let at = STATUSES.iter().position(|&known| known == status).unwrap_or(STATUSES.len());
        self.responses[at].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(head_time.as_micros()).unwrap_or(u64::MAX);
        let at = BUCKETS.iter().position(|&bound| micros <= bound).unwrap_or(BUCKETS.len());
        self.head_times[at].fetch_add(1, Ordering::Relaxed);
        self.head_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// The whole text, with the two gauges that are counted elsewhere.
    pub(crate) fn render(&self, open_connections: usize, in_flight: usize) -> String {
        let mut text = String::with_capacity(4096);
        let mut family = |name: &str, kind: &str, help: &str, samples: &[(String, String)]| {
            let _ = writeln!(text, "# HELP origin_{name} {help}\n# TYPE origin_{name} {kind}");
            for (labels, value) in samples {
                let _ = writeln!(text, "origin_{name}{labels} {value}");
            }
        };
        let plain = |value: u64| [(String::new(), value.to_string())];
        let labels = STATUSES.iter().map(u16::to_string).chain(["other".to_owned()]);
        let responses: Vec<_> = labels
            .zip(&self.responses)
            .map(|(status, count)| (format!("{{status=\"{status}\"}}"), count.load(Ordering::Relaxed).to_string()))
            .collect();
        family("responses_total", "counter", "Responses begun, by status.", &responses);
        family("body_bytes_total", "counter", "Body bytes handed to sockets.", &plain(self.body_bytes.get()));
        family("bodies_cut_total", "counter", "Bodies that did not reach their end.", &plain(self.bodies_cut.get()));
        family("responses_in_flight", "gauge", "Responses being sent.", &plain(in_flight as u64));
        family("connections_open", "gauge", "Open connections.", &plain(open_connections as u64));
        family("connections_total", "counter", "Connections let in.", &plain(self.connections.get()));
        let refused = [("all", &self.refused_all), ("client", &self.refused_client)]
            .map(|(limit, count)| (format!("{{limit=\"{limit}\"}}"), count.get().to_string()));
        family("connections_refused_total", "counter", "Connections refused, by the limit they met.", &refused);
        family("tls_handshakes_failed_total", "counter", "TLS handshakes that failed.", &plain(self.tls_failed.get()));
        self.render_head_times(&mut text);
        text
    }

    fn render_head_times(&self, text: &mut String) {
        const NAME: &str = "origin_response_head_seconds";
        let _ = writeln!(text, "# HELP {NAME} From a request to the head of its response.\n# TYPE {NAME} histogram");
        let mut sum = 0;
        for (at, count) in self.head_times.iter().enumerate() {
            sum += count.load(Ordering::Relaxed);
            let bound = BUCKETS.get(at).map_or_else(|| "+Inf".to_owned(), |&micros| (micros as f64 / 1e6).to_string());
            let _ = writeln!(text, "{NAME}_bucket{{le=\"{bound}\"}} {sum}");
        }
        let seconds = self.head_micros.load(Ordering::Relaxed) as f64 / 1e6;
        let _ = writeln!(text, "{NAME}_sum {seconds}\n{NAME}_count {sum}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_adds_up() {
        let metrics = Metrics::default();
        metrics.responded(206, Duration::from_micros(90));
        metrics.responded(206, Duration::from_secs(2));
        metrics.responded(431, Duration::from_micros(300));
        metrics.body_bytes.add(7);
        let text = metrics.render(3, 1);
        for line in [
            "origin_responses_total{status=\"206\"} 2",
            "origin_responses_total{status=\"other\"} 1",
            "origin_body_bytes_total 7",
            "origin_connections_open 3",
            "origin_response_head_seconds_bucket{le=\"0.0001\"} 1",
            "origin_response_head_seconds_bucket{le=\"0.0005\"} 2",
            "origin_response_head_seconds_bucket{le=\"+Inf\"} 3",
            "origin_response_head_seconds_count 3",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(text.lines().all(|line| line.starts_with("# ") || line.starts_with("origin_")));
    }
}
