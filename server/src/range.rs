//! The `Range` field (RFC 9110 section 14): from its text and the length of a file to the bytes asked for.

use std::fmt;

/// Most ranges that one request is answered with; a request with more is answered whole (section 14.2 allows it).
pub const MAX_RANGES: usize = 16;
/// Ranges no further apart than this are sent as one: a part's own head costs about as much (section 15.3.7.2).
const COALESCE_GAP: u64 = 128;

/// Bytes `start..end` of a file; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// Offset of the first byte.
    pub start: u64,
    /// Offset behind the last byte.
    pub end: u64,
}

impl ByteRange {
    /// How many bytes.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self.end - self.start
    }

    /// The value of `Content-Range` for this range of a file of `file_bytes`.
    #[must_use]
    pub fn content_range(self, file_bytes: u64) -> impl fmt::Display {
        fmt::from_fn(move |f| write!(f, "bytes {}-{}/{file_bytes}", self.start, self.end - 1))
    }
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The whole file: the field is of another unit, malformed, or asks for more ranges than are sent. The answer is 200.
    Whole,
    /// At least one range, in the order asked for. The answer is 206.
    Ranges(Vec<ByteRange>),
    /// Well-formed, but nothing of it lies within the file. The answer is 416.
    Unsatisfiable,
}

/// Reads a `Range` field and holds it against a file of `file_bytes`.
#[must_use]
pub fn select(field: &str, file_bytes: u64) -> Selection {
    let Some(specs) = parse(field) else { return Selection::Whole };
    // A non-empty suffix of an empty file is satisfiable (section 14.1.2), but no `Content-Range` can say so.
    if file_bytes == 0 && specs.iter().any(|spec| matches!(spec, Spec::Suffix(1..))) {
        return Selection::Whole;
    }
    let satisfiable: Vec<_> = specs.iter().filter_map(|spec| spec.within(file_bytes)).collect();
    if satisfiable.is_empty() { Selection::Unsatisfiable } else { Selection::Ranges(coalesce(satisfiable)) }
}

/// One range-spec.
#[derive(Clone, Copy)]
enum Spec {
    /// `first-` or `first-last`.
    Int(u64, Option<u64>),
    /// `-length`.
    Suffix(u64),
}

impl Spec {
    fn within(self, file_bytes: u64) -> Option<ByteRange> {
        let range = match self {
            Self::Int(first, last) => {
                ByteRange { start: first, end: last.map_or(file_bytes, |last| last.saturating_add(1).min(file_bytes)) }
            }
            Self::Suffix(length) => ByteRange { start: file_bytes.saturating_sub(length), end: file_bytes },
        };
        (range.start < range.end).then_some(range)
    }
}

/// `None` where the field is to be ignored.
fn parse(field: &str) -> Option<Vec<Spec>> {
    let (unit, set) = field.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut specs = Vec::new();
    // A list may have empty elements (section 5.6.1.2); it needs one that is not.
    for element in set.split(',').map(|element| element.trim_matches([' ', '\t'])).filter(|element| !element.is_empty())
    {
        if specs.len() == MAX_RANGES {
            return None;
        }
        let (first, last) = element.split_once('-')?;
        specs.push(match (first, last) {
            ("", length) => Spec::Suffix(digits(length)?),
            (first, "") => Spec::Int(digits(first)?, None),
            (first, last) => {
                let (first, last) = (digits(first)?, digits(last)?);
                if last < first {
                    return None;
                }
                Spec::Int(first, Some(last))
            }
        });
    }
    (!specs.is_empty()).then_some(specs)
}

/// `1*DIGIT`; what exceeds 64 bits is beyond every file, so it saturates.
fn digits(text: &str) -> Option<u64> {
    let well_formed = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then(|| text.parse().unwrap_or(u64::MAX))
}

/// Joins ranges that overlap or nearly touch, so that no request draws more than the file's own length. What was joined
/// stands where the first of its ranges was asked for.
fn coalesce(ranges: Vec<ByteRange>) -> Vec<ByteRange> {
    let mut joined: Vec<ByteRange> = Vec::with_capacity(ranges.len());
    for mut range in ranges {
        let mut place = joined.len();
        // Joining may make the range reach others that it did not reach before: look again until none is near.
        while let Some(at) = joined.iter().position(|other| near(*other, range)) {
            let other = joined.remove(at);
            range = ByteRange { start: range.start.min(other.start), end: range.end.max(other.end) };
            place = place.min(at);
        }
        joined.insert(place.min(joined.len()), range);
    }
    joined
}

fn near(a: ByteRange, b: ByteRange) -> bool {
    a.start <= b.end.saturating_add(COALESCE_GAP) && b.start <= a.end.saturating_add(COALESCE_GAP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ranges(pairs: &[(u64, u64)]) -> Selection {
        Selection::Ranges(pairs.iter().map(|&(start, end)| ByteRange { start, end }).collect())
    }

    #[test]
    fn the_examples_of_the_standard() {
        // RFC 9110 section 14.1.2, a file of 10,000 bytes.
        for (field, expected) in [
            ("bytes=0-499", ranges(&[(0, 500)])),
            ("bytes=500-999", ranges(&[(500, 1000)])),
            ("bytes=-500", ranges(&[(9500, 10_000)])),
            ("bytes=9500-", ranges(&[(9500, 10_000)])),
            ("bytes=0-0,-1", ranges(&[(0, 1), (9999, 10_000)])),
            ("bytes= 0-999, 4500-5499, -1000", ranges(&[(0, 1000), (4500, 5500), (9000, 10_000)])),
            ("bytes=500-600,601-999", ranges(&[(500, 1000)])),
            ("bytes=500-700,601-999", ranges(&[(500, 1000)])),
        ] {
            assert_eq!(select(field, 10_000), expected, "{field}");
        }
    }

    #[test]
    fn the_end_of_the_file_bounds_every_range() {
        assert_eq!(select("bytes=9999-20000", 10_000), ranges(&[(9999, 10_000)]));
        assert_eq!(select("bytes=-20000", 10_000), ranges(&[(0, 10_000)]));
        assert_eq!(select("bytes=0-99999999999999999999999999", 10_000), ranges(&[(0, 10_000)]));
        assert_eq!(select("bytes=0-18446744073709551615", 10_000), ranges(&[(0, 10_000)]));
        assert_eq!(select("bytes=20000-,0-1", 10_000), ranges(&[(0, 2)]));
    }

    #[test]
    fn what_lies_outside_is_unsatisfiable() {
        for field in
            ["bytes=10000-", "bytes=10000-10001", "bytes=-0", "bytes=99999999999999999999999-", "bytes=20000-,-0"]
        {
            assert_eq!(select(field, 10_000), Selection::Unsatisfiable, "{field}");
        }
        assert_eq!(select("bytes=0-", 0), Selection::Unsatisfiable);
        assert_eq!(select("bytes=-1", 0), Selection::Whole);
    }

    #[test]
    fn what_is_no_byte_range_is_ignored() {
        for field in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=a-b",
            "bytes=1-0",
            "bytes=0-1,5-4",
            "bytes=+1-2",
            "bytes=1 - 2",
            "bytes=0x1-2",
            "bytes=--1",
            "bytes=1-2-3",
            "seconds=0-1",
            "bytes=0-1;2-3",
            "bytes:0-1",
            "bytes=１-２",
        ] {
            assert_eq!(select(field, 10_000), Selection::Whole, "{field}");
        }
    }

    #[test]
    fn lists_may_be_untidy_and_units_in_capitals() {
        assert_eq!(select("Bytes=,0-0 ,\t, 9-9,", 10_000), ranges(&[(0, 10)]));
        assert_eq!(select("BYTES=0-0,1000-1000", 10_000), ranges(&[(0, 1), (1000, 1001)]));
    }

    #[test]
    fn too_many_ranges_are_answered_whole() {
        let list = |n: u64| (0..n).map(|i| format!("{}-{}", i * 500, i * 500)).collect::<Vec<_>>().join(",");
        assert!(
            matches!(select(&format!("bytes={}", list(16)), 10_000), Selection::Ranges(ranges) if ranges.len() == 16)
        );
        assert_eq!(select(&format!("bytes={}", list(17)), 10_000), Selection::Whole);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(field in "(bytes=)?[-0-9, a]{0,60}", file_bytes in any::<u64>()) {
            let _ = select(&field, file_bytes);
        }

        #[test]
        fn ranges_cover_what_was_asked_and_draw_no_byte_twice(
            asked in prop::collection::vec((0_u64..3_000, 0_u64..3_000), 1..16),
            file_bytes in 1_u64..2_500,
        ) {
            let asked: Vec<_> = asked.into_iter().map(|(a, b)| (a.min(b), a.max(b))).collect();
            let field = asked.iter().map(|(a, b)| format!("{a}-{b}")).collect::<Vec<_>>().join(",");
            let covered = |byte: u64| asked.iter().any(|&(a, b)| (a..=b).contains(&byte));
            match select(&format!("bytes={field}"), file_bytes) {
                Selection::Ranges(ranges) => {
                    for byte in 0..file_bytes {
                        let sent = ranges.iter().filter(|range| (range.start..range.end).contains(&byte)).count();
                        prop_assert!(sent <= 1);
                        prop_assert!(sent == 1 || !covered(byte));
                    }
                    prop_assert!(ranges.iter().all(|range| range.start < range.end && range.end <= file_bytes));
                }
                Selection::Unsatisfiable => prop_assert!(!(0..file_bytes).any(covered)),
                Selection::Whole => prop_assert!(false, "a well-formed list was ignored"),
            }
        }

        #[test]
        fn one_range_is_exactly_the_slice(first in 0_u64..200, length in 1_u64..200, file_bytes in 1_u64..200) {
            let expected = if first < file_bytes {
                ranges(&[(first, (first + length).min(file_bytes))])
            } else {
                Selection::Unsatisfiable
            };
            prop_assert_eq!(select(&format!("bytes={first}-{}", first + length - 1), file_bytes), expected);
        }
    }
}
