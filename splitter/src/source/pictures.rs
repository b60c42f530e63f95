//! Whether a film would be published without its pictures.

use isobmff::{BoxRef, Init, SampleTable, Track, TrackKind, references};

use super::{Input, SourceTrack};
use crate::{Error, Warning};

/// Refuses a film that has a track of pictures of which nothing is left in `tracks`, and none beside it. Covers and the
/// pictures of chapters are no film.
///
/// # Errors
/// [`Error::Codec`] where its codec is the reason, [`Error::NoPictures`] where it is empty.
pub(super) fn check(
    input: &Input,
    init: &Init,
    traks: &[BoxRef<'_>],
    tracks: &[SourceTrack],
    warnings: &mut Vec<Warning>,
) -> Result<(), Error> {
    let is_left = |track: &&Track| tracks.iter().all(|left| left.track.id != track.id);
    let of_chapters: Vec<u32> = traks.iter().flat_map(|trak| references(trak, "chap").unwrap_or_default()).collect();
    let has_pictures = tracks.iter().any(|track| track.track.kind == TrackKind::Video);
    for track in init.tracks.iter().filter(is_left).filter(|track| !of_chapters.contains(&track.id)) {
        let (path, id, codec) = (input.path.clone(), track.id, track.entry().codec.clone());
        let is_told = |warning: &Warning| matches!(warning, Warning::LeftOut { track, .. } if *track == id);
        // Only its codec has kept a track with a warning from being read.
        let was_left_out = warnings.iter().any(is_told);
        match track.kind {
            TrackKind::Video if has_pictures && was_left_out => {}
            TrackKind::Video if !has_pictures && was_left_out => {
                let trak = traks.iter().find(|trak| Track::number(trak) == Some(id));
                if init.is_fragmented || trak.is_some_and(|trak| count(trak) > 1) {
                    return Err(Error::Codec { path, track: id, codec });
                }
            }
            TrackKind::Video if !has_pictures => {
                return Err(Error::NoPictures { path, track: id, why: "it lists no picture".to_owned() });
            }
            TrackKind::Video | TrackKind::Audio => warnings.push(Warning::Empty { track: id, codec }),
            TrackKind::Text | TrackKind::Other(_) => {}
        }
    }
    Ok(())
}

/// How many samples the headers list.
fn count(trak: &BoxRef<'_>) -> u32 {
    let stbl = || trak.need("mdia")?.need("minf")?.need("stbl");
    stbl().and_then(|stbl| SampleTable::listed(&stbl)).unwrap_or(0)
}
