//! Inits: what stands before the media (ISO/IEC 14496-12 section 8.2 and 8.8.1).

mod difference;

pub use difference::{Difference, difference};

use crate::{BoxRef, Error, Track, TrackDefaults, TrackKind};

/// More tracks than films have. A `moov` could hold a hundred thousand, and each is looked for among all.
const MOST_TRACKS: usize = 256;

/// A file's `moov`, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Init {
    /// Ticks in a second of the movie's own clock; never 0.
    pub timescale: u32,
    /// Length of the film in those ticks, fragments included, where the file says so.
    pub duration: Option<u64>,
    /// In file order; at least one, with different numbers. Tracks without pictures and sound that cannot be read are left
    /// out.
    pub tracks: Vec<Track>,
    /// Whether samples may come in fragments (`mvex`).
    pub is_fragmented: bool,
}

impl Init {
    /// Reads whole boxes, of which one must be `moov`; `ftyp` and others around it are stepped over.
    ///
    /// # Errors
    /// With the place of the box that is missing or damaged.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_moov(&BoxRef::moov(bytes)?)
    }

    /// Reads a `moov` box.
    ///
    /// # Errors
    /// With the place of the box that is missing or damaged.
    pub fn from_moov(moov: &BoxRef<'_>) -> Result<Self, Error> {
        let (timescale, movie_duration) = movie_header(&moov.need("mvhd")?)?;
        let mut tracks: Vec<Track> = Vec::new();
        for child in moov.children() {
            let child = child?;
            if child.kind != b"trak" {
                continue;
            }
            if tracks.len() == MOST_TRACKS {
                return Err(child.invalid("there are more than 256 tracks; remux the film with fewer"));
            }
            let track = match Track::parse(&child) {
                Ok(track) => track,
                // Nobody misses a track that carries neither pictures nor sound.
                Err(_) if !Track::may_be_film(&child) => continue,
                Err(error) => return Err(error),
            };
            if tracks.iter().any(|known| known.id == track.id) {
                return Err(child.invalid("two tracks have the same number"));
            }
            tracks.push(track);
        }
        if tracks.is_empty() {
            return Err(Error::missing(moov.path, moov.offset, "trak"));
        }
        let mvex = moov.find("mvex")?;
        let mut duration = movie_duration;
        if let Some(mvex) = &mvex {
            duration = movie_extends(mvex, &mut tracks)?.or(duration);
        }
        Ok(Self { timescale, duration, tracks, is_fragmented: mvex.is_some() })
    }

    /// The track with a number.
    #[must_use]
    pub fn track(&self, id: u32) -> Option<&Track> {
        self.tracks.iter().find(|track| track.id == id)
    }

    /// What holds for the fragments of a track, also of one that is left out here but is among `numbers`, those of all tracks;
    /// `None` where there is no such track.
    #[must_use]
    pub fn defaults(&self, id: u32, numbers: &[u32]) -> Option<TrackDefaults> {
        let known = self.track(id).map(|track| track.defaults.unwrap_or_default());
        known.or_else(|| numbers.contains(&id).then(TrackDefaults::default))
    }

    /// The media type with its codecs, as `MediaSource.isTypeSupported` takes it: `video/mp4; codecs="avc1.64001f"`.
    ///
    /// Tracks that no SourceBuffer plays (time codes, metadata) do not count.
    #[must_use]
    pub fn mime(&self) -> String {
        let has_video = self.tracks.iter().any(|track| track.kind == TrackKind::Video);
        let mut codecs: Vec<String> = Vec::new();
        for track in &self.tracks {
            let codec = &track.entry().codec;
            if matches!(track.kind, TrackKind::Video | TrackKind::Audio) && !codecs.contains(codec) {
                codecs.push(codec.clone());
            }
        }
        format!("{}/mp4; codecs=\"{}\"", if has_video { "video" } else { "audio" }, codecs.join(", "))
    }
}

/// Timescale and duration (section 8.2.2); all ones, and 0, mean that the duration is not known.
fn movie_header(mvhd: &BoxRef<'_>) -> Result<(u32, Option<u64>), Error> {
    let (version, _, mut fields) = mvhd.full()?;
    fields.skip(if version == 0 { 8 } else { 16 })?;
    let timescale = fields.u32()?;
    if timescale == 0 {
        return Err(mvhd.invalid("the timescale is 0"));
    }
    let unknown = if version == 0 { u64::from(u32::MAX) } else { u64::MAX };
    let duration = fields.u32_or_u64(version)?;
    Ok((timescale, (duration != 0 && duration != unknown).then_some(duration)))
}

/// Hands the tracks their defaults; gives the duration of `mehd`, where there is one (section 8.8.2).
fn movie_extends(mvex: &BoxRef<'_>, tracks: &mut [Track]) -> Result<Option<u64>, Error> {
    let mut duration = None;
    for child in mvex.children() {
        let child = child?;
        if child.kind == b"trex" {
            let defaults = TrackDefaults::parse(&child)?;
            if let Some(track) = tracks.iter_mut().find(|track| track.id == defaults.track) {
                track.defaults = Some(defaults);
            }
        } else if child.kind == b"mehd" {
            let (version, _, mut fields) = child.full()?;
            duration = Some(fields.u32_or_u64(version)?).filter(|&ticks| ticks > 0);
        }
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::{film, full, make, words};

    #[test]
    fn an_init_is_read_whole() {
        let init = Init::parse(&film::init(&[film::video(1), film::audio(2)])).expect("valid");
        assert_eq!((init.timescale, init.duration, init.is_fragmented), (1_000, None, true));
        assert_eq!(init.mime(), "video/mp4; codecs=\"avc1.64001f, mp4a.40.2\"");
        let [video, audio] = &init.tracks[..] else { panic!("two tracks") };
        assert_eq!((video.kind, video.timescale, video.width, video.height), (TrackKind::Video, 12_800, 1280, 720));
        assert_eq!((video.shift(), video.language.as_deref()), (-1_024, None));
        assert_eq!(video.defaults.map(|defaults| defaults.duration), Some(512));
        assert_eq!((audio.kind, audio.language.as_deref()), (TrackKind::Audio, Some("eng")));
        assert_eq!((audio.entry().channels, audio.entry().sample_rate), (2, 44_100));
        assert!(!video.has_samples && !video.is_turned());
    }

    #[test]
    fn an_init_of_audio_alone_is_audio() {
        let init = Init::parse(&film::init(&[film::audio(7)])).expect("valid");
        assert_eq!(init.mime(), "audio/mp4; codecs=\"mp4a.40.2\"");
        assert_eq!(init.track(7).map(|track| track.id), Some(7));
    }

    #[test]
    fn damage_is_named_with_its_place() {
        let text = |tracks: &[Vec<u8>]| Init::parse(&film::init(tracks)).expect_err("damaged").to_string();
        assert!(text(&[]).ends_with("has no trak box"));
        assert!(text(&[film::video(0)]).contains("a track has the number 0"));
        assert!(text(&[film::video(1), film::audio(1)]).contains("two tracks have the same number"));
        assert!(Init::parse(b"").is_err());
    }

    #[test]
    fn only_tracks_of_the_film_must_be_readable() {
        let handler = |kind: &[u8; 4]| full(b"hdlr", 0, 0, &[&[0; 4], &kind[..], &[0; 13]].concat());
        let tkhd = full(b"tkhd", 0, 3, &[words(&[0, 0, 7, 0, 0]), vec![0; 60]].concat());
        let trak = |kind: &[u8; 4]| make(b"trak", &[tkhd.clone(), make(b"mdia", &handler(kind))].concat());
        let read =
            |damaged: Vec<u8>| Init::parse(&film::init(&[film::video(1), damaged])).map(|init| init.tracks.len());
        for kind in [b"meta", b"tmcd", b"text", b"hint"] {
            assert_eq!(read(trak(kind)).expect("nobody misses it"), 1);
        }
        assert_eq!(read(make(b"trak", &tkhd)).expect("it has no media"), 1);
        assert!(read(trak(b"vide")).is_err() && read(trak(b"soun")).is_err());
        assert!(read(make(b"trak", &[tkhd.clone(), make(b"mdia", &[])].concat())).is_err(), "who knows?");
        assert!(Init::parse(&film::init(&[trak(b"meta")])).is_err(), "nothing is left");
    }

    #[test]
    fn more_tracks_than_films_have_are_refused() {
        let tracks: Vec<_> = (1..=257).map(film::audio).collect();
        assert_eq!(Init::parse(&film::init(&tracks[..256])).expect("valid").tracks.len(), 256);
        let error = Init::parse(&film::init(&tracks)).expect_err("too many").to_string();
        assert!(error.starts_with("moov/trak at byte ") && error.contains("more than 256 tracks"), "{error}");
    }

    #[test]
    fn no_cut_of_an_init_panics() {
        let whole = film::init(&[film::video(1), film::audio(2)]);
        for end in 0..whole.len() {
            assert!(Init::parse(&whole[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn no_changed_byte_of_an_init_panics() {
        let whole = film::init(&[film::video(1), film::audio(2)]);
        for at in 0..whole.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = whole.clone();
                changed[at] = value;
                let _ = Init::parse(&changed).map(|init| init.mime());
            }
        }
    }
}
