//! Edit lists with several entries.

use std::path::Path;

use splitter::{Error, Options, Warning};

use crate::boxes::{make, rewrite, split};
use crate::compare::{original, same_packets_as};
use crate::converted::counts;
use crate::cut::Cut;
use crate::film::Film;

const AVC: &str = "video/mp4; codecs=\"avc1.4d400a\"";
const AAC: &str = "audio/mp4; codecs=\"mp4a.40.2\"";

/// Ticks of a second: of the movie, of the pictures, of the sound.
const MOVIE: u32 = 1_000;
const CLOCKS: [u32; 2] = [12_288, 48_000];

/// The film with other edit lists: for each track, length in milliseconds and beginning in seconds behind the film's own.
fn edited(film: &Film, entries: &[(u32, Option<f64>, u32)]) -> Film {
    film.edited("edited.mp4", |bytes| {
        let mut clocks = CLOCKS.into_iter();
        let boxes = split(&bytes).into_iter().flat_map(|(kind, (start, end))| {
            let whole = &bytes[start..end];
            if kind != *b"moov" {
                return whole.to_vec();
            }
            let children = split(&whole[8..]).into_iter().flat_map(|(kind, (start, end))| {
                let child = &whole[8 + start..8 + end];
                if kind != *b"trak" {
                    return child.to_vec();
                }
                let clock = clocks.next().expect("two tracks");
                rewrite(child, b"elst", &|body| {
                    let first = u32::from_be_bytes(body[12..16].try_into().expect("four"));
                    let words = entries.iter().flat_map(|&(length, begin, rate)| {
                        let begin = begin.map_or(u32::MAX, |seconds| first + (seconds * f64::from(clock)) as u32);
                        [length * MOVIE / 1_000, begin, rate]
                    });
                    let words: Vec<u8> = words.flat_map(u32::to_be_bytes).collect();
                    let count = u32::try_from(entries.len()).expect("few").to_be_bytes();
                    make(b"elst", &[&[0; 4][..], &count, &words].concat())
                })
            });
            make(b"moov", &children.collect::<Vec<_>>())
        });
        boxes.collect()
    })
}

/// Headers behind the media, so that they may grow.
fn film() -> Film {
    Film::new("film.mp4", "PICTURES TONE H264 -c:a aac")
}

const NORMAL: u32 = 0x1_0000;

#[test]
fn edits_that_follow_each_other_are_one() {
    let film = film();
    for entries in [
        &[(1_000, Some(0.0), NORMAL), (700, Some(1.0), NORMAL), (1_300, Some(1.7), NORMAL)][..],
        &[(1_000, Some(0.0), NORMAL), (2_000, Some(1.000_5), NORMAL), (0, Some(0.0), NORMAL)],
        &[(3_000, Some(0.0), NORMAL), (500, None, NORMAL)],
    ] {
        same_packets_as(&Cut::new(&edited(&film, entries).path, "50kB"), &original(&film.path), &[AVC, AAC]);
    }
}

#[test]
fn a_film_with_three_edits_is_whole() {
    let film = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/films/three_edits.mp4"));
    let cut = Cut::new(film, "1MB");
    assert!((9.99..10.03).contains(&cut.document().duration.as_seconds()), "{}", cut.document().duration);
    let came: Vec<_> = cut.document().streams.iter().flat_map(|stream| counts(&cut.whole(stream))).collect();
    // As ffprobe counts the samples of its tables; packets it gives twice where an edit begins between keyframes.
    assert_eq!(came, [("video".to_owned(), 250), ("audio".to_owned(), 470)]);
}

#[test]
fn real_cuts_are_refused_or_made_real() {
    let film = film();
    for (entries, seconds) in [
        (&[(1_000, Some(0.0), NORMAL), (1_000, Some(2.0), NORMAL)][..], 2.0),
        (&[(2_000, Some(0.0), NORMAL), (2_000, Some(0.5), NORMAL)], 4.0),
        (&[(1_000, Some(0.0), NORMAL), (500, None, NORMAL), (2_000, Some(1.0), NORMAL)], 3.5),
    ] {
        let edited = edited(&film, entries);
        let mut options = Options::new(&edited.path, edited.beside("out"));
        let refused = splitter::cut(&options, &()).map(|report| report.document.duration);
        let Err(error @ Error::Edits { .. }) = refused else { panic!("{refused:?}") };
        assert!(error.to_string().contains("--transcode") && error.to_string().contains("ffmpeg -i "), "{error}");
        options.transcode = true;
        let cut = Cut::with(options);
        let made = cut.document().duration.as_seconds();
        assert!((made - seconds).abs() < 0.1, "{made} s, a player shows {seconds}");
    }
}

#[test]
fn another_speed_is_played_whole_with_a_warning() {
    let film = film();
    let slow = edited(&film, &[(1_000, Some(0.0), NORMAL), (4_000, Some(1.0), NORMAL / 2)]);
    let cut = Cut::new(&slow.path, "50kB");
    same_packets_as(&cut, &original(&film.path), &[AVC, AAC]);
    assert!(cut.report.warnings.iter().any(|warning| matches!(warning, Warning::Edits { .. })));
}
