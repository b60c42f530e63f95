//! Progressive films of every layout.

use crate::compare::same_packets;
use crate::film::Film;

const AVC: &str = "video/mp4; codecs=\"avc1.4d400a\"";
const AAC: &str = "audio/mp4; codecs=\"mp4a.40.2\"";

#[test]
fn headers_in_front() {
    let film = Film::new("film.mp4", "PICTURES TONE H264 -c:a aac -movflags +faststart");
    same_packets(&film, &[AVC, AAC]);
}

#[test]
fn headers_behind() {
    same_packets(&Film::new("film.mp4", "PICTURES TONE H264 -c:a aac"), &[AVC, AAC]);
}

#[test]
fn quicktime() {
    same_packets(&Film::new("film.mov", "PICTURES TONE H264 -c:a aac"), &[AVC, AAC]);
}

#[test]
fn m4v_and_m4a() {
    same_packets(&Film::new("film.m4v", "PICTURES TONE H264 -c:a aac -f mp4"), &[AVC, AAC]);
    same_packets(&Film::new("song.m4a", "TONE -c:a aac"), &[AAC]);
}

#[test]
fn pictures_alone() {
    same_packets(&Film::new("film.mp4", "PICTURES H264"), &[AVC]);
}

#[test]
fn sound_alone() {
    same_packets(&Film::new("film.mp4", "TONE -c:a aac"), &[AAC]);
}
