//! Samples, and what they come to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One part of the benchmark: everybody in turn, several times.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Such as `start-fast-1080p`.
    pub key: String,
    /// The film and the link, for people.
    pub title: String,
    /// What was done, for people.
    #[serde(default)]
    pub heading: String,
    /// How many programs wanted the processor on average during the last five minutes of it, where the system says.
    #[serde(default)]
    pub load: Option<f64>,
    /// In the order of the list.
    pub rows: Vec<Row>,
}

/// What one contender came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Whether it is one of those that ours is held against.
    pub is_peer: bool,
    /// All values of each measure.
    pub samples: BTreeMap<String, Vec<f64>>,
    /// What went wrong, once for each time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
}

/// A value of a measure, for people: bytes in megabytes, anything else as a whole number.
pub(crate) fn number(measure: &str, value: f64) -> String {
    if measure.contains("bytes") { format!("{:.2} MB", value / 1e6) } else { format!("{value:.0}") }
}

impl Row {
    /// The median of a measure.
    #[must_use]
    pub fn median(&self, measure: &str) -> Option<f64> {
        quantile(self.samples.get(measure)?, 0.5)
    }

    /// The first and the third quartile.
    #[must_use]
    pub fn quartiles(&self, measure: &str) -> Option<(f64, f64)> {
        let samples = self.samples.get(measure)?;
        Some((quantile(samples, 0.25)?, quantile(samples, 0.75)?))
    }
}

impl Part {
    /// How often each contender has had its turn, at most.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.rows.iter().flat_map(|row| row.samples.values()).map(Vec::len).max().unwrap_or(0)
    }

    /// This part with the values of another time.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for row in &other.rows {
            match self.rows.iter_mut().find(|known| known.name == row.name) {
                Some(known) => {
                    for (measure, values) in &row.samples {
                        known.samples.entry(measure.clone()).or_default().extend(values);
                    }
                    known.failures.extend_from_slice(&row.failures);
                }
                None => self.rows.push(row.clone()),
            }
        }
        self
    }

    /// The row of a contender.
    #[must_use]
    pub fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// The peer with the least median, and that.
    #[must_use]
    pub fn best_peer(&self, measure: &str) -> Option<(&Row, f64)> {
        let peers = self.rows.iter().filter(|row| row.is_peer).filter_map(|row| Some((row, row.median(measure)?)));
        peers.min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// The measures, in the order in which they were taken for the first row.
    pub(crate) fn measures(&self) -> Vec<&str> {
        let mut known: Vec<&str> = Vec::new();
        for name in self.rows.iter().flat_map(|row| row.samples.keys()) {
            if !known.contains(&name.as_str()) {
                known.push(name);
            }
        }
        known
    }
}

/// Between the two values that are nearest; `part` is from 0 to 1.
#[must_use]
pub fn quantile(samples: &[f64], part: f64) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let place = part * last as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_the_nearest_values() {
        assert_eq!(quantile(&[3.0, 1.0, 2.0], 0.5), Some(2.0));
        assert_eq!(quantile(&[4.0, 1.0], 0.5), Some(2.5));
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.25), Some(2.0));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
