//! SubRip, a format without a standard: read as players do, forgivingly.

use super::Cue;
use super::cue::escape;

/// The cues of a file. What is no cue is stepped over.
pub(super) fn parse(text: &str) -> Vec<Cue> {
    let mut cues: Vec<Cue> = Vec::new();
    let mut lines = text.lines().map(str::trim_end).peekable();
    while let Some(line) = lines.next() {
        let Some((start, end)) = timing(line) else { continue };
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
        let (text, settings) = markup(text.trim());
        if !text.is_empty() {
            cues.push(Cue { start, end, settings, text });
        }
    }
    cues.sort_by_key(|cue| cue.start);
    cues
}

/// `00:01:02,345 --> 00:01:04,000`, with whatever coordinates behind.
fn timing(line: &str) -> Option<(u64, u64)> {
    let (start, end) = line.split_once("-->")?;
    Some((time(start.trim())?, time(end.split_whitespace().next()?)?))
}

/// Milliseconds. Hours may be missing, and a comma, a point or nothing stands in front of the fraction.
fn time(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let mut seconds = 0_u64;
    for part in whole.split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(part.trim().parse().ok()?)?;
    }
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count().min(3);
    let thousandths = fraction[..digits].parse::<u64>().ok()? * 10_u64.pow(3 - u32::try_from(digits).ok()?);
    seconds.checked_mul(1_000)?.checked_add(thousandths)
}

/// Cue text and settings: italics, bold and underline are kept, other tags are left out, `{\an8}` puts a cue at the top.
fn markup(text: &str) -> (String, String) {
    let (mut out, mut settings, mut rest) = (String::new(), String::new(), text);
    while let Some(at) = rest.find(['<', '{']) {
        out.push_str(&escape(&rest[..at]));
        let close = if rest[at..].starts_with('<') { '>' } else { '}' };
        let Some(length) = rest[at..].find(close) else {
            rest = &rest[at..];
            break;
        };
        let tag = &rest[at + 1..at + length];
        match place(tag) {
            _ if close == '>' && is_kept(tag) => {
                out.push_str(&format!("<{}>", tag.to_ascii_lowercase()));
            }
            Some(line) if close == '}' => line.clone_into(&mut settings),
            // Fonts of SubRip, overrides of SubStation: no words of the film.
            _ if close == '>' && is_tag(tag) || close == '}' && tag.starts_with('\\') => {}
            _ => out.push_str(&escape(&rest[at..=at + length])),
        }
        rest = &rest[at + length + 1..];
    }
    out.push_str(&escape(rest));
    (out, settings)
}

fn is_kept(tag: &str) -> bool {
    matches!(tag.trim_start_matches('/').to_ascii_lowercase().as_str(), "i" | "b" | "u")
}

fn is_tag(tag: &str) -> bool {
    tag.trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Of an override such as `\an8`: the numbers are those of a keypad, and the bottom is where cues stand anyway.
fn place(tag: &str) -> Option<&'static str> {
    match tag.strip_prefix("\\an")?.bytes().next()? {
        b'7'..=b'9' => Some("line:0"),
        b'4'..=b'6' => Some("line:50%"),
        _ => Some(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subtitles::cue;

    #[test]
    fn subrip_becomes_webvtt() {
        let srt = "1\r\n00:00:01,000 --> 00:00:02,500  X1:1 X2:2\r\n<I>Hi</I> <font color=\"red\">& bye</font>\r\n\r\n\
                   2\r\n00:01:02.5 --> 01:02:03,04\r\n{\\an8}a < b\r\nsecond --> line\r\n\r\n\r\n";
        let expected = "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n<i>Hi</i> &amp; bye\n\n\
                        00:01:02.500 --> 01:02:03.040 line:0\na &lt; b\nsecond --&gt; line\n";
        assert_eq!(cue::file("", &parse(srt)), expected);
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
