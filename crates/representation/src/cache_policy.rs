//! How long browsers and the edge may keep a file, by its place and name alone.
//!
//! | class | browsers | edge |
//! | --- | --- | --- |
//! | chunks, inits, fragment tables, subtitles, pictures of a film | a year, immutable | 7 days |
//! | manifests (`.json`, `.m3u8`, `.mpd`) | 1 minute | 5 minutes, a day more while the origin is down |
//! | manifests of a film that is still going up | 1 second | 1 second |
//! | manifests that are answered to signed links only | never | never |
//! | the page's hashed files | a year, immutable | 7 days |
//! | the rest of the page | asked again every time | asked again every time |
//! | errors | never | never |

use crate::mime;

/// Which root a file lies under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Below `--media`.
    Media,
    /// Below `--site`.
    Site,
}

/// The two fields that rule caches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `Cache-Control` (RFC 9111 section 5.2), for browsers and every shared cache.
    pub cache_control: &'static str,
    /// `Cloudflare-CDN-Cache-Control` (RFC 9213 as Cloudflare has it), which rules that edge alone. Its rule "respect the
    /// origin" reads it before `Cache-Control`, so that the edge can be told other times than everybody else.
    pub edge_cache_control: Option<&'static str>,
}

/// Files whose bytes never change under their name.
pub const IMMUTABLE: Policy = Policy {
    cache_control: "public, max-age=31536000, immutable, s-maxage=31536000",
    edge_cache_control: Some("public, max-age=604800"),
};

/// Files that name the current film. `s-maxage` forbids serving stale (RFC 9111 section 5.2.2.10), the edge's own field
/// allows it again.
pub const MANIFEST: Policy = Policy {
    cache_control: "public, max-age=60, s-maxage=300",
    edge_cache_control: Some("public, max-age=300, stale-if-error=86400"),
};

/// Manifests of a film that is watched while it goes up, each of which is replaced within seconds.
pub const GROWING: Policy = Policy { cache_control: "public, max-age=1, s-maxage=1", edge_cache_control: None };

/// Manifests that a signed link has opened. An edge that kept one would answer the link after it has expired or been withdrawn, and
/// every other link anew all the same, since each is a key of its own; what is to be asked for once are chunks.
pub const SIGNED: Policy = Policy { cache_control: "private, no-store", edge_cache_control: Some("no-store") };

/// Kept, but asked for again with its tag before each use.
pub const REVALIDATE: Policy = Policy { cache_control: "no-cache", edge_cache_control: None };

/// Errors and refusals: an edge that keeps the 404 of a chunk keeps a hole in the film.
pub const ERROR: Policy = Policy { cache_control: "no-store", edge_cache_control: Some("no-store") };

impl Policy {
    /// The policy of a file, named by its path below its root.
    #[must_use]
    pub fn of(place: Place, path: &str) -> Self {
        let extension = mime::extension(path).to_ascii_lowercase();
        match (place, extension.as_str()) {
            (Place::Media, "json" | "m3u8" | "mpd") => MANIFEST,
            (
                Place::Media,
                "mp4" | "m4s" | "m4v" | "m4a" | "cmfv" | "cmfa" | "mp3" | "aac" | "flac" | "ogg" | "opus" | "webm"
                | "ts" | "bin" | "vtt" | "srt" | "jpg" | "jpeg" | "png" | "webp" | "avif",
            ) => IMMUTABLE,
            (Place::Media, _) | (Place::Site, "html" | "htm" | "json") => REVALIDATE,
            (Place::Site, _) if path.split('/').any(carries_hash) => IMMUTABLE,
            (Place::Site, _) => REVALIDATE,
        }
    }
}

/// Whether a name holds the hash that a bundler put there: 12 hexadecimal digits or more, set off by punctuation, with
/// letters and figures both among them (a date has no letters, a word no figures).
fn carries_hash(segment: &str) -> bool {
    segment.split(['-', '.', '_']).any(|token| {
        (12..=64).contains(&token.len())
            && token.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            && token.bytes().any(|byte| byte.is_ascii_digit())
            && token.bytes().any(|byte| byte.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_is_immutable_and_its_manifests_are_not() {
        for path in [
            "1f/video-1/0001.mp4",
            "1f/video-1/init.mp4",
            "1f/video-1/0001.bin",
            "1f/en.vtt",
            "1f/sprite-1.jpg",
            "part_1.MP4",
        ] {
            assert_eq!(Policy::of(Place::Media, path), IMMUTABLE, "{path}");
        }
        for path in ["manifest.json", "master.m3u8", "1f/video-1.m3u8", "manifest.mpd", "MANIFEST.JSON"] {
            assert_eq!(Policy::of(Place::Media, path), MANIFEST, "{path}");
        }
        assert_eq!(Policy::of(Place::Media, "notes"), REVALIDATE);
    }

    #[test]
    fn of_the_page_only_what_carries_a_hash_is_immutable() {
        for path in [
            "watchparty-player-8a7f0c1d2e3f4a5b.js",
            "watchparty-player-8a7f0c1d2e3f4a5b_bg.wasm",
            "snippets/shim-0123456789abcdef/inline0.js",
            "app.1a2b3c4d5e6f7a8b.css",
        ] {
            assert_eq!(Policy::of(Place::Site, path), IMMUTABLE, "{path}");
        }
        for path in [
            "index.html",
            "page-8a7f0c1d2e3f4a5b.html",
            "favicon.ico",
            "app.js",
            "report-202401011200.css",
            "defacedefaced.js",
            "assets-8a7f0c1d2e3f4a5b/config.json",
        ] {
            assert_eq!(Policy::of(Place::Site, path), REVALIDATE, "{path}");
        }
    }

    #[test]
    fn the_plan_stands_letter_for_letter() {
        assert_eq!(IMMUTABLE.cache_control, "public, max-age=31536000, immutable, s-maxage=31536000");
        assert_eq!(MANIFEST.cache_control, "public, max-age=60, s-maxage=300");
        assert_eq!(ERROR.cache_control, "no-store");
    }
}
