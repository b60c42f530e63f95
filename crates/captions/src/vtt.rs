//! WebVTT that is one already: kept as it is, but for what browsers and HLS players would take amiss.

use crate::cue::time;
use crate::markup::{brace_of, line as placed};
use crate::timing::{Timing, is_webvtt_timing, timing};

/// Whether the first line is that of WebVTT.
pub(crate) fn is_webvtt(text: &str) -> bool {
    let rest = text.trim_start().strip_prefix("WEBVTT");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', ' ', '\t']))
}

/// Where in a file a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Behind the first line, up to a blank one.
    Header,
    /// A block that is no cue, or what stands above a cue's times.
    Outside,
    /// The words of a cue.
    Cue,
}

/// The file; `None` where it has no cue. What is right stays byte for byte.
pub(crate) fn mend(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len() + 1);
    let mut place = Place::Header;
    // The end of the line with a cue's times, while it may still get settings.
    let mut unplaced = None;
    let mut has_cue = false;
    for line in text.trim_start().lines() {
        if line.trim().is_empty() {
            place = Place::Outside;
        } else if let Some(times) = timing(line) {
            if place == Place::Header {
                out.push('\n');
            }
            push_timing(line, times, &mut out);
            unplaced = times.rest.is_empty().then_some(out.len());
            (place, has_cue) = (Place::Cue, true);
        } else if place == Place::Cue {
            let settings = push_words(line, &mut out);
            if let (Some(settings), Some(at)) = (settings, unplaced)
                && !settings.is_empty()
            {
                out.insert_str(at, &format!(" {settings}"));
                unplaced = None;
            }
        } else if line.starts_with("X-TIMESTAMP-MAP") {
            // It says where a segment of an HLS stream belongs: a whole file begins with its film.
            continue;
        } else {
            // Anything with an arrow would be taken for the times of a cue.
            out.push_str(&line.replace("-->", "--&gt;"));
        }
        out.push('\n');
    }
    has_cue.then_some(out)
}

/// The line with a cue's times as browsers want it.
fn push_timing(line: &str, Timing { start, end, rest }: Timing<'_>, out: &mut String) {
    if is_webvtt_timing(line) {
        return out.push_str(line);
    }
    out.push_str(&format!("{} --> {}", time(start), time(end)));
    // Coordinates of SubRip are no settings.
    let settings = rest.split_whitespace().filter(|word| word.contains(':') && !word.starts_with(['X', 'Y']));
    for setting in settings {
        out.push(' ');
        out.push_str(setting);
    }
}

/// A line of a cue's words: arrows, overrides of SubStation and a `<` that begins no tag are mended. Gives the settings
/// that an override asks for.
fn push_words(line: &str, out: &mut String) -> Option<&'static str> {
    let (mut rest, mut settings) = (line, None);
    let last_brace = line.rfind('}').map_or(0, |at| at + 1);
    while let Some(at) = rest.find(['<', '{', '-']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let here = line.len() - rest.len();
        if let Some(behind) = rest.strip_prefix("-->") {
            out.push_str("--&gt;");
            rest = behind;
        } else if rest.starts_with("{\\")
            && here < last_brace
            && let Some(length) = rest.find('}')
        {
            settings = placed(&rest[1..length]).or(settings);
            rest = &rest[length + 1..];
            // What it stood between may be an arrow now.
            if let Some(behind) = rest.strip_prefix('>').filter(|_| out.ends_with("--")) {
                out.push_str("&gt;");
                rest = behind;
            }
        } else {
            out.push_str(match rest.as_bytes()[0] {
                b'<' if !is_tag(&rest[1..]) => "&lt;",
                b'{' if line.contains("{\\") => brace_of(line),
                _ => &rest[..1],
            });
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    settings
}

/// Whether what stands behind a `<` makes it a tag: of a class, of an end, of a time.
fn is_tag(behind: &str) -> bool {
    let is_time = || {
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && behind[digits..].starts_with(':')
    };
    behind.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/') || is_time()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_is_right_stays_as_it_is() {
        let text = "WEBVTT - a title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE x\n\n1\n00:01.000 --> 00:02.000 \
                    align:start\n<v Ann>Hi - <c.loud>you</c> <00:01.500>{x} &amp; me\n";
        assert_eq!(mend(text).as_deref(), Some(text));
    }

    #[test]
    fn what_browsers_and_hls_players_take_amiss_is_mended() {
        let text = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n0:1,5 --> 0:2,0 X1:1 line:5\nI <3 you\n\
                    this --> that\n\n00:03.000 --> 00:04.000\n{\\an8}up\n\nWEBVTT\nX-TIMESTAMP-MAP=LOCAL:0\n\nNOTE a --> b\n";
        let expected = "WEBVTT\n\n00:00:01.500 --> 00:00:02.000 line:5\nI &lt;3 you\n\
                        this --&gt; that\n\n00:03.000 --> 00:04.000 line:0\nup\n\nWEBVTT\n\nNOTE a --&gt; b\n";
        assert_eq!(mend(text).as_deref(), Some(expected));
        assert_eq!(mend(expected).as_deref(), Some(expected));
    }

    #[test]
    fn nothing_new_comes_of_what_is_left_out() {
        let text = "WEBVTT\n\n00:01.000 --> 00:02.000\na --{\\b1}> {{\\i1}\\an8} {x\n";
        let expected = "WEBVTT\n\n00:01.000 --> 00:02.000\na --&gt; &#123;\\an8} &#123;x\n";
        assert_eq!(mend(text).as_deref(), Some(expected));
        assert_eq!(mend(expected).as_deref(), Some(expected));
    }

    #[test]
    fn a_cue_right_behind_the_first_line_is_one() {
        let text = "\nWEBVTT\n00:01.000 --> 00:02.000\nX-TIMESTAMP-MAP are words here";
        let expected = "WEBVTT\n\n00:01.000 --> 00:02.000\nX-TIMESTAMP-MAP are words here\n";
        assert!(is_webvtt(text));
        assert_eq!(mend(text).as_deref(), Some(expected));
    }
}
