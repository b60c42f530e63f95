//! Films in other containers and codecs, by way of ffmpeg.

use std::fs;

use splitter::{Error, Options, Warning};

use crate::compare::{held, original, same_packets_as};
use crate::cut::Cut;
use crate::film::Film;

const AVC: &str = "video/mp4; codecs=\"avc1.4d400a\"";
const AAC: &str = "audio/mp4; codecs=\"mp4a.40.2\"";

/// Holds a cut against what ffmpeg makes of the film as a progressive MP4. Such containers count in milliseconds, so
/// pictures may begin a few of them late.
fn keeps(film: &Film, mimes: &[&str]) -> Cut {
    let cut = Cut::new(&film.path, "50kB");
    let copy = film.again("copy.mp4", "FILM -map 0:V -map 0:a? -c copy");
    let mut film = held(original(&copy.path));
    // They do not say how long packets last, and each reader makes up something else. Decode times say what counts.
    film.iter_mut().flat_map(|stream| &mut stream.packets).for_each(|packet| packet.duration = None);
    same_packets_as(&cut, &film, mimes);
    cut
}

#[test]
fn matroska_with_text() {
    let film = Film::new("film.mp4", "PICTURES TONE H264 -c:a aac");
    let srt = film.beside("text.srt");
    fs::write(&srt, "1\n00:00:01,000 --> 00:00:02,000\nHi\n").expect("writable");
    let recipe = format!("FILM -i {} -map 0 -map 1 -c copy -c:s srt -metadata:s:s language=ger", srt.display());
    let cut = keeps(&film.again("film.mkv", &recipe), &[AVC, AAC]);
    let [subtitles] = &cut.document().subtitles[..] else { panic!("one language") };
    assert_eq!(subtitles.language.as_deref(), Some("de"));
    let text = fs::read_to_string(cut.directory.path().join(&subtitles.url)).expect("there");
    // Matroska has moved the whole film so that the priming of its sound does not lie before zero.
    assert!(text.starts_with("WEBVTT\n") && text.contains("\n00:00:01.021 --> 00:00:02.021\nHi"), "{text}");
}

#[test]
fn webm() {
    let film =
        Film::new("film.webm", "PICTURES TONE -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 24 -c:a libopus");
    keeps(&film, &["video/mp4; codecs=\"vp09.00.10.08\"", "audio/mp4; codecs=\"opus\""]);
}

#[test]
fn transport_stream() {
    keeps(&Film::new("film.ts", "PICTURES TONE H264 -c:a aac"), &[AVC, AAC]);
}

#[test]
fn codecs_of_few_browsers_are_kept_with_a_warning() {
    let x265 = "-c:v libx265 -x265-params log-level=error:keyint=24";
    let film = Film::new("film.mkv", &format!("PICTURES TONE {x265} -c:a ac3"));
    let cut = keeps(&film, &["video/mp4; codecs=\"hvc1.1.6.L30.90\"", "audio/mp4; codecs=\"ac-3\""]);
    let warned = |name: &str| {
        let is_it = |warning: &&Warning| matches!(warning, Warning::Codec { stream, .. } if stream == name);
        cut.report.warnings.iter().find(is_it).expect("a warning").to_string()
    };
    assert!(warned("video-1").contains("Firefox") && warned("video-1").contains("--transcode"));
    assert!(warned("audio-1").contains("Chrome and Firefox"));
}

#[test]
fn what_no_browser_plays_is_coded_anew_where_that_is_wanted() {
    let film = Film::new("film.avi", "PICTURES TONE -c:v mpeg4 -g 72 -c:a ac3");
    let mut options = Options::new(&film.path, film.beside("out"));
    let refused = splitter::cut(&options, &()).expect_err("it may not be coded anew");
    assert!(matches!(&refused, Error::Codec { codec, .. } if codec == "mpeg4"), "{refused}");
    assert!(refused.to_string().contains("--transcode") && refused.to_string().contains("ffmpeg -i "));
    options.transcode = true;
    let cut = Cut::with(options);
    let [video, audio] = &cut.document().streams[..] else { panic!("two streams") };
    assert!(video.mime.contains("avc1.64") && audio.mime.contains("mp4a.40.2"), "{} {}", video.mime, audio.mime);
    let groups: usize = video.chunks.iter().map(|chunk| chunk.groups.bytes.len()).sum();
    assert_eq!(groups, 2, "3 s with a keyframe every 2 s");
    let packets = cut.packets();
    assert_eq!(packets[0].packets.len(), 72, "every picture");
}

#[test]
fn an_mp4_that_few_browsers_play_is_coded_anew_where_that_is_wanted() {
    let x265 = "-c:v libx265 -x265-params log-level=error:keyint=24 -tag:v hvc1";
    let film = Film::new("film.mp4", &format!("PICTURES TONE {x265} -c:a aac"));
    let mut options = Options::new(&film.path, "");
    options.transcode = true;
    let cut = Cut::with(options);
    assert!(cut.document().streams[0].mime.contains("avc1."));
    let sound = original(&film.path).pop().expect("sound");
    assert_eq!(
        cut.packets()[1].packets.iter().map(|p| &p.hash).collect::<Vec<_>>(),
        sound.packets.iter().map(|p| &p.hash).collect::<Vec<_>>(),
        "what every browser plays is copied"
    );
}

#[test]
fn what_ffmpeg_does_not_read_either_is_an_error() {
    let film = Film::new("film.mp4", "PICTURES H264");
    let note = film.beside("note.txt");
    fs::write(&note, "no film at all, just some words that stand where a film should be").expect("writable");
    let out = film.beside("out");
    let error = splitter::cut(&Options::new(&note, &out), &()).expect_err("no film");
    assert!(matches!(error, Error::Ffmpeg { .. }), "{error}");
    assert!(!out.exists(), "nothing is written");
}
