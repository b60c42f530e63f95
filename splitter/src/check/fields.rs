//! The fields of one answer, held against what browsers, players and edges need. Pure.

use ureq::http::HeaderMap;

use super::finding::Problem;
use super::kind::Kind;

/// Seconds in a week: the least time that caches should be allowed to keep a chunk.
const WEEK: u64 = 7 * 24 * 3600;
/// The most seconds that caches should be allowed to keep a manifest: a new cut is not seen before.
const MANIFEST_AGE: u64 = 300;

/// What is wrong with the fields of a 200 or 206. `types` are the media types that it may have; none means any.
pub(super) fn of(fields: &HeaderMap, kind: Kind, types: &[&str]) -> Vec<Problem> {
    let text = |name: &str| fields.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut problems = Vec::new();
    let content_type = text("content-type").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !types.is_empty() && !types.contains(&content_type.as_str()) {
        problems.push(Problem::ContentType { expected: types.join(" or "), found: content_type });
    }
    let is_compressed = !text("content-encoding").is_empty();
    if kind == Kind::Media && is_compressed {
        problems.push(Problem::Encoded { found: text("content-encoding").to_owned() });
    }
    if !fields.contains_key("content-length") && !is_compressed {
        problems.push(Problem::NoLength);
    }
    problems.extend(lifetime(text("cache-control"), kind));
    match text("etag") {
        "" => problems.push(Problem::NoTag),
        tag if !is_strong(tag) && !matches!(kind, Kind::Manifest | Kind::Signed) => {
            problems.push(Problem::WeakTag { found: tag.to_owned() });
        }
        tag if !is_strong(tag) => problems.push(Problem::WeakenedTag { found: tag.to_owned() }),
        _ => {}
    }
    if fields.contains_key("set-cookie") {
        problems.push(Problem::Cookie);
    }
    let varies = fields.get_all("vary").iter().filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(','));
    if let Some(found) = varies.map(str::trim).find(|name| !name.eq_ignore_ascii_case("accept-encoding")) {
        problems.push(Problem::Varies { found: found.to_owned() });
    }
    if text("access-control-allow-origin") != "*" {
        problems.push(Problem::NoCors { found: text("access-control-allow-origin").to_owned() });
    }
    let exposed = text("access-control-expose-headers").to_ascii_lowercase();
    let exposed: Vec<_> = exposed.split(',').map(str::trim).collect();
    let hidden: Vec<_> = ["Content-Range", "ETag", "Age", "CF-Cache-Status", "Retry-After"]
        .into_iter()
        .filter(|name| !exposed.contains(&"*") && !exposed.contains(&name.to_ascii_lowercase().as_str()))
        .collect();
    if !hidden.is_empty() {
        problems.push(Problem::Hidden { fields: hidden.join(", ") });
    }
    problems
}

/// What is wrong with the fields of a 404.
pub(super) fn of_error(fields: &HeaderMap) -> Option<Problem> {
    let found = fields.get("cache-control").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_kept = cache_status(fields).is_some_and(|status| super::is_kept(&status));
    let directives = Directives::of(found);
    (is_kept || !(directives.has("no-store") || directives.has("no-cache") || directives.number("max-age") == Some(0)))
        .then(|| Problem::ErrorKept { found: found.to_owned() })
}

fn lifetime(found: &str, kind: Kind) -> Option<Problem> {
    let directives = Directives::of(found);
    let found = found.to_owned();
    let is_kept = !["no-store", "no-cache", "private"].into_iter().any(|name| directives.has(name));
    let browser = directives.number("max-age");
    let edge = directives.number("s-maxage").or(browser);
    match kind {
        Kind::Signed if is_kept => Some(Problem::SignedKept { found }),
        Kind::Manifest if !is_kept => Some(Problem::ManifestNotKept { found }),
        Kind::Manifest
            if directives.has("immutable")
                || browser.is_none_or(|age| age > MANIFEST_AGE)
                || edge > Some(MANIFEST_AGE) =>
        {
            Some(Problem::ManifestKeptLong { found })
        }
        Kind::Media | Kind::Side if !is_kept || browser.is_none_or(|age| age < WEEK) || edge < Some(WEEK) => {
            Some(Problem::KeptShort { found })
        }
        _ => None,
    }
}

/// What the cache nearest to the client says of itself, as one capital word.
pub(super) fn cache_status(fields: &HeaderMap) -> Option<String> {
    let text = |name: &str| fields.get(name).and_then(|value| value.to_str().ok());
    if let Some(status) = text("cf-cache-status") {
        return Some(status.trim().to_ascii_uppercase());
    }
    // RFC 9211: the last of the list is the nearest. Others write "HIT", "Hit from cloudfront", "TCP_HIT".
    let said = text("cache-status").and_then(|list| list.rsplit(',').next()).or_else(|| text("x-cache"))?;
    let is_hit = said.to_ascii_lowercase().contains("hit");
    Some(if is_hit { "HIT" } else { "MISS" }.to_owned())
}

/// A tag in quotes without `W/` (RFC 9110 section 8.8.3).
pub(super) fn is_strong(tag: &str) -> bool {
    tag.len() >= 2 && tag.starts_with('"') && tag.ends_with('"')
}

/// When a file was written, in nanoseconds since 1970, where its tag is one that `origin` makes of what the file system says:
/// no manifest vouches for such a file.
pub(super) fn written(tag: &str) -> Option<u128> {
    let tag = tag.strip_prefix('"')?.strip_suffix('"')?;
    let numbers = tag.split('-').map(|part| u128::from_str_radix(part, 16).ok()).collect::<Option<Vec<_>>>()?;
    let [_bytes, written, _changed, _inode] = numbers[..] else { return None };
    Some(written)
}

/// The value of `Cache-Control`.
struct Directives(Vec<(String, String)>);

impl Directives {
    fn of(text: &str) -> Self {
        let directive = |text: &str| {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_owned())
        };
        Self(text.split(',').map(directive).collect())
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(found, _)| found == name)
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.0.iter().find(|(found, _)| found == name)?.1.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_lives_for_minutes_and_a_chunk_for_a_year() {
        for (value, kind, is_right) in [
            ("public, max-age=60, s-maxage=300", Kind::Manifest, true),
            ("public, max-age=60", Kind::Manifest, true),
            ("public, max-age=60, s-maxage=86400", Kind::Manifest, false),
            ("max-age=604800", Kind::Manifest, false),
            ("max-age=60, immutable", Kind::Manifest, false),
            ("no-store", Kind::Manifest, false),
            ("private, no-store", Kind::Signed, true),
            ("public, max-age=60, s-maxage=300", Kind::Signed, false),
            ("", Kind::Signed, false),
            ("", Kind::Manifest, false),
            ("public, max-age=31536000, immutable, s-maxage=31536000", Kind::Media, true),
            ("Public,Max-Age=\"31536000\"", Kind::Side, true),
            ("public, max-age=31536000, s-maxage=60", Kind::Media, false),
            ("max-age=14400", Kind::Media, false),
            ("private, max-age=31536000", Kind::Media, false),
            ("", Kind::Media, false),
        ] {
            assert_eq!(lifetime(value, kind).is_none(), is_right, "{value} {kind:?}");
        }
    }

    #[test]
    fn each_cache_says_it_in_its_own_way() {
        for (name, value, expected) in [
            ("cf-cache-status", "hit", "HIT"),
            ("cf-cache-status", "DYNAMIC", "DYNAMIC"),
            ("x-cache", "Hit from cloudfront", "HIT"),
            ("x-cache", "TCP_MISS", "MISS"),
            ("cache-status", "origin; fwd=miss, edge; hit", "HIT"),
            ("cache-status", "origin; hit, edge; fwd=uri-miss", "MISS"),
        ] {
            let fields = HeaderMap::from_iter([(name.parse().expect("a name"), value.parse().expect("a value"))]);
            assert_eq!(cache_status(&fields).as_deref(), Some(expected), "{name}: {value}");
        }
        assert_eq!(cache_status(&HeaderMap::new()), None);
    }
}
