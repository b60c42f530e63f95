//! What ffmpeg says on its standard error, with `-v level+…`: `[context @ 0x5581] [error] text`.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// The most lines of ffmpeg that are kept for messages.
const MOST_SAID: usize = 8;

/// A line of ffmpeg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// Which part of it says so, such as `matroska,webm`; empty for the program itself.
    context: String,
    /// Whether it is worse than a warning.
    is_error: bool,
    text: String,
}

/// Words of demuxers that call something an error although nothing is lost.
const HARMLESS: [&str; 2] = ["Missing key frame while searching", "Cannot find an index entry"];
/// Words about packets that are lost or damaged, some of them said as a mere warning.
const LOST: [&str; 3] = ["corrupt input packet", "Packet corrupt", "PES packet size mismatch"];

impl Said {
    fn parse(line: &str) -> Self {
        let (mut context, mut rest) = (String::new(), line.trim());
        let mut is_error = true;
        while let Some((bracket, behind)) = rest.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            match bracket {
                "panic" | "fatal" | "error" => is_error = true,
                "warning" | "info" | "verbose" | "debug" | "trace" => is_error = false,
                part => match part.split_once(" @ 0x") {
                    Some((name, _)) => name.clone_into(&mut context),
                    None => break,
                },
            }
            rest = behind;
        }
        Self { context, is_error, text: rest.to_owned() }
    }

    /// The same, where ffmpeg was told another name of the film than people know.
    pub(super) fn calling(mut self, place: &Path, film: &Path) -> Self {
        if place != film {
            self.text = self.text.replace(&*place.to_string_lossy(), &film.to_string_lossy());
        }
        self
    }

    /// Whether the demuxer of `format` (ffprobe's name of it) tells of film that is lost. What decoders say is another
    /// thing: they look at the first pictures even where all are copied, and miss what a recording began without.
    pub(crate) fn is_loss(&self, format: &str) -> bool {
        if LOST.iter().any(|text| self.text.contains(text)) {
            // Of the film as it is converted; the list of its packets tells of the same one.
            return !self.text.ends_with("dropping it.");
        }
        let is_demuxer = self.context == format || self.context.starts_with("in#");
        self.is_error && is_demuxer && !HARMLESS.iter().any(|text| self.text.starts_with(text))
    }

    /// Whether it tells of a damaged packet.
    pub(crate) fn is_of_packet(&self) -> bool {
        LOST[..2].iter().any(|text| self.text.contains(text))
    }

    /// Whether it tells that the film ends too early.
    pub(crate) fn is_of_end(&self) -> bool {
        const OF_END: [&str; 4] = ["File ended prematurely", "Truncating packet", "partial file", "End of file"];
        OF_END.iter().any(|text| self.text.contains(text))
    }

    /// Whether a part of ffmpeg says so.
    pub(crate) fn is_of(&self, part: &str) -> bool {
        self.context == part
    }

    /// Whether it is worse than a warning.
    pub(crate) fn is_error(&self) -> bool {
        self.is_error
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Several lines as one.
pub(crate) fn joined<'a>(lines: impl IntoIterator<Item = &'a Said>) -> String {
    lines.into_iter().map(|said| said.text.as_str()).collect::<Vec<_>>().join("; ")
}

/// Listens to the end; keeps the first lines that differ, errors before warnings.
pub(crate) fn listen(says: impl Read) -> Vec<Said> {
    let mut kept: Vec<Said> = Vec::new();
    let mut lines = BufReader::new(says);
    let mut line = Vec::new();
    // ffmpeg repeats whatever bytes stand in a film.
    while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let said = Said::parse(&String::from_utf8_lossy(&line));
        line.clear();
        let weight = |said: &Said| said.is_error || LOST.iter().any(|text| said.text.contains(text));
        if said.text.is_empty() || kept.iter().any(|known| known.text == said.text) {
            continue;
        }
        if kept.len() == MOST_SAID {
            let lightest = kept.iter().rposition(|known| !weight(known)).filter(|_| weight(&said));
            let Some(lightest) = lightest else { continue };
            kept.remove(lightest);
        }
        kept.push(said);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_level_and_text_are_told_apart() {
        let said = listen(
            &b"[matroska,webm @ 0x55fb58b9cb00] [error] File ended prematurely\n\
               [h264 @ 0x1] [error] non-existing PPS 0 referenced\n[warning] film.ts: corrupt input packet in stream 0\n\
               [in#0/mpegts @ 0x2] [error] Error during demuxing\n[error] a [b] c\nno brackets\n\xff\n"[..],
        );
        let seen: Vec<_> =
            said.iter().map(|said| (said.text.as_str(), said.is_error, said.is_loss("matroska,webm"))).collect();
        assert_eq!(
            seen,
            [
                ("File ended prematurely", true, true),
                ("non-existing PPS 0 referenced", true, false),
                ("film.ts: corrupt input packet in stream 0", false, true),
                ("Error during demuxing", true, true),
                ("a [b] c", true, false),
                ("no brackets", true, false),
                ("\u{fffd}", true, false),
            ]
        );
    }

    #[test]
    fn errors_take_the_place_of_warnings() {
        let warnings = (0..20).map(|number| format!("[warning] {number}\n")).collect::<String>();
        let said = listen(format!("{warnings}[error] bad\n[error] bad\n").as_bytes());
        assert_eq!((said.len(), joined(&said[7..])), (MOST_SAID, "bad".to_owned()));
        assert!(joined(&said).starts_with("0; 1; "));
    }
}
