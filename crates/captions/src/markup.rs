//! Tags and overrides in the text of SubRip, and what people write that looks like them.

use crate::escape;

/// Cue text and settings: italics, bold and underline are kept, other tags are left out, `{\an8}` puts a cue at the top.
pub(crate) fn cue_text(text: &str) -> (String, String) {
    let (mut out, mut settings, mut rest) = (String::with_capacity(text.len()), "", text);
    while let Some(at) = rest.find(['<', '{']) {
        out.push_str(&escape(&rest[..at]));
        rest = &rest[at..];
        let is_angle = rest.starts_with('<');
        let (brackets, meaning): (_, fn(&str) -> Meaning) =
            if is_angle { (['<', '>'], angle) } else { (['{', '}'], brace) };
        let inside = &rest[1..];
        // What opens again before it is closed is none; so no byte is looked at from more than one opening.
        let length = inside.find(brackets).filter(|&length| inside[length..].starts_with(brackets[1]));
        let meaning = length.map_or(Meaning::Words, |length| meaning(&inside[..length]));
        let length = match meaning {
            Meaning::Words => None,
            _ => length,
        };
        match meaning {
            Meaning::Kept(tag) => out.push_str(tag),
            Meaning::Placed(line) => settings = line,
            Meaning::LeftOut => {}
            Meaning::Words if is_angle => out.push_str("&lt;"),
            Meaning::Words => out.push_str(brace_of(text)),
        }
        rest = &inside[length.map_or(0, |length| length + 1)..];
    }
    out.push_str(&escape(rest));
    (out, settings.to_owned())
}

/// A brace that is a word of `text`. Where a backslash could come to stand behind it, once a tag in between is left out, it is
/// written so that nobody takes it for the beginning of an override.
pub(crate) fn brace_of(text: &str) -> &'static str {
    if text.contains('\\') { "&#123;" } else { "{" }
}

/// What something in brackets is.
enum Meaning {
    /// The tag of WebVTT that stands for it.
    Kept(&'static str),
    /// Cue settings.
    Placed(&'static str),
    /// No words of the film: fonts, colours.
    LeftOut,
    /// No tag at all.
    Words,
}

/// A tag of HTML.
fn angle(tag: &str) -> Meaning {
    /// Tags that people put into SubRip. Anything else in angle brackets is words, such as `<sighs>`.
    const LEFT_OUT: [&str; 20] = [
        "a", "b", "big", "c", "center", "div", "em", "font", "i", "lang", "p", "rt", "ruby", "s", "small", "span",
        "strike", "strong", "u", "v",
    ];
    /// The longest of their names.
    const LONGEST: usize = 6;
    let (is_end, name) = tag.strip_prefix('/').map_or((false, tag), |name| (true, name));
    let length = name.bytes().take(LONGEST + 1).take_while(u8::is_ascii_alphanumeric).count();
    let (name, attributes) = name.split_at(length);
    if !attributes.is_empty() && !attributes.starts_with([' ', '\t', '\n', '.', '/']) {
        return Meaning::Words;
    }
    let name = name.to_ascii_lowercase();
    match (name.as_str(), is_end) {
        ("i" | "em", false) => Meaning::Kept("<i>"),
        ("i" | "em", true) => Meaning::Kept("</i>"),
        ("b" | "strong", false) => Meaning::Kept("<b>"),
        ("b" | "strong", true) => Meaning::Kept("</b>"),
        ("u", false) => Meaning::Kept("<u>"),
        ("u", true) => Meaning::Kept("</u>"),
        ("br", _) => Meaning::Kept("\n"),
        _ if LEFT_OUT.contains(&name.as_str()) => Meaning::LeftOut,
        _ => Meaning::Words,
    }
}

/// An override of SubStation, such as `\an8`.
fn brace(tag: &str) -> Meaning {
    match (line(tag), tag.starts_with('\\')) {
        (Some(line), _) => Meaning::Placed(line),
        (None, true) => Meaning::LeftOut,
        (None, false) => Meaning::Words,
    }
}

/// Cue settings for `\an` and a digit: the digits are those of a keypad, and the bottom is where cues stand anyway.
pub(crate) fn line(tag: &str) -> Option<&'static str> {
    match tag.strip_prefix("\\an")?.bytes().next()? {
        b'7'..=b'9' => Some("line:0"),
        b'4'..=b'6' => Some("line:50%"),
        _ => Some(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_is_a_tag_and_what_is_words() {
        for (text, expected) in [
            ("I <3 you & her", "I &lt;3 you &amp; her"),
            ("<i>a</i> <B>b</B> <u>c</u>", "<i>a</i> <b>b</b> <u>c</u>"),
            ("<font color=\"#fff\">a</font><s>b</s>", "ab"),
            ("one<br/>two<br>three", "one\ntwo\nthree"),
            ("<sighs> Well, a < b and c > d", "&lt;sighs&gt; Well, a &lt; b and c &gt; d"),
            ("{\\an8}{\\i1}a{b}{", "a&#123;b}&#123;"),
            ("{<font>\\an8}", "&#123;\\an8}"),
            ("a { <i>b</i>", "a { <i>b</i>"),
            ("<i", "&lt;i"),
            ("<é>", "&lt;é&gt;"),
        ] {
            assert_eq!(cue_text(text).0, expected, "{text}");
        }
        assert_eq!(cue_text("{\\an5}a").1, "line:50%");
        assert_eq!(cue_text("{\\an8}{\\an2}a").1, "");
    }

    #[test]
    fn brackets_in_brackets_take_no_time() {
        let text = format!("{}}}>", "<{".repeat(1 << 16));
        assert_eq!(cue_text(&text).0.len(), (1 << 16) * "&lt;{".len() + "}&gt;".len());
    }
}
