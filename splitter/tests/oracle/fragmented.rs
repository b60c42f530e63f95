//! Films that are fragmented already.

use crate::compare::same_packets;
use crate::film::Film;

const AVC: &str = "video/mp4; codecs=\"avc1.4d400a\"";
const AAC: &str = "audio/mp4; codecs=\"mp4a.40.2\"";

fn keeps(movflags: &str) {
    let recipe = format!("PICTURES TONE H264 -c:a aac {movflags}");
    same_packets(&Film::new("film.mp4", &recipe), &[AVC, AAC]);
}

#[test]
fn a_fragment_a_keyframe() {
    keeps("-movflags +frag_keyframe+empty_moov");
}

#[test]
fn offsets_from_the_fragment() {
    keeps("-movflags +frag_keyframe+empty_moov+default_base_moof");
}

#[test]
fn offsets_from_the_data_before() {
    keeps("-movflags +frag_keyframe+empty_moov+omit_tfhd_offset");
}

#[test]
fn headers_written_late() {
    keeps("-movflags +frag_keyframe+delay_moov");
}

#[test]
fn samples_in_the_headers_and_in_fragments() {
    keeps("-movflags +frag_keyframe");
}

#[test]
fn an_index_in_front_of_every_fragment() {
    keeps("-movflags +dash+frag_keyframe+delay_moov");
}

#[test]
fn an_index_in_front_of_all() {
    keeps("-movflags +dash+frag_keyframe+delay_moov+global_sidx");
}

#[test]
fn a_fragment_for_each_track() {
    keeps("-movflags +frag_keyframe+empty_moov+separate_moof");
}

#[test]
fn fragments_of_a_third_of_a_second() {
    keeps("-movflags +empty_moov -frag_duration 300000");
}

#[test]
fn a_fragment_a_frame() {
    keeps("-movflags +frag_every_frame+empty_moov+default_base_moof");
}

#[test]
fn cmaf() {
    keeps("-movflags +cmaf");
}
