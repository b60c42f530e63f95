//! The same bytes for other players: HLS (RFC 8216) and DASH (ISO/IEC 23009-1) playlists, made from the manifest alone.
//!
//! A segment is a group, named by its range of bytes in its chunk. What names one cut for ever lies in the cut's own
//! directory; `master.m3u8` and `manifest.mpd` lie at the top, beside the manifest, and are replaced with it.

mod dash;
mod hls;

use manifest::{Document, StreamEntry};

/// Paths relative to the cut's directory, with what is to stand there.
pub(crate) fn in_cut(document: &Document) -> Vec<(String, String)> {
    hls::media_playlists(document)
}

/// Names of files beside the manifest, with what is to stand there.
pub(crate) fn at_top(document: &Document) -> [(&'static str, String); 2] {
    [("master.m3u8", hls::master(document)), ("manifest.mpd", dash::mpd(document))]
}

/// All of them, by their names below the place of the manifest.
pub(crate) fn all(document: &Document) -> Vec<(String, String)> {
    let in_cut = in_cut(document).into_iter().map(|(name, text)| (format!("{}/{name}", document.id), text));
    in_cut.chain(at_top(document).map(|(name, text)| (name.to_owned(), text))).collect()
}

/// One group as other players see it.
struct Segment<'a> {
    /// Relative to the cut's directory.
    url: &'a str,
    offset: u64,
    bytes: u64,
    /// Presentation time at which it begins; never negative.
    start: u64,
    /// How long it is shown.
    ticks: u64,
}

/// The groups of a stream, in order. What lies before zero (audio priming) is in the first and takes none of its time:
/// the timelines of other players begin at zero.
fn segments<'a>(document: &'a Document, stream: &'a StreamEntry) -> impl Iterator<Item = Segment<'a>> {
    let mut end = stream.chunks.first().map_or(0, |chunk| chunk.start);
    stream.chunks.iter().flat_map(move |chunk| {
        let ticks = chunk.groups.ticks.iter().flat_map(|&(ticks, run)| std::iter::repeat_n(ticks, run as usize));
        let url = in_cut_directory(document, &chunk.url);
        let (mut offset, mut start) = (0, end);
        end = end.saturating_add_unsigned(chunk.duration);
        chunk.groups.bytes.iter().zip(ticks).map(move |(&bytes, ticks)| {
            let (begin, shown) = (offset, u64::try_from(start).unwrap_or(0));
            offset += bytes;
            start = start.saturating_add_unsigned(ticks);
            let ticks = u64::try_from(start).unwrap_or(0).saturating_sub(shown).max(1);
            Segment { url, offset: begin, bytes, start: shown, ticks }
        })
    })
}

/// A URL of the manifest, relative to the cut's directory.
fn in_cut_directory<'a>(document: &Document, url: &'a str) -> &'a str {
    url.strip_prefix(&document.id).and_then(|url| url.strip_prefix('/')).unwrap_or(url)
}

/// The name of a stream: that of its directory.
fn name<'a>(document: &Document, stream: &'a StreamEntry) -> &'a str {
    let init = in_cut_directory(document, &stream.init.url);
    init.split_once('/').map_or(init, |(name, _)| name)
}

/// The codecs parameter of a stream's media type.
fn codecs(stream: &StreamEntry) -> &str {
    stream.mime.split('"').nth(1).unwrap_or_default()
}

/// The most bits that a second of any one segment takes.
pub(crate) fn peak_bandwidth(document: &Document, stream: &StreamEntry) -> u64 {
    let timescale = u128::from(stream.timescale.get());
    let rate = |segment: Segment<'_>| u128::from(segment.bytes) * 8 * timescale / u128::from(segment.ticks);
    u64::try_from(segments(document, stream).map(rate).max().unwrap_or(0)).unwrap_or(u64::MAX)
}

fn seconds(stream: &StreamEntry, ticks: u64) -> f64 {
    ticks as f64 / f64::from(stream.timescale.get())
}

/// A label for people: what the manifest has, or the language, or the name.
fn label(document: &Document, stream: &StreamEntry) -> String {
    let known = stream.label.as_ref().or(stream.language.as_ref());
    known.cloned().unwrap_or_else(|| name(document, stream).to_owned())
}

#[cfg(test)]
mod tests;
