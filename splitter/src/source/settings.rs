//! What headers say of how fragments are to be read.

use isobmff::{BoxRef, Descriptions, Init, TrackDefaults};

/// Fragments of one film can be read by the headers of another where these are equal.
#[derive(Debug, PartialEq)]
pub(super) struct Settings(Vec<TrackSettings>);

#[derive(Debug, PartialEq)]
struct TrackSettings {
    track: u32,
    timescale: u32,
    defaults: Option<TrackDefaults>,
    entries: Vec<Vec<u8>>,
}

impl Settings {
    /// Of a `moov`; `None` where it cannot be read.
    pub(super) fn of(moov: &[u8], offset: u64) -> Option<Self> {
        let moov = BoxRef::parse(moov, offset).ok()?;
        let init = Init::from_moov(&moov).ok()?;
        let mut settings = Vec::new();
        for trak in super::traks(&moov).ok()? {
            let Some(track) = isobmff::Track::number(&trak).and_then(|number| init.track(number)) else { continue };
            let stsd = trak.need("mdia").and_then(|mdia| mdia.need("minf")?.need("stbl")?.need("stsd")).ok()?;
            settings.push(TrackSettings {
                track: track.id,
                timescale: track.timescale,
                defaults: track.defaults,
                entries: Descriptions::decoded(&stsd),
            });
        }
        Some(Self(settings))
    }
}
