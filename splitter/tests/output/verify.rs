//! Every kind of damage is found, with its place.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::directory::id;
use crate::film::sample;
use crate::program::{cut, fail, findings, splitter, succeed};

struct Published {
    out: TempDir,
    id: String,
}

impl Published {
    fn new() -> Self {
        let out = TempDir::new().expect("a directory");
        succeed(&mut cut(&sample(), out.path(), &["--chunk-size", "500kB"]));
        let id = id(out.path());
        Self { out, id }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.out.path().join(&self.id).join(name)
    }

    /// Changes a file of the cut and says what is found then: kind and file in the cut, and where.
    fn edited(&self, name: &str, edit: impl FnOnce(&mut Vec<u8>)) -> Vec<(String, String, Option<u64>)> {
        let path = self.path(name);
        let whole = fs::read(&path).expect("a file");
        let mut bytes = whole.clone();
        edit(&mut bytes);
        fs::write(&path, bytes).expect("written");
        let found = self.findings();
        fs::write(&path, whole).expect("written");
        found
    }

    fn findings(&self) -> Vec<(String, String, Option<u64>)> {
        let in_cut = |file: String| file.strip_prefix(&format!("{}/", self.id)).map_or(file.clone(), str::to_owned);
        findings(self.out.path()).into_iter().map(|(problem, file, offset)| (problem, in_cut(file), offset)).collect()
    }
}

fn finding(problem: &str, file: &str, offset: Option<u64>) -> (String, String, Option<u64>) {
    (problem.to_owned(), file.to_owned(), offset)
}

/// Where a box of that type begins, the `n`th in the bytes.
fn box_at(bytes: &[u8], kind: &[u8; 4], n: usize) -> usize {
    let mut found = bytes.windows(4).enumerate().filter(|(_, window)| window == kind).map(|(at, _)| at - 4);
    found.nth(n).expect("there are so many")
}

#[test]
fn a_whole_cut_has_no_findings() {
    let cut = Published::new();
    assert_eq!(cut.findings(), []);
    assert_eq!(findings(cut.out.path().join("manifest.json")), []);
}

#[test]
fn a_changed_bit_is_found_in_its_fragment() {
    let cut = Published::new();
    let mut start = 0;
    let found = cut.edited("video-1/0002.mp4", |bytes| {
        start = box_at(bytes, b"moof", 3) as u64;
        let end = box_at(bytes, b"moof", 4);
        bytes[end - 1] ^= 0x10;
    });
    let file = "video-1/0002.mp4";
    assert_eq!(found, [finding("digest", file, None), finding("fragment-digest", file, Some(start))]);
}

#[test]
fn missing_and_cut_off_files_are_found() {
    let cut = Published::new();
    let found = cut.edited("audio-1/0001.mp4", |bytes| bytes.truncate(bytes.len() - 10));
    let problems: Vec<_> = found.iter().map(|(problem, ..)| problem.as_str()).collect();
    assert_eq!(problems, ["boxes", "length", "digest"]);
    let found = cut.edited("audio-1/0001.bin", |bytes| bytes.truncate(bytes.len() - 40));
    assert!(found.contains(&finding("length", "audio-1/0001.bin", None)), "{found:?}");
    assert!(found.contains(&finding("table", "audio-1/0001.bin", None)), "{found:?}");
    let path = cut.path("video-1/0003.mp4");
    let bytes = fs::read(&path).expect("a chunk");
    fs::remove_file(&path).expect("removed");
    assert_eq!(cut.findings(), [finding("unreadable", "video-1/0003.mp4", None)]);
    fs::write(path, bytes).expect("put back");
    assert_eq!(cut.findings(), []);
}

#[test]
fn an_init_of_another_codec_is_found() {
    let cut = Published::new();
    let file = "video-1/init.mp4";
    let found = cut.edited(file, |bytes| {
        // AVCLevelIndication of the decoder's configuration.
        let at = box_at(bytes, b"avcC", 0) + 8 + 3;
        bytes[at] = 0x28;
    });
    let expected = ["digest", "init-data", "property"].map(|problem| finding(problem, file, None));
    assert_eq!(found, expected);
}

#[test]
fn a_step_in_decode_times_is_found_at_the_border() {
    let cut = Published::new();
    let file = "audio-1/0001.mp4";
    let found = cut.edited(file, |bytes| {
        let at = box_at(bytes, b"tfdt", 1) + 8 + 4 + 7;
        bytes[at] ^= 1;
    });
    assert!(found.iter().any(|(problem, at, _)| problem == "gap" && at == file), "{found:?}");
    let file = "video-1/0002.mp4";
    let found = cut.edited(file, |bytes| {
        let at = box_at(bytes, b"tfdt", 0) + 8 + 4 + 7;
        bytes[at] ^= 1;
    });
    assert!(found.contains(&finding("gap", file, Some(0))), "{found:?}");
    assert!(found.contains(&finding("group-time", file, Some(0))), "{found:?}");
}

#[test]
fn a_chunk_that_begins_at_no_sync_sample_is_found() {
    let cut = Published::new();
    let file = "video-1/0002.mp4";
    let found = cut.edited(file, |bytes| {
        // first_sample_flags of the first run: behind version, flags, sample count and data offset.
        let at = box_at(bytes, b"trun", 0) + 8 + 4 + 4 + 4;
        bytes[at..at + 4].copy_from_slice(&0x0101_0000_u32.to_be_bytes());
    });
    assert!(found.contains(&finding("no-sync", file, Some(0))), "{found:?}");
}

/// Where the media of the `n`th fragment begins.
fn media_at(bytes: &[u8], n: usize) -> usize {
    box_at(bytes, b"mdat", n) + 8
}

#[test]
fn samples_that_no_decoder_takes_are_found() {
    let cut = Published::new();
    let file = "video-1/0002.mp4";
    let mut start = 0;
    let found = cut.edited(file, |bytes| {
        start = box_at(bytes, b"moof", 2) as u64;
        let at = media_at(bytes, 2);
        bytes[at] ^= 0x40;
    });
    assert!(found.contains(&finding("undecodable", file, Some(start))), "{found:?}");
    let file = "audio-1/0001.mp4";
    let found = cut.edited(file, |bytes| {
        // The first sample of the first fragment gets the header of a transport stream, which says how long it is.
        let trun = box_at(bytes, b"trun", 0) + 8;
        let size = u32::from_be_bytes(bytes[trun + 12..trun + 16].try_into().expect("four"));
        let at = media_at(bytes, 0);
        let header = [0xff, 0xf1, 0x50, 0x80 | (size >> 11) as u8, (size >> 3) as u8, (size << 5) as u8];
        bytes[at..at + 6].copy_from_slice(&header);
    });
    assert!(found.contains(&finding("undecodable", file, Some(0))), "{found:?}");
}

#[test]
fn a_configuration_that_no_decoder_takes_is_found() {
    let cut = Published::new();
    let file = "video-1/init.mp4";
    let found = cut.edited(file, |bytes| {
        let at = box_at(bytes, b"avcC", 0);
        let size = u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four")) as usize;
        bytes[at + 8..at + size].fill(0);
    });
    assert!(found.contains(&finding("init", file, None)), "{found:?}");
}

#[test]
fn a_decoder_finds_more() {
    let cut = Published::new();
    let decode = |out: &Path| {
        let output = splitter().args(["verify", "--decode", "--json"]).arg(out).output().expect("it starts");
        let verdict: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let findings = verdict["findings"].as_array().expect("a list").clone();
        assert_eq!(output.status.code(), Some(i32::from(!findings.is_empty())));
        findings
    };
    assert_eq!(decode(cut.out.path()), [] as [serde_json::Value; 0]);
    let path = cut.path("video-1/0001.mp4");
    let mut bytes = fs::read(&path).expect("a chunk");
    // Within the slice of the first picture, where nothing but a decoder looks.
    let at = media_at(&bytes, 0);
    bytes[at + 1_500..at + 1_700].fill(0x55);
    fs::write(&path, bytes).expect("damaged");
    let problems: Vec<_> = decode(cut.out.path()).iter().map(|finding| finding["problem"].clone()).collect();
    assert_eq!(problems, ["digest", "fragment-digest", "decode"]);
    let said = fail(splitter().args(["verify", "--decode"]).arg(cut.out.path()).env("PATH", ""));
    assert!(said.contains("--decode needs ffmpeg"), "{said}");
}

#[test]
fn changed_playlists_and_manifests_are_found() {
    let cut = Published::new();
    let found = cut.edited("video-1.m3u8", |bytes| bytes.extend_from_slice(b"#EXTINF:1,\n"));
    assert_eq!(found, [finding("playlist", "video-1.m3u8", None)]);
    let manifest = cut.out.path().join("manifest.json");
    let text = fs::read_to_string(&manifest).expect("a manifest");
    fs::write(&manifest, text.replace("\"bandwidth\":6", "\"bandwidth\":7")).expect("written");
    assert_eq!(cut.findings()[0], finding("id", "manifest.json", None));
    fs::write(&manifest, text.replace("\"version\":1", "\"version\":2")).expect("written");
    assert!(fail(splitter().arg("verify").arg(cut.out.path())).contains("version 2"));
}

#[test]
fn what_cannot_be_verified_is_an_error() {
    let nowhere = Path::new("/nowhere/at/all");
    assert!(fail(splitter().arg("verify").arg(nowhere)).contains("/nowhere/at/all/manifest.json"));
    let out = TempDir::new().expect("a directory");
    fs::write(out.path().join("manifest.json"), r#"[{"url":"a.mp4","bytes":1}]"#).expect("written");
    assert!(fail(splitter().arg("verify").arg(out.path())).contains("nothing to verify"));
    let said = fail(splitter().args(["verify", "http://127.0.0.1:9/media"]));
    assert!(said.contains("http://127.0.0.1:9/media/manifest.json"), "{said}");
}
