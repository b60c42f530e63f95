//! How a film is made in several rungs: one picture, scaled and encoded for each, with a mark that says which.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, slice};

use anyhow::{Context, Result, ensure};

/// Colours that are told apart by whether there is red, green and blue in them. The lowest rung has the first.
const MARKS: [(&str, &str); 6] =
    [("100", "red"), ("010", "lime"), ("001", "blue"), ("110", "yellow"), ("101", "magenta"), ("011", "cyan")];

/// One rung: width, height and kbit/s.
type Rung = (u32, u32, u32);

/// A film to be made, 24 frames a second, with a keyframe every 2 s.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// For addresses and files.
    pub key: &'static str,
    /// Length in seconds.
    pub seconds: u32,
    /// From the lowest to the highest.
    rungs: &'static [Rung],
    /// x264's.
    preset: &'static str,
}

/// For recorded links: rates of a film of 1080p, in small pictures, since decoding them is not what is measured.
pub const SMALL: Recipe = Recipe {
    key: "small",
    seconds: 180,
    rungs: &[
        (256, 144, 230),
        (320, 180, 450),
        (384, 216, 900),
        (448, 252, 1_800),
        (512, 288, 3_400),
        (640, 360, 6_000),
    ],
    preset: "ultrafast",
};

/// For starts and seeks: a film of 22 Mbit/s, and the rungs that `splitter --ladder auto` makes of such a film.
pub const LARGE: Recipe = Recipe {
    key: "large",
    seconds: 64,
    rungs: &[
        (426, 240, 540),
        (640, 360, 1_000),
        (854, 480, 1_500),
        (1_280, 720, 2_800),
        (1_920, 1_080, 5_100),
        (1_920, 1_080, 22_000),
    ],
    preset: "ultrafast",
};

/// For five windows on one machine: light, and as long as a scenario of the benchmark of parties.
pub const LIGHT: Recipe = Recipe {
    key: "light",
    seconds: 300,
    rungs: &[(256, 144, 60), (320, 180, 150), (448, 252, 500), (640, 360, 1_500)],
    preset: "ultrafast",
};

/// For a test of the harness.
pub const TINY: Recipe =
    Recipe { key: "tiny", seconds: 20, rungs: &[(256, 144, 150), (320, 180, 400)], preset: "ultrafast" };

impl Recipe {
    /// What a page takes the marks of the rungs for: red, green and blue, from the lowest rung on.
    pub(crate) fn marks(&self) -> Vec<&'static str> {
        MARKS.iter().take(self.rungs.len()).map(|(bits, _)| *bits).collect()
    }

    /// Width and height of the highest rung's pictures.
    pub(crate) fn size(&self) -> (u32, u32) {
        let (width, height, _) = self.rungs[self.rungs.len() - 1];
        (width, height)
    }

    /// Makes a file for each rung in `directory`, and names them, the highest first. It has the sound.
    pub(crate) fn make(&self, directory: &Path) -> Result<Vec<PathBuf>> {
        fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
        let (width, height) = self.size();
        let pictures = format!(
            "testsrc2=size={width}x{height}:rate=24,noise=alls=24:allf=t:enable='lt(mod(t,20),12)',\
             noise=alls=10:allf=t,split={}",
            self.rungs.len()
        );
        let names: String = (0..self.rungs.len()).map(|rung| format!("[whole{rung}]")).collect();
        let marked = self.rungs.iter().zip(MARKS).enumerate().map(|(at, (&(width, height, _), (_, colour)))| {
            format!(
                ";[whole{at}]scale={width}:{height},drawbox=x=0:y=0:w={}:h={}:color={colour}:t=fill,format=yuv420p[rung{at}]",
                width / 8,
                height / 8
            )
        });
        let graph = format!("{pictures}{names}{}", marked.collect::<String>());
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args("-hide_banner -nostdin -loglevel error -y -filter_complex".split(' ')).arg(graph);
        ffmpeg.args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]);
        let files: Vec<PathBuf> =
            self.rungs.iter().map(|(_, height, rate)| directory.join(format!("{height}-{rate}.mp4"))).collect();
        for (rung, (file, (_, _, rate))) in files.iter().zip(self.rungs).enumerate() {
            ffmpeg.args(["-map", &format!("[rung{rung}]")]);
            if rung + 1 == files.len() {
                ffmpeg.args("-map 0:a -c:a aac -b:a 128k".split(' '));
            }
            ffmpeg.args("-g 48 -keyint_min 48 -sc_threshold 0 -bf 2 -c:v libx264 -preset".split(' ')).arg(self.preset);
            let rates = format!("-b:v {rate}k -maxrate {}k -bufsize {}k -t {}", rate * 4 / 3, rate * 2, self.seconds);
            ffmpeg.args(rates.split(' ')).arg(file);
        }
        let status = ffmpeg.status().context("cannot start ffmpeg: install it first")?;
        ensure!(status.success(), "ffmpeg failed ({status}): {ffmpeg:?}");
        Ok(files.into_iter().rev().collect())
    }

    /// For knowing whether a film was made from this very recipe.
    pub(crate) fn written(&self) -> String {
        format!("{:?}", slice::from_ref(self))
    }
}
