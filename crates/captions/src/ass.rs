//! SubStation Alpha, `.ssa` and `.ass`: the words of its dialogue, and whether they stand above or below.

use std::collections::HashMap;

use crate::Cue;
use crate::ass_text::cue_text;
use crate::timing::{time, timing};

/// The fields of a `Dialogue` where no `Format` says otherwise.
const FIELDS: &str = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text";
/// The most styles that are remembered: typesetters have some hundred.
const MOST_STYLES: usize = 4_096;

/// Whether it has a section of events. Behind the times of a cue such a line is what somebody says.
pub(crate) fn is_ass(text: &str) -> bool {
    let is_events = |line: &str| line.trim().eq_ignore_ascii_case("[events]");
    text.lines().find(|line| is_events(line) || timing(line).is_some()).is_some_and(is_events)
}

/// A section, as far as it is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Styles {
        /// That of SubStation Alpha 4 counts places in its own way.
        is_old: bool,
    },
    Events,
    Other,
}

/// The cues of a file, in the order of their times. What is no dialogue is stepped over.
pub(crate) fn parse(text: &str) -> Vec<Cue> {
    let mut section = Section::Other;
    let mut styles: HashMap<&str, &'static str> = HashMap::new();
    let (mut style_fields, mut event_fields) = (Vec::new(), names(FIELDS));
    let mut cues = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with('[') && line.ends_with(']') {
            section = match line.to_ascii_lowercase().as_str() {
                "[v4 styles]" => Section::Styles { is_old: true },
                "[v4+ styles]" | "[v4++ styles]" => Section::Styles { is_old: false },
                "[events]" => Section::Events,
                _ => Section::Other,
            };
            continue;
        }
        let Some((key, value)) = line.split_once(':') else { continue };
        match (section, key.trim_end().to_ascii_lowercase().as_str()) {
            (Section::Styles { .. }, "format") => style_fields = names(value),
            (Section::Events, "format") => event_fields = names(value),
            (Section::Styles { is_old }, "style") if styles.len() < MOST_STYLES => {
                let field = |name| field(value, &style_fields, name);
                if let (Some(name), Some(place)) = (field("name"), field("alignment")) {
                    styles.insert(name, alignment(place, is_old));
                }
            }
            (Section::Events, "dialogue") => cues.extend(dialogue(value, &event_fields, &styles)),
            _ => {}
        }
    }
    cues.sort_by_key(|cue| (cue.start, cue.end));
    // Signs are drawn in several layers: edges, shadows, letters.
    cues.dedup();
    cues
}

fn dialogue(value: &str, fields: &[String], styles: &HashMap<&str, &'static str>) -> Option<Cue> {
    let field = |name| field(value, fields, name);
    let (start, end) = (time(field("start")?)?, time(field("end")?)?);
    let (text, placed) = cue_text(field("text")?);
    let of_style = || field("style").and_then(|style| styles.get(style.trim_start_matches('*')).copied());
    let settings = placed.or_else(of_style).unwrap_or_default().to_owned();
    (!text.trim().is_empty()).then_some(Cue { start, end, settings, text })
}

/// The names of a `Format`.
fn names(format: &str) -> Vec<String> {
    /// The longest that any version has is 23 names.
    const MOST: usize = 64;
    format.split(',').take(MOST).map(|name| name.trim().to_ascii_lowercase()).collect()
}

/// One field of a line. The last may have commas of its own.
fn field<'a>(value: &'a str, fields: &[String], name: &str) -> Option<&'a str> {
    let at = fields.iter().position(|field| field == name)?;
    value.splitn(fields.len(), ',').nth(at).map(str::trim)
}

/// Cue settings for the `Alignment` of a style.
fn alignment(place: &str, is_old: bool) -> &'static str {
    match (place.parse::<u8>(), is_old) {
        (Ok(7..=9), false) | (Ok(5..=7), true) => "line:0",
        (Ok(4..=6), false) | (Ok(9..=11), true) => "line:50%",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const STYLES: &str = "[Script Info]\nScriptType: v4.00+\n[V4+ Styles]\nFormat: Name, Fontname, Alignment, Encoding\n\
        Style: Default,Arial,2,1\nStyle: Top,Arial,8,1\n[Events]\n";

    fn of(events: &str) -> String {
        file("", &parse(&format!("{STYLES}{events}")))
    }

    #[test]
    fn dialogue_becomes_cues() {
        let events = "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
            Dialogue: 0,0:00:03.00,0:00:04.00,Top,,0,0,0,,Late, and above\n\
            Comment: 0,0:00:03.50,0:00:04.00,Default,,0,0,0,,not shown\n\
            Dialogue: 0,0:00:00.50,0:00:02.00,Default,,0,0,0,,{\\i1}Hello{\\i0}\\NWorld <b> & Co\n\
            Dialogue: 0,0:00:01.00,0:00:03.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0 100 100 0 100{\\p0}\n\
            Dialogue: 0,0:00:05.00,0:00:06.00,Top,,0,0,0,,{\\an2}Below\n\
            Dialogue: 1,0:00:05.00,0:00:06.00,Top,,0,0,0,,{\\an2\\bord3}Below\n";
        let expected = "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\n<i>Hello</i>\nWorld &lt;b&gt; &amp; Co\n\n\
            00:00:03.000 --> 00:00:04.000 line:0\nLate, and above\n\n00:00:05.000 --> 00:00:06.000\nBelow\n";
        assert_eq!(of(events), expected);
    }

    #[test]
    fn the_format_says_what_the_fields_are() {
        let events =
            "Format: Start, End, Text\nDialogue: 0:00:01.00,0:00:02.00,one, two\nDialogue: x,y,z\nDialogue: 1\n";
        assert_eq!(of(events), "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\none, two\n");
    }

    #[test]
    fn substation_4_counts_places_in_its_own_way() {
        let text = "[V4 Styles]\nFormat: Name, Alignment\nStyle: Sign,6\nStyle: Mid,10\n[Events]\n\
            Dialogue: Marked=0,0:00:01.00,0:00:02.00,*Sign,,0,0,0,,up\nDialogue: Marked=0,0:00:03.00,0:00:04.00,Mid,,0,0,0,,mid\n";
        assert!(is_ass(text));
        let settings: Vec<_> = parse(text).into_iter().map(|cue| cue.settings).collect();
        assert_eq!(settings, ["line:0", "line:50%"]);
    }
}
