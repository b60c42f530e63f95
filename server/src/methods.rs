//! What may be done with a file.

/// The methods that anything here answers to.
pub(crate) const METHODS: &str = "GET, HEAD, OPTIONS";
