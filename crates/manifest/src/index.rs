//! From a time to a chunk, a group and a byte; and how a stream without an index comes by one.

use std::ops::{Index, IndexMut};

use crate::{Cause, Chunk, Error, MediaTime, Stream};

/// A chunk's place in its stream, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkIndex(pub usize);

impl ChunkIndex {
    /// The next one, whether there is one or not.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl Index<ChunkIndex> for Vec<Chunk> {
    type Output = Chunk;

    fn index(&self, at: ChunkIndex) -> &Chunk {
        &self[at.0]
    }
}

impl IndexMut<ChunkIndex> for Vec<Chunk> {
    fn index_mut(&mut self, at: ChunkIndex) -> &mut Chunk {
        &mut self[at.0]
    }
}

/// The fragments from one sync sample up to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Where in its chunk it begins.
    pub offset: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// Presentation time of its sync sample.
    pub start: MediaTime,
    /// Where the next group starts or the stream ends.
    pub end: MediaTime,
}

impl Group {
    /// The offset one past its last byte.
    #[must_use]
    pub fn end_offset(&self) -> u64 {
        // Both come from a checked sum.
        self.offset.saturating_add(self.bytes)
    }
}

/// A group's place in its stream; ordered as the film is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId {
    /// Which chunk.
    pub chunk: ChunkIndex,
    /// Zero-based number of the group in its chunk.
    pub group: usize,
}

impl Stream {
    /// The place to decode from so that `time` can be shown: the last group known to start at or before it.
    ///
    /// Before the first group that is the first. In a chunk of which nothing is known yet it is the chunk's beginning,
    /// group 0.
    #[must_use]
    pub fn locate(&self, time: MediaTime) -> GroupId {
        let chunk = self.locate_chunk(time);
        let group = self.chunks[chunk].groups.partition_point(|group| group.start <= time).saturating_sub(1);
        GroupId { chunk, group }
    }

    /// As [`Self::locate`], quick where `time` lies in the group of `hint`.
    #[must_use]
    pub fn locate_near(&self, hint: GroupId, time: MediaTime) -> GroupId {
        let holds = |group: &Group| group.start <= time && time < group.end;
        let chunk = self.chunk(hint.chunk).filter(|chunk| chunk.groups.get(hint.group).is_some_and(holds));
        // Where a group overlaps the next one, or a chunk the next, only order tells.
        let is_last = |chunk: &Chunk| chunk.groups.get(hint.group + 1).is_none_or(|next| time < next.start);
        let next = self.chunk(hint.chunk.next());
        let is_here = chunk.is_some_and(is_last) && next.is_none_or(|next| next.start.is_some_and(|next| time < next));
        if is_here { hint } else { self.locate(time) }
    }

    /// The last chunk of those that are known to start by `time`; the first if none is.
    fn locate_chunk(&self, time: MediaTime) -> ChunkIndex {
        let starts_by = |chunk: &Chunk| chunk.start.is_some_and(|start| start <= time);
        let next = self.chunks.partition_point(starts_by);
        if next > 0 && self.chunks.get(next).is_none_or(|chunk| chunk.start.is_some()) {
            return ChunkIndex(next - 1);
        }
        // Unknown starts come after all known ones or between them: no order to search by.
        ChunkIndex(self.chunks.iter().rposition(starts_by).unwrap_or(0))
    }

    /// The chunk at that place, if there is one.
    #[must_use]
    pub fn chunk(&self, at: ChunkIndex) -> Option<&Chunk> {
        self.chunks.get(at.0)
    }

    /// The group at that place, if it is known.
    #[must_use]
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.chunk(id.chunk)?.groups.get(id.group)
    }

    /// The group of `chunk` that holds the byte at `offset`, if it is known.
    #[must_use]
    pub fn group_at(&self, chunk: ChunkIndex, offset: u64) -> Option<GroupId> {
        let groups = &self.chunk(chunk)?.groups;
        let group = groups.partition_point(|group| group.offset <= offset).checked_sub(1)?;
        (offset < groups[group].end_offset()).then_some(GroupId { chunk, group })
    }

    /// The group that follows, in this chunk or the next; `None` at the end of what is known.
    #[must_use]
    pub fn following(&self, id: GroupId) -> Option<GroupId> {
        let same = GroupId { chunk: id.chunk, group: id.group + 1 };
        let next = GroupId { chunk: id.chunk.next(), group: 0 };
        let chunk = self.chunk(id.chunk)?;
        if self.group(same).is_some() {
            return Some(same);
        }
        (chunk.indexed_bytes() == chunk.bytes && self.group(next).is_some()).then_some(next)
    }

    /// Bytes of film between the start of `from` and the start of `to`, both known groups; 0 when they are not in order.
    #[must_use]
    pub fn bytes_between(&self, from: GroupId, to: GroupId) -> u64 {
        let offset = |id: GroupId| self.group(id).map_or(0, |group| group.offset);
        let between = self.chunks.get(from.chunk.0..to.chunk.0);
        let whole: u64 = between.map_or(0, |chunks| chunks.iter().map(|c| c.bytes).sum());
        (whole + offset(to)).saturating_sub(offset(from))
    }

    /// Takes note that `chunk` begins at `start`.
    ///
    /// # Errors
    /// [`Cause::Order`] when that contradicts the chunks around it.
    pub fn learn_start(&mut self, chunk: ChunkIndex, start: MediaTime) -> Result<(), Error> {
        let ChunkIndex(chunk) = chunk;
        let before = self.chunks[..chunk].iter().rev().find_map(|chunk| chunk.start);
        let after = self.chunks[chunk + 1..].iter().find_map(|chunk| chunk.start);
        if let Some(known) = before.filter(|before| *before >= start).or(after.filter(|after| *after <= start)) {
            return Err(Cause::Order { chunk, found: start, known }.into());
        }
        self.chunks[chunk].start = Some(start);
        if let Some(before) = chunk.checked_sub(1) {
            self.chunks[before].end = Some(start);
            // The next chunk knows better where this one's last picture ends.
            let complete = self.chunks[before].indexed_bytes() == self.chunks[before].bytes;
            if let Some(last) = self.chunks[before].groups.last_mut().filter(|_| complete) {
                last.end = start.max(last.start);
            }
        }
        Ok(())
    }

    /// Gives every chunk whose start is not known one that its bytes suggest: those of the chunks before it take as long
    /// as those that are indexed do on average.
    pub fn estimate_starts(&mut self) {
        let indexed = self.chunks.iter().filter_map(|chunk| Some((chunk, chunk.groups.first()?, chunk.groups.last()?)));
        let (length, bytes) = indexed.fold((MediaTime::ZERO, 0), |(length, bytes), (chunk, first, last)| {
            (length + (last.end - first.start), bytes + chunk.indexed_bytes())
        });
        for at in 1..self.chunks.len() {
            let before = &self.chunks[at - 1];
            let length = length.share(before.bytes, bytes).max(MediaTime::from_micros(1));
            let estimate = before.start.unwrap_or_default() + length;
            // What lies before may end later than thought: no chunk begins before it.
            let known_end = before.groups.last().map(|group| group.end);
            let complete = before.indexed_bytes() == before.bytes;
            let estimate = known_end.map_or(estimate, |end| if complete { end } else { estimate.max(end) });
            self.chunks[at].start.get_or_insert(estimate);
        }
    }

    /// Moves `chunk` and all chunks after it on the timeline: their times were relative to an estimate.
    pub fn move_chunks(&mut self, chunk: ChunkIndex, by: MediaTime) {
        for entry in self.chunks.iter_mut().skip(chunk.0) {
            entry.start = entry.start.map(|start| start + by);
            entry.end = entry.end.map(|end| end + by);
            for group in &mut entry.groups {
                (group.start, group.end) = (group.start + by, group.end + by);
            }
        }
    }

    /// Takes note of a fragment that ends at byte `end_offset` of `chunk` and covers `start..end`.
    ///
    /// Fragments come in file order. One that begins with a sync sample opens a group, any other belongs to the group
    /// before it, which it may begin before: the sound beside the pictures, pictures that lead into the sync sample. What
    /// lies before the first (an init, `styp`, `sidx`) belongs to the first group. One that is known already changes
    /// nothing.
    ///
    /// # Errors
    /// [`Cause::Order`] when a group does not follow those that are known.
    pub fn learn_fragment(
        &mut self,
        chunk: ChunkIndex,
        end_offset: u64,
        (start, end): (MediaTime, MediaTime),
        sync: bool,
    ) -> Result<(), Error> {
        let entry = &self.chunks[chunk];
        let offset = entry.indexed_bytes();
        if end_offset <= offset {
            return Ok(());
        }
        if entry.groups.is_empty() {
            let known = self.chunks[chunk].start;
            if known != Some(start) {
                self.learn_start(chunk, start)?;
            }
        }
        let entry = &mut self.chunks[chunk];
        match entry.groups.last_mut() {
            Some(last) if !sync => {
                last.bytes = end_offset - last.offset;
                last.end = last.end.max(end);
            }
            Some(last) if start < last.start => {
                return Err(Cause::Order { chunk: chunk.0, found: start, known: last.start }.into());
            }
            last => {
                if let Some(last) = last {
                    last.end = start;
                }
                entry.groups.push(Group { offset, bytes: end_offset - offset, start, end });
            }
        }
        if end_offset == entry.bytes && entry.end.is_none() {
            entry.end = entry.groups.last().map(|last| last.end);
        }
        Ok(())
    }
}

impl Chunk {
    /// Takes note that no more fragments come: what comes after the last one (`mfra`, `free`) belongs to its group.
    pub fn learn_complete(&mut self) {
        if let Some(last) = self.groups.last_mut() {
            last.bytes = self.bytes - last.offset;
            self.end = self.end.or(Some(last.end));
        }
    }

    /// How many of its bytes belong to groups that are known, counted from its beginning.
    #[must_use]
    pub fn indexed_bytes(&self) -> u64 {
        self.groups.last().map_or(0, Group::end_offset)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Film;

    /// Chunks of groups of these milliseconds and ten bytes each; of those that are `None` nothing is known.
    fn stream(chunks: &[Option<Vec<i64>>]) -> Stream {
        let bytes = |groups: &Option<Vec<i64>>| 10 * groups.as_ref().map_or(1, Vec::len);
        let entries = chunks.iter().map(|groups| format!(r#"{{"url":"c.mp4","bytes":{}}}"#, bytes(groups)));
        let json = format!("[{}]", entries.collect::<Vec<_>>().join(","));
        let mut stream = Film::parse(json.as_bytes()).expect("an array").streams.remove(0);
        let mut at = 0;
        for (chunk, groups) in chunks.iter().enumerate() {
            for (end_offset, millis) in (10..).step_by(10).zip(groups.iter().flatten()) {
                let times = (MediaTime::from_millis(at), MediaTime::from_millis(at + millis));
                stream.learn_fragment(ChunkIndex(chunk), end_offset, times, true).expect("in order");
                at += millis;
            }
            at += if groups.is_none() { 1_000 } else { 0 };
        }
        stream
    }

    proptest! {
        #[test]
        fn a_hint_changes_no_answer(
            chunks in prop::collection::vec(prop::option::weighted(0.8, prop::collection::vec(1..3_000_i64, 1..5)), 1..5),
            hint in (0..6_usize, 0..6_usize),
            millis in -1_000..40_000_i64,
        ) {
            let stream = stream(&chunks);
            let (hint, time) = (GroupId { chunk: ChunkIndex(hint.0), group: hint.1 }, MediaTime::from_millis(millis));
            prop_assert_eq!(stream.locate_near(hint, time), stream.locate(time));
            prop_assert_eq!(stream.locate_near(stream.locate(time), time), stream.locate(time));
        }
    }

    #[test]
    fn only_groups_are_in_order() {
        let mut stream = Film::parse(br#"[{"url":"c.mp4","bytes":40}]"#).expect("an array").streams.remove(0);
        let mut learn = |end_offset, start, end, sync| {
            let times = (MediaTime::from_millis(start), MediaTime::from_millis(end));
            stream.learn_fragment(ChunkIndex(0), end_offset, times, sync).map(|()| stream.chunks[0].clone())
        };
        learn(10, 21, 2_021, true).expect("pictures");
        learn(20, 0, 1_980, false).expect("their sound");
        learn(30, 2_021, 4_021, true).expect("more pictures");
        let error = learn(40, 2_020, 4_020, true).expect_err("a group before the last");
        assert!(matches!(error.cause(), Cause::Order { chunk: 0, .. }), "{error}");
        let chunk = learn(40, 1_980, 3_960, false).expect("more sound");
        let groups = chunk.groups.iter().map(|group| (group.offset, group.bytes, group.start, group.end));
        let [start, next, end] = [21, 2_021, 4_021].map(MediaTime::from_millis);
        assert_eq!(groups.collect::<Vec<_>>(), [(0, 20, start, next), (20, 20, next, end)]);
        assert_eq!(chunk.end, Some(end), "the sound ends before the pictures");
    }

    #[test]
    fn a_time_is_in_the_last_group_that_starts_by_then() {
        let stream = stream(&[Some(vec![1_000, 2_000]), Some(vec![500])]);
        let found = |millis| {
            let GroupId { chunk, group } = stream.locate(MediaTime::from_millis(millis));
            (chunk.0, group)
        };
        assert_eq!(
            [-5, 0, 999, 1_000, 2_999, 3_000, 9_000].map(found),
            [(0, 0), (0, 0), (0, 0), (0, 1), (0, 1), (1, 0), (1, 0)]
        );
    }
}
