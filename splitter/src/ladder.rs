//! Rungs: the pictures of the film, or a sound of it, at other rates, each in a file of its own.
//!
//! 1. Have ffmpeg make those that are asked for of the film's own pictures, where it has not done so before.
//! 2. Read the pictures of each file, and place them on the timeline as late as the film's own.
//! 3. Refuse what is another film.
//! 4. Find the times at which all of them have a sync sample. The groups of every rung begin there and nowhere else, so that
//!    a player may take each group from another rung.
//! 5. Put them into one switching set, the highest rate first, and say which of them a player begins with.

mod borders;
mod encode;
mod no_rung;
mod pictures;
mod rung;
mod same_film;
mod snap;
mod sound;
mod trim;
mod wanted;

use crate::stream::Stream;
use crate::track::{Track, lacking};
use crate::{Error, Options, Warning};

pub(crate) use encode::KEPT;
pub use no_rung::NoRung;
pub(crate) use rung::Reader;
use rung::{Rung, rate};
pub use wanted::{LadderChoice, NoLadderChoice, NoSoundRate, SoundRate, WantedRung};

/// Reads the rungs of these tracks that the options name, and those that they ask for.
pub(crate) fn open(tracks: &[Track], mut reader: Reader<'_>) -> Result<Vec<Rung>, Error> {
    let mut rungs = match pictures::of(reader.options, tracks)? {
        Some(pictures) => pictures::open(pictures, &mut reader)?,
        None => Vec::new(),
    };
    rungs.extend(sound::open(tracks, &mut reader)?);
    Ok(rungs)
}

/// The rungs that would be made.
pub(crate) fn wanted(options: &Options, tracks: &[Track]) -> Result<Vec<WantedRung>, Error> {
    let of_pictures = pictures::of(options, tracks)?.map_or(Ok(Vec::new()), |film| pictures::wanted(options, film))?;
    let of_sound = tracks.iter().filter(|track| !track.is_video).flat_map(|sound| sound::wanted(options, sound));
    Ok(of_pictures.into_iter().chain(of_sound).collect())
}

/// Puts rungs beside the streams of the film that they are rungs of. No group of them is shorter than half a fragment.
pub(crate) fn join<'a>(
    streams: Vec<Stream<'a>>,
    rungs: &'a [Rung],
    fragment_seconds: f64,
) -> Result<Vec<Stream<'a>>, Error> {
    let mut joined = Vec::new();
    let mut sets = 0;
    for stream in streams {
        let name = &stream.lead().name;
        let mut set = vec![stream];
        set.extend(rungs.iter().filter(|rung| rung.of == *name).map(|rung| Stream::of(&rung.track, &rung.input)));
        if set.len() > 1 {
            sets += 1;
            align(&mut set, sets, fragment_seconds)?;
        }
        joined.extend(set);
    }
    Ok(joined)
}

/// Makes streams of one film the switching set of this number, the highest rate first, with groups that begin together. The first is
/// the film's own.
fn align(streams: &mut [Stream<'_>], number: u32, fragment_seconds: f64) -> Result<(), Error> {
    let tracks: Vec<_> = streams.iter().map(Stream::lead).collect();
    let shared = borders::shared(&tracks, fragment_seconds).map_err(|(at, cause)| Error::NoRung {
        path: streams[at].input.path.clone(),
        cause: cause.with_command(&streams[0].input.path, tracks[0], tracks[at]),
    })?;
    for (stream, borders) in streams.iter_mut().zip(shared) {
        (stream.set, stream.borders) = (Some(number), Some(borders));
    }
    let is_default = streams[0].is_default;
    streams.sort_by_key(|stream| std::cmp::Reverse(rate(stream.lead())));
    let first = if streams[0].lead().is_video { first_rung(&rungs(streams)) } else { 0 };
    for (at, stream) in streams.iter_mut().enumerate() {
        stream.is_default = is_default && at == first;
    }
    Ok(())
}

/// The rate that nearly every link carries: that of 480 lines as `auto` makes them, and a margin. 1.6 Mbit/s, in the unit of [`rate`].
const CARRIED: u64 = 200_000_000;

/// The family of codecs and the rate of each.
fn rungs<'a>(streams: &'a [Stream<'_>]) -> Vec<(&'a str, u64)> {
    let family = |track: &'a Track| track.track.entry().codec.split('.').next().unwrap_or_default();
    streams.iter().map(|stream| (family(stream.lead()), rate(stream.lead()))).collect()
}

/// The rung to begin with over a link that nothing is known of: the highest that nearly every link carries, or else the lowest. It is of
/// the highest rung's family of codecs, since some browsers stay within one. Rungs are a family and a rate, the highest first.
fn first_rung(rungs: &[(&str, u64)]) -> usize {
    let is_of_family = |at: &usize| rungs[*at].0 == rungs[0].0;
    let carried = (0..rungs.len()).filter(is_of_family).find(|at| rungs[*at].1 <= CARRIED);
    carried.or_else(|| (0..rungs.len()).rfind(is_of_family)).unwrap_or(0)
}

/// Takes back what was said of a codec that few browsers have, where a rung of the same set plays in all of them.
pub(crate) fn settle(streams: &[Stream<'_>], warnings: &mut Vec<Warning>) {
    let plays = |stream: &Stream<'_>| lacking(stream.lead().track.entry()).is_none_or(|lacking| !lacking.is_grave);
    let has_other = |name: &str| {
        let set = streams.iter().find(|stream| stream.name == name).and_then(|stream| stream.set);
        set.is_some() && streams.iter().any(|stream| stream.set == set && plays(stream))
    };
    warnings.retain(|warning| !matches!(warning, Warning::Codec { stream, .. } if has_other(stream)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_link_gets_the_highest_rung_that_nearly_all_carry() {
        let of = |megabits: f64| (megabits * 125e6) as u64;
        assert_eq!(first_rung(&[("avc1", of(22.0)), ("avc1", of(2.8)), ("avc1", of(1.5)), ("avc1", of(0.5))]), 2);
        assert_eq!(first_rung(&[("avc1", of(1.4)), ("avc1", of(0.5))]), 0, "the film itself");
        assert_eq!(first_rung(&[("avc1", of(22.0)), ("avc1", of(5.0))]), 1, "nearly all carry none");
        assert_eq!(first_rung(&[("hvc1", of(8.0)), ("avc1", of(1.5))]), 0, "the only one of its family");
        assert_eq!(first_rung(&[("hvc1", of(8.0)), ("avc1", of(2.8)), ("hvc1", of(1.5)), ("avc1", of(0.5))]), 2);
    }
}
