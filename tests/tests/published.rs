//! A published cut over HTTP, looked at by programs without a browser.

use std::process::{Command, Output};

use end_to_end::{Cut, Origin, program, sample_film};

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed ({}): {said}", output.status);
    output
}

/// Presentation time, decode time and digest of every packet of a kind of stream.
fn packets(source: &str, stream: &str) -> Vec<String> {
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-select_streams", stream, "-show_data_hash", "sha256"]);
    ffprobe.args(["-show_entries", "packet=pts_time,dts_time,data_hash", "-of", "csv=p=0", source]);
    let text = String::from_utf8(run(&mut ffprobe).stdout).expect("ffprobe writes ASCII");
    // It breaks the line where a packet brings side data.
    text.replace(",\n,", ",").lines().map(|line| line.trim_end_matches(',').to_owned()).collect()
}

#[test]
fn ffmpeg_reads_the_packets_of_the_film_through_dash_and_hls() {
    let film = sample_film();
    let cut = Cut::new(&film, Some("700kB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let path = film.path.to_str().expect("Unicode");
    for (stream, count) in [("v", 720), ("a", 1_408)] {
        let expected = packets(path, stream);
        assert_eq!(expected.len(), count);
        for playlist in ["manifest.mpd", "master.m3u8"] {
            let found = packets(&format!("{}/media/current/{playlist}", origin.address()), stream);
            assert_eq!(found.len(), count, "{playlist}");
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found, expected, "{playlist}");
            }
        }
    }
}

#[test]
fn ffmpeg_reads_every_rung_through_dash_and_hls() {
    let film = sample_film();
    let cut = Cut::with_options(&film, &["--ladder", "90p", "--ladder-preset", "ultrafast"]).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let own = packets(film.path.to_str().expect("Unicode"), "v");
    for playlist in ["manifest.mpd", "master.m3u8"] {
        let url = format!("{}/media/current/{playlist}", origin.address());
        assert_eq!(packets(&url, "v:0"), own, "{playlist}: the film itself is the highest");
        let times = |packets: &[String]| {
            let mut times: Vec<_> =
                packets.iter().map(|packet| packet.split(',').next().unwrap_or_default().to_owned()).collect();
            times.sort_unstable();
            times
        };
        let rung = packets(&url, "v:1");
        assert_eq!(times(&rung), times(&own), "{playlist}");
        assert_ne!(rung, own);
    }
}

#[test]
fn verify_reads_a_cut_from_a_server() {
    let cut = Cut::new(&sample_film(), Some("700kB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let url = format!("{}/media/current", origin.address());
    let verify = || Command::new(program("splitter")).args(["verify", &url, "--json"]).output().expect("it starts");
    let findings = |output: &Output| {
        let verdict: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        verdict["findings"].as_array().expect("a list").clone()
    };
    assert_eq!(findings(&verify()), [] as [serde_json::Value; 0]);

    let chunk = cut.document().streams[0].chunks[1].url.clone();
    std::fs::remove_file(cut.path().join(&chunk)).expect("removed");
    let output = verify();
    let findings = findings(&output);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!((findings[0]["problem"].as_str(), findings[0]["file"].as_str()), (Some("unreadable"), Some(&*chunk)));
    assert!(findings[0]["message"].as_str().is_some_and(|message| message.contains("404")), "{findings:?}");
}
