//! What a page may look at: the film as it was cut, and what of it is under way or buffered. Read only.

use manifest::{ChapterEntry, Chunk, Kind, MediaTime, Stream, Subtitles};
use playback::{Object, StreamId};
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::JsValue;

use crate::border::to_js;
use crate::details::{BufferDetail, ResponseDetail};
use crate::driver::Driver;
use crate::fetch::Request;
use crate::film_source::FilmSource;

/// The film as it was cut.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
struct FilmInfo<'a> {
    /// The content id; a plain array has none.
    id: Option<&'a str>,
    name: Option<&'a str>,
    streams: Vec<StreamInfo<'a>>,
    subtitles: Vec<SubtitlesInfo<'a>>,
    thumbnails: Option<ThumbnailsInfo>,
    chapters: Vec<ChapterInfo<'a>>,
}

#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
struct StreamInfo<'a> {
    #[tsify(type = "\"video\" | \"audio\" | \"muxed\" | null")]
    kind: Option<Kind>,
    mime: Option<&'a str>,
    language: Option<&'a str>,
    label: Option<&'a str>,
    /// Of pictures, in pixels, as they are shown.
    width: Option<u32>,
    height: Option<u32>,
    /// Of pictures, in a second; `null` where it varies.
    #[serde(rename = "frameRate")]
    frame_rate: Option<f64>,
    /// In bits per second, on average.
    bandwidth: Option<u64>,
    chunks: Vec<ChunkInfo<'a>>,
}

#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
struct ChunkInfo<'a> {
    /// Relative to the manifest.
    url: &'a str,
    bytes: u64,
    /// In seconds; `null` while a film without an index has not told.
    start: Option<f64>,
    end: Option<f64>,
}

#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
struct SubtitlesInfo<'a> {
    /// Absolute.
    url: String,
    language: Option<&'a str>,
    label: Option<&'a str>,
    default: bool,
}

/// A WebVTT file whose cues name regions of pictures: `sprite.jpg#xywh=0,0,160,90`.
#[derive(Serialize, Tsify)]
struct ThumbnailsInfo {
    /// Absolute.
    url: String,
}

/// A part of the film; it lasts until the next begins or the film ends.
#[derive(Serialize, Tsify)]
struct ChapterInfo<'a> {
    /// In seconds.
    start: f64,
    /// May be empty.
    title: &'a str,
}

/// What is under way, and what is buffered.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub(crate) struct Flow {
    requests: Vec<RequestUnderWay>,
    /// For each stream, in plain words, what is done about its next bytes or why nothing is; `null` for one that does not
    /// play.
    activity: Vec<Option<String>>,
    /// What the player waits for though nothing happens, in plain words.
    wait: Option<String>,
    /// For each stream, its SourceBuffer's ranges in seconds.
    buffered: Vec<Vec<(f64, f64)>>,
}

/// A request under way: bytes `start..offset` of that chunk have come.
#[derive(Serialize, Tsify)]
struct RequestUnderWay {
    stream: usize,
    chunk: usize,
    start: u64,
    offset: u64,
}

/// The film; `null` while there is none.
pub(crate) fn film(driver: &Driver) -> JsValue {
    to_js(&driver.film().map(describe))
}

fn describe(source: &FilmSource) -> FilmInfo<'_> {
    let film = &source.film;
    FilmInfo {
        id: film.id.as_deref(),
        name: film.name.as_deref(),
        streams: film.streams.iter().map(stream).collect(),
        subtitles: film.subtitles.iter().map(|entry| subtitles(entry, source)).collect(),
        thumbnails: film.thumbnails.as_ref().map(|entry| ThumbnailsInfo { url: source.address(&entry.url) }),
        chapters: film.chapters.iter().map(chapter).collect(),
    }
}

pub(crate) fn now(driver: &Driver) -> Flow {
    let streams = driver.film().map_or(0, |source| source.film.streams.len());
    let seconds = |(start, end): (MediaTime, MediaTime)| (start.as_seconds(), end.as_seconds());
    let said = |stream| driver.read(|engine| engine.activity(StreamId(stream))).map(|activity| activity.to_string());
    Flow {
        activity: (0..streams).map(said).collect(),
        wait: driver.read(playback::Player::wait).map(|wait| wait.why.to_string()),
        requests: driver.requests().filter_map(request).collect(),
        buffered: (0..streams).map(|stream| driver.buffered(StreamId(stream)).iter().map(seconds).collect()).collect(),
    }
}

/// Who answered, and from which cache.
pub(crate) fn answer(request: &Request, response: &gloo_net::http::Response) -> ResponseDetail {
    let (stream, chunk) = request.object.place();
    // Another site's server must expose the field (CORS).
    ResponseDetail {
        stream: stream.0,
        chunk: chunk.0,
        status: response.status(),
        cache: response.headers().get("cf-cache-status"),
    }
}

pub(crate) fn ahead(engine: &playback::Player) -> BufferDetail {
    let target = engine.target();
    BufferDetail { ahead: (engine.buffered_until(target) - target).or_zero().as_seconds() }
}

fn stream(stream: &Stream) -> StreamInfo<'_> {
    StreamInfo {
        kind: stream.kind,
        mime: stream.mime.as_deref(),
        language: stream.language.as_deref(),
        label: stream.label.as_deref(),
        width: stream.size.map(|(width, _)| width),
        height: stream.size.map(|(_, height)| height),
        frame_rate: stream.frame_rate.as_deref().and_then(frames_per_second),
        bandwidth: stream.bandwidth,
        chunks: stream.chunks.iter().map(chunk).collect(),
    }
}

/// Of a fraction such as `24000/1001`.
fn frames_per_second(fraction: &str) -> Option<f64> {
    let (frames, seconds) = fraction.split_once('/').unwrap_or((fraction, "1"));
    let number = |text: &str| text.trim().parse::<u32>().ok().map(f64::from);
    Some(number(frames)? / number(seconds).filter(|seconds| *seconds > 0.0)?)
}

fn chunk(chunk: &Chunk) -> ChunkInfo<'_> {
    ChunkInfo {
        url: &chunk.url,
        bytes: chunk.bytes,
        start: chunk.start.map(MediaTime::as_seconds),
        end: chunk.end.map(MediaTime::as_seconds),
    }
}

fn chapter(entry: &ChapterEntry) -> ChapterInfo<'_> {
    ChapterInfo { start: entry.start.as_seconds(), title: &entry.title }
}

fn subtitles<'a>(entry: &'a Subtitles, source: &FilmSource) -> SubtitlesInfo<'a> {
    SubtitlesInfo {
        url: source.address(&entry.url),
        language: entry.language.as_deref(),
        label: entry.label.as_deref(),
        default: entry.default,
    }
}

/// Heads of chunks are no part of the flow: their bytes are not kept.
fn request(request: &Request) -> Option<RequestUnderWay> {
    let Object::Chunk { stream, chunk } = request.object else { return None };
    Some(RequestUnderWay {
        stream: stream.0,
        chunk: chunk.0,
        start: request.start,
        offset: request.body.next().max(request.start),
    })
}
