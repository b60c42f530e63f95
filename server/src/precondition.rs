//! Conditional requests (RFC 9110 section 13): which of 200, 206, 304 and 412 a request deserves.
//!
//! Pure: the fields and the validators of the selected file go in, the verdict comes out.

use std::time::{Duration, SystemTime};

use http::header::{HeaderMap, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE};

use crate::validator::Validators;

/// What the conditions of a GET or HEAD come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Send the file.
    Proceed,
    /// The client has it: 304.
    NotModified,
    /// The client wants a version that is gone: 412.
    Failed,
}

/// Evaluates the conditions in the order of section 13.2.2.
#[must_use]
pub fn evaluate(fields: &HeaderMap, current: &Validators) -> Verdict {
    if fields.contains_key(IF_MATCH) {
        if !lists_tag(fields, &IF_MATCH, current, Comparison::Strong) {
            return Verdict::Failed;
        }
    } else if let Some((since, modified)) = date(fields, &IF_UNMODIFIED_SINCE).zip(current.last_modified)
        && modified > since
    {
        return Verdict::Failed;
    }
    if fields.contains_key(IF_NONE_MATCH) {
        if lists_tag(fields, &IF_NONE_MATCH, current, Comparison::Weak) {
            return Verdict::NotModified;
        }
    } else if let Some((since, modified)) = date(fields, &IF_MODIFIED_SINCE).zip(current.last_modified)
        && modified <= since
    {
        return Verdict::NotModified;
    }
    Verdict::Proceed
}

/// Whether a `Range` field counts: there is no `If-Range`, or it names the current version (section 13.1.5).
///
/// `now` decides whether a date is strong: a file may have changed twice within the second that its date names.
#[must_use]
pub fn range_applies(fields: &HeaderMap, current: &Validators, now: SystemTime) -> bool {
    let mut values = fields.get_all(IF_RANGE).iter();
    let Some(value) = values.next() else { return true };
    let (Ok(value), None) = (value.to_str(), values.next()) else { return false };
    if value.starts_with(['"', 'W']) && value.ends_with('"') {
        return value == current.etag.as_str();
    }
    let Some((asked, modified)) = httpdate::parse_http_date(value).ok().zip(current.last_modified) else {
        return false;
    };
    asked == modified && now.duration_since(modified).is_ok_and(|age| age >= Duration::from_secs(1))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Strong,
    Weak,
}

/// Whether the field is `*` or one of its tags is the current one. Several lines count as one list (section 5.3).
fn lists_tag(fields: &HeaderMap, name: &HeaderName, current: &Validators, comparison: Comparison) -> bool {
    fields.get_all(name).iter().any(|line| {
        let line = line.as_bytes().trim_ascii();
        line == b"*"
            || tags(line).any(|(weak, tag)| {
                tag == current.etag.as_str().as_bytes() && !(weak && comparison == Comparison::Strong)
            })
    })
}

/// The entity tags of a list, each with its weakness. A comma may stand inside a tag, so the quotes rule. Ends at the
/// first thing that is no tag.
fn tags(list: &[u8]) -> impl Iterator<Item = (bool, &[u8])> {
    let mut rest = list;
    std::iter::from_fn(move || {
        while let [b' ' | b'\t' | b',', tail @ ..] = rest {
            rest = tail;
        }
        let (weak, tag) = match rest {
            [b'W', b'/', tail @ ..] => (true, tail),
            _ => (false, rest),
        };
        let inner = tag.strip_prefix(b"\"")?;
        let end = 2 + inner.iter().position(|&byte| byte == b'"')?;
        let (tag, tail) = tag.split_at(end);
        rest = tail;
        Some((weak, tag))
    })
}

/// The date in a field; `None` where it is absent, malformed or repeated, all of which make the condition void.
fn date(fields: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    let mut values = fields.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then(|| httpdate::parse_http_date(value).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validator::StrongEtag;
    use proptest::prelude::*;

    const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    fn current() -> Validators {
        Validators { etag: StrongEtag::new("now"), last_modified: httpdate::parse_http_date(MODIFIED).ok() }
    }

    fn fields(lines: &[(HeaderName, &str)]) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for (name, value) in lines {
            fields.append(name, value.parse().expect("visible ASCII"));
        }
        fields
    }

    #[test]
    fn each_condition_alone() {
        use Verdict::{Failed, NotModified, Proceed};
        for (name, value, expected) in [
            (IF_MATCH, "\"now\"", Proceed),
            (IF_MATCH, "*", Proceed),
            (IF_MATCH, "\"old\"", Failed),
            (IF_MATCH, "W/\"now\"", Failed),
            (IF_MATCH, "\"old\", \"now\"", Proceed),
            (IF_UNMODIFIED_SINCE, BEFORE, Failed),
            (IF_UNMODIFIED_SINCE, MODIFIED, Proceed),
            (IF_UNMODIFIED_SINCE, "yesterday", Proceed),
            (IF_NONE_MATCH, "\"now\"", NotModified),
            (IF_NONE_MATCH, "W/\"now\"", NotModified),
            (IF_NONE_MATCH, "*", NotModified),
            (IF_NONE_MATCH, "\"old\"", Proceed),
            (IF_NONE_MATCH, "\"a,\", \"now\"", NotModified),
            (IF_NONE_MATCH, "\"a, \"now\"", Proceed),
            (IF_NONE_MATCH, "now", Proceed),
            (IF_MODIFIED_SINCE, BEFORE, Proceed),
            (IF_MODIFIED_SINCE, MODIFIED, NotModified),
            (IF_MODIFIED_SINCE, AFTER, NotModified),
            (IF_MODIFIED_SINCE, "Sunday, 06-Nov-94 08:49:37 GMT", NotModified),
            (IF_MODIFIED_SINCE, "Sun Nov  6 08:49:37 1994", NotModified),
            (IF_MODIFIED_SINCE, "tomorrow", Proceed),
        ] {
            assert_eq!(evaluate(&fields(&[(name.clone(), value)]), &current()), expected, "{name}: {value}");
        }
    }

    #[test]
    fn tags_go_before_dates_and_match_before_none_match() {
        use Verdict::{Failed, NotModified, Proceed};
        for (lines, expected) in [
            (vec![(IF_NONE_MATCH, "\"old\""), (IF_MODIFIED_SINCE, AFTER)], Proceed),
            (vec![(IF_NONE_MATCH, "\"now\""), (IF_MODIFIED_SINCE, BEFORE)], NotModified),
            (vec![(IF_MATCH, "\"now\""), (IF_UNMODIFIED_SINCE, BEFORE)], Proceed),
            (vec![(IF_MATCH, "\"old\""), (IF_NONE_MATCH, "\"now\"")], Failed),
            (vec![(IF_MATCH, "\"now\""), (IF_NONE_MATCH, "\"now\"")], NotModified),
            (vec![(IF_NONE_MATCH, "\"old\""), (IF_NONE_MATCH, "\"now\"")], NotModified),
            (vec![(IF_MODIFIED_SINCE, AFTER), (IF_MODIFIED_SINCE, AFTER)], Proceed),
        ] {
            assert_eq!(evaluate(&fields(&lines), &current()), expected, "{lines:?}");
        }
    }

    #[test]
    fn if_range_compares_strongly() {
        let now = httpdate::parse_http_date(AFTER).expect("a date");
        let applies = |value| range_applies(&fields(&[(IF_RANGE, value)]), &current(), now);
        assert!(range_applies(&HeaderMap::new(), &current(), now));
        assert!(applies("\"now\""));
        assert!(applies(MODIFIED));
        for value in ["W/\"now\"", "\"old\"", "now", "\"now\", \"old\"", "*", "", BEFORE, AFTER] {
            assert!(!applies(value), "{value}");
        }
        assert!(!range_applies(&fields(&[(IF_RANGE, "\"now\""), (IF_RANGE, "\"now\"")]), &current(), now));
    }

    #[test]
    fn a_date_of_this_second_is_weak() {
        let now = httpdate::parse_http_date(MODIFIED).expect("a date") + Duration::from_millis(999);
        assert!(!range_applies(&fields(&[(IF_RANGE, MODIFIED)]), &current(), now));
    }

    proptest! {
        #[test]
        fn no_list_breaks_it(value in "[W/\", a-z*]{0,40}") {
            let _ = evaluate(&fields(&[(IF_NONE_MATCH, &value), (IF_MATCH, &value)]), &current());
        }

        #[test]
        fn a_listed_tag_is_found(before in prop::collection::vec("[!#-~]{0,8}", 0..5), weak in any::<bool>()) {
            let mut list: Vec<_> = before.iter().map(|tag| format!("\"{tag}\"")).collect();
            list.push(format!("{}\"now\"", if weak { "W/" } else { "" }));
            let line = list.join(", ");
            prop_assert_eq!(evaluate(&fields(&[(IF_NONE_MATCH, &line)]), &current()), Verdict::NotModified);
        }
    }
}
