//! Rungs: several files of one film, whose groups begin at the same times.

use std::process::Command;

use manifest::{Kind, MediaTime, StreamEntry};
use splitter::verify::{Place, verify};
use splitter::{Error, NoRung, Options, Stop};

use crate::compare::{equal, original};
use crate::cut::Cut;
use crate::film::Film;
use crate::packets::{Packets, Seconds};
use crate::program::output;

/// Half as large, with a keyframe wherever the film has one.
const HALF: &str = "FILM -an -vf scale=80:46,setsar=1 -c:v libx264 -preset ultrafast -b:v 30k -bf 2 -g 1000 -sc_threshold 0 \
                    -force_key_frames source";

fn film() -> Film {
    Film::new("film.mp4", "PICTURES TONE H264 -c:a aac")
}

fn options(film: &Film, rungs: &[&Film]) -> Options {
    let mut options = Options::new(&film.path, "");
    options.chunk_size = "50kB".parse().expect("a size");
    options.rungs = rungs.iter().map(|rung| rung.path.clone()).collect();
    options
}

/// Why a file is no rung of a film.
fn refused(film: &Film, rung: &Film) -> NoRung {
    let out = tempfile::TempDir::new().expect("a directory");
    let options = Options { out: out.path().to_owned(), ..options(film, &[rung]) };
    match splitter::cut(&options, &()) {
        Err(Error::NoRung { path, cause }) => {
            assert_eq!(path, rung.path);
            cause
        }
        other => panic!("{other:?}"),
    }
}

/// Cuts a film with rungs; when the groups of each stream of pictures begin, as ffprobe reads their keyframes. Everything of the
/// film and of its rungs is there, and `verify` finds nothing.
fn starts(film: &Film, rungs: &[&Film]) -> (Cut, Vec<Vec<Seconds>>) {
    let cut = Cut::with(options(film, rungs));
    let packets = cut.packets();
    let pictures = cut.document().streams.iter().zip(&packets).filter(|(stream, _)| stream.kind == Kind::Video);
    for (stream, read) in pictures {
        // Streams are named as the files came.
        let file = if is_film(stream) { film } else { rungs[usize::from(stream.init.url.contains("video-3"))] };
        equal(&read.packets, &original(&file.path)[0].packets, stream);
    }
    let starts = group_starts(&cut, &packets);
    (cut, starts)
}

/// Whether a stream of pictures is the film's own.
fn is_film(stream: &StreamEntry) -> bool {
    stream.init.url.contains("/video-1/")
}

/// When the groups of each stream of pictures begin: each at a keyframe. `verify` finds nothing, and one ladder.
fn group_starts(cut: &Cut, packets: &[Packets]) -> Vec<Vec<Seconds>> {
    let verdict = verify(&Place::Directory(cut.directory.path().to_owned()), &(), &Stop::default());
    let verdict = verdict.expect("a manifest");
    assert_eq!((verdict.findings, verdict.ladders.len()), (Vec::new(), 1));
    let mut starts = Vec::new();
    for (stream, read) in cut.document().streams.iter().zip(packets).filter(|(stream, _)| stream.kind == Kind::Video) {
        let mut begin = stream.chunks[0].start;
        let mut of_stream = Vec::new();
        for (ticks, run) in stream.chunks.iter().flat_map(|chunk| chunk.groups.ticks.clone()) {
            for _ in 0..run {
                let start = Seconds::new(begin, stream.timescale.get());
                let is_there = read.packets.iter().any(|packet| packet.is_key && packet.presentation == start);
                assert!(is_there, "a keyframe at {begin}");
                of_stream.push(start);
                begin += i64::try_from(ticks).expect("short");
            }
        }
        starts.push(of_stream);
    }
    starts
}

/// A cut with rungs of that height made of the film, and when the groups of its pictures begin. Every picture is shown when the
/// film's is, and the film itself is as it was.
fn made(film: &Film, height: &str) -> (Cut, Vec<Vec<Seconds>>) {
    let mut options = options(film, &[]);
    options.ladder = Some(height.parse().expect("a height"));
    options.ladder_preset = "ultrafast".to_owned();
    let cut = Cut::with(options);
    let packets = cut.packets();
    let times = |packets: &Packets| {
        let mut times: Vec<_> = packets.packets.iter().map(|packet| packet.presentation).collect();
        times.sort_unstable();
        times
    };
    let alone = Cut::new(&film.path, "50kB").packets();
    let streams = &cut.document().streams;
    let own = streams.iter().position(is_film).expect("the film's own");
    let hashes = |packets: &Packets| packets.packets.iter().map(|packet| packet.hash.clone()).collect::<Vec<_>>();
    assert_eq!(hashes(&packets[own]), hashes(&alone[0]), "the film is copied");
    for (stream, read) in streams.iter().zip(&packets).filter(|(stream, _)| stream.kind == Kind::Video) {
        assert_eq!(times(read), times(&alone[0]), "{}", stream.init.url);
    }
    let starts = group_starts(&cut, &packets);
    (cut, starts)
}

#[test]
fn groups_of_all_rungs_begin_together() {
    let film = film();
    let half = film.again("half.mp4", HALF);
    let (cut, starts) = starts(&film, &[&half]);
    assert_eq!(starts.len(), 2);
    assert_eq!(starts[0], [0, 1, 2].map(|second| Seconds::new(second, 1)));
    assert_eq!(starts[0], starts[1]);
    let streams = &cut.document().streams;
    let said: Vec<_> = streams.iter().map(|stream| (stream.kind, stream.set, stream.default, stream.width)).collect();
    assert_eq!(
        said,
        [
            (Kind::Video, Some(1), true, Some(160)),
            (Kind::Video, Some(1), false, Some(80)),
            (Kind::Audio, None, true, None)
        ]
    );
    assert!(streams[0].bandwidth > streams[1].bandwidth);
    assert_eq!(cut.document().duration, MediaTime::from_millis(3_000));
}

#[test]
fn groups_begin_where_all_have_a_keyframe_and_the_highest_rate_comes_first() {
    // A keyframe every second and every half second, and one every one and a half: they share none but the first and the last.
    let film = Film::new("film.mp4", "PICTURES H264");
    let more = film.again(
        "more.mp4",
        "FILM -vf scale=80:46,setsar=1 -c:v libx264 -preset ultrafast -g 12 -keyint_min 12 -sc_threshold 0",
    );
    let larger =
        film.again("larger.mp4", "FILM -c:v libx264 -preset ultrafast -qp 20 -g 24 -keyint_min 24 -sc_threshold 0");
    let (cut, starts) = starts(&film, &[&more, &larger]);
    let seconds = [0, 1, 2].map(|second| Seconds::new(second, 1));
    assert!(starts.iter().all(|of_rung| *of_rung == seconds), "{starts:?}");
    let widths: Vec<_> = cut.document().streams.iter().map(|stream| stream.width).collect();
    assert_eq!(widths, [Some(160), Some(160), Some(80)]);
    assert!(cut.document().streams[0].init.url.contains("video-3"), "the film itself is not the highest");
    assert!(cut.document().streams[0].default && !cut.document().streams[1].default);
}

#[test]
fn pictures_that_begin_behind_the_sound_begin_so_in_every_rung() {
    let film =
        Film::new("film.mp4", "-itsoffset 0.25 PICTURES TONE -map 0:v -map 1:a -fps_mode passthrough H264 -c:a aac");
    let half = film.again("half.mp4", &format!("{HALF} -fps_mode passthrough"));
    let cut = Cut::with(options(&film, &[&half]));
    let packets = cut.packets();
    let keys = |at: usize| {
        let keys = packets[at].packets.iter().filter(|packet| packet.is_key);
        keys.map(|packet| packet.presentation).collect::<Vec<_>>()
    };
    assert_eq!(keys(0), [Seconds::new(0, 1), Seconds::new(5, 4), Seconds::new(9, 4)]);
    assert_eq!(keys(0), keys(1));
}

#[test]
fn another_film_is_refused_with_the_difference() {
    let film = film();
    let shorter = film.again("shorter.mp4", &format!("FILM -t 2.5 {}", HALF.trim_start_matches("FILM ")));
    assert_eq!(refused(&film, &shorter), NoRung::Length { seconds: 2.5, film: 3.0 });
    let faster = film.again("faster.mp4", "FILM -r 25 H264 -an");
    let cause = refused(&film, &faster);
    assert!(cause.to_string().starts_with("it has 25.00") && cause.to_string().contains("the film 24.000"), "{cause}");
    let sound = film.again("sound.mp4", "FILM -vn -c:a copy");
    assert_eq!(refused(&film, &sound), NoRung::NoPictures);
}

#[test]
fn too_few_keyframes_in_common_are_refused_with_what_makes_more() {
    let film = Film::new("film.mp4", "-f lavfi -i testsrc2=s=160x90:r=24:d=8 H264");
    let other = film.again("other.mp4", "FILM -an -vf scale=80:46,setsar=1 -c:v libx264 -preset ultrafast -g 1000");
    let cause = refused(&film, &other);
    assert!(matches!(cause, NoRung::Keyframes { shared: 1, of: 8, .. }), "{cause:?}");
    let said = cause.to_string();
    assert!(said.contains("scale=-2:46") && said.contains("-force_key_frames source"), "{said}");
    // What it says is true.
    let command = said.rsplit(": ").next().expect("a command").replace(" film.mp4", " ");
    let recipe = command.trim_start_matches("ffmpeg").replace(&format!("-i {}", film.path.display()), "FILM");
    let fits = film.again("fits.mp4", recipe.trim());
    let (_, starts) = starts(&film, &[&fits]);
    assert_eq!(starts[0], starts[1]);
    assert_eq!(starts[0].len(), 8);
}

#[test]
fn rungs_are_made_with_the_keyframes_of_the_film() {
    let film = film();
    let (cut, starts) = made(&film, "48p,24p");
    assert_eq!(starts, vec![[0, 1, 2].map(|second| Seconds::new(second, 1)).to_vec(); 3]);
    let sizes: Vec<_> = cut.document().streams.iter().map(|stream| (stream.width, stream.height)).collect();
    assert_eq!(sizes, [(Some(160), Some(90)), (Some(86), Some(48)), (Some(42), Some(24)), (None, None)]);
}

#[test]
fn a_film_that_few_browsers_play_gets_a_rung_that_all_do() {
    // Open groups of H.265, whose pictures may come before the one that decoding starts at.
    let hevc = Film::new(
        "hevc.mp4",
        "PICTURES -c:v libx265 -preset ultrafast -x265-params keyint=24:min-keyint=24:scenecut=0:open-gop=1:log-level=none -tag:v hvc1",
    );
    let av1 = Film::new("av1.mp4", "PICTURES -c:v libsvtav1 -preset 12 -g 24");
    for (film, codec) in [(hevc, "hvc1"), (av1, "av01")] {
        let (cut, starts) = made(&film, "48p");
        assert_eq!(starts[0], starts[1], "{codec}");
        assert!(starts[0].len() >= 3, "{codec}: {starts:?}");
        let streams = &cut.document().streams;
        assert_eq!(cut.report.warnings, [], "a browser without {codec} plays the rung");
        let mimes = [&streams[0].mime, &streams[1].mime];
        assert!(
            mimes.iter().any(|mime| mime.contains(codec)) && mimes.iter().any(|mime| mime.contains("avc1.")),
            "{mimes:?}"
        );
    }
}

#[test]
fn rungs_are_made_of_films_that_begin_late_or_have_no_even_rate() {
    let late =
        Film::new("late.mp4", "-itsoffset 0.25 PICTURES TONE -map 0:v -map 1:a -fps_mode passthrough H264 -c:a aac");
    let uneven = "-vf select='mod(n\\,5)*mod(n\\,7)' -fps_mode passthrough H264 -bf 3";
    let uneven = Film::new("uneven.mp4", &format!("PICTURES {uneven}"));
    let milliseconds = film().again("film.mkv", "FILM -c copy");
    for film in [late, uneven, milliseconds] {
        let (_, starts) = made(&film, "48p");
        assert_eq!(starts[0], starts[1], "{:?}", film.path);
        assert!(starts[0].len() >= 3, "{starts:?}");
    }
}

#[test]
fn rungs_on_another_clock_are_brought_to_that_of_the_film() {
    // Keyframes at no whole millisecond.
    let odd = "-f lavfi -i testsrc2=s=160x90:r=24000/1001:d=8 H264 -g 25";
    let (exact, rounded) =
        (Film::new("exact.mp4", odd), Film::new("exact.mp4", odd).again("rounded.mkv", "FILM -c copy"));
    let half = exact.again(
        "half.mp4",
        &format!("{HALF} -fps_mode passthrough -enc_time_base 1:90000 -video_track_timescale 90000"),
    );
    let half_of_rounded = exact.again("half.mkv", HALF);
    for (film, rung) in [(&exact, &half), (&rounded, &half), (&exact, &half_of_rounded), (&rounded, &half_of_rounded)] {
        let cut = Cut::with(options(film, &[rung]));
        let packets = cut.packets();
        let starts = group_starts(&cut, &packets);
        assert_eq!(starts[0], starts[1], "{:?} {:?}", film.path, rung.path);
        assert_eq!(starts[0].len(), 8);
        // The film is as it would be without, and no picture of the rung is a millisecond and a half from its time.
        let alone = &Cut::new(&film.path, "50kB").packets()[0];
        assert_eq!(packets[0].packets, alone.packets);
        let shown = |packets: &Packets| {
            let mut times: Vec<_> = packets.packets.iter().map(|packet| packet.presentation.as_f64()).collect();
            times.sort_unstable_by(f64::total_cmp);
            times
        };
        let (of_film, of_rung) = (shown(alone), shown(&packets[1]));
        assert_eq!(of_film.len(), of_rung.len());
        let apart = of_film.iter().zip(&of_rung).map(|(one, other)| (one - other).abs()).fold(0.0, f64::max);
        assert!(apart < 0.0016, "{apart}");
    }
}

#[test]
fn what_is_said_of_the_film_holds_for_its_rungs() {
    let film = Film::new("film.mp4", "PICTURES H264 -metadata:s:v:0 language=deu");
    let (cut, _) = made(&film, "48p");
    let languages: Vec<_> = cut.document().streams.iter().map(|stream| stream.language.as_deref()).collect();
    assert_eq!(languages, [Some("de"), Some("de")]);
}

#[test]
fn sound_has_rungs_of_its_own_whose_frames_stand_where_its_own_do() {
    let film = Film::new(
        "film.mp4",
        "-f lavfi -i aevalsrc=random(0)*0.2|random(1)*0.2:s=48000:d=9 -f lavfi -i aevalsrc=random(2)*0.2:s=44100:d=9 \
         -map 0 -map 1 -c:a aac -b:a:0 192k -b:a:1 128k -metadata:s:a:0 language=eng -metadata:s:a:1 language=jpn",
    );
    let mut options = options(&film, &[]);
    options.chunk_size = "500kB".parse().expect("a size");
    options.audio_ladder = ["96k", "48k"].map(|rate| rate.parse().expect("a rate")).to_vec();
    let cut = Cut::with(options);
    let verdict =
        verify(&Place::Directory(cut.directory.path().to_owned()), &(), &Stop::default()).expect("a manifest");
    assert_eq!((verdict.findings, verdict.ladders.len()), (Vec::new(), 2));
    let streams = &cut.document().streams;
    let said: Vec<_> = streams.iter().map(|stream| (stream.set, stream.language.as_deref(), stream.default)).collect();
    let (english, japanese) = (Some("en"), Some("ja"));
    assert_eq!(said[..3], [(Some(1), english, true), (Some(1), english, false), (Some(1), english, false)]);
    // The second has too few bits for a rung of 96 kbit/s.
    assert_eq!(said[3..], [(Some(2), japanese, false), (Some(2), japanese, false)]);
    let packets = cut.packets();
    for (own, rung) in [(0, 1), (0, 2), (3, 4)] {
        let times = |at: usize| packets[at].packets.iter().map(|packet| packet.presentation).collect::<Vec<_>>();
        let (own, rung) = (times(own), times(rung));
        assert_eq!(own[..own.len() - 2], rung[..own.len() - 2], "every frame but for the last");
    }
    assert!(streams[0].chunks[0].groups.bytes.len() >= 4, "a group of sound has two seconds");
}

#[test]
fn sound_that_is_no_aac_has_rungs_where_frames_of_both_begin_together() {
    let sound = "-f lavfi -i aevalsrc=random(0)*0.2:s=48000:d=5 -b:a 192k";
    let with = |film: &Film| {
        let mut options = options(film, &[]);
        options.chunk_size = "500kB".parse().expect("a size");
        options.audio_ladder = vec!["48k".parse().expect("a rate")];
        options
    };
    // 1,536 samples to a frame, so that every second one begins with one of AAC.
    let cut = Cut::with(with(&Film::new("film.mp4", &format!("{sound} -c:a ac3"))));
    let verdict =
        verify(&Place::Directory(cut.directory.path().to_owned()), &(), &Stop::default()).expect("a manifest");
    assert_eq!((verdict.findings, verdict.ladders.len()), (Vec::new(), 1));
    // Those of Opus begin where its decoder says.
    let opus = Film::new("film.mp4", &format!("{sound} -c:a libopus"));
    let out = tempfile::TempDir::new().expect("a directory");
    let error = splitter::cut(&Options { out: out.path().to_owned(), ..with(&opus) }, &()).expect_err("no rung");
    assert!(matches!(error, Error::NoRung { cause: NoRung::Frames { .. }, .. }), "{error}");
}

#[test]
fn a_wide_range_of_light_becomes_what_every_browser_shows() {
    let film = Film::new(
        "film.mp4",
        "PICTURES -c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 \
         -colorspace bt2020nc -tag:v hvc1 -x265-params \
         keyint=24:min-keyint=24:scenecut=0:log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
    );
    let (cut, _) = made(&film, "48p");
    let rung = cut.document().streams.iter().find(|stream| stream.mime.contains("avc1")).expect("H.264");
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-of", "csv=p=0", "-show_entries"]);
    ffprobe.arg("stream=pix_fmt,color_space,color_transfer,color_primaries").arg(cut.whole(rung));
    let said = String::from_utf8(output(&mut ffprobe)).expect("UTF-8");
    assert_eq!(said.trim(), "yuv420p,bt709,bt709,bt709");
}
