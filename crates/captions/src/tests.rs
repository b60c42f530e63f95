//! Whole files, as people bring them.

use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

#[test]
fn a_timestamp_map_is_left_out() {
    let file = b"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:01.000 --> 00:02.000\nHi\n";
    assert_eq!(webvtt(file).as_deref(), Ok("WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n"));
}

#[test]
fn a_line_that_somebody_says_makes_no_other_format() {
    let file = b"1\n00:00:01,000 --> 00:00:02,000\n[events]\nunfold\n";
    assert_eq!(webvtt(file).as_deref(), Ok("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n[events]\nunfold\n"));
}

#[test]
fn line_ends_of_every_kind() {
    let expected = Ok("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nOne\ntwo\n\n00:00:03.000 --> 00:00:04.000\nThree\n");
    for end in ["\n", "\r\n", "\r", "\r\r\n"] {
        let file = "1\n00:00:01,000 --> 00:00:02,000\nOne\ntwo\n\n2\n00:00:03,000 --> 00:00:04,000\nThree\n";
        assert_eq!(webvtt(file.replace('\n', end).as_bytes()).as_deref(), expected, "{end:?}");
    }
}

#[test]
fn encodings_are_told_apart_in_every_format() {
    let text = "00:00:00,5 --> 00:00:02,000\nDie Füße über dem schönen großen Tisch, natürlich für mich.\n";
    let expected =
        "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nDie Füße über dem schönen großen Tisch, natürlich für mich.\n";
    let utf_16 = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let latin = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    for bytes in [text.as_bytes().to_vec(), utf_16(u16::to_le_bytes), utf_16(u16::to_be_bytes), latin] {
        assert_eq!(webvtt(&bytes).as_deref(), Ok(expected));
    }
}

#[test]
fn what_has_no_cue_is_refused() {
    for text in
        ["", "WEBVTT\n", "no captions here", "WEBVTTX\n1 --> 2", "a --> b\nc", "[Events]\nDialogue: 1", "\0\0\0\0"]
    {
        assert_eq!(webvtt(text.as_bytes()), Err(Error::NoCue), "{text}");
    }
    assert_eq!(webvtt(&vec![b'x'; MOST_BYTES + 1]), Err(Error::TooLarge));
}

proptest! {
    #[test]
    fn what_was_read_once_is_right(text in file_like()) {
        if let Ok(read) = webvtt(text.as_bytes()) {
            prop_assert!(read.starts_with("WEBVTT"));
            prop_assert_eq!(webvtt(read.as_bytes()), Ok(read.clone()));
        }
    }
}

/// Pieces of every format in any order.
fn file_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "WEBVTT",
        "\n",
        "\n\n",
        "\r\r\n",
        "00:01.000 --> 00:02.000",
        "00:00:00,5 --> 0:1",
        " --> ",
        "<",
        ">",
        "<i>",
        "{\\an8}",
        "{",
        "}",
        "\\",
        "X-TIMESTAMP-MAP=",
        "[Events]\n",
        "Dialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,,",
        "{\\p1}",
        "a",
        "é",
        "&",
        "12",
        ":",
        " ",
        "NOTE ",
        "STYLE\n",
        "-",
        "--",
        "&lt;",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}
