//! The text of a SubStation dialogue: words between overrides.

use crate::escape;
use crate::markup::{brace_of, line};

/// What is italic, bold or underlined at a place.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Style {
    italic: bool,
    bold: bool,
    underlined: bool,
}

/// Cue text, and the settings that an override asks for. Drawings and comments are no words.
pub(crate) fn cue_text(text: &str) -> (String, Option<&'static str>) {
    let mut out = String::with_capacity(text.len());
    let (mut open, mut style) = (Style::default(), Style::default());
    let (mut place, mut is_drawing) = (None, false);
    let mut rest = text;
    while !rest.is_empty() {
        // A brace that nobody closes is words.
        if let Some((tags, behind)) = rest.strip_prefix('{').and_then(|inside| inside.split_once('}')) {
            overrides(tags, &mut style, &mut place, &mut is_drawing);
            rest = behind;
            continue;
        }
        let length = rest.find('{').unwrap_or(rest.len());
        let (words, behind) = match length {
            0 => return (finish(out, open, &words_of(rest).replace("{", brace_of(rest))), place),
            _ => rest.split_at(length),
        };
        rest = behind;
        if !is_drawing {
            switch(&mut out, open, style);
            open = style;
            out.push_str(&words_of(words));
        }
    }
    (finish(out, open, ""), place)
}

fn finish(mut out: String, open: Style, words: &str) -> String {
    out.push_str(words);
    switch(&mut out, open, Style::default());
    out
}

/// Words with their own line ends and blanks, escaped.
fn words_of(text: &str) -> String {
    escape(&text.replace("\\N", "\n").replace("\\n", " ").replace("\\h", "\u{a0}"))
}

/// Closes and opens tags, so that they are nested.
fn switch(out: &mut String, from: Style, to: Style) {
    if from == to {
        return;
    }
    for (is_open, tag) in [(from.underlined, "</u>"), (from.bold, "</b>"), (from.italic, "</i>")] {
        out.push_str(if is_open { tag } else { "" });
    }
    for (opens, tag) in [(to.italic, "<i>"), (to.bold, "<b>"), (to.underlined, "<u>")] {
        out.push_str(if opens { tag } else { "" });
    }
}

/// The overrides between two braces. Those inside of parentheses change over time and are left out.
fn overrides(tags: &str, style: &mut Style, place: &mut Option<&'static str>, is_drawing: &mut bool) {
    let mut depth = 0_u32;
    for tag in tags.split_inclusive(['\\', '(', ')']) {
        let (tag, end) = match tag.char_indices().next_back() {
            Some((at, end @ ('\\' | '(' | ')'))) => (&tag[..at], Some(end)),
            _ => (tag, None),
        };
        if depth == 0 {
            one_override(tag.trim(), style, place, is_drawing);
        }
        match end {
            Some('(') => depth += 1,
            Some(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
}

fn one_override(tag: &str, style: &mut Style, place: &mut Option<&'static str>, is_drawing: &mut bool) {
    let number = |digits: &str| digits.trim().parse::<i32>().ok();
    if let Some(digits) = tag.strip_prefix("an").filter(|digits| number(digits).is_some()) {
        *place = line(&format!("\\an{digits}"));
    } else if let Some(old) = tag.strip_prefix('a').and_then(number) {
        *place = Some(match old {
            5..=7 => "line:0",
            9..=11 => "line:50%",
            _ => "",
        });
    } else if let Some(scale) = tag.strip_prefix('p').and_then(number) {
        *is_drawing = scale > 0;
    } else if tag.starts_with('r') {
        *style = Style::default();
    } else if let Some(on) = tag.strip_prefix('i').and_then(number) {
        style.italic = on != 0;
    } else if let Some(weight) = tag.strip_prefix('b').and_then(number) {
        style.bold = weight == 1 || weight >= 700;
    } else if let Some(on) = tag.strip_prefix('u').and_then(number) {
        style.underlined = on != 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn overrides_become_tags_that_are_nested() {
        for (text, expected) in [
            ("{\\i1}Hello{\\i0}\\NWorld <b> & Co", "<i>Hello</i>\nWorld &lt;b&gt; &amp; Co"),
            ("{\\b1}a{\\i1}b{\\b0}c", "<b>a</b><i><b>b</b></i><i>c</i>"),
            ("{\\u1}a{\\r}b", "<u>a</u>b"),
            ("{\\b700\\bord2\\be1}a{\\b0}", "<b>a</b>"),
            ("{\\p1}m 0 0 l 1 1{\\p0}after", "after"),
            ("{\\pos(1,2)\\p2}m 0 0", ""),
            ("{\\t(0,500,\\i1\\an8)}a", "a"),
            ("{a comment}word\\hby\\nword", "word\u{a0}by word"),
            ("a { b", "a { b"),
            ("{", "{"),
        ] {
            assert_eq!(cue_text(text).0, expected, "{text}");
        }
    }

    #[test]
    fn places() {
        for (text, expected) in [
            ("{\\an8\\pos(3,2)}a", Some("line:0")),
            ("{\\a10}a", Some("line:50%")),
            ("{\\an2}a", Some("")),
            ("a", None),
        ] {
            assert_eq!(cue_text(text).1, expected, "{text}");
        }
    }
}
