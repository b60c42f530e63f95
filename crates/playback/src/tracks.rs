//! Which streams of the film play: one with pictures, and one with sound that may change while it plays.

use manifest::Kind;

use crate::feed::Feed;
use crate::track::Track;
use crate::{BufferId, StreamId};

/// Of each kind the default that the browser plays, or else the first that it plays; of audio the `selected` one, if it
/// plays that.
pub(crate) fn choose(
    film: &[manifest::Stream],
    supported: &[bool],
    selected: Option<StreamId>,
) -> Result<Vec<Track>, String> {
    let mut chosen: Vec<Track> = Vec::new();
    let mut unplayable = None;
    let kinds = [&[Some(Kind::Video), Some(Kind::Muxed), None][..], &[Some(Kind::Audio)]];
    for kinds in kinds {
        let candidates = || {
            film.iter()
                .enumerate()
                .map(|(at, stream)| (StreamId(at), stream))
                .filter(|(_, stream)| kinds.contains(&stream.kind))
        };
        // Of equals the first.
        let rank = |(id, stream): &(StreamId, &manifest::Stream)| (selected != Some(*id), !stream.default);
        let playable = || candidates().filter(|(id, _)| supported.get(id.0).copied().unwrap_or(true));
        match (playable().min_by_key(rank), candidates().min_by_key(rank)) {
            (Some((id, stream)), _) => {
                let is_rung = |other: &StreamId, rung: &manifest::Stream| *other != id && rung.set == stream.set;
                let rungs = playable().filter(|(other, rung)| stream.set.is_some() && is_rung(other, rung));
                let rungs = rungs.filter(|_| stream.kind != Some(Kind::Audio));
                let rungs = rungs.map(|(id, rung)| Feed::new(id, rung.clone())).collect();
                chosen.push(Track::new(id, stream.clone(), BufferId(chosen.len())).with_rungs(rungs));
            }
            (None, Some((_, stream))) => unplayable = stream.mime.clone(),
            (None, None) => {}
        }
    }
    match unplayable {
        Some(mime) => Err(mime),
        None => Ok(chosen),
    }
}

#[cfg(test)]
mod tests {
    use manifest::Film;

    use super::*;

    #[test]
    fn of_the_rungs_of_the_pictures_one_plays() {
        let cut = include_bytes!("../../../fuzz/corpus/manifest/cut.json");
        let mut film = Film::parse(cut).expect("a manifest").streams;
        film[0].set = Some(1);
        film.insert(1, film[0].clone());
        let chosen = |film: &[manifest::Stream], supported: &[bool]| {
            let tracks = choose(film, supported, None).expect("it plays");
            tracks.iter().map(|track| track.feed.id.0).collect::<Vec<_>>()
        };
        assert_eq!(chosen(&film, &[true; 3]), [0, 2], "the first of two");
        assert_eq!(chosen(&film, &[false, true, true]), [1, 2], "the one that the browser plays");
        film[0].default = false;
        assert_eq!(chosen(&film, &[true; 3]), [1, 2], "the default one");
    }
}
