//! What ffmpeg made of a film against what it read of it, and that against what the container promised.

use super::continuity::is_several;
use super::ending::{cut_off, ends_in_zeros};
use super::framecrc::Packets;
use super::probe::Probe;
use super::recipe::Recipe;
use super::run::{Read, others};
use super::said::joined;
use crate::source::{Input, SourceTrack};
use crate::{Loss, Warning};

/// Seconds by which a track may be shorter once it is re-encoded: encoders end where they like.
const RECODED: f64 = 0.5;
/// Pictures, in tenths, that may be missing once they are re-encoded, besides a tenth of all: a recording may begin with some that
/// nothing decodes.
const SPARED: u64 = 100;
/// Seconds by which the end may fall short of the pictures that the container counts: a picture or two.
const COUNTED: f64 = 0.1;
/// Seconds by which a film may be shorter than its headers say: some count the whole of the last group.
const PROMISED: f64 = 1.0;

/// What was lost on the way or was never there, if anything was.
pub(crate) fn find_loss(
    film: &Input,
    probe: &Probe,
    recipe: &Recipe<'_>,
    read: &Read,
    tracks: &[SourceTrack],
) -> Option<Loss> {
    let mut reasons = Vec::new();
    for (number, (&(stream, anew), packets)) in (1..).zip(recipe.tracks().iter().zip(&read.tracks)) {
        let end = packets.span.as_ref().map_or(0.0, |span| span.end);
        if let Some(counted) = probe.counted_seconds(stream).filter(|&counted| end + COUNTED < counted) {
            reasons.push(format!("{end:.1} of {counted:.1} s of stream {}", stream.index));
        }
        let track = tracks.iter().find(|track| track.track.id == number);
        let came = track.map_or(0, |track| track.table.iter().filter(|sample| sample.size > 0).count() as u64);
        // Those that are damaged may have been left out.
        if !anew && came + packets.corrupt < packets.count {
            reasons.push(format!("{came} of {} packets of stream {}", packets.count, stream.index));
        }
        let seconds = track.map_or(0.0, |track| track.table.ticks() as f64 / f64::from(track.track.timescale));
        let is_even = recipe.is_even();
        // Where times are made anew, edits count for nothing.
        let shown = if is_even { packets.count } else { packets.shown };
        if anew && stream.is_video() && came * 10 + SPARED < shown * 9 {
            reasons.push(format!("{came} of {shown} pictures of stream {}", stream.index));
        }
        if anew && !is_even && seconds + RECODED < packets.seconds() {
            reasons.push(format!("{seconds:.1} of {:.1} s of stream {}", packets.seconds(), stream.index));
        }
    }
    reasons.extend(goes_on(probe, recipe, read));
    let came = read.all().map(|packets| packets.span.as_ref().map_or(0.0, |span| span.end)).fold(0.0, f64::max);
    let promised = probe.promised_seconds();
    // Some headers say how long the film is, others when it ends.
    let is_short = !recipe.is_even()
        && promised.is_some_and(|promised| came.max(came + probe.start_seconds()) + PROMISED < promised);
    let mut lost: Vec<_> = read.said.iter().filter(|said| said.is_loss(probe.format())).collect();
    let mut corrupt: u64 = read.all().map(|packets| packets.corrupt).sum();
    // Where one recording ends and the next begins, nothing is missing.
    if corrupt > 0 && is_several(film, probe).unwrap_or(false) {
        lost.retain(|said| !said.is_of_packet());
        corrupt = 0;
    }
    if !lost.is_empty() {
        reasons.push(joined(lost));
    }
    if corrupt > 0 {
        reasons.push(format!("{corrupt} damaged packets"));
    }
    reasons.extend(cut_off(film, probe.format()).map(str::to_owned));
    // Where nothing says how long a film should be.
    if promised.is_none() && ends_in_zeros(film) {
        reasons.push("the file ends in nothing but zeros, as where a download has left a hole".to_owned());
    }
    if is_short && reasons.is_empty() {
        reasons.push("the file ends there".to_owned());
    }
    let of = promised.filter(|&promised| promised + 0.05 > came);
    (!reasons.is_empty()).then(|| Loss { came, of, why: reasons.join("; ") })
}

/// Whether something is missing within the film, and not at its end alone.
pub(crate) fn is_damaged_within(probe: &Probe, read: &Read) -> bool {
    read.all().any(|packets| packets.corrupt > 0)
        || read.said.iter().any(|said| said.is_loss(probe.format()) && !said.is_of_end())
}

/// What a recording begins with, up to the first keyframe: no decoder makes anything of it.
pub(crate) fn before_keyframes(recipe: &Recipe<'_>, read: &Read) -> Vec<Warning> {
    let all = recipe.tracks().iter().zip(&read.tracks).filter(|(_, packets)| packets.undecoded > 0);
    let warnings = all.map(|(&(stream, _), packets)| Warning::BeforeKeyframe {
        track: stream.index,
        samples: u32::try_from(packets.undecoded).unwrap_or(u32::MAX),
        seconds: packets.undecoded_seconds,
    });
    warnings.collect()
}

/// That the pictures go on in another stream where those of the chosen one end: a recording in which each program has packets
/// of its own. Two cameras run side by side.
fn goes_on(probe: &Probe, recipe: &Recipe<'_>, read: &Read) -> Option<String> {
    /// Seconds by which the two may overlap.
    const OVERLAP: f64 = 0.5;
    let (stream, end) = recipe.tracks().iter().zip(&read.tracks).find_map(|(&(stream, _), packets)| {
        let end = packets.span.as_ref()?.end;
        stream.is_video().then_some((stream, end))
    })?;
    let is_later =
        |packets: &Packets| packets.shown > 1 && packets.span.as_ref().is_some_and(|span| span.start + OVERLAP > end);
    let mut others = others(probe, recipe).zip(&read.others);
    let (other, _) = others.find(|(other, packets)| other.is_video() && is_later(packets))?;
    Some(format!("the pictures of stream {} end at {end:.1} s and go on in stream {}", stream.index, other.index))
}
