//! Links that expire: a path, and the query that opens it.
//!
//! `verify=STAMP-SIGNATURE`: ten digits of seconds since 1970, and the HMAC-SHA-256 of the path and the stamp behind it, in
//! base64url without padding. That is what Cloudflare's rule function `is_timed_hmac_valid_v0` reads with the flag `s`, so
//! that a bucket behind that edge needs no origin to look at links. The function counts from the stamp a length of time that is the same
//! for all links. So the stamp is not the end of a link, but [`LIFETIME`] before it: never in the future.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Keys;

/// The longest life of a link, and how long before its end its stamp is.
pub const LIFETIME: Duration = Duration::from_secs(30 * 86_400);
/// The name of the query's only parameter.
pub const PARAMETER: &str = "verify";

/// Digits of a stamp: from 2001 to 2286.
const DIGITS: usize = 10;
/// Characters of a signature.
const SIGNATURE: usize = 43;

/// What the query of a link says; whether it is true is another question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// In seconds since 1970.
    stamp: u64,
    signature: [u8; 32],
}

/// Why a link does not open its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no query that could open it.
    #[error("this opens only by a link that is signed: ask who shares it for one")]
    Unsigned,
    /// No key has signed that, or none that is in use.
    #[error("this link was not signed, is not whole, or has been withdrawn: ask who shares it for a new one")]
    Forged,
    /// It was good once.
    #[error("this link has expired: ask who shares it for a new one")]
    Expired,
}

impl Link {
    /// Makes the link to a path, as it stands in an address, that expires at a time, to the second. `None` for times whose stamp would
    /// not have ten digits: those before October 2001, or after 2286.
    #[must_use]
    pub fn sign(keys: &Keys, path: &str, expires: SystemTime) -> Option<Self> {
        let stamp = expires.checked_sub(LIFETIME)?.duration_since(UNIX_EPOCH).ok()?.as_secs();
        let is_written = stamp.to_string().len() == DIGITS;
        is_written.then(|| Self { stamp, signature: keys.sign(&message(path, stamp)) })
    }

    /// Reads a query, which nothing else may stand in: what is signed ends where the query begins.
    #[must_use]
    pub fn parse(query: &str) -> Option<Self> {
        let (stamp, signature) = query.strip_prefix(PARAMETER)?.strip_prefix('=')?.split_once('-')?;
        let is_stamp =
            stamp.len() == DIGITS && stamp.bytes().all(|byte| byte.is_ascii_digit()) && !stamp.starts_with('0');
        if !is_stamp || signature.len() != SIGNATURE {
            return None;
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?.try_into().ok()?;
        Some(Self { stamp: stamp.parse().ok()?, signature })
    }

    /// The query.
    #[must_use]
    pub fn query(&self) -> String {
        format!("{PARAMETER}={}-{}", self.stamp, URL_SAFE_NO_PAD.encode(self.signature))
    }

    /// From when on it opens nothing.
    #[must_use]
    pub fn expires(&self) -> SystemTime {
        // Ten digits of seconds are far from the end of a clock.
        UNIX_EPOCH + Duration::from_secs(self.stamp) + LIFETIME
    }

    /// Whether a query opens a path, as both stand in the request, at a time.
    ///
    /// # Errors
    /// Why it does not. Of what no key has signed nothing is said but that.
    pub fn check(keys: &Keys, path: &str, query: Option<&str>, now: SystemTime) -> Result<(), Refusal> {
        let link = match query.filter(|query| !query.is_empty()) {
            None => return Err(Refusal::Unsigned),
            Some(query) => Self::parse(query).ok_or(Refusal::Forged)?,
        };
        if !keys.verify(&message(path, link.stamp), &link.signature) {
            return Err(Refusal::Forged);
        }
        if now < link.expires() { Ok(()) } else { Err(Refusal::Expired) }
    }
}

fn message(path: &str, stamp: u64) -> Vec<u8> {
    format!("{path}{stamp}").into_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATH: &str = "/media/film/manifest.json";

    fn keys() -> Keys {
        Keys::parse(b"0123456789abcdef0123456789abcdef").expect("a key")
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn query(expires: u64) -> String {
        Link::sign(&keys(), PATH, at(expires)).expect("ten digits").query()
    }

    #[test]
    fn a_link_opens_its_path_until_it_expires() {
        let query = query(2_000_000_000);
        let check = |path, now| Link::check(&keys(), path, Some(&query), at(now));
        assert_eq!(check(PATH, 1_999_999_999), Ok(()));
        assert_eq!(check(PATH, 2_000_000_000), Err(Refusal::Expired));
        assert_eq!(check("/media/film2/manifest.json", 1_999_999_999), Err(Refusal::Forged));
        assert_eq!(check("/media/film/manifest.jso", 1_999_999_999), Err(Refusal::Forged));
        let other = Keys::parse(b"another key, as long").expect("a key");
        assert_eq!(Link::check(&other, PATH, Some(&query), at(1_999_999_999)), Err(Refusal::Forged));
        // An expired link of another key is told no more than a forged one.
        assert_eq!(Link::check(&other, PATH, Some(&query), at(2_000_000_001)), Err(Refusal::Forged));
    }

    /// Only the clock of who checks counts, and where that is before the stamp, the link is good all the same.
    #[test]
    fn clocks_that_differ_move_the_end_and_nothing_else() {
        let query = query(2_000_000_000);
        for now in [1_000_000_000, 2_000_000_000 - LIFETIME.as_secs() - 600, 1_999_999_700] {
            assert_eq!(Link::check(&keys(), PATH, Some(&query), at(now)), Ok(()), "{now}");
        }
        assert_eq!(Link::check(&keys(), PATH, Some(&query), at(2_000_000_300)), Err(Refusal::Expired));
    }

    #[test]
    fn an_end_can_not_be_put_off() {
        let (one, other) = (query(2_000_000_000), query(2_000_000_060));
        let stamp = |query: &str| query[7..17].to_owned();
        let later = one.replace(&stamp(&one), &stamp(&other));
        assert_ne!(one, later);
        assert_eq!(Link::check(&keys(), PATH, Some(&later), at(1_999_999_999)), Err(Refusal::Forged));
    }

    #[test]
    fn without_a_query_it_is_not_signed_and_with_any_other_forged() {
        let good = query(2_000_000_000);
        let check = |query: Option<&str>| Link::check(&keys(), PATH, query, at(1_999_999_999));
        assert_eq!((check(None), check(Some(""))), (Err(Refusal::Unsigned), Err(Refusal::Unsigned)));
        for end in 1..good.len() {
            assert_eq!(check(Some(&good[..end])), Err(Refusal::Forged), "{end}");
        }
        let stamp = &good[7..17];
        for other in [
            format!("{good}="),
            format!("{good}&utm_source=mail"),
            format!("x=1&{good}"),
            good.replace("verify", "VERIFY"),
            good.replace(stamp, &format!("0{stamp}")),
            good.replace(stamp, &format!("+{}", &stamp[1..])),
            good.replace('-', "%2D"),
        ] {
            assert_eq!(check(Some(&other)), Err(Refusal::Forged), "{other}");
        }
    }

    /// `hmac.new(key, path + stamp, "sha256")` of Python, in `base64.urlsafe_b64encode` without its padding.
    #[test]
    fn others_make_and_read_the_same_links() {
        let python = "verify=1997408000-HPr7pSmPdSblvWlIDHCHZkGT5fdDu6hOEL-nGTqpzVM";
        assert_eq!(query(2_000_000_000), python);
    }

    #[test]
    fn a_stamp_has_ten_digits() {
        let sign = |expires| Link::sign(&keys(), PATH, at(expires)).map(|link| link.expires());
        let month = LIFETIME.as_secs();
        assert_eq!((sign(0), sign(999_999_999 + month)), (None, None));
        assert_eq!(sign(1_000_000_000 + month), Some(at(1_000_000_000 + month)));
        assert_eq!(sign(9_999_999_999 + month), Some(at(9_999_999_999 + month)));
        assert_eq!(sign(10_000_000_000 + month), None);
    }

    proptest! {
        #[test]
        fn what_is_signed_is_read_as_it_was_written(
            path in "/[ -~]{0,40}",
            expires in 1_002_592_000_u64..10_002_592_000,
            early in 1_u64..100_000_000,
        ) {
            let link = Link::sign(&keys(), &path, at(expires)).expect("ten digits");
            let query = link.query();
            prop_assert_eq!(Link::parse(&query), Some(link));
            prop_assert_eq!(Link::check(&keys(), &path, Some(&query), at(expires - early)), Ok(()));
        }

        /// Whatever is read is written as it was read: there is one way to write a link.
        #[test]
        fn no_text_is_read_as_another(query in "(verify=)?[0-9]{9,11}-[A-Za-z0-9_+/=-]{42,44}") {
            if let Some(link) = Link::parse(&query) {
                prop_assert_eq!(link.query(), query);
            }
        }

        #[test]
        fn any_text_is_read_or_not(query in ".*") {
            prop_assert_eq!(Link::check(&keys(), PATH, Some(&query), at(1_700_000_000)).is_ok(), false);
        }
    }
}
