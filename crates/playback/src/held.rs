//! What a SourceBuffer holds: whole groups of one stream or of several, held against what the browser reports.
//!
//! Groups are forgotten when their removal is decided. What has gone in truth is known by the next [`Held::report`]. A group of
//! which only a part has been appended is none of these, see [`crate::sink::Sink`].

use std::cell::Cell;

use manifest::{Group, GroupId, MediaTime};

use crate::{Ranges, Sorted, StreamId};

/// Time by which reported ranges may fall short of a group: a frame of either track, and rounding.
const TOLERANCE: MediaTime = MediaTime::from_millis(100);

/// Time after the start of a group at which its beginning is looked for: more than rounding, less than any frame.
const EDGE: MediaTime = MediaTime::from_millis(5);

/// Groups that can be played without being fetched: what lies in a SourceBuffer, by group. The beginning of a group that a seek
/// has given up lies there, too, but is in no entry and in no sum of bytes.
#[derive(Debug, Default)]
pub(crate) struct Held {
    groups: Sorted<StreamId, Groups>,
    /// Groups of which the browser showed nothing though all of them was appended. They are fetched once more: it may
    /// have thrown them out at once. After that they are gaps in the content, and so is what follows without a picture.
    vanished: Sorted<(StreamId, GroupId), ()>,
    ranges: Ranges,
    /// Whether the media of several streams may lie here.
    is_mixed: bool,
    fates: Fates,
    /// The run that was asked for last, by its stream and first group, and the missing group that ends it: nearly all questions
    /// are the same until groups come or go.
    last_run: Cell<Option<(StreamId, GroupId, GroupId)>>,
}

/// Of one stream.
type Groups = Sorted<GroupId, Entry>;

#[derive(Debug)]
struct Entry {
    group: Group,
    /// Whether the browser has ever reported all of it. A group whose content has a gap never is.
    covered: bool,
    /// What plays there is another stream's: the group itself has not been appended.
    is_bridged: bool,
    /// Whether anything of it has been shown.
    shown: bool,
}

/// Groups without a break.
pub(crate) enum Run {
    /// That one is missing.
    UpTo(GroupId),
    /// That is the last one that is known.
    AllKnown(GroupId),
}

/// What has become of appended bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fates {
    /// Bytes of groups of which something has been shown.
    pub(crate) shown: u64,
    /// Bytes of groups that have gone, and nothing of them had been shown.
    pub(crate) unseen: u64,
}

impl Fates {
    pub(crate) fn note(&mut self, bytes: u64, shown: bool) {
        *if shown { &mut self.shown } else { &mut self.unseen } += bytes;
    }
}

impl Entry {
    /// Takes note that it has gone.
    fn end(&self, fates: &mut Fates) {
        if !self.shown && !self.is_bridged {
            fates.unseen += self.group.bytes;
        }
    }

    fn show(&mut self, fates: &mut Fates) {
        if !std::mem::replace(&mut self.shown, true) && !self.is_bridged {
            fates.shown += self.group.bytes;
        }
    }
}

impl Held {
    /// The groups of a stream from that one on, in order.
    pub(crate) fn groups_from(&self, stream: StreamId, id: GroupId) -> impl Iterator<Item = GroupId> {
        self.groups.get(stream).into_iter().flat_map(move |groups| groups.keys_from(id))
    }

    /// How far the groups of a stream go from `first` on without a break; `following` gives the next of each.
    pub(crate) fn run(&self, stream: StreamId, first: GroupId, following: impl Fn(GroupId) -> Option<GroupId>) -> Run {
        if let Some((.., end)) = self.last_run.get().filter(|(known, begin, _)| (*known, *begin) == (stream, first)) {
            return Run::UpTo(end);
        }
        let mut id = first;
        for held in self.groups.get(stream).into_iter().flat_map(|groups| groups.keys_from(first)) {
            if held != id {
                break;
            }
            match following(id) {
                Some(next) => id = next,
                // More may be known the next time.
                None => return Run::AllKnown(id),
            }
        }
        self.last_run.set(Some((stream, first, id)));
        Run::UpTo(id)
    }

    /// The last group of a stream.
    pub(crate) fn last(&self, stream: StreamId) -> Option<GroupId> {
        self.groups.get(stream)?.iter().next_back().map(|(id, _)| id)
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.groups.values().flat_map(Sorted::values)
    }

    /// `SourceBuffer.buffered`, as it was reported last.
    pub(crate) fn ranges(&self) -> &Ranges {
        &self.ranges
    }

    /// Whether the browser holds the beginning of what starts at `start`.
    pub(crate) fn holds_beginning(&self, start: MediaTime) -> bool {
        self.ranges.around(start.or_zero() + EDGE).is_some()
    }

    /// Bytes of all whole groups.
    pub(crate) fn bytes(&self) -> u64 {
        self.appended().map(|entry| entry.group.bytes).sum()
    }

    /// Bytes of those of which nothing has been shown yet.
    pub(crate) fn waiting_bytes(&self) -> u64 {
        self.appended().filter(|entry| !entry.shown).map(|entry| entry.group.bytes).sum()
    }

    fn appended(&self) -> impl Iterator<Item = &Entry> {
        self.entries().filter(|entry| !entry.is_bridged)
    }

    /// Where the earliest group starts, or what the browser holds of one that was left before its end.
    pub(crate) fn start(&self) -> Option<MediaTime> {
        let group =
            self.groups.values().filter_map(|groups| groups.values().next()).map(|entry| entry.group.start).min();
        group.into_iter().chain(self.ranges.iter().next().map(|(start, _)| start)).min()
    }

    /// Where the last of it ends.
    pub(crate) fn end(&self) -> Option<MediaTime> {
        let last = self.groups.values().filter_map(|groups| groups.values().next_back());
        let group = last.map(|entry| entry.group.end).max();
        group.into_iter().chain(self.ranges.iter().last().map(|(_, end)| end)).max()
    }

    /// All of that group has been appended, and may have been shown meanwhile.
    pub(crate) fn insert(&mut self, stream: StreamId, id: GroupId, group: Group, shown: bool) {
        let covered = covers(&self.ranges, &group);
        let mut entry = Entry { group, covered, is_bridged: false, shown: false };
        if shown {
            entry.show(&mut self.fates);
        }
        self.last_run.take();
        if let Some(before) = self.groups.or_insert(stream, Groups::default()).insert(id, entry) {
            before.end(&mut self.fates);
        }
    }

    /// Media of another stream are appended to the same SourceBuffer from now on.
    pub(crate) fn mix(&mut self) {
        self.is_mixed = true;
    }

    /// What is held of other streams there plays instead of this group.
    pub(crate) fn bridge(&mut self, stream: StreamId, id: GroupId, group: Group) {
        let bridge = Entry { group, covered: true, is_bridged: true, shown: false };
        self.last_run.take();
        self.groups.or_insert(stream, Groups::default()).or_insert(id, bridge);
    }

    /// What is held of other rungs plays instead of the groups of `stream` that start at the same times; `locate` finds those.
    pub(crate) fn share(&mut self, stream: StreamId, locate: impl Fn(MediaTime) -> GroupId) {
        let held = self.groups.iter().filter(|(known, _)| *known != stream).flat_map(|(_, groups)| groups.values());
        let held = held.filter(|entry| !entry.is_bridged);
        let held: Vec<_> = held.map(|entry| (locate(entry.group.start), entry.group, entry.covered)).collect();
        self.last_run.take();
        let groups = self.groups.or_insert(stream, Groups::default());
        for (id, group, covered) in held {
            groups.or_insert(id, Entry { group, covered, is_bridged: true, shown: false });
        }
    }

    /// Whether the media of several streams may lie here.
    pub(crate) fn is_mixed(&self) -> bool {
        self.is_mixed
    }

    /// Forgets all that is not the stream's own. `None` when all of it is; otherwise the spans of time that are not.
    pub(crate) fn forget_others(&mut self, stream: StreamId) -> Option<Vec<(MediaTime, MediaTime)>> {
        if !std::mem::take(&mut self.is_mixed) {
            return None;
        }
        self.forget_where(|known, _, entry| known != stream || entry.is_bridged);
        let mut others = Vec::new();
        let mut until = MediaTime::ZERO;
        for Entry { group, .. } in self.entries() {
            if until < group.start {
                others.push((until, group.start));
            }
            until = until.max(group.end);
        }
        others.push((until, MediaTime::MAX));
        Some(others)
    }

    /// Media of `stream` replace what other streams have between two times: groups that they touch are whole no more.
    pub(crate) fn forget_replaced(&mut self, stream: StreamId, from: MediaTime, to: MediaTime) {
        if self.is_mixed {
            self.forget_where(|known, _, Entry { group, .. }| known != stream && group.start < to && from < group.end);
        }
    }

    /// All of it has gone.
    pub(crate) fn clear(&mut self) {
        self.forget_where(|_, _, _| true);
        *self = Self { fates: self.fates, ..Self::default() };
    }

    /// Forgets the groups for which `which` is true, whose removal has been decided; whether there are any.
    pub(crate) fn forget(&mut self, which: impl Fn(StreamId, GroupId, &Group) -> bool) -> bool {
        self.forget_where(|stream, id, entry| which(stream, id, &entry.group))
    }

    fn forget_where(&mut self, which: impl Fn(StreamId, GroupId, &Entry) -> bool) -> bool {
        self.last_run.take();
        let (mut any, fates) = (false, &mut self.fates);
        for (stream, groups) in self.groups.iter_mut() {
            groups.retain(|id, entry| {
                let goes = which(stream, id, entry);
                if goes {
                    entry.end(fates);
                }
                any |= goes;
                !goes
            });
        }
        any
    }

    /// The browser reports what it holds; what it has dropped without a word is gone from here too.
    pub(crate) fn report(&mut self, ranges: Ranges) {
        self.last_run.take();
        let (vanished, fates) = (&mut self.vanished, &mut self.fates);
        for (stream, groups) in self.groups.iter_mut() {
            // Where the run of groups ends of which the browser reports nothing.
            let mut gap = MediaTime::MAX;
            groups.retain(|id, entry| {
                let Group { start, end, .. } = entry.group;
                let covers = covers(&ranges, &entry.group);
                let is_reported = covers || ranges.touch(start, end);
                let goes_on = gap <= start && start - gap <= TOLERANCE;
                let keep =
                    covers || !entry.covered && (is_reported || goes_on || vanished.insert((stream, id), ()).is_some());
                entry.covered |= covers;
                if keep && !is_reported {
                    gap = end;
                }
                if !keep {
                    entry.end(fates);
                }
                keep
            });
        }
        self.ranges = ranges;
    }

    /// What lies between two times has been shown; of a stream, `first` is the group at the first of them.
    pub(crate) fn note_shown(&mut self, (stream, first): (StreamId, GroupId), from: MediaTime, to: MediaTime) {
        let fates = &mut self.fates;
        for (known, groups) in self.groups.iter_mut() {
            let begin = if known == stream { first } else { GroupId::default() };
            for entry in groups.values_from_mut(begin).take_while(|entry| entry.group.start < to) {
                if from < entry.group.end {
                    entry.show(fates);
                }
            }
        }
    }

    /// For what is appended in part: the sink says what becomes of it.
    pub(crate) fn fates_mut(&mut self) -> &mut Fates {
        &mut self.fates
    }

    /// What has become of bytes since this was asked last.
    pub(crate) fn take_fates(&mut self) -> Fates {
        std::mem::take(&mut self.fates)
    }
}

fn covers(ranges: &Ranges, group: &Group) -> bool {
    let from = group.start.or_zero() + TOLERANCE;
    let to = group.end - TOLERANCE;
    if from < to { ranges.cover(from, to) } else { ranges.touch(group.start, group.end) }
}

#[cfg(test)]
mod tests;
