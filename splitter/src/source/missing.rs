//! What is missing of a film whose file was cut off or damaged.

use isobmff::{Init, TrackKind};

use super::input::TopLevel;
use super::{Input, SourceTrack};
use crate::{Error, Loss, Options, Warning};

/// Seconds by which the samples of a fragmented film may end before its headers say.
const TOLERANCE: f64 = 1.0;

/// Says what is missing: `reasons` are what showed while samples were read. An error where that may not be.
pub(super) fn check(
    input: &Input,
    top: &TopLevel,
    init: &Init,
    tracks: &[SourceTrack],
    mut reasons: Vec<String>,
    options: &Options,
) -> Result<Option<Warning>, Error> {
    let seconds = |ticks: u64, timescale: u32| ticks as f64 / f64::from(timescale);
    let film = || tracks.iter().filter(|track| matches!(track.track.kind, TrackKind::Video | TrackKind::Audio));
    let end = |track: &SourceTrack| {
        seconds(track.first_decode_time.saturating_add(track.table.ticks()), track.track.timescale)
    };
    let came = film().map(end).fold(0.0, f64::max);
    let of_movie = init.duration.map(|ticks| seconds(ticks, init.timescale));
    let of_tracks = film().map(|track| seconds(track.track.duration, track.track.timescale)).fold(0.0, f64::max);
    let of = Some(of_movie.unwrap_or(0.0).max(of_tracks)).filter(|&of| of > came);
    if let Some(offset) = top.cut_off {
        reasons.push(format!("the file ends within the headers of the fragment at byte {offset}"));
    }
    let is_in_the_middle = |&&(offset, bytes): &&(u64, u64)| offset + bytes < input.bytes;
    if let Some((offset, bytes)) = top.junk.iter().find(is_in_the_middle) {
        reasons.push(format!("{bytes} bytes at byte {offset} are no box"));
    }
    if init.is_fragmented && reasons.is_empty() && of_movie.is_some_and(|of| came + TOLERANCE < of) {
        reasons.push("the fragments end there".to_owned());
    }
    if reasons.is_empty() {
        return Ok(None);
    }
    let loss = Loss { came, of, why: reasons.join("; ") };
    if options.keep_going {
        Ok(Some(Warning::Incomplete { loss }))
    } else {
        Err(Error::Incomplete { path: input.path.clone(), loss })
    }
}
