//! Playlists of a made-up manifest.

use manifest::{ChunkEntry, Digest, GroupIndex, InitEntry, Kind, MediaTime, SubtitlesEntry, Timescale, VERSION};

use super::*;

fn stream(name: &str, kind: Kind, mime: &str, start: i64) -> StreamEntry {
    let chunk = |number: u32, start| ChunkEntry {
        url: format!("1f/{name}/000{number}.mp4"),
        bytes: 700,
        sha256: Digest([0; 32]),
        start,
        duration: 3_500,
        groups: GroupIndex { bytes: vec![400, 200, 100], ticks: vec![(1_000, 2), (1_500, 1)] },
        fragments: None,
    };
    StreamEntry {
        kind,
        mime: mime.to_owned(),
        timescale: Timescale::new(1_000).expect("not zero"),
        bandwidth: 1_600,
        width: (kind == Kind::Video).then_some(640),
        height: (kind == Kind::Video).then_some(360),
        frame_rate: (kind == Kind::Video).then(|| "24000/1001".to_owned()),
        channels: (kind == Kind::Audio).then_some(2),
        sample_rate: (kind == Kind::Audio).then_some(48_000),
        language: None,
        label: None,
        default: true,
        set: None,
        open_gop: false,
        init: InitEntry { url: format!("1f/{name}/init.mp4"), bytes: 1, sha256: Digest([0; 32]), data: None },
        chunks: vec![chunk(1, start), chunk(2, start + 3_500)],
    }
}

fn document() -> Document {
    let audio = |name, language: &str| StreamEntry {
        language: Some(language.to_owned()),
        default: language == "en",
        ..stream(name, Kind::Audio, "audio/mp4; codecs=\"mp4a.40.2\"", -21)
    };
    Document {
        version: VERSION,
        id: "1f".to_owned(),
        name: Some("Cats & \"Dogs\"".to_owned()),
        duration: MediaTime::from_millis(7_000),
        streams: vec![
            stream("video-1", Kind::Video, "video/mp4; codecs=\"avc1.64001f\"", 0),
            audio("audio-1", "en"),
            audio("audio-2", "de"),
        ],
        subtitles: vec![SubtitlesEntry {
            url: "1f/subtitles-1.vtt".to_owned(),
            bytes: None,
            sha256: None,
            language: Some("en".to_owned()),
            label: None,
            default: false,
        }],
        thumbnails: None,
        chapters: Vec::new(),
    }
}

#[test]
fn a_master_names_what_can_be_chosen() {
    let master = hls::master(&document());
    let lines: Vec<_> = master.lines().collect();
    assert_eq!(
        lines,
        [
            "#EXTM3U",
            "#EXT-X-VERSION:7",
            "#EXT-X-INDEPENDENT-SEGMENTS",
            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"en\",LANGUAGE=\"en\",DEFAULT=NO,AUTOSELECT=YES,\
             URI=\"1f/subtitles-1.m3u8\"",
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio-1\",NAME=\"en\",LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT=YES,\
             CHANNELS=\"2\",URI=\"1f/audio-1.m3u8\"",
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio-1\",NAME=\"de\",LANGUAGE=\"de\",DEFAULT=NO,AUTOSELECT=YES,\
             CHANNELS=\"2\",URI=\"1f/audio-2.m3u8\"",
            "#EXT-X-STREAM-INF:BANDWIDTH=6468,AVERAGE-BANDWIDTH=3200,CODECS=\"avc1.64001f,mp4a.40.2\",\
             RESOLUTION=640x360,FRAME-RATE=23.976,AUDIO=\"audio-1\",SUBTITLES=\"subtitles\"",
            "1f/video-1.m3u8",
        ]
    );
}

#[test]
fn a_media_playlist_walks_through_the_chunks() {
    let playlists = in_cut(&document());
    let (name, text) = &playlists[0];
    assert_eq!(name, "video-1.m3u8");
    assert!(text.contains("#EXT-X-TARGETDURATION:2\n") && text.contains("#EXT-X-MAP:URI=\"video-1/init.mp4\"\n"));
    let second = "#EXTINF:1.000000,\n#EXT-X-BYTERANGE:200@400\nvideo-1/0001.mp4\n#EXTINF:1.500000,\n\
                  #EXT-X-BYTERANGE:100@600\nvideo-1/0001.mp4\n#EXTINF:1.000000,\n#EXT-X-BYTERANGE:400@0\nvideo-1/0002.mp4\n";
    assert!(text.contains(second), "{text}");
    assert!(text.ends_with("#EXT-X-ENDLIST\n"));
    let audio = &playlists[1].1;
    assert!(
        audio.contains("#EXT-X-MAP:URI=\"audio-1/init.mp4\"\n#EXTINF:0.979000,\n"),
        "priming takes no time: {audio}"
    );
    assert!(playlists[3].1.contains("#EXTINF:7.000000,\nsubtitles-1.vtt\n"), "{}", playlists[3].1);
}

#[test]
fn a_dash_timeline_begins_at_zero_and_has_a_line_for_each_segment() {
    let mpd = dash::mpd(&document());
    assert!(mpd.contains("<Title>Cats &amp; &quot;Dogs&quot;</Title>"));
    assert_eq!(mpd.matches("<SegmentURL ").count(), 3 * 6);
    assert!(mpd.contains("<SegmentURL media=\"video-1/0002.mp4\" mediaRange=\"400-599\"/>"));
    let video = "<S t=\"0\" d=\"1000\"/>\n<S d=\"1000\"/>\n<S d=\"1500\"/>";
    let audio = "<S t=\"0\" d=\"979\"/>\n<S d=\"1000\"/>\n<S d=\"1500\"/>";
    assert!(mpd.contains(video) && mpd.contains(audio), "{mpd}");
    assert!(mpd.contains("frameRate=\"24000/1001\"") && !mpd.contains(" r=\""));
}

#[test]
fn sound_alone_is_a_variant() {
    let mut document = document();
    document.streams.remove(0);
    document.subtitles.clear();
    let master = hls::master(&document);
    assert!(!master.contains("EXT-X-MEDIA:") && master.contains("CODECS=\"mp4a.40.2\"\n1f/audio-1.m3u8\n"), "{master}");
}

/// The film of [`document`] with two rungs below it, the lowest in another codec.
fn ladder() -> Document {
    let mut document = document();
    let rung =
        |name, mime: &str, bandwidth| StreamEntry { bandwidth, default: false, ..stream(name, Kind::Video, mime, 0) };
    document.streams.insert(1, rung("video-2", "video/mp4; codecs=\"avc1.64001e\"", 800));
    document.streams.insert(2, rung("video-3", "video/mp4; codecs=\"hvc1.1.6.L93.B0\"", 400));
    document.streams[..3].iter_mut().for_each(|stream| stream.set = Some(1));
    document
}

#[test]
fn every_rung_is_a_variant_the_highest_first() {
    let master = hls::master(&ladder());
    let variants: Vec<_> = master.lines().skip_while(|line| !line.starts_with("#EXT-X-STREAM-INF")).collect();
    let urls: Vec<_> = variants.iter().filter(|line| !line.starts_with('#')).copied().collect();
    assert_eq!(urls, ["1f/video-1.m3u8", "1f/video-2.m3u8", "1f/video-3.m3u8"]);
    assert!(variants[2].contains("AVERAGE-BANDWIDTH=2400,CODECS=\"avc1.64001e,mp4a.40.2\",RESOLUTION=640x360"));
    assert_eq!(master.matches("TYPE=AUDIO").count(), 2, "the sound is one group for all of them");
}

#[test]
fn rungs_of_a_codec_are_representations_of_one_adaptation_set() {
    let mpd = dash::mpd(&ladder());
    let sets: Vec<_> = mpd.split("<AdaptationSet").skip(1).collect();
    let representations = |set: &str| {
        let ids = set.split("<Representation id=\"").skip(1);
        ids.filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect::<Vec<_>>()
    };
    let all: Vec<_> = sets.iter().map(|set| representations(set)).collect();
    let expected = [vec!["video-1", "video-2"], vec!["video-3"], vec!["audio-1"], vec!["audio-2"], vec!["subtitles-1"]];
    assert_eq!(all, expected);
    let switching = |value| format!("adaptation-set-switching:2016\" value=\"{value}\"");
    assert!(sets[0].starts_with(" id=\"1\"") && sets[0].contains(&switching(2)), "{mpd}");
    assert!(sets[1].starts_with(" id=\"2\"") && sets[1].contains(&switching(1)), "{mpd}");
    assert!(sets[..2].iter().all(|set| set.contains("value=\"main\"")), "one film, whatever its codec");
    assert!(!sets[2].contains(" id=\"3\"") && !dash::mpd(&document()).contains("switching"));
}

#[test]
fn rungs_of_sound_go_with_rungs_of_pictures() {
    let mut document = ladder();
    let low = StreamEntry { default: false, bandwidth: 160, ..document.streams[3].clone() };
    let init = InitEntry { url: "1f/audio-3/init.mp4".to_owned(), ..low.init.clone() };
    document.streams[3].set = Some(2);
    document.streams.insert(4, StreamEntry { set: Some(2), init, ..low });
    let master = hls::master(&document);
    let media: Vec<_> = master.lines().filter(|line| line.contains("TYPE=AUDIO")).collect();
    let said = |line: &str, group: &str, uri: &str| {
        line.contains(&format!("GROUP-ID=\"{group}\"")) && line.ends_with(&format!("URI=\"1f/{uri}.m3u8\""))
    };
    assert_eq!(media.len(), 4, "{master}");
    assert!(said(media[0], "audio-1", "audio-1") && said(media[1], "audio-1", "audio-2"), "{master}");
    assert!(said(media[2], "audio-2", "audio-3") && said(media[3], "audio-2", "audio-2"), "{master}");
    assert!(
        media[0].contains("NAME=\"en\"") && media[2].contains("NAME=\"en\",LANGUAGE=\"en\",DEFAULT=YES"),
        "{master}"
    );
    let groups =
        master.lines().filter_map(|line| Some(line.split_once(",AUDIO=\"")?.1.split_once('"')?.0)).collect::<Vec<_>>();
    assert_eq!(groups, ["audio-1", "audio-1", "audio-2"], "high with high, low with low");

    document.streams.drain(1..3);
    document.streams[0].set = None;
    assert_eq!(
        hls::master(&document).matches("#EXT-X-STREAM-INF").count(),
        2,
        "every rung of sound is in some variant"
    );
}
