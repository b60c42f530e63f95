//! The film in the repository.

use std::path::Path;
use std::process::Command;

use crate::compare::equal;
use crate::cut::Cut;
use crate::packets::{self, Packets};
use crate::program::output;

const FILM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/media/sample.mp4");

#[test]
fn each_stream_has_the_packets_of_the_film_at_their_times() {
    let film = packets::read(Path::new(FILM), &[]);
    let cut = Cut::new(Path::new(FILM), "400kB");
    assert!(cut.document().streams[0].chunks.len() >= 6, "borders of chunks are what is tested");
    let streams = cut.packets();
    let kinds = |streams: &[Packets]| streams.iter().map(|stream| stream.kind.clone()).collect::<Vec<_>>();
    assert_eq!(kinds(&streams), ["video", "audio"]);
    assert_eq!(kinds(&film), ["video", "audio"]);
    for ((entry, stream), original) in cut.document().streams.iter().zip(&streams).zip(&film) {
        equal(&stream.packets, &original.packets, entry);
    }
}

/// Equal times in both streams are synchrony already; this holds the sound against the pictures once more where it is
/// heard and seen, behind the decoders and their edit lists, for the first chunks.
#[test]
fn decoded_pictures_and_sound_keep_their_places() {
    let cut = Cut::new(Path::new(FILM), "400kB");
    for (stream, map) in cut.document().streams.iter().zip(["0:v", "0:a"]) {
        let (ours, film) = (frames(&cut.whole(stream), map), frames(Path::new(FILM), map));
        let (equal, both) =
            (ours.iter().zip(&film).filter(|(ours, film)| ours == film).count(), ours.len().min(film.len()));
        assert!(equal == both && both > 250, "{equal} of {both} frames of {map} are equal");
    }
}

/// Presentation time and digest of the first decoded frames, from the film's beginning on.
fn frames(file: &Path, map: &str) -> Vec<(i64, String)> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-copyts", "-i"]).arg(file);
    let text = output(ffmpeg.args(["-map", map, "-frames", "300", "-fps_mode", "passthrough", "-f", "framehash", "-"]));
    let text = String::from_utf8(text).expect("ffmpeg writes ASCII");
    let columns = |line: &str| line.split(',').map(|column| column.trim().to_owned()).collect::<Vec<_>>();
    let rows = text.lines().filter(|line| !line.starts_with('#')).map(columns);
    let frames = rows.map(|row| (row[2].parse().expect("a time"), row[5].clone()));
    frames.filter(|&(time, _)| time >= 0).collect()
}
