//! Films that are answered to signed links only: which files need a link, and whether a request has one.
//!
//! What can be guessed needs a link: everything of the media but what a film keeps for good (chunks, inits, tables, subtitles,
//! pictures), which stays one object for all viewers and caches. That is what `splitter --private` gives a name that nobody can
//! guess; and below such a name playlists are open, too, for those who come by a signed one of the film.

use std::time::SystemTime;

use http::{Request, StatusCode};
use signing::{KeyFile, Link, Refusal};

use crate::cache_policy::{self, Place, Policy};

/// Hexadecimal digits of the name of a private cut: those of a content id, and as many that its key makes.
const SECRET_DIGITS: usize = 64;

/// Whether a file of the media is answered to signed links only.
pub(crate) fn needs_link(place: Place, name: &str, policy: Policy) -> bool {
    let mut directories = name.split('/').rev().skip(1);
    place == Place::Media && policy != cache_policy::IMMUTABLE && !directories.any(is_secret)
}

/// Whether a request has a link that opens its path.
pub(crate) fn check<B>(keys: &KeyFile, request: &Request<B>, now: SystemTime) -> Result<(), Refusal> {
    Link::check(&keys.keys(), request.uri().path(), request.uri().query(), now)
}

/// What is answered instead: who has had a link is told that it is over, and nobody else whether there is such a file.
pub(crate) fn status(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::Unsigned | Refusal::Forged => StatusCode::FORBIDDEN,
        Refusal::Expired => StatusCode::GONE,
    }
}

fn is_secret(directory: &str) -> bool {
    directory.len() == SECRET_DIGITS && directory.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_guessed_needs_a_link() {
        let needs = |place, name: &str| needs_link(place, name, Policy::of(place, name));
        let (plain, secret) = ("0123456789abcdef0123456789abcdef", "0123456789abcdef".repeat(4));
        for name in ["manifest.json", "film/master.m3u8", "film/manifest.mpd", "MANIFEST.JSON", "notes", "film/a.txt"] {
            assert!(needs(Place::Media, name), "{name}");
            assert!(!needs(Place::Site, name), "{name}");
        }
        assert!(needs(Place::Media, &format!("film/{plain}/video-1.m3u8")));
        assert!(needs(Place::Media, &format!("film/{secret}.m3u8")), "a file is no directory");
        assert!(needs(Place::Media, &format!("film/{}/video-1.m3u8", secret.to_uppercase())));
        assert!(!needs(Place::Media, &format!("film/{secret}/video-1.m3u8")));
        assert!(!needs(Place::Media, &format!("film/{secret}/video-1/0001.mp4")));
        assert!(!needs(Place::Media, &format!("film/{plain}/video-1/0001.mp4")));
    }
}
