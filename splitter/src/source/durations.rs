//! The durations that a table lists against those that the headers speak of.
//!
//! A table whose durations are all zero, all negative, or absurd somewhere in the middle is taken by no player for what it says:
//! a film of ten seconds would become one of a moment, or of days.

use isobmff::{BoxRef, Init, TrackKind};

use super::{Input, SourceTrack};
use crate::Error;

/// Factor by which a track may be longer or shorter than its header says. Headers are rounded, and some speak of what is shown.
const TIMES: u64 = 2;

/// Refuses a progressive film of which a track is much longer or shorter than both its header and that of the film say.
pub(super) fn check(input: &Input, init: &Init, tracks: &[SourceTrack]) -> Result<(), Error> {
    for track in tracks.iter().filter(|track| !track.is_in_fragments) {
        let (listed, timescale) = (track.table.ticks(), u64::from(track.track.timescale));
        let of_movie = init.duration.map(|ticks| rescale(ticks, timescale, init.timescale.into()));
        let is_known = |said: &u64| *said > 0 && *said != u64::from(u32::MAX) && *said != u64::MAX;
        let of_track = Some(track.track.duration).filter(is_known);
        let is_near = |said: u64| said / TIMES <= listed && listed / TIMES <= said;
        let Some(said) = of_track.or(of_movie) else { continue };
        let is_right = track.table.count() < 2 || [of_track, of_movie].into_iter().flatten().any(is_near);
        if is_right {
            continue;
        }
        let seconds = |ticks: u64| ticks as f64 / timescale as f64;
        let is_video = track.track.kind == TrackKind::Video;
        let rate = is_video.then(|| reduced(u64::from(track.table.count()) * timescale, said));
        let (path, track) = (input.path.clone(), track.track.id);
        return Err(Error::Durations { path, track, listed: seconds(listed), said: seconds(said), rate });
    }
    Ok(())
}

/// Whether the clocks of a `moov` and of its tracks go.
pub(super) fn has_clocks(moov: &BoxRef<'_>) -> Result<bool, isobmff::Error> {
    let mut headers = vec![moov.need("mvhd")?];
    for trak in super::traks(moov)? {
        headers.push(trak.need("mdia")?.need("mdhd")?);
    }
    for header in headers {
        let (version, _, mut fields) = header.full()?;
        fields.skip(if version == 0 { 8 } else { 16 })?;
        if fields.u32()? == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn rescale(ticks: u64, to: u64, from: u64) -> u64 {
    u64::try_from(u128::from(ticks) * u128::from(to) / u128::from(from.max(1))).unwrap_or(u64::MAX)
}

/// A fraction whose parts ffmpeg reads: at most 2^31 each.
fn reduced(numerator: u64, denominator: u64) -> (u64, u64) {
    let shift = (u64::BITS - numerator.max(denominator).leading_zeros()).saturating_sub(31);
    (numerator >> shift, (denominator >> shift).max(1))
}
