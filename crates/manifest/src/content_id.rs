//! The ids of manifests: the content id of a whole film, or how far one is there that still goes up.

/// Hexadecimal digits of a content id: half of those of a SHA-256 digest.
pub const ID_DIGITS: usize = 32;
/// Those of the id of a private cut: as many more that nobody can guess.
const PRIVATE_ID_DIGITS: usize = 2 * ID_DIGITS;

/// What stands between the content id of the whole film and up to which millisecond it is there: `3f…9ar42000`.
pub const READY: char = 'r';

/// Whether a name is one that a cut is published under.
#[must_use]
pub fn is_content_id(name: &str) -> bool {
    matches!(name.len(), ID_DIGITS | PRIVATE_ID_DIGITS)
        && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The content id of the whole film by the id of a manifest, which may name only what is there of it.
#[must_use]
pub fn whole_id(id: &str) -> &str {
    let grows = id.rsplit_once(READY).filter(|(whole, ready)| {
        is_content_id(whole) && !ready.is_empty() && ready.bytes().all(|byte| byte.is_ascii_digit())
    });
    grows.map_or(id, |(whole, _)| whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growing_film_is_known_by_its_content_id() {
        let id = "0123456789abcdef0123456789abcdef";
        for same in [id.to_owned(), format!("{id}r42000"), format!("{id}{id}r1")] {
            assert!(is_content_id(whole_id(&same)), "{same}");
        }
        for other in [format!("{id}r"), format!("{id}rx"), "r5".to_owned(), String::new()] {
            assert_eq!(whole_id(&other), other);
        }
    }
}
