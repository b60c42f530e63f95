//! The world that an engine lives in: what it does is done, what happens it is told, and the rules are asserted.

mod effects;
mod exchanges;
mod findings;
mod happenings;
mod operations;
mod payload;
mod rungs;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;
use std::time::Duration;

use manifest::{ChunkIndex, Film, MediaTime};
use playback::{BufferId, CheckId, Input, Now, Options, Output, Player, RequestId, SeekOrigin, Span, StreamId};

use crate::element::Element;
use crate::film::Truth;
use crate::network::{Exchange, Link, Origin, PIECE};
use crate::setup::{Setup, ms};
use crate::source_buffer::Flavour;
use crate::trace::Trace;
use operations::Operation;
use payload::Payload;
use rungs::Rungs;

/// No test needs more: a world that does has no end.
const MOST_STEPS: usize = 2_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    /// Of which MediaSource.
    Opened(u32),
    Head(RequestId),
    Broken(RequestId),
    Piece(RequestId, u64),
    End(RequestId),
    Done(u32, BufferId),
    Online,
    Hashed(CheckId, bool),
    Table(StreamId, ChunkIndex, bool),
    Manifest,
    Inspected(BufferId),
}

pub struct World {
    pub player: Player,
    pub element: Element,
    pub truth: Rc<Truth>,
    pub link: Link,
    pub trace: Trace,
    options: Options,
    fingerprints: bool,
    origin: Origin,
    tables: Origin,
    manifest: Box<dyn FnMut(Duration) -> Option<Film>>,
    manifest_after: Duration,
    /// Tables that came damaged and have not been read.
    bad_tables: Vec<(StreamId, ChunkIndex)>,
    /// Counts the MediaSources.
    generation: u32,
    quotas: (Flavour, u64, u64),
    dice: fastrand::Rng,
    now: Duration,
    queue: BinaryHeap<Reverse<(Duration, u64, Happening)>>,
    queued: u64,
    wake: Option<Duration>,
    exchanges: BTreeMap<RequestId, Exchange>,
    operations: BTreeMap<BufferId, Operation>,
    payload: BTreeMap<StreamId, Payload>,
    checks: BTreeMap<CheckId, (StreamId, Span)>,
    /// Damaged bytes in the operations under way.
    damage: Vec<(BufferId, (u64, u64))>,
    /// Those of the film, if it has any.
    rungs: Option<Rungs>,
    steps: usize,
}

impl World {
    pub(crate) fn new(setup: Setup) -> Self {
        let mut world = Self {
            player: Player::new(setup.options.clone()),
            element: Element::default(),
            rungs: Rungs::of(&setup.truth, setup.chooses, setup.seed),
            truth: setup.truth,
            link: setup.link,
            trace: Trace::default(),
            options: setup.options,
            fingerprints: setup.fingerprints,
            origin: setup.origin,
            tables: setup.tables,
            manifest: setup.manifest,
            manifest_after: setup.manifest_after,
            bad_tables: Vec::new(),
            generation: 0,
            quotas: (setup.flavour, setup.video_quota, setup.audio_quota),
            dice: fastrand::Rng::with_seed(setup.seed),
            now: Duration::ZERO,
            queue: BinaryHeap::new(),
            queued: 0,
            wake: None,
            exchanges: BTreeMap::new(),
            operations: BTreeMap::new(),
            payload: BTreeMap::new(),
            checks: BTreeMap::new(),
            damage: Vec::new(),
            steps: 0,
        };
        for (_, back) in world.link.cuts.clone() {
            world.happen(back, Happening::Online);
        }
        for (gone, back) in world.link.offline.clone() {
            world.happen(gone, Happening::Online);
            world.happen(back, Happening::Online);
        }
        if let Some(stream) = setup.audio {
            world.select_audio(stream);
        }
        if let Some((origin, millis)) = setup.sought {
            world.seek_by(origin, millis);
        }
        let film = Rc::new(world.truth.film.clone());
        let supported = vec![true; film.streams.len()];
        world.tell(Input::Load { film, supported, start: setup.start, can_hash: setup.can_hash });
        world
    }

    pub fn now(&self) -> Duration {
        self.now
    }

    pub fn time(&self) -> MediaTime {
        self.element.state.time
    }

    /// How much every SourceBuffer holds before the playhead, without a break.
    pub fn behind(&self) -> MediaTime {
        self.around(|(start, _), time| time - start)
    }

    /// How much every SourceBuffer holds from the playhead on, without a break.
    pub fn ahead(&self) -> MediaTime {
        self.around(|(_, end), time| end - time)
    }

    fn around(&self, length: impl Fn((MediaTime, MediaTime), MediaTime) -> MediaTime) -> MediaTime {
        let time = self.time();
        let held = self.element.buffers.values().map(|buffer| buffer.ranges.around(time));
        held.map(|range| range.map_or(MediaTime::ZERO, |range| length(range, time))).min().unwrap_or_default()
    }

    /// The page asks the engine to be elsewhere.
    pub fn seek(&mut self, millis: i64) {
        self.seek_by(SeekOrigin::Program, millis);
    }

    /// Somebody asks the engine to be elsewhere.
    pub fn seek_by(&mut self, origin: SeekOrigin, millis: i64) {
        self.trace.has_reason = true;
        // As the shell does: what has been shown up to now is known exactly.
        self.sample();
        self.tell(Input::Seek { to: ms(millis), origin });
        self.sample();
    }

    /// The person drags the browser's own slider.
    pub fn drag(&mut self, millis: i64) {
        self.trace.has_reason = true;
        self.element.seek(ms(millis));
        self.sample();
    }

    pub fn press_play(&mut self) {
        self.element.state.paused = false;
        self.element.look_again();
        self.sample();
    }

    pub fn press_pause(&mut self) {
        self.element.state.paused = true;
        self.sample();
    }

    pub fn change_rate(&mut self, rate: f64) {
        self.element.state.rate = rate;
        self.sample();
    }

    /// The page is hidden, or shown again.
    pub fn set_hidden(&mut self, hidden: bool) {
        self.element.state.hidden = hidden;
        self.sample();
    }

    pub fn retry(&mut self) {
        self.tell(Input::Retry);
    }

    /// Somebody wants another sound. One that was left for another has been replaced in its buffer: coming back to it is
    /// a reason to fetch it again.
    pub fn select_audio(&mut self, stream: StreamId) {
        self.trace.has_reason |= self.trace.has_received(stream);
        self.tell(Input::SelectAudio { stream });
    }

    /// Somebody looks for a new cut.
    pub fn reload(&mut self) {
        self.tell(Input::Reload);
    }

    /// The browser throws out `from..to` of a SourceBuffer without a word, but never the group that is being appended nor
    /// what follows it. Gives back what it really threw out; an empty span is nothing.
    pub fn drop_silently(&mut self, buffer: BufferId, from: i64, to: i64) -> (MediaTime, MediaTime) {
        self.trace.has_reason = true;
        let dropped = self.element.buffers.get_mut(&buffer).expect("it is open").drop_silently(ms(from), ms(to));
        if self.element.look_again() {
            self.sample();
        }
        dropped
    }

    /// The decoder fails, as it does when its process or its device is lost.
    pub fn break_decoder(&mut self) {
        if self.element.is_open && !self.element.is_broken {
            self.element.is_broken = true;
            self.sample();
            self.tell(Input::MediaFailed { what: "media error 3".into() });
        }
    }

    /// The page calls `load()` of the media element. What was in flight is in flight no more, and the shell tells of no sample
    /// in between: where the playhead was is what it was told last.
    pub fn load_anew(&mut self) {
        if self.element.is_open && !self.element.is_broken {
            self.sample();
            self.trace.has_reason = true;
            self.empty();
            self.tell(Input::Emptied);
        }
    }

    /// The element has no MediaSource that is open.
    fn empty(&mut self) {
        self.element.load();
        self.operations.clear();
        self.damage.clear();
        self.trace.refusals.clear();
        // What has been asked of the one before is not answered.
        self.generation += 1;
    }

    /// Lets `millis` milliseconds pass.
    pub fn run_for(&mut self, millis: u64) {
        let until = self.now + Duration::from_millis(millis);
        while self.step_by(until) {}
        self.now = until;
        if self.element.advance(until) {
            self.sample();
        }
    }

    /// Runs until `reached`, for at most `seconds`, and says whether it was.
    pub fn run_until(&mut self, seconds: u64, mut reached: impl FnMut(&Self) -> bool) -> bool {
        let limit = self.now + Duration::from_secs(seconds);
        while !reached(self) {
            if !self.step_by(limit) {
                return false;
            }
        }
        true
    }

    /// Plays to the end.
    pub fn run_to_end(&mut self) {
        let length = self.truth.end().as_micros() as u64 / 1_000_000;
        assert!(self.run_until(length * 20 + 600, |world| world.element.state.ended), "{}", self.describe());
        self.run_for(1_000);
    }

    /// Where everything stands, for a failed test.
    pub fn describe(&self) -> String {
        let buffers = self.element.buffers.iter();
        let buffers = buffers.map(|(id, buffer)| format!("{id:?}: {} bytes, {:?}", buffer.size(), buffer.ranges));
        format!(
            "at {:?}: {:?}, buffers {:?}, requests {:?}, wake {:?}, duration {:?}, events {:?}",
            self.now,
            self.element.state,
            buffers.collect::<Vec<_>>(),
            self.exchanges,
            self.wake,
            self.element.duration,
            self.trace.events,
        )
    }

    /// When something happens next, by itself.
    pub fn next_moment(&self) -> Option<Duration> {
        let queued = self.queue.peek().map(|Reverse((at, ..))| *at);
        [queued, self.element.next_event(), self.wake].into_iter().flatten().min().map(|at| at.max(self.now))
    }

    /// Lets it happen, if that is by `limit`, and says whether it was.
    pub fn step_by(&mut self, limit: Duration) -> bool {
        let Some(next) = self.next_moment().filter(|next| *next <= limit) else { return false };
        self.steps += 1;
        assert!(self.steps < MOST_STEPS, "a busy loop: {}", self.describe());
        self.now = next;
        self.meet_next(next);
        true
    }

    fn meet_next(&mut self, next: Duration) {
        if self.element.advance(next) {
            return self.sample();
        }
        if self.queue.peek().is_some_and(|Reverse((at, ..))| *at <= next) {
            let Some(Reverse((_, _, happening))) = self.queue.pop() else { return };
            return self.meet(happening);
        }
        if self.wake.is_some_and(|wake| wake <= next) {
            self.wake = None;
            self.trace.timers += 1;
            self.sample();
            assert!(self.wake.is_none_or(|wake| wake > next), "wants to be woken at once: {}", self.describe());
        }
    }

    fn happen(&mut self, at: Duration, happening: Happening) {
        self.queued += 1;
        self.queue.push(Reverse((at, self.queued, happening)));
    }

    fn sample(&mut self) {
        self.tell(Input::Playhead(self.element.state.clone()));
    }

    /// Hands the engine a fact, and does as it says.
    ///
    /// # Panics
    /// When what it says is not allowed.
    pub fn tell(&mut self, input: Input) {
        self.trace.inputs += 1;
        self.player.handle_input(Now::since_zero(self.now), input);
        loop {
            let output = self.player.poll_output();
            if let Output::Wait(wait) = output {
                self.wake = wait.map(|wait| wait.until.elapsed());
                break;
            }
            if self.fingerprints {
                self.trace.note(self.now, &output);
            }
            self.perform(output);
        }
        let held: u64 = self.payload.values().map(Payload::bytes).sum();
        let streams = self.payload.len() as u64;
        let most = self.options.pending_bytes.max(self.truth.longest_fragment());
        // A piece is kept until all of it is released, and one may come beyond the cap.
        assert!(held <= (most + 2 * PIECE) * streams, "{held} bytes are held");
        self.trace.most_pending = self.trace.most_pending.max(held);
        assert!(self.player.pending_bytes() <= held, "bytes are missing: {held} of {}", self.player.pending_bytes());
        let slack = 2 * PIECE * streams;
        assert!(
            held <= self.player.pending_bytes() + slack,
            "bytes are left behind: {held} of {}: {:?}",
            self.player.pending_bytes(),
            self.payload
        );
    }
}

impl Setup {
    /// A world at its first moment: the film is loaded and the person has pressed play.
    pub fn play(self) -> World {
        let mut world = World::new(self);
        world.element.state.paused = false;
        world
    }

    /// The same, but nobody has pressed play.
    pub fn paused(self) -> World {
        let mut world = World::new(self);
        world.element.state.paused = true;
        world
    }
}
