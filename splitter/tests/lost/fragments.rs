//! Films of which a part has not come, and fragments that are missing or come from elsewhere.

use std::fs;

use splitter::{Error, Warning};

use crate::boxes::split;
use crate::film::{FILM, Film};

/// A film that is cut off: what is said by default, and how long the film is that is published where that is wanted.
fn cut_off(film: &Film) -> (String, f64) {
    let Error::Incomplete { loss, .. } = film.refused("cut off") else { panic!("it is cut off") };
    let mut options = film.options();
    options.keep_going = true;
    let report = splitter::cut(&options, &()).expect("its beginning is there");
    let warned = |warning: &Warning| matches!(warning, Warning::Incomplete { loss: other } if *other == loss);
    assert!(report.warnings.iter().any(warned), "{:?}", report.warnings);
    assert!((report.document.duration.as_seconds() - loss.came).abs() < 0.2, "{loss}");
    (loss.to_string(), report.document.duration.as_seconds())
}

#[test]
fn half_of_a_film_whose_headers_came_first() {
    let whole = fs::read(FILM).expect("the sample film is in the repository");
    let (said, seconds) = cut_off(&Film::new(&whole[..whole.len() / 2]));
    assert!(said.contains(" of 30.0 s can be read (") && said.contains("lie past the end of the file"), "{said}");
    assert!((12.0..18.0).contains(&seconds), "{seconds}");
}

#[test]
fn a_recording_that_was_interrupted() {
    let film = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/films/interrupted.mp4")).expect("it is here");
    let (said, seconds) = cut_off(&Film::new(&film));
    assert!(said.contains("the file ends within the fragment at byte 53451"), "{said}");
    assert!((9.9..10.1).contains(&seconds), "{seconds}");
    // Within the headers of the same fragment.
    let (said, _) = cut_off(&Film::new(&film[..53_500]));
    assert!(said.contains("the file ends within the headers of the fragment at byte 53451"), "{said}");
}

#[test]
fn a_fragment_that_is_gone_from_the_middle() {
    let mut film = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/films/interrupted.mp4")).expect("it is here");
    let second = split(&film[..53_451]).into_iter().filter(|(kind, _)| kind == b"moof").nth(1).expect("several").1.0;
    film[second..second + 8].fill(0);
    film.truncate(53_451);
    let (said, _) = cut_off(&Film::new(&film));
    assert!(said.contains("are no box"), "{said}");
}

#[test]
fn fragments_behind_media_that_is_said_to_be_longer_than_the_file() {
    let mut film = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/films/interrupted.mp4")).expect("it is here");
    film.truncate(53_451);
    let second = split(&film).into_iter().filter(|(kind, _)| kind == b"mdat").nth(1).expect("several").1.0;
    film[second] = 1;
    let (said, seconds) = cut_off(&Film::new(&film));
    assert!(said.contains("are no box") && seconds > 9.0, "{said}, {seconds}");
}

/// A recording of five fragments, two seconds each.
fn recording() -> Vec<u8> {
    let mut film = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/films/interrupted.mp4")).expect("it is here");
    film.truncate(53_451);
    film
}

#[test]
fn a_fragment_that_is_cut_out() {
    let film = recording();
    let moofs: Vec<_> =
        split(&film).into_iter().filter(|(kind, _)| kind == b"moof").map(|(_, place)| place.0).collect();
    let without = [&film[..moofs[1]], &film[moofs[2]..]].concat();
    let (said, seconds) = cut_off(&Film::new(&without));
    assert!(said.contains("fragments ") && said.contains("are not there"), "{said}");
    assert!(seconds > 9.0, "{seconds}");
    // The same, but the numbers say nothing: a warning that stays.
    let mut even = without;
    let mut number = 0_u32;
    let places: Vec<_> =
        even.windows(4).enumerate().filter(|(_, word)| word == b"mfhd").map(|(at, _)| at + 8).collect();
    for at in places {
        number += 1;
        even[at..at + 4].copy_from_slice(&number.to_be_bytes());
    }
    let film = Film::new(&even);
    let report = splitter::cut(&film.options(), &()).expect("nothing says that it is wrong");
    assert!(report.warnings.iter().any(|warning| matches!(warning, Warning::Gap { gap, .. } if *gap > 1.0)));
    let json = serde_json::to_value(report.manifest()).expect("JSON");
    assert!(json["report"][0].as_str().is_some_and(|said| said.contains("has nothing for 1.")), "{}", json["report"]);
}

#[test]
fn two_recordings_in_one_file() {
    let film = recording();
    // The second is one of its own.
    let mut second = film.clone();
    let created = second.windows(4).position(|word| word == b"mvhd").expect("there") + 8;
    second[created] ^= 1;
    let two = Film::new(&[&film[..], &second].concat());
    for transcode in [false, true] {
        let mut options = two.options();
        options.transcode = transcode;
        let refused = splitter::cut(&options, &()).map(|report| report.document.duration);
        let Err(error @ Error::TwoFilms { offset: 53_451, .. }) = refused else { panic!("{refused:?}") };
        assert!(error.to_string().contains("tail -c +53452 "), "{error}");
    }
    // A progressive one: players show the first, and so it is cut.
    let film = fs::read(FILM).expect("the sample film is in the repository");
    let two = Film::new(&[&film[..], &second].concat());
    let report = splitter::cut(&two.options(), &()).expect("the first is whole");
    let offset = film.len() as u64;
    assert_eq!(report.warnings, [Warning::SecondFilm { offset }]);
}

/// As when the renditions of a stream are downloaded one behind the other: the times go on, and the settings are others.
#[test]
fn headers_between_fragments() {
    let film = recording();
    let boxes = split(&film);
    let moofs: Vec<_> = boxes.iter().filter(|(kind, _)| kind == b"moof").map(|(_, place)| place.0).collect();
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut init = film[..moofs[0]].to_vec();
        change(&mut init);
        Film::new(&[&film[..moofs[2]], &init, &film[moofs[2]..]].concat())
    };
    let place = |init: &[u8], kind: &[u8; 4]| init.windows(4).position(|word| word == kind).expect("there") + 4;
    let seconds = |film: &Film| {
        let report = splitter::cut(&film.options(), &()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(report.warnings, []);
        report.document.duration.as_seconds()
    };
    let whole = seconds(&Film::new(&film));
    let later = with(&|init| {
        let at = place(init, b"mvhd") + 4;
        init[at] ^= 1;
    });
    assert!((seconds(&later) - whole).abs() < 0.01);
    let profile = |init: &mut Vec<u8>| {
        let at = place(init, b"avcC") + 3;
        init[at] ^= 1;
    };
    let clock = |init: &mut Vec<u8>| {
        let at = place(init, b"mdhd") + 15;
        init[at] ^= 1;
    };
    for change in [&profile as &dyn Fn(&mut Vec<u8>), &clock] {
        let error = with(change).refused("another rendition");
        assert!(matches!(error, Error::TwoFilms { offset, .. } if offset == moofs[2] as u64), "{error}");
    }
    // A film behind it that is not in fragments.
    let second = fs::read(FILM).expect("the sample film is in the repository");
    let two = Film::new(&[&film[..], &second].concat());
    let report = splitter::cut(&two.options(), &()).expect("the first is whole");
    assert_eq!(report.warnings, [Warning::SecondFilm { offset: film.len() as u64 }]);
}

/// What a writer leaves that cannot go back: a fragment of no length, which would swallow all behind it.
#[test]
fn a_fragment_whose_length_is_left_open() {
    let mut film = recording();
    let second = split(&film).into_iter().filter(|(kind, _)| kind == b"moof").nth(1).expect("several").1.0;
    film[second..second + 4].fill(0);
    let error = Film::new(&film).refused("a fragment without a length").to_string();
    assert!(error.contains("only media may last to the end of the file"), "{error}");
}
