//! Times that no film has.

use splitter::{Error, Warning};

use crate::film::{Film, with};

/// The sample film with other durations of its pictures: entries of `stts`, as counts and ticks.
fn timed(entries: &[(u32, i32)]) -> Film {
    let words = entries.iter().flat_map(|&(count, ticks)| [count.to_be_bytes(), ticks.to_be_bytes()].concat());
    let words: Vec<u8> = words.collect();
    let count = u32::try_from(entries.len()).expect("few").to_be_bytes();
    let film = std::fs::read(crate::film::FILM).expect("the sample film is in the repository");
    Film::grown(&film, 1, &|trak| with(trak, b"stts", &|_| [&[0; 4], &count[..], &words].concat()))
}

fn pictures() -> (u32, i32) {
    let film = std::fs::read(crate::film::FILM).expect("the sample film is in the repository");
    let at = film.windows(4).position(|word| word == b"stts").expect("there") + 8;
    let word = |at: usize| u32::from_be_bytes(film[at..at + 4].try_into().expect("four"));
    (word(at + 4), word(at + 8).cast_signed())
}

#[test]
fn durations_that_no_film_has() {
    let (count, ticks) = pictures();
    let wrong: [&[(u32, i32)]; 4] = [
        &[(count, 0)],
        &[(count, -ticks)],
        &[(1, ticks), (count - 1, 0)],
        &[(count / 2, ticks), (1, i32::MAX), (count - count / 2 - 1, ticks)],
    ];
    for (number, entries) in wrong.into_iter().enumerate() {
        let film = timed(entries);
        let error = film.refused("absurd durations");
        assert!(matches!(error, Error::Durations { track: 1, .. }), "{number}: {error}");
        assert!(error.to_string().contains("--transcode"), "{error}");
    }
}

/// ffmpeg takes it for one of a tick in a second, and makes ten seconds an hour of it.
#[test]
fn a_clock_that_stands_still_has_no_cure() {
    for number in [1, 2] {
        let film =
            Film::edited(number, |trak| with(trak, b"mdhd", &|body| [&body[..12], &[0; 4], &body[16..]].concat()));
        for (keep_going, transcode) in [(false, false), (true, false), (false, true), (true, true)] {
            let error = splitter::cut(&splitter::Options { keep_going, transcode, ..film.options() }, &());
            let error = error.map(|report| report.document.duration).expect_err("no clock");
            assert!(matches!(error, Error::NoClock { .. }), "{error}");
            let said = error.to_string();
            assert!(said.contains("mdhd at byte") && said.contains("bring another copy"), "{said}");
            assert!(!said.contains("--keep-going") && !said.contains("--transcode"), "no remedy: {said}");
        }
    }
}

#[test]
fn even_times_are_the_cure() {
    for (name, zero) in [("nostss.mp4", true), ("stts_neg_mid.mp4", false)] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/films").join(name);
        let mut bytes = std::fs::read(path).expect("it is in the repository");
        let at = bytes.windows(4).position(|word| word == b"stts").expect("there") + 8;
        let entries = u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four")) as usize;
        for ticks in bytes[at + 4..at + 4 + 8 * entries].chunks_exact_mut(8).map(|entry| &mut entry[4..]) {
            // All of them nothing, or the one below zero beyond all reason.
            if zero {
                ticks.fill(0);
            } else if ticks[0] & 0x80 != 0 {
                ticks.copy_from_slice(&i32::MAX.to_be_bytes());
            }
        }
        let film = Film::new(&bytes);
        assert!(matches!(film.refused(name), Error::Durations { track: 1, .. }));
        let mut options = film.options();
        options.transcode = true;
        let report = splitter::cut(&options, &()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let seconds = report.document.duration.as_seconds();
        assert!((9.8..10.3).contains(&seconds), "{name}: {seconds}");
    }
}

#[test]
fn an_edit_behind_the_end_is_none() {
    let whole = splitter::cut(&Film::edited(1, <[u8]>::to_vec).options(), &()).expect("the sample film");
    let film = Film::edited(1, |trak| {
        with(trak, b"elst", &|body| [&body[..12], &i32::MAX.to_be_bytes(), &body[16..]].concat())
    });
    let report = splitter::cut(&film.options(), &()).expect("all of it is there");
    assert!(report.warnings.iter().any(|warning| matches!(warning, Warning::Mended { track: 1, .. })));
    let difference = report.document.duration.as_seconds() - whole.document.duration.as_seconds();
    assert!(difference.abs() < 0.2, "{difference}");
}

#[test]
fn a_first_picture_without_a_byte_costs_those_up_to_the_next_keyframe() {
    // The first picture's size becomes nothing, and its chunk begins behind it.
    let film = std::fs::read(crate::film::FILM).expect("the sample film is in the repository");
    let at = film.windows(4).position(|word| word == b"stsz").expect("there") + 16;
    let size = u32::from_be_bytes(film[at..at + 4].try_into().expect("four"));
    let film = Film::edited(1, |trak| {
        let trak = with(trak, b"stsz", &|body| [&body[..12], &[0; 4], &body[16..]].concat());
        with(&trak, b"stco", &|body| {
            let first = u32::from_be_bytes(body[8..12].try_into().expect("four")) + size;
            [&body[..8], &first.to_be_bytes(), &body[12..]].concat()
        })
    });
    let report = splitter::cut(&film.options(), &()).expect("most of it is there");
    let told =
        |warning: &&Warning| matches!(warning, Warning::BeforeKeyframe { track: 1, seconds, .. } if *seconds > 1.0);
    assert!(report.warnings.iter().any(|warning| told(&warning)), "{:?}", report.warnings);
}
