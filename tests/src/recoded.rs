//! The film of the repository in other codecs.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use test_film::Film;

use crate::place;

/// Removed when dropped.
#[derive(Debug)]
pub struct Recoded {
    _directory: TempDir,
    /// The beginning of the film: its frame numbers and its tone are the same.
    pub film: Film,
}

impl Recoded {
    /// The first `seconds`, encoded with these arguments of ffmpeg into a file of that name.
    ///
    /// # Errors
    /// When ffmpeg cannot do it.
    pub fn new(name: &str, seconds: u32, coding: &str) -> Result<Self> {
        Self::with_input("", name, seconds, coding)
    }

    /// The film with a second audio track: a tone of 5 kHz throughout.
    ///
    /// # Errors
    /// When ffmpeg cannot make it.
    pub fn with_second_language() -> Result<Self> {
        let seconds = place::sample_film().seconds;
        Self::with_second_language_of(seconds, seconds)
    }

    /// The first `seconds` of the film, English, with so much of a second audio track, German.
    ///
    /// # Errors
    /// When ffmpeg cannot make it.
    pub fn with_second_language_of(second: u32, seconds: u32) -> Result<Self> {
        Self::with_second_language_in("aac", second, seconds)
    }

    /// The same, with the second audio track in another codec, as ffmpeg names it.
    ///
    /// # Errors
    /// When ffmpeg cannot make it.
    pub fn with_second_language_in(codec: &str, second: u32, seconds: u32) -> Result<Self> {
        let tone = format!("-f lavfi -i sine=frequency=5000:sample_rate=48000:duration={second}");
        let languages = "-metadata:s:a:0 language=eng -metadata:s:a:1 language=ger";
        let coding = format!("-map 0:v -map 0:a -map 1:a -c copy -c:a:1 {codec} -ac:a:1 2 {languages}");
        Self::with_input(&tone, "film.mp4", seconds, &coding)
    }

    /// The first `seconds` of the film with only the first `sound` seconds of its sound.
    ///
    /// # Errors
    /// When ffmpeg cannot make it.
    pub fn with_sound_of(sound: u32, seconds: u32) -> Result<Self> {
        Self::with_short("-map 0:v -map 1:a -c copy", sound, seconds)
    }

    /// The first `seconds` of the film with only the first `pictures` seconds of its pictures.
    ///
    /// # Errors
    /// When ffmpeg cannot make it.
    pub fn with_pictures_of(pictures: u32, seconds: u32) -> Result<Self> {
        Self::with_short("-map 1:v -map 0:a -c copy", pictures, seconds)
    }

    /// The first `seconds` of the film with its sound `late` seconds later than its pictures, in another `coding`, as ffmpeg
    /// names it, or `copy`.
    ///
    /// # Errors
    /// When ffmpeg cannot make it.
    pub fn with_sound_late(late: f64, seconds: u32, coding: &str) -> Result<Self> {
        let film = place::sample_film();
        let path = film.path.to_str().context("the path is text")?;
        let coding = format!("-map 0:v -map 1:a -c:v copy -c:a {coding}");
        Self::with_input(&format!("-itsoffset {late} -i {path}"), "film.mp4", seconds, &coding)
    }

    /// The same film, whose AAC of one channel and 24 kHz does not say whether it has SBR, as none does that comes out of a transport stream.
    ///
    /// # Errors
    /// When the film cannot be read or written, or its AAC says nothing of SBR.
    pub fn without_word_of_sbr(self) -> Result<Self> {
        let says_none = [0x13, 0x08, 0x56, 0xe5, 0];
        let mut bytes = fs::read(&self.film.path)?;
        let at = bytes.windows(5).position(|window| window == says_none).context("it says nothing of SBR")?;
        bytes[at + 2..at + 5].fill(0);
        fs::write(&self.film.path, bytes)?;
        Ok(self)
    }

    /// The film `times` in a row in few pixels, for a browser that draws without a card for pictures. Its frame numbers begin again with
    /// each time.
    ///
    /// # Errors
    /// When ffmpeg cannot make it.
    pub fn light(times: u32) -> Result<Self> {
        let seconds = place::sample_film().seconds * times;
        let coding = "-vf scale=320:180 -c:v libx264 -preset ultrafast -g 48 -keyint_min 48 -sc_threshold 0 -c:a copy";
        Self::made(&format!("-stream_loop {}", times - 1), "", "film.mp4", seconds, coding)
    }

    /// A minute and a half of silence with one picture in ten seconds.
    ///
    /// # Errors
    /// When ffmpeg cannot make it.
    pub fn slides() -> Result<Self> {
        let pictures = "-f lavfi -i testsrc=size=320x240:rate=1/10:duration=90";
        Self::with_input(
            pictures,
            "film.mp4",
            90,
            "-map 1:v -pix_fmt yuv420p -c:v libx264 -g 1 -bf 0 -preset ultrafast",
        )
    }

    fn with_short(coding: &str, short: u32, seconds: u32) -> Result<Self> {
        let film = place::sample_film();
        let path = film.path.to_str().context("the path is text")?;
        Self::with_input(&format!("-t {short} -i {path}"), "film.mp4", seconds, coding)
    }

    /// The film `times` in a row, as it is: from the second on its frame numbers begin again.
    ///
    /// # Errors
    /// When ffmpeg cannot make it.
    pub fn repeated(times: u32) -> Result<Self> {
        let seconds = place::sample_film().seconds * times;
        Self::made(&format!("-stream_loop {}", times - 1), "", "film.mp4", seconds, "-c copy")
    }

    fn with_input(input: &str, name: &str, seconds: u32, coding: &str) -> Result<Self> {
        Self::made("", input, name, seconds, coding)
    }

    /// With arguments for how the film is read, and a further input.
    fn made(reading: &str, input: &str, name: &str, seconds: u32, coding: &str) -> Result<Self> {
        let directory = TempDir::new_in(place::scratch()?)?;
        let (film, path) = (place::sample_film(), directory.path().join(name));
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-nostdin", "-loglevel", "error"]).args(reading.split_whitespace());
        ffmpeg.arg("-i").arg(&film.path).args(input.split_whitespace());
        ffmpeg.args(["-t", &seconds.to_string()]).args(coding.split(' ')).arg(&path);
        let status = ffmpeg.status().context("cannot start ffmpeg")?;
        ensure!(status.success(), "{ffmpeg:?} failed ({status})");
        Ok(Self { _directory: directory, film: Film { path, seconds, ..film } })
    }
}
