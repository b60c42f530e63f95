//! Whether decoders would have to be configured anew on the way, in containers that say so.

use super::probe::{Probe, ProbedStream};
use super::{adts, flv};
use crate::source::Input;
use crate::{Error, Options};

/// The first stream whose configuration changes.
pub(crate) fn changes<'a>(
    options: &Options,
    film: &Input,
    probe: &'a Probe,
) -> Result<Option<&'a ProbedStream>, Error> {
    let changes = match probe.format() {
        "flv" => flv::changes(film)?,
        "aac" => flv::Changes { video: false, audio: adts::frames(film)?.change },
        _ => return Ok(None),
    };
    let has_changed = |stream: &&ProbedStream| match stream.is_video() {
        true => changes.video && !options.audio_only,
        false => changes.audio && stream.is_audio(),
    };
    Ok(probe.streams.iter().find(has_changed))
}
