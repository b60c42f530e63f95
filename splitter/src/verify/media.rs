//! The media of fragments against its framing.

use std::collections::VecDeque;

use isobmff::framing::{Check, Framing};
use isobmff::{BoxRef, Init, Moof, Traf};

use super::Problem;

/// The most samples of a fragment that are looked at: a run can claim four billion of them in a few bytes.
const MOST_SAMPLES: u64 = 1 << 20;

/// Holds the samples of a chunk against their framing while its bytes pass.
pub(super) struct Media {
    /// Number and check of each track.
    tracks: Vec<(u32, Check)>,
    /// What comes next of the media that passes: which track's, and how many bytes.
    parts: VecDeque<(usize, u64)>,
    /// Where the fragment begins.
    offset: u64,
    /// Where the first fault of each track was seen.
    first: Vec<Option<u64>>,
}

impl Media {
    pub(super) fn new(init: &Init, framings: &[Framing]) -> Self {
        let tracks: Vec<_> =
            init.tracks.iter().zip(framings).map(|(track, &framing)| (track.id, Check::new(framing))).collect();
        Self { first: vec![None; tracks.len()], tracks, parts: VecDeque::new(), offset: 0 }
    }

    /// The media of a fragment is to come, `payload` bytes behind the beginning of its `moof` at `offset`.
    pub(super) fn expect(&mut self, init: &Init, moof: &[u8], offset: u64, payload: u64) {
        self.parts.clear();
        self.offset = offset;
        let defaults = |id| init.track(id).map(|track| track.defaults.unwrap_or_default());
        let Ok(moof) = BoxRef::parse(moof, offset) else { return };
        let Ok(moof) = Moof::parse(&moof, defaults) else { return };
        if moof.trafs.iter().map(Traf::count).fold(0, u64::saturating_add) > MOST_SAMPLES {
            return;
        }
        let mut place = payload;
        for traf in moof.trafs.iter().filter(|traf| traf.count() > 0) {
            let Some(at) = self.tracks.iter().position(|(id, _)| *id == traf.track) else { return };
            // As the splitter lays it out: a run for each track, one behind the other. Others' media is not looked into.
            let begins = traf.samples().next().and_then(|sample| sample.data_offset);
            if begins.and_then(|begins| u64::try_from(begins).ok()) != Some(place) {
                return;
            }
            let sizes: Vec<_> = traf.samples().map(|sample| sample.size).collect();
            let bytes: u64 = sizes.iter().map(|&size| u64::from(size)).sum();
            if bytes == 0 {
                continue;
            }
            self.tracks[at].1.expect(sizes);
            self.parts.push_back((at, bytes));
            place += bytes;
        }
    }

    /// Media that passes.
    pub(super) fn take(&mut self, mut bytes: &[u8]) {
        while let Some((at, left)) = self.parts.front_mut() {
            let (now, later) = bytes.split_at(bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX)));
            *left -= now.len() as u64;
            let (at, is_over) = (*at, *left == 0);
            self.tracks[at].1.take(now);
            if self.tracks[at].1.fault().is_some() {
                self.first[at].get_or_insert(self.offset);
            }
            bytes = later;
            if !is_over {
                return;
            }
            self.parts.pop_front();
        }
    }

    /// What was found, and in the fragment at which offset first.
    pub(super) fn problems(&self) -> impl Iterator<Item = (u64, Problem)> + '_ {
        self.tracks.iter().zip(&self.first).filter_map(|(&(track, ref check), first)| {
            let (_, why) = check.fault()?;
            Some(((*first)?, Problem::Undecodable { track, samples: check.faults(), why }))
        })
    }
}
