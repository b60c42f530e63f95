//! Silence in front of sound that begins late, in a chunk that holds pictures, too.
//!
//! Where a SourceBuffer has no sound, a browser shows no pictures either. So fragments of silence are put among those that come
//! before the first sound: what plays before a fragment, or before the sound in it, is filled in front of it. Only then is it
//! known that no sound follows for what came before; and a decode time that went back would have the browser wait for the next
//! keyframe.

use std::ops::Range;

use isobmff::write::{FragmentRun, moof};
use isobmff::{Fragment, Init, Sample, SilentFrame, Track, TrackKind, framing};

/// Seconds that a fragment can leave without sound at most: it can claim centuries.
const MOST_SECONDS: u64 = 600;
/// Frames of silence in a film at most: ten minutes of AAC at 96 kHz.
const MOST_FRAMES: u64 = 56_250;
/// One part in this of a second without sound costs no picture: one of 50 in a second.
const TOLERANCE: u64 = 50;

/// The silence of a film's first chunk.
#[derive(Debug)]
pub(crate) struct Silence {
    frame: SilentFrame,
    /// Of the track of sound.
    track: u32,
    /// Where the fragments end that were looked at.
    reached: u64,
    /// The bytes of the chunk that were last to be appended, one behind the other.
    appended: Range<u64>,
    /// Decode time up to which there is silence, in ticks of the track of sound.
    filled: Option<u64>,
    /// The sound has begun, or there is too much to fill.
    is_over: bool,
    /// Frames that may still be added.
    left: u64,
    /// Fragments of silence, and where in the chunk they belong.
    pieces: Vec<(u64, Vec<u8>)>,
}

impl Silence {
    /// For a chunk with that init; `None` where it has not one track of pictures and one of sound whose silence is known.
    pub(crate) fn of(bytes: &[u8], init: &Init) -> Option<Self> {
        only(init, TrackKind::Video)?;
        let sound = only(init, TrackKind::Audio)?;
        let (entry, _) = framing::entry_of_init(bytes, sound.id).ok()?;
        let frame = SilentFrame::of(&entry, sound.timescale, &[]).ok()??;
        Some(Self {
            frame,
            track: sound.id,
            reached: 0,
            appended: 0..0,
            filled: None,
            is_over: false,
            left: MOST_FRAMES,
            pieces: Vec::new(),
        })
    }

    /// Looks at the next fragment, which lies there in the chunk. What is read from beyond the last one on is passed over.
    pub(crate) fn add(&mut self, read_from: u64, range: &Range<u64>, fragment: &Fragment, init: &Init) {
        if self.is_over || read_from > self.reached || range.start < self.reached {
            return;
        }
        self.reached = range.end;
        let part = |track: &Track| fragment.tracks.iter().find(|part| part.track == track.id);
        let tracks = only(init, TrackKind::Video).zip(only(init, TrackKind::Audio));
        let Some((pictures, sound)) = tracks else { return };
        let begun = part(sound);
        self.is_over = begun.is_some();
        let clock = Clock { pictures, sound };
        let shown = part(pictures).map(|part| clock.decode_time(part.composition_time));
        let heard = begun.map(|begun| begun.decode_time);
        let Some(until) = heard.or(shown) else { return };
        let from = *self.filled.get_or_insert(shown.unwrap_or(until));
        let (second, missing) = (u64::from(sound.timescale), until.saturating_sub(from));
        if self.appended.contains(&range.start) {
            // It came in part, and that part has been appended already.
        } else if missing > second * MOST_SECONDS {
            self.is_over = true;
        } else if missing > second / TOLERANCE {
            self.fill(range.start, fragment.sequence, sound.timescale, missing);
        }
    }

    /// Has `missing` ticks of silence stand in front of byte `at`: whole frames as far as sound has not begun, so that what
    /// comes behind is never before.
    fn fill(&mut self, at: u64, sequence: u32, timescale: u32, missing: u64) {
        let (samples, rate) = (u64::from(self.frame.samples), u64::from(self.frame.rate));
        let ticks = samples * u64::from(timescale);
        let count = if self.is_over { (missing * rate).div_ceil(ticks) } else { missing * rate / ticks };
        // A clock that is too coarse would have frames of no length.
        if ticks < rate || count > self.left {
            self.is_over = true;
            return;
        }
        let begins = |number: u64| (number * ticks / rate).min(missing);
        let size = u32::try_from(self.frame.bytes.len()).expect("a frame of silence has a few bytes");
        let sample = |number: u64| Sample {
            offset: 0,
            size,
            duration: u32::try_from(begins(number + 1) - begins(number)).unwrap_or(u32::MAX),
            composition_offset: 0,
            is_sync: true,
        };
        let samples: Vec<_> = (0..count).map(sample).collect();
        let Some(decode_time) = self.filled.filter(|_| count > 0) else { return };
        let (run, mut bytes) = (FragmentRun { track: self.track, decode_time, samples: &samples }, Vec::new());
        if moof(&mut bytes, sequence, &[run]).is_ok() {
            samples.iter().for_each(|_| bytes.extend_from_slice(&self.frame.bytes));
            self.filled = Some(decode_time + begins(count));
            self.left -= count;
            self.pieces.push((at, bytes));
        }
    }

    /// What belongs into these bytes of the chunk, which are to be appended, and where in the chunk.
    pub(crate) fn within(&mut self, bytes: Range<u64>) -> impl Iterator<Item = (u64, &[u8])> {
        let begin = if bytes.start == self.appended.end { self.appended.start } else { bytes.start };
        self.appended = begin..bytes.end;
        let pieces = self.pieces.iter().filter(move |(at, _)| bytes.contains(at));
        pieces.map(|(at, piece)| (*at, &piece[..]))
    }
}

/// From times of pictures to those of sound.
struct Clock<'a> {
    pictures: &'a Track,
    sound: &'a Track,
}

impl Clock<'_> {
    /// When sound is decoded that is heard with what has that composition time; 0 where that would be before.
    fn decode_time(&self, composition_time: i64) -> u64 {
        let shown = i128::from(composition_time) + i128::from(self.pictures.shift());
        let heard = shown * i128::from(self.sound.timescale) / i128::from(self.pictures.timescale);
        u64::try_from((heard - i128::from(self.sound.shift())).max(0)).unwrap_or(u64::MAX)
    }
}

/// The track of a kind, where there is one alone.
fn only(init: &Init, kind: TrackKind) -> Option<&Track> {
    let mut tracks = init.tracks.iter().filter(|track| track.kind == kind);
    tracks.next().filter(|_| tracks.next().is_none())
}

#[cfg(test)]
mod tests;
