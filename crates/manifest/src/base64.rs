//! Base64 (RFC 4648 section 4), padded, as inits stand in a manifest.

/// The bytes of a text; `None` where it is none.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let digits = &text[..text.len() - padding];
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for &byte in digits {
        held = held << 6 | u32::from(value(byte)?);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    // What is left over must be nothing, so that one text alone stands for these bytes.
    (held == 0).then_some(bytes)
}

fn value(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::decode;

    proptest! {
        #[test]
        fn what_the_crate_writes_is_read(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&STANDARD.encode(&bytes)), Some(bytes));
        }

        #[test]
        fn any_text_is_read_as_the_crate_reads_it(text in "[A-Za-z0-9+/=é ]{0,12}") {
            prop_assert_eq!(decode(&text), STANDARD.decode(&text).ok(), "{}", text);
        }
    }
}
