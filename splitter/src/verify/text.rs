//! Subtitles and thumbnails: WebVTT files, and pictures that one of them names.

use std::collections::{BTreeMap, BTreeSet};

use manifest::{Digest, FileEntry, SubtitlesEntry, ThumbnailsEntry};
use sha2::{Digest as _, Sha256};

use super::{Finding, LARGEST_TEXT, Place, Problem};

/// Holds a WebVTT file against its digest, its name and the first line that it must have; gives its length.
pub(super) fn check(place: &Place, entry: &SubtitlesEntry, findings: &mut Vec<Finding>) -> u64 {
    let read = read(place, &entry.url, entry.sha256, is_webvtt, Problem::NoWebVtt, findings);
    read.map_or(0, |bytes| bytes.len() as u64)
}

/// The same for thumbnails and every picture that they name; gives the length of each file.
pub(super) fn check_thumbnails(place: &Place, entry: &ThumbnailsEntry, findings: &mut Vec<Finding>) -> Vec<u64> {
    let cues = read(place, &entry.url, entry.sha256, is_webvtt, Problem::NoWebVtt, findings);
    let Some(bytes) = cues else { return vec![0] };
    let text = String::from_utf8_lossy(&bytes);
    let directory = entry.url.rsplit_once('/').map_or("", |(directory, _)| directory);
    let in_cues = text.lines().filter_map(|line| line.split_once("#xywh=")).map(|(name, _)| name);
    let in_cues = in_cues.map(|name| format!("{directory}/{name}"));
    let digests: BTreeMap<_, _> = entry.pictures.iter().map(|FileEntry { url, sha256, .. }| (url, *sha256)).collect();
    let pictures: BTreeSet<_> = in_cues.chain(digests.keys().map(|&url| url.clone())).collect();
    let lengths = pictures.iter().map(|picture| {
        let sha256 = digests.get(picture).copied();
        let read = read(place, picture, sha256, is_picture, Problem::NoPicture, findings);
        read.map_or(0, |bytes| bytes.len() as u64)
    });
    std::iter::once(bytes.len() as u64).chain(lengths).collect()
}

/// Reads a file and says what is wrong with it.
fn read(
    place: &Place,
    url: &str,
    sha256: Option<Digest>,
    is_right: fn(&[u8]) -> bool,
    problem: Problem,
    findings: &mut Vec<Finding>,
) -> Option<Vec<u8>> {
    let bytes = match place.read(url, LARGEST_TEXT) {
        Ok(bytes) => bytes,
        Err(why) => {
            findings.push(Finding::new(url, Problem::Unreadable { why }));
            return None;
        }
    };
    let digest = Digest(Sha256::digest(&bytes).into());
    let found = digest.to_string();
    if !is_right(&bytes) {
        findings.push(Finding::new(url, problem));
    } else if let Some(expected) = sha256.filter(|&expected| expected != digest) {
        findings.push(Finding::new(url, Problem::Digest { expected, found: digest }));
    } else if named_digest(url).is_some_and(|named| named != &found[..named.len()]) {
        findings.push(Finding::new(url, Problem::Name { found: found[..16].to_owned() }));
    }
    Some(bytes)
}

/// The digits of a digest that the splitter put last into a file's name.
fn named_digest(url: &str) -> Option<&str> {
    let name = url.rsplit('/').next().and_then(|name| name.split_once('.')).map(|(name, _)| name)?;
    let digits = name.rsplit('-').next()?;
    let is_hex = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (digits.len() == 16 && is_hex).then_some(digits)
}

fn is_webvtt(bytes: &[u8]) -> bool {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).starts_with(b"WEBVTT")
}

/// JPEG, which is all that the splitter has made (ISO/IEC 10918-1 section B.1.1.3: SOI, then a marker).
fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xd8\xff")
}
