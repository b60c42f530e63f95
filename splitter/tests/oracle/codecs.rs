//! Every codec that is kept as it is, with its codec string.

use crate::compare::same_packets;
use crate::film::Film;

fn keeps(recipe: &str, mime: &str) {
    same_packets(&Film::new("film.mp4", recipe), &[mime]);
}

#[test]
fn h264_high_profile_with_a_b_pyramid() {
    let pyramid = "-c:v libx264 -preset veryfast -bf 8 -b_strategy 0 -x264-params b-pyramid=normal -g 48 -profile:v high -level 1.3";
    keeps(&format!("PICTURES {pyramid}"), "video/mp4; codecs=\"avc1.64000d\"");
}

#[test]
fn h264_with_parameter_sets_in_band() {
    keeps("PICTURES H264 -tag:v avc3 -bsf:v dump_extra", "video/mp4; codecs=\"avc3.4d400a\"");
}

#[test]
fn hevc() {
    let x265 = "-c:v libx265 -x265-params log-level=error:keyint=24";
    keeps(&format!("PICTURES {x265} -tag:v hvc1"), "video/mp4; codecs=\"hvc1.1.6.L30.90\"");
}

#[test]
fn hevc_of_either_name_is_written_as_hvc1() {
    let x265 = "-c:v libx265 -x265-params log-level=error:keyint=24";
    keeps(&format!("PICTURES {x265} -tag:v hev1"), "video/mp4; codecs=\"hvc1.1.6.L30.90\"");
}

#[test]
fn hevc_of_10_bits() {
    let x265 = "-pix_fmt yuv420p10le -c:v libx265 -x265-params log-level=error:keyint=24";
    keeps(&format!("PICTURES {x265} -tag:v hvc1"), "video/mp4; codecs=\"hvc1.2.4.L30.90\"");
}

#[test]
fn av1() {
    keeps("PICTURES -c:v libsvtav1 -preset 10 -g 24", "video/mp4; codecs=\"av01.0.00M.08\"");
}

#[test]
fn vp9() {
    let vp9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 24";
    keeps(&format!("PICTURES {vp9}"), "video/mp4; codecs=\"vp09.00.10.08\"");
}

#[test]
fn opus() {
    keeps("TONE -c:a libopus", "audio/mp4; codecs=\"opus\"");
}

#[test]
fn flac() {
    keeps("TONE -c:a flac", "audio/mp4; codecs=\"flac\"");
}

#[test]
fn ac3() {
    keeps("TONE -c:a ac3", "audio/mp4; codecs=\"ac-3\"");
}

#[test]
fn eac3() {
    keeps("TONE -c:a eac3", "audio/mp4; codecs=\"ec-3\"");
}

#[test]
fn mp3() {
    keeps("TONE -c:a libmp3lame", "audio/mp4; codecs=\"mp4a.6B\"");
}
