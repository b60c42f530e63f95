//! From the path of a request to the name of a file below a root, or to a refusal.
//!
//! Pure, and the same on every system: a name that is harmless here but a trick on Windows is refused everywhere. What a
//! name leads to (symbolic links above all) is the business of `root`.

use percent_encoding::percent_decode_str;

/// Longest path that is looked at, in bytes before decoding.
const MAX_BYTES: usize = 2048;
/// Most segments that a path may have.
const MAX_SEGMENTS: usize = 32;

/// A checked, decoded path: segments without separators, dots or tricks, joined by `/`.
///
/// Empty for the root. `is_directory` tells whether the request ended in a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestPath {
    joined: String,
    is_directory: bool,
}

/// Why a path names no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Longer than any name of a file: the answer is 414.
    #[error("the path is too long")]
    TooLong,
    /// The bytes are no path at all: the answer is 400.
    #[error("the path is malformed: {0}")]
    Malformed(&'static str),
    /// A well-formed path that no file is ever served under: the answer is 404.
    #[error("the path is never served: {0}")]
    Hidden(&'static str),
}

impl RequestPath {
    /// Reads the path of a request target (RFC 3986 section 3.3), without its query.
    ///
    /// Each segment is decoded exactly once. Nothing is normalised: one file has one URL, so that an edge keeps it once.
    ///
    /// # Errors
    /// [`Refusal`], for whatever is not a plain name of a plain file.
    pub fn parse(path: &str) -> Result<Self, Refusal> {
        if path.len() > MAX_BYTES {
            return Err(Refusal::TooLong);
        }
        let rest = path.strip_prefix('/').ok_or(Refusal::Malformed("it does not begin with a slash"))?;
        let (rest, is_directory) = match rest.strip_suffix('/') {
            Some(rest) => (rest, true),
            None => (rest, rest.is_empty()),
        };
        let mut joined = String::with_capacity(rest.len());
        if rest.is_empty() {
            return if path == "/" { Ok(Self { joined, is_directory }) } else { Err(Refusal::Hidden("empty segment")) };
        }
        for (at, raw) in rest.split('/').enumerate() {
            if at == MAX_SEGMENTS {
                return Err(Refusal::TooLong);
            }
            if at > 0 {
                joined.push('/');
            }
            joined.push_str(&segment(raw)?);
        }
        Ok(Self { joined, is_directory })
    }

    /// The segments joined by `/`; never begins or ends with one.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.joined
    }

    /// Whether the request ended in a slash.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.is_directory
    }
}

fn segment(raw: &str) -> Result<String, Refusal> {
    check_escapes(raw)?;
    // Overlong forms of a dot or slash (C0 AE, E0 80 AF …) are not UTF-8.
    let text = percent_decode_str(raw).decode_utf8().map_err(|_| Refusal::Malformed("not UTF-8"))?;
    if text.is_empty() {
        return Err(Refusal::Hidden("empty segment"));
    }
    if text.chars().any(char::is_control) {
        return Err(Refusal::Malformed("control character"));
    }
    if text.contains(['/', '\\']) {
        return Err(Refusal::Hidden("encoded separator"));
    }
    if text.starts_with('.') {
        return Err(Refusal::Hidden("dot segment or hidden file"));
    }
    // Windows: drive letters and alternate data streams, names that end in what the system drops, devices, short names.
    if text.contains([':', '*', '?', '"', '<', '>', '|']) {
        return Err(Refusal::Hidden("character that Windows reserves"));
    }
    if text.ends_with(['.', ' ']) {
        return Err(Refusal::Hidden("trailing dot or space"));
    }
    if is_device(&text) || is_short_name(&text) {
        return Err(Refusal::Hidden("name that Windows reserves"));
    }
    Ok(text.into_owned())
}

/// A percent sign must be followed by two hexadecimal digits (RFC 3986 section 2.1).
fn check_escapes(raw: &str) -> Result<(), Refusal> {
    let mut rest = raw.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| byte == b'%') {
        match rest.get(at + 1..at + 3) {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => rest = &rest[at + 3..],
            _ => return Err(Refusal::Malformed("broken percent-encoding")),
        }
    }
    Ok(())
}

fn is_device(segment: &str) -> bool {
    let stem = segment.split('.').next().unwrap_or(segment).trim_end().to_ascii_lowercase();
    match stem.as_str() {
        "con" | "prn" | "aux" | "nul" | "conin$" | "conout$" => true,
        _ => match stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt")) {
            Some(number) => {
                number.chars().count() == 1 && number.contains(|c: char| c.is_ascii_digit() || "¹²³".contains(c))
            }
            None => false,
        },
    }
}

/// `PROGRA~1`: another name of a file, perhaps of one that is hidden under its own.
fn is_short_name(segment: &str) -> bool {
    let stem = segment.split('.').next().unwrap_or(segment);
    stem.chars().count() <= 8
        && stem.rsplit_once('~').is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(path: &str) -> Result<String, Refusal> {
        RequestPath::parse(path).map(|path| path.as_str().to_owned())
    }

    #[test]
    fn plain_names_pass() {
        assert_eq!(parse("/"), Ok(String::new()));
        assert_eq!(
            parse("/media/current/0123abcd/video-1/0001.mp4").as_deref(),
            Ok("media/current/0123abcd/video-1/0001.mp4")
        );
        assert_eq!(parse("/a%20film/%C3%A9t%C3%A9.vtt").as_deref(), Ok("a film/été.vtt"));
        assert_eq!(parse("/a/").as_deref(), Ok("a"));
        assert!(RequestPath::parse("/a/").expect("plain").is_directory());
        assert!(!RequestPath::parse("/a").expect("plain").is_directory());
        assert_eq!(parse("/compton/console.mp4/com/lpt10").as_deref(), Ok("compton/console.mp4/com/lpt10"));
    }

    #[test]
    fn a_name_is_decoded_once() {
        assert_eq!(parse("/%252e%252e").as_deref(), Ok("%2e%2e"));
    }

    #[test]
    fn malformed_paths_are_told_apart() {
        for path in
            ["", "a", "/%", "/%4", "/%zz", "/%+1", "/a%00b", "/%0a", "/%7f", "/%c0%ae%c0%ae", "/%e0%80%af", "/%ff"]
        {
            assert!(matches!(parse(path), Err(Refusal::Malformed(_))), "{path:?}");
        }
    }

    #[test]
    fn a_path_has_its_length() {
        assert_eq!(parse(&format!("/{}", "a/".repeat(40))), Err(Refusal::TooLong));
        assert_eq!(parse(&format!("/{}", "a".repeat(4_000))), Err(Refusal::TooLong));
        assert!(parse(&format!("/{}", "a".repeat(2_000))).is_ok());
    }

    #[test]
    fn ways_out_and_tricks_are_hidden() {
        for path in [
            "//",
            "///",
            "//etc/passwd",
            "/a//b",
            "/..",
            "/../a",
            "/a/..",
            "/a/../b",
            "/.",
            "/./a",
            "/%2e%2e/a",
            "/%2E%2E",
            "/.%2e/a",
            "/..%2fetc",
            "/..%5cetc",
            "/a%2fb",
            "/a\\b",
            "/a%5cb",
            "/.git/config",
            "/.env",
            "/.partial-1/a",
            "/...",
            "/C:/Windows",
            "/c%3a",
            "/a.mp4::$DATA",
            "/a.mp4%20",
            "/a.mp4.",
            "/a./b",
            "/nul",
            "/CON.txt",
            "/aux.mp4",
            "/com1",
            "/LPT9.bin",
            "/com%C2%B9",
            "/PROGRA~1",
            "/GIT~1/config",
            "/a%2a",
            "/a%3f",
        ] {
            assert!(matches!(parse(path), Err(Refusal::Hidden(_))), "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_passes_stays_below_the_root(path in "/([a.%2eEfFcC05/\\\\ ~:]|\\PC){0,40}") {
            if let Ok(path) = RequestPath::parse(&path) {
                prop_assert!(!path.as_str().starts_with('/') && !path.as_str().contains('\\'));
                for segment in path.as_str().split('/') {
                    prop_assert!(path.as_str().is_empty() || !segment.is_empty());
                    prop_assert!(!segment.starts_with('.') && !segment.contains(['\0', ':']));
                }
            }
        }

        #[test]
        fn every_plain_name_passes(names in prop::collection::vec("[a-zA-Z0-9_é][a-zA-Z0-9_é -]{0,10}[a-z0-9_é]{3}\\.mp4", 1..5)) {
            let path = format!("/{}", names.join("/"));
            prop_assume!(!names.iter().any(|name| is_device(name)));
            let encoded = path.replace(' ', "%20").replace('é', "%c3%A9");
            prop_assert_eq!(parse(&encoded), Ok(names.join("/")));
        }
    }
}
