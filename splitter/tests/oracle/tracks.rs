//! What the tracks are and how they are shown.

use crate::compare::same_packets;
use crate::film::Film;

const AVC: &str = "video/mp4; codecs=\"avc1.4d400a\"";
const AAC: &str = "audio/mp4; codecs=\"mp4a.40.2\"";

#[test]
fn several_languages() {
    let film = Film::new(
        "film.mp4",
        "PICTURES TONE HIGH_TONE -map 0 -map 1 -map 2 H264 -c:a aac -ac:a:1 1 \
         -metadata:s:a:0 language=eng -metadata:s:a:0 handler_name=Commentary -metadata:s:a:1 language=fra \
         -disposition:a:0 0 -disposition:a:1 default",
    );
    let cut = same_packets(&film, &[AVC, AAC, AAC]);
    let [_, french, english] = &cut.document().streams[..] else { panic!("three streams") };
    assert_eq!((french.language.as_deref(), french.default), (Some("fra"), true), "the default comes first");
    assert_eq!((french.sample_rate, french.channels), (Some(44_100), Some(1)));
    assert_eq!((english.language.as_deref(), english.default), (Some("eng"), false));
    assert_eq!(english.label.as_deref(), Some("Commentary"));
}

#[test]
fn surround_sound() {
    let film = Film::new("film.mp4", "TONE -c:a aac -ac 6");
    assert_eq!(same_packets(&film, &[AAC]).document().streams[0].channels, Some(6));
}

#[test]
fn a_picture_on_its_side() {
    let film = Film::new("film.mp4", "PICTURES H264");
    let film = film.again("turned.mp4", "FILM -c copy -metadata:s:v rotate=90");
    let cut = same_packets(&film, &[AVC]);
    let stream = &cut.document().streams[0];
    assert_eq!((stream.width, stream.height), (Some(90), Some(160)));
}

#[test]
fn pixels_that_are_not_square() {
    let film = Film::new("film.mp4", "PICTURES H264 -vf setsar=4/3");
    let cut = same_packets(&film, &[AVC]);
    assert_eq!(cut.document().streams[0].width, Some(213));
}
