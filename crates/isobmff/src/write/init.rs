//! `ftyp` and a `moov` without samples (ISO/IEC 14496-12 section 4.3, 8.2 and 8.8.1).

use super::{long, put, put_full, words};
use crate::TrackKind;

/// One track of an init that is to be written.
#[derive(Clone, Debug)]
pub struct InitTrack<'a> {
    /// Its number in the init; not 0.
    pub id: u32,
    /// What it carries: video, audio or text.
    pub kind: TrackKind,
    /// Ticks in a second.
    pub timescale: u32,
    /// Three letters of ISO 639-2; absent for undetermined.
    pub language: Option<&'a str>,
    /// A BCP 47 tag that says more than three letters can.
    pub extended_language: Option<&'a str>,
    /// A name for people.
    pub name: &'a str,
    /// Display size in pixels as 16.16 fixed point numbers (video).
    pub size: [u32; 2],
    /// The transformation of the picture (section 6.2.2).
    pub matrix: [i32; 9],
    /// The composition time that is presented first, in ticks; no edit list where it is 0.
    pub media_time: u64,
    /// The body of its `stsd`.
    pub sample_entries: &'a [u8],
    /// Number of the sample entry, from 1, that its samples use.
    pub description: u32,
}

/// A transformation that changes nothing.
const UNITY: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// `ftyp` and `moov` of a fragmented file; `duration` in ticks of the movie's `timescale`.
#[must_use]
pub fn init(timescale: u32, duration: u64, tracks: &[InitTrack<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, b"ftyp", |out| out.extend_from_slice(b"iso6\0\0\0\0iso6mp41"));
    put(&mut out, b"moov", |out| {
        put_full(out, b"mvhd", 0, 0, |out| {
            words(out, &[0, 0, timescale, 0, 0x1_0000, 0x0100_0000, 0, 0]);
            words(out, &UNITY);
            words(out, &[0; 6]);
            words(out, &[tracks.iter().map(|track| track.id).max().unwrap_or(0).saturating_add(1)]);
        });
        tracks.iter().for_each(|track| trak(out, track));
        put(out, b"mvex", |out| {
            put_full(out, b"mehd", 1, 0, |out| long(out, duration));
            for track in tracks {
                put_full(out, b"trex", 0, 0, |out| words(out, &[track.id, track.description, 0, 0, 0]));
            }
        });
    });
    out
}

fn trak(out: &mut Vec<u8>, track: &InitTrack<'_>) {
    put(out, b"trak", |out| {
        // Enabled and in the movie.
        put_full(out, b"tkhd", 0, 3, |out| {
            let volume = if track.kind == TrackKind::Audio { 0x0100_0000 } else { 0 };
            words(out, &[0, 0, track.id, 0, 0, 0, 0, 0, volume]);
            track.matrix.iter().for_each(|value| out.extend_from_slice(&value.to_be_bytes()));
            words(out, &track.size);
        });
        if track.media_time > 0 {
            put(out, b"edts", |out| {
                // A duration of 0 stands for all of the fragments.
                put_full(out, b"elst", 1, 0, |out| {
                    words(out, &[1, 0, 0]);
                    long(out, track.media_time);
                    words(out, &[0x1_0000]);
                });
            });
        }
        put(out, b"mdia", |out| mdia(out, track));
    });
}

fn mdia(out: &mut Vec<u8>, track: &InitTrack<'_>) {
    put_full(out, b"mdhd", 0, 0, |out| words(out, &[0, 0, track.timescale, 0, packed(track.language) << 16]));
    put_full(out, b"hdlr", 0, 0, |out| {
        words(out, &[0]);
        out.extend_from_slice(match track.kind {
            TrackKind::Video => b"vide",
            TrackKind::Audio => b"soun",
            TrackKind::Text | TrackKind::Other(_) => b"text",
        });
        words(out, &[0; 3]);
        out.extend(track.name.bytes().filter(|&byte| byte != 0));
        out.push(0);
    });
    if let Some(language) = track.extended_language {
        put_full(out, b"elng", 0, 0, |out| {
            out.extend(language.bytes().filter(|&byte| byte != 0));
            out.push(0);
        });
    }
    put(out, b"minf", |out| {
        match track.kind {
            TrackKind::Video => put_full(out, b"vmhd", 0, 1, |out| words(out, &[0; 2])),
            TrackKind::Audio => put_full(out, b"smhd", 0, 0, |out| words(out, &[0])),
            TrackKind::Text | TrackKind::Other(_) => put_full(out, b"nmhd", 0, 0, |_| ()),
        }
        put(out, b"dinf", |out| {
            put_full(out, b"dref", 0, 0, |out| {
                words(out, &[1]);
                // The media is in this very file.
                put_full(out, b"url ", 0, 1, |_| ());
            });
        });
        put(out, b"stbl", |out| {
            put(out, b"stsd", |out| out.extend_from_slice(track.sample_entries));
            put_full(out, b"stts", 0, 0, |out| words(out, &[0]));
            put_full(out, b"stsc", 0, 0, |out| words(out, &[0]));
            put_full(out, b"stsz", 0, 0, |out| words(out, &[0; 2]));
            put_full(out, b"stco", 0, 0, |out| words(out, &[0]));
        });
    });
}

/// Three letters in fifteen bits (section 8.4.2.3); `und` for what is no such code.
fn packed(language: Option<&str>) -> u32 {
    let letters: [u8; 3] = language.and_then(|code| code.as_bytes().try_into().ok()).unwrap_or(*b"und");
    let letters = if letters.iter().all(u8::is_ascii_lowercase) { letters } else { *b"und" };
    letters.iter().fold(0, |packed, letter| packed << 5 | u32::from(letter - 0x60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::{film, full, make};
    use crate::{BoxPath, Children, Event, Init, Walker};

    fn avc1() -> Vec<u8> {
        let avcc = make(b"avcC", &[1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 0]);
        let entry = make(b"avc1", &[vec![0; 78], avcc].concat());
        full(b"stsd", 0, 0, &[&[0, 0, 0, 1][..], &entry].concat())[8..].to_vec()
    }

    fn video(sample_entries: &[u8]) -> InitTrack<'_> {
        InitTrack {
            id: 1,
            kind: TrackKind::Video,
            timescale: 24_000,
            language: Some("fra"),
            extended_language: Some("fr-CA"),
            name: "Le film",
            size: [1280 << 16, 720 << 16],
            matrix: UNITY.map(|value| value as i32),
            media_time: 2_002,
            sample_entries,
            description: 1,
        }
    }

    #[test]
    fn sizes_are_read_as_the_nearest_whole_pixels() {
        for (size, pixels) in [(81 << 16 | 0xc7ce, 82), (81 << 16 | 0x7fff, 81), (1280 << 16, 1280), (u32::MAX, 65_535)]
        {
            let sample_entries = avc1();
            let track = InitTrack { size: [size, size], ..video(&sample_entries) };
            let read = Init::parse(&init(1_000, 1_000, &[track])).expect("valid");
            assert_eq!((read.tracks[0].width, read.tracks[0].height), (pixels, pixels), "{size:#x}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let matrix = [0, 0x1_0000, 0, -0x1_0000, 0, 0, 0, 0, 0x4000_0000];
        let sample_entries = avc1();
        let track = InitTrack { matrix, ..video(&sample_entries) };
        let bytes = init(1_000, 7_200_000, std::slice::from_ref(&track));
        let read = Init::parse(&bytes).expect("valid");
        assert_eq!((read.timescale, read.duration, read.is_fragmented), (1_000, Some(7_200_000), true));
        let video = &read.tracks[0];
        assert_eq!((video.id, video.timescale, video.shift()), (1, 24_000, -2_002));
        assert_eq!((video.language.as_deref(), video.name.as_str()), (Some("fr-CA"), "Le film"));
        assert_eq!((video.width, video.height, video.matrix, video.is_turned()), (1280, 720, matrix, true));
        assert_eq!(video.entry().codec, "avc1.64001f");
        assert!(!video.has_samples && video.enabled && video.defaults.is_some());

        let unnamed = init(1_000, 0, &[InitTrack { language: Some("?"), extended_language: None, ..track }]);
        assert_eq!(Init::parse(&unnamed).expect("valid").tracks[0].language, None);
    }

    #[test]
    fn a_walker_takes_it() {
        let audio = film::init(&[film::audio(2)]);
        let stsd = find(&audio, b"stsd");
        let track = InitTrack {
            id: 2,
            kind: TrackKind::Audio,
            timescale: 44_100,
            language: None,
            extended_language: None,
            name: "",
            size: [0; 2],
            matrix: [0; 9],
            media_time: 0,
            sample_entries: &stsd,
            description: 1,
        };
        let bytes = init(1_000, 0, &[track]);
        let mut walker = Walker::new(0);
        let event = bytes.iter().find_map(|&byte| walker.feed(&[byte]).expect("valid"));
        assert!(matches!(event, Some(Event::Init { init, .. }) if init.mime() == "audio/mp4; codecs=\"mp4a.40.2\""));
    }

    /// The body of the first box of a type, wherever it stands.
    fn find(bytes: &[u8], kind: &[u8; 4]) -> Vec<u8> {
        let at = bytes.windows(4).position(|window| window == kind).expect("there") - 4;
        Children::new(&bytes[at..], BoxPath::default(), 0).next().expect("one").expect("whole").body.to_vec()
    }
}
