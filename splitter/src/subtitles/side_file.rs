//! Subtitles in a file beside the film: `.srt` or `.vtt`, in whatever encoding.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use chardetng::EncodingDetector;
use encoding_rs::Encoding;

use super::{Subtitles, cue, is_language_tag, srt};
use crate::Error;

/// A file with subtitles and what they are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubtitlesFile {
    /// BCP 47 language tag.
    pub language: Option<String>,
    /// SubRip or WebVTT.
    pub path: PathBuf,
}

/// Text that names no subtitles.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a language and a file, such as en=film.en.srt or pt-BR=film.vtt")]
pub struct NoSubtitlesFile;

impl FromStr for SubtitlesFile {
    type Err = NoSubtitlesFile;

    fn from_str(text: &str) -> Result<Self, NoSubtitlesFile> {
        let (language, path) = text.split_once('=').ok_or(NoSubtitlesFile)?;
        if path.is_empty() || !is_language_tag(language) {
            return Err(NoSubtitlesFile);
        }
        let language = Some(language.to_owned()).filter(|language| language != "und");
        Ok(Self { language, path: path.into() })
    }
}

/// The largest file that is read: a film's subtitles take 100 kB.
const MOST_BYTES: u64 = 32 << 20;

/// Reads a file. Its times count from the film's beginning already.
pub(crate) fn read(file: &SubtitlesFile) -> Result<Subtitles, Error> {
    let bytes = load(&file.path)?;
    let text = vtt(&decode(&bytes)).ok_or_else(|| Error::Subtitles { path: file.path.clone() })?;
    Ok(Subtitles { language: file.language.clone(), label: None, text })
}

fn load(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let opened = File::open(path).map_err(Error::io("open", path))?;
    opened.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(Error::io("read", path))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Error::Subtitles { path: path.to_owned() });
    }
    Ok(bytes)
}

/// By its byte order mark, else as UTF-8 if it is, else as what its bytes look like.
fn decode(bytes: &[u8]) -> String {
    let marked = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding = marked.unwrap_or_else(|| {
        let mut detector = EncodingDetector::new();
        detector.feed(bytes, true);
        detector.guess(None, true)
    });
    encoding.decode(bytes).0.into_owned()
}

/// The text as WebVTT; `None` where it has no cue.
pub(crate) fn vtt(text: &str) -> Option<String> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}");
    let first = text.lines().next().unwrap_or_default();
    if first == "WEBVTT" || first.starts_with("WEBVTT ") || first.starts_with("WEBVTT\t") {
        return text.contains("-->").then_some(text);
    }
    let cues = srt::parse(&text);
    (!cues.is_empty()).then(|| cue::file("", &cues))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_and_a_file_are_told_apart() {
        let file = |language: &str, path: &str| SubtitlesFile { language: Some(language.into()), path: path.into() };
        assert_eq!("en=a=b.srt".parse(), Ok(file("en", "a=b.srt")));
        assert_eq!("pt-BR=x.vtt".parse(), Ok(file("pt-BR", "x.vtt")));
        assert_eq!("und=x.vtt".parse(), Ok(SubtitlesFile { language: None, path: "x.vtt".into() }));
        for text in ["film.srt", "=film.srt", "en=", "e n=x", "toolonglanguage=x"] {
            assert_eq!(text.parse::<SubtitlesFile>(), Err(NoSubtitlesFile), "{text}");
        }
    }

    #[test]
    fn encodings_are_detected() {
        let utf16: Vec<u8> = "\u{feff}Füße".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf16), "Füße");
        assert_eq!(decode("Füße".as_bytes()), "Füße");
        assert_eq!(decode("\u{feff}Füße".as_bytes()), "Füße");
        let german = encoding_rs::WINDOWS_1252.encode("Die Füße über dem schönen großen Tisch, natürlich für mich.").0;
        assert!(decode(&german).contains("schönen großen"));
        let russian = encoding_rs::WINDOWS_1251.encode("Привет, как дела? Сегодня хорошая погода, пойдём гулять.").0;
        assert!(decode(&russian).contains("хорошая погода"));
        let japanese = encoding_rs::SHIFT_JIS.encode("こんにちは、今日はいい天気ですね。").0;
        assert!(decode(&japanese).contains("天気"));
    }

    #[test]
    fn webvtt_keeps_its_styles() {
        let text =
            "\u{feff}WEBVTT - a title\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\n00:01.000 --> 00:02.000\r\nHi\r\n";
        assert_eq!(
            vtt(text).as_deref(),
            Some("WEBVTT - a title\n\nSTYLE\n::cue { color: red }\n\n00:01.000 --> 00:02.000\nHi\n")
        );
    }

    #[test]
    fn what_has_no_cue_is_refused() {
        for text in ["", "WEBVTT\n", "no subtitles here", "WEBVTTX\n1 --> 2"] {
            assert_eq!(vtt(text), None, "{text}");
        }
    }
}
