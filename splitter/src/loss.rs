//! Film that is missing.

use std::fmt;

/// Film that is missing: a download that was broken off, a damaged file, a conversion that lost something.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// Seconds of film that are there, from its beginning to the last moment that can be read.
    pub came: f64,
    /// Seconds that there should be, where the file says so.
    pub of: Option<f64>,
    /// What is known of the reason, in words for people.
    pub why: String,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.of.filter(|of| self.came + 0.1 < *of) {
            Some(of) => write!(f, "only {:.1} of {of:.1} s can be read ({})", self.came, self.why),
            None => write!(f, "not all of its {:.1} s can be read ({})", self.came, self.why),
        }
    }
}
