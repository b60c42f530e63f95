//! Films of other containers that are cut off or damaged: refused with how much of them came, and published as far as they
//! go where that is wanted.

use std::fs;
use std::path::Path;

use splitter::verify::{Place, verify};
use splitter::{Error, Options, Stop, Warning};

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
