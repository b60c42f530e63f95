//! A screen without a monitor that several windows are on, and what their pictures say there: a witness that knows nothing of players.

use std::process::Command;

use anyhow::{Result, ensure};
use test_browsers::{Process, screen};
use test_film::cells;

/// In pixels.
pub(crate) const WIDTH: u32 = 1_400;
pub(crate) const HEIGHT: u32 = 600;

/// An X server of its own, which ends with it.
#[derive(Debug)]
pub(crate) struct Screen {
    _server: Process,
    /// Such as `:7`.
    pub(crate) display: String,
}

/// Where a video is on it: its left and upper edge and its width, in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(pub(crate) [f64; 3]);

/// The brightness of each pixel at one moment.
#[derive(Debug)]
pub(crate) struct Shot(Vec<u8>);

impl Screen {
    pub(crate) fn open() -> Result<Self> {
        let (server, display) = screen::start([WIDTH, HEIGHT])?;
        Ok(Self { _server: server, display })
    }

    /// What is on it now.
    pub(crate) fn shoot(&self) -> Result<Shot> {
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-nostdin", "-f", "x11grab", "-draw_mouse", "0"]);
        ffmpeg.args(["-video_size", &format!("{WIDTH}x{HEIGHT}"), "-i", &self.display]);
        let output = ffmpeg.args(["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"]).output()?;
        ensure!(
            output.status.success() && output.stdout.len() == (WIDTH * HEIGHT) as usize,
            "ffmpeg took no picture of the screen: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(Shot(output.stdout))
    }
}

impl Shot {
    /// The number in the picture that a video there shows; `None` where it shows none.
    pub(crate) fn number(&self, Place([left, top, width]): Place) -> Option<u32> {
        let edge = width / f64::from(cells::WIDTH_SHARE);
        let bright = |cell: usize| {
            let (x, y) = ((left + (cell as f64 + 0.5) * edge) as u32, (top + edge / 2.0) as u32);
            self.0.get((y * WIDTH + x) as usize).is_some_and(|pixel| *pixel > 127)
        };
        cells::read(std::array::from_fn(bright))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_cells_is_read_where_the_video_is() {
        let mut shot = Shot(vec![40; (WIDTH * HEIGHT) as usize]);
        let place = Place([101.0, 33.0, 640.0]);
        // White, black, and the number 5, which has two ones.
        for cell in [0, 12, 14] {
            for (x, y) in (0..20).flat_map(|x| (0..20).map(move |y| (x, y))) {
                shot.0[((33 + y) * WIDTH + 101 + cell * 20 + x) as usize] = 220;
            }
        }
        assert_eq!(shot.number(place), Some(5));
        assert_eq!(shot.number(Place([0.0, 400.0, 640.0])), None);
        assert_eq!(shot.number(Place([0.0, 5_000.0, 640.0])), None, "outside");
    }
}
