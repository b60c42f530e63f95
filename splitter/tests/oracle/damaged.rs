//! Films of other containers that are cut off or damaged: refused with how much of them came, and published as far as they
//! go where that is wanted.

use std::fs;
use std::path::Path;

use splitter::verify::{Place, verify};
use splitter::{Error, Options, Stop, Warning};

use crate::boxes::split;
use crate::converted::{complaints, counts};
use crate::cut::Cut;
use crate::film::Film;

/// Cuts a film of which something is missing; what is said of that.
fn loses(film: &Film, what: &str) -> String {
    let mut options = Options::new(&film.path, film.beside("out"));
    let refused = splitter::cut(&options, &()).map(|report| report.document.duration);
    let Err(Error::Incomplete { loss, .. }) = refused else { panic!("{what}: {refused:?}") };
    options.keep_going = true;
    let cut = Cut::with(options);
    let warned = |warning: &Warning| matches!(warning, Warning::Incomplete { loss: other } if *other == loss);
    assert!(cut.report.warnings.iter().any(warned), "{what}: {:?}", cut.report.warnings);
    let manifest = fs::read(cut.directory.path().join("manifest.json")).expect("published");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("JSON");
    assert!(manifest["report"][0].as_str().is_some_and(|report| report.contains(&loss.to_string())), "{what}");
    let verdict = verify(&Place::Directory(cut.directory.path().to_owned()), &(), &Stop::default()).expect("readable");
    // The last sample may be cut off, too.
    assert!(matches!(verdict.report.len(), 1 | 2) && verdict.findings.is_empty(), "{what}: {verdict:?}");
    let mut came: Vec<_> = cut.document().streams.iter().flat_map(|stream| counts(&cut.whole(stream))).collect();
    came.sort();
    let mut is_there = counts(&film.path);
    is_there.sort();
    for stream in &cut.document().streams {
        assert_eq!(
            complaints(&cut.whole(stream)),
            "",
            "{what}: one packet that cannot be decoded ends the film in Chromium"
        );
    }
    // What lies behind the damage is not always a packet for both.
    assert_eq!(came.len(), is_there.len(), "{what}");
    for ((_, came), (_, is_there)) in came.iter().zip(&is_there) {
        assert!(came.abs_diff(*is_there) <= 3, "{what}: {came} of {is_there} packets");
    }
    loss.to_string()
}

/// A film in several containers, whole. Each is cut without a word of loss.
fn films() -> Vec<Film> {
    let film = Film::new("film.mp4", "PICTURES TONE H264 -c:a aac");
    let mut films: Vec<_> =
        ["film.mkv", "film.ts", "film.flv", "film.avi"].iter().map(|name| film.again(name, "FILM -c copy")).collect();
    let vp9 = "PICTURES TONE -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 24 -c:a libopus";
    films.push(Film::new("film.webm", vp9));
    films.push(Film::new("sound.ogg", "TONE -c:a libopus"));
    films.push(Film::new("sound.flac", "TONE -c:a flac"));
    films.push(film.again("live.mkv", "FILM -c copy -live 1"));
    films
}

fn name(film: &Path) -> String {
    film.file_name().expect("a name").to_string_lossy().into_owned()
}

#[test]
fn half_a_download() {
    for film in films() {
        let name = name(&film.path);
        let whole = Cut::new(&film.path, "1MB");
        let is_loss = |warning: &&Warning| matches!(warning, Warning::Incomplete { .. } | Warning::Ffmpeg { .. });
        assert_eq!(whole.report.warnings.iter().find(is_loss), None, "{name}");
        // Within a packet of a transport stream, 188 bytes each, and within whatever it is elsewhere.
        let half = film.edited(&name, |bytes| bytes[..bytes.len() / 2 / 188 * 188 + 100].to_vec());
        let said = loses(&half, &name);
        assert!(said.contains(" s can be read ("), "{name}: {said}");
        if matches!(name.as_str(), "film.mkv" | "film.webm" | "film.flv" | "sound.flac") {
            assert!(said.starts_with("only 1.") && said.contains(" of 3."), "{name}: {said}");
        }
    }
}

#[test]
fn damage_in_the_middle() {
    for film in films() {
        let name = name(&film.path);
        if matches!(name.as_str(), "sound.flac") {
            // Frames of FLAC are found by their beginning alone: what is lost shows as a shorter film.
            continue;
        }
        let hole = film.edited(&name, |bytes| {
            let (first, last) = (bytes.len() * 2 / 5, bytes.len() / 2);
            [&bytes[..first], &bytes[last..]].concat()
        });
        let mut options = Options::new(&hole.path, hole.beside("out"));
        let refused = splitter::cut(&options, &()).map(|report| report.document.duration);
        assert!(matches!(refused, Err(Error::Incomplete { .. })), "{name}: {refused:?}");
        options.keep_going = true;
        let report = splitter::cut(&options, &()).unwrap_or_else(|error| panic!("{name}: {error}"));
        // Pictures that others of their group are missing for end the film in Chromium.
        let left_out =
            |warning: &Warning| matches!(warning, Warning::Undecodable { why, .. } if why.contains("missing"));
        if matches!(name.as_str(), "film.ts" | "film.flv") {
            assert!(report.warnings.iter().any(left_out), "{name}: {:?}", report.warnings);
        }
    }
}

/// As the film that was found published as whole.
#[test]
fn five_seconds_of_which_three_came() {
    let films = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/films");
    let film = Film::new("film.mkv", "TONE -c:a aac")
        .edited("film.mkv", |_| fs::read(Path::new(films).join("cut_off.mkv")).expect("it is in the repository"));
    let said = loses(&film, "cut_off.mkv");
    assert_eq!(said, "only 3.0 of 5.0 s can be read (File ended prematurely)");
}

/// A hole in a stream of ADTS frames, which ffmpeg steps over without a word.
#[test]
fn a_hole_in_raw_sound() {
    let film = Film::new("sound.aac", "TONE -c:a aac").edited("sound.aac", |mut bytes| {
        let middle = bytes.len() / 2;
        bytes[middle..middle + 4_000].fill(0);
        bytes
    });
    let options = Options::new(&film.path, film.beside("out"));
    let refused = splitter::cut(&options, &()).map(|report| report.document.duration);
    let Err(Error::Incomplete { loss, .. }) = refused else { panic!("{refused:?}") };
    assert!(loss.to_string().contains("do not follow each other"), "{loss}");
}

/// A hole in an MP4 does not keep to the bounds of samples: those at its edges are damaged, too.
#[test]
fn samples_at_the_edges_of_a_hole() {
    let film = Film::new("sound.m4a", "TONE -c:a aac").edited("sound.m4a", |mut bytes| {
        let media = bytes.windows(4).position(|word| word == b"mdat").expect("there");
        bytes[media + 3_000..media + 7_000].fill(0);
        bytes
    });
    let mut options = Options::new(&film.path, film.beside("out"));
    options.keep_going = true;
    let cut = Cut::with(options);
    assert_eq!(complaints(&cut.whole(&cut.document().streams[0])), "");
    assert!((2.9..3.1).contains(&cut.document().duration.as_seconds()), "{}", cut.document().duration);
}

/// Pictures that need one which was lost in a hole end the film in Chromium as that one does.
#[test]
fn pictures_behind_a_hole() {
    let film = Film::new("film.mp4", "PICTURES H264 -bf 0").edited("film.mp4", |mut bytes| {
        let media = bytes.windows(4).position(|word| word == b"mdat").expect("there");
        let middle = media + (bytes.len() - media) / 2;
        bytes[middle..middle + 2_000].fill(0);
        bytes
    });
    let mut options = Options::new(&film.path, film.beside("out"));
    options.keep_going = true;
    let cut = Cut::with(options);
    let pictures = cut.whole(&cut.document().streams[0]);
    assert_eq!(complaints(&pictures), "");
    let (came, warnings) = (counts(&pictures)[0].1, &cut.report.warnings);
    let [Warning::Undecodable { samples, .. }] = warnings[..] else { panic!("{warnings:?}") };
    assert!(came + samples == 72 && (2..24).contains(&samples), "{came} pictures; {warnings:?}");
    assert!((2.9..3.1).contains(&cut.document().duration.as_seconds()), "{}", cut.document().duration);
}

/// A recording that begins between keyframes, in containers that ffmpeg reads.
#[test]
fn pictures_before_the_first_keyframe() {
    let film = Film::new("film.mp4", "PICTURES H264 -bf 0");
    for name in ["film.mkv", "film.ts", "film.mp4"] {
        let late = film.again(name, "FILM -ss 0.5 -copyinkf -c copy");
        let cut = Cut::new(&late.path, "1MB");
        let told = cut.report.warnings.iter().find_map(|warning| match *warning {
            Warning::BeforeKeyframe { samples, seconds, .. } => Some((samples, seconds)),
            _ => None,
        });
        let Some((samples, seconds)) = told else { panic!("{name}: {:?}", cut.report.warnings) };
        let came = counts(&cut.whole(&cut.document().streams[0]))[0].1;
        assert_eq!((u64::from(samples) + came, came), (counts(&late.path)[0].1, 48), "{name}");
        assert!((0.4..0.6).contains(&seconds), "{name}: {seconds} s");
    }
}

/// Pictures that come at no steady rate are not missed because one stays longer.
#[test]
fn half_of_a_film_without_a_steady_rate() {
    let film = Film::new(
        "film.mp4",
        "PICTURES -vf select=not(mod(n\\,2))*lt(mod(n\\,24)\\,12)+not(mod(n\\,8)) -vsync vfr H264 -bf 0",
    );
    for name in ["film.mkv", "film.ts"] {
        let half = film.again(name, "FILM -c copy").edited(name, |bytes| bytes[..bytes.len() / 2].to_vec());
        let mut options = Options::new(&half.path, half.beside("out"));
        options.keep_going = true;
        let cut = Cut::with(options);
        let is_left_out = |warning: &Warning| matches!(warning, Warning::Undecodable { .. });
        assert!(!cut.report.warnings.iter().any(is_left_out), "{name}: {:?}", cut.report.warnings);
        let (came, there) = (counts(&cut.whole(&cut.document().streams[0]))[0].1, counts(&half.path)[0].1);
        assert!(came + 1 >= there, "{name}: {came} of {there} pictures");
    }
}

/// What was found before ffmpeg took the film stays told.
#[test]
fn what_is_lost_of_a_film_that_is_coded_anew() {
    let film = Film::new("film.mp4", "PICTURES TONE H264 -c:a ac3").edited("film.mp4", |bytes| {
        let mut second = bytes.clone();
        let created = second.windows(4).position(|word| word == b"mvhd").expect("there") + 8;
        second[created] ^= 1;
        [bytes, second].concat()
    });
    let mut options = Options::new(&film.path, "");
    options.transcode = true;
    let cut = Cut::with(options);
    let is_told = |warning: &Warning| matches!(warning, Warning::SecondFilm { .. });
    assert!(cut.report.warnings.iter().any(is_told), "{:?}", cut.report.warnings);
    assert!((2.9..3.2).contains(&cut.document().duration.as_seconds()), "{}", cut.document().duration);
}

/// However short: the number of the fragment is left out, too.
#[test]
fn a_short_fragment_that_is_gone_from_the_middle() {
    let shapes = ["+empty_moov+default_base_moof", "+empty_moov+default_base_moof+separate_moof"];
    for flags in shapes {
        let recipe = format!("PICTURES TONE H264 -c:a aac -movflags {flags} -frag_duration 300000");
        let film = Film::new("film.mp4", &recipe);
        let boxes = split(&fs::read(&film.path).expect("readable"));
        let fragments: Vec<_> = boxes.windows(2).filter(|pair| pair[0].0 == *b"moof").collect();
        for gone in [fragments[3], fragments[4]] {
            let without = film.edited("film.mp4", |bytes| [&bytes[..gone[0].1.0], &bytes[gone[1].1.1..]].concat());
            let refused = splitter::preview(&Options::new(&without.path, without.beside("out"))).map(drop);
            let Err(Error::Incomplete { loss, .. }) = refused else { panic!("{flags}: {refused:?}") };
            assert!(loss.to_string().contains("are not there"), "{flags}: {loss}");
        }
    }
}

/// A download that took all of its room beforehand.
#[test]
fn a_file_that_ends_in_zeros() {
    for (name, recipe) in [("sound.aac", "TONE -c:a aac"), ("film.mpg", "PICTURES TONE H264 -c:a ac3")] {
        let film = Film::new(name, recipe).edited(name, |bytes| [&bytes[..bytes.len() / 2], &[0; 50_000]].concat());
        let options = Options::new(&film.path, film.beside("out"));
        let refused = splitter::cut(&options, &()).map(|report| report.document.duration);
        let Err(Error::Incomplete { loss, .. }) = refused else { panic!("{name}: {refused:?}") };
        assert!(loss.to_string().contains("nothing but zeros"), "{name}: {loss}");
    }
}

/// A recording of two programs, whose pictures and sound have other packet identifiers each.
#[test]
fn pictures_that_go_on_in_another_stream() {
    let recipe = |start: u32, identifier: u32| {
        format!("PICTURES TONE H264 -c:a aac -output_ts_offset {start} -mpegts_start_pid {identifier}")
    };
    let (first, second) = (Film::new("first.ts", &recipe(0, 0x100)), Film::new("second.ts", &recipe(3, 0x200)));
    let film = first.edited("film.ts", |bytes| [bytes, fs::read(&second.path).expect("readable")].concat());
    let options = Options::new(&film.path, film.beside("out"));
    let refused = splitter::cut(&options, &()).map(|report| report.document.duration);
    let Err(Error::Incomplete { loss, .. }) = refused else { panic!("{refused:?}") };
    assert!(loss.to_string().contains("and go on in stream 2"), "{loss}");
    // Another camera is no such thing.
    let two = Film::new("film.ts", "PICTURES PICTURES TONE -map 0 -map 1 -map 2 H264 -c:a aac");
    let report = splitter::cut(&Options::new(&two.path, two.beside("out")), &()).expect("one is cut");
    assert!(report.warnings.iter().any(|warning| matches!(warning, Warning::OtherPictures { .. })));
}

/// A sample whose parts are longer than it is: ffmpeg decodes what is there, and shows something in its place.
#[test]
fn samples_that_no_decoder_takes_are_coded_anew() {
    let film = Film::new("film.mp4", "PICTURES H264");
    let damaged = film.edited("damaged.mp4", |mut bytes| {
        // The last group begins with an IDR picture; the first byte of its length becomes another.
        let media = bytes.windows(4).position(|word| word == b"moov").expect("behind the media");
        let is_idr = |window: &[u8]| window[..2] == [0, 0] && window[4] == 0x65;
        let at = bytes[..media].windows(5).rposition(is_idr).expect("a keyframe");
        bytes[at] = 7;
        bytes
    });
    let mut options = Options::new(&damaged.path, damaged.beside("out"));
    let refused = splitter::cut(&options, &()).map(|report| report.document.duration);
    let Err(error @ Error::Undecodable { .. }) = refused else { panic!("{refused:?}") };
    assert!(error.to_string().contains("--transcode"), "{error}");
    options.transcode = true;
    let cut = Cut::with(options);
    assert!((2.9..3.1).contains(&cut.document().duration.as_seconds()), "{}", cut.document().duration);
    cut.document().streams.iter().for_each(|stream| assert_eq!(complaints(&cut.whole(stream)), ""));
}

/// Two recordings put together as files: the counters of packets jump, and nothing is lost. What is missing in one of them is.
#[test]
fn transport_streams_put_together() {
    let one = Film::new("film.ts", "PICTURES TONE H264 -c:a aac");
    let joined = one.edited("joined.ts", |bytes| [&bytes[..], &bytes].concat());
    let twice: Vec<_> = counts(&one.path).into_iter().map(|(kind, count)| (kind, count * 2)).collect();
    for keep_going in [false, true] {
        let mut options = Options::new(&joined.path, "");
        options.keep_going = keep_going;
        let cut = Cut::with(options);
        let came: Vec<_> = cut.document().streams.iter().flat_map(|stream| counts(&cut.whole(stream))).collect();
        assert_eq!(came, twice);
        assert!((5.9..6.2).contains(&cut.document().duration.as_seconds()), "{}", cut.document().duration);
        cut.document().streams.iter().for_each(|stream| assert_eq!(complaints(&cut.whole(stream)), ""));
    }
    let damaged = joined.edited("damaged.ts", |mut bytes| {
        bytes.drain(188 * 300..188 * 303);
        bytes
    });
    let refused = splitter::cut(&Options::new(&damaged.path, damaged.beside("out")), &()).map(drop);
    assert!(matches!(refused, Err(Error::Incomplete { .. })), "{refused:?}");
}
