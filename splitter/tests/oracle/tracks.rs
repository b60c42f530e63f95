//! What the tracks are and how they are shown.

use std::path::Path;
use std::process::Command;

use crate::boxes::{make, rewrite, split};
use crate::compare::same_packets;
use crate::film::Film;
use crate::program::output;

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
    assert_eq!((french.language.as_deref(), french.default), (Some("fr"), true), "the default comes first");
    assert_eq!((french.sample_rate, french.channels), (Some(44_100), Some(1)));
    assert_eq!((english.language.as_deref(), english.default), (Some("en"), false));
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

/// High dynamic range as the film says it: colours, mastering display and light levels, which a decoder is not told by
/// the packets alone.
#[test]
fn colours_of_high_dynamic_range() {
    let hdr = "log-level=error:keyint=24:hdr10=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:\
               max-cll=1000,400:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)";
    let film = Film::new(
        "film.mp4",
        &format!("PICTURES -pix_fmt yuv420p10le -c:v libx265 -x265-params {hdr} -tag:v hvc1 -movflags +write_colr"),
    );
    let cut = same_packets(&film, &["video/mp4; codecs=\"hvc1.2.4.L30.90\""]);
    let whole = cut.whole(&cut.document().streams[0]);
    let stream = "stream=color_space,color_transfer,color_primaries,color_range,pix_fmt:stream_side_data_list";
    let shown = |file: &Path| {
        output(Command::new("ffprobe").args(["-v", "error", "-of", "json", "-show_entries", stream]).arg(file))
    };
    let (ours, film) = (shown(&whole), shown(&film.path));
    assert_eq!(String::from_utf8_lossy(&ours), String::from_utf8_lossy(&film));
    assert!(String::from_utf8_lossy(&ours).contains("smpte2084"));
}

/// Boxes that no decoder here knows stay where they are.
#[test]
fn boxes_of_the_sample_entry_are_carried() {
    let film = Film::new("film.mp4", "PICTURES H264");
    // Profile 9 of Dolby Vision, which is made for H.264 and shown as it is where nothing else is known.
    let dolby = [&[1, 0, 9 << 1, 1 << 3 | 0b101, 2 << 4][..], &[0; 19]].concat();
    let extra = [make(b"mdcv", &[7; 24]), make(b"clli", &[0, 9, 0, 4]), make(b"dvcC", &dolby)].concat();
    let with_extra = film.edited("extra.mp4", |bytes| {
        let boxes = split(&bytes).into_iter().flat_map(|(_, (start, end))| {
            rewrite(&bytes[start..end], b"stsd", &|body| {
                let entry = [&body[16..], &extra].concat();
                make(b"stsd", &[&body[..8], &make(b"avc1", &entry)].concat())
            })
        });
        boxes.collect()
    });
    let cut = same_packets(&with_extra, &[AVC]);
    let init = std::fs::read(cut.directory.path().join(&cut.document().streams[0].init.url)).expect("readable");
    assert!(init.windows(extra.len()).any(|window| window == extra));
}
