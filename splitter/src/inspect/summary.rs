//! What the tracks of a file amount to.

use isobmff::{BoxRef, Error, Init, Moof, SampleTable, TrackKind};
use serde::Serialize;

use super::Inspection;
use crate::source::{Role, chapter_tracks, is_empty, role, second_choice};

/// One track.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Track {
    /// Its number.
    pub id: u32,
    /// `video`, `audio`, `text` or the handler's type.
    pub kind: String,
    /// Its number among those of its kind, from 1, by which `--video` and `--audio` choose it; absent where it is no part of
    /// the film.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// The codec string (RFC 6381).
    pub codec: String,
    /// Ticks in a second.
    pub timescale: u32,
    /// Display size in pixels (video).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<(u32, u32)>,
    /// Channels (audio).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<u16>,
    /// Samples in a second (audio).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<u32>,
    /// As the file gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Number of samples.
    pub samples: u64,
    /// How many of them decoding can start at.
    pub sync_samples: u64,
    /// All samples together, in seconds.
    pub seconds: f64,
    /// All samples together.
    pub bytes: u64,
    /// How many fragments it is in; 0 in a progressive file.
    pub fragments: u64,
}

/// The most samples of one fragment that are looked at: a run of 2^32 costs a file nothing.
const MOST_SAMPLES: usize = 1 << 20;

/// Adds the tracks up, box by box.
#[derive(Debug, Default)]
pub(super) struct Streams {
    init: Option<Init>,
    /// Of all tracks, also of those that are left out of it.
    numbers: Vec<u32>,
    tracks: Vec<Track>,
    ticks: Vec<u64>,
}

impl Streams {
    /// Takes a box of the top level.
    pub(super) fn take(&mut self, parsed: &BoxRef<'_>, file_bytes: u64) -> Result<(), Error> {
        match &parsed.kind.0 {
            b"moov" if self.init.is_none() => self.take_moov(parsed, file_bytes),
            b"moof" => self.take_moof(parsed),
            _ => Ok(()),
        }
    }

    fn take_moov(&mut self, moov: &BoxRef<'_>, file_bytes: u64) -> Result<(), Error> {
        let mut init = Init::from_moov(moov)?;
        let traks = moov.children().map_while(Result::ok).filter(|child| child.kind == b"trak");
        let traks: Vec<_> = traks.collect();
        self.numbers = traks.iter().filter_map(isobmff::Track::number).collect();
        let seconds = second_choice(&mut init, &traks);
        let mut of_chapters = chapter_tracks(&traks);
        of_chapters.retain(|number| !seconds.contains(number));
        let mut can_be_chosen = Vec::new();
        for trak in &traks {
            let Some(track) = isobmff::Track::number(trak).and_then(|number| init.track(number)) else { continue };
            let mut shown = described(track);
            let is_film = matches!(role(track, trak, &of_chapters)?, Role::Film(_));
            can_be_chosen.push(is_film && (init.is_fragmented || !is_empty(trak)?));
            let mut ticks = 0;
            if track.has_samples {
                let stbl = trak.need("mdia")?.need("minf")?.need("stbl")?;
                let table = SampleTable::from_stbl(&stbl, file_bytes)?;
                shown.samples = u64::from(table.count());
                shown.sync_samples = table.iter().filter(|sample| sample.is_sync).count() as u64;
                shown.bytes = table.bytes();
                ticks = table.ticks();
            }
            self.tracks.push(shown);
            self.ticks.push(ticks);
        }
        self.number(&can_be_chosen, &seconds);
        self.init = Some(init);
        Ok(())
    }

    /// Numbers the tracks by kind as the choice of tracks does: those of `seconds` count only where there is no other of their
    /// kind, and then the first alone.
    fn number(&mut self, can_be_chosen: &[bool], seconds: &[u32]) {
        for is_second in [false, true] {
            for at in (0..self.tracks.len()).filter(|&at| can_be_chosen[at]) {
                let track = &self.tracks[at];
                let numbered = |other: &&Track| other.kind == track.kind && other.number.is_some();
                let others = self.tracks.iter().filter(numbered).count();
                if seconds.contains(&track.id) == is_second && !(is_second && others > 0) {
                    self.tracks[at].number = Some(others + 1);
                }
            }
        }
    }

    fn take_moof(&mut self, moof: &BoxRef<'_>) -> Result<(), Error> {
        // A chunk without its init: nothing is known of its tracks, and its boxes are shown all the same.
        let Some(init) = &self.init else { return Ok(()) };
        for traf in Moof::parse(moof, |track| init.defaults(track, &self.numbers))?.trafs {
            let Some(at) = self.tracks.iter().position(|track| track.id == traf.track) else { continue };
            let (ticks, bytes) = traf.totals();
            let track = &mut self.tracks[at];
            track.samples = track.samples.saturating_add(traf.count());
            track.sync_samples += traf.samples().take(MOST_SAMPLES).filter(|sample| sample.is_sync).count() as u64;
            track.bytes = track.bytes.saturating_add(bytes);
            track.fragments += 1;
            self.ticks[at] = self.ticks[at].saturating_add(ticks);
        }
        Ok(())
    }

    pub(super) fn finish(mut self, inspection: &mut Inspection) {
        for (track, ticks) in self.tracks.iter_mut().zip(&self.ticks) {
            track.seconds = *ticks as f64 / f64::from(track.timescale);
        }
        inspection.tracks = self.tracks;
        let Some(init) = self.init else { return };
        inspection.fragmented = Some(init.is_fragmented);
        inspection.duration = init.duration.map(|ticks| ticks as f64 / f64::from(init.timescale));
    }
}

fn described(track: &isobmff::Track) -> Track {
    let entry = track.entry();
    Track {
        id: track.id,
        kind: match track.kind {
            TrackKind::Video => "video".to_owned(),
            TrackKind::Audio => "audio".to_owned(),
            TrackKind::Text => "text".to_owned(),
            TrackKind::Other(handler) => handler.to_string(),
        },
        codec: entry.codec.clone(),
        timescale: track.timescale,
        size: (track.kind == TrackKind::Video).then_some((track.width, track.height)),
        channels: (entry.channels > 0).then_some(entry.channels),
        sample_rate: (entry.sample_rate > 0).then_some(entry.sample_rate),
        language: track.language.clone(),
        ..Track::default()
    }
}
