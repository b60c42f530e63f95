//! An init against what the manifest says of its stream.

use std::sync::Arc;

use isobmff::framing::{self, Framing};
use isobmff::{Init, TrackKind, check_configuration};
use manifest::{Digest, StreamEntry};
use sha2::{Digest as _, Sha256};

use super::{Finding, LARGEST_INIT, Place, Problem};

/// An init that chunks can be read with.
pub(super) struct Known {
    pub(super) init: Arc<Init>,
    /// How the samples of its tracks are framed, in their order.
    pub(super) framings: Vec<Framing>,
}

/// Holds a stream's init against the manifest; gives it where chunks can be read with it.
pub(super) fn check(
    place: &Place,
    entry: &StreamEntry,
    known: &manifest::Stream,
    findings: &mut Vec<Finding>,
) -> Option<Known> {
    let mut find = |problem| findings.push(Finding::new(&entry.init.url, problem));
    let bytes = match place.read(&entry.init.url, LARGEST_INIT) {
        Ok(bytes) => bytes,
        Err(why) => {
            find(Problem::Unreadable { why });
            return None;
        }
    };
    if bytes.len() as u64 != entry.init.bytes {
        find(Problem::Length { expected: entry.init.bytes, found: bytes.len() as u64 });
    }
    let found = Digest(Sha256::digest(&bytes).into());
    if found != entry.init.sha256 {
        find(Problem::Digest { expected: entry.init.sha256, found });
    }
    let data = known.init.as_ref().and_then(|init| init.data.as_ref());
    if data.is_some_and(|data| *data != bytes) {
        find(Problem::InitData);
    }
    let init = match Init::parse(&bytes) {
        Ok(init) => init,
        Err(error) => {
            find(Problem::Init { why: error.to_string() });
            return None;
        }
    };
    if !init.is_fragmented {
        find(Problem::Init { why: "it has no mvex box".to_owned() });
    }
    if init.tracks.iter().any(|track| track.has_samples) {
        find(Problem::Init { why: "its moov lists samples".to_owned() });
    }
    for (what, manifest, init) in properties(entry, &init) {
        if manifest != init {
            find(Problem::Property { what, manifest, init });
        }
    }
    let mut framings = Vec::new();
    for track in &init.tracks {
        let entry = framing::entry_of_init(&bytes, track.id);
        match entry.and_then(|(entry, kind)| Ok((check_configuration(&entry, kind)?, Framing::of(&entry, kind)?))) {
            Ok(((), framing)) => framings.push(framing),
            Err(error) => {
                find(Problem::Init { why: error.to_string() });
                framings.push(Framing::Unknown);
            }
        }
    }
    Some(Known { init: Arc::new(init), framings })
}

/// The track whose clock the stream's index counts in: the first with pictures, or else the first.
pub(super) fn lead(init: &Init) -> &isobmff::Track {
    let video = init.tracks.iter().find(|track| track.kind == TrackKind::Video);
    video.or(init.tracks.first()).expect("an init is parsed only when it has a track")
}

/// What both speak of: as the manifest says it, and as the init does.
fn properties(entry: &StreamEntry, init: &Init) -> Vec<(&'static str, String, String)> {
    let lead = lead(init);
    let mut properties = vec![
        ("codec", entry.mime.clone(), init.mime()),
        ("timescale", entry.timescale.get().to_string(), lead.timescale.to_string()),
    ];
    if let (Some(width), Some(height)) = (entry.width, entry.height) {
        let (init_width, init_height) = lead.shown_size();
        properties.push(("display size", format!("{width}x{height}"), format!("{init_width}x{init_height}")));
    }
    let audio = init.tracks.iter().find(|track| track.kind == TrackKind::Audio).map(isobmff::Track::entry);
    if let (Some(channels), Some(audio)) = (entry.channels, audio) {
        properties.push(("number of channels", channels.to_string(), audio.channels.to_string()));
    }
    if let (Some(rate), Some(audio)) = (entry.sample_rate, audio) {
        properties.push(("sample rate", rate.to_string(), audio.sample_rate.to_string()));
    }
    properties
}
