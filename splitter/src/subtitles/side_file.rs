//! Subtitles in a file beside the film: `.srt`, `.ass` or `.vtt`, in whatever encoding.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::{Subtitles, is_language_tag};
use crate::Error;
use crate::language::bcp47;

/// A file with subtitles and what they are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubtitlesFile {
    /// BCP 47 language tag.
    pub language: Option<String>,
    /// SubRip, SubStation Alpha or WebVTT.
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
        Ok(Self { language: bcp47(language), path: path.into() })
    }
}

/// Reads a file. Its times count from the film's beginning already.
pub(crate) fn read(file: &SubtitlesFile) -> Result<Subtitles, Error> {
    let refused = |cause| Error::Subtitles { path: file.path.clone(), cause };
    let text = captions::webvtt(&load(&file.path)?).map_err(refused)?;
    Ok(Subtitles { language: file.language.clone(), label: None, text })
}

/// At most one byte more than what is read as captions.
fn load(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let opened = File::open(path).map_err(Error::io("open", path))?;
    opened.take(captions::MOST_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(Error::io("read", path))?;
    Ok(bytes)
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
}
