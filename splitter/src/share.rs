//! Links that only friends have: the address of a film's manifest, signed so that it opens for a while.

use std::time::{Duration, SystemTime};

use signing::{Keys, LIFETIME, Link};
use url::Url;

/// The file that an address without one stands for.
const MANIFEST: &str = "manifest.json";

/// A link, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// What friends open: the page with the film, or the manifest itself where no page was named.
    pub link: Url,
    /// The manifest with its signature, which players are given.
    pub manifest: Url,
    /// From when on it opens nothing, by the clock of who serves the film.
    pub expires: SystemTime,
}

/// Why there is no link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoLink {
    /// What was typed is no address of a film.
    #[error("{text:?} is no address of a film: write it as https://example.org/media/film/manifest.json")]
    Address {
        /// As typed.
        text: String,
    },
    /// The address has a query, and nothing but the signature may stand there.
    #[error("the address of the film has a query: leave away what stands behind the question mark")]
    Query,
    /// It is to last for no time, or for too long.
    #[error("a link lasts a second to {} days", LIFETIME.as_secs() / 86_400)]
    Life,
    /// The page is none.
    #[error("{text:?} is no address of a page: write it as https://example.org/")]
    Page {
        /// As typed.
        text: String,
    },
}

/// Makes a link to a manifest or playlist, or to the manifest in a directory, that is good for `life` from `now` on. With a page, absolute
/// or relative to the film, it is the page's link.
///
/// # Errors
/// [`NoLink`], with what to type instead.
pub fn share(
    address: &str,
    page: Option<&str>,
    keys: &Keys,
    life: Duration,
    now: SystemTime,
) -> Result<Shared, NoLink> {
    let no_address = || NoLink::Address { text: plain(address).to_owned() };
    let mut manifest = web(Url::parse(address)).ok_or_else(no_address)?;
    if manifest.query().is_some() {
        return Err(NoLink::Query);
    }
    manifest.set_fragment(None);
    if !manifest.path().rsplit('/').next().is_some_and(|name| name.contains('.')) {
        let path = format!("{}/{MANIFEST}", manifest.path().trim_end_matches('/'));
        manifest.set_path(&path);
    }
    if life < Duration::from_secs(1) || life > LIFETIME {
        return Err(NoLink::Life);
    }
    // Seconds are what links count in.
    let expires = now + life;
    let signed = Link::sign(keys, manifest.path(), expires).ok_or(NoLink::Life)?;
    let expires = signed.expires();
    manifest.set_query(Some(&signed.query()));
    let link = match page {
        None => manifest.clone(),
        Some(page) => {
            let page = web(manifest.join(page)).ok_or_else(|| NoLink::Page { text: plain(page).to_owned() })?;
            on_page(page, &manifest)
        }
    };
    Ok(Shared { link, manifest, expires })
}

fn web(url: Result<Url, url::ParseError>) -> Option<Url> {
    url.ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// What may be repeated of an address: its query may hold a token, and its authority a password.
fn plain(address: &str) -> &str {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    if address.contains('@') { "that" } else { address }
}

/// The page's address with the film in its fragment, which no browser sends to anybody.
fn on_page(mut page: Url, manifest: &Url) -> Url {
    let is_beside = page.origin() == manifest.origin();
    let film = if is_beside { &manifest[url::Position::BeforePath..] } else { manifest.as_str() };
    // The characters that a query of a form gives another meaning.
    let film = film.replace('%', "%25").replace('+', "%2B").replace('&', "%26");
    page.set_fragment(Some(&format!("src={film}")));
    page
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    const FILM: &str = "https://h.example/media/film/manifest.json";
    const HOUR: Duration = Duration::from_secs(3_600);

    fn keys() -> Keys {
        Keys::parse(b"0123456789abcdef").expect("a key")
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn try_share(address: &str, page: Option<&str>, life: Duration) -> Result<Shared, NoLink> {
        share(address, page, &keys(), life, at(1_800_000_000))
    }

    #[test]
    fn a_link_is_good_for_as_long_as_it_was_said() {
        let Shared { link, manifest, expires } = try_share(FILM, None, HOUR).expect("a link");
        assert_eq!((link, expires), (manifest.clone(), at(1_800_003_600)));
        let check = |now| Link::check(&keys(), manifest.path(), manifest.query(), at(now));
        assert_eq!((check(1_800_003_599).is_ok(), check(1_800_003_600).is_ok()), (true, false));
    }

    #[test]
    fn a_directory_stands_for_its_manifest() {
        let manifest = try_share(FILM, None, HOUR).expect("a link").manifest;
        for address in ["https://h.example/media/film", "https://h.example/media/film/", &format!("{FILM}#room=x")] {
            assert_eq!(try_share(address, None, HOUR).expect("a link").manifest, manifest);
        }
        let playlist = try_share("https://h.example/media/film/master.m3u8", None, HOUR).expect("a link").manifest;
        assert_eq!(playlist.path(), "/media/film/master.m3u8");
    }

    #[test]
    fn the_page_has_the_film_behind_the_number_sign() {
        let link = |page| try_share(FILM, Some(page), HOUR).expect("a link").link.to_string();
        let (start, rest) =
            link("/").split_once("#src=").map(|(one, two)| (one.to_owned(), two.to_owned())).expect("both");
        assert_eq!(start, "https://h.example/");
        assert!(rest.starts_with("/media/film/manifest.json?verify=1797411600-"), "{rest}");
        let elsewhere = link("https://page.example/watch?ahead=10");
        assert!(
            elsewhere.starts_with(
                "https://page.example/watch?ahead=10#src=https://h.example/media/film/manifest.json?verify="
            )
        );
    }

    #[test]
    fn what_a_form_would_read_otherwise_is_written_so_that_it_is_not() {
        let film = "https://h.example/media/a%20b+c&d/manifest.json";
        let Shared { link, manifest, .. } = try_share(film, Some("/"), HOUR).expect("a link");
        let fragment = link.fragment().expect("one");
        let (_, read) = url::form_urlencoded::parse(fragment.as_bytes()).next().expect("a pair");
        assert_eq!(link.join(&read).expect("an address"), manifest);
    }

    #[test]
    fn what_cannot_be_signed_is_told_without_what_may_be_secret() {
        assert_eq!(try_share(&format!("{FILM}?verify=secret"), None, HOUR), Err(NoLink::Query));
        for address in ["media/current", "ftp://h/manifest.json", "", "nonsense?verify=secret", "ftp://me:secret@h/"] {
            let error = try_share(address, None, HOUR).expect_err("no address").to_string();
            assert!(error.contains("is no address of a film") && !error.contains("secret"), "{error}");
        }
        assert!(matches!(try_share(FILM, Some("data:x"), HOUR), Err(NoLink::Page { .. })));
        for life in [Duration::ZERO, LIFETIME + Duration::from_secs(1), Duration::MAX] {
            assert_eq!(try_share(FILM, None, life), Err(NoLink::Life));
        }
        assert!(try_share(FILM, None, LIFETIME).is_ok());
    }
}
