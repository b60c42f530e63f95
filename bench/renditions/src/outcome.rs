//! What a turn came to.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

pub(crate) const FIRST_FRAME: &str = "first frame, ms";
pub(crate) const BEGAN: &str = "moves after, ms";
pub(crate) const KBPS_AT_FIRST: &str = "kbit/s of the first frame";
pub(crate) const SEEK: &str = "seek, ms";
pub(crate) const KBPS_AT_SEEK: &str = "kbit/s of the frame sought";
pub(crate) const STALLED: &str = "stalled, s";
pub(crate) const STALLS: &str = "stalls";
pub(crate) const KBPS: &str = "kbit/s shown";
pub(crate) const SWITCHES: &str = "switches";
pub(crate) const MISSED: &str = "frames missed";
pub(crate) const MISSED_AT_SWITCHES: &str = "of these at switches";
pub(crate) const UNREAD: &str = "frames without a mark";
pub(crate) const THROWN_AWAY: &str = "thrown away, %";

/// What one contender came to over one link.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Who.
    pub contender: String,
    /// The set that the link is of.
    pub set: String,
    /// The link.
    pub link: String,
    /// By their names.
    pub measures: BTreeMap<String, f64>,
    /// When which rung came, in seconds; for the picture.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rungs: Vec<(f32, i32)>,
    /// When how much lay ready, both in seconds; for the picture.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ready: Vec<(f32, f32)>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl Outcome {
    /// For whoever waits.
    pub(crate) fn line(&self) -> String {
        let mut line = format!("{}, {}: {}", self.set, self.link, self.contender);
        if let Some(failure) = &self.failure {
            let _ = write!(line, ": {failure}");
        }
        for (name, value) in &self.measures {
            let _ = write!(line, "; {name} {value:.1}");
        }
        line
    }

    /// Whether places were sought in it, at which the rest is another kind of outcome.
    #[must_use]
    pub fn is_start(&self) -> bool {
        self.measures.contains_key(SEEK) || self.set == "steady"
    }
}
