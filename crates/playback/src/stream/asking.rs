//! What a stream asks for, and when.

use std::time::Duration;

use manifest::{Kind, MediaTime};

use super::{Missing, Stream};
use crate::Failure;
use crate::context::Context;
use crate::download::Download;
use crate::integrity::Part;
use crate::output::{CacheMode, Fetch, Object, Output};
use crate::position::Position;

/// A decoder shows a picture once it has seen some that follow it.
const SIGHT: MediaTime = MediaTime::from_millis(250);

/// Sound goes on that far ahead of pictures while there are few: it is cheap, and comes in an answer of its own.
const LEAD: MediaTime = MediaTime::from_millis(1_000);

/// The length of a request where there is no index to say how far the goal is.
const UNINDEXED: u64 = 8 << 20;

/// So soon after an answer was given up, a browser may not have done so. What is asked for then of the same object joins it
/// in the cache, falls with it, and is sent a second time, a round trip later (Chromium).
const RACE: Duration = Duration::from_secs(1);

/// For so many seconds bytes are left to gather, at the rate at which they come, where much is there.
const MOMENT: f64 = 0.05;

/// The same where no time may be lost: a link that brings more than a piece in that does not wait for its reader.
const BLINK: f64 = 0.005;

/// Fewer bytes than browsers give at once are not worth awaiting.
const ONCE: u64 = 64 << 10;

/// No more are awaited than so many seconds of the film take: the link may become slow meanwhile.
const SPAN: f64 = 0.5;

impl Stream {
    /// Reads on in the request under way, or asks for what comes next; not if the stream only `stays` for a moment.
    pub(super) fn next_request(&mut self, stays: bool, cx: &mut Context<'_>) {
        if self.download.as_ref().is_some_and(|download| download.is_silent(cx.now, cx.options)) {
            self.abort(cx);
            self.fail(Failure::Silence, cx);
        }
        if self.download.as_ref().is_some_and(|download| !download.is_idle()) {
            return;
        }
        let (ahead, room) = self.room(cx);
        let room = room && !stays && !self.holds_back(ahead, cx);
        let least = self.worth_an_answer(cx);
        let Some(download) = &mut self.download else {
            if room && self.may_open(ahead, cx) {
                self.open(ahead, cx);
            }
            return;
        };
        if room || download.is_done() {
            download.read(cx.now);
            cx.throughput.begin(cx.now);
            let request = download.request;
            let least = least.min(download.left().max(1));
            cx.out.push_back(Output::Read { request, until: self.checks.seam(self.fetched), least });
        } else if download.idle_since().is_some_and(|since| since + cx.options.idle <= cx.now) {
            self.abort(cx);
        }
    }

    /// How far ahead of the playhead the received bytes reach, and whether more may come.
    fn room(&self, cx: &Context<'_>) -> (MediaTime, bool) {
        let ahead = self.received_until() - cx.target;
        let bytes = self.byte_at(cx.target).bytes_until(self.fetched, &self.film);
        let (goal, goal_bytes) = self.source.goals(cx);
        // What has been asked for ends with the group that reaches the goal, and is read to its end.
        let group = self.fetched.group(&self.film).and_then(|id| self.film.group(id));
        let begun = group.map_or(ahead, |group| group.start - cx.target);
        let wanted = cx.streaming && begun < goal && bytes < goal_bytes;
        // How much of a film without an index that takes is not known before it has come.
        let room = wanted || ahead < SIGHT || !self.is_sighted(cx.target);
        (ahead, room && (self.held() < cx.options.held_bytes || self.held() < self.most_held(cx)))
    }

    /// How many bytes are worth waking the page for: what comes in a moment that nobody notices. Every answer costs the
    /// page's thread the same, however few they are. Not where a body may break, which loses what is awaited; and what has
    /// no index is told by its boxes as they come.
    fn worth_an_answer(&self, cx: &Context<'_>) -> u64 {
        if self.film.init.is_none() || self.retry.is_troubled() {
            return 1;
        }
        let moment = if self.is_low(cx) { BLINK } else { MOMENT };
        let in_time = cx.throughput.known().unwrap_or_default() * moment;
        let bytes = in_time.min(self.bits_per_second * SPAN) / 8.0;
        let room = cx.options.append_bytes.min(cx.options.held_bytes.saturating_sub(self.held()));
        let bytes = (bytes as u64).min(room);
        if bytes < ONCE { 1 } else { bytes }
    }

    /// Whether to ask for nothing more yet, see [`crate::player::Restraint`].
    fn holds_back(&self, ahead: MediaTime, cx: &Context<'_>) -> bool {
        match () {
            () if self.film.init.is_none() => false,
            // From play on, the next answer takes that long.
            () if cx.shows => {
                let answer = cx.throughput.latency().unwrap_or_default();
                cx.restraint.dwells() && ahead.as_seconds() >= 2.0 * answer.as_secs_f64()
            }
            () => self.is_sighted(cx.target) && !cx.restraint.is_decoder_late(cx.now),
        }
    }

    /// Whether all has come that shows the picture at `time`.
    pub(crate) fn is_sighted(&self, time: MediaTime) -> bool {
        self.fetched >= self.sight(time)
    }

    /// Behind what shows the picture at `time`: without all of that there is nothing to show, whatever the goals are.
    fn sight(&self, time: MediaTime) -> Position {
        let id = self.locate(time + SIGHT);
        let end = self.film.group(id).map_or(0, manifest::Group::end_offset);
        Position::new(&self.film, id.chunk, end)
    }

    /// Up to when a stream of sound has any business to go.
    fn lead(&self, cx: &Context<'_>) -> MediaTime {
        let pictures = cx.restraint.pictures.filter(|_| self.film.kind == Some(Kind::Audio));
        pictures.map_or(MediaTime::MAX, |pictures| pictures.max(cx.target) + LEAD)
    }

    /// A fragment can only be checked when it is here whole.
    fn most_held(&self, cx: &Context<'_>) -> u64 {
        let Position { chunk, offset } = self.checked;
        match self.checks.part(&self.film, chunk, offset, cx) {
            Part::Fragment { start, end, .. } => cx.options.held_bytes.max(end - start),
            Part::Exempt(_) | Part::Unknown => cx.options.held_bytes,
        }
    }

    fn may_open(&self, ahead: MediaTime, cx: &Context<'_>) -> bool {
        let (goal, _) = self.source.goals(cx);
        let margin = cx.options.reopen.min(MediaTime::from_micros(goal.as_micros() / 3));
        cx.may_ask()
            && !self.has_received_all()
            && !matches!(self.missing, Missing::Asked { .. })
            && self.retry.is_due(cx.now)
            && (ahead <= goal - margin && self.received_until() < self.lead(cx) || !self.is_sighted(cx.target))
            && !self.awaits_index(cx.target)
    }

    fn open(&mut self, ahead: MediaTime, cx: &mut Context<'_>) {
        let Position { chunk, offset: start } = self.fetched;
        let (object, total) = (Object::Chunk { stream: self.id, chunk }, self.film.chunks[chunk].bytes);
        let (cache, end) = self.checks.bounds(chunk, start, self.goal_end(cx));
        let is_race = self.given_up.take().is_some_and(|(left, at)| left == chunk && cx.now - at < RACE);
        let cache = cache.max(self.cache).max(if is_race { CacheMode::Unstored } else { CacheMode::Default });
        let request = cx.requests.next();
        cx.statistics.requests += 1;
        self.download = Some(Download::new(cx.now, request, start..end, total));
        let (urgent, end) = (ahead < cx.options.low, (end < total).then_some(end));
        cx.out.push_back(Output::Fetch(Fetch { request, object, start, end, cache, urgent }));
    }

    /// Where in the chunk to end the next request: behind what shows the first picture, and after that behind the group
    /// that reaches the goal. Until there is a picture, what is only for later would take the link from what it needs.
    ///
    /// A request without an end would be read on by the browser far beyond what is read from it (Chromium: 62 MiB), and
    /// would have to be cut, connection and all, by every seek.
    fn goal_end(&self, cx: &Context<'_>) -> u64 {
        let Position { chunk, offset } = self.fetched;
        let entry = &self.film.chunks[chunk];
        let sight = self.sight(cx.target);
        let needed = if sight.chunk > chunk { entry.bytes } else { sight.offset };
        if self.fetched < sight && self.film.init.is_some() {
            return needed;
        }
        let (goal, goal_bytes) = self.source.goals(cx);
        let from = self.film.group_at(chunk, offset).map_or(entry.groups.len(), |id| id.group);
        let groups = entry.groups[from..].iter();
        let limit = self.lead(cx).min(cx.target + goal);
        let indexed = groups.take_while(|group| group.start < limit).last().map(manifest::Group::end_offset);
        // What has no index yet is asked for in pieces of the size that a second of a large film has.
        let end = indexed.filter(|end| *end > offset).unwrap_or(offset.saturating_add(UNINDEXED));
        end.min(offset.saturating_add(goal_bytes).max(needed)).min(entry.bytes)
    }
}
