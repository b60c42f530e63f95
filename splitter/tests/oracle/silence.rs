//! Sound that begins late has silence in front of it, which decoders take for what it is.

use std::path::Path;
use std::process::Command;

use splitter::{Options, Warning};

use crate::compare::{equal, original};
use crate::cut::Cut;
use crate::film::Film;
use crate::packets::{self, Packet, Packets};

/// Length of a frame of silence in samples of 48 kHz.
const AAC: usize = 1_024;
const OPUS: usize = 960;

#[test]
fn aac_of_one_to_eight_channels() {
    let layouts = ["mono", "stereo", "3.0", "4.0", "5.0", "5.1", "7.1"];
    let tracks: Vec<_> = (0..)
        .zip(layouts)
        .map(|(at, layout)| format!("-map 1:a -filter:a:{at} aformat=channel_layouts={layout}"))
        .collect();
    let film =
        Film::new("film.mp4", &format!("PICTURES -itsoffset 1.5 TONE -map 0:v {} H264 -c:a aac", tracks.join(" ")));
    let cut = Cut::new(&film.path, "100kB");
    let channels: Vec<_> = cut.document().streams.iter().filter_map(|stream| stream.channels).collect();
    assert_eq!(channels, [1, 2, 3, 4, 5, 6, 8]);
    fills(&film, &cut, "aac", AAC);
}

/// The frames of LC are those of a core that SBR makes twice the rate of.
#[test]
fn aac_with_sbr_signalled_behind_lc() {
    let plain = Film::new("film.mp4", "PICTURES -itsoffset 1.5 TONE H264 -c:a aac -ar 24000 -ac 2");
    let film = plain.edited("sbr.mp4", |mut bytes| {
        let signalled = [0x56, 0xe5, 0];
        let at = bytes.windows(3).position(|window| window == signalled).expect("ffmpeg says that there is no SBR");
        bytes[at + 2] = 0x98;
        bytes
    });
    let cut = Cut::new(&film.path, "50kB");
    assert_eq!(cut.document().streams[1].mime, "audio/mp4; codecs=\"mp4a.40.5\"");
    fills(&film, &cut, "aac", 2 * AAC);
}

#[test]
fn opus_of_one_and_two_channels() {
    let two = "-map 0:v -map 1:a -map 1:a -filter:a:1 aformat=channel_layouts=stereo";
    let film = Film::new("film.mp4", &format!("PICTURES -itsoffset 1.5 TONE {two} H264 -c:a libopus"));
    // The decoder that browsers have.
    fills(&film, &Cut::new(&film.path, "50kB"), "libopus", OPUS);
}

#[test]
fn in_fragments_that_hold_both() {
    let film = Film::new("film.mp4", "PICTURES -itsoffset 1.5 TONE H264 -c:a libopus");
    let mut options = Options::new(&film.path, "");
    options.muxed = true;
    let cut = Cut::with(options);
    let streams = packets::read(&cut.whole(&cut.document().streams[0]), &[]);
    let of_film = original(&film.path).remove(1).packets;
    let behind = streams[1].packets.iter().skip(silent(&streams[1], &of_film));
    let known = |packet: &Packet| (packet.presentation, packet.hash.clone());
    assert!(behind.map(known).eq(of_film.iter().map(known)));
}

#[test]
fn what_has_no_known_silence_stays_late() {
    for coding in ["-c:a ac3", "-c:a flac", "-c:a libmp3lame", "-c:a libopus -ac 6 -mapping_family 1"] {
        let film = Film::new("film.mp4", &format!("PICTURES -itsoffset 1.5 TONE H264 {coding}"));
        let cut = Cut::new(&film.path, "50kB");
        let (of_film, packets) = (original(&film.path), cut.packets());
        equal(&packets[1].packets, &of_film[1].packets, &cut.document().streams[1]);
        let warnings = &cut.report.warnings;
        assert!(warnings.iter().any(|warning| matches!(warning, Warning::LateSound { .. })), "{warnings:?}");
    }
}

/// Holds every stream of sound against that of the film: frames of silence, digital silence to a decoder, and behind them the
/// film's own sound. `frame` is what ffmpeg decodes of each, in samples.
fn fills(film: &Film, cut: &Cut, decoder: &str, frame: usize) {
    let of_film: Vec<_> = original(&film.path).into_iter().filter(|stream| stream.kind == "audio").collect();
    let streams = cut.document().streams.iter().zip(cut.packets()).skip(1);
    for (number, (entry, stream)) in streams.enumerate() {
        let silent = silent(&stream, &of_film[number].packets);
        equal(&stream.packets[silent..], &of_film[number].packets, entry);
        let zeros = silent * frame * usize::from(entry.channels.expect("sound"));
        let (own, all) = (decoded(&film.path, number, decoder), decoded(&cut.whole(entry), 0, decoder));
        assert!(
            all.len() > zeros && all[..zeros].iter().all(|&sample| sample == 0.0),
            "{silent} frames of {}",
            entry.mime
        );
        assert!(all[zeros..] == own, "{} samples of {} behind it, not {}", all.len() - zeros, entry.mime, own.len());
    }
    let warnings = cut.report.warnings.iter();
    let told =
        warnings.filter(|warning| matches!(warning, Warning::Silence { seconds, .. } if (1.4..1.55).contains(seconds)));
    assert_eq!(told.count() + 1, cut.document().streams.len());
}

/// How many packets of a stream are silence in front of those of the film. The first begins with the film, or less than itself
/// before that, and there is no hole.
fn silent(stream: &Packets, of_film: &[Packet]) -> usize {
    let silent = stream.packets.len() - of_film.len();
    let begins: Vec<_> = stream.packets[..=silent].iter().map(|packet| packet.presentation.as_f64()).collect();
    let length = begins[1] - begins[0];
    assert!(begins[0] > -length && begins[0] <= 0.0, "{begins:?}");
    assert!(begins.windows(2).all(|pair| (pair[1] - pair[0] - length).abs() < 1e-6), "{begins:?}");
    silent
}

/// What ffmpeg decodes of a sound of a file, frame by frame as it stands there, channels by turns.
fn decoded(file: &Path, number: usize, decoder: &str) -> Vec<f32> {
    let mut ffmpeg = Command::new("ffmpeg");
    let packets = ["-v", "error", "-xerror", "-ignore_editlist", "1", "-flags2", "+skip_manual"];
    ffmpeg.args(packets).args(["-c:a", decoder, "-i"]).arg(file);
    ffmpeg.args(["-map", &format!("0:a:{number}"), "-f", "f32le", "-"]);
    let decoded = ffmpeg.output().expect("ffmpeg");
    let said = String::from_utf8_lossy(&decoded.stderr);
    assert!(decoded.status.success() && said.is_empty(), "{said}");
    let samples = decoded.stdout.as_chunks().0;
    samples.iter().copied().map(f32::from_le_bytes).collect()
}
