//! Which streams of the film play: one with pictures, and one with sound that may change while it plays.

use manifest::{Kind, MediaTime};

use crate::context::Context;
use crate::output::Output;
use crate::stream::Stream;
use crate::{BufferId, Event, StreamId};

/// Of each kind the default that the browser plays, or else the first that it plays; of audio the `wished` one, if it
/// plays that.
pub(crate) fn choose(
    film: &[manifest::Stream],
    supported: &[bool],
    wished: Option<StreamId>,
) -> Result<Vec<Stream>, String> {
    let mut chosen: Vec<Stream> = Vec::new();
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
        let rank = |(id, stream): &(StreamId, &manifest::Stream)| (wished != Some(*id), !stream.default);
        let playable = candidates().filter(|(id, _)| supported.get(id.0).copied().unwrap_or(true)).min_by_key(rank);
        match (playable, candidates().min_by_key(rank)) {
            (Some((id, stream)), _) => chosen.push(Stream::new(id, stream.clone(), BufferId(chosen.len()))),
            (None, Some((_, stream))) => unplayable = stream.mime.clone(),
            (None, None) => {}
        }
    }
    match unplayable {
        Some(mime) => Err(mime),
        None => Ok(chosen),
    }
}

/// Hands `old`'s SourceBuffer over to `film`, stream `id`.
///
/// What `old` has buffered plays on for [`crate::Options::handover`], so that the new sound has time to come; from there
/// on the new stream's bytes replace it as they are appended. Nothing is removed, so the picture never waits.
pub(crate) fn switch(old: &mut Stream, id: StreamId, film: manifest::Stream, cx: &mut Context<'_>) {
    old.leave(cx);
    let mut new = Stream::new(id, film, old.lies_in);
    new.source = old.source.hand_over();
    new.buffer.take_over(&old.buffer);
    lend(&mut new, cx.target, cx.target + cx.options.handover);
    let mime = new.film.mime.clone().filter(|mime| old.film.mime.as_ref() != Some(mime));
    cx.out.extend(mime.map(|mime| Output::ChangeType { buffer: new.lies_in, mime }));
    cx.out.push_back(Output::Event(Event::AudioSelected { stream: id }));
    new.received = old.received;
    *old = new;
}

/// Counts the groups from `from` on as there, as long as they begin before `until` and something plays in their place.
fn lend(stream: &mut Stream, from: MediaTime, until: MediaTime) {
    let Some((_, end)) = stream.buffer.ranges().around(from) else { return };
    let mut next = Some(stream.locate(from));
    while let Some(id) = next {
        let Some(group) = stream.film.group(id).copied().filter(|group| group.start < until && group.end <= end) else {
            return;
        };
        stream.buffer.lend(id, group);
        next = stream.film.following(id);
    }
}
