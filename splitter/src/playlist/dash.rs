//! DASH, main profile: a list of segments with their byte ranges, and a timeline of them (ISO/IEC 23009-1 section 5.3.9.3
//! and 5.3.9.6).
//!
//! The timeline has one `S` a segment and never `r`: dash.js finds the segment of a list by the number of the `S` element
//! and would fetch the first of a run again and again.

use std::fmt::Write;

use manifest::{Document, Kind, StreamEntry};

use super::{codecs, in_cut_directory, name, peak_bandwidth, segments};

/// `manifest.mpd`, beside the manifest.
pub(super) fn mpd(document: &Document) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let duration = document.duration.as_seconds();
    let _ = writeln!(
        text,
        "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" profiles=\"urn:mpeg:dash:profile:isoff-main:2011\" \
         type=\"static\" mediaPresentationDuration=\"PT{duration:.3}S\" minBufferTime=\"PT2S\">"
    );
    if let Some(name) = &document.name {
        let _ = writeln!(text, "<ProgramInformation><Title>{}</Title></ProgramInformation>", escaped(name));
    }
    let _ = writeln!(text, "<Period id=\"1\" start=\"PT0S\">\n<BaseURL>{}/</BaseURL>", document.id);
    let sets = adaptation_sets(&document.streams);
    for (at, members) in sets.iter().enumerate() {
        adaptation_set(&mut text, document, members, at, &sets);
    }
    for (at, subtitles) in document.subtitles.iter().enumerate() {
        let language = subtitles.language.as_deref().map(|tag| format!(" lang=\"{}\"", escaped(tag)));
        let label = subtitles.label.as_deref().map(|label| format!("<Label>{}</Label>", escaped(label)));
        let _ = writeln!(
            text,
            "<AdaptationSet contentType=\"text\" mimeType=\"text/vtt\"{}>{}<Role \
             schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"subtitle\"/><Representation id=\"subtitles-{}\" \
             bandwidth=\"1000\"><BaseURL>{}</BaseURL></Representation></AdaptationSet>",
            language.unwrap_or_default(),
            label.unwrap_or_default(),
            at + 1,
            escaped(in_cut_directory(document, &subtitles.url))
        );
    }
    text.push_str("</Period>\n</MPD>\n");
    text
}

/// The streams that a player may switch between without another decoder: rungs of a switching set whose codecs are of one family. All
/// others stand alone.
fn adaptation_sets(streams: &[StreamEntry]) -> Vec<Vec<&StreamEntry>> {
    let mut sets: Vec<Vec<&StreamEntry>> = Vec::new();
    for stream in streams {
        let is_of = |set: &&mut Vec<&StreamEntry>| stream.set.is_some() && set[0].set == stream.set;
        match sets.iter_mut().filter(is_of).find(|set| family(set[0]) == family(stream)) {
            Some(set) => set.push(stream),
            None => sets.push(vec![stream]),
        }
    }
    sets
}

/// What the codecs parameter begins with: `avc1`.
fn family(stream: &StreamEntry) -> &str {
    codecs(stream).split('.').next().unwrap_or_default()
}

fn adaptation_set(
    text: &mut String,
    document: &Document,
    members: &[&StreamEntry],
    number: usize,
    all: &[Vec<&StreamEntry>],
) {
    let stream = members[0];
    let mime = stream.mime.split(';').next().unwrap_or_default();
    // Type 3: pictures behind an access point may need what comes before it (ISO/IEC 14496-12 annex I).
    let access = if members.iter().any(|stream| stream.open_gop) { 3 } else { 1 };
    let _ = write!(text, "<AdaptationSet");
    // The same pictures in codecs of other families: a player may switch to them, too, where it can change its decoder.
    let is_same = |(at, set): &(usize, &Vec<&StreamEntry>)| *at != number && set[0].set == stream.set;
    let same: Vec<_> = all.iter().enumerate().filter(is_same).filter(|_| stream.set.is_some()).collect();
    if !same.is_empty() {
        let _ = write!(text, " id=\"{}\"", number + 1);
    }
    let _ = write!(text, " mimeType=\"{mime}\" segmentAlignment=\"true\" startWithSAP=\"{access}\"");
    match stream.kind {
        Kind::Video => text.push_str(" contentType=\"video\""),
        Kind::Audio => text.push_str(" contentType=\"audio\""),
        // Both are in it, which the attribute cannot say.
        Kind::Muxed => {}
    }
    if let Some(language) = &stream.language {
        let _ = write!(text, " lang=\"{}\"", escaped(language));
    }
    text.push_str(">\n");
    if let Some(label) = &stream.label {
        let _ = writeln!(text, "<Label>{}</Label>", escaped(label));
    }
    let is_main =
        members.iter().copied().chain(same.iter().flat_map(|(_, set)| set.iter().copied())).any(|s| s.default);
    let role = if is_main { "main" } else { "alternate" };
    let _ = writeln!(text, "<Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"{role}\"/>");
    if !same.is_empty() {
        let others: Vec<_> = same.iter().map(|(at, _)| (at + 1).to_string()).collect();
        let scheme = "urn:mpeg:dash:adaptation-set-switching:2016";
        let _ = writeln!(text, "<SupplementalProperty schemeIdUri=\"{scheme}\" value=\"{}\"/>", others.join(","));
    }
    members.iter().for_each(|stream| representation(text, document, stream));
    text.push_str("</AdaptationSet>\n");
}

fn representation(text: &mut String, document: &Document, stream: &StreamEntry) {
    let (id, bandwidth) = (name(document, stream), peak_bandwidth(document, stream));
    let codecs = codecs(stream).replace(", ", ",");
    let _ = write!(text, "<Representation id=\"{id}\" bandwidth=\"{bandwidth}\" codecs=\"{}\"", escaped(&codecs));
    if let (Some(width), Some(height)) = (stream.width, stream.height) {
        let _ = write!(text, " width=\"{width}\" height=\"{height}\"");
    }
    if let Some(rate) = &stream.frame_rate {
        let _ = write!(text, " frameRate=\"{}\"", rate.strip_suffix("/1").unwrap_or(rate));
    }
    if let Some(rate) = stream.sample_rate {
        let _ = write!(text, " audioSamplingRate=\"{rate}\"");
    }
    text.push_str(">\n");
    if let Some(channels) = stream.channels {
        let scheme = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011";
        let _ = writeln!(text, "<AudioChannelConfiguration schemeIdUri=\"{scheme}\" value=\"{channels}\"/>");
    }
    let _ = writeln!(
        text,
        "<SegmentList timescale=\"{}\">\n<Initialization sourceURL=\"{}\"/>\n<SegmentTimeline>",
        stream.timescale.get(),
        in_cut_directory(document, &stream.init.url)
    );
    timeline(text, document, stream);
    text.push_str("</SegmentTimeline>\n");
    for segment in segments(document, stream) {
        let (url, first, last) = (segment.url, segment.offset, segment.offset + segment.bytes - 1);
        let _ = writeln!(text, "<SegmentURL media=\"{url}\" mediaRange=\"{first}-{last}\"/>");
    }
    text.push_str("</SegmentList>\n</Representation>\n");
}

fn timeline(text: &mut String, document: &Document, stream: &StreamEntry) {
    for (at, segment) in segments(document, stream).enumerate() {
        let (start, length) = (segment.start, segment.ticks);
        let _ = if at == 0 {
            writeln!(text, "<S t=\"{start}\" d=\"{length}\"/>")
        } else {
            writeln!(text, "<S d=\"{length}\"/>")
        };
    }
}

/// For an attribute or the text of an element.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML has no way to write these.
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}
