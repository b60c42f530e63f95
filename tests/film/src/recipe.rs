//! How to make a film: pictures are encoded once for a span of seconds, that span is repeated by copying, and the sound
//! is encoded for the whole length in one go.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{Tone, cells};

/// A film to be made.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// The film's file is named after it.
    pub name: &'static str,
    width: u32,
    /// Seconds of pictures encoded, a whole number of groups of 2 s.
    span: u32,
    /// How often the span is shown.
    repeats: u32,
    /// ffmpeg filter graph of the bare pictures, at 24 frames a second and of that width.
    pictures: &'static str,
    /// ffmpeg filters drawn over the finished frame.
    caption: &'static str,
    /// How to encode the pictures.
    encoder: &'static str,
}

/// A small film of 720p and 30 s, good to look at, kept in the repository.
pub const SAMPLE: Recipe = Recipe {
    name: "sample",
    width: 1280,
    span: 30,
    repeats: 1,
    pictures: "mandelbrot=size=640x360:rate=24:start_scale=1.4:end_scale=0.01:end_pts=720:maxiter=90\
        :outer=normalized_iteration_count:bailout=100,\
        hue=s=0,eq=contrast=0.55:gamma=1.2,scale=1280:720:flags=bicubic,gblur=sigma=1.2,format=gbrp[shape];\
        gradients=size=1280x720:rate=24:n=4:c0=0x0b1026:c1=0x31407a:c2=0xe0703a:c3=0xffd9a0\
        :x0=0:y0=0:x1=1279:y1=719:speed=0.008:seed=7,format=gbrp[sky];\
        [sky][shape]blend=all_mode=softlight",
    caption: ",drawtext=font=Monospace:text='%{frame_num}  %{pts\\:hms}':x=660:y=4:fontsize=34:fontcolor=white\
        :box=1:boxcolor=black@0.6:boxborderw=4",
    encoder: "-preset slow -crf 26 -bf 3",
};

/// A film of 1080p, 288 s and about 737 MB at 20 Mbit/s: three chunks of the default size. Its frame numbers begin anew
/// after [`Film::period`].
pub const BIG: Recipe = Recipe {
    name: "big",
    width: 1920,
    span: 48,
    repeats: 6,
    pictures: "mandelbrot=size=960x540:rate=24:start_scale=0.6:end_scale=0.05:end_pts=1152:maxiter=120,\
        scale=1920:1080:flags=neighbor",
    caption: "",
    encoder: "-preset ultrafast -bf 2 -b:v 20M -maxrate 22M -bufsize 10M",
};

/// The same pictures for 29 minutes: about 4.4 GB, eighteen chunks of the default size.
pub const HUGE: Recipe = Recipe { name: "huge", repeats: 36, ..BIG };

/// A film of 720p, 288 s and about 110 MB at 3 Mbit/s: one chunk of the default size. Its frame numbers begin anew after
/// [`Film::period`].
pub const MODEST: Recipe = Recipe {
    name: "modest",
    width: 1280,
    span: 48,
    repeats: 6,
    pictures: "mandelbrot=size=640x360:rate=24:start_scale=0.6:end_scale=0.05:end_pts=1152:maxiter=120,\
        scale=1280:720:flags=bicubic",
    caption: "",
    encoder: "-preset veryfast -bf 2 -b:v 3M -maxrate 3M -bufsize 1500k",
};

/// A film of 360p, 36 minutes and about 120 MB at 0.4 Mbit/s: long and light, for many windows on one machine. Its frame numbers
/// begin anew after [`Film::period`].
pub const LIGHT: Recipe = Recipe {
    name: "light",
    width: 640,
    span: 60,
    repeats: 36,
    pictures: "mandelbrot=size=320x180:rate=24:start_scale=0.6:end_scale=0.05:end_pts=1440:maxiter=90,\
        scale=640:360:flags=bicubic,gblur=sigma=1.5",
    caption: "",
    encoder: "-preset veryfast -bf 2 -b:v 300k -maxrate 300k -bufsize 600k",
};

/// The same for an hour and two minutes: about 200 MB.
pub const HOUR: Recipe = Recipe { name: "hour", repeats: 62, ..LIGHT };

/// The languages of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Languages {
    /// The tone that says which second it is.
    One,
    /// That as English, and as German a tone of 5 kHz throughout.
    Two,
}

/// A film that has been made.
#[derive(Clone, Debug)]
pub struct Film {
    /// A progressive MP4 of H.264 with B-frames, a keyframe every 2 s, and AAC in stereo.
    pub path: PathBuf,
    /// Frames in a second.
    pub frame_rate: u32,
    /// Length in seconds.
    pub seconds: u32,
    /// How many frames have a number of their own, from 0.
    pub period: u32,
    /// Presentation time of the first frame in seconds, where packaging has delayed it.
    pub start: f64,
}

impl Film {
    /// The number on the frame that is shown from `seconds` on.
    #[must_use]
    pub fn number_at(&self, seconds: f64) -> u32 {
        // Times of frames are rounded, some down.
        let frames = ((seconds - self.start) * f64::from(self.frame_rate)).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a film has fewer than 2^32 frames"
        )]
        let frames = frames as u32;
        frames % self.period
    }

    /// How many frames it takes from one number forward to another, less than a period.
    #[must_use]
    pub fn steps(&self, from: u32, to: u32) -> u32 {
        (to + self.period - from % self.period) % self.period
    }
}

impl Recipe {
    const FRAME_RATE: u32 = 24;

    /// The film at `path`, taken to be made from this recipe.
    #[must_use]
    pub fn film(&self, path: PathBuf) -> Film {
        let frame_rate = Self::FRAME_RATE;
        Film { path, frame_rate, seconds: self.span * self.repeats, period: self.span * frame_rate, start: 0.0 }
    }

    /// The film in `directory`, made first unless it stands there from this very recipe.
    ///
    /// # Errors
    /// When ffmpeg is missing or fails, or the directory cannot be written.
    pub fn cached(&self, directory: &Path) -> Result<Film> {
        self.cached_in(Languages::One, directory)
    }

    /// The same with a second audio track.
    ///
    /// # Errors
    /// As [`Self::cached`].
    pub fn cached_with_second_language(&self, directory: &Path) -> Result<Film> {
        self.cached_in(Languages::Two, directory)
    }

    fn cached_in(&self, languages: Languages, directory: &Path) -> Result<Film> {
        let path = directory.join(self.name).with_extension("mp4");
        let written = path.with_extension("recipe");
        let mut recipe = format!("{self:?} {} {}", cells::filters(self.width), Tone::source(1));
        if languages == Languages::Two {
            recipe.push_str(" in two languages");
        }
        if path.exists() && fs::read_to_string(&written).is_ok_and(|text| text == recipe) {
            return Ok(self.film(path));
        }
        fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
        let film = self.make_in(languages, path)?;
        fs::write(&written, recipe).with_context(|| format!("cannot write {}", written.display()))?;
        Ok(film)
    }

    /// Makes the film at `path`.
    ///
    /// # Errors
    /// When ffmpeg is missing or fails.
    pub fn make(&self, path: PathBuf) -> Result<Film> {
        self.make_in(Languages::One, path)
    }

    fn make_in(&self, languages: Languages, path: PathBuf) -> Result<Film> {
        let partial = |ending: &str| path.with_extension(format!("partial-{}.{ending}", std::process::id()));
        let (span, list, whole) = (partial("span.mp4"), partial("txt"), partial("mp4"));
        let made = self.encode_span(&span).and_then(|()| self.join(languages, &span, &list, &whole));
        for leftover in [&span, &list] {
            let _ = fs::remove_file(leftover);
        }
        made?;
        fs::rename(&whole, &path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(self.film(path))
    }

    fn encode_span(&self, span: &Path) -> Result<()> {
        let graph = format!("{},format=yuv420p,{}{}", self.pictures, cells::filters(self.width), self.caption);
        let groups = "-g 48 -keyint_min 48 -sc_threshold 0 -flags:v +bitexact";
        ffmpeg(
            Command::new("ffmpeg")
                .args(QUIET)
                .args(["-filter_complex", &graph, "-t", &self.span.to_string(), "-c:v", "libx264"])
                .args(self.encoder.split(' '))
                .args(groups.split(' '))
                .arg(span),
        )
    }

    fn join(&self, languages: Languages, span: &Path, list: &Path, whole: &Path) -> Result<()> {
        // The stated length keeps the joints exact where the container's own would include a frame's reordering.
        let name = span.file_name().and_then(|name| name.to_str()).context("the path is no Unicode")?;
        let entry = format!("file {name}\nduration {}\n", self.span);
        fs::write(list, entry.repeat(self.repeats as usize))
            .with_context(|| format!("cannot write {}", list.display()))?;
        let seconds = self.span * self.repeats;
        let (second, mapping) = match languages {
            Languages::One => (String::new(), ""),
            Languages::Two => (
                format!("-f lavfi -i sine=frequency=5000:sample_rate=48000:duration={seconds}"),
                "-map 2:a -ac:a:1 2 -metadata:s:a:0 language=eng -metadata:s:a:1 language=ger",
            ),
        };
        let coding = "-map 0:v -map 1:a -c:v copy -c:a aac -b:a 128k -flags:a +bitexact -fflags +bitexact";
        ffmpeg(
            Command::new("ffmpeg")
                .args(QUIET)
                .args(["-f", "concat", "-i"])
                .arg(list)
                .args(["-f", "lavfi", "-i", &Tone::source(seconds)])
                .args(second.split_whitespace())
                .args(coding.split(' '))
                .args(mapping.split_whitespace())
                .args(["-movflags", "+faststart"])
                .arg(whole),
        )
    }
}

const QUIET: [&str; 5] = ["-hide_banner", "-nostdin", "-loglevel", "error", "-y"];

fn ffmpeg(command: &mut Command) -> Result<()> {
    let status = command.status().context("cannot start ffmpeg: install it first")?;
    ensure!(status.success(), "ffmpeg failed ({status}): {command:?}");
    Ok(())
}
