//! Films that are fragmented already.

use splitter::Warning;

use crate::compare::{original, same_packets, same_packets_as, same_packets_held};
use crate::converted::counts;
use crate::cut::Cut;
use crate::film::Film;

const AVC: &str = "video/mp4; codecs=\"avc1.4d400a\"";
const AAC: &str = "audio/mp4; codecs=\"mp4a.40.2\"";

const RECIPE: &str = "PICTURES TONE H264 -c:a aac";

/// Fragments without an edit list: pictures begin two frames late.
fn keeps_late(movflags: &str) {
    same_packets_held(&Film::new("film.mp4", &format!("{RECIPE} {movflags}")), &[AVC, AAC]);
}

fn keeps(movflags: &str) {
    same_packets(&Film::new("film.mp4", &format!("{RECIPE} {movflags}")), &[AVC, AAC]);
}

#[test]
fn a_fragment_a_keyframe() {
    keeps_late("-movflags +frag_keyframe+empty_moov");
}

#[test]
fn offsets_from_the_fragment() {
    keeps_late("-movflags +frag_keyframe+empty_moov+default_base_moof");
}

#[test]
fn offsets_from_the_data_before() {
    keeps_late("-movflags +frag_keyframe+empty_moov+omit_tfhd_offset");
}

#[test]
fn headers_written_late() {
    keeps("-movflags +frag_keyframe+delay_moov");
}

#[test]
fn samples_in_the_headers_and_in_fragments() {
    keeps_late("-movflags +frag_keyframe");
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
    keeps_late("-movflags +frag_keyframe+empty_moov+separate_moof");
}

#[test]
fn fragments_of_a_third_of_a_second() {
    keeps_late("-movflags +empty_moov -frag_duration 300000");
}

#[test]
fn a_fragment_a_frame() {
    keeps_late("-movflags +frag_every_frame+empty_moov+default_base_moof");
}

#[test]
fn cmaf() {
    // ffprobe adds the deepest negative composition offset to all times of such pictures, so those of the file that they
    // were copied from are what holds. Only what is decoded when differs: a frame later, because that is what the offsets are measured from.
    let film = Film::new("film.mp4", RECIPE);
    let cmaf = film.again("cmaf.mp4", "FILM -c copy -movflags +cmaf");
    let (mut film, cmaf_streams) = (original(&film.path), original(&cmaf.path));
    film.retain(|stream| stream.kind == "video");
    film.iter_mut().for_each(|stream| stream.decode_later(512));
    film.extend(cmaf_streams.into_iter().filter(|stream| stream.kind == "audio"));
    same_packets_as(&Cut::new(&cmaf.path, "50kB"), &film, &[AVC, AAC]);
}

/// Fragments of a track that carries no film and cannot be read, as cameras write them.
#[test]
fn fragments_of_a_metadata_track_that_cannot_be_read() {
    let film = Film::new("film.mp4", &format!("{RECIPE} -movflags +frag_keyframe+empty_moov+default_base_moof"));
    let damaged = film.edited("film.mp4", |mut bytes| {
        for (kind, other) in [(b"soun", b"meta"), (b"minf", b"free")] {
            let at = bytes.windows(4).rposition(|word| word == kind).expect("there");
            bytes[at..at + 4].copy_from_slice(other);
        }
        bytes
    });
    let cut = Cut::new(&damaged.path, "1MB");
    assert_eq!(counts(&cut.whole(&cut.document().streams[0])), [("video".to_owned(), 72)]);
    assert!(matches!(cut.report.warnings[..], [Warning::LeftOut { track: 2, .. }]), "{:?}", cut.report.warnings);
    let inspection = splitter::inspect::inspect(&damaged.path).expect("it can be read");
    assert_eq!(inspection.tracks.len(), 1);
}
