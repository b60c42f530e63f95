//! Fragments as other packagers shape them, made by hand from what ffmpeg wrote: several runs in a track's part, both
//! tracks in one fragment with a base that is said, implied or absent, `styp` and `sidx` between fragments.

use std::fs;

use isobmff::write::{InitTrack, init};
use isobmff::{BoxPath, Children, Init, Sample, SampleTable, TrackKind};

use crate::boxes::make;
use crate::compare::{original, same_packets_as};
use crate::cut::Cut;
use crate::film::Film;

const AVC: &str = "video/mp4; codecs=\"avc1.4d400a\"";
const AAC: &str = "audio/mp4; codecs=\"mp4a.40.2\"";

/// Where the offsets of a track's part count from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    /// `base_data_offset`.
    Said,
    /// `default_base_is_moof`.
    Moof,
    /// Neither: the fragment for the first track, the data of the track before for others.
    Implied,
}

/// A track that is to be put into fragments.
struct Part {
    id: u32,
    samples: Vec<Sample>,
    data: Vec<Vec<u8>>,
    decode_time: u64,
}

fn full(kind: &[u8; 4], version: u32, flags: u32, words: &[u32]) -> Vec<u8> {
    let words = [&[version << 24 | flags], words].concat();
    make(kind, &words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>())
}

/// Puts a progressive film into fragments of about 20 pictures.
fn fragments(film: &Film, base: Base, runs: usize, between: &[u8]) -> Vec<u8> {
    let bytes = fs::read(&film.path).expect("readable");
    let whole = Children::new(&bytes, BoxPath::default(), 0).map(|child| child.expect("whole"));
    let moov = whole.filter(|child| child.kind == b"moov").last().expect("headers");
    let read = Init::from_moov(&moov).expect("valid");
    let traks: Vec<_> =
        moov.children().map(|child| child.expect("whole")).filter(|child| child.kind == b"trak").collect();
    let stbl = |at: usize| traks[at].need("mdia").and_then(|mdia| mdia.need("minf")?.need("stbl")).expect("whole");
    let tracks: Vec<_> = read
        .tracks
        .iter()
        .enumerate()
        .map(|(at, track)| InitTrack {
            id: track.id,
            kind: track.kind,
            timescale: track.timescale,
            language: None,
            extended_language: None,
            name: "",
            size: [track.width << 16, track.height << 16],
            matrix: track.matrix,
            media_time: track.edits.media_time,
            sample_entries: stbl(at).need("stsd").expect("whole").body,
            description: 1,
        })
        .collect();
    let mut out = init(read.timescale, 0, &tracks);
    let mut left: Vec<_> = read
        .tracks
        .iter()
        .enumerate()
        .map(|(at, track)| {
            let table = SampleTable::from_stbl(&stbl(at), bytes.len() as u64).expect("valid");
            let (mut samples, per) =
                (table.iter().collect::<Vec<_>>(), if track.kind == TrackKind::Video { 20 } else { 40 });
            samples.reverse();
            (track.id, samples, per, 0)
        })
        .collect();
    while left.iter().any(|(_, samples, _, _)| !samples.is_empty()) {
        let mut parts = Vec::new();
        for (id, samples, per, time) in left.iter_mut().filter(|(_, samples, _, _)| !samples.is_empty()) {
            let now: Vec<_> = samples.split_off(samples.len().saturating_sub(*per)).into_iter().rev().collect();
            let data =
                |sample: &Sample| bytes[sample.offset as usize..sample.offset as usize + sample.size as usize].to_vec();
            let ticks: u64 = now.iter().map(|sample| u64::from(sample.duration)).sum();
            parts.push(Part { id: *id, data: now.iter().map(data).collect(), samples: now, decode_time: *time });
            *time += ticks;
        }
        out.extend(between);
        let start = out.len();
        // The length of the boxes does not depend on the offsets in them.
        let length = moof(&parts, base, runs, start, 0).len();
        out.extend(moof(&parts, base, runs, start, length));
        out.extend(make(b"mdat", &parts.iter().flat_map(|part| part.data.concat()).collect::<Vec<_>>()));
    }
    out
}

fn moof(parts: &[Part], base: Base, runs: usize, start: usize, length: usize) -> Vec<u8> {
    let mut body = full(b"mfhd", 0, 0, &[1]);
    let mut place = length + 8;
    for (number, part) in parts.iter().enumerate() {
        let tfhd = match base {
            Base::Said => full(b"tfhd", 0, 1, &[part.id, 0, u32::try_from(start + place).expect("small")]),
            Base::Moof => full(b"tfhd", 0, 0x2_0000, &[part.id]),
            Base::Implied => full(b"tfhd", 0, 0, &[part.id]),
        };
        let own = match base {
            Base::Moof => place,
            Base::Implied if number == 0 => place,
            Base::Said | Base::Implied => 0,
        };
        let mut traf = [tfhd, full(b"tfdt", 0, 0, &[u32::try_from(part.decode_time).expect("small")])].concat();
        for (run, samples) in part.samples.chunks(part.samples.len().div_ceil(runs)).enumerate() {
            // Only the first run says where its data is; the others follow it.
            let flags = 0xf00 | u32::from(run == 0);
            let mut words = vec![u32::try_from(samples.len()).expect("few")];
            words.extend((run == 0).then(|| u32::try_from(own).expect("small")));
            for sample in samples {
                let sync = if sample.is_sync { 0x200_0000 } else { 0x101_0000 };
                words.extend([sample.duration, sample.size, sync, sample.composition_offset.cast_unsigned()]);
            }
            traf.extend(full(b"trun", 1, flags, &words));
        }
        body.extend(make(b"traf", &traf));
        place += part.data.iter().map(Vec::len).sum::<usize>();
    }
    make(b"moof", &body)
}

fn keeps(base: Base, runs: usize, between: &[u8]) {
    let film = Film::new("film.mp4", "PICTURES TONE H264 -c:a aac");
    let shaped = film.edited("shaped.mp4", |_| fragments(&film, base, runs, between));
    same_packets_as(&Cut::new(&shaped.path, "50kB"), &original(&film.path), &[AVC, AAC]);
}

#[test]
fn both_tracks_in_a_fragment_with_a_base_that_is_said() {
    keeps(Base::Said, 3, &[]);
}

#[test]
fn both_tracks_in_a_fragment_that_is_their_base() {
    keeps(Base::Moof, 2, &[]);
}

#[test]
fn both_tracks_in_a_fragment_without_a_base() {
    keeps(Base::Implied, 4, &[]);
}

#[test]
fn segments_with_their_own_types_and_indexes() {
    let index = full(b"sidx", 0, 0, &[1, 12_288, 0, 0, 1, 1_000, 12_288, 0x9000_0000]);
    let styp = make(b"styp", b"msdh\0\0\0\0msdhmsix");
    let message = make(b"emsg", &[0; 24]);
    let time = full(b"prft", 1, 0, &[1, 0, 0, 0, 0]);
    keeps(Base::Moof, 1, &[styp, index, time, message, make(b"free", &[0; 5])].concat());
}
