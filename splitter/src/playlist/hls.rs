//! HLS, version 7: one media playlist a stream, byte ranges in fragmented MP4 (RFC 8216 section 4.3).

use std::fmt::Write;

use manifest::{Document, Kind, StreamEntry, SubtitlesEntry};

use super::{codecs, in_cut_directory, label, name, peak_bandwidth, seconds, segments};

/// Every segment is a group that begins at a sync sample and, but for open GOPs, needs nothing of the one before.
const INDEPENDENT: &str = "#EXT-X-INDEPENDENT-SEGMENTS\n";

/// `video-1.m3u8` and so on, in the cut's directory.
pub(super) fn media_playlists(document: &Document) -> Vec<(String, String)> {
    let of_streams = document.streams.iter().map(|stream| (file(name(document, stream)), media(document, stream)));
    let of_subtitles = document.subtitles.iter().enumerate().map(|(at, subtitles)| {
        let url = in_cut_directory(document, &subtitles.url);
        (file(&subtitles_name(at)), whole_file(url, document.duration.as_seconds()))
    });
    of_streams.chain(of_subtitles).collect()
}

/// `master.m3u8`, beside the manifest.
pub(super) fn master(document: &Document) -> String {
    let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:7\n");
    if document.streams.iter().all(|stream| !stream.open_gop) {
        text.push_str(INDEPENDENT);
    }
    for (at, subtitles) in document.subtitles.iter().enumerate() {
        subtitles_media(&mut text, document, at, subtitles);
    }
    let audios: Vec<_> = document.streams.iter().filter(|stream| stream.kind == Kind::Audio).collect();
    let pictures: Vec<_> = document.streams.iter().filter(|stream| stream.kind != Kind::Audio).collect();
    if pictures.is_empty() {
        audios.iter().for_each(|audio| variant(&mut text, document, audio, None));
        return text;
    }
    let levels = audio_groups(&audios);
    for AudioGroup { name, members } in levels.iter().flatten() {
        members.iter().for_each(|member| audio_media(&mut text, document, name, member));
    }
    let (count, levels_count) = (pictures.len(), levels.len());
    for (at, picture) in pictures.into_iter().enumerate() {
        if levels.is_empty() {
            variant(&mut text, document, picture, None);
        }
        // Sound of fewer bits goes with pictures of fewer, and all of it with something.
        let first = at * levels_count / count;
        let end = ((at + 1) * levels_count / count).max(first + 1).min(levels_count);
        let groups = levels.get(first..end).into_iter().flatten().flatten();
        groups.for_each(|group| variant(&mut text, document, picture, Some(group)));
    }
    text
}

/// A rendition group.
struct AudioGroup<'a> {
    name: String,
    members: Vec<Member<'a>>,
}

/// Sound in a group: of a switching set one rung, which is called as the first of them.
#[derive(Clone, Copy)]
struct Member<'a> {
    rung: &'a StreamEntry,
    first: &'a StreamEntry,
}

/// For each rung of sound, from the highest, a group for each codec (section 4.3.4.1.1: members of a group share their formats, and
/// have names of their own). Sound with fewer rungs than other sound is in more groups with its lowest.
fn audio_groups<'a>(audios: &[&'a StreamEntry]) -> Vec<Vec<AudioGroup<'a>>> {
    let choices: Vec<&[&StreamEntry]> = audios.chunk_by(|one, next| one.set.is_some() && one.set == next.set).collect();
    let depth = choices.iter().map(|choice| choice.len()).max().unwrap_or(0);
    let mut count = 0;
    let mut levels = Vec::new();
    for level in 0..depth {
        let mut groups: Vec<AudioGroup<'_>> = Vec::new();
        for choice in &choices {
            let member = Member { rung: choice[level.min(choice.len() - 1)], first: choice[0] };
            match groups.iter_mut().find(|group| codecs(group.members[0].rung) == codecs(member.rung)) {
                Some(group) => group.members.push(member),
                None => {
                    count += 1;
                    groups.push(AudioGroup { name: format!("audio-{count}"), members: vec![member] });
                }
            }
        }
        levels.push(groups);
    }
    levels
}

/// Section 4.3.4.1.
fn audio_media(text: &mut String, document: &Document, group: &str, member: &Member<'_>) {
    let Member { rung: audio, first } = *member;
    let mut line = format!("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"{group}\",NAME={}", quoted(&label(document, first)));
    if let Some(language) = &audio.language {
        let _ = write!(line, ",LANGUAGE={}", quoted(language));
    }
    let _ = write!(line, ",DEFAULT={},AUTOSELECT=YES", if first.default { "YES" } else { "NO" });
    if let Some(channels) = audio.channels {
        let _ = write!(line, ",CHANNELS=\"{channels}\"");
    }
    let _ = writeln!(text, "{line},URI=\"{}\"", playlist(document, name(document, audio)));
}

fn subtitles_media(text: &mut String, document: &Document, at: usize, subtitles: &SubtitlesEntry) {
    let label = subtitles.label.as_ref().or(subtitles.language.as_ref()).cloned();
    let label = label.unwrap_or_else(|| subtitles_name(at));
    let mut line = format!("#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME={}", quoted(&label));
    if let Some(language) = &subtitles.language {
        let _ = write!(line, ",LANGUAGE={}", quoted(language));
    }
    let choice = if subtitles.default { "DEFAULT=YES,AUTOSELECT=YES" } else { "DEFAULT=NO,AUTOSELECT=YES" };
    let _ = writeln!(text, "{line},{choice},URI=\"{}\"", playlist(document, &subtitles_name(at)));
}

/// Section 4.3.4.2.
fn variant(text: &mut String, document: &Document, stream: &StreamEntry, audio: Option<&AudioGroup<'_>>) {
    let members = audio.map_or(&[][..], |group| &group.members);
    let most = |rate: &dyn Fn(&StreamEntry) -> u64| {
        rate(stream).saturating_add(members.iter().map(|member| rate(member.rung)).max().unwrap_or(0))
    };
    let bandwidth = most(&|stream| peak_bandwidth(document, stream));
    let average = most(&|stream| stream.bandwidth);
    let sound = members.first().map(|member| format!(",{}", codecs(member.rung))).unwrap_or_default();
    let _ = write!(
        text,
        "#EXT-X-STREAM-INF:BANDWIDTH={bandwidth},AVERAGE-BANDWIDTH={average},CODECS=\"{}{sound}\"",
        codecs(stream).replace(", ", ",")
    );
    if let (Some(width), Some(height)) = (stream.width, stream.height) {
        let _ = write!(text, ",RESOLUTION={width}x{height}");
    }
    if let Some(rate) = frame_rate(stream) {
        let _ = write!(text, ",FRAME-RATE={rate:.3}");
    }
    if let Some(AudioGroup { name: group, .. }) = audio {
        let _ = write!(text, ",AUDIO=\"{group}\"");
    }
    if !document.subtitles.is_empty() {
        text.push_str(",SUBTITLES=\"subtitles\"");
    }
    let _ = writeln!(text, "\n{}", playlist(document, name(document, stream)));
}

fn frame_rate(stream: &StreamEntry) -> Option<f64> {
    let (frames, seconds) = stream.frame_rate.as_ref()?.split_once('/')?;
    Some(frames.parse::<f64>().ok()? / seconds.parse::<f64>().ok()?).filter(|rate| rate.is_finite())
}

fn media(document: &Document, stream: &StreamEntry) -> String {
    let longest = segments(document, stream).map(|segment| seconds(stream, segment.ticks)).fold(0.0, f64::max);
    let mut text = head(longest);
    if !stream.open_gop {
        text.push_str(INDEPENDENT);
    }
    let _ = writeln!(text, "#EXT-X-MAP:URI=\"{}\"", in_cut_directory(document, &stream.init.url));
    for segment in segments(document, stream) {
        let (length, url) = (seconds(stream, segment.ticks), segment.url);
        let _ = writeln!(text, "#EXTINF:{length:.6},\n#EXT-X-BYTERANGE:{}@{}\n{url}", segment.bytes, segment.offset);
    }
    text.push_str("#EXT-X-ENDLIST\n");
    text
}

fn whole_file(url: &str, length: f64) -> String {
    let mut text = head(length);
    let _ = writeln!(text, "#EXTINF:{length:.6},\n{url}\n#EXT-X-ENDLIST");
    text
}

/// The longest segment, rounded to the second, must not be more than the target duration (section 4.3.3.1).
fn head(longest: f64) -> String {
    let target = (longest.ceil() as u64).max(1);
    format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{target}\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MEDIA-SEQUENCE:0\n"
    )
}

fn file(name: &str) -> String {
    format!("{name}.m3u8")
}

/// Where a media playlist is, relative to the master.
fn playlist(document: &Document, name: &str) -> String {
    format!("{}/{}", document.id, file(name))
}

fn subtitles_name(at: usize) -> String {
    format!("subtitles-{}", at + 1)
}

/// A quoted string holds neither quotes nor line breaks, and has no way to escape them (section 4.2).
fn quoted(text: &str) -> String {
    let text: String = text.chars().map(|c| if c == '"' { '\'' } else { c }).filter(|c| !c.is_control()).collect();
    format!("\"{text}\"")
}
