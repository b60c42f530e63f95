//! Small films made by ffmpeg, each for one test.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::program::output;

/// A film in a directory of its own, which is removed when it is dropped.
pub(crate) struct Film {
    directory: TempDir,
    pub(crate) path: PathBuf,
}

/// Words of a recipe that stand for inputs: three seconds each, 24 pictures a second of 160x90, a tone.
const INPUTS: [(&str, &str); 3] = [
    ("PICTURES", "-f lavfi -i testsrc2=s=160x90:r=24:d=3"),
    ("TONE", "-f lavfi -i sine=f=440:r=48000:d=3"),
    ("HIGH_TONE", "-f lavfi -i sine=f=880:r=44100:d=3"),
];

/// H.264 of the main profile with B-frames and a keyframe a second, quick to encode.
pub(crate) const H264: &str = "-c:v libx264 -preset ultrafast -profile:v main -level 1 -bf 2 -g 24";

impl Film {
    /// Makes `name` with ffmpeg. `recipe` is a line of its options in which `PICTURES` and `TONE` stand for inputs, and
    /// `H264` for [`H264`].
    pub(crate) fn new(name: &str, recipe: &str) -> Self {
        let directory = TempDir::new().expect("a directory");
        let film = Self { path: directory.path().join(name), directory };
        run(recipe, &film.path);
        film
    }

    /// Another film made from this one, which `FILM` in the recipe stands for.
    pub(crate) fn again(&self, name: &str, recipe: &str) -> Self {
        let film = format!("-i {}", self.path.display());
        Self::new(name, &recipe.replace("FILM", &film))
    }

    /// A film whose bytes are changed by hand.
    pub(crate) fn edited(&self, name: &str, edit: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Self {
        let bytes = std::fs::read(&self.path).expect("readable");
        let directory = TempDir::new().expect("a directory");
        let path = directory.path().join(name);
        std::fs::write(&path, edit(bytes)).expect("writable");
        Self { directory, path }
    }

    /// A place beside it.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

fn run(recipe: &str, to: &Path) {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-y"]);
    for word in recipe.split_whitespace() {
        match INPUTS.iter().find(|(name, _)| *name == word) {
            Some((_, input)) => ffmpeg.args(input.split(' ')),
            None if word == "H264" => ffmpeg.args(H264.split(' ')),
            None => ffmpeg.arg(word),
        };
    }
    // What an encoder writes for people must not change what is tested.
    output(ffmpeg.args(["-fflags", "+bitexact", "-strict", "experimental"]).arg(to).env("SVT_LOG", "1"));
}
