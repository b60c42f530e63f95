//! Films that people have and whose tables are wrong in ways that browsers do not mind. Each was made after a public bug
//! report and lies in `tests/films`.

use std::path::{Path, PathBuf};
use std::process::Command;

use splitter::{Choice, Options, Warning};

use crate::compare::{equal, original, same_packets_as};
use crate::cut::Cut;
use crate::film::Film;
use crate::packets::Packets;
use crate::program::output;

const AVC: &str = "video/mp4; codecs=\"avc1.64000c\"";
const AAC: &str = "audio/mp4; codecs=\"mp4a.40.2\"";

fn film(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/films").join(name)
}

fn cut(film: &Path) -> Cut {
    Cut::new(film, "50kB")
}

/// Cuts a film, holds every packet against it, and gives the warnings.
fn same(name: &str) -> Vec<String> {
    let cut = cut(&film(name));
    same_packets_as(&cut, &original(&film(name)), &[AVC, AAC]);
    cut.report.warnings.iter().map(ToString::to_string).collect()
}

fn keys(packets: &Packets) -> Vec<usize> {
    packets.packets.iter().enumerate().filter(|(_, packet)| packet.is_key).map(|(at, _)| at).collect()
}

#[test]
fn unsigned_offsets_that_are_signed() {
    let film = film("frag_trun0neg.mp4");
    let mut of_film = original(&film);
    // ffprobe shows all pictures later by the lowest offset; `MediaSource` does not.
    of_film[0].show_and_decode_earlier(512);
    same_packets_as(&cut(&film), &of_film, &[AVC, AAC]);
}

#[test]
fn two_equal_sample_entries() {
    assert_eq!(same("two_entries.mp4"), [""; 0]);
}

#[test]
fn sound_without_sync_samples() {
    assert_eq!(same("emptystss_audio.mp4"), [""; 0]);
}

#[test]
fn a_duration_below_zero() {
    assert_eq!(same("stts_neg_mid.mp4"), [""; 0]);
}

#[test]
fn a_last_picture_of_hours() {
    let cut = cut(&film("stts_huge_last.mp4"));
    let mut film = original(&film("stts_huge_last.mp4"));
    // The film's own headers say when it ends; the duration that ffprobe has left after 46 hours is none.
    film[0].packets.last_mut().expect("packets").duration = None;
    same_packets_as(&cut, &film, &[AVC, AAC]);
    assert!((cut.document().streams[0].chunks.iter().map(|chunk| chunk.duration).sum::<u64>()) == 128_000);
    assert!(matches!(cut.report.warnings[..], [Warning::Mended { track: 1, .. }]));
}

#[test]
fn junk_behind_the_last_box() {
    let said = same("tail_junk.mp4");
    assert!(said.len() == 1 && said[0].starts_with("320 bytes from byte 61544 on"), "{said:?}");
}

#[test]
fn a_metadata_track_that_cannot_be_read() {
    let said = same("meta_no_minf.mp4");
    assert!(said.len() == 1 && said[0].contains("track 9"), "{said:?}");
}

#[test]
fn pictures_that_are_all_called_keyframes() {
    let said = same("nostss.mp4");
    assert!(said.len() == 1 && said[0].contains("keyframes that are none"), "{said:?}");
}

/// Tables that count from 0, that leave out the first keyframe, or that list none of them.
#[test]
fn keyframes_that_are_listed_wrongly() {
    let film = Film::new("film.mp4", "PICTURES TONE H264 -c:a aac");
    let of_film = original(&film.path);
    let listed = |numbers: &[u32]| {
        film.edited("wrong.mp4", |mut bytes| {
            let at = bytes.windows(4).position(|word| word == b"stss").expect("there") + 8;
            assert_eq!(bytes[at..at + 4], 3_u32.to_be_bytes());
            bytes[at..at + 4].copy_from_slice(&(numbers.len() as u32).to_be_bytes());
            for (row, number) in bytes[at + 4..].chunks_exact_mut(4).zip(numbers) {
                row.copy_from_slice(&number.to_be_bytes());
            }
            bytes
        })
    };
    for (numbers, is_said) in [(&[0, 24, 48][..], true), (&[25, 49], false), (&[2, 10, 20], true)] {
        let cut = cut(&listed(numbers).path);
        same_packets_as(&cut, &of_film, &["video/mp4; codecs=\"avc1.4d400a\"", AAC]);
        assert_eq!(keys(&cut.packets()[0]), [0, 24, 48], "{numbers:?}");
        let said: Vec<_> = cut.report.warnings.iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|said| said.contains("keyframes that are none")) == is_said, "{numbers:?}: {said:?}");
    }
}

/// Without a table, a picture that needs no other is no keyframe of an open GOP.
#[test]
fn pictures_at_cuts_without_a_table() {
    let cut_to =
        "-f lavfi -i testsrc2=s=160x90:r=24:d=1.5[a];mandelbrot=s=160x90:r=24,trim=duration=1.5[b];[a][b]concat";
    let settings = "-c:v libx264 -preset veryfast -bf 0 -x264-params keyint=240:min-keyint=120:scenecut=80";
    let film = Film::new("film.mp4", &format!("{cut_to} {settings}"));
    assert_eq!(keys(&original(&film.path)[0]), [0, 36], "ffprobe calls every picture that needs no other a keyframe");
    let without = film.edited("without.mp4", |mut bytes| {
        let at = bytes.windows(4).position(|word| word == b"stss").expect("there");
        bytes[at..at + 4].copy_from_slice(b"free");
        bytes
    });
    let cut = Cut::new(&without.path, "1MB");
    let groups = cut.document().streams[0].chunks.iter().map(|chunk| chunk.groups.bytes.len());
    assert_eq!(groups.sum::<usize>(), 1);
    assert!(!cut.report.warnings.iter().any(|warning| matches!(warning, Warning::OpenGop { .. })));
}

/// Key frames of AV1 and VP9 say what they are, too: without a table, or with one that lists none.
#[test]
fn key_frames_without_a_table() {
    let vp9 = "PICTURES -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 24";
    for recipe in [vp9, "PICTURES -c:v libsvtav1 -preset 10 -g 24"] {
        let film = Film::new("film.mp4", recipe);
        let place = |bytes: &[u8]| bytes.windows(4).position(|word| word == b"stss").expect("there");
        let without = film.edited("without.mp4", |mut bytes| {
            let at = place(&bytes);
            bytes[at..at + 4].copy_from_slice(b"free");
            bytes
        });
        let empty = film.edited("empty.mp4", |mut bytes| {
            let at = place(&bytes);
            bytes[at + 8..at + 12].fill(0);
            bytes
        });
        let of_film = original(&film.path);
        assert_eq!(keys(&of_film[0]).len(), 3, "{recipe}");
        for wrong in [without, empty] {
            let of_cut = cut(&wrong.path).packets();
            assert_eq!(keys(&of_cut[0]), keys(&of_film[0]), "{recipe}");
            assert!(of_cut[0].packets.iter().zip(&of_film[0].packets).all(|(one, other)| one.hash == other.hash));
        }
    }
}

#[test]
fn pictures_without_a_byte() {
    let cut = cut(&film("zerolen_video_mid.mp4"));
    let mut film = original(&film("zerolen_video_mid.mp4"));
    let of_cut = cut.packets();
    assert_eq!(of_cut[0].packets.len(), 248);
    for packets in &mut film {
        // Their time is the one's before them.
        packets.packets.iter_mut().for_each(|packet| packet.duration = None);
    }
    same_packets_as(&cut, &film, &[AVC, AAC]);
    let end = cut.document().duration.as_seconds();
    assert!((10.0..10.03).contains(&end), "{end}");
}

#[test]
fn random_access_points_that_stand_in_sample_groups_alone() {
    let cut = cut(&film("cra_rap.mp4"));
    let film = original(&film("cra_rap.mp4"));
    let hevc = "video/mp4; codecs=\"hvc1.1.6.L60.90\"";
    let of_cut = cut.packets();
    assert_eq!(keys(&of_cut[0]), keys(&film[0]));
    same_packets_as(&cut, &film, &[hevc]);
    let stream = &cut.document().streams[0];
    assert_eq!(stream.chunks.iter().map(|chunk| chunk.groups.bytes.len()).sum::<usize>(), 5);
    assert!(stream.open_gop, "the groups begin with pictures that need the one before");
    let playlist = cut.directory.path().join(&cut.document().id).join("video-1.m3u8");
    assert!(!std::fs::read_to_string(playlist).expect("written").contains("INDEPENDENT"));
    let dash = std::fs::read_to_string(cut.directory.path().join("manifest.mpd")).expect("written");
    assert!(dash.contains("startWithSAP=\"3\""), "{dash}");
}

/// Decoding an open GOP from its first picture fails in Chromium, and `MediaSource` there knows IDR pictures alone.
#[test]
fn groups_begin_at_idr_pictures() {
    let cut = cut(&film("opengop.mp4"));
    let film = original(&film("opengop.mp4"));
    same_packets_as(&cut, &film, &[AVC, AAC]);
    assert_eq!(keys(&film[0]).len(), 5, "as ffprobe has it, decoding can start at each of them");
    let groups = cut.document().streams[0].chunks.iter().map(|chunk| chunk.groups.bytes.len());
    assert_eq!(groups.sum::<usize>(), 1);
    assert!(matches!(cut.report.warnings[..], [Warning::OpenGop { keyframes: 4, .. }]));
    assert!(!cut.document().streams[0].open_gop);
}

#[test]
fn sound_that_nothing_plays_beside_sound_that_does() {
    let cut = cut(&film("apac.mov"));
    let film = original(&film("apac.mov"));
    same_packets_as(&cut, &film, &[AVC, AAC]);
    let said: Vec<_> = cut.report.warnings.iter().map(ToString::to_string).collect();
    assert!(said.len() == 1 && said[0].starts_with("audio 2 (apac) is left out"), "{said:?}");
}

#[test]
fn one_of_two_cameras() {
    let path = film("twovideos_small.mp4");
    let cut_of = |video| {
        let mut options = Options::new(&path, "");
        options.choice = Choice { video, ..Choice::default() };
        Cut::with(options)
    };
    let film = original(&path);
    let avc = "video/mp4; codecs=\"avc1.42c00a\"";
    let (first, second) = (cut_of(None), cut_of(Some(2)));
    for (cut, track) in [(&first, 0), (&second, 1)] {
        same_packets_as(cut, &film, &[avc, AAC]);
        equal(&cut.packets()[0].packets, &film[track].packets, &cut.document().streams[0]);
    }
    assert!(matches!(first.report.warnings[..], [Warning::OtherPictures { number: 2, chosen: 1 }]));
    assert_eq!(second.report.warnings, []);
}

/// Chapters as ffprobe reads them.
fn chapters(film: &Path) -> Vec<(String, String)> {
    let mut ffprobe = Command::new("ffprobe");
    let json = output(ffprobe.args(["-v", "error", "-of", "json", "-show_chapters"]).arg(film));
    let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let all = json["chapters"].as_array().expect("a list");
    all.iter().map(|chapter| (text(&chapter["start_time"]), text(&chapter["tags"]["title"]))).collect()
}

fn same_chapters(film: &Path, count: usize) -> Cut {
    let cut = cut(film);
    let of_cut = cut.document().chapters.iter();
    let of_cut: Vec<_> = of_cut.map(|one| (format!("{:.6}", one.start.as_seconds()), one.title.clone())).collect();
    assert_eq!((of_cut.len(), &of_cut), (count, &chapters(film)));
    assert_eq!(cut.document().subtitles, [], "chapters are no subtitles");
    cut
}

const CHAPTERS: &str = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=One\n\
    [CHAPTER]\nTIMEBASE=1/1000\nSTART=900\nEND=1700\ntitle=Zwei \u{e4}\u{f6}\u{fc}\n\
    [CHAPTER]\nTIMEBASE=1/1000\nSTART=1700\nEND=3000\ntitle=\u{4e09}\n";

#[test]
fn chapters_of_a_track() {
    same_chapters(&film("chapters_tx3g.mp4"), 2);
    let film = Film::new("film.mp4", "PICTURES TONE H264 -c:a aac");
    let list = film.beside("chapters.txt");
    std::fs::write(&list, CHAPTERS).expect("writable");
    for name in ["named.mp4", "named.mov", "named.mkv"] {
        let named = film.again(name, &format!("FILM -i {} -map 0 -map_chapters 1 -c copy", list.display()));
        same_chapters(&named.path, 3);
    }
}

#[test]
fn headers_that_are_compressed() {
    let path = film("cmov.mov");
    let cut = cut(&path);
    let of_cut = cut.packets();
    let film = original(&path);
    assert_eq!(
        of_cut.iter().map(|stream| stream.packets.len()).collect::<Vec<_>>(),
        [film[0].packets.len(), film[1].packets.len()]
    );
}

#[test]
fn an_address_is_no_film() {
    for (address, says) in
        [("https://example.org/a.mp4", "curl"), ("git+ssh://h/a.mp4", "curl"), ("file:///a.mp4", "be /a.mp4")]
    {
        let error = splitter::preview(&Options::new(address, "out")).expect_err("an address").to_string();
        assert!(error.contains(says), "{error}");
    }
}

/// A film that is cured by `--transcode` says so, and is.
#[test]
fn what_transcode_cures() {
    let cure = |path: &Path| {
        let mut options = Options::new(path, "");
        options.transcode = true;
        let cut = Cut::with(options);
        let groups = cut.document().streams[0].chunks.iter().map(|chunk| chunk.groups.bytes.len()).sum::<usize>();
        (cut.document().duration.as_seconds(), groups, cut.report.warnings.clone())
    };
    let (seconds, groups, warnings) = cure(&film("opengop.mp4"));
    assert!((9.9..10.2).contains(&seconds) && groups == 5, "{seconds} s, {groups} groups");
    assert_eq!(warnings, []);
    let (_, groups, _) = cure(&film("apac.mov"));
    assert!(groups > 1);
    // Two entries that differ.
    let mut bytes = std::fs::read(film("two_entries.mp4")).expect("readable");
    let second = bytes.windows(4).rposition(|word| word == b"avcC").expect("there");
    bytes[second + 6] ^= 0x40;
    let directory = tempfile::TempDir::new().expect("a directory");
    let path = directory.path().join("changes.mp4");
    std::fs::write(&path, bytes).expect("writable");
    let refused = splitter::preview(&Options::new(&path, "out")).expect_err("two configurations").to_string();
    assert!(refused.contains("configuration on the way") && refused.contains("--transcode"), "{refused}");
    let (seconds, groups, _) = cure(&path);
    assert!((9.9..10.2).contains(&seconds) && groups == 5, "{seconds} s, {groups} groups");
}
