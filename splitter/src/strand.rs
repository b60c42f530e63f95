//! What is written as one stream: a track, or a video and an audio track in the same fragments.

use std::borrow::Cow;

use isobmff::write::{InitTrack, init};
use isobmff::{BoxRef, Init};
use manifest::Kind;

use crate::Warning;
use crate::stream::Stream;

/// One stream of the manifest.
pub(crate) struct Strand<'a> {
    /// Directory and name: `video-1`.
    pub(crate) name: Cow<'a, str>,
    pub(crate) kind: Kind,
    pub(crate) is_default: bool,
    /// Its `init.mp4`.
    pub(crate) init: Cow<'a, [u8]>,
    /// With codecs.
    pub(crate) mime: Cow<'a, str>,
    /// The first leads: its groups are the stream's, and its clock is the index's. Track *n* of the init is number *n* + 1.
    pub(crate) tracks: Vec<&'a Stream>,
}

impl<'a> Strand<'a> {
    /// Every track for itself.
    pub(crate) fn of_each(streams: &'a [Stream]) -> Vec<Self> {
        let strand = |stream: &'a Stream| Self {
            name: Cow::from(&stream.name),
            kind: if stream.is_video { Kind::Video } else { Kind::Audio },
            is_default: stream.is_default,
            init: Cow::from(&stream.init),
            mime: Cow::from(&stream.mime),
            tracks: vec![stream],
        };
        streams.iter().map(strand).collect()
    }

    /// The first video track and the first audio track together. The others are left out: no SourceBuffer lets a viewer
    /// choose between tracks of one kind. A film that lacks either is as it would be [for itself](Self::of_each).
    pub(crate) fn muxed(streams: &'a [Stream], warnings: &mut Vec<Warning>) -> Result<Vec<Self>, isobmff::Error> {
        let first = |is_video| streams.iter().find(|stream| stream.is_video == is_video);
        let (Some(video), Some(audio)) = (first(true), first(false)) else { return Ok(Self::of_each(streams)) };
        let tracks = vec![video, audio];
        let others = streams.iter().filter(|stream| tracks.iter().all(|track| track.name != stream.name));
        warnings.extend(others.map(|stream| Warning::NotMuxed { stream: stream.name.clone() }));
        let init = muxed_init(&tracks)?;
        let mime = Init::parse(&init)?.mime();
        Ok(vec![Self {
            name: Cow::from("muxed-1"),
            kind: Kind::Muxed,
            is_default: true,
            init: Cow::from(init),
            mime: Cow::from(mime),
            tracks,
        }])
    }

    /// The track whose groups and clock are the stream's.
    pub(crate) fn lead(&self) -> &'a Stream {
        self.tracks[0]
    }
}

/// One init with the tracks of several, numbered from 1.
fn muxed_init(streams: &[&Stream]) -> Result<Vec<u8>, isobmff::Error> {
    let inits = streams.iter().map(|stream| Init::parse(&stream.init)).collect::<Result<Vec<_>, _>>()?;
    let boxes = streams.iter().map(|stream| Boxes::find(&stream.init)).collect::<Result<Vec<_>, _>>()?;
    let tracks: Vec<_> = (1..)
        .zip(streams.iter().zip(&boxes))
        .map(|(id, (stream, boxes))| {
            let track = &stream.track;
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
