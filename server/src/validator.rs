//! Validators (RFC 9110 section 8.8): what tells two versions of a file apart.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::HeaderValue;

/// A strong entity tag, quotes included. Equal tags mean equal bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrongEtag(HeaderValue);

impl StrongEtag {
    /// A tag of that text.
    ///
    /// `opaque` consists of letters, digits and `-`; that is what the callers in this crate build.
    pub(crate) fn new(opaque: impl fmt::Display) -> Self {
        Self(HeaderValue::try_from(format!("\"{opaque}\"")).expect("a tag is visible ASCII"))
    }

    /// As it stands in the `ETag` field.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().expect("a tag is visible ASCII")
    }

    /// As a field value.
    pub(crate) fn to_header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// What a response says about the version it carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`.
    pub etag: StrongEtag,
    /// `Last-Modified`, in whole seconds; absent where the file system has no sensible time.
    pub last_modified: Option<SystemTime>,
}

/// Drops what an HTTP date cannot carry: fractions of a second, and times before 1970 or after 9999.
#[must_use]
pub fn http_time(time: SystemTime) -> Option<SystemTime> {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    (seconds < 253_402_300_800).then(|| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_times_are_whole_seconds_of_four_digit_years() {
        let second = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(http_time(second + Duration::from_millis(999)), Some(second));
        assert_eq!(http_time(SystemTime::UNIX_EPOCH - Duration::from_secs(1)), None);
        assert_eq!(http_time(SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800)), None);
    }
}
