//! Whether what came is what was cut.
//!
//! 1. The fragment table of a chunk is fetched beside its first bytes, and held against the manifest's digest.
//! 2. A fragment that has come whole is hashed by the shell, and held against the table.
//! 3. One that differs is fetched again: past the browser's cache, then past every cache, then never.
//!
//! What to do with the bytes meanwhile is in [`crate::stream`].

use manifest::{ChunkIndex, Digest, FragmentTable};

use crate::append::LARGE;
use crate::context::Context;
use crate::download::Download;
use crate::output::{CacheMode, Fetch, Object, Output};
use crate::position::Position;
use crate::retry::{Retry, may_retry};
use crate::{
    Attempt, CheckId, Error, Event, Failure, Integrity, Now, RequestId, ResponseHead, Sorted, Span, StreamId, Unchecked,
};

/// A fragment longer than that is not checked unless that is required: all of it would have to be held. The splitter
/// writes half a second.
const LONGEST_FRAGMENT: u64 = 32 << 20;

/// Tables kept, those nearest to where the stream is read.
const MOST_TABLES: usize = 4;

/// How often the same bytes may come damaged until that is fatal.
const MOST_DAMAGE: usize = 3;

/// The checks of one stream.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    tables: Sorted<ChunkIndex, Table>,
    request: Option<TableRequest>,
    retry: Retry,
    /// For the next request of a table.
    cache: CacheMode,
    check: Option<Check>,
    suspects: Vec<Suspect>,
}

#[derive(Debug)]
enum Table {
    Known(Vec<Fragment>),
    /// It cannot be had: its chunk is played unchecked.
    Lost,
}

#[derive(Debug)]
struct Fragment {
    end: u64,
    ticks: u32,
    digest: Digest,
}

#[derive(Debug)]
struct TableRequest {
    chunk: ChunkIndex,
    /// `None` once all of it is here and the shell reads it.
    download: Option<Download>,
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

/// Bytes that came damaged and have not come right yet.
#[derive(Debug)]
struct Suspect {
    chunk: ChunkIndex,
    /// Where fetching them again may begin: at the fragment, or at its group.
    from: u64,
    start: u64,
    end: u64,
    history: Vec<Attempt>,
}

/// What is known about the bytes from one on.
#[derive(Debug)]
pub(crate) enum Part {
    /// Nothing will check them up to that one.
    Exempt(u64),
    /// The table may still come.
    Unknown,
    /// They are a fragment.
    Fragment { start: u64, end: u64, digest: Digest },
}

/// Where a stream is read.
pub(crate) struct Reading<'a> {
    pub(crate) id: StreamId,
    pub(crate) film: &'a manifest::Stream,
    /// The chunks of which tables are wanted, the most wanted first.
    pub(crate) chunks: [ChunkIndex; 2],
}

impl Reading<'_> {
    fn url(&self, chunk: ChunkIndex) -> String {
        let table = self.film.chunk(chunk).and_then(|chunk| chunk.fragments.as_ref());
        table.map_or_else(String::new, |table| table.url.clone())
    }
}

impl Checks {
    /// What is known about the bytes of `chunk` from `offset` on.
    pub(crate) fn part(&self, film: &manifest::Stream, chunk: ChunkIndex, offset: u64, cx: &Context<'_>) -> Part {
        let whole = film.chunk(chunk).map_or(0, |chunk| chunk.bytes);
        if !cx.checks() || film.chunk(chunk).is_none_or(|chunk| chunk.fragments.is_none()) {
            return Part::Exempt(whole);
        }
        let is_required = cx.options.integrity == Integrity::Required;
        let fragments = match self.tables.get(chunk) {
            None => return Part::Unknown,
            Some(Table::Lost) if is_required => return Part::Unknown,
            Some(Table::Lost) => return Part::Exempt(whole),
            Some(Table::Known(fragments)) => fragments,
        };
        let at = fragments.partition_point(|fragment| fragment.end <= offset);
        let Some(Fragment { end, digest, .. }) = fragments.get(at) else { return Part::Exempt(whole) };
        let start = start_of(fragments, at);
        if start < offset || end - start > LONGEST_FRAGMENT && !is_required {
            return Part::Exempt(*end);
        }
        Part::Fragment { start, end: *end, digest: *digest }
    }

    /// Where the fragment ends that holds the byte there, if it is a large one.
    pub(crate) fn seam(&self, Position { chunk, offset }: Position) -> Option<u64> {
        let Some(Table::Known(fragments)) = self.tables.get(chunk) else { return None };
        let at = fragments.partition_point(|fragment| fragment.end <= offset);
        let end = fragments.get(at)?.end;
        (end - start_of(fragments, at) >= LARGE).then_some(end)
    }

    /// How much of the time of bytes `from..to` has passed at `offset`, as a fraction.
    pub(crate) fn share(&self, chunk: ChunkIndex, (from, to): (u64, u64), offset: u64) -> (u64, u64) {
        let Some(Table::Known(fragments)) = self.tables.get(chunk) else { return (0, 1) };
        let ticks = |from: u64, to: u64| -> u64 {
            let within = fragments.iter().filter(|fragment| from < fragment.end && fragment.end <= to);
            within.map(|fragment| u64::from(fragment.ticks)).sum()
        };
        (ticks(from, offset), ticks(from, to).max(1))
    }

    pub(crate) fn is_checking(&self) -> bool {
        self.check.is_some()
    }

    /// Has a fragment hashed.
    pub(crate) fn begin(&mut self, stream: StreamId, span: Span, digest: Digest, cx: &mut Context<'_>) {
        let id = CheckId(cx.requests.next().0);
        self.check = Some(Check { id, span, digest });
        cx.out.push_back(Output::Hash { check: id, stream, span });
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
        self.suspects.retain(|suspect| (suspect.chunk, suspect.start) != (check.span.chunk, check.span.start));
    }

    /// The bytes are damaged, and are fetched again from `from` on. `Err` with the history when that has been tried.
    pub(crate) fn suspect(&mut self, check: &Check, from: u64, now: Now) -> Result<(), Vec<Attempt>> {
        let known =
            self.suspects.iter().position(|known| (known.chunk, known.start) == (check.span.chunk, check.span.start));
        let Span { chunk, start, end } = check.span;
        let at = known.unwrap_or_else(|| {
            self.suspects.push(Suspect { chunk, from, start, end, history: Vec::new() });
            self.suspects.len() - 1
        });
        let suspect = &mut self.suspects[at];
        suspect.from = suspect.from.min(from);
        suspect.history.push(Attempt { at: now, offset: start, failure: Failure::Digest });
        if suspect.history.len() >= MOST_DAMAGE {
            return Err(self.suspects.swap_remove(at).history);
        }
        Ok(())
    }

    /// How to ask for bytes `offset..end` of `chunk`: what came damaged is asked for by itself, past the caches.
    pub(crate) fn bounds(&self, chunk: ChunkIndex, offset: u64, end: u64) -> (CacheMode, u64) {
        let ahead = self.suspects.iter().filter(|known| known.chunk == chunk && offset < known.end && known.from < end);
        match ahead.min_by_key(|known| known.from) {
            Some(next) if offset < next.from => (CacheMode::Default, next.from),
            Some(Suspect { history, end, .. }) if history.len() == 1 => (CacheMode::Reload, *end),
            Some(Suspect { end, .. }) => (CacheMode::Bypass, *end),
            None => (CacheMode::Default, end),
        }
    }

    pub(crate) fn owns(&self, request: RequestId) -> bool {
        self.download().is_some_and(|download| download.request == request)
    }

    /// Whether a table is under way.
    pub(crate) fn is_asking(&self) -> bool {
        self.request.is_some()
    }

    fn download(&self) -> Option<&Download> {
        self.request.as_ref()?.download.as_ref()
    }

    fn download_mut(&mut self) -> Option<&mut Download> {
        self.request.as_mut()?.download.as_mut()
    }

    /// Reads on in the table under way, or asks for the next if that is not longer than `longest`.
    pub(crate) fn advance(&mut self, at: &Reading<'_>, longest: u64, cx: &mut Context<'_>) {
        if let Some(download) = self.download_mut() {
            if download.is_silent(cx.now, cx.options) {
                self.break_off(Failure::Silence, at, cx);
            } else if download.is_idle() {
                download.read(cx.now);
                cx.out.push_back(Output::Read { request: download.request, until: None, least: 1 });
            }
        }
        if self.request.is_none() && cx.checks() && cx.may_ask() && self.retry.is_due(cx.now) {
            self.ask(at, longest, cx);
        }
    }

    fn ask(&mut self, at: &Reading<'_>, longest: u64, cx: &mut Context<'_>) {
        let unknown = |chunk: &ChunkIndex| !self.tables.contains(*chunk);
        let reference = |chunk: ChunkIndex| Some((chunk, at.film.chunk(chunk)?.fragments.as_ref()?.bytes));
        let Some((chunk, bytes)) = at.chunks.into_iter().filter(unknown).find_map(reference) else { return };
        if bytes > longest {
            return;
        }
        let request = cx.requests.next();
        self.request = Some(TableRequest { chunk, download: Some(Download::new(cx.now, request, 0..bytes, bytes)) });
        let object = Object::Table { stream: at.id, chunk };
        cx.statistics.requests += 1;
        cx.out.push_back(Output::Fetch(Fetch {
            request,
            object,
            start: 0,
            end: None,
            cache: self.cache,
            urgent: false,
        }));
    }

    pub(crate) fn handle_head(&mut self, head: &ResponseHead, at: &Reading<'_>, cx: &mut Context<'_>) {
        let Some(download) = self.download_mut() else { return };
        if let Err(failure) = download.head(cx.now, head, None) {
            self.break_off(failure, at, cx);
        }
    }

    pub(crate) fn handle_bytes(&mut self, count: u64, at: &Reading<'_>, cx: &mut Context<'_>) {
        let Some(download) = self.download_mut() else { return };
        cx.statistics.table_bytes += count;
        if let Err(failure) = download.bytes(cx.now, count) {
            self.break_off(failure, at, cx);
        }
    }

    /// The body is over, or broke.
    pub(crate) fn handle_end(&mut self, failure: Option<Failure>, at: &Reading<'_>, cx: &mut Context<'_>) {
        let Some(request) = &mut self.request else { return };
        let Some(download) = request.download.take() else { return };
        match failure.or_else(|| download.end().err()) {
            None => cx.out.push_back(Output::ReadTable { stream: at.id, chunk: request.chunk }),
            Some(failure) => {
                let chunk = request.chunk;
                self.request = None;
                self.fail(failure, chunk, at, cx);
            }
        }
    }

    /// The shell has read the table of `chunk`.
    pub(crate) fn handle_table(
        &mut self,
        chunk: ChunkIndex,
        digest: Option<Digest>,
        table: Result<FragmentTable, manifest::Error>,
        at: &Reading<'_>,
        cx: &mut Context<'_>,
    ) {
        if self.request.take_if(|request| request.chunk == chunk && request.download.is_none()).is_none() {
            return;
        }
        let Some(entry) = at.film.chunk(chunk) else { return };
        let expected = entry.fragments.as_ref().map(|table| table.sha256);
        let known = match table {
            // A table that nobody can hash is no better than none.
            _ if digest.is_none() || digest != expected => Err(Failure::Digest),
            Ok(table) => fragments(&table, entry).map_err(Failure::Table),
            Err(error) => Err(Failure::Table(error)),
        };
        match known {
            Ok(fragments) => self.keep(chunk, Table::Known(fragments)),
            Err(failure) => self.distrust(failure, at, chunk, cx),
        }
    }

    /// What came is not the table: it is asked for past the caches, each once.
    fn distrust(&mut self, failure: Failure, at: &Reading<'_>, chunk: ChunkIndex, cx: &mut Context<'_>) {
        cx.statistics.damaged_tables += 1;
        match self.cache {
            CacheMode::Default | CacheMode::Unstored => self.cache = CacheMode::Reload,
            CacheMode::Reload => self.cache = CacheMode::Bypass,
            CacheMode::Bypass => self.lose(failure, at, chunk, cx),
        }
    }

    fn break_off(&mut self, failure: Failure, at: &Reading<'_>, cx: &mut Context<'_>) {
        let chunk = self.request.as_ref().map(|request| request.chunk);
        self.abort(cx);
        if let Some(chunk) = chunk {
            self.fail(failure, chunk, at, cx);
        }
    }

    fn fail(&mut self, failure: Failure, chunk: ChunkIndex, at: &Reading<'_>, cx: &mut Context<'_>) {
        let spent = !may_retry(&failure)
            || cx.online && self.retry.failed(cx.now, cx.options, cx.jitter, 0, failure.clone()).is_err();
        cx.statistics.retries += 1;
        if spent {
            self.lose(failure, at, chunk, cx);
        }
    }

    fn lose(&mut self, failure: Failure, at: &Reading<'_>, chunk: ChunkIndex, cx: &mut Context<'_>) {
        self.keep(chunk, Table::Lost);
        let (stream, url) = (at.id, at.url(chunk));
        if cx.options.integrity == Integrity::Required {
            return cx.fatal(Error::Uncheckable { url, what: failure.to_string() });
        }
        cx.out.push_back(Output::Event(Event::Unchecked(Unchecked::Table { stream, url, failure })));
    }

    fn keep(&mut self, chunk: ChunkIndex, table: Table) {
        self.retry.reset();
        self.cache = CacheMode::Default;
        self.tables.insert(chunk, table);
        if self.tables.len() > MOST_TABLES {
            let farthest = self.tables.iter().map(|(known, _)| known).max_by_key(|known| known.0.abs_diff(chunk.0));
            farthest.into_iter().for_each(|farthest| self.tables.remove(farthest));
        }
    }

    /// Gives up what is under way.
    pub(crate) fn abort(&mut self, cx: &mut Context<'_>) {
        if let Some(download) = self.request.take().and_then(|request| request.download) {
            cx.out.push_back(Output::Abort { request: download.request });
        }
    }

    /// Tries again at once, with a new budget and for lost tables too.
    pub(crate) fn retry(&mut self) {
        self.retry.reset();
        self.tables.retain(|_, table| matches!(table, Table::Known(_)));
    }

    pub(crate) fn deadline(&self, cx: &Context<'_>) -> Option<Now> {
        let waiting = self.request.is_none() && !cx.halted;
        let retry = self.retry.not_before().filter(|at| waiting && *at > cx.now);
        let silence = self.download().and_then(|download| download.deadline(cx.options.silence));
        [retry, silence].into_iter().flatten().min()
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

fn start_of(fragments: &[Fragment], at: usize) -> u64 {
    at.checked_sub(1).map_or(0, |before| fragments[before].end)
}
