//! Rungs of pictures: files that are given, or H.264 of fewer lines and bits.

use super::rung::{LEAST_STEP, Reader, Rung, rate};
use super::wanted::{self, LadderChoice, Pictures, WantedRung};
use crate::track::Track;
use crate::{Error, Options, Warning};

/// The pictures that are to have rungs; `None` where no rungs are asked for.
pub(super) fn of<'a>(options: &Options, tracks: &'a [Track]) -> Result<Option<&'a Track>, Error> {
    let has_pictures = !options.rungs.is_empty() || options.ladder.is_some();
    let is_wanted = has_pictures || !options.audio_ladder.is_empty();
    let why = match tracks.iter().find(|track| track.is_video) {
        _ if options.muxed && is_wanted => {
            "with --muxed, sound would change with the pictures; leave out one or the other"
        }
        _ if !has_pictures => return Ok(None),
        _ if !options.rungs.is_empty() && options.ladder.is_some() => {
            "--ladder makes them of one file, and several are given"
        }
        None => "the film has no pictures, or --audio-only leaves them out",
        Some(pictures) => return Ok(Some(pictures)),
    };
    Err(Error::NoLadder { why: why.to_owned() })
}

/// Reads the rungs of these pictures.
pub(super) fn open(pictures: &Track, reader: &mut Reader<'_>) -> Result<Vec<Rung>, Error> {
    let options = reader.options;
    let mut rungs = Vec::new();
    for (number, path) in (2..).zip(&options.rungs) {
        rungs.push(reader.read(path, (pictures, pictures.late), number)?);
    }
    let (wanted, is_auto) = (wanted(options, pictures)?, options.ladder == Some(LadderChoice::Auto));
    if is_auto && wanted.is_empty() {
        reader.warnings.push(Warning::NoLadder);
    }
    let mut above = rate(pictures);
    for rung in &wanted {
        let words = rung.words(&options.ladder_preset, pictures);
        let number = u32::try_from(rungs.len()).unwrap_or(u32::MAX).saturating_add(2);
        // It is made of pictures that stand in their places already.
        let Some(read) = reader.make((pictures, (0, 1)), &rung.name, words, number)? else { continue };
        let own = rate(&read.track);
        if is_auto && above as f64 / (own.max(1) as f64) < LEAST_STEP {
            reader.warnings.push(Warning::RungLeftOut { rung: rung.name.clone() });
            continue;
        }
        above = own;
        rungs.push(read);
    }
    Ok(rungs)
}

/// The rungs of these pictures that are asked for.
pub(super) fn wanted(options: &Options, pictures: &Track) -> Result<Vec<WantedRung>, Error> {
    let Some(choice) = &options.ladder else { return Ok(Vec::new()) };
    let seconds = pictures.timing.seconds(pictures.end()).max(f64::MIN_POSITIVE);
    let film = Pictures {
        size: pictures.track.shown_size(),
        rate: f64::from(pictures.table.count()) / seconds,
        bits_per_second: (pictures.table.bytes() as f64 * 8.0 / seconds) as u64,
    };
    let too_high = |(asked, film)| Error::NoLadder {
        why: format!("{asked}p is more than the film's {film}p, and larger pictures would show no more; ask for less"),
    };
    wanted::wanted(choice, film).map_err(too_high)
}
