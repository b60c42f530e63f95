//! Whether a file has the film's own pictures, as far as that shows without decoding them.

use super::no_rung::NoRung;
use crate::track::Track;

/// Seconds by which the pictures of a rung may last longer or shorter: encoders add and drop one at the end.
const NEAR: f64 = 0.125;
/// Seconds that a time in a container of milliseconds may be off.
const ROUNDED: f64 = 0.001;
/// Part of itself by which a frame rate may differ from another: half of the difference between 24 and 24000/1001.
const SAME_RATE: f64 = 5e-4;

/// Refuses a rung of another length, or with pictures of another family of frame rates.
pub(super) fn check(film: &Track, rung: &Track) -> Result<(), NoRung> {
    let (length, seconds) = (film.timing.seconds(film.end()), rung.timing.seconds(rung.end()));
    if (length - seconds).abs() > NEAR {
        return Err(NoRung::Length { seconds, film: length });
    }
    // Frames of sound are as long as their codec has them.
    if let (true, Some(of_film), Some(rate)) = (film.is_video, frame_rate(film), frame_rate(rung)) {
        let times = (of_film / rate).max(rate / of_film);
        let near = SAME_RATE.max(2.0 * ROUNDED / seconds);
        if (times / times.round() - 1.0).abs() > near {
            return Err(NoRung::FrameRate { rate, film: of_film });
        }
    }
    Ok(())
}

/// Pictures in a second; `None` where they do not come evenly. The first may be shown from zero on, the last for as long as
/// something else lasts.
fn frame_rate(track: &Track) -> Option<f64> {
    let count = track.table.count();
    let inner = || track.table.samples(1..count.saturating_sub(1)).map(|sample| sample.duration);
    let (pictures, ticks) =
        inner().fold((0_u32, 0_u64), |(pictures, ticks), one| (pictures + 1, ticks + u64::from(one)));
    let timescale = f64::from(track.timing.timescale);
    let each = ticks as f64 / f64::from(pictures.max(1));
    let off = (ROUNDED * timescale * 1.5).max(1.0);
    let is_even = pictures > 1 && ticks > 0 && inner().all(|one| (f64::from(one) - each).abs() <= off);
    is_even.then(|| timescale / each)
}
