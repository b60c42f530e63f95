//! Films, and the ways in which they are cut.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use manifest::{Document, Kind, StreamEntry};

/// A film that has been cut in every way that is measured.
#[derive(Clone, Debug)]
pub struct Film {
    /// For addresses and results.
    pub key: &'static str,
    /// Such as `1080p, 20.5 Mbit/s`.
    pub title: String,
    /// Frames in a second.
    pub frame_rate: u32,
    /// Length in seconds.
    pub seconds: u32,
    pub(crate) muxed_mime: String,
    /// Bytes of the first group of the pictures.
    pub first_group: u64,
    /// Bytes of the first picture.
    pub first_picture: u64,
    /// Where the second chunk of the pictures begins, in seconds; 0 where there is one chunk.
    pub border: f64,
}

/// Cuts `source` below `directory`, unless that has been done with the same splitter.
pub(crate) fn cut(key: &'static str, source: &test_film::Film, directory: &Path, splitter: &Path) -> Result<Film> {
    let place = directory.join(key);
    let is_new = |made: &Path| {
        let time = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
        time(made).is_some_and(|made| [splitter, &source.path].iter().all(|from| time(from) < Some(made)))
    };
    if !is_new(&place.join("done")) {
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).with_context(|| format!("cannot make {}", place.display()))?;
        split(splitter, source, &place.join("cut"), &[])?;
        split(splitter, source, &place.join("plan"), &["--muxed"])?;
        six_seconds(source, &place.join("six"))?;
        let document = read(&place.join("cut"))?;
        whole_hls(&document, &place.join("cut"))?;
        fs::write(place.join("cut/whole.mpd"), whole_mpd(&document))?;
        fs::write(place.join("plan/array.json"), array(&read(&place.join("plan"))?))?;
        fs::write(place.join("done"), "")?;
    }
    let (document, muxed) = (read(&place.join("cut"))?, read(&place.join("plan"))?);
    let video =
        document.streams.iter().find(|stream| stream.kind == Kind::Video).context("the film has no pictures")?;
    let second = video.chunks.get(1).map_or(0.0, |chunk| seconds(video, chunk.start));
    let total: u64 = document.streams.iter().map(|stream| stream.bandwidth).sum();
    Ok(Film {
        key,
        title: format!("{}p, {:.1} Mbit/s", video.height.unwrap_or(0), total as f64 / 1e6),
        frame_rate: source.frame_rate,
        seconds: source.seconds,
        muxed_mime: muxed.streams[0].mime.clone(),
        first_group: video.chunks[0].groups.bytes.first().copied().unwrap_or(0),
        first_picture: first_picture(&source.path)?,
        border: second,
    })
}

fn seconds(stream: &StreamEntry, ticks: i64) -> f64 {
    ticks as f64 / f64::from(stream.timescale.get())
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed ({}): {said}", output.status);
    Ok(())
}

fn split(splitter: &Path, film: &test_film::Film, out: &Path, options: &[&str]) -> Result<()> {
    run(Command::new(splitter).arg(&film.path).arg("--out").arg(out).args(options))
}

fn read(directory: &Path) -> Result<Document> {
    let path = directory.join("manifest.json");
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is no manifest", path.display()))
}

/// The ordinary kind of HLS: what a server for hls.js has, most of the time.
fn six_seconds(film: &test_film::Film, out: &Path) -> Result<()> {
    fs::create_dir_all(out)?;
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-loglevel", "error", "-y", "-i"]).arg(&film.path).args(["-map", "0", "-c", "copy"]);
    ffmpeg.args(
        "-f hls -hls_time 6 -hls_playlist_type vod -hls_segment_type fmp4 -hls_flags independent_segments".split(' '),
    );
    run(ffmpeg.args(["-master_pl_name", "master.m3u8"]).arg(out.join("film.m3u8")))
}

/// The length of the first picture as the film has it.
fn first_picture(film: &Path) -> Result<u64> {
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args("-v error -select_streams v -read_intervals %+#1 -show_entries packet=size -of csv=p=0".split(' '));
    let output = ffprobe.arg(film).output().context("cannot start ffprobe")?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().trim_end_matches(',').parse().with_context(|| format!("ffprobe says {text:?}"))
}

/// What the plan's player reads; the init is a part of its own.
fn array(document: &Document) -> String {
    let stream = &document.streams[0];
    let chunks = stream.chunks.iter().map(|chunk| (&chunk.url, chunk.bytes));
    let parts = [(&stream.init.url, stream.init.bytes)].into_iter().chain(chunks);
    let parts: Vec<_> = parts.map(|(url, bytes)| serde_json::json!({ "url": url, "bytes": bytes })).collect();
    serde_json::Value::from(parts).to_string()
}

/// `whole.m3u8`: each chunk is a segment.
fn whole_hls(document: &Document, directory: &Path) -> Result<()> {
    let mut master = String::from("#EXTM3U\n#EXT-X-VERSION:7\n");
    let (mut codecs, mut bandwidth, mut pictures) = (Vec::new(), 0, String::new());
    for stream in &document.streams {
        let name = if stream.kind == Kind::Audio { "whole-audio.m3u8" } else { "whole-video.m3u8" };
        if stream.kind == Kind::Audio {
            let _ = writeln!(
                master,
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",DEFAULT=YES,AUTOSELECT=YES,URI=\"{name}\""
            );
        } else {
            pictures = name.to_owned();
        }
        codecs.push(stream.mime.split('"').nth(1).unwrap_or_default().to_owned());
        bandwidth += stream.bandwidth;
        let longest = stream.chunks.iter().map(|chunk| chunk.duration).max().unwrap_or(0);
        let mut text = format!(
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{}\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MAP:URI=\"{}\"\n",
            longest / u64::from(stream.timescale.get()) + 1,
            stream.init.url
        );
        for chunk in &stream.chunks {
            let length = chunk.duration as f64 / f64::from(stream.timescale.get());
            let _ = writeln!(text, "#EXTINF:{length:.6},\n{}", chunk.url);
        }
        text.push_str("#EXT-X-ENDLIST\n");
        fs::write(directory.join(name), text)?;
    }
    let codecs = codecs.join(",");
    let _ = writeln!(master, "#EXT-X-STREAM-INF:BANDWIDTH={bandwidth},CODECS=\"{codecs}\",AUDIO=\"a\"\n{pictures}");
    fs::write(directory.join("whole.m3u8"), master).context("cannot write whole.m3u8")
}

/// `whole.mpd`: each chunk is a segment.
fn whole_mpd(document: &Document) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" \
         profiles=\"urn:mpeg:dash:profile:isoff-main:2011\" type=\"static\" \
         mediaPresentationDuration=\"PT{:.3}S\" minBufferTime=\"PT2S\">\n<Period id=\"1\" start=\"PT0S\">\n",
        document.duration.as_seconds()
    );
    for (number, stream) in document.streams.iter().enumerate() {
        let mut parts = stream.mime.split(';');
        let (mime, codecs) = (parts.next().unwrap_or_default(), stream.mime.split('"').nth(1).unwrap_or_default());
        let _ = writeln!(
            text,
            "<AdaptationSet mimeType=\"{mime}\" segmentAlignment=\"true\" startWithSAP=\"1\">\n\
             <Representation id=\"{number}\" bandwidth=\"{}\" codecs=\"{codecs}\">\n\
             <SegmentList timescale=\"{}\">\n<Initialization sourceURL=\"{}\"/>\n<SegmentTimeline>",
            stream.bandwidth,
            stream.timescale.get(),
            stream.init.url
        );
        for chunk in &stream.chunks {
            let _ = writeln!(text, "<S t=\"{}\" d=\"{}\"/>", chunk.start.max(0), chunk.duration);
        }
        text.push_str("</SegmentTimeline>\n");
        for chunk in &stream.chunks {
            let _ = writeln!(text, "<SegmentURL media=\"{}\"/>", chunk.url);
        }
        text.push_str("</SegmentList>\n</Representation>\n</AdaptationSet>\n");
    }
    text.push_str("</Period>\n</MPD>\n");
    text
}

/// The programs and packages that are measured, where they have been built.
#[derive(Clone, Debug)]
pub struct Built {
    /// The splitter.
    pub splitter: PathBuf,
    /// The npm package, unpacked.
    pub package: PathBuf,
    /// Another build of it, unpacked, where that is measured, too.
    pub before: Option<PathBuf>,
    /// `node_modules` with the peers.
    pub npm: PathBuf,
    /// nginx.
    pub nginx: PathBuf,
}
