//! Ends of lines.

/// The text with one `\n` at the end of each line, without byte order marks in front, and without NUL.
///
/// Editors and converters that take `\r\n` for a line end with a letter in front of it write `\r\r\n`; that is one end.
pub(crate) fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim_start_matches('\u{feff}');
    while let Some(at) = rest.find(['\r', '\0']) {
        out.push_str(&rest[..at]);
        if rest.as_bytes()[at] == 0 {
            out.push('\u{fffd}');
            rest = &rest[at + 1..];
            continue;
        }
        let behind = rest[at..].trim_start_matches('\r');
        match behind.strip_prefix('\n') {
            Some(behind) => {
                out.push('\n');
                rest = behind;
            }
            None => {
                // Each is the end of a line by itself, as on old Macs.
                let count = rest.len() - at - behind.len();
                out.extend(std::iter::repeat_n('\n', count));
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_kind_of_line_end_is_one() {
        assert_eq!(normalize("\u{feff}a\r\nb\rc\nd\r\r\ne\0"), "a\nb\nc\nd\ne\u{fffd}");
        assert_eq!(normalize("a\r\rb\r"), "a\n\nb\n");
    }
}
