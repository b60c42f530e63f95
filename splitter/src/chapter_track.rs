//! Chapters from a track of text whose samples are their titles.

use manifest::MOST_CHAPTERS;

use crate::Error;
use crate::chapters::{Chapter, text};
use crate::source::{Input, SourceTrack};

/// The most bytes of a sample that are read: a title is cut to 200 characters later.
const MOST_BYTES: u32 = 4 << 10;

/// The chapters that a track names. `moved` is what is added to a composition time to get a time of the film, in ticks.
pub(crate) fn read(input: &Input, track: &SourceTrack, moved: i64) -> Result<Vec<Chapter>, Error> {
    let mut chapters = Vec::new();
    let mut ticks = i128::from(track.first_decode_time) + i128::from(moved);
    for sample in track.table.iter().take(MOST_CHAPTERS) {
        let bytes = input.read_box(sample.offset, u64::from(sample.size.min(MOST_BYTES)))?;
        let start = ticks * 1_000_000 / i128::from(track.track.timescale);
        ticks += i128::from(sample.duration);
        // A length of 16 bits, the text, then boxes of styles.
        let Some((length, rest)) = bytes.split_first_chunk::<2>() else { continue };
        let title = rest.get(..usize::from(u16::from_be_bytes(*length))).unwrap_or(rest);
        chapters.push(Chapter { start: i64::try_from(start).unwrap_or(i64::MAX), title: text(title) });
    }
    Ok(chapters)
}
