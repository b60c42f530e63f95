//! Sizes as people write them.

use std::fmt;
use std::str::FromStr;

/// A number of bytes, written with a decimal unit (`256MB` is 256,000,000) or a binary one (`200MiB`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

/// Text that is no size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a size as a number and a unit, such as 256MB or 200MiB")]
pub struct NoByteSize;

const UNITS: [(&str, u64); 9] = [
    ("", 1),
    ("b", 1),
    ("k", 1_000),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
];

impl FromStr for ByteSize {
    type Err = NoByteSize;

    fn from_str(text: &str) -> Result<Self, NoByteSize> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let unit = unit.trim().to_ascii_lowercase();
        let unit = UNITS.iter().find(|(name, _)| *name == unit).ok_or(NoByteSize)?.1;
        let number: u64 = number.parse().map_err(|_| NoByteSize)?;
        number.checked_mul(unit).filter(|&bytes| bytes > 0).map(Self).ok_or(NoByteSize)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        match self.0 {
            0..1_000 => write!(f, "{} B", self.0),
            1_000..1_000_000 => write!(f, "{:.1} kB", bytes / 1e3),
            1_000_000..1_000_000_000 => write!(f, "{:.1} MB", bytes / 1e6),
            _ => write!(f, "{:.2} GB", bytes / 1e9),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_and_binary_units() {
        for (text, bytes) in
            [("256MB", 256_000_000), ("200MiB", 200 << 20), (" 5 kb", 5_000), ("7", 7), ("1GiB", 1 << 30)]
        {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "MB", "0", "-1MB", "1.5MB", "1XB", "99999999999999GB"] {
            assert_eq!(text.parse::<ByteSize>(), Err(NoByteSize), "{text}");
        }
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!(ByteSize(256_000_000).to_string(), "256.0 MB");
        assert_eq!(ByteSize(1_500).to_string(), "1.5 kB");
    }
}
