//! Clocks, frame rates and edit lists.

use crate::compare::same_packets;
use crate::film::Film;

const AVC: &str = "video/mp4; codecs=\"avc1.4d400a\"";
const AAC: &str = "audio/mp4; codecs=\"mp4a.40.2\"";

#[test]
fn a_frame_rate_of_ntsc() {
    let film = Film::new("film.mp4", "-f lavfi -i testsrc2=s=160x90:r=24000/1001:d=3 TONE H264 -c:a aac");
    let cut = same_packets(&film, &[AVC, AAC]);
    assert_eq!(cut.document().streams[0].frame_rate.as_deref(), Some("24000/1001"));
}

#[test]
fn an_odd_clock() {
    same_packets(&Film::new("film.mp4", "PICTURES TONE H264 -c:a aac -video_track_timescale 123457"), &[AVC, AAC]);
    same_packets(&Film::new("film.mp4", "PICTURES H264 -video_track_timescale 24"), &[AVC]);
}

#[test]
fn a_variable_frame_rate() {
    let uneven = "-vf select='not(eq(mod(n,5),3))+not(mod(n,7))' -fps_mode vfr -enc_time_base 1/24000";
    same_packets(&Film::new("film.mp4", &format!("PICTURES TONE {uneven} H264 -c:a aac")), &[AVC, AAC]);
}

#[test]
fn sound_that_begins_late() {
    let late = "PICTURES -itsoffset 0.7 TONE H264 -c:a aac";
    same_packets(&Film::new("film.mp4", late), &[AVC, AAC]);
}

#[test]
fn sound_longer_than_pictures() {
    same_packets(&Film::new("film.mp4", "PICTURES -f lavfi -i sine=d=5 H264 -c:a aac"), &[AVC, AAC]);
}

#[test]
fn pictures_longer_than_sound() {
    same_packets(&Film::new("film.mp4", "PICTURES -f lavfi -i sine=d=1.3 H264 -c:a aac"), &[AVC, AAC]);
}

#[test]
fn priming_of_opus() {
    same_packets(&Film::new("film.mp4", "PICTURES TONE H264 -c:a libopus"), &[AVC, "audio/mp4; codecs=\"opus\""]);
}

#[test]
fn b_frames_without_an_edit_list() {
    let film = Film::new("film.mp4", "PICTURES TONE H264 -c:a aac -use_editlist 0");
    same_packets(&film, &[AVC, AAC]);
}

#[test]
fn negative_composition_offsets() {
    let film = Film::new("film.mp4", "PICTURES TONE H264 -c:a aac -movflags +negative_cts_offsets");
    same_packets(&film, &[AVC, AAC]);
}
