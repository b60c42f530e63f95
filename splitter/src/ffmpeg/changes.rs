//! Whether decoders would have to be configured anew on the way, in containers that say so.

use std::fs::File;

use super::probe::{Probe, ProbedStream};
use super::recipe::Recipe;
use super::{adts, continuity, flv, mpeg_audio, transport};
use crate::Error;
use crate::source::Input;

/// The first stream that is copied whose configuration changes, and when it does, in seconds.
pub(crate) fn changes<'a>(
    film: &Input,
    probe: &Probe,
    recipe: &Recipe<'a>,
) -> Result<Option<(&'a ProbedStream, f64)>, Error> {
    let copied: Vec<_> = recipe.tracks().iter().filter(|(_, anew)| !anew).map(|&(stream, _)| stream).collect();
    if copied.is_empty() {
        return Ok(None);
    }
    let changes = match probe.format() {
        "flv" => flv::changes(film)?,
        "aac" => flv::Changes { video: None, audio: adts::frames(film)?.change },
        "mp3" => flv::Changes { video: None, audio: mpeg_audio::change(film)? },
        "mpegts" => return in_transport_stream(film, &copied),
        _ => return Ok(None),
    };
    let change = |stream: &ProbedStream| if stream.is_video() { changes.video } else { changes.audio };
    Ok(copied.into_iter().find_map(|stream| Some((stream, change(stream)?))))
}

/// Each frame of AAC has its configuration there, of which ffmpeg keeps the first. Pictures bring theirs with every keyframe,
/// and a copy keeps them.
fn in_transport_stream<'a>(
    film: &Input,
    copied: &[&'a ProbedStream],
) -> Result<Option<(&'a ProbedStream, f64)>, Error> {
    let sound = copied.iter().filter(|stream| stream.codec_name == "aac");
    let (sound, identifiers): (Vec<_>, Vec<_>) =
        sound.filter_map(|&stream| Some((stream, stream.packet_identifier()?))).unzip();
    if sound.is_empty() {
        return Ok(None);
    }
    let changes = transport::changes(film, &identifiers)?;
    Ok(sound.into_iter().zip(changes).find_map(|(stream, change)| Some((stream, change?))))
}

/// Looks through a file as if it were of each of these containers, as fuzzers do.
///
/// # Errors
/// Where the file cannot be read.
pub fn look_through(file: File) -> Result<(), Error> {
    let film = Input::of_spool(file, "film".into(), 0)?;
    flv::changes(&film)?;
    adts::frames(&film)?;
    mpeg_audio::change(&film)?;
    continuity::is_joined(&film)?;
    transport::changes(&film, &[0x100, 0x101]).map(drop)
}
