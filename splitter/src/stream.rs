//! What is written as one stream: a track, or a video and an audio track in the same fragments.

use std::borrow::Cow;

use isobmff::write::{InitTrack, init};
use isobmff::{BoxRef, Init};
use manifest::Kind;

use crate::Warning;
use crate::source::Input;
use crate::track::Track;

/// One stream of the manifest.
pub(crate) struct Stream<'a> {
    /// Directory and name: `video-1`.
    pub(crate) name: Cow<'a, str>,
    pub(crate) kind: Kind,
    pub(crate) is_default: bool,
    /// Its `init.mp4`.
    pub(crate) init: Cow<'a, [u8]>,
    /// Its media type with the `codecs` parameter (RFC 6381).
    pub(crate) mime: Cow<'a, str>,
    /// The first leads: its groups are the stream's, and its clock is the index's. The one at index *n* has track number *n* + 1 in
    /// the init.
    pub(crate) tracks: Vec<&'a Track>,
    /// Where their samples are.
    pub(crate) input: &'a Input,
    /// The switching set that it is a rung of.
    pub(crate) set: Option<u32>,
    /// When its groups begin, in ticks of the leading track, ascending; `None` where it is free to choose.
    pub(crate) borders: Option<Vec<i64>>,
}

impl<'a> Stream<'a> {
    /// Every track for itself.
    pub(crate) fn of_each(all: &'a [Track], input: &'a Input) -> Vec<Self> {
        all.iter().map(|track| Self::of(track, input)).collect()
    }

    /// A track for itself.
    pub(crate) fn of(track: &'a Track, input: &'a Input) -> Self {
        Self {
            name: Cow::from(&track.name),
            kind: if track.is_video { Kind::Video } else { Kind::Audio },
            is_default: track.is_default,
            init: Cow::from(&track.init),
            mime: Cow::from(&track.mime),
            tracks: vec![track],
            input,
            set: None,
            borders: None,
        }
    }

    /// The first video track and the first audio track together. The others are left out: no SourceBuffer lets a viewer
    /// choose between tracks of one kind. A film that lacks either is as it would be [for itself](Self::of_each).
    pub(crate) fn muxed(
        all: &'a [Track],
        input: &'a Input,
        warnings: &mut Vec<Warning>,
    ) -> Result<Vec<Self>, isobmff::Error> {
        let first = |is_video| all.iter().find(|track| track.is_video == is_video);
        let (Some(video), Some(audio)) = (first(true), first(false)) else { return Ok(Self::of_each(all, input)) };
        let tracks = vec![video, audio];
        let others = all.iter().filter(|other| tracks.iter().all(|track| track.name != other.name));
        warnings.extend(others.map(|track| Warning::NotMuxed { stream: track.name.clone() }));
        let init = muxed_init(&tracks)?;
        let mime = Init::parse(&init)?.mime();
        Ok(vec![Self {
            name: Cow::from("muxed-1"),
            kind: Kind::Muxed,
            is_default: true,
            init: Cow::from(init),
            mime: Cow::from(mime),
            tracks,
            input,
            set: None,
            borders: None,
        }])
    }

    /// Width and height in pixels as its pictures are shown.
    pub(crate) fn size(&self) -> Option<(u32, u32)> {
        let video = self.tracks.iter().find(|track| track.is_video);
        video.map(|track| track.track.shown_size()).filter(|&(width, height)| width > 0 && height > 0)
    }

    /// The track whose groups and clock are the stream's.
    pub(crate) fn lead(&self) -> &'a Track {
        self.tracks[0]
    }
}

/// One init with the tracks of several, numbered from 1.
fn muxed_init(all: &[&Track]) -> Result<Vec<u8>, isobmff::Error> {
    let inits = all.iter().map(|track| Init::parse(&track.init)).collect::<Result<Vec<_>, _>>()?;
    let boxes = all.iter().map(|track| Boxes::find(&track.init)).collect::<Result<Vec<_>, _>>()?;
    let tracks: Vec<_> = (1..)
        .zip(all.iter().zip(&boxes))
        .map(|(id, (track, boxes))| {
            let track = &track.track;
            let language = track.language.as_deref();
            InitTrack {
                id,
                kind: track.kind,
                timescale: track.timescale,
                language,
                extended_language: language.filter(|language| language.len() != 3),
                name: &track.name,
                size: boxes.size,
                matrix: track.matrix,
                media_time: track.edits.media_time,
                sample_entries: boxes.sample_entries,
                description: track.defaults.map_or(1, |defaults| defaults.description),
            }
        })
        .collect();
    let duration = inits.iter().filter_map(|init| init.duration).max().unwrap_or(0);
    Ok(init(inits[0].timescale, duration, &tracks))
}

/// What is taken from an init of one track as it stands.
struct Boxes<'a> {
    /// Display size: 16.16 fixed point.
    size: [u32; 2],
    /// The body of `stsd`.
    sample_entries: &'a [u8],
}

impl<'a> Boxes<'a> {
    fn find(init: &'a [u8]) -> Result<Self, isobmff::Error> {
        let trak = BoxRef::moov(init)?.need("trak")?;
        let stsd = trak.need("mdia")?.need("minf")?.need("stbl")?.need("stsd")?;
        let tkhd = trak.need("tkhd")?;
        let mut size = tkhd.fields();
        size.skip(tkhd.body.len().saturating_sub(8))?;
        Ok(Self { size: [size.u32()?, size.u32()?], sample_entries: stsd.body })
    }
}
