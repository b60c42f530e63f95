//! What a feed asks for, and when.

use std::time::Duration;

use manifest::{Group, Kind, MediaTime};

use super::{Demand, FIRST_PICTURE, Feed, Missing};
use crate::checks::Part;
use crate::effects::Effects;
use crate::network::Network;
use crate::now::film_in;
use crate::output::{CacheMode, Object};
use crate::position::Position;
use crate::rungs::Choice;
use crate::situation::Situation;
use crate::throughput::bytes_in;
use crate::transfer::Ask;
use crate::{Activity, Failure, Span};

/// Lead of sound over pictures while there are few of those: it is cheap, and comes in an answer of its own.
const SOUND_LEAD: MediaTime = MediaTime::from_millis(1_000);

/// Bytes in a request where there is no index to say how far the goal is.
const UNINDEXED: u64 = 8 << 20;

/// Time after an answer was given up in which a browser may not have done so. What is asked for then of the same object
/// joins it in the cache, falls with it, and is sent a second time, a round trip later (Chromium).
const CACHE_RACE: Duration = Duration::from_secs(1);

/// Time for which bytes gather before a read is answered, where much is buffered: nobody notices.
const GATHER: Duration = Duration::from_millis(50);

/// Time for which bytes gather where little is buffered: a link that brings more than a piece meanwhile does not wait for its
/// reader.
const GATHER_WHEN_LOW: Duration = Duration::from_millis(5);

/// Bytes that a read awaits at least: browsers give as many at once anyway.
const LEAST_GATHERED: u64 = 64 << 10;

/// The most of the film that one read awaits: the link may become slow meanwhile.
const MOST_GATHERED: Duration = Duration::from_millis(500);

impl Feed {
    /// Reads on in the request under way, or asks for what comes next; not while the feed only `stays` for a moment.
    pub(crate) fn next_request(
        &mut self,
        at: &Situation,
        demand: &Demand,
        stays: bool,
        network: &mut Network,
        effects: &mut Effects,
    ) {
        if self.transfer.exchange().is_some_and(|exchange| exchange.is_silent(at.now, &at.options)) {
            self.abort(at.now, network, effects);
            self.fail(at, Failure::Silence, network, effects);
        }
        if let Some(exchange) = self.transfer.exchange().filter(|exchange| !exchange.is_unread()) {
            self.activity = if exchange.is_reading() { Activity::Reading } else { Activity::Asking };
            return;
        }
        let ahead = self.received_until() - at.target;
        let obstacle = stays.then_some(Activity::Checking);
        let obstacle = obstacle.or_else(|| self.lacks_room(at, demand, ahead));
        let obstacle = obstacle.or_else(|| self.holds_back(at, ahead, network));
        let Some(exchange) = self.transfer.exchange() else {
            let obstacle = self.cannot_ask(at, effects).or(obstacle).or_else(|| self.need_not_ask(at, demand, ahead));
            self.is_refilling &= obstacle != Some(Activity::AtGoal);
            let obstacle = obstacle.or_else(|| self.awaits_choice(at, demand, effects));
            self.activity = obstacle.unwrap_or(Activity::Asking);
            if obstacle.is_none() {
                self.open(at, demand, ahead, effects);
            }
            return;
        };
        if obstacle.is_none() || exchange.is_done() {
            let least = self.worth_an_answer(at, demand, network).min(exchange.left().max(1));
            let until = self.checks.large_fragment_end(self.fetched);
            network.throughput.begin(at.now);
            self.transfer.read(at.now, until, least, effects);
            self.activity = Activity::Reading;
        } else {
            self.activity = obstacle.unwrap_or_default();
            if exchange.unread_since().is_some_and(|since| since + at.options.idle <= at.now) {
                self.abort(at.now, network, effects);
            }
        }
    }

    /// Why no more may come, with the received bytes reaching that far `ahead` of the playhead; `None` if it may.
    fn lacks_room(&self, at: &Situation, demand: &Demand, ahead: MediaTime) -> Option<Activity> {
        let bytes = self.received_from(self.byte_at(at.target));
        // What has been asked for ends with the group that reaches the goal, and is read to its end, unless the goal becomes less.
        let begun = self.group().map_or(ahead, |group| group.start - at.target);
        let is_below = begun < demand.goal && bytes < demand.goal_bytes;
        // How much of a film without an index shows the picture is not known before it has come.
        let is_needed = || ahead < FIRST_PICTURE || !self.has_first_picture(at.target);
        if !(is_below && at.wants_data || is_needed()) {
            return Some(if is_below { Activity::Unwanted } else { Activity::AtGoal });
        }
        let pending = self.pending(demand.appended);
        let fits = pending < at.options.pending_bytes || pending < self.most_pending(at);
        (!fits).then_some(Activity::Backlog)
    }

    /// How many bytes are worth waking the page for. Every answer costs the page's thread the same, however few they are.
    /// Not where a body may break, which loses what is awaited; and what has no index is told by its boxes as they come.
    fn worth_an_answer(&self, at: &Situation, demand: &Demand, network: &Network) -> u64 {
        if !self.is_indexed() || self.transfer.retry.is_troubled() {
            return 1;
        }
        let gather = if demand.is_low { GATHER_WHEN_LOW } else { GATHER };
        let in_time = bytes_in(gather, network.throughput.known().unwrap_or_default());
        let room = at.options.pending_bytes.saturating_sub(self.pending(demand.appended));
        let bytes = in_time.min(bytes_in(MOST_GATHERED, self.bits_per_second)).min(at.options.append_bytes).min(room);
        if bytes < LEAST_GATHERED { 1 } else { bytes }
    }

    /// Why to ask for nothing more yet, see [`crate::pacing`].
    fn holds_back(&self, at: &Situation, ahead: MediaTime, network: &Network) -> Option<Activity> {
        if !self.is_indexed() {
            return None;
        }
        if at.shows_target {
            // From play on, the next answer takes that long.
            let answer = network.throughput.latency().unwrap_or_default();
            let dwells = at.pacing.dwells_until.is_some() && ahead >= film_in(answer * 2);
            return dwells.then_some(Activity::Dwelling);
        }
        let awaits = self.has_first_picture(at.target) && !at.pacing.is_decoder_late(at.now);
        awaits.then_some(Activity::AwaitingDecoder)
    }

    /// Up to when a stream of sound has any business to go.
    fn sound_limit(&self, at: &Situation) -> MediaTime {
        let pictures = at.pacing.pictures_until.filter(|_| self.stream.kind == Some(Kind::Audio));
        pictures.map_or(MediaTime::MAX, |pictures| pictures.max(at.target) + SOUND_LEAD)
    }

    /// A fragment can only be checked when it is here whole.
    fn most_pending(&self, at: &Situation) -> u64 {
        match self.checks.part(at, &self.stream, self.checked) {
            Part::Fragment { start, end, .. } => at.options.pending_bytes.max(end - start),
            Part::Exempt(_) | Part::Unknown => at.options.pending_bytes,
        }
    }

    /// Why no request can be sent.
    fn cannot_ask(&self, at: &Situation, effects: &Effects) -> Option<Activity> {
        match () {
            () if self.has_received_all() => Some(Activity::Complete),
            () if !effects.may_ask() => Some(Activity::Failed),
            () if at.on_hold => Some(Activity::OnHold),
            () if matches!(self.missing, Missing::Asked { .. }) => Some(Activity::AskingManifest),
            () if !self.transfer.retry.is_due(at.now) && !at.online => Some(Activity::Offline),
            () if !self.transfer.retry.is_due(at.now) => Some(Activity::Retrying),
            () if self.awaits_index(at.target) => Some(Activity::Surveying),
            () => None,
        }
    }

    /// Why none need be sent.
    fn need_not_ask(&self, at: &Situation, demand: &Demand, ahead: MediaTime) -> Option<Activity> {
        if demand.held_from == Some(self.fetched) {
            return Some(Activity::Buffered);
        }
        let margin = if self.is_refilling { MediaTime::ZERO } else { at.options.reopen.min(demand.goal.third()) };
        let reason = match () {
            () if ahead > demand.goal - margin => Activity::AtGoal,
            () if self.received_until() >= self.sound_limit(at) => Activity::AwaitingPictures,
            () => return None,
        };
        self.has_first_picture(at.target).then_some(reason)
    }

    fn open(&mut self, at: &Situation, demand: &Demand, ahead: MediaTime, effects: &mut Effects) {
        let Position { chunk, offset: start } = self.fetched;
        let (object, total) = (Object::Chunk { stream: self.id, chunk }, self.stream.chunks[chunk].bytes);
        let (cache, end) = self.checks.bounds(Span { chunk, start, end: self.goal_end(at, demand) });
        self.is_refilling = self.choice != Choice::None;
        let given_up = self.given_up.take();
        let is_race = given_up.is_some_and(|(left, when)| left == chunk && at.now - when < CACHE_RACE);
        let cache = cache.max(self.cache).max(if is_race { CacheMode::Unstored } else { CacheMode::Default });
        let urgent = ahead < at.options.low;
        self.transfer.open(at.now, Ask { object, span: start..end, total, cache, urgent }, effects);
    }

    /// Where in the chunk to end the next request: where what shows the first picture ends, and after that with the group
    /// that reaches the goal. Until there is a picture, what is only for later would take the link from what it needs.
    ///
    /// A request without an end would be read on by the browser far beyond what is read from it (Chromium: 62 MiB), and
    /// would have to be cut, connection and all, by every seek.
    fn goal_end(&self, at: &Situation, demand: &Demand) -> u64 {
        let Position { chunk, offset } = self.fetched;
        let entry = &self.stream.chunks[chunk];
        if let Some(group) = self.group().filter(|_| self.choice != Choice::None) {
            return group.end_offset();
        }
        let picture = self.first_picture_end(at.target);
        let needed = if picture.chunk > chunk { entry.bytes } else { picture.offset };
        if self.fetched < picture && self.is_indexed() {
            return needed;
        }
        let from = self.stream.group_at(chunk, offset).map_or(entry.groups.len(), |id| id.group);
        let groups = entry.groups[from..].iter();
        let limit = self.sound_limit(at).min(at.target + demand.goal);
        let indexed = groups.take_while(|group| group.start < limit).last().map(Group::end_offset);
        // What has no index yet is asked for in pieces of the size that a second of a large film has.
        let end = indexed.filter(|end| *end > offset).unwrap_or(offset.saturating_add(UNINDEXED));
        let end = end.min(offset.saturating_add(demand.goal_bytes).max(needed)).min(entry.bytes);
        let held = demand.held_from.filter(|held| held.chunk == chunk && offset < held.offset);
        held.map_or(end, |held| end.min(held.offset))
    }
}
