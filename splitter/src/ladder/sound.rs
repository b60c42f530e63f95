//! Rungs of sound: AAC of fewer bits, whose frames stand where those of the film's own AAC do.
//!
//! ffmpeg's encoder puts one frame of priming in front of what it is given, and then frames as long as the film's. So all of its
//! frames begin when frames of the film do, and the one of priming is left out: what it would prime is the film's own.

use std::cmp::Reverse;

use super::no_rung::NoRung;
use super::rung::{LEAST_STEP, Reader, Rung, rate};
use super::wanted::{SoundRate, WantedRung};
use crate::track::Track;
use crate::{Error, Options, Warning};

/// Bits per second and channel below which sound of more than two channels is mixed down to two.
const THIN: u64 = 48_000;

/// Makes the rungs of each track of sound, or reads those that were made before.
pub(super) fn open(tracks: &[Track], reader: &mut Reader<'_>) -> Result<Vec<Rung>, Error> {
    let options = reader.options;
    let mut rungs = Vec::new();
    let sounds = || tracks.iter().filter(|track| !track.is_video);
    let mut number = u32::try_from(sounds().count()).unwrap_or(u32::MAX);
    for sound in sounds() {
        let wanted = wanted(options, sound);
        let left_out = options.audio_ladder.iter().map(|&rate| name(sound, rate));
        let left_out = left_out.filter(|name| wanted.iter().all(|rung| rung.name != *name));
        reader.warnings.extend(left_out.map(|rung| Warning::RungLeftOut { rung }));
        // It begins with its priming, at which the film's first frame is.
        let first = sound.presented().next().map_or(0, |(time, _)| time);
        let late = (first, sound.timing.timescale);
        for WantedRung { name, most_bits_per_second: bits, .. } in &wanted {
            let next = number.saturating_add(1);
            let Some(read) = reader.make((sound, late), name, words(sound, *bits), next)? else { continue };
            number = next;
            let starts = |track: &Track| track.presented().next().map(|(time, _)| time);
            if starts(&read.track) != starts(sound) || read.track.timing.timescale != sound.timing.timescale {
                let codec = sound.track.entry().codec.clone();
                return Err(Error::NoRung { path: reader.input.path.clone(), cause: NoRung::Frames { codec } });
            }
            rungs.push(read);
        }
    }
    Ok(rungs)
}

/// The rungs of a track of sound that are asked for and far enough below it and each other, the highest first.
pub(super) fn wanted(options: &Options, sound: &Track) -> Vec<WantedRung> {
    let mut rates = options.audio_ladder.clone();
    rates.sort_unstable_by_key(|rate| Reverse(rate.0));
    // Bits in a second.
    let mut above = rate(sound) as f64 * 8.0 / 1e3;
    rates.retain(|rate| {
        let is_far = above >= LEAST_STEP * f64::from(rate.0);
        above = if is_far { f64::from(rate.0) } else { above };
        is_far
    });
    let rung =
        |rate: SoundRate| WantedRung { name: name(sound, rate), size: None, most_bits_per_second: rate.0.into() };
    rates.into_iter().map(rung).collect()
}

fn name(sound: &Track, rate: SoundRate) -> String {
    format!("{}-{}k", sound.name, rate.0 / 1_000)
}

/// What ffmpeg is told of a rung.
fn words(sound: &Track, bits: u64) -> Vec<String> {
    let entry = sound.track.entry();
    let mix = if entry.channels > 2 && bits < THIN * u64::from(entry.channels) { "-ac 2" } else { "" };
    let line =
        format!("-map 0:a:0 -c:a aac -b:a {bits} {mix} -flags +bitexact -map_metadata -1 -fflags +bitexact -f mp4");
    line.split_whitespace().map(str::to_owned).collect()
}
