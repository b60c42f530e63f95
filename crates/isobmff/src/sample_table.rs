//! The samples of one track, kept small: a two-hour film has half a million of them.

use std::ops::Range;

/// One sample of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Where its bytes begin in the file.
    pub offset: u64,
    /// In bytes.
    pub size: u32,
    /// Decode time of the next sample less its own, in ticks.
    pub duration: u32,
    /// Composition time less decode time, in ticks.
    pub composition_offset: i32,
    /// Whether decoding can start here.
    pub is_sync: bool,
}

/// The samples of one track in decode order: four bytes for each, and eight to twelve wherever a property changes.
#[derive(Clone, Debug, Default)]
pub struct SampleTable {
    sizes: Vec<u32>,
    /// Where a stretch of samples without holes between them begins in the file.
    stretches: Runs<u64>,
    durations: Runs<u32>,
    composition_offsets: Runs<i32>,
    syncs: Runs<bool>,
    ticks: u64,
    bytes: u64,
    end: u64,
    description: u32,
}

/// The table is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a track has more than {} samples, which no film has", SampleTable::MAX_SAMPLES)]
pub struct TooManySamples;

impl SampleTable {
    /// The most samples in a table: four days of audio. A file can claim 2^32 of them in a few bytes.
    pub const MAX_SAMPLES: u32 = 1 << 24;

    /// Adds a sample behind the last one.
    ///
    /// # Errors
    /// [`TooManySamples`].
    pub fn push(&mut self, sample: Sample) -> Result<(), TooManySamples> {
        let at = self.count();
        if at == Self::MAX_SAMPLES {
            return Err(TooManySamples);
        }
        if at == 0 || sample.offset != self.end {
            self.stretches.start(at, sample.offset);
        }
        self.durations.push(at, sample.duration);
        self.composition_offsets.push(at, sample.composition_offset);
        self.syncs.push(at, sample.is_sync);
        self.sizes.push(sample.size);
        self.end = sample.offset.saturating_add(u64::from(sample.size));
        // 2^24 samples of at most 2^32 ticks and bytes: no overflow.
        self.ticks += u64::from(sample.duration);
        self.bytes += u64::from(sample.size);
        Ok(())
    }

    /// Gives the last sample another duration, as one that is only known from the sample behind it.
    pub fn set_last_duration(&mut self, duration: u32) {
        let Some(last) = self.count().checked_sub(1) else { return };
        let old = self.durations.replace_last(last, duration);
        self.ticks = self.ticks - u64::from(old) + u64::from(duration);
    }

    /// Makes exactly those samples sync samples, counted from 0, of which `is_sync` says so.
    pub fn set_syncs(&mut self, mut is_sync: impl FnMut(u32) -> bool) {
        self.syncs = Runs::default();
        for at in 0..self.count() {
            self.syncs.push(at, is_sync(at));
        }
    }

    /// Number of the sample entry that all samples use, from 1; 0 where it is not known.
    #[must_use]
    pub fn description(&self) -> u32 {
        self.description
    }

    /// Notes the sample entry that all samples use.
    pub fn set_description(&mut self, description: u32) {
        self.description = description;
    }

    /// How many samples there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.sizes.len()).expect("no more than MAX_SAMPLES are taken")
    }

    /// All durations together, in ticks.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        self.ticks
    }

    /// All sizes together, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether every sample is a sync sample, as in most audio.
    #[must_use]
    pub fn is_all_sync(&self) -> bool {
        self.syncs.0.iter().all(|&(_, is_sync)| is_sync)
    }

    /// The most bytes of samples from a sync sample up to the next, or to the end.
    #[must_use]
    pub fn longest_group(&self) -> u64 {
        let (mut longest, mut bytes) = (0, 0);
        for sample in self.iter() {
            bytes = if sample.is_sync { 0 } else { bytes } + u64::from(sample.size);
            longest = bytes.max(longest);
        }
        longest
    }

    /// The duration that all samples but the last have, if there is one: a constant frame rate.
    #[must_use]
    pub fn constant_duration(&self) -> Option<u32> {
        match *self.durations.0.as_slice() {
            [(_, duration)] => Some(duration),
            [(_, duration), (last, _)] if last + 1 == self.count() => Some(duration),
            _ => None,
        }
    }

    /// A range of samples, in decode order. What lies beyond the end is left out.
    #[must_use]
    pub fn samples(&self, range: Range<u32>) -> Samples<'_> {
        let at = range.start.min(self.count());
        let end = range.end.min(self.count());
        Samples {
            table: self,
            at,
            end,
            offset: self.offset(at),
            stretch: self.stretches.place(at),
            duration: self.durations.place(at),
            composition_offset: self.composition_offsets.place(at),
            sync: self.syncs.place(at),
        }
    }

    /// All samples, in decode order.
    #[must_use]
    pub fn iter(&self) -> Samples<'_> {
        self.samples(0..self.count())
    }

    /// Where the samples stand in the file: stretches without holes, in decode order.
    pub fn stretches(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        let begins = &self.stretches.0;
        begins.iter().enumerate().map(|(number, &(first, offset))| {
            let next = begins.get(number + 1).map_or(self.sizes.len(), |&(next, _)| next as usize);
            let sizes = &self.sizes[first as usize..next];
            offset..offset.saturating_add(sizes.iter().map(|&size| u64::from(size)).sum())
        })
    }

    fn offset(&self, at: u32) -> u64 {
        let Some(&(first, offset)) = self.stretches.0.get(self.stretches.place(at)) else { return 0 };
        let before = &self.sizes[first as usize..at as usize];
        offset + before.iter().map(|&size| u64::from(size)).sum::<u64>()
    }
}

/// Values that seldom change: the sample from which on each holds.
#[derive(Clone, Debug)]
struct Runs<T>(Vec<(u32, T)>);

impl<T> Default for Runs<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy + PartialEq> Runs<T> {
    fn start(&mut self, at: u32, value: T) {
        self.0.push((at, value));
    }

    fn push(&mut self, at: u32, value: T) {
        if self.0.last().is_none_or(|&(_, last)| last != value) {
            self.start(at, value);
        }
    }

    fn replace_last(&mut self, at: u32, value: T) -> T {
        let (first, old) = *self.0.last().expect("the table is not empty");
        if first == at {
            self.0.pop();
        }
        self.push(at, value);
        old
    }

    /// The run that holds at a sample.
    fn place(&self, at: u32) -> usize {
        self.0.partition_point(|&(first, _)| first <= at).saturating_sub(1)
    }

    /// The value at a sample, and the run that it is in, which is `place` or the one behind it.
    fn advance(&self, place: &mut usize, at: u32) -> T {
        if self.0.get(*place + 1).is_some_and(|&(first, _)| first <= at) {
            *place += 1;
        }
        self.0[*place].1
    }
}

/// Samples of a [`SampleTable`], in decode order.
#[derive(Clone, Debug)]
pub struct Samples<'a> {
    table: &'a SampleTable,
    at: u32,
    end: u32,
    offset: u64,
    stretch: usize,
    duration: usize,
    composition_offset: usize,
    sync: usize,
}

impl Iterator for Samples<'_> {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        if self.at >= self.end {
            return None;
        }
        let (table, at) = (self.table, self.at);
        if let Some(&(first, offset)) = table.stretches.0.get(self.stretch + 1)
            && first == at
        {
            self.stretch += 1;
            self.offset = offset;
        }
        let size = table.sizes[at as usize];
        let sample = Sample {
            offset: self.offset,
            size,
            duration: table.durations.advance(&mut self.duration, at),
            composition_offset: table.composition_offsets.advance(&mut self.composition_offset, at),
            is_sync: table.syncs.advance(&mut self.sync, at),
        };
        self.offset += u64::from(size);
        self.at += 1;
        Some(sample)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.end - self.at) as usize;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Samples<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<Sample> {
        (0..100_u32)
            .map(|at| Sample {
                offset: u64::from(at) * 50 + if at % 10 < 5 { 0 } else { 1 << 40 },
                size: 50 - u32::from(at % 7 == 0),
                duration: if at == 99 { 7 } else { 512 },
                composition_offset: [0, 1_024, -512][at as usize % 3],
                is_sync: at % 25 == 0,
            })
            .collect()
    }

    #[test]
    fn every_range_gives_back_what_went_in() {
        let samples = samples();
        let mut table = SampleTable::default();
        for &sample in &samples {
            table.push(sample).expect("few");
        }
        for start in 0..=100 {
            for end in [start, start + 1, 57, 100, 1_000] {
                let expected = samples.get(start as usize..(end as usize).min(100)).unwrap_or_default();
                assert_eq!(table.samples(start..end).collect::<Vec<_>>(), expected, "{start}..{end}");
            }
        }
        assert_eq!((table.count(), table.ticks()), (100, 99 * 512 + 7));
        assert_eq!(table.bytes(), samples.iter().map(|sample| u64::from(sample.size)).sum::<u64>());
        assert_eq!(table.constant_duration(), Some(512));
        assert!(!table.is_all_sync());
    }

    #[test]
    fn sync_samples_can_be_others() {
        let mut table = SampleTable::default();
        table.set_syncs(|_| true);
        for sample in samples() {
            table.push(sample).expect("few");
        }
        table.set_syncs(|at| at % 40 == 10);
        assert_eq!(
            (0..).zip(table.iter()).filter(|(_, sample)| sample.is_sync).map(|(at, _)| at).collect::<Vec<_>>(),
            [10, 50, 90]
        );
        table.set_syncs(|_| true);
        assert!(table.is_all_sync() && table.count() == 100);
    }

    #[test]
    fn the_last_duration_can_be_corrected() {
        let mut table = SampleTable::default();
        table.set_last_duration(1);
        for sample in samples() {
            table.push(sample).expect("few");
        }
        table.set_last_duration(512);
        assert_eq!((table.ticks(), table.samples(99..100).next().map(|last| last.duration)), (51_200, Some(512)));
        table.set_last_duration(600);
        assert_eq!(table.samples(98..100).map(|sample| sample.duration).collect::<Vec<_>>(), [512, 600]);
    }
}
