//! `TimeRanges` as the browser reports them.

use manifest::MediaTime;

/// Sorted, disjoint ranges of media time, half open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges(Vec<(MediaTime, MediaTime)>);

impl Ranges {
    /// From ranges in ascending order, as `TimeRanges` gives them. Empty and disordered ones are left out.
    pub fn new(ranges: impl IntoIterator<Item = (MediaTime, MediaTime)>) -> Self {
        let mut sorted: Vec<(MediaTime, MediaTime)> = Vec::new();
        for (start, end) in ranges {
            if start < end && sorted.last().is_none_or(|last| last.1 <= start) {
                sorted.push((start, end));
            }
        }
        Self(sorted)
    }

    /// In ascending order.
    pub fn iter(&self) -> impl Iterator<Item = (MediaTime, MediaTime)> {
        self.0.iter().copied()
    }

    /// The range that holds `time`.
    #[must_use]
    pub fn around(&self, time: MediaTime) -> Option<(MediaTime, MediaTime)> {
        self.iter().find(|(start, end)| *start <= time && time < *end)
    }

    /// Whether all of `from..to` is in one range.
    #[must_use]
    pub fn cover(&self, from: MediaTime, to: MediaTime) -> bool {
        self.iter().any(|(start, end)| start <= from && to <= end)
    }

    /// Whether any of `from..to` is in a range.
    #[must_use]
    pub fn touch(&self, from: MediaTime, to: MediaTime) -> bool {
        self.iter().any(|(start, end)| start < to && from < end)
    }

    /// Where the first range after `time` starts.
    #[must_use]
    pub fn next_start(&self, time: MediaTime) -> Option<MediaTime> {
        self.iter().map(|(start, _)| start).find(|start| *start > time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn ms(millis: i64) -> MediaTime {
        MediaTime::from_millis(millis)
    }

    #[test]
    fn ranges_are_half_open() {
        let ranges = Ranges::new([(ms(0), ms(10)), (ms(20), ms(30))]);
        assert_eq!(ranges.around(ms(0)), Some((ms(0), ms(10))));
        assert_eq!(ranges.around(ms(10)), None);
        assert_eq!(ranges.next_start(ms(10)), Some(ms(20)));
        assert!(ranges.cover(ms(20), ms(30)) && !ranges.cover(ms(5), ms(25)));
        assert!(ranges.touch(ms(5), ms(25)) && !ranges.touch(ms(10), ms(20)));
    }

    #[test]
    fn nonsense_is_left_out() {
        let ranges = Ranges::new([(ms(5), ms(5)), (ms(10), ms(20)), (ms(15), ms(30))]);
        assert_eq!(ranges.iter().collect::<Vec<_>>(), [(ms(10), ms(20))]);
    }
}
