//! What a scenario came to.

use serde::{Deserialize, Serialize};

/// Measures in their order, and what the picture shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The scenario's.
    pub name: String,
    /// How long it was played.
    pub minutes: f64,
    /// How many programs wanted the processor on average during the last five minutes of it, where the system says.
    pub load: Option<f64>,
    /// Each with its value; without one where what is measured did not happen.
    pub measures: Vec<(String, Option<f64>)>,
    /// For each second: the second, and how far apart the furthest two were in milliseconds, most of the time and at worst.
    pub drift: Vec<[f64; 3]>,
    /// What was done about it.
    pub corrections: Vec<Correction>,
    /// Why there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// Something done to one viewer's player.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    /// Seconds since the first of [`Outcome::drift`].
    pub at: f64,
    /// Whether it was a seek; another rate if not.
    pub is_seek: bool,
}

impl Outcome {
    pub(crate) fn put(&mut self, measure: &str, value: Option<f64>) {
        // Thousandths are enough of anything measured here.
        self.measures.push((measure.to_owned(), value.map(|value| (value * 1e3).round() / 1e3)));
    }

    /// What a measure came to.
    #[must_use]
    pub fn value(&self, measure: &str) -> Option<f64> {
        self.measures.iter().find(|(name, _)| name == measure)?.1
    }
}
