//! What ffprobe says of a film.

use std::path::Path;
use std::process::{Command, Stdio};

use manifest::MediaTime;
use serde::Deserialize;

use super::said::{joined, listen};
use crate::Error;
use crate::chapters::Chapter;
use crate::language::bcp47;

/// A film, as ffprobe sees it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Probe {
    #[serde(default)]
    pub(crate) streams: Vec<ProbedStream>,
    #[serde(default)]
    format: Format,
    /// Whether its length is made up from its rate.
    #[serde(skip)]
    is_estimated: bool,
    #[serde(default)]
    chapters: Vec<ProbedChapter>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ProbedChapter {
    /// In seconds.
    start_time: String,
    tags: Tags,
}

/// One of its streams.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ProbedStream {
    pub(crate) index: u32,
    pub(crate) codec_type: String,
    pub(crate) codec_name: String,
    pub(crate) pix_fmt: String,
    /// In pixels, as they are coded; 0 where ffprobe does not say.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) channels: u32,
    /// The container's own number of it, such as `0x101`.
    id: Option<String>,
    time_base: Option<String>,
    nb_frames: Option<String>,
    disposition: Disposition,
    tags: Tags,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Format {
    format_name: String,
    start_time: Option<String>,
    duration: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Disposition {
    attached_pic: u8,
    default: u8,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Tags {
    language: Option<String>,
    title: Option<String>,
}

/// Options with which ffmpeg and ffprobe look at the first 64 MB and 64 s of a film: sound that begins late is found only then. Both must
/// be given them, or they see different streams.
pub(super) const PATIENT: [&str; 4] = ["-probesize", "64M", "-analyzeduration", "64M"];

impl Probe {
    /// Asks ffprobe of the film that lies in a place; `film` is what messages call it.
    ///
    /// # Errors
    /// [`Error::NoFfmpeg`] where it is not installed, [`Error::Ffmpeg`] where it makes nothing of the film.
    pub(crate) fn of(place: &Path, film: &Path) -> Result<Self, Error> {
        let mut ffprobe = Command::new("ffprobe");
        ffprobe
            .args(["-v", "level+warning", "-of", "json", "-show_streams", "-show_format", "-show_chapters"])
            .args(PATIENT);
        ffprobe.arg(super::name::operand(place));
        let output = ffprobe.stdin(Stdio::null()).output().map_err(|_| Error::NoFfmpeg { path: film.to_owned() })?;
        let said: Vec<_> = listen(&output.stderr[..]).into_iter().map(|said| said.calling(place, film)).collect();
        if !output.status.success() {
            let said = joined(said.iter().filter(|said| said.is_error()));
            return Err(Error::Ffmpeg { path: film.to_owned(), said });
        }
        let parsed: Result<Self, _> = serde_json::from_slice(&output.stdout);
        let mut probe = parsed.map_err(|error| Error::Ffmpeg { path: film.to_owned(), said: error.to_string() })?;
        probe.is_estimated = said.iter().any(|said| said.to_string().starts_with("Estimating duration"));
        Ok(probe)
    }

    /// The name of the container's demuxer, such as `matroska,webm`.
    pub(crate) fn format(&self) -> &str {
        &self.format.format_name
    }

    /// Length in seconds, as far as ffprobe knows it.
    pub(crate) fn seconds(&self) -> Option<f64> {
        self.format.duration.as_deref()?.parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds > 0.0)
    }

    /// Length in seconds, where the container's own headers say so, whatever is really there.
    pub(crate) fn promised_seconds(&self) -> Option<f64> {
        // Of these, ffprobe looks for the last packet.
        const MEASURED: [&str; 2] = ["mpegts", "mpeg"];
        self.seconds().filter(|_| !self.is_estimated && !MEASURED.contains(&self.format()))
    }

    /// Length of a stream in seconds, where the container counts its pictures in front of them all.
    pub(crate) fn counted_seconds(&self, stream: &ProbedStream) -> Option<f64> {
        let is_counted = self.format() == "avi" && stream.is_video();
        let (numerator, denominator) = stream.time_base.as_deref().filter(|_| is_counted)?.split_once('/')?;
        let (numerator, denominator): (f64, f64) = (numerator.parse().ok()?, denominator.parse().ok()?);
        Some(stream.nb_frames.as_deref()?.parse::<f64>().ok()? * numerator / denominator.max(1.0))
    }

    /// When the film begins on its own clock, in seconds.
    pub(crate) fn start_seconds(&self) -> f64 {
        self.format
            .start_time
            .as_deref()
            .and_then(|text| text.parse().ok())
            .filter(|time: &f64| time.is_finite())
            .unwrap_or(0.0)
    }

    /// Its chapters, on the clock of a film that begins at zero.
    pub(crate) fn chapters(&self) -> Vec<Chapter> {
        let begin = MediaTime::from_seconds(self.start_seconds()).unwrap_or_default();
        let chapter = |probed: &ProbedChapter| {
            let start = MediaTime::from_seconds(probed.start_time.parse().ok()?)? - begin;
            Some(Chapter { start: start.as_micros(), title: probed.tags.title.clone().unwrap_or_default() })
        };
        self.chapters.iter().filter_map(chapter).collect()
    }
}

impl ProbedStream {
    /// A picture of the cover is no film.
    pub(crate) fn is_video(&self) -> bool {
        self.codec_type == "video" && self.disposition.attached_pic == 0
    }

    /// Whether ffmpeg knows what it is coded as.
    pub(crate) fn is_known(&self) -> bool {
        !matches!(self.codec_name.as_str(), "" | "none" | "unknown")
    }

    /// Whether the film wants it played unasked.
    pub(crate) fn is_default(&self) -> bool {
        self.disposition.default != 0
    }

    /// Number of its packets in a transport stream.
    pub(super) fn packet_identifier(&self) -> Option<u16> {
        u16::from_str_radix(self.id.as_deref()?.strip_prefix("0x")?, 16).ok()
    }

    pub(crate) fn is_audio(&self) -> bool {
        self.codec_type == "audio"
    }

    /// Subtitles of any kind.
    pub(crate) fn is_subtitle(&self) -> bool {
        self.codec_type == "subtitle"
    }

    /// Subtitles made of letters, not of pictures.
    pub(crate) fn is_text(&self) -> bool {
        const TEXTS: [&str; 7] = ["subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"];
        self.is_subtitle() && TEXTS.contains(&self.codec_name.as_str())
    }

    /// As which codec and in which format a text is had from ffmpeg. Its own WebVTT has drawings for words, and tags where
    /// the words have angle brackets, so the texts are taken as they are.
    pub(crate) fn text_format(&self) -> (&'static str, &'static str) {
        match self.codec_name.as_str() {
            "subrip" | "srt" => ("copy", "srt"),
            "webvtt" => ("copy", "webvtt"),
            "ass" | "ssa" => ("copy", "ass"),
            // What has tags of its own becomes overrides, which no words look like.
            _ => ("ass", "ass"),
        }
    }

    /// Subtitles made of pictures.
    pub(crate) fn is_pictures_of_text(&self) -> bool {
        self.is_subtitle() && !self.is_text()
    }

    /// Where the film names one. ffprobe passes on whatever stands there.
    pub(crate) fn language(&self) -> Option<String> {
        self.tags.language.as_deref().and_then(bcp47)
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
        for (said, tag) in [("ger", "de"), ("pt-BR", "pt-BR"), ("zh-Hant-TW", "zh-Hant-TW")] {
            assert_eq!(language(said).as_deref(), Some(tag));
        }
        let long = ["a"; 40].join("-");
        for text in ["und", "", "../../x", "a/b", "a\\b", "e n", "en#", "en-", "toolonglanguage", "d\u{e9}", &long] {
            assert_eq!(language(text), None, "{text}");
        }
    }
}
