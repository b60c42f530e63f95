//! What a page may look at: the film as it was cut, and what of it is under way or buffered. Read only.

use js_sys::Array;
use manifest::{Chunk, Kind, MediaTime, Stream, Subtitles};
use playback::{Object, StreamId};
use wasm_bindgen::JsValue;
use web_sys::Response;

use crate::driver::Driver;
use crate::events::object;
use crate::fetch::Request;
use crate::film_source::{FilmSource, resolve};

/// The film; `FilmInfo` in the types.
pub(crate) fn film(source: &FilmSource) -> JsValue {
    let film = &source.film;
    let subtitles = film.subtitles.iter().map(|entry| subtitles(entry, &source.base));
    let thumbnails = film.thumbnails.as_ref().map(|entry| object(&[("url", resolve(&entry.url, &source.base).into())]));
    let chapters = film
        .chapters
        .iter()
        .map(|entry| object(&[("start", seconds(entry.start)), ("title", entry.title.as_str().into())]));
    object(&[
        ("id", text(&film.id)),
        ("name", text(&film.name)),
        ("streams", film.streams.iter().map(stream).collect::<Array>().into()),
        ("subtitles", subtitles.collect::<Array>().into()),
        ("thumbnails", thumbnails.unwrap_or(JsValue::NULL)),
        ("chapters", chapters.collect::<Array>().into()),
    ])
}

/// What is under way; `Flow` in the types.
pub(crate) fn now(driver: &Driver) -> JsValue {
    let streams = driver.film().map_or(0, |source| source.film.streams.len());
    let buffered = (0..streams).map(|stream| {
        let pair = |(start, end): (MediaTime, MediaTime)| Array::of(&[seconds(start), seconds(end)]);
        driver.buffered(StreamId(stream)).iter().map(pair).collect::<Array>()
    });
    let said = |stream| {
        let activity = driver.read(|engine| engine.activity(StreamId(stream)));
        activity.map_or(JsValue::NULL, |activity| activity.to_string().into())
    };
    object(&[
        ("activity", (0..streams).map(said).collect::<Array>().into()),
        ("wait", driver.read(playback::Player::wait).map_or(JsValue::NULL, |wait| wait.why.to_string().into())),
        ("requests", driver.requests().filter_map(request).collect::<Array>().into()),
        ("buffered", buffered.collect::<Array>().into()),
    ])
}

/// The detail of a `response` event: who answered, and from which cache.
pub(crate) fn answer(request: &Request, response: &Response) -> JsValue {
    let (stream, chunk) = request.object.place();
    // Another site's server must expose the field (CORS).
    let cache = response.headers().get("cf-cache-status").ok().flatten();
    object(&[
        ("stream", (stream.0 as f64).into()),
        ("chunk", (chunk.0 as f64).into()),
        ("status", response.status().into()),
        ("cache", text(&cache)),
    ])
}

/// The detail of a `buffer` event.
pub(crate) fn ahead(engine: &playback::Player) -> JsValue {
    let target = engine.target();
    object(&[("ahead", seconds((engine.buffered_until(target) - target).or_zero()))])
}

fn stream(stream: &Stream) -> JsValue {
    let kind = stream.kind.map_or(JsValue::NULL, |kind| {
        match kind {
            Kind::Video => "video",
            Kind::Audio => "audio",
            Kind::Muxed => "muxed",
        }
        .into()
    });
    object(&[
        ("kind", kind),
        ("mime", text(&stream.mime)),
        ("language", text(&stream.language)),
        ("label", text(&stream.label)),
        ("chunks", stream.chunks.iter().map(chunk).collect::<Array>().into()),
    ])
}

fn chunk(chunk: &Chunk) -> JsValue {
    let time = |time: Option<MediaTime>| time.map_or(JsValue::NULL, seconds);
    object(&[
        ("url", chunk.url.as_str().into()),
        ("bytes", (chunk.bytes as f64).into()),
        ("start", time(chunk.start)),
        ("end", time(chunk.end)),
    ])
}

fn subtitles(entry: &Subtitles, base: &str) -> JsValue {
    object(&[
        ("url", resolve(&entry.url, base).into()),
        ("language", text(&entry.language)),
        ("label", text(&entry.label)),
        ("default", entry.default.into()),
    ])
}

/// Heads of chunks are no part of the flow: their bytes are not kept.
fn request(request: &Request) -> Option<JsValue> {
    let Object::Chunk { stream, chunk } = request.object else { return None };
    Some(object(&[
        ("stream", (stream.0 as f64).into()),
        ("chunk", (chunk.0 as f64).into()),
        ("start", (request.start as f64).into()),
        ("offset", (request.offset.max(request.start) as f64).into()),
    ]))
}

fn text(text: &Option<String>) -> JsValue {
    text.as_deref().map_or(JsValue::NULL, JsValue::from_str)
}

fn seconds(time: MediaTime) -> JsValue {
    time.as_seconds().into()
}
