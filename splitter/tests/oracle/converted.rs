//! Films that go through ffmpeg: every packet of the film is in the cut, and ffmpeg decodes it without a complaint.

use std::path::Path;
use std::process::Command;

use splitter::verify::{Place, verify};
use splitter::{Error, Options, Stop};

use crate::cut::Cut;
use crate::film::Film;
use crate::program::output;

/// Kind and number of packets of every stream with pictures or sound, as ffprobe counts them.
pub(crate) fn counts(file: &Path) -> Vec<(String, u64)> {
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-count_packets", "-show_entries", "stream=codec_type,nb_read_packets"]);
    let text = output(ffprobe.args(["-of", "csv=p=0"]).arg(file));
    let text = String::from_utf8(text).expect("ASCII");
    // Streams of a transport stream are listed once more with their program.
    let mut lines: Vec<_> = text.lines().filter_map(|line| line.trim_end_matches(',').split_once(',')).collect();
    if file.extension().is_some_and(|ending| ending == "ts") {
        lines.truncate(lines.len() / 2);
    }
    let counts = lines.into_iter().filter(|(kind, _)| matches!(*kind, "video" | "audio"));
    counts.map(|(kind, count)| (kind.to_owned(), count.parse().expect("a number"))).collect()
}

/// What ffmpeg says while it decodes a file.
pub(crate) fn complaints(file: &Path) -> String {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-i"]).arg(file).args(["-map", "0", "-f", "null", "-"]);
    let said = ffmpeg.output().expect("it starts").stderr;
    // Rounded to a frame, times may meet; that is no matter of the film.
    let lines = String::from_utf8_lossy(&said);
    lines.lines().filter(|line| !line.starts_with("[null @")).collect::<Vec<_>>().join("\n")
}

/// Cuts a film and counts what came of it.
fn packets_are_kept(film: &Film) -> Cut {
    let cut = Cut::new(&film.path, "2MB");
    let mut of_cut = Vec::new();
    for stream in &cut.document().streams {
        of_cut.extend(counts(&cut.whole(stream)));
    }
    let mut of_film = counts(&film.path);
    of_film.sort();
    of_cut.sort();
    assert_eq!(of_cut, of_film, "{}", film.path.display());
    let place = Place::Directory(cut.directory.path().to_owned());
    let verdict = verify(&place, &(), &Stop::default()).expect("it can be read");
    assert_eq!(verdict.findings, []);
    cut
}

/// As [`packets_are_kept`], and decodes all of it.
fn decodes(film: &Film) {
    let cut = packets_are_kept(film);
    for stream in &cut.document().streams {
        assert_eq!(complaints(&cut.whole(stream)), "", "{}", film.path.display());
    }
}

/// As [`decodes`], for a film that is made for it.
fn keeps(name: &str, recipe: &str) {
    decodes(&Film::new(name, recipe));
}

/// Pictures that cost little, with a keyframe every so many.
fn pictures(rate: u32, seconds: u32, group: u32) -> String {
    format!(
        "-f lavfi -i testsrc2=s=64x36:r={rate}:d={seconds} -c:v libx264 -preset ultrafast -g {group} -keyint_min {group} \
         -x264-params scenecut=0"
    )
}

const MINUTES: &str = "-f lavfi -i sine=r=48000:d=200";

#[test]
fn minutes_of_sound_alone() {
    let opus = Film::new("sound.ogg", &format!("{MINUTES} -c:a libopus -b:a 8k -compression_level 0"));
    decodes(&opus);
    for name in ["sound.webm", "sound.mka"] {
        decodes(&opus.again(name, "FILM -c copy"));
    }
    keeps("sound.aac", &format!("{MINUTES} -c:a aac -b:a 16k"));
    keeps("sound.flac", "-f lavfi -i sine=r=8000:d=200 -c:a flac");
    keeps("sound.mp3", &format!("{MINUTES} -c:a libmp3lame -b:a 32k"));
}

#[test]
fn sound_that_outlasts_its_pictures() {
    let aac = "-map 0 -map 1 -c:a aac -b:a 16k";
    keeps("film.mkv", &format!("{MINUTES} {} {aac}", pictures(24, 3, 24)));
    keeps("film.ts", &format!("{MINUTES} {} {aac}", pictures(24, 3, 24)));
}

#[test]
fn long_groups() {
    keeps("film.mkv", &pictures(30, 170, 2_400));
    keeps("film.mkv", &pictures(60, 60, 3_600));
    keeps("film.flv", &format!("-f lavfi -i sine=d=90 {} -c:a aac -b:a 16k", pictures(30, 90, 2_700)));
    keeps("film.avi", &pictures(30, 90, 2_700));
}

#[test]
fn long_groups_with_many_tracks() {
    let tone = |hertz: u32| format!("-f lavfi -i sine=f={hertz}:d=80");
    let tracks = "-map 0 -map 1 -map 2 -map 3 -c:a aac -b:a 16k";
    keeps("film.mkv", &format!("{} {} {} {} {tracks}", tone(440), tone(550), tone(660), pictures(30, 80, 1_200)));
}

#[test]
fn an_hour() {
    let minute =
        Film::new("minute.mkv", &format!("-f lavfi -i sine=r=16000:d=60 {} -c:a aac -b:a 16k", pictures(30, 60, 60)));
    let looped = format!("-stream_loop 59 -i {} -map 0 -c copy", minute.path.display());
    let hour = Film::new("hour.mkv", &looped);
    let cut = packets_are_kept(&hour);
    assert!((3_599.0..3_603.0).contains(&cut.document().duration.as_seconds()), "{}", cut.document().duration);
}

#[test]
fn what_is_coded_anew_is_as_long() {
    let film =
        Film::new("film.avi", "-f lavfi -i testsrc2=s=64x36:r=25:d=20 -f lavfi -i sine=d=20 -c:v mpeg4 -c:a ac3");
    let mut options = Options::new(&film.path, "");
    options.transcode = true;
    let cut = Cut::with(options);
    assert_eq!(counts(&cut.whole(&cut.document().streams[0])), [("video".to_owned(), 500)]);
    assert!((20.0..20.1).contains(&cut.document().duration.as_seconds()), "{}", cut.document().duration);
}

/// Pictures of which libx264 takes the size only with a line more.
#[test]
fn odd_sizes_are_coded_anew() {
    let film =
        Film::new("film.mkv", "-f lavfi -i testsrc2=s=160x90:r=24:d=1,crop=159:89:exact=1 -c:v ffv1 -pix_fmt yuv444p");
    let mut options = Options::new(&film.path, "");
    options.transcode = true;
    let cut = Cut::with(options);
    let pictures = cut.whole(&cut.document().streams[0]);
    assert_eq!((counts(&pictures), complaints(&pictures)), (vec![("video".to_owned(), 24)], String::new()));
}

/// A film in which the stream of `second` goes on where that of `first` ends, as when a program is streamed and its encoder is
/// set anew.
fn joined_flv(first: &Film, second: &Film) -> Film {
    let tags = |bytes: &[u8]| {
        let (mut tags, mut at) = (Vec::new(), 13);
        while at + 11 <= bytes.len() {
            let length = u32::from_be_bytes([0, bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize;
            tags.push(bytes[at..at + 11 + length + 4].to_vec());
            at += 11 + length + 4;
        }
        tags
    };
    first.edited("joined.flv", |bytes| {
        let more = tags(&std::fs::read(&second.path).expect("readable"));
        // Of the second, what is no script; its times go on where those of the first end.
        let later = more.into_iter().filter(|tag| tag[0] != 18).flat_map(|mut tag| {
            let time = u32::from_be_bytes([tag[7], tag[4], tag[5], tag[6]]) + 3_021;
            let [high, rest @ ..] = time.to_be_bytes();
            tag[4..7].copy_from_slice(&rest);
            tag[7] = high;
            tag
        });
        bytes.into_iter().chain(later.collect::<Vec<_>>()).collect()
    })
}

#[test]
fn settings_that_change_on_the_way() {
    let first = Film::new("film.flv", "PICTURES TONE H264 -c:a aac");
    let second = Film::new(
        "film.flv",
        "PICTURES TONE -c:v libx264 -preset ultrafast -profile:v high -x264-params 8x8dct=1 -c:a aac",
    );
    let again = Cut::new(&joined_flv(&first, &first).path, "2MB");
    assert_eq!(counts(&again.whole(&again.document().streams[0])), [("video".to_owned(), 144)]);
    let film = joined_flv(&first, &second);
    let mut options = Options::new(&film.path, film.beside("out"));
    let refused = splitter::cut(&options, &()).map(|report| report.document.duration);
    let Err(error @ Error::Changes { .. }) = refused else { panic!("{refused:?}") };
    assert!(error.to_string().contains("at 3.0 s") && error.to_string().contains("--transcode"), "{error}");
    options.transcode = true;
    let cut = Cut::with(options);
    let pictures = cut.whole(&cut.document().streams[0]);
    let came = counts(&pictures)[0].1;
    assert!((143..=148).contains(&came), "{came} of 144 pictures");
    assert_eq!(complaints(&pictures), "");
}

/// Two files of MP3, put together.
#[test]
fn mp3_whose_rate_changes() {
    let part = |rate: u32| {
        let recipe = format!("-f lavfi -i sine=f=440:d=2:r={rate} -c:a libmp3lame -write_xing 0 -id3v2_version 0");
        Film::new("part.mp3", &recipe)
    };
    let second = std::fs::read(&part(32_000).path).expect("readable");
    let film = part(48_000).edited("joined.mp3", |bytes| [bytes, second].concat());
    let mut options = Options::new(&film.path, film.beside("out"));
    let refused = splitter::cut(&options, &()).map(|report| report.document.duration);
    let Err(error @ Error::Changes { .. }) = refused else { panic!("{refused:?}") };
    assert!(error.to_string().contains("at 2.0 s"), "{error}");
    options.transcode = true;
    let cut = Cut::with(options);
    assert!((4.0..4.3).contains(&cut.document().duration.as_seconds()), "{}", cut.document().duration);
    assert_eq!(complaints(&cut.whole(&cut.document().streams[0])), "");
}

/// Sound of a transport stream, 3 s of it with other settings than 3 s before: a broadcast goes from one program to the next.
#[test]
fn sound_whose_settings_change_in_a_transport_stream() {
    let part = |name: &str, sound: &str, start: u32| {
        let recipe = format!("PICTURES -f lavfi -i sine=f=440:d=3:{sound} H264 -c:a aac -output_ts_offset {start}");
        Film::new(name, &recipe)
    };
    let first = part("first.ts", "r=48000 -ac 2", 0);
    for (what, second) in
        [("the same", "r=48000 -ac 2"), ("the rate", "r=32000 -ac 2"), ("the channels", "r=48000 -ac 1")]
    {
        let second = part("second.ts", second, 3);
        // ffmpeg counts the packets of both on, as a multiplexer does.
        let joined = format!("-i concat:{}|{} -map 0 -c copy", first.path.display(), second.path.display());
        let film = Film::new("joined.ts", &joined);
        if what == "the same" {
            packets_are_kept(&film);
            continue;
        }
        let mut options = Options::new(&film.path, film.beside("out"));
        for keep_going in [false, true] {
            options.keep_going = keep_going;
            let refused = splitter::cut(&options, &()).map(|report| report.document.duration);
            let Err(error @ Error::Changes { track: 1, .. }) = refused else { panic!("{what}: {refused:?}") };
            assert!(error.to_string().contains("at 3.0 s") && error.to_string().contains("--transcode"), "{error}");
        }
        (options.keep_going, options.transcode) = (false, true);
        let cut = Cut::with(options);
        let sound = cut.whole(cut.document().streams.last().expect("its sound"));
        assert_eq!(complaints(&sound), "", "{what}");
        // A tone crosses zero twice in each of its periods, in the second half as in the first.
        let (of_film, of_cut) = (crossings(&film.path), crossings(&sound));
        assert!((5_100..5_500).contains(&of_cut) && of_cut.abs_diff(of_film) < 100, "{what}: {of_cut}, {of_film}");
    }
}

/// How often the sound of a file crosses zero.
fn crossings(file: &Path) -> usize {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-i"]).arg(file);
    let samples = output(ffmpeg.args(["-vn", "-ac", "1", "-ar", "16000", "-f", "s16le", "-"]));
    let is_below = |sample: &[u8]| sample[1] & 0x80 != 0;
    let signs: Vec<_> = samples.chunks_exact(2).map(is_below).collect();
    signs.windows(2).filter(|pair| pair[0] != pair[1]).count()
}
