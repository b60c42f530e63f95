//! ffplay: a player that is no browser, and tells of each picture that it shows.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// A picture that ffplay shows.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// Its presentation time in seconds.
    pub time: f64,
    /// Its width in pixels.
    pub width: u32,
}

/// Has it play what is at a URL, of the pictures' streams the one with that number, as more arguments say. Gives every picture.
///
/// # Errors
/// When it is missing, ends otherwise than by itself, or tells of an error.
pub fn ffplay(url: &str, stream: usize, more: &[&str]) -> Result<Vec<Shown>> {
    let mut command = Command::new("ffplay");
    command.args("-hide_banner -nostats -loglevel level+info -autoexit -noframedrop -vf showinfo -vst".split(' '));
    command.arg(format!("v:{stream}")).args(more).arg(url);
    command.env("SDL_VIDEODRIVER", "dummy").env("SDL_AUDIODRIVER", "dummy").stdin(Stdio::null());
    let output = command.output().context("cannot start ffplay: install the package ffmpeg")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let errors: Vec<_> = said.lines().filter(|line| line.contains("[error]") || line.contains("[fatal]")).collect();
    ensure!(output.status.success() && errors.is_empty(), "{command:?}: {}: {errors:?}", output.status);
    Ok(said.lines().filter_map(shown).collect())
}

/// What a line of the filter `showinfo` tells of a picture.
fn shown(line: &str) -> Option<Shown> {
    let value = |name: &str| line.split_once(name)?.1.split_whitespace().next();
    Some(Shown { time: value(" pts_time:")?.parse().ok()?, width: value(" s:")?.split_once('x')?.0.parse().ok()? })
}
