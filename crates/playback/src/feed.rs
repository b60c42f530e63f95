//! The bytes of one stream of the manifest: what has been asked for, what has come, what of it has been checked.
//!
//! What to ask for is in [`asking`], of which rung in [`choosing`], what comes in [`receiving`], what to check in [`checking`], what
//! failures lead to in [`failing`]. Where the bytes go is not known here: a feed fetches for whichever SourceBuffer shows a [`Demand`].
//!
//! A feed lives only while its stream is selected: another language is another feed, and going back to the first begins a new one.
//! Rungs of pictures live as long as the film.
//! What has to outlast that belongs into [`Effects`] (statistics, events) or into [`crate::Player`].

mod asking;
mod checking;
mod choosing;
mod failing;
mod receiving;

use std::cell::Cell;

use manifest::{ChunkIndex, GroupId, MediaTime};

use crate::activity::earliest;
use crate::checks::Checks;
use crate::effects::Effects;
use crate::exchange::Exchange;
use crate::inits::Inits;
use crate::network::Network;
use crate::output::{CacheMode, Output};
use crate::position::Position;
use crate::rungs::Choice;
use crate::situation::Situation;
use crate::timeline::Timeline;
use crate::transfer::Transfer;
use crate::{Activity, Failure, Now, RequestId, Sorted, StreamId, Wait, Why};

pub(crate) use receiving::Outcome;

/// Film after a picture of which a decoder wants the bytes, too, before it shows that picture.
const FIRST_PICTURE: MediaTime = MediaTime::from_millis(250);

/// Made when its stream is selected, dropped when another takes its place.
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) id: StreamId,
    /// What the manifest says of it, and what has been learned since.
    pub(crate) stream: manifest::Stream,
    /// Average over all of it; infinite where its length or its size has to be found out.
    pub(crate) bits_per_second: f64,
    pub(crate) checks: Checks,
    pub(crate) timeline: Timeline,
    pub(crate) inits: Inits,
    /// The next byte to receive.
    fetched: Position,
    /// The next byte to check.
    checked: Position,
    /// The first byte that the shell keeps.
    released: Position,
    /// Whether any bytes have ever come.
    has_begun: bool,
    transfer: Transfer,
    /// The entity tag that each chunk's first bytes came with.
    etags: Sorted<ChunkIndex, String>,
    /// For the next request.
    cache: CacheMode,
    /// The chunk of which an answer was given up before its end, and when.
    given_up: Option<(ChunkIndex, Now)>,
    missing: Missing,
    /// What it does about its next bytes.
    activity: Activity,
    /// Of the rung that the next group comes from.
    pub(crate) choice: Choice,
    /// Whether it is on its way up to the goal. Where each request is for one group, because rungs are chosen, the next follows
    /// then at once, and not only when what is ahead has sunk to where requests reopen.
    pub(crate) is_refilling: bool,
    /// The group that was located last: most questions are about one time.
    near: Cell<GroupId>,
}

/// A chunk that the server says is not there.
#[derive(Debug, Default)]
enum Missing {
    #[default]
    None,
    /// The manifest has been asked what became of it.
    Asked { chunk: ChunkIndex, failure: Failure },
    /// The manifest still names it: it is asked for once more.
    Named { chunk: ChunkIndex },
}

/// What the SourceBuffer that is fed wants, and how far it has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    /// Length of the film to fetch ahead of the playhead, as far as the browser's quota allows.
    pub(crate) goal: MediaTime,
    /// The same in bytes.
    pub(crate) goal_bytes: u64,
    /// Whether the playhead will soon run into the end of what is buffered.
    pub(crate) is_low: bool,
    /// Whether anything is buffered at the playhead.
    pub(crate) is_buffered: bool,
    /// The next byte to append.
    pub(crate) appended: Position,
    /// The same, once the append is done that is under way.
    pub(crate) appending: Position,
    /// Where the next group begins that is held already: what lies before it is all that is missing here.
    pub(crate) held_from: Option<Position>,
}

impl Feed {
    pub(crate) fn new(id: StreamId, stream: manifest::Stream) -> Self {
        Self {
            id,
            bits_per_second: bits_per_second(&stream.chunks),
            stream,
            checks: Checks::default(),
            timeline: Timeline::default(),
            inits: Inits::default(),
            fetched: Position::default(),
            checked: Position::default(),
            released: Position::default(),
            has_begun: false,
            transfer: Transfer::default(),
            etags: Sorted::default(),
            cache: CacheMode::Default,
            given_up: None,
            missing: Missing::None,
            activity: Activity::Idle,
            choice: Choice::None,
            is_refilling: false,
            near: Cell::new(GroupId { chunk: ChunkIndex(0), group: 0 }),
        }
    }

    /// Whether the times and sizes of all groups are known from the start.
    pub(crate) fn is_indexed(&self) -> bool {
        self.stream.init.is_some()
    }

    /// What it does about its next bytes, or why it does nothing.
    pub(crate) fn activity(&self) -> Activity {
        self.activity
    }

    /// The next byte to receive.
    pub(crate) fn fetched(&self) -> Position {
        self.fetched
    }

    /// The next byte to check.
    pub(crate) fn checked(&self) -> Position {
        self.checked
    }

    /// The group to decode from so that `time` can be shown.
    #[inline(never)]
    pub(crate) fn locate(&self, time: MediaTime) -> GroupId {
        let found = self.stream.locate_near(self.near.get(), time);
        self.near.set(found);
        found
    }

    /// Whether its last byte has come.
    pub(crate) fn has_received_all(&self) -> bool {
        self.fetched.is_end(&self.stream)
    }

    /// The time up to which bytes have been received, if the run of received bytes reaches back to the playhead.
    pub(crate) fn received_until(&self) -> MediaTime {
        let Some(group) = self.group() else {
            let before = self.stream.chunks[..self.fetched.chunk.0.min(self.stream.chunks.len())].last();
            let here = self.stream.chunk(self.fetched.chunk).and_then(|chunk| chunk.groups.last());
            let known = here.map(|group| group.end).or(before.and_then(|chunk| chunk.end));
            return known.unwrap_or(MediaTime::ZERO);
        };
        group.start + (group.end - group.start).share(self.fetched.offset - group.offset, group.bytes)
    }

    /// Whether more may come without another request.
    pub(crate) fn is_receiving(&self) -> bool {
        self.transfer.is_open()
    }

    /// Whether a request under way goes on, and no failure has to be waited out.
    pub(crate) fn flows(&self, now: Now) -> bool {
        self.transfer.is_open() && self.transfer.retry.is_due(now)
    }

    /// Where about in the bytes `time` lies, as if each group were of one rate.
    pub(crate) fn byte_at(&self, time: MediaTime) -> Position {
        let id = self.locate(time);
        let Some(group) = self.stream.group(id) else { return Position { chunk: id.chunk, offset: 0 } };
        let micros = |time: MediaTime| time.or_zero().as_micros().unsigned_abs();
        let (passed, length) = (micros(time - group.start), micros(group.end - group.start));
        let part = manifest::proportion(group.bytes, passed.min(length), length);
        Position::new(&self.stream, id.chunk, group.offset + part)
    }

    /// Whether all has come that shows the picture at `time`.
    pub(crate) fn has_first_picture(&self, time: MediaTime) -> bool {
        self.fetched >= self.first_picture_end(time)
    }

    /// The end of what shows the picture at `time`: without all of that there is nothing to show, whatever the goals are.
    fn first_picture_end(&self, time: MediaTime) -> Position {
        let id = self.locate(time + FIRST_PICTURE);
        let end = self.stream.group(id).map_or(0, manifest::Group::end_offset);
        Position::new(&self.stream, id.chunk, end)
    }

    /// Whether `time` lies in chunks of which nobody has said yet where they start.
    pub(crate) fn awaits_index(&self, time: MediaTime) -> bool {
        let id = self.locate(time);
        let unknown = self.stream.chunk(id.chunk.next()).is_some_and(|next| next.start.is_none());
        let chunk = &self.stream.chunks[id.chunk];
        unknown && chunk.groups.last().is_some_and(|last| last.end <= time)
    }

    /// How many bytes have been received from `position` on.
    pub(crate) fn received_from(&self, position: Position) -> u64 {
        position.bytes_until(self.fetched, &self.stream)
    }

    /// Bytes received and not yet both appended and checked: from whichever of the two has got less far, up to *fetched*.
    pub(crate) fn pending(&self, appended: Position) -> u64 {
        self.received_from(appended.min(self.checked))
    }

    /// Lets the shell forget what has been appended and checked.
    pub(crate) fn release(&mut self, appended: Position, effects: &mut Effects) {
        let needed = appended.min(self.checked);
        if needed > self.released {
            self.released = needed;
            effects.push(Output::Release { stream: self.id, before: needed });
        }
    }

    /// Gives up what is under way and goes on from `position`. `is_appending` says that the shell still appends its bytes.
    pub(crate) fn go_to(
        &mut self,
        at: &Situation,
        position: Position,
        is_appending: bool,
        network: &mut Network,
        effects: &mut Effects,
    ) {
        // Of what a request has brought the shell may have told the boxes and not yet the bytes.
        let is_kept = self.released != self.fetched || is_appending || self.is_receiving();
        self.abort(at.now, network, effects);
        if is_kept {
            effects.push(Output::ReleaseAll { stream: self.id });
        }
        self.checks.give_up();
        self.reconsider();
        (self.fetched, self.checked, self.released) = (position, position, position);
        self.transfer.retry.hurry();
    }

    /// Has the shell forget what has come from `position` on, which is to be fetched again.
    pub(crate) fn discard(&mut self, at: &Situation, position: Position, network: &mut Network, effects: &mut Effects) {
        self.abort(at.now, network, effects);
        effects.statistics.dropped_bytes += self.received_from(position);
        self.fetched = position;
        effects.push(Output::Discard { stream: self.id, from: position });
    }

    /// Whether one of its requests for media it is.
    pub(crate) fn owns(&self, request: RequestId) -> bool {
        self.transfer.owns(request)
    }

    pub(crate) fn url(&self, chunk: ChunkIndex) -> String {
        self.stream.chunk(chunk).map_or_else(String::new, |chunk| chunk.url.clone())
    }

    /// Gives up what is under way.
    fn abort(&mut self, now: Now, network: &mut Network, effects: &mut Effects) {
        if let Some(exchange) = self.transfer.exchange() {
            network.end_read(now, exchange, 0);
            self.given_up = Some((self.fetched.chunk, now));
            self.transfer.abort(effects);
        }
    }

    /// When to look again though nothing has happened.
    pub(crate) fn wait(&self, at: &Situation, effects: &Effects) -> Option<Wait> {
        let (tables, may_ask) = (&self.checks.tables, effects.may_ask());
        let media = self.transfer.retry_at(at.now).filter(|_| may_ask && !self.has_received_all());
        let unread = self.transfer.exchange().and_then(Exchange::unread_since);
        earliest(&[
            (media, Why::Retry),
            (tables.retry_at(at.now).filter(|_| may_ask), Why::Retry),
            (unread.map(|since| since + at.options.idle), Why::Unread),
            (self.transfer.silent_at(at), Why::Silence),
            (tables.silent_at(at), Why::Silence),
        ])
    }
}

fn bits_per_second(chunks: &[manifest::Chunk]) -> f64 {
    let bytes: u64 = chunks.iter().map(|chunk| chunk.bytes).sum();
    let start = chunks.first().and_then(|chunk| chunk.start);
    let length = chunks.last().and_then(|chunk| chunk.end).zip(start).map(|(end, start)| end - start);
    length.map_or(f64::INFINITY, |length| bytes as f64 * 8e6 / length.as_micros() as f64)
}
