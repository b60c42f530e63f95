//! Clocks, frame rates and edit lists.

use crate::compare::{equal, held, original, same_packets, same_packets_as, same_packets_held};
use crate::cut::Cut;
use crate::film::Film;
use crate::packets::Packets;

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
fn sound_that_begins_less_than_a_picture_late() {
    let late = "PICTURES -itsoffset 0.03 TONE H264 -c:a aac";
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
    same_packets_held(&film, &[AVC, AAC]);
}

#[test]
fn negative_composition_offsets() {
    let film = Film::new("film.mp4", "PICTURES TONE H264 -c:a aac -movflags +negative_cts_offsets");
    same_packets(&film, &[AVC, AAC]);
}

#[test]
fn pictures_that_begin_late() {
    same_packets_held(&Film::new("film.mp4", "TONE -itsoffset 1.2 PICTURES -map 1 -map 0 H264 -c:a aac"), &[AVC, AAC]);
}

/// As a recording of something that had been running for long.
#[test]
fn a_film_that_begins_at_no_zero() {
    let film = Film::new("film.mp4", "PICTURES TONE H264 -c:a aac -movflags +frag_keyframe+empty_moov");
    let hour = 3_600;
    let late = film.edited("late.mp4", |mut bytes| {
        for at in places(&bytes, b"tfdt") {
            let scale = if is_video(&bytes, at) { 12_288 } else { 48_000 };
            let time = bytes[at + 8..at + 16].try_into().map(u64::from_be_bytes).expect("eight bytes");
            bytes[at + 8..at + 16].copy_from_slice(&(time + hour * scale).to_be_bytes());
        }
        bytes
    });
    let film = held(original(&film.path));
    same_packets_as(&Cut::new(&late.path, "50kB"), &film, &[AVC, AAC]);
}

/// Where the type of a box stands.
fn places(bytes: &[u8], kind: &[u8; 4]) -> Vec<usize> {
    (0..bytes.len() - 4).filter(|&at| bytes[at..].starts_with(kind)).collect()
}

/// Whether the `tfdt` at this place is of track 1: its `tfhd` stands in front of it.
fn is_video(bytes: &[u8], tfdt: usize) -> bool {
    let tfhd = places(&bytes[..tfdt], b"tfhd").pop().expect("in front");
    bytes[tfhd + 8..tfhd + 12] == [0, 0, 0, 1]
}

/// As a telephone trims: what is before the cut stays in the file for the sake of what depends on it.
#[test]
fn a_beginning_that_is_not_shown() {
    let film = Film::new("film.mp4", "PICTURES TONE -c:v libx264 -profile:v main -level 1 -bf 2 -g 48 -c:a aac");
    let trimmed = film.again("trimmed.mp4", "-ss 0.8 FILM -c copy");
    let cut = Cut::new(&trimmed.path, "50kB");
    let film = original(&trimmed.path);
    let [video, audio] = &cut.packets()[..] else { panic!("two streams") };
    let shown = |packets: &Packets| packets.packets.iter().filter(|packet| packet.presentation.is_shown()).count();
    let of_film = film.iter().find(|stream| stream.kind == "video").expect("pictures");
    assert!(shown(of_film) < of_film.packets.len(), "the film hides some");
    assert_eq!(shown(video), video.packets.len(), "a browser drops what lies before zero, and all that depends on it");
    let (mut squeezed, mut last) = (0, 0);
    for (at, (packet, film)) in video.packets.iter().zip(&of_film.packets).enumerate() {
        assert_eq!((&packet.hash, packet.is_key), (&film.hash, film.is_key));
        if packet.presentation != film.presentation {
            (squeezed, last) = (squeezed + 1, at);
            assert!(packet.presentation.as_f64() < 0.005, "{packet:?}");
        }
    }
    assert!(squeezed <= of_film.packets.len() - shown(of_film) + 1);
    for (packet, film) in video.packets.iter().zip(&of_film.packets).skip(last) {
        assert_eq!(packet.decode, film.decode);
    }
    for pair in video.packets[..=last].windows(2) {
        let [before, after] = [0, 1].map(|at| pair[at].decode.expect("a decode time").as_f64());
        let step = after - before;
        assert!(step < 0.001, "Firefox takes this for a gap: {pair:?}");
    }
    let of_film = film.iter().find(|stream| stream.kind == "audio").expect("sound");
    // Of the sound before the beginning, a tenth of a second is kept for the decoder.
    let kept = &of_film.packets[of_film.packets.len() - audio.packets.len()..];
    assert!((-0.125..-0.05).contains(&kept[0].presentation.as_f64()));
    equal(&audio.packets, kept, &cut.document().streams[1]);
}
