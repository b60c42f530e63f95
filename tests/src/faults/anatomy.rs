//! The fragments of a cut, and where in them the heads of boxes and of NAL units lie.

use std::{fs, ops::Range};

use anyhow::{Context, Result};
use manifest::{ChunkEntry, FragmentTable, Kind, StreamEntry};

use crate::Cut;

/// Bytes of a box's head, and of a NAL unit's length, type and the begin of its slice's header.
const HEAD: usize = 8;

/// One fragment: `moof` and `mdat`.
#[derive(Clone, Debug)]
pub(super) struct Fragment {
    /// The last two parts of its chunk's address.
    pub(super) object: String,
    /// Its bytes in the chunk.
    pub(super) span: Range<u64>,
    /// Where in the film it begins, in seconds.
    pub(super) begins: f64,
    /// Where its group ends.
    pub(super) group_ends: f64,
    bytes: Vec<u8>,
    pub(super) is_pictures: bool,
}

/// A part of a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// Length and type of the `moof`.
    MoofHead,
    /// What is in the `moof`: the heads of its boxes, times, sizes, offsets.
    Moof,
    /// Length and type of the `mdat`.
    MdatHead,
    /// Length, type and first bytes of a NAL unit: parameters, SEI, slice headers.
    UnitHead,
    /// Anywhere in the `mdat`: slice data for the most part, or sound.
    Data,
}

impl Spot {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::MoofHead, Self::Moof, Self::MdatHead, Self::UnitHead, Self::Data];

    /// For tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MoofHead => "head of `moof`",
            Self::Moof => "in `moof`",
            Self::MdatHead => "head of `mdat`",
            Self::UnitHead => "head of a NAL unit",
            Self::Data => "in `mdat`",
        }
    }
}

impl Fragment {
    /// Some byte of that part, where the fragment has such a part.
    pub(super) fn byte_in(&self, spot: Spot, random: &mut fastrand::Rng) -> Option<usize> {
        let moof = self.length_at(0)?;
        let mdat = moof + HEAD;
        let part = match spot {
            Spot::MoofHead => 0..HEAD,
            Spot::Moof => HEAD..moof,
            Spot::MdatHead => moof..mdat,
            Spot::UnitHead => random.choice(self.units(mdat)).map(|unit| unit..unit + HEAD)?,
            Spot::Data => mdat..self.bytes.len(),
        };
        let part = part.start..part.end.min(self.bytes.len());
        (!part.is_empty()).then(|| random.usize(part))
    }

    /// Where the NAL units of the pictures begin.
    fn units(&self, mdat: usize) -> Vec<usize> {
        let mut units = Vec::new();
        let mut at = mdat;
        while self.is_pictures
            && let Some(length) = self.length_at(at)
        {
            units.push(at);
            at += 4 + length;
        }
        units
    }

    /// The number of 32 bits that stands there.
    fn length_at(&self, at: usize) -> Option<usize> {
        let bytes = self.bytes.get(at..)?.first_chunk::<4>()?;
        usize::try_from(u32::from_be_bytes(*bytes)).ok()
    }
}

/// All fragments of a cut, stream by stream.
pub(super) fn dissect(cut: &Cut) -> Result<Vec<Fragment>> {
    let mut fragments = Vec::new();
    for stream in &cut.document().streams {
        for chunk in &stream.chunks {
            let file = fs::read(cut.path().join(&chunk.url)).with_context(|| format!("no chunk {}", chunk.url))?;
            let table = chunk.fragments.as_ref().context("the splitter makes tables")?;
            let table = FragmentTable::decode(&fs::read(cut.path().join(&table.url))?, chunk.bytes)?;
            let groups = groups(stream, chunk);
            let (mut start, mut time) = (0, chunk.start);
            for record in &table.records {
                let span = start..start + u64::from(record.bytes);
                let begins = seconds(stream, time);
                (start, time) = (span.end, time.saturating_add_unsigned(record.ticks.into()));
                let group = groups.iter().find(|(bytes, _)| bytes.contains(&span.start)).context("it is in a group")?;
                let own = usize::try_from(span.start)?..usize::try_from(span.end)?;
                fragments.push(Fragment {
                    object: ending(&chunk.url),
                    span,
                    begins,
                    group_ends: group.1,
                    bytes: file.get(own).context("the table fits the chunk")?.to_vec(),
                    is_pictures: stream.kind != Kind::Audio,
                });
            }
        }
    }
    Ok(fragments)
}

/// The bytes of each group of a chunk, and where in the film it ends, in seconds.
fn groups(stream: &StreamEntry, chunk: &ChunkEntry) -> Vec<(Range<u64>, f64)> {
    let runs = chunk.groups.ticks.iter();
    let ticks = runs.flat_map(|&(ticks, times)| std::iter::repeat_n(ticks, times as usize));
    let (mut byte, mut time) = (0, chunk.start);
    let group = |(&bytes, ticks): (&u64, u64)| {
        let own = byte..byte + bytes;
        (byte, time) = (own.end, time.saturating_add_unsigned(ticks));
        (own, seconds(stream, time))
    };
    chunk.groups.bytes.iter().zip(ticks).map(group).collect()
}

fn seconds(stream: &StreamEntry, ticks: i64) -> f64 {
    ticks as f64 / f64::from(stream.timescale.get())
}

/// The last two parts of an address's path.
pub(super) fn ending(url: &str) -> String {
    let parts: Vec<_> = url.rsplitn(3, '/').take(2).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A fragment of 40 bytes in its `moof` and two units of 20 and 90 in its `mdat`.
    pub(in crate::faults) fn fragment(start: u64) -> Fragment {
        let length = |length: u32| length.to_be_bytes().to_vec();
        let unit = |bytes: usize| [length(bytes as u32), vec![0x65; bytes]].concat();
        let moof = [length(40), b"moof".to_vec(), (0..32).collect()].concat();
        let bytes = [moof, length(126), b"mdat".to_vec(), unit(20), unit(90)].concat();
        let span = start..start + bytes.len() as u64;
        Fragment { object: "video-1/0001.mp4".to_owned(), span, begins: 0.0, group_ends: 1.0, bytes, is_pictures: true }
    }

    #[test]
    fn parts_of_a_fragment_are_found_where_they_are() {
        let fragment = fragment(0);
        assert_eq!(fragment.units(48), [48, 72]);
        let mut random = fastrand::Rng::with_seed(1);
        let mut at =
            |spot| (0..200).map(|_| fragment.byte_in(spot, &mut random).expect("it has one")).collect::<Vec<_>>();
        assert!(at(Spot::MoofHead).iter().all(|at| *at < 8));
        assert!(at(Spot::Moof).iter().all(|at| (8..40).contains(at)));
        assert!(at(Spot::MdatHead).iter().all(|at| (40..48).contains(at)));
        assert!(at(Spot::UnitHead).iter().all(|at| (48..56).contains(at) || (72..80).contains(at)));
        assert!(at(Spot::Data).iter().all(|at| (48..166).contains(at)));
        let sound = Fragment { is_pictures: false, ..fragment.clone() };
        assert_eq!(sound.byte_in(Spot::UnitHead, &mut random), None);
    }
}
