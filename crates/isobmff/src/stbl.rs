//! The sample table of a progressive file (ISO/IEC 14496-12 section 8.6 and 8.7).

use crate::sample_group::SampleGroup;
use crate::{BoxRef, Descriptions, Error, Fields, Sample, SampleTable};

impl SampleTable {
    /// How many samples the boxes of an `stbl` list, by the one that lists most of them: 0 only where all are empty, as in
    /// front of fragments.
    ///
    /// # Errors
    /// With the box that is damaged.
    pub fn listed(stbl: &BoxRef<'_>) -> Result<u32, Error> {
        let first_field = |kind, skipped| {
            let found = stbl.find(kind)?;
            found.map_or(Ok(0), |found| {
                let (_, _, mut fields) = found.full()?;
                fields.skip(skipped)?;
                fields.u32()
            })
        };
        // `stts`, `stco` and `co64` count entries, which is at most as many.
        let boxes = [("stsz", 4), ("stz2", 4), ("stts", 0), ("stco", 0), ("co64", 0)];
        boxes.into_iter().try_fold(0, |most: u32, (kind, skipped)| Ok(most.max(first_field(kind, skipped)?)))
    }

    /// Reads the boxes of an `stbl`. No sample may reach past `file_bytes`.
    ///
    /// # Errors
    /// With the box that is missing, damaged or contradicts the others. Samples that change their sample entry on the
    /// way are refused too: no SourceBuffer plays them on. Equal entries are one.
    pub fn from_stbl(stbl: &BoxRef<'_>, file_bytes: u64) -> Result<Self, Error> {
        match Self::from_stbl_of_cut_off(stbl, file_bytes)? {
            (table, 0) => Ok(table),
            _ => Err(stbl.invalid("a sample lies past the end of the file, which is cut off or damaged")),
        }
    }

    /// As [`Self::from_stbl`], of a file that may be cut off: up to the first sample that reaches past `file_bytes`, and how
    /// many there are from that one on.
    ///
    /// # Errors
    /// Those of [`Self::from_stbl`] but for that.
    pub fn from_stbl_of_cut_off(stbl: &BoxRef<'_>, file_bytes: u64) -> Result<(Self, u32), Error> {
        let mut sizes = Sizes::parse(stbl)?;
        let mut durations = Durations::parse(&stbl.need("stts")?)?;
        let mut composition_offsets = stbl.find("ctts")?.map(|ctts| CompositionOffsets::parse(&ctts)).transpose()?;
        let mut syncs = stbl.find("stss")?.map(|stss| Syncs::parse(&stss)).transpose()?;
        let mut random_access = SampleGroup::parse(stbl, SampleGroup::RANDOM_ACCESS)?;
        let descriptions = stbl.find("stsd")?.map(|stsd| Descriptions::parse(&stsd)).unwrap_or_default();
        let mut places = Places::parse(stbl, descriptions)?;

        let mut table = Self::default();
        for at in 0..sizes.count {
            let size = sizes.next()?;
            let offset = places.next(size)?;
            if offset.checked_add(u64::from(size)).is_none_or(|end| end > file_bytes) {
                table.set_description(places.description.unwrap_or(1));
                return Ok((table, sizes.count - at));
            }
            // Chunks may overlap, and sizes repeat for nothing: without this, a few bytes ask for a table of gigabytes.
            if table.bytes().saturating_add(u64::from(size)) > file_bytes {
                return Err(stbl.invalid("the samples together are larger than the file: chunks overlap"));
            }
            let is_random_access = random_access.as_mut().map_or(Ok(false), SampleGroup::next)?;
            let sample = Sample {
                offset,
                size,
                duration: durations.next()?,
                composition_offset: composition_offsets.as_mut().map_or(Ok(0), CompositionOffsets::next)?,
                is_sync: syncs.as_mut().map_or(Ok(true), |syncs| syncs.contains(at))? || is_random_access,
            };
            table.push(sample).map_err(|_| stbl.invalid("the track has more samples than any film"))?;
        }
        let negative_end = durations.duration < 0;
        if places.left_in_chunk > 0 && durations.rest() == u64::from(places.left_in_chunk) {
            return Err(stbl.invalid("its chunks and its durations have more samples than there are sizes"));
        }
        places.check_end()?;
        if negative_end {
            let before = table.samples(table.count().saturating_sub(2)..u32::MAX).next();
            table.set_last_duration(before.map_or(1, |before| before.duration));
        }
        table.set_description(places.description.unwrap_or(1));
        Ok((table, 0))
    }
}

/// `stsz` (section 8.7.3.2) or `stz2` (section 8.7.3.3).
struct Sizes<'a> {
    constant: u32,
    /// Bits a size takes.
    width: u8,
    count: u32,
    rows: Fields<'a>,
    /// The second of two sizes in one byte.
    half: Option<u32>,
}

impl<'a> Sizes<'a> {
    fn parse(stbl: &BoxRef<'a>) -> Result<Self, Error> {
        if let Some(stz2) = stbl.find("stz2")? {
            let (_, _, mut rows) = stz2.full()?;
            rows.skip(3)?;
            let width = rows.u8()?;
            if !matches!(width, 4 | 8 | 16) {
                return Err(stz2.invalid("sizes take 4, 8 or 16 bits"));
            }
            return Ok(Self { constant: 0, width, count: rows.u32()?, rows, half: None });
        }
        let (_, _, mut rows) = stbl.need("stsz")?.full()?;
        let constant = rows.u32()?;
        Ok(Self { constant, width: 32, count: rows.u32()?, rows, half: None })
    }

    fn next(&mut self) -> Result<u32, Error> {
        if self.constant > 0 {
            return Ok(self.constant);
        }
        match self.width {
            4 => match self.half.take() {
                Some(size) => Ok(size),
                None => {
                    let byte = self.rows.u8()?;
                    self.half = Some(u32::from(byte & 0xf));
                    Ok(u32::from(byte >> 4))
                }
            },
            8 => self.rows.u8().map(u32::from),
            16 => self.rows.u16().map(u32::from),
            _ => self.rows.u32(),
        }
    }
}

/// `stts`, section 8.6.1.2. Some writers correct a time with a negative duration in two's complement. Time never runs
/// backwards here: such a sample lasts a tick, and those behind it are shorter until their times are right again.
struct Durations<'a> {
    entries: u32,
    left: u32,
    duration: i32,
    /// Ticks by which the next sample is decoded later than it should be.
    late: i64,
    rows: Fields<'a>,
}

impl<'a> Durations<'a> {
    fn parse(stts: &BoxRef<'a>) -> Result<Self, Error> {
        let (_, _, mut rows) = stts.full()?;
        Ok(Self { entries: rows.u32()?, left: 0, duration: 0, late: 0, rows })
    }

    fn next(&mut self) -> Result<u32, Error> {
        while self.left == 0 {
            if self.entries == 0 {
                return Err(self.rows.invalid("fewer samples have a duration than there are"));
            }
            self.entries -= 1;
            (self.left, self.duration) = (self.rows.u32()?, self.rows.i32()?);
        }
        self.left -= 1;
        if self.late == 0
            && let Ok(duration) = u32::try_from(self.duration)
        {
            return Ok(duration);
        }
        let wanted = i64::from(self.duration) - self.late;
        let duration = wanted.max(1);
        self.late = duration - wanted;
        Ok(u32::try_from(duration).expect("at most the duration that was read"))
    }

    /// How many samples are listed behind the one that was last asked for.
    fn rest(mut self) -> u64 {
        let mut rest = u64::from(self.left);
        for _ in 0..self.entries {
            let (Ok(count), Ok(_)) = (self.rows.u32(), self.rows.u32()) else { break };
            rest = rest.saturating_add(count.into());
        }
        rest
    }
}

/// `ctts`, section 8.6.1.3.
struct CompositionOffsets<'a> {
    entries: u32,
    left: u32,
    offset: i32,
    is_empty: bool,
    rows: Fields<'a>,
}

impl<'a> CompositionOffsets<'a> {
    fn parse(ctts: &BoxRef<'a>) -> Result<Self, Error> {
        let (_, _, mut rows) = ctts.full()?;
        let entries = rows.u32()?;
        Ok(Self { entries, left: 0, offset: 0, is_empty: entries == 0, rows })
    }

    /// Where there is no entry, no sample has an offset. Version 0 is read as signed too: QuickTime writes it so, and no
    /// offset takes half of the clock.
    fn next(&mut self) -> Result<i32, Error> {
        while self.left == 0 {
            match self.entries {
                0 if self.is_empty => return Ok(0),
                0 => return Err(self.rows.invalid("fewer samples have a composition offset than there are")),
                _ => self.entries -= 1,
            }
            (self.left, self.offset) = (self.rows.u32()?, self.rows.i32()?);
        }
        self.left -= 1;
        Ok(self.offset)
    }
}

/// `stss`, section 8.6.2.
struct Syncs<'a> {
    entries: u32,
    next: Option<u32>,
    rows: Fields<'a>,
}

impl<'a> Syncs<'a> {
    fn parse(stss: &BoxRef<'a>) -> Result<Self, Error> {
        let (_, _, mut rows) = stss.full()?;
        let mut syncs = Self { entries: rows.u32()?, next: None, rows };
        syncs.advance()?;
        Ok(syncs)
    }

    /// Whether a sample, counted from 0, is listed. Asked for in increasing order.
    fn contains(&mut self, at: u32) -> Result<bool, Error> {
        // Repeated or decreasing numbers are stepped over.
        while self.next.is_some_and(|number| number <= at) {
            self.advance()?;
        }
        let found = self.next == Some(at + 1);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn advance(&mut self) -> Result<(), Error> {
        self.next = match self.entries {
            0 => None,
            _ => {
                self.entries -= 1;
                Some(self.rows.u32()?)
            }
        };
        Ok(())
    }
}

/// `stsc` (section 8.7.4) with `stco` or `co64` (section 8.7.5): where each sample stands.
struct Places<'a> {
    /// Entries of `stsc` not read yet.
    entries: u32,
    stsc: Fields<'a>,
    /// Samples in each chunk now, and the number of the chunk from which on that changes.
    per_chunk: u32,
    next_change: Option<(u32, u32)>,
    description: Option<u32>,
    descriptions: Descriptions,
    /// Number of the chunk, from 1.
    chunk: u32,
    left_in_chunk: u32,
    chunks: u32,
    is_64_bit: bool,
    offsets: Fields<'a>,
    offset: u64,
}

impl<'a> Places<'a> {
    fn parse(stbl: &BoxRef<'a>, descriptions: Descriptions) -> Result<Self, Error> {
        let (_, _, mut stsc) = stbl.need("stsc")?.full()?;
        let entries = stsc.u32()?;
        let co64 = stbl.find("co64")?;
        let (_, _, mut offsets) = co64.map_or_else(|| stbl.need("stco"), Ok)?.full()?;
        let chunks = offsets.u32()?;
        let mut places = Self {
            entries,
            stsc,
            per_chunk: 0,
            next_change: None,
            description: None,
            descriptions,
            chunk: 0,
            left_in_chunk: 0,
            chunks,
            is_64_bit: co64.is_some(),
            offsets,
            offset: 0,
        };
        places.read_change()?;
        Ok(places)
    }

    /// Where the next sample, of `size` bytes, begins.
    fn next(&mut self, size: u32) -> Result<u64, Error> {
        while self.left_in_chunk == 0 {
            self.next_chunk()?;
        }
        self.left_in_chunk -= 1;
        let offset = self.offset;
        self.offset = offset.saturating_add(u64::from(size));
        Ok(offset)
    }

    fn next_chunk(&mut self) -> Result<(), Error> {
        if self.chunk == self.chunks {
            return Err(self.offsets.invalid("the chunks have fewer samples than there are"));
        }
        self.chunk += 1;
        self.offset = if self.is_64_bit { self.offsets.u64()? } else { u64::from(self.offsets.u32()?) };
        while let Some((first, per_chunk)) = self.next_change.filter(|&(first, _)| first <= self.chunk) {
            if first == self.chunk || self.per_chunk == 0 {
                self.per_chunk = per_chunk;
            }
            self.read_change()?;
        }
        self.left_in_chunk = self.per_chunk;
        Ok(())
    }

    /// Refuses whole chunks behind the last sample: where chunks are said to have more samples than they have, those behind
    /// the first lie at the wrong places, and where there are fewer sizes than samples, film is lost.
    fn check_end(&mut self) -> Result<(), Error> {
        while self.chunk < self.chunks {
            self.next_chunk()?;
            if self.left_in_chunk > 0 {
                return Err(self.offsets.invalid("the chunks have more samples than there are sizes"));
            }
        }
        Ok(())
    }

    fn read_change(&mut self) -> Result<(), Error> {
        if self.entries == 0 {
            self.next_change = None;
            return Ok(());
        }
        self.entries -= 1;
        let [first, per_chunk, description] = [self.stsc.u32()?, self.stsc.u32()?, self.stsc.u32()?];
        let description = self.descriptions.first_like(description);
        if *self.description.get_or_insert(description) != description {
            return Err(self
                .stsc
                .invalid("the track changes its codec configuration on the way, which no browser follows"));
        }
        self.next_change = Some((first, per_chunk));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
