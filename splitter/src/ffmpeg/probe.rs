//! What ffprobe says of a film.

use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::Error;
use crate::subtitles::is_language_tag;

/// A film, as ffprobe sees it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Probe {
    #[serde(default)]
    pub(crate) streams: Vec<ProbedStream>,
    #[serde(default)]
    format: Format,
}

/// One of its streams.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ProbedStream {
    pub(crate) index: u32,
    pub(crate) codec_type: String,
    pub(crate) codec_name: String,
    pub(crate) pix_fmt: String,
    pub(crate) channels: u32,
    disposition: Disposition,
    tags: Tags,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Format {
    duration: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Disposition {
    attached_pic: u8,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Tags {
    language: Option<String>,
    title: Option<String>,
}

impl Probe {
    /// Asks ffprobe.
    ///
    /// # Errors
    /// [`Error::NoFfmpeg`] where it is not installed, [`Error::Ffmpeg`] where it makes nothing of the film.
    pub(crate) fn of(film: &Path) -> Result<Self, Error> {
        let mut ffprobe = Command::new("ffprobe");
        ffprobe.args(["-v", "error", "-of", "json", "-show_streams", "-show_format"]).arg(super::recipe::operand(film));
        let output = ffprobe.stdin(Stdio::null()).output().map_err(|_| Error::NoFfmpeg { path: film.to_owned() })?;
        let failed = |said: &[u8]| {
            let said = String::from_utf8_lossy(said).trim().to_owned();
            Error::Ffmpeg { path: film.to_owned(), said }
        };
        if !output.status.success() {
            return Err(failed(&output.stderr));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string().as_bytes()))
    }

    /// Length in seconds, where the container says so.
    pub(crate) fn seconds(&self) -> Option<f64> {
        self.format.duration.as_deref()?.parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds > 0.0)
    }
}

impl ProbedStream {
    /// A picture of the cover is no film.
    pub(crate) fn is_video(&self) -> bool {
        self.codec_type == "video" && self.disposition.attached_pic == 0
    }

    pub(crate) fn is_audio(&self) -> bool {
        self.codec_type == "audio"
    }

    /// Subtitles made of letters, not of pictures.
    pub(crate) fn is_text(&self) -> bool {
        const TEXTS: [&str; 7] = ["subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"];
        self.codec_type == "subtitle" && TEXTS.contains(&self.codec_name.as_str())
    }

    /// Subtitles made of pictures.
    pub(crate) fn is_pictures_of_text(&self) -> bool {
        self.codec_type == "subtitle" && !self.is_text()
    }

    /// Where the film names one. ffprobe passes on whatever stands there.
    pub(crate) fn language(&self) -> Option<String> {
        self.tags.language.clone().filter(|language| language != "und" && is_language_tag(language))
    }

    pub(crate) fn title(&self) -> Option<String> {
        self.tags.title.clone().filter(|title| !title.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_a_tag_or_none() {
        let language = |tag: &str| {
            let tags = Tags { language: Some(tag.to_owned()), title: None };
            ProbedStream { tags, ..ProbedStream::default() }.language()
        };
        for tag in ["ger", "pt-BR", "zh-Hant-TW"] {
            assert_eq!(language(tag).as_deref(), Some(tag));
        }
        let long = ["a"; 40].join("-");
        for text in ["und", "", "../../x", "a/b", "a\\b", "e n", "en#", "en-", "toolonglanguage", "d\u{e9}", &long] {
            assert_eq!(language(text), None, "{text}");
        }
    }
}
