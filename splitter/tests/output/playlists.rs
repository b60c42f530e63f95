//! What ffmpeg reads through `master.m3u8`: the packets of the film, at their times. (It reads DASH byte ranges over HTTP
//! only: that is tested end to end.)

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::film::sample;
use crate::program::{cut, succeed};

/// Presentation time, decode time and digest of every packet of a kind of stream.
fn packets(source: &Path, stream: &str) -> Vec<String> {
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-select_streams", stream, "-show_data_hash", "sha256"]);
    ffprobe.args(["-show_entries", "packet=pts_time,dts_time,data_hash", "-of", "csv=p=0"]).arg(source);
    let text = String::from_utf8(succeed(&mut ffprobe).stdout).expect("ffprobe writes ASCII");
    // It breaks the line where a packet brings side data.
    text.replace(",\n,", ",").lines().map(|line| line.trim_end_matches(',').to_owned()).collect()
}

#[test]
fn hls_has_the_packets_of_the_film_at_their_times() {
    for options in [&["--chunk-size", "500kB"][..], &["--chunk-size", "500kB", "--muxed"]] {
        let out = TempDir::new().expect("a directory");
        succeed(&mut cut(&sample(), out.path(), options));
        for (stream, count) in [("v", 720), ("a", 1_408)] {
            let read = packets(&out.path().join("master.m3u8"), stream);
            assert_eq!(read.len(), count, "{options:?}, {stream}");
            for (read, film) in read.iter().zip(packets(&sample(), stream)) {
                assert_eq!(*read, film, "{options:?}, {stream}");
            }
        }
    }
}
