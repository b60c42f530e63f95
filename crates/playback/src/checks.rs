//! Whether what came is what was cut.
//!
//! 1. The fragment table of a chunk is fetched beside its first bytes, and held against the manifest's digest.
//! 2. A fragment that has come whole is hashed by the shell, and held against the table.
//! 3. One that differs is fetched again: past the browser's cache, then past every cache, then never.
//!
//! What to do with the bytes meanwhile is in [`crate::feed`] and [`crate::track`].

mod tables;

use manifest::Digest;

use crate::effects::Effects;
use crate::output::{CacheMode, Output};
use crate::position::Position;
use crate::situation::Situation;
use crate::{Attempt, CheckId, Failure, Now, Span, StreamId};
use tables::{Fragment, Table};
pub(crate) use tables::{Reading, Tables};

/// Bytes of a fragment above which it is checked only where checks are required: all of it would have to be held. The splitter
/// writes half a second.
const LONGEST_FRAGMENT: u64 = 32 << 20;

/// Bytes of a fragment from which on it is read, hashed and appended by itself. Copying smaller ones together costs less than a
/// read and an append for each.
const LARGE_FRAGMENT: u64 = 128 << 10;

/// Times that the same bytes may come damaged before that is fatal: from the caches, past the browser's, past all.
const MOST_DAMAGE: usize = 3;

/// The checks of one stream.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    pub(crate) tables: Tables,
    check: Option<Check>,
    suspects: Vec<Suspect>,
}

/// A fragment that is being hashed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    id: CheckId,
    pub(crate) span: Span,
    digest: Digest,
}

impl Check {
    pub(crate) fn is_passed_by(&self, digest: Digest) -> bool {
        self.digest == digest
    }
}

/// A fragment that came damaged and has not come right yet.
#[derive(Debug)]
struct Suspect {
    fragment: Span,
    /// The byte from which on it is fetched again: the first of the fragment, or of its group.
    from: u64,
    history: Vec<Attempt>,
}

/// How the bytes from a position on can be checked.
#[derive(Debug)]
pub(crate) enum Part {
    /// Not at all, up to this offset: there is no digest of them, or not all of their fragment is held.
    Exempt(u64),
    /// That is not known: the table may still come.
    Unknown,
    /// They belong to this fragment, against whose digest all of it is held.
    Fragment { start: u64, end: u64, digest: Digest },
}

impl Checks {
    /// How the bytes of a stream from `position` on can be checked.
    pub(crate) fn part(&self, at: &Situation, stream: &manifest::Stream, position: Position) -> Part {
        let Position { chunk, offset } = position;
        let whole = stream.chunk(chunk).map_or(0, |chunk| chunk.bytes);
        if !at.checks() || stream.chunk(chunk).is_none_or(|chunk| chunk.fragments.is_none()) {
            return Part::Exempt(whole);
        }
        let is_required = at.requires_checks();
        let fragments = match self.tables.get(chunk) {
            None => return Part::Unknown,
            Some(Table::Lost) if is_required => return Part::Unknown,
            Some(Table::Lost) => return Part::Exempt(whole),
            Some(Table::Known(fragments)) => fragments,
        };
        let index = fragments.partition_point(|fragment| fragment.end <= offset);
        let Some(Fragment { end, digest, .. }) = fragments.get(index) else { return Part::Exempt(whole) };
        let start = start_of(fragments, index);
        if start < offset || end - start > LONGEST_FRAGMENT && !is_required {
            return Part::Exempt(*end);
        }
        Part::Fragment { start, end: *end, digest: *digest }
    }

    /// Where to end an append that begins at `position`, so that the shell need not copy together what it has hashed apart.
    pub(crate) fn append_limit(&self, at: &Situation, stream: &manifest::Stream, position: Position) -> u64 {
        match self.part(at, stream, position) {
            Part::Exempt(end) => end,
            Part::Fragment { start, end, .. } if end - start >= LARGE_FRAGMENT => end,
            Part::Fragment { .. } | Part::Unknown => u64::MAX,
        }
    }

    /// Where the fragment ends that holds the byte there, if it is a large one.
    pub(crate) fn large_fragment_end(&self, Position { chunk, offset }: Position) -> Option<u64> {
        let fragments = self.tables.fragments(chunk)?;
        let index = fragments.partition_point(|fragment| fragment.end <= offset);
        let end = fragments.get(index)?.end;
        (end - start_of(fragments, index) >= LARGE_FRAGMENT).then_some(end)
    }

    /// How much of the time of the bytes of `whole` has passed at `offset`, as a fraction.
    pub(crate) fn share(&self, whole: Span, offset: u64) -> (u64, u64) {
        let Some(fragments) = self.tables.fragments(whole.chunk) else { return (0, 1) };
        let ticks = |from: u64, to: u64| -> u64 {
            let within = fragments.iter().filter(|fragment| from < fragment.end && fragment.end <= to);
            within.map(|fragment| u64::from(fragment.ticks)).sum()
        };
        (ticks(whole.start, offset), ticks(whole.start, whole.end).max(1))
    }

    pub(crate) fn is_checking(&self) -> bool {
        self.check.is_some()
    }

    /// Has a fragment hashed.
    pub(crate) fn begin(&mut self, stream: StreamId, span: Span, digest: Digest, effects: &mut Effects) {
        let id = effects.next_check();
        self.check = Some(Check { id, span, digest });
        effects.push(Output::Hash { check: id, stream, span });
    }

    /// Ends a check. `None` when it has been given up.
    pub(crate) fn finish(&mut self, id: CheckId) -> Option<Check> {
        self.check.take_if(|check| check.id == id)
    }

    /// Gives the check up that is under way: the bytes are gone.
    pub(crate) fn give_up(&mut self) {
        self.check = None;
    }

    /// The bytes are right, at last.
    pub(crate) fn acquit(&mut self, check: &Check) {
        self.suspects.retain(|suspect| suspect.fragment != check.span);
    }

    /// The bytes are damaged, and are fetched again from `from` on. `Err` with the history when that has been tried.
    pub(crate) fn suspect(&mut self, check: &Check, from: u64, now: Now) -> Result<(), Vec<Attempt>> {
        let fragment = check.span;
        let known = self.suspects.iter().position(|known| known.fragment == fragment);
        let index = known.unwrap_or_else(|| {
            self.suspects.push(Suspect { fragment, from, history: Vec::new() });
            self.suspects.len() - 1
        });
        let suspect = &mut self.suspects[index];
        suspect.from = suspect.from.min(from);
        suspect.history.push(Attempt { at: now, offset: fragment.start, failure: Failure::Digest });
        if suspect.history.len() >= MOST_DAMAGE {
            return Err(self.suspects.swap_remove(index).history);
        }
        Ok(())
    }

    /// How to ask for bytes, and up to where: what came damaged is asked for by itself, past the caches.
    pub(crate) fn bounds(&self, Span { chunk, start, end }: Span) -> (CacheMode, u64) {
        let ahead = self
            .suspects
            .iter()
            .filter(|known| known.fragment.chunk == chunk && start < known.fragment.end && known.from < end);
        match ahead.min_by_key(|known| known.from) {
            Some(next) if start < next.from => (CacheMode::Default, next.from),
            Some(Suspect { history, fragment, .. }) if history.len() == 1 => (CacheMode::Reload, fragment.end),
            Some(Suspect { fragment, .. }) => (CacheMode::Bypass, fragment.end),
            None => (CacheMode::Default, end),
        }
    }
}

fn start_of(fragments: &[Fragment], index: usize) -> u64 {
    index.checked_sub(1).map_or(0, |before| fragments[before].end)
}
