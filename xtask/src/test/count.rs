//! Counts tests from what the test programs print.

use std::{fmt, ops::AddAssign};

/// How many passed and how many did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) passed: u64,
    pub(super) failed: u64,
}

impl Count {
    pub(super) const PASSED: Self = Self { passed: 1, failed: 0 };
    pub(super) const FAILED: Self = Self { passed: 0, failed: 1 };

    /// What one line of output adds. A test that was ignored did not pass.
    ///
    /// Such a line reads `test result: ok. 3 passed; 0 failed; 0 ignored; …`.
    pub(super) fn of_line(line: &str) -> Self {
        let Some((_, result)) = line.split_once("test result: ") else { return Self::default() };
        let number = |word: &str| {
            let before = result.split(';').find_map(|part| part.trim_end().strip_suffix(word)).unwrap_or_default();
            before.rsplit(' ').find(|text| !text.is_empty()).and_then(|text| text.parse().ok()).unwrap_or(0)
        };
        Self { passed: number(" passed"), failed: number(" failed") + number(" ignored") }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_line_is_read_to_the_last_number() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 7 filtered out; finished in 1.02s";
        assert_eq!(Count::of_line(line), Count { passed: 12, failed: 4 });
        assert_eq!(Count::of_line("test result: ok. 5 passed; 0 failed; 0 ignored; 0 filtered out").passed, 5);
        assert_eq!(Count::of_line("test a::b ... ok"), Count::default());
    }
}
