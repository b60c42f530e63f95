//! From bytes to text.

use std::borrow::Cow;

use chardetng::EncodingDetector;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Bytes that are looked at for UTF-16 without a mark.
const LOOKED_AT: usize = 16 << 10;

/// By its byte order mark; else as UTF-16 or UTF-8 if it is that; else as what its bytes look like.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let marked = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding = marked.or_else(|| unmarked_utf_16(bytes)).unwrap_or_else(|| {
        let mut detector = EncodingDetector::new();
        detector.feed(bytes, true);
        detector.guess(None, true)
    });
    encoding.decode(bytes).0
}

/// UTF-16 without a mark. Times, numbers and line ends are ASCII in every language: every second byte of them is 0,
/// and no other encoding has any.
fn unmarked_utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let units = bytes[..bytes.len().min(LOOKED_AT)].chunks_exact(2);
    let count = units.len();
    let (first, second) = units
        .fold((0, 0), |(first, second), unit| (first + usize::from(unit[0] == 0), second + usize::from(unit[1] == 0)));
    let (more, fewer, encoding) = if first > second { (first, second, UTF_16BE) } else { (second, first, UTF_16LE) };
    // Letters such as U+4E00 have a zero in their other half.
    (more * 8 > count && more > 4 * fewer).then_some(encoding)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn encodings_are_detected() {
        let german = encoding_rs::WINDOWS_1252.encode("Die Füße über dem schönen großen Tisch, natürlich für mich.").0;
        assert!(decode(&german).contains("schönen großen"));
        let russian = encoding_rs::WINDOWS_1251.encode("Привет, как дела? Сегодня хорошая погода, пойдём гулять.").0;
        assert!(decode(&russian).contains("хорошая погода"));
        let japanese = encoding_rs::SHIFT_JIS.encode("こんにちは、今日はいい天気ですね。").0;
        assert!(decode(&japanese).contains("天気"));
        assert_eq!(decode("Füße".as_bytes()), "Füße");
        assert_eq!(decode("\u{feff}Füße".as_bytes()), "Füße");
    }

    #[test]
    fn utf_16_with_and_without_a_mark() {
        let cue = "1\n00:00:01,000 --> 00:00:02,000\n一丁七万丈三上下不与专且世丘\n\n";
        for text in ["Füße\n", cue] {
            for mark in ["\u{feff}", ""] {
                let text = format!("{mark}{text}");
                let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
                assert_eq!(decode(&little).trim_start_matches('\u{feff}'), text.trim_start_matches('\u{feff}'));
                assert_eq!(decode(&big).trim_start_matches('\u{feff}'), text.trim_start_matches('\u{feff}'));
            }
        }
        assert_eq!(decode(b""), "");
        assert_eq!(decode(b"one\0two and much more than that"), "one\0two and much more than that");
    }
}
