//! SubRip, a format without a standard: read as players do, forgivingly.

use crate::Cue;
use crate::markup::cue_text;
use crate::timing::{Timing, timing};

/// The cues of a file, in the order of their times. What is no cue is stepped over.
pub(crate) fn parse(text: &str) -> Vec<Cue> {
    let mut cues: Vec<Cue> = Vec::new();
    let mut lines = text.lines().map(str::trim_end).peekable();
    while let Some(line) = lines.next() {
        let Some(Timing { start, end, .. }) = timing(line) else { continue };
        let mut text = String::new();
        while let Some(line) = lines.next_if(|line| !line.trim().is_empty() && timing(line).is_none()) {
            text.push_str(line);
            text.push('\n');
        }
        // Where no blank line stands between two cues, the number of the next one is no text.
        if lines.peek().is_some_and(|line| timing(line).is_some()) {
            let last = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
            if text[last..].trim().bytes().all(|byte| byte.is_ascii_digit()) {
                text.truncate(last);
            }
        }
        let (text, settings) = cue_text(text.trim());
        if !text.is_empty() {
            cues.push(Cue { start, end, settings, text });
        }
    }
    cues.sort_by_key(|cue| cue.start);
    cues
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn subrip_becomes_webvtt() {
        let srt = "1\n00:00:01,000 --> 00:00:02,500  X1:1 X2:2\n<I>Hi</I> <font color=\"red\">& bye</font>\n\n\
                   2\n00:01:02.5 --> 01:02:03,04\n{\\an8}a < b\nsecond --> line\n\n\n";
        let expected = "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n<i>Hi</i> &amp; bye\n\n\
                        00:01:02.500 --> 01:02:03.040 line:0\na &lt; b\nsecond --&gt; line\n";
        assert_eq!(file("", &parse(srt)), expected);
    }

    #[test]
    fn missing_blank_lines_and_numbers_are_forgiven() {
        let srt = "1\n0:1,0 --> 0:2,0\none\n2\n0:3,0 --> 0:4,0\ntwo\n\njunk\n0:5,0 --> 0:6,0\n1984\n";
        let cues = parse(srt);
        let texts: Vec<_> = cues.iter().map(|cue| (cue.start, cue.text.as_str())).collect();
        assert_eq!(texts, [(1_000, "one"), (3_000, "two"), (5_000, "1984")]);
    }

    #[test]
    fn cues_come_in_order_and_nonsense_is_stepped_over() {
        let cues =
            parse("0:9,0 --> 0:10,0\nlate\n\nx --> y\n\n99999999999999999999:0 --> 1\n\n0:1,0 --> 0:2,0\nearly {not\n");
        assert_eq!(cues.iter().map(|cue| cue.text.as_str()).collect::<Vec<_>>(), ["early {not", "late"]);
    }
}
