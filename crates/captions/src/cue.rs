//! WebVTT as it is written (W3C WebVTT section 4).

use std::fmt::Write;

/// A text and when it is shown, in milliseconds of the film.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// First millisecond.
    pub start: u64,
    /// First millisecond that shows it no more; one that is not later than the start is not written.
    pub end: u64,
    /// Such as `line:0`; may be empty. One line without `-->`.
    pub settings: String,
    /// Cue text without `-->`: what is no markup is [escaped](escape).
    pub text: String,
}

/// A whole file. `header` stands behind the first line and ends with a line end: style sheets, regions.
#[must_use]
pub fn file(header: &str, cues: &[Cue]) -> String {
    let mut out = format!("WEBVTT\n{header}");
    for cue in cues.iter().filter(|cue| cue.end > cue.start) {
        // A blank line would end the cue.
        let lines = cue.text.lines().map(str::trim_end).filter(|line| !line.is_empty());
        let text = lines.collect::<Vec<_>>().join("\n");
        if text.is_empty() {
            continue;
        }
        let (start, end) = (time(cue.start), time(cue.end));
        let space = if cue.settings.is_empty() { "" } else { " " };
        write!(out, "\n{start} --> {end}{space}{}\n{text}\n", cue.settings).expect("a String takes everything");
    }
    out
}

/// Such as `01:02:03.456`.
pub(crate) fn time(milliseconds: u64) -> String {
    let (seconds, milliseconds) = (milliseconds / 1_000, milliseconds % 1_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!("{:02}:{:02}:{seconds:02}.{milliseconds:03}", minutes / 60, minutes % 60)
}

/// Plain text as cue text: no character of it is markup, and no line of it a timing.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_file_reads_well() {
        let cue = |start, end, text: &str| Cue { start, end, settings: String::new(), text: text.to_owned() };
        let placed = Cue { settings: "line:0".to_owned(), ..cue(3_723_004, 3_724_000, "Two\n\nlines ") };
        let text = file("", &[cue(0, 1_500, "One"), cue(5, 5, "never"), cue(1, 2, " "), placed]);
        let expected =
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nOne\n\n01:02:03.004 --> 01:02:04.000 line:0\nTwo\nlines\n";
        assert_eq!(text, expected);
    }
}
