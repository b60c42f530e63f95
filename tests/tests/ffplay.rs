//! The splitter's cut in ffplay, over `master.m3u8`: the same chunks as in browsers, in a player that is none.
//!
//! It goes from rung to rung when a key is pressed, but not where segments are fragmented MP4: with ffplay 5.1 the picture stops, in what
//! ffmpeg itself makes of a film in this form, too. So each rung is played by itself.

use std::thread;

use end_to_end::{Cut, Origin, Shown, ffplay, sample_film};

/// Every picture of each rung, over borders of chunks.
#[test]
fn ffplay_plays_it_in_each_rung() {
    const SECONDS: u32 = 8;
    let film = sample_film();
    let options = ["--chunk-size", "350kB", "--ladder", "360p", "--ladder-preset", "ultrafast"];
    let cut = Cut::with_options(&film, &options).expect("cut");
    assert!(cut.video_chunk_starts()[1] < f64::from(SECONDS), "a border is crossed");
    let origin = Origin::serve(cut.path()).expect("origin");
    let url = format!("{}/media/current/master.m3u8", origin.address());
    let plays = |stream: usize, width: u32| {
        let shown = ffplay(&url, stream, &["-t", &SECONDS.to_string()]).expect("playback");
        assert!(shown.iter().all(|picture| picture.width == width), "{shown:?}");
        let number = |picture: &Shown| (picture.time * f64::from(film.frame_rate)).round() as u32;
        let numbers: Vec<_> = shown.iter().map(number).collect();
        let expected: Vec<_> = (0..SECONDS * film.frame_rate).collect();
        // It stops a picture or two later.
        assert!(numbers.starts_with(&expected), "stream {stream}: {numbers:?}");
    };
    thread::scope(|scope| {
        scope.spawn(|| plays(0, 1_280));
        scope.spawn(|| plays(1, 640));
    });
}
