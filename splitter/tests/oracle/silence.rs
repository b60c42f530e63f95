//! Sound that begins late has silence in front of it, which decoders take for what it is.

mod crafted;

use std::path::Path;
use std::process::Command;

use splitter::verify::{Place, verify};
use splitter::{Options, Stop, Warning};

use crate::compare::{equal, original};
use crate::cut::Cut;
use crate::film::Film;
use crate::packets::{self, Packet, Packets};

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
    fills(&film, &cut, None, &[1, 2, 3, 4, 5, 6, 8]);
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
    fills(&film, &cut, None, &[2]);
}

#[test]
fn opus_of_one_and_two_channels() {
    let two = "-map 0:v -map 1:a -map 1:a -filter:a:1 aformat=channel_layouts=stereo";
    let film = Film::new("film.mp4", &format!("PICTURES -itsoffset 1.5 TONE {two} H264 -c:a libopus"));
    // The decoder that browsers have.
    fills(&film, &Cut::new(&film.path, "50kB"), Some("libopus"), &[1, 2]);
}

/// Each packet holds one of several streams of one or two channels.
#[test]
fn opus_of_several_streams() {
    let tracks: Vec<_> = (0..)
        .zip(["5.1", "7.1", "quad"])
        .map(|(at, layout)| format!("-map 1:a -filter:a:{at} aformat=channel_layouts={layout}"))
        .collect();
    let coding = "H264 -c:a libopus -mapping_family 1";
    let film = Film::new("film.mp4", &format!("PICTURES -itsoffset 1.5 TONE -map 0:v {} {coding}", tracks.join(" ")));
    fills(&film, &Cut::new(&film.path, "100kB"), Some("libopus"), &[6, 8, 4]);
}

/// Channels that no configuration has a number for are listed in front of the sound.
#[test]
fn aac_whose_channels_are_listed() {
    let tracks: Vec<_> = (0..)
        .zip(["quad", "2.1", "6.1"])
        .map(|(at, layout)| format!("-map 1:a -filter:a:{at} aformat=channel_layouts={layout}"))
        .collect();
    let film =
        Film::new("film.mp4", &format!("PICTURES -itsoffset 1.5 TONE -map 0:v {} H264 -c:a aac", tracks.join(" ")));
    fills(&film, &Cut::new(&film.path, "100kB"), None, &[4, 3, 7]);
}

#[test]
fn flac_of_several_depths_and_block_sizes() {
    let tracks =
        "-map 0:v -map 1:a -map 1:a -map 1:a -c:a flac -sample_fmt:a:1 s32 -ac:a:1 2 -frame_size:a:2 1152 -ac:a:2 6";
    let film = Film::new("film.mp4", &format!("PICTURES -itsoffset 1.5 TONE {tracks} H264"));
    fills(&film, &Cut::new(&film.path, "200kB"), None, &[1, 2, 6]);
}

#[test]
fn ac3_and_e_ac3_of_one_to_six_channels() {
    let layouts = ["mono", "stereo", "3.0", "5.1"];
    let tracks: Vec<_> = (0..)
        .zip(layouts.iter().chain(&layouts))
        .map(|(at, layout)| {
            let coding = if at < layouts.len() { "ac3" } else { "eac3" };
            format!("-map 1:a -filter:a:{at} aformat=channel_layouts={layout} -c:a:{at} {coding}")
        })
        .collect();
    let film = Film::new("film.mp4", &format!("PICTURES -itsoffset 1.5 TONE -map 0:v {} H264", tracks.join(" ")));
    fills(&film, &Cut::new(&film.path, "200kB"), None, &[1, 2, 3, 6, 1, 2, 3, 6]);
}

#[test]
fn mpeg_audio_of_two_layers() {
    let coding = "-c:a libmp3lame -b:a:0 320k -ac:a:1 2 -b:a:1 128k -ar:a:2 24000 -b:a:2 64k -c:a:3 mp2";
    let tracks = "-map 0:v -map 1:a -map 1:a -map 1:a -map 1:a";
    let film = Film::new("film.mp4", &format!("PICTURES -itsoffset 1.5 TONE {tracks} H264 {coding}"));
    fills(&film, &Cut::new(&film.path, "200kB"), None, &[1, 2, 1, 1]);
}

/// Its first frames lack bits that stood in front of them, which silence must not give them.
#[test]
fn mp3_that_was_cut_out_of_a_longer_one() {
    let long = Film::new("long.mp3", "-f lavfi -i anoisesrc=d=5:r=48000 -c:a libmp3lame -b:a 128k");
    let film = long.again("film.mp4", "PICTURES -itsoffset 1.5 -ss 2 FILM -map 0:v -map 1:a H264 -c:a copy");
    fills(&film, &Cut::new(&film.path, "100kB"), None, &[1]);
}

#[test]
fn in_fragments_that_hold_both() {
    let film = Film::new("film.mp4", "PICTURES -itsoffset 1.5 TONE H264 -c:a libopus");
    let streams = muxed(&film);
    let of_film = original(&film.path).remove(1).packets;
    let behind = streams[1].packets.iter().skip(silent(&streams[1], &of_film).0);
    assert!(behind.map(known).eq(of_film.iter().map(known)));
}

/// What comes before the film is in a fragment of its own, and lacks nothing.
#[test]
fn priming_in_fragments_that_hold_both() {
    let film = Film::new("film.mp4", "PICTURES TONE H264 -c:a aac");
    let streams = muxed(&film);
    for (stream, of_film) in streams.iter().zip(original(&film.path)) {
        assert!(stream.packets.iter().map(known).eq(of_film.packets.iter().map(known)), "{}", of_film.kind);
    }
}

/// The packets of a cut with both in the same fragments, which begin as the manifest says.
fn muxed(film: &Film) -> Vec<Packets> {
    let mut options = Options::new(&film.path, "");
    options.muxed = true;
    let cut = Cut::with(options);
    let place = Place::Directory(cut.directory.path().to_owned());
    let findings = verify(&place, &(), &Stop::default()).expect("readable").findings;
    assert!(findings.is_empty(), "{findings:?}");
    packets::read(&cut.whole(&cut.document().streams[0]), &[])
}

fn known(packet: &Packet) -> (packets::Seconds, String) {
    (packet.presentation, packet.hash.clone())
}

/// Whether there is SBR, its configuration does not say; its frames do.
#[test]
fn aac_of_a_low_rate_that_says_nothing_of_sbr() {
    let plain = "-c:a aac -ar 24000 -f adts";
    for channels in [1, 2] {
        let film = late(&Film::new("plain.aac", &format!("TONE {plain} -ac {channels}")));
        let cut = Cut::new(&film.path, "50kB");
        fills(&film, &cut, None, &[channels]);
    }
    let film =
        Film::new("plain.aac", &format!("TONE {plain} -ac 1")).edited("sbr.aac", |adts| crafted::with_sbr(&adts));
    let film = late(&film);
    // To a decoder twice the rate, and two channels, because there may be PS.
    fills(&film, &Cut::new(&film.path, "50kB"), None, &[2 * 2]);
}

/// Its samples have a frame of each of two substreams, in eight channels together.
#[test]
fn e_ac3_of_several_substreams() {
    let film = Film::new("5.1.eac3", "TONE -af aformat=channel_layouts=5.1 -c:a eac3 -b:a 256k");
    let film = late(&film.edited("7.1.eac3", |frames| crafted::with_noise_behind(&frames)));
    let cut = Cut::new(&film.path, "100kB");
    fills(&film, &cut, None, &[8]);
    let all = decoded(&cut.whole(&cut.document().streams[1]), 0, None);
    let loud = |channel: usize| all.iter().skip(channel).step_by(8).any(|sample| sample.abs() > 0.001);
    assert!(loud(2) && loud(4), "the centre of the one and the noise of the other");
}

/// A film with that sound from a second and a half on.
fn late(sound: &Film) -> Film {
    sound.again("film.mp4", "PICTURES -itsoffset 1.5 FILM -map 0:v -map 1:a H264 -c:a copy")
}

/// AAC Main predicts from frame to frame.
#[test]
fn what_has_no_known_silence_stays_late() {
    let plain = Film::new("film.mp4", "PICTURES -itsoffset 1.5 TONE H264 -c:a aac -ar 48000 -ac 2");
    let film = plain.edited("main.mp4", |mut bytes| {
        let low_complexity = [0x11, 0x90, 0x56, 0xe5, 0];
        let at = bytes.windows(5).position(|window| window == low_complexity).expect("as ffmpeg writes it");
        bytes[at] = 0x09;
        bytes
    });
    let cut = Cut::new(&film.path, "50kB");
    let (of_film, packets) = (original(&film.path), cut.packets());
    equal(&packets[1].packets, &of_film[1].packets, &cut.document().streams[1]);
    let warnings = &cut.report.warnings;
    assert!(warnings.iter().any(|warning| matches!(warning, Warning::LateSound { .. })), "{warnings:?}");
}

/// Holds every stream of sound against that of the film: frames of silence, digital silence to a decoder, and behind them the
/// film's own sound. `channels` is how many each has.
fn fills(film: &Film, cut: &Cut, decoder: Option<&str>, channels: &[usize]) {
    let of_film: Vec<_> = original(&film.path).into_iter().filter(|stream| stream.kind == "audio").collect();
    let streams = cut.document().streams.iter().zip(cut.packets()).skip(1);
    for (number, (entry, stream)) in streams.enumerate() {
        let (silent, length) = silent(&stream, &of_film[number].packets);
        equal(&stream.packets[silent..], &of_film[number].packets, entry);
        let zeros =
            silent * (length * f64::from(entry.sample_rate.expect("sound"))).round() as usize * channels[number];
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

/// How many packets of a stream are silence in front of those of the film, and how long each is in seconds. The first begins with the film, or less than itself
/// before that, and there is no hole.
fn silent(stream: &Packets, of_film: &[Packet]) -> (usize, f64) {
    let silent = stream.packets.len() - of_film.len();
    let begins: Vec<_> = stream.packets[..=silent].iter().map(|packet| packet.presentation.as_f64()).collect();
    let length = begins[1] - begins[0];
    assert!(begins[0] > -length && begins[0] <= 0.0, "{begins:?}");
    assert!(begins.windows(2).all(|pair| (pair[1] - pair[0] - length).abs() < 1e-6), "{begins:?}");
    (silent, length)
}

/// What ffmpeg decodes of a sound of a file, frame by frame as it stands there, channels by turns.
fn decoded(file: &Path, number: usize, decoder: Option<&str>) -> Vec<f32> {
    let mut ffmpeg = Command::new("ffmpeg");
    let packets = ["-v", "error", "-xerror", "-ignore_editlist", "1", "-flags2", "+skip_manual"];
    ffmpeg.args(packets).args(decoder.map_or(Vec::new(), |decoder| vec!["-c:a", decoder])).arg("-i").arg(file);
    ffmpeg.args(["-map", &format!("0:a:{number}"), "-f", "f32le", "-"]);
    let decoded = ffmpeg.output().expect("ffmpeg");
    let said = String::from_utf8_lossy(&decoded.stderr);
    assert!(decoded.status.success() && said.is_empty(), "{said}");
    let samples = decoded.stdout.as_chunks().0;
    samples.iter().copied().map(f32::from_le_bytes).collect()
}
