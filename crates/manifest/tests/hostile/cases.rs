//! Manifests that nobody should write, and what is answered to each, wherever it is read.
//!
//! The same table is held against `serde_json` here and against the browser's JSON in the player's own tests.

/// A manifest, and what becomes of it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) json: Vec<u8>,
    pub(crate) answer: Answer,
}

pub(crate) enum Answer {
    /// It is a film.
    Film,
    /// It is refused, with these words in the message.
    Refused(&'static str),
    /// JSON (RFC 8259) leaves open what this means: a browser takes it, `serde_json` refuses it.
    OnlyInBrowsers,
    /// `serde_json` takes it, a browser refuses it.
    NotInBrowsers,
}

use Answer::{Film, NotInBrowsers, OnlyInBrowsers, Refused};

/// A whole manifest of one short film.
pub(crate) const CUT: &str = include_str!("../../../../fuzz/corpus/manifest/cut.json");

const DEEP: usize = 100_000;
const LARGE: usize = 10_000_000;

/// [`CUT`] with something else in the place of the first `what`.
fn with(what: &str, instead: &str) -> Vec<u8> {
    assert!(CUT.contains(what), "{what}");
    CUT.replacen(what, instead, 1).into_bytes()
}

pub(crate) fn cases() -> Vec<Case> {
    const CHUNK_BYTES: &str = r#""bytes":1589,"sha"#;
    let chunk_bytes = |number: &str| with(CHUNK_BYTES, &format!(r#""bytes":{number},"sha"#));
    let plain = |number: &str| format!(r#"[{{"url":"a.mp4","bytes":{number}}}]"#).into_bytes();
    let member = |text: &str| with("{", &format!("{{{text},"));
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(DEEP), close.repeat(DEEP));
    let case = |name, json: &[u8], answer| Case { name, json: json.to_vec(), answer };
    vec![
        case("a film", CUT.as_bytes(), Film),
        case("a plain list", &plain("7"), Film),
        case("a byte order mark", &[b"\xef\xbb\xbf", CUT.as_bytes()].concat(), Film),
        case("space around it", format!(" \r\n\t{CUT}\n ").as_bytes(), Film),
        // Not JSON.
        case("nothing", b"", Refused("not what the splitter writes")),
        case("spaces", b" \n ", Refused("not what the splitter writes")),
        case("half of it", &CUT.as_bytes()[..CUT.len() / 2], Refused("not what the splitter writes")),
        case("a page", b"<!DOCTYPE html><title>404</title>", Refused("not what the splitter writes")),
        case("something behind it", format!("{CUT} 1").as_bytes(), Refused("not what the splitter writes")),
        case("other encodings", b"[{\"url\":\"\xff\",\"bytes\":1}]", Refused("not what the splitter writes")),
        case("a control character", &with("\"id\":\"", "\"id\":\"\u{1}"), Refused("not what the splitter writes")),
        // JSON of another shape.
        case("null", b"null", Refused("not what the splitter writes")),
        case("a number", b"5", Refused("not what the splitter writes")),
        case("a text", b"\"film\"", Refused("not what the splitter writes")),
        case("an empty list", b"[]", Refused("names no chunks")),
        case("a list of numbers", b"[5]", Refused("[0]")),
        case("a list of lists", b"[[1,2]]", Refused("[0]")),
        case("a chunk without a length", b"[{\"url\":\"a\"}]", Refused("bytes")),
        case("an empty chunk", &plain("0"), Refused("[0]: a chunk has no bytes")),
        case("no version", b"{}", Refused("missing field `version`")),
        case("a version in words", &with("\"version\":1", "\"version\":\"1\""), Refused("version: ")),
        case("another version of another shape", b"{\"streams\":5,\"version\":2}", Refused("has version 2")),
        case("streams that are none", &with("\"streams\":[", "\"streams\":5,\"x\":["), Refused("streams: ")),
        case("streams that are null", &with("\"streams\":[", "\"streams\":null,\"x\":["), Refused("streams: ")),
        case("no streams", &with("\"streams\":[", "\"streams\":[],\"x\":["), Refused("at streams: there is none")),
        case("a kind that is none", &with("\"video\"", "\"smell\""), Refused("streams[0].kind: ")),
        case("a digest that is none", &with("fbfd6b85", "fbfd6b8"), Refused("streams[0].chunks[0].sha256: ")),
        case("a duration in words", &with("0.5", "\"half\""), Refused("duration: ")),
        case("a run of three", &with("[5120,1]", "[5120,1,1]"), Refused("streams[0].chunks[0].groups.ticks")),
        case("a run of one", &with("[5120,1]", "[5120]"), Refused("streams[0].chunks[0].groups.ticks")),
        case("a timescale of 0", &with("10240", "0"), Refused("a timescale of 0")),
        case("data that are none", &with("\"data\":\"AAAA", "\"data\":\"AA-A"), Refused("streams[0].init")),
        case("an address that is none", &with("\"url\":\"", "\"url\":\"javascript:"), Refused("no URL to fetch")),
        // Numbers.
        case("a whole number with a point", &chunk_bytes("1589.0"), Film),
        case("a whole number with an exponent", &chunk_bytes("1.589e3"), Film),
        case("a fraction", &chunk_bytes("1589.5"), Refused("streams[0].chunks[0].bytes: ")),
        case("a number below zero", &chunk_bytes("-1589"), Refused("streams[0].chunks[0].bytes: ")),
        case("a number in words", &chunk_bytes("\"1589\""), Refused("streams[0].chunks[0].bytes: ")),
        case("another number", &chunk_bytes("1590"), Refused("at streams[0].chunks[0]: ")),
        case("the largest whole number", &plain("9007199254740991"), Film),
        case("one that floats do not have", &plain("9007199254740993"), Refused("[0].bytes: ")),
        case("one of 64 bits", &plain("18446744073709551615"), Refused("[0].bytes: ")),
        case("one of more", &plain("18446744073709551616"), Refused("[0].bytes: ")),
        case("one with an exponent", &plain("1e300"), Refused("[0].bytes: ")),
        case("one that is no float", &plain("1e400"), Refused("not what the splitter writes")),
        case("noughts before it", &plain("01"), Refused("not what the splitter writes")),
        case("a time beyond all", &with("0.5", "1e400"), Refused("not what the splitter writes")),
        case("a time that is none", &with("0.5", "0"), Refused("at duration: ")),
        case("a group that is vast", &with("[5120,1]", "[5120,4294967295]"), Refused("at streams[0].chunks[0]: ")),
        case("more groups than fit", &with("[5120,1]", "[5120,4294967296]"), Refused("groups.ticks")),
        // What is not known, and what is not there.
        case("members that are not known", &member(r#""set":{"a":[1.5e999,null]},"constructor":1"#), Film),
        case("options that are null", &member(r#""name":null,"thumbnails":null"#), Film),
        case("a default that is null", &with("\"default\":true", "\"default\":null"), Refused("streams[0].default: ")),
        case("a rung", &with("\"default\":true", "\"default\":true,\"set\":1.0"), Film),
        case("a set that is none", &with("\"default\":true", "\"set\":\"a\""), Refused("streams[0].set: ")),
        case("a set below zero", &with("\"default\":true", "\"set\":-1"), Refused("streams[0].set: ")),
        // Depth and length.
        case("brackets", "[".repeat(DEEP).as_bytes(), Refused("too many brackets")),
        case("brackets that end", deep("[", "]").as_bytes(), Refused("too many brackets")),
        case(
            "brackets in what is not known",
            &member(&format!(r#""x":{}"#, deep("[", "]"))),
            Refused("too many brackets"),
        ),
        case(
            "objects in it",
            &member(&format!(r#""x":{}1{}"#, r#"{"a":"#.repeat(DEEP), "}".repeat(DEEP))),
            Refused("too many brackets"),
        ),
        case("brackets for a text", &member(&format!(r#""name":{}"#, deep("[", "]"))), Refused("too many brackets")),
        case("sixty brackets", &member(&format!(r#""x":{}{}"#, "[".repeat(60), "]".repeat(60))), Film),
        case("brackets in a text", &member(&format!(r#""name":"\\\"{}""#, "[".repeat(DEEP))), Film),
        case("a list for a text", &member(&format!(r#""name":[{}1]"#, "1,".repeat(LARGE / 20))), Refused("name: ")),
        case("a long name", &member(&format!(r#""name":"{}""#, "x".repeat(LARGE))), Film),
        case(
            "many groups",
            &with("[1589]", &format!("[{}1]", "1,".repeat(LARGE / 20))),
            Refused("streams[0].chunks[0]"),
        ),
        case(
            "much space",
            &[CUT.as_bytes(), " ".repeat(17 << 20).as_bytes()].concat(),
            Refused("more than the 16777216"),
        ),
        // Where the two worlds differ.
        case("a name given twice", &member(r#""id":"other""#), OnlyInBrowsers),
        case("half a character", &member(r#""name":"\ud800""#), OnlyInBrowsers),
        case("a list for an object", &member(r#""thumbnails":["b.vtt"]"#), NotInBrowsers),
    ]
}
