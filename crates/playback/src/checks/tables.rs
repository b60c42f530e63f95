//! The fragment tables of one stream: which are needed, fetching them, and what is wrong with them.

use manifest::{ChunkIndex, Digest, FragmentTable};

use crate::effects::Effects;
use crate::output::{CacheMode, Object, Output};
use crate::situation::Situation;
use crate::transfer::{Ask, Step, Transfer, Verdict};
use crate::{Answer, Error, Event, Failure, Now, RequestId, Sorted, StreamId, Unchecked};

/// Tables kept at once, those nearest to where the stream is read: the chunk that plays, the next, and room for a seek back.
const MOST_TABLES: usize = 4;

/// Tables by chunk, and the one that is on its way.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    known: Sorted<ChunkIndex, Table>,
    /// The chunk whose table is being fetched, or has come and is being read by the shell.
    wanted: Option<ChunkIndex>,
    transfer: Transfer,
    /// For the next request.
    cache: CacheMode,
}

#[derive(Debug)]
pub(crate) enum Table {
    Known(Vec<Fragment>),
    /// It cannot be had: its chunk is played unchecked.
    Lost,
}

#[derive(Debug)]
pub(crate) struct Fragment {
    pub(crate) end: u64,
    pub(crate) ticks: u32,
    pub(crate) digest: Digest,
}

/// Where a stream is read.
pub(crate) struct Reading<'a> {
    pub(crate) id: StreamId,
    pub(crate) stream: &'a manifest::Stream,
    /// The chunks whose tables are needed, the most urgent first.
    pub(crate) chunks: [ChunkIndex; 2],
}

impl Reading<'_> {
    fn url(&self, chunk: ChunkIndex) -> String {
        let table = self.stream.chunk(chunk).and_then(|chunk| chunk.fragments.as_ref());
        table.map_or_else(String::new, |table| table.url.clone())
    }
}

impl Tables {
    pub(crate) fn get(&self, chunk: ChunkIndex) -> Option<&Table> {
        self.known.get(chunk)
    }

    /// The fragments of a chunk whose table is known.
    pub(crate) fn fragments(&self, chunk: ChunkIndex) -> Option<&[Fragment]> {
        match self.known.get(chunk)? {
            Table::Known(fragments) => Some(fragments),
            Table::Lost => None,
        }
    }

    pub(crate) fn owns(&self, request: RequestId) -> bool {
        self.transfer.owns(request)
    }

    /// Whether a table is under way, or being read.
    pub(crate) fn is_asking(&self) -> bool {
        self.wanted.is_some()
    }

    /// Reads on in the table under way, or asks for the next if that is not longer than `longest` bytes.
    pub(crate) fn advance(
        &mut self,
        at: &Situation,
        reading: &Reading<'_>,
        longest: u64,
        jitter: &mut fastrand::Rng,
        effects: &mut Effects,
    ) {
        if let Some(failure) = self.transfer.give_up_if_silent(at, effects) {
            self.fail(at, &failure, reading, jitter, effects);
        }
        self.transfer.read_on(at.now, effects);
        if self.wanted.is_none() && at.checks() && self.transfer.may_open(at, effects) {
            self.ask(at, reading, longest, effects);
        }
    }

    fn ask(&mut self, at: &Situation, reading: &Reading<'_>, longest: u64, effects: &mut Effects) {
        let unknown = |chunk: &ChunkIndex| !self.known.contains(*chunk);
        let length = |chunk: ChunkIndex| Some((chunk, reading.stream.chunk(chunk)?.fragments.as_ref()?.bytes));
        let next = reading.chunks.into_iter().filter(unknown).find_map(length);
        let Some((chunk, total)) = next.filter(|(_, bytes)| *bytes <= longest) else { return };
        let object = Object::Table { stream: reading.id, chunk };
        self.wanted = Some(chunk);
        let ask = Ask { object, span: 0..total, total, cache: self.cache, urgent: false };
        self.transfer.open(at.now, ask, effects);
    }

    pub(crate) fn handle_answer(
        &mut self,
        at: &Situation,
        answer: &Answer,
        reading: &Reading<'_>,
        jitter: &mut fastrand::Rng,
        effects: &mut Effects,
    ) {
        if let Answer::Bytes(count) = answer {
            effects.statistics.table_bytes += count;
        }
        match self.transfer.handle(at.now, answer, None, effects) {
            Some(Step::End) => {
                if self.transfer.retry.is_spent() {
                    self.transfer.retry.complete();
                    effects.note_recovery();
                }
                let read = |chunk| Output::ReadTable { stream: reading.id, chunk };
                self.wanted.map(read).into_iter().for_each(|output| effects.push(output));
            }
            Some(Step::Broken(failure)) => self.fail(at, &failure, reading, jitter, effects),
            Some(Step::Head | Step::Bytes(_)) | None => {}
        }
    }

    /// The shell has read the table of `chunk`.
    pub(crate) fn handle_table(
        &mut self,
        at: &Situation,
        chunk: ChunkIndex,
        digest: Option<Digest>,
        table: Result<FragmentTable, manifest::Error>,
        reading: &Reading<'_>,
        effects: &mut Effects,
    ) {
        if self.transfer.is_open() || self.wanted.take_if(|wanted| *wanted == chunk).is_none() {
            return;
        }
        let Some(entry) = reading.stream.chunk(chunk) else { return };
        let expected = entry.fragments.as_ref().map(|table| table.sha256);
        let known = match table {
            // A table that nobody can hash is no better than none.
            _ if digest.is_none() || digest != expected => Err(Failure::Digest),
            Ok(table) => fragments(&table, entry).map_err(Failure::Table),
            Err(error) => Err(Failure::Table(error)),
        };
        match known {
            Ok(fragments) => self.keep(chunk, Table::Known(fragments)),
            Err(failure) => self.distrust(at, failure, reading, chunk, effects),
        }
    }

    /// What came is not the table: it is asked for past the caches, each once.
    fn distrust(
        &mut self,
        at: &Situation,
        failure: Failure,
        reading: &Reading<'_>,
        chunk: ChunkIndex,
        effects: &mut Effects,
    ) {
        effects.statistics.damaged_tables += 1;
        match self.cache {
            CacheMode::Default | CacheMode::Unstored => self.cache = CacheMode::Reload,
            CacheMode::Reload => self.cache = CacheMode::Bypass,
            CacheMode::Bypass => self.lose(at, failure, reading, chunk, effects),
        }
    }

    fn fail(
        &mut self,
        at: &Situation,
        failure: &Failure,
        reading: &Reading<'_>,
        jitter: &mut fastrand::Rng,
        effects: &mut Effects,
    ) {
        let Some(chunk) = self.wanted.take() else { return };
        if failure.denies_object() && !matches!(failure, Failure::Status { .. }) {
            return self.distrust(at, failure.clone(), reading, chunk, effects);
        }
        match self.transfer.fail(at, 0, failure, jitter, effects) {
            Verdict::Again { .. } | Verdict::Offline => {}
            // It may pass by itself, and nothing is shown before that.
            Verdict::Spent { history } if at.requires_checks() => {
                let (stream, url) = (reading.id, reading.url(chunk));
                effects.fail(Error::Network { stream, url, failure: failure.clone(), history });
            }
            Verdict::Spent { .. } | Verdict::Refused => self.lose(at, failure.clone(), reading, chunk, effects),
        }
    }

    fn lose(
        &mut self,
        at: &Situation,
        failure: Failure,
        reading: &Reading<'_>,
        chunk: ChunkIndex,
        effects: &mut Effects,
    ) {
        self.keep(chunk, Table::Lost);
        let (stream, url) = (reading.id, reading.url(chunk));
        if at.requires_checks() {
            return effects.fail(Error::Uncheckable { url, what: failure.to_string() });
        }
        effects.tell(Event::Unchecked(Unchecked::Table { stream, url, failure }));
    }

    fn keep(&mut self, chunk: ChunkIndex, table: Table) {
        self.transfer.retry.reset();
        self.cache = CacheMode::Default;
        self.known.insert(chunk, table);
        if self.known.len() > MOST_TABLES {
            let farthest = self.known.iter().map(|(known, _)| known).max_by_key(|known| known.0.abs_diff(chunk.0));
            farthest.into_iter().for_each(|farthest| self.known.remove(farthest));
        }
    }

    /// Gives up what is under way.
    pub(crate) fn abort(&mut self, effects: &mut Effects) {
        self.transfer.abort(effects);
        self.wanted = None;
    }

    /// Tries again at once, with a new budget and for lost tables too.
    pub(crate) fn retry(&mut self) {
        self.transfer.retry.reset();
        self.forget_lost();
    }

    /// The network may be back: tries again at once, for lost tables too.
    pub(crate) fn hurry(&mut self) {
        self.transfer.retry.hurry();
        self.forget_lost();
    }

    fn forget_lost(&mut self) {
        self.known.retain(|_, table| matches!(table, Table::Known(_)));
    }

    /// When the next request may be sent, if it has to wait.
    pub(crate) fn retry_at(&self, now: Now) -> Option<Now> {
        self.transfer.retry_at(now).filter(|_| self.wanted.is_none())
    }

    /// When the request under way has been silent for too long.
    pub(crate) fn silent_at(&self, at: &Situation) -> Option<Now> {
        self.transfer.silent_at(at)
    }
}

/// The table with offsets worked out, if every group begins with a fragment.
fn fragments(table: &FragmentTable, chunk: &manifest::Chunk) -> Result<Vec<Fragment>, manifest::Error> {
    let mut end = 0_u64;
    let fragments = table.records.iter().map(|record| {
        end = end.saturating_add(u64::from(record.bytes));
        Fragment { end, ticks: record.ticks, digest: record.sha256 }
    });
    let fragments: Vec<_> = fragments.collect();
    let begins = |offset: u64| offset == 0 || fragments.binary_search_by_key(&offset, |fragment| fragment.end).is_ok();
    if end != chunk.bytes || !chunk.groups.iter().all(|group| begins(group.offset)) {
        return Err(manifest::Cause::FragmentTable("its fragments do not fit the chunk's groups").into());
    }
    Ok(fragments)
}
