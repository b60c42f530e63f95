//! Which groups a SourceBuffer holds: what was appended, held against what the browser reports.

use manifest::{ChunkIndex, Group, GroupId, MediaTime};

use crate::{Ranges, Sorted};

/// Reported ranges may fall short of a group by that much: a frame of either track, and rounding.
const TOLERANCE: MediaTime = MediaTime::from_millis(100);

/// More than rounding, and less than any frame: the first alone shows that a group has begun.
const EDGE: MediaTime = MediaTime::from_millis(5);

/// The groups of one stream that can be played without being fetched.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    groups: Sorted<GroupId, Entry>,
    /// Groups of which the browser showed nothing though all of them was appended. They are fetched once more: it may
    /// have thrown them out at once. After that they are holes in the content, and so is what follows without a picture.
    hollow: Sorted<GroupId, ()>,
    ranges: Ranges,
    /// Whether the ranges are in part another stream's.
    mixed: bool,
}

#[derive(Debug)]
struct Entry {
    group: Group,
    /// Whether the browser has ever reported all of it. A group whose content has a hole never is.
    covered: bool,
    /// Whether what plays there is another stream's, which this one has taken over from.
    lent: bool,
}

impl Buffer {
    /// The groups from that one on, in order.
    pub(crate) fn groups_from(&self, id: GroupId) -> impl Iterator<Item = GroupId> {
        self.groups.keys_from(id)
    }

    pub(crate) fn ranges(&self) -> &Ranges {
        &self.ranges
    }

    /// Whether the browser holds the beginning of what starts at `start`.
    pub(crate) fn holds_beginning(&self, start: MediaTime) -> bool {
        self.ranges.around(start.or_zero() + EDGE).is_some()
    }

    /// Bytes of all whole groups.
    pub(crate) fn bytes(&self) -> u64 {
        self.groups.values().filter(|entry| !entry.lent).map(|entry| entry.group.bytes).sum()
    }

    /// Where the earliest group starts, or what the browser holds of one that was left before its end.
    pub(crate) fn start(&self) -> Option<MediaTime> {
        let group = self.groups.values().next().map(|entry| entry.group.start);
        group.into_iter().chain(self.ranges.iter().next().map(|(start, _)| start)).min()
    }

    /// Where the last of it ends.
    pub(crate) fn end(&self) -> Option<MediaTime> {
        let group = self.groups.values().next_back().map(|entry| entry.group.end);
        group.into_iter().chain(self.ranges.iter().last().map(|(_, end)| end)).max()
    }

    /// All of that group has been appended.
    pub(crate) fn insert(&mut self, id: GroupId, group: Group) {
        let covered = covers(&self.ranges, &group);
        self.groups.insert(id, Entry { group, covered, lent: false });
    }

    /// What the stream before has buffered there plays instead of this group.
    pub(crate) fn lend(&mut self, id: GroupId, group: Group) {
        self.groups.insert(id, Entry { group, covered: true, lent: true });
    }

    /// Takes over what the browser holds of another stream.
    pub(crate) fn take_over(&mut self, other: &Self) {
        (self.ranges, self.mixed) = (other.ranges.clone(), true);
    }

    /// Whether what the browser holds is in part another stream's.
    pub(crate) fn is_mixed(&self) -> bool {
        self.mixed
    }

    /// From now on only what is this stream's own counts: it lies between the two times. `None` when all of it is.
    pub(crate) fn forget_others(&mut self) -> Option<(MediaTime, MediaTime)> {
        std::mem::take(&mut self.mixed).then(|| {
            self.groups.retain(|_, entry| !entry.lent);
            let mut own = self.groups.values().map(|entry| entry.group);
            let (first, last) = (own.next(), own.next_back());
            let start = first.map_or(MediaTime::ZERO, |group| group.start.or_zero());
            (start, last.or(first).map_or(MediaTime::ZERO, |group| group.end))
        })
    }

    /// That group is about to be removed.
    pub(crate) fn forget(&mut self, id: GroupId) {
        self.groups.remove(id);
    }

    /// All groups from that chunk on are about to be removed; `false` if there are none.
    pub(crate) fn forget_chunks(&mut self, from: ChunkIndex) -> bool {
        let before = self.groups.len();
        self.groups.retain(|id, _| id.chunk < from);
        self.groups.len() < before
    }

    /// The browser reports what it holds; what it has dropped without a word is gone from here too.
    pub(crate) fn report(&mut self, ranges: Ranges) {
        let mut hole = MediaTime::MAX;
        self.groups.retain(|id, entry| {
            let Group { start, end, .. } = entry.group;
            let covers = covers(&ranges, &entry.group);
            let shows = covers || ranges.touch(start, end);
            let goes_on = hole <= start && start - hole <= TOLERANCE;
            let keep = covers || !entry.covered && (shows || goes_on || self.hollow.insert(id, ()).is_some());
            entry.covered |= covers;
            if keep && !shows {
                hole = end;
            }
            keep
        });
        self.ranges = ranges;
    }

    /// Everything that ends by `time` is about to be removed.
    pub(crate) fn forget_until(&mut self, time: MediaTime) {
        self.groups.retain(|_, entry| entry.group.end > time);
    }

    /// Everything that starts at or after `time` is about to be removed.
    pub(crate) fn forget_from(&mut self, time: MediaTime) {
        self.groups.retain(|_, entry| entry.group.start < time);
    }
}

fn covers(ranges: &Ranges, group: &Group) -> bool {
    let from = group.start.or_zero() + TOLERANCE;
    let to = group.end - TOLERANCE;
    if from < to { ranges.cover(from, to) } else { ranges.touch(group.start, group.end) }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn ms(millis: i64) -> MediaTime {
        MediaTime::from_millis(millis)
    }

    fn buffer() -> Buffer {
        let mut buffer = Buffer::default();
        buffer.report(Ranges::new([(ms(0), ms(6_000))]));
        for at in 0..3 {
            let start = ms(at * 2_000);
            let group = Group { offset: 0, bytes: 10, start, end: start + ms(2_000) };
            buffer.insert(GroupId { chunk: ChunkIndex(0), group: at as usize }, group);
        }
        buffer
    }

    fn held(buffer: &Buffer) -> Vec<usize> {
        buffer.groups.iter().map(|(id, _)| id.group).collect()
    }

    #[test]
    fn what_the_browser_drops_is_gone() {
        let mut buffer = buffer();
        buffer.report(Ranges::new([(ms(2_050), ms(5_960))]));
        assert_eq!(held(&buffer), [1, 2]);
        buffer.report(Ranges::new([(ms(3_000), ms(5_960))]));
        assert_eq!(held(&buffer), [2]);
        assert_eq!(buffer.bytes(), 10);
    }

    #[test]
    fn a_hole_in_the_content_is_no_eviction() {
        let mut buffer = buffer();
        let holed = Group { offset: 0, bytes: 10, start: ms(6_000), end: ms(8_000) };
        buffer.report(Ranges::new([(ms(0), ms(6_500)), (ms(7_500), ms(8_000))]));
        buffer.insert(GroupId { chunk: ChunkIndex(0), group: 3 }, holed);
        buffer.report(Ranges::new([(ms(0), ms(6_500)), (ms(7_500), ms(8_000))]));
        assert_eq!(held(&buffer), [0, 1, 2, 3]);
        buffer.report(Ranges::new([(ms(0), ms(6_000))]));
        assert_eq!(held(&buffer), [0, 1, 2]);
    }

    #[test]
    fn what_never_shows_is_tried_twice_and_then_a_hole() {
        let mut buffer = buffer();
        let (id, empty) = (
            GroupId { chunk: ChunkIndex(0), group: 3 },
            Group { offset: 0, bytes: 10, start: ms(6_000), end: ms(8_000) },
        );
        for kept in [false, true] {
            buffer.insert(id, empty);
            buffer.report(Ranges::new([(ms(0), ms(6_000))]));
            assert_eq!(buffer.groups.contains(id), kept);
        }
        buffer.report(Ranges::new([(ms(0), ms(8_000))]));
        buffer.report(Ranges::new([(ms(0), ms(6_000))]));
        assert!(!buffer.groups.contains(id), "it was there, and the browser dropped it");
    }

    #[test]
    fn removal_forgets_whole_groups_only() {
        let mut buffer = buffer();
        buffer.forget_until(ms(3_000));
        assert_eq!(held(&buffer), [1, 2]);
        buffer.forget_from(ms(4_000));
        assert_eq!(held(&buffer), [1]);
    }
}
