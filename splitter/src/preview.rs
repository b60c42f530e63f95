//! What a cut would be, before anything is written.

use serde::Serialize;

use crate::plan::StreamPlan;
use crate::stream::Stream;
use crate::{FilmTrack, WantedRung, Warning};

/// What a cut would be.
#[derive(Clone, Debug, Serialize)]
pub struct Preview {
    /// The tracks of the film that can be chosen from.
    pub film_tracks: Vec<FilmTrack>,
    /// As the manifest will have them.
    pub streams: Vec<PlannedStream>,
    /// Rungs that ffmpeg makes; those that it has made before are among the streams.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rungs: Vec<WantedRung>,
    /// Length of all chunks together, in bytes.
    pub bytes: u64,
    /// What the user should know.
    pub warnings: Vec<Warning>,
}

/// One stream of a [`Preview`].
#[derive(Clone, Debug, Serialize)]
pub struct PlannedStream {
    /// Such as `video-1`.
    pub name: String,
    /// Its media type with the `codecs` parameter (RFC 6381).
    pub mime: String,
    /// The switching set that it is a rung of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<u32>,
    /// Shown width and height in pixels (pictures).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<(u32, u32)>,
    /// Average over the whole stream, in bits per second.
    pub bandwidth: u64,
    /// From its first moment to its last, in seconds.
    pub seconds: f64,
    /// How many groups there are: places that a seek can go to without decoding what is not shown.
    pub groups: usize,
    /// Length of the longest of them, in seconds.
    pub longest_group_seconds: f64,
    /// How many fragments there are.
    pub fragments: usize,
    /// In order.
    pub chunks: Vec<PlannedChunk>,
}

/// One chunk of a [`PlannedStream`].
#[derive(Clone, Debug, Serialize)]
pub struct PlannedChunk {
    /// Its length in bytes.
    pub bytes: u64,
    /// When it begins in the film.
    pub start_seconds: f64,
    /// How long it lasts.
    pub seconds: f64,
}

impl Preview {
    pub(crate) fn new(
        film_tracks: &[FilmTrack],
        streams: &[Stream<'_>],
        plans: &[StreamPlan],
        rungs: Vec<WantedRung>,
        warnings: Vec<Warning>,
    ) -> Self {
        let streams: Vec<_> = streams.iter().zip(plans).map(|(stream, plan)| planned(stream, plan)).collect();
        let bytes = streams.iter().flat_map(|stream| &stream.chunks).map(|chunk| chunk.bytes).sum();
        Self { film_tracks: film_tracks.to_vec(), streams, rungs, bytes, warnings }
    }
}

fn planned(stream: &Stream<'_>, plan: &StreamPlan) -> PlannedStream {
    let timing = stream.lead().timing;
    let seconds = |ticks: u64| ticks as f64 / f64::from(timing.timescale);
    let samples: usize = plan.chunks.iter().map(|chunk| chunk.samples.len()).sum();
    PlannedStream {
        name: stream.name.to_string(),
        mime: stream.mime.to_string(),
        set: stream.set,
        size: stream.size(),
        bandwidth: plan.bandwidth(timing.timescale),
        seconds: seconds(plan.chunks.iter().map(|chunk| chunk.duration).sum()),
        groups: plan.chunks.iter().map(|chunk| chunk.group_bytes.len()).sum(),
        longest_group_seconds: seconds(plan.longest_group.1),
        fragments: samples / stream.tracks.len(),
        chunks: plan
            .chunks
            .iter()
            .map(|chunk| PlannedChunk {
                bytes: chunk.bytes,
                start_seconds: timing.seconds(chunk.start),
                seconds: seconds(chunk.duration),
            })
            .collect(),
    }
}
