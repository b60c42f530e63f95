//! Whether two inits set a decoder up alike.

use std::fmt;

use super::Init;
use crate::codec::Mpeg4Audio;
use crate::{BoxPath, BoxRef, Error, SampleEntry, Track, TrackKind};

/// The first thing in which two inits differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The number of the track, where it is one track's.
    pub track: Option<u32>,
    /// What differs: `codec`, or the path of a box.
    pub what: String,
    /// As it is in the first init.
    pub first: String,
    /// As it is in the second init.
    pub second: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(track) = self.track {
            write!(f, "track {track}: ")?;
        }
        write!(f, "the {} is {} in one init and {} in the other", self.what, self.first, self.second)
    }
}

/// The first thing in which two inits differ; `None` when what decodes with one decodes with the other.
///
/// Times of creation, durations, brands, bit rates, user data and free space do not count: they change nothing for a
/// decoder, and packagers that write one init a chunk fill them in anew each time.
///
/// # Errors
/// When either is not an init.
pub fn difference(first: &[u8], second: &[u8]) -> Result<Option<Difference>, Error> {
    let inits = (Init::parse(first)?, Init::parse(second)?);
    if let Some(difference) = in_tracks(&inits.0, &inits.1) {
        return Ok(Some(difference));
    }
    for (track, [first, second]) in inits
        .0
        .tracks
        .iter()
        .zip(entries(first)?.into_iter().zip(entries(second)?))
        .map(|(track, (first, second))| (track, [first, second]))
    {
        if let Some(difference) = in_entries(track, &first, &second)? {
            return Ok(Some(difference));
        }
    }
    Ok(None)
}

/// What has a name.
fn in_tracks(first: &Init, second: &Init) -> Option<Difference> {
    let compare = |track, what: &str, first: String, second: String| {
        (first != second).then(|| Difference { track, what: what.to_owned(), first, second })
    };
    let number = |init: &Init| init.tracks.len().to_string();
    compare(None, "number of tracks", number(first), number(second))
        .or_else(|| compare(None, "fragmentation", fragmentation(first), fragmentation(second)))
        .or_else(|| {
            first.tracks.iter().zip(&second.tracks).find_map(|(first, second)| {
                let (one, other) = (properties(first), properties(second));
                let different = one.into_iter().zip(other).find(|(one, other)| one.1 != other.1);
                different.map(|((what, one), (_, other))| Difference {
                    track: Some(first.id),
                    what: what.to_owned(),
                    first: one,
                    second: other,
                })
            })
        })
}

fn fragmentation(init: &Init) -> String {
    if init.is_fragmented { "fragmented" } else { "progressive" }.to_owned()
}

fn properties(track: &Track) -> Vec<(&'static str, String)> {
    let entry = track.entry();
    let defaults = track.defaults.unwrap_or_default();
    let defaults = [defaults.track, defaults.description, defaults.duration, defaults.size, defaults.flags];
    let mut properties = vec![
        ("track number", track.id.to_string()),
        ("kind", kind(track.kind)),
        ("codec", entry.codec.clone()),
        ("timescale", track.timescale.to_string()),
        ("number of sample entries", track.entries.len().to_string()),
        ("first presented media time", track.edits.media_time.to_string()),
        ("fragment defaults", numbers(&defaults)),
    ];
    match track.kind {
        TrackKind::Video => properties.extend([
            ("coded size", format!("{}x{}", entry.width, entry.height)),
            ("display size", format!("{}x{}", track.width, track.height)),
            ("display matrix", numbers(&track.matrix)),
        ]),
        TrackKind::Audio => properties.extend([
            ("number of channels", entry.channels.to_string()),
            ("sample rate", format!("{} Hz", entry.sample_rate)),
        ]),
        TrackKind::Text | TrackKind::Other(_) => {}
    }
    properties
}

fn kind(kind: TrackKind) -> String {
    match kind {
        TrackKind::Video => "video".to_owned(),
        TrackKind::Audio => "audio".to_owned(),
        TrackKind::Text => "text".to_owned(),
        TrackKind::Other(handler) => handler.to_string(),
    }
}

/// Not by `Debug`, whose builders the player has no other use for.
fn numbers(numbers: &[impl ToString]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The sample entries of all tracks.
fn entries(init: &[u8]) -> Result<Vec<Vec<BoxRef<'_>>>, Error> {
    let mut tracks = Vec::new();
    for child in BoxRef::moov(init)?.children() {
        let trak = child?;
        if trak.kind == b"trak" {
            let stsd = trak.need("mdia")?.need("minf")?.need("stbl")?.need("stsd")?;
            tracks.push(stsd.children_after(8)?.collect::<Result<_, _>>()?);
        }
    }
    Ok(tracks)
}

fn in_entries(track: &Track, first: &[BoxRef<'_>], second: &[BoxRef<'_>]) -> Result<Option<Difference>, Error> {
    for (first, second) in first.iter().zip(second) {
        let (one, other) = (configuration(first, track.kind)?, configuration(second, track.kind)?);
        for at in 0..one.len().max(other.len()) {
            let (one, other) = (one.get(at), other.get(at));
            if one != other {
                let what = one.or(other).map_or_else(String::new, |(path, _)| path.to_string());
                let (first, second) = describe(one, other);
                return Ok(Some(Difference { track: Some(track.id), what, first, second }));
            }
        }
    }
    Ok(None)
}

/// The boxes of a sample entry with what they set up; where no boxes are known, the whole entry.
fn configuration(entry: &BoxRef<'_>, kind: TrackKind) -> Result<Vec<(BoxPath, Vec<u8>)>, Error> {
    if SampleEntry::fields_bytes(entry, kind)?.is_none() {
        return Ok(vec![(entry.path, entry.body.to_vec())]);
    }
    let significant = |child: &BoxRef<'_>| !matches!(&child.kind.0, b"btrt" | b"free" | b"skip" | b"wave");
    SampleEntry::boxes(entry, kind)?
        .iter()
        .filter(|child| significant(child))
        .map(|child| {
            let body = match &child.kind.0 {
                // Its other fields are bit rates and buffer sizes.
                b"esds" => Mpeg4Audio::parse(child)?.specific,
                _ => child.body.to_vec(),
            };
            Ok((child.path, body))
        })
        .collect()
}

/// Two different bodies in words: what is at the first byte that differs.
fn describe(one: Option<&(BoxPath, Vec<u8>)>, other: Option<&(BoxPath, Vec<u8>)>) -> (String, String) {
    let (Some((path, one)), Some((other_path, other))) = (one, other) else {
        let presence = |body: Option<_>| if body.is_some() { "there" } else { "absent" }.to_owned();
        return (presence(one), presence(other));
    };
    if path != other_path {
        return (path.to_string(), other_path.to_string());
    }
    let at = one.iter().zip(other).position(|(one, other)| one != other).unwrap_or(one.len().min(other.len()));
    let byte = |body: &[u8]| match body.get(at) {
        Some(byte) => format!("{byte:#04x} at byte {at}"),
        None => format!("{} bytes long", body.len()),
    };
    (byte(one), byte(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::film;

    fn text(first: &[Vec<u8>], second: &[Vec<u8>]) -> Option<String> {
        difference(&film::init(first), &film::init(second)).expect("both valid").map(|found| found.to_string())
    }

    #[test]
    fn times_of_creation_and_durations_do_not_count() {
        let first = film::init(&[film::video(1)]);
        for (kind, at) in [(b"mvhd", 12), (b"mvhd", 16), (b"mvhd", 27), (b"tkhd", 12), (b"mdhd", 19), (b"ftyp", 8)] {
            let mut second = first.clone();
            let place = second.windows(4).position(|window| window == kind).expect("there") - 4;
            second[place + at] ^= 0x55;
            assert_ne!(first, second);
            assert_eq!(difference(&first, &second), Ok(None), "{kind:?} {at}");
        }
    }

    #[test]
    fn what_differs_is_named() {
        let (video, audio) = (film::video(1), film::audio(2));
        assert_eq!(text(std::slice::from_ref(&video), std::slice::from_ref(&video)), None);
        assert_eq!(
            text(std::slice::from_ref(&video), &[video.clone(), audio]).expect("different"),
            "the number of tracks is 1 in one init and 2 in the other"
        );
        let mut level = video.clone();
        let avcc = level.windows(4).position(|window| window == b"avcC").expect("there") + 4;
        level[avcc + 3] = 0x28;
        assert_eq!(
            text(std::slice::from_ref(&video), &[level]).expect("different"),
            "track 1: the codec is avc1.64001f in one init and avc1.640028 in the other"
        );
        let mut parameters = video.clone();
        parameters[avcc + 5] = 0x77;
        assert_eq!(
            text(&[video], &[parameters]).expect("different"),
            "track 1: the moov/trak/mdia/minf/stbl/stsd/avc1/avcC is 0xe1 at byte 5 in one init \
             and 0x77 at byte 5 in the other"
        );
    }

    #[test]
    fn what_is_no_init_is_an_error() {
        let init = film::init(&[film::video(1)]);
        assert!(difference(&init, b"<!DOCTYPE html>").is_err());
    }
}
