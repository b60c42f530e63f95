//! The world that an engine lives in: what it does is done, what happens it is told, and the rules are asserted.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;
use std::time::Duration;

use manifest::{Film, Kind, MediaTime};
use playback::{
    CheckId, Event, Failure, Fetch, FragmentFacts, Input, Now, Object, OperationError, Options, Origin as By, Output,
    Player, RequestId, StreamId,
};

use crate::element::Element;
use crate::film::{self, MUXED_MIME, TABLE_DIGEST, Truth, WRONG_DIGEST, digest};
use crate::network::{Answer, Ask, Ending, Exchange, Link, Origin, PIECE};
use crate::source_buffer::{Flavour, SourceBuffer};
use crate::trace::Trace;

/// No test needs more: a world that does has no end.
const MOST_STEPS: usize = 2_000_000;

/// What a world is made of.
pub struct Setup {
    pub truth: Rc<Truth>,
    pub link: Link,
    pub origin: Origin,
    /// Answers requests for fragment tables.
    pub tables: Origin,
    /// Answers requests for the manifest; `None` is no answer.
    pub manifest: Box<dyn FnMut(Duration) -> Option<Film>>,
    pub can_hash: bool,
    /// An audio stream selected before the film is loaded.
    pub audio: Option<StreamId>,
    pub options: Options,
    pub flavour: Flavour,
    pub video_quota: u64,
    pub audio_quota: u64,
    pub start: MediaTime,
    pub seed: u64,
    /// Whether to note what the engine puts out: writing it all down takes longer than playing.
    pub fingerprints: bool,
}

impl Setup {
    /// 20 Mbit/s, Chrome's quotas, an origin that does as it is asked.
    pub fn new(truth: impl Into<Rc<Truth>>) -> Self {
        let truth = truth.into();
        let film = truth.clone();
        Self {
            truth,
            link: Link::mbit(20),
            origin: Box::new(Answer::good),
            tables: Box::new(Answer::good),
            manifest: Box::new(move |_| Some(film.film.clone())),
            can_hash: true,
            audio: None,
            options: Options::default(),
            flavour: Flavour::Chrome,
            video_quota: 150 << 20,
            audio_quota: 12 << 20,
            start: MediaTime::ZERO,
            seed: 0,
            fingerprints: false,
        }
    }

    pub fn origin(self, origin: impl FnMut(&Ask, u64) -> Answer + 'static) -> Self {
        Self { origin: Box::new(origin), ..self }
    }

    pub fn tables(self, tables: impl FnMut(&Ask, u64) -> Answer + 'static) -> Self {
        Self { tables: Box::new(tables), ..self }
    }

    pub fn manifest(self, manifest: impl FnMut(Duration) -> Option<Film> + 'static) -> Self {
        Self { manifest: Box::new(manifest), ..self }
    }

    pub fn link(self, link: Link) -> Self {
        Self { link, ..self }
    }

    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    pub fn start(self, millis: i64) -> Self {
        Self { start: ms(millis), ..self }
    }

    pub fn quota(self, bytes: u64) -> Self {
        Self { video_quota: bytes, audio_quota: bytes, ..self }
    }

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

pub fn ms(millis: i64) -> MediaTime {
    MediaTime::from_millis(millis)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Opened,
    Head(RequestId),
    Broken(RequestId),
    Piece(RequestId, u64),
    End(RequestId),
    Done(StreamId),
    Online,
    Hashed(CheckId, bool),
    Table(StreamId, usize, bool),
    Manifest,
    Inspected(StreamId),
}

#[derive(Clone, Copy, Debug)]
enum Operation {
    Init,
    Append { chunk: usize, start: u64, end: u64 },
    Remove { from: MediaTime, to: MediaTime },
}

/// Received bytes that the shell keeps for a stream, and those of them that are damaged.
#[derive(Debug, Default)]
struct Payload(Vec<(usize, u64, u64)>, Vec<(usize, u64, u64)>);

impl Payload {
    fn bytes(&self) -> u64 {
        self.0.iter().map(|(_, start, end)| end - start).sum()
    }

    /// Damaged bytes among those.
    fn damage(&self, chunk: usize, start: u64, end: u64) -> Vec<(u64, u64)> {
        let damaged = self.1.iter().filter(|known| known.0 == chunk && known.1 < end && start < known.2);
        damaged.map(|known| (known.1, known.2)).collect()
    }

    fn discard(&mut self, chunk: usize, offset: u64) {
        for pieces in [&mut self.0, &mut self.1] {
            pieces.retain(|piece| (piece.0, piece.1) < (chunk, offset));
            pieces.iter_mut().filter(|piece| piece.0 == chunk).for_each(|piece| piece.2 = piece.2.min(offset));
        }
    }

    fn holds(&self, chunk: usize, start: u64, end: u64) -> bool {
        let mut at = start;
        for (_, from, to) in self.0.iter().filter(|piece| piece.0 == chunk) {
            if *from <= at && at < *to {
                at = *to;
            }
        }
        at >= end
    }
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
    /// Tables that came damaged and have not been read.
    bad_tables: Vec<(StreamId, usize)>,
    quotas: (Flavour, u64, u64),
    dice: fastrand::Rng,
    now: Duration,
    queue: BinaryHeap<Reverse<(Duration, u64, Happening)>>,
    queued: u64,
    wake: Option<Duration>,
    exchanges: BTreeMap<RequestId, Exchange>,
    operations: BTreeMap<StreamId, Operation>,
    payload: BTreeMap<StreamId, Payload>,
    checks: BTreeMap<CheckId, (StreamId, usize, u64)>,
    /// Damaged bytes in the operations under way.
    damage: Vec<(StreamId, (u64, u64))>,
    steps: usize,
}

impl World {
    fn new(setup: Setup) -> Self {
        let mut world = Self {
            player: Player::new(setup.options.clone()),
            element: Element::default(),
            truth: setup.truth,
            link: setup.link,
            trace: Trace::default(),
            options: setup.options,
            fingerprints: setup.fingerprints,
            origin: setup.origin,
            tables: setup.tables,
            manifest: setup.manifest,
            bad_tables: Vec::new(),
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
        let film = Box::new(world.truth.film.clone());
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

    /// Somebody asks the engine to be elsewhere.
    pub fn seek(&mut self, millis: i64) {
        self.trace.has_reason = true;
        self.tell(Input::Seek { to: ms(millis), origin: By::Party });
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

    /// The browser throws out a part of a stream's buffer without a word.
    pub fn drop_silently(&mut self, stream: StreamId, from: i64, to: i64) {
        self.trace.has_reason = true;
        self.element.buffers.get_mut(&stream).expect("it is open").drop_silently(ms(from), ms(to));
        if self.element.look_again() {
            self.sample();
        }
    }

    /// Lets that much time pass.
    pub fn run_for(&mut self, millis: u64) {
        let until = self.now + Duration::from_millis(millis);
        while self.next_moment().is_some_and(|next| next <= until) {
            self.step();
        }
        self.now = until;
        if self.element.advance(until) {
            self.sample();
        }
    }

    /// Runs until `reached`, and says whether it was within so many seconds.
    pub fn run_until(&mut self, seconds: u64, mut reached: impl FnMut(&Self) -> bool) -> bool {
        let limit = self.now + Duration::from_secs(seconds);
        while !reached(self) {
            if self.next_moment().is_none_or(|next| next > limit) {
                return false;
            }
            self.step();
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
        let buffers = buffers.map(|(id, buffer)| format!("{id}: {} bytes, {:?}", buffer.size(), buffer.ranges));
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

    /// Lets it happen.
    pub fn step(&mut self) {
        self.steps += 1;
        assert!(self.steps < MOST_STEPS, "a busy loop: {}", self.describe());
        let Some(next) = self.next_moment() else { return };
        self.now = next;
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
            self.tell(Input::Timer);
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
            if let Output::Wait(until) = output {
                self.wake = until.map(Now::elapsed);
                break;
            }
            if self.fingerprints {
                self.trace.note(self.now, &output);
            }
            self.perform(output);
        }
        let held: u64 = self.payload.values().map(Payload::bytes).sum();
        let streams = self.payload.len() as u64;
        let most = self.options.held_bytes.max(self.truth.longest_fragment());
        // A piece is kept until all of it is released, and one may come beyond the cap.
        assert!(held <= (most + 2 * PIECE) * streams, "{held} bytes are held");
        self.trace.most_held = self.trace.most_held.max(held);
        assert!(self.player.held_bytes() <= held, "bytes are missing: {held} of {}", self.player.held_bytes());
        let slack = 2 * PIECE * streams;
        assert!(
            held <= self.player.held_bytes() + slack,
            "bytes are left behind: {held} of {}: {:?}",
            self.player.held_bytes(),
            self.payload
        );
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Open { streams, duration } => {
                assert!(self.element.buffers.is_empty(), "opened twice");
                for open in streams {
                    let id = open.stream;
                    let quota = if self.truth.streams[id].kind == Kind::Audio { self.quotas.2 } else { self.quotas.1 };
                    self.element.buffers.insert(id, SourceBuffer::new(id, self.truth.clone(), self.quotas.0, quota));
                }
                self.element.duration = duration;
                self.happen(self.now + Duration::from_millis(2), Happening::Opened);
            }
            Output::Fetch(fetch) => self.fetch(fetch),
            Output::Read { request } => self.read(request),
            Output::Abort { request } => {
                assert!(self.exchanges.remove(&request).is_some(), "{request:?} is given up, but it is over");
            }
            Output::AppendInit { stream } => self.begin(stream, Operation::Init, 700),
            Output::Append { stream, chunk, start, end } => {
                assert!(start < end, "an empty append");
                let payload = self.payload.get(&stream).is_some_and(|payload| payload.holds(chunk, start, end));
                assert!(payload, "bytes {start}..{end} of chunk {chunk} are appended, but not here");
                let damage = self.payload[&stream].damage(chunk, start, end);
                self.damage.extend(damage.into_iter().map(|range| (stream, range)));
                self.begin(stream, Operation::Append { chunk, start, end }, end - start);
            }
            Output::Hash { check, stream, chunk, start, end } => {
                let payload = self.payload.get(&stream).expect("there are bytes");
                assert!(
                    payload.holds(chunk, start, end),
                    "bytes {start}..{end} of chunk {chunk} are hashed, but not here"
                );
                let is_good = payload.damage(chunk, start, end).is_empty();
                let took = Duration::from_micros(300 + (end - start) / 1_000);
                self.checks.insert(check, (stream, chunk, start));
                self.happen(self.now + took, Happening::Hashed(check, is_good));
            }
            Output::ReadTable { stream, chunk } => {
                let is_good = !self.bad_tables.contains(&(stream, chunk));
                self.bad_tables.retain(|known| *known != (stream, chunk));
                self.happen(self.now + Duration::from_millis(1), Happening::Table(stream, chunk, is_good));
            }
            Output::ReloadManifest => {
                self.trace.manifests += 1;
                self.happen(self.now + self.link.delay, Happening::Manifest);
            }
            Output::Discard { stream, chunk, offset } => {
                self.payload.entry(stream).or_default().discard(chunk, offset);
            }
            Output::Switch { from, to, mime } => {
                assert!(mime.is_none_or(|mime| Some(mime) == self.truth.film.streams[to].mime), "another type");
                let mut buffer = self.element.buffers.remove(&from).expect("it is open");
                buffer.switch(to);
                self.element.buffers.insert(to, buffer);
            }
            Output::SetTimestampOffset { stream, offset } => {
                self.element.buffers.get_mut(&stream).expect("it is open").set_offset(offset);
            }
            Output::Release { stream, chunk, offset } => {
                let payload = self.payload.entry(stream).or_default();
                payload.0.retain(|piece| piece.0 > chunk || piece.0 == chunk && piece.2 > offset);
                payload.1.retain(|piece| piece.0 > chunk || piece.0 == chunk && piece.2 > offset);
            }
            Output::ReleaseAll { stream } => *self.payload.entry(stream).or_default() = Payload::default(),
            Output::Inspect { stream } => self.happen(self.now, Happening::Inspected(stream)),
            Output::ResetParser { stream } => {
                // The shell leaves an ended MediaSource alone.
                self.element.buffers.get_mut(&stream).expect("it is open").reset();
            }
            Output::Remove { stream, from, to } => {
                assert!(self.element.duration.is_some_and(|duration| from < duration), "removed behind the end");
                assert!(from < to && from >= MediaTime::ZERO, "an empty removal");
                self.begin(stream, Operation::Remove { from, to }, 0);
            }
            Output::SetDuration(duration) => self.element.set_duration(duration),
            Output::EndOfStream => self.element.end_of_stream(),
            Output::SetPlayhead(time) => self.element.seek(time),
            Output::Event(event) => self.trace.events.push((self.now, event)),
            Output::Wait(_) => {}
        }
    }

    fn begin(&mut self, stream: StreamId, operation: Operation, bytes: u64) {
        let playhead = self.time();
        let buffer = self.element.buffers.get_mut(&stream).expect("it is open");
        assert!(self.element.is_open, "an operation before the MediaSource is open");
        assert!(!buffer.updating, "two operations in flight on one SourceBuffer");
        self.trace.operations += 1;
        self.element.has_ended_stream = false;
        if matches!(operation, Operation::Append { .. }) && buffer.prepare(bytes, playhead).is_err() {
            self.trace.quota_errors += 1;
            let (error, buffered) = (OperationError::Quota, buffer.ranges.clone());
            // Told through the queue, as a shell does that is inside a call.
            self.operations.remove(&stream);
            return self.refuse(stream, error, buffered);
        }
        buffer.updating = true;
        self.operations.insert(stream, operation);
        let took = Duration::from_micros(500 + bytes / 200);
        self.happen(self.now + took, Happening::Done(stream));
        self.element.look_again();
    }

    fn refuse(&mut self, stream: StreamId, error: OperationError, buffered: playback::Ranges) {
        self.trace.refusals.push(Input::OperationFailed { stream, error, buffered });
        self.happen(self.now, Happening::Done(stream));
    }

    fn meet(&mut self, happening: Happening) {
        match happening {
            Happening::Opened => {
                self.element.is_open = true;
                self.tell(Input::Opened);
            }
            Happening::Head(request) => {
                let Some(exchange) = self.exchanges.get_mut(&request) else { return };
                exchange.has_head = true;
                let head = exchange.answer.head.clone().expect("one was promised");
                self.tell(Input::Head { request, head });
            }
            Happening::Broken(request) => {
                if self.exchanges.remove(&request).is_some() {
                    self.tell(Input::Failed { request, failure: Failure::Network });
                }
            }
            Happening::End(request) => {
                if self.exchanges.remove(&request).is_some() {
                    self.tell(Input::End { request });
                }
            }
            Happening::Piece(request, count) => self.take_piece(request, count),
            Happening::Done(stream) => self.finish(stream),
            Happening::Online => self.tell(Input::Online(!self.link.is_offline(self.now))),
            Happening::Hashed(check, is_good) => {
                let (stream, chunk, start) = self.checks.remove(&check).expect("it was begun");
                let digest = if is_good { digest(stream, chunk, start) } else { WRONG_DIGEST };
                self.trace.has_reason |= !is_good;
                self.tell(Input::Hashed { check, digest: Some(digest) });
            }
            Happening::Table(stream, chunk, is_good) => {
                let table = self.truth.streams[stream].table(stream, chunk);
                let digest = Some(if is_good { TABLE_DIGEST } else { WRONG_DIGEST });
                self.tell(Input::Table { stream, chunk, digest, table: Ok(table) });
            }
            Happening::Inspected(stream) => {
                let Some(buffer) = self.element.buffers.get(&stream) else { return };
                let buffered = buffer.ranges.clone();
                self.tell(Input::Buffered { stream, buffered });
            }
            Happening::Manifest => {
                let film = (self.manifest)(self.now);
                self.tell(Input::Manifest(film.map(Box::new)));
            }
        }
    }

    fn finish(&mut self, stream: StreamId) {
        if let Some(at) = self.trace.refusals.iter().position(|input| is_about(input, stream)) {
            let input = self.trace.refusals.remove(at);
            self.sample();
            return self.tell(input);
        }
        let operation = self.operations.remove(&stream).expect("an operation was in flight");
        let buffer = self.element.buffers.get_mut(&stream).expect("it is open");
        buffer.updating = false;
        match operation {
            Operation::Init => buffer.append_init(),
            Operation::Append { chunk, start, end } => {
                let damage = std::mem::take(&mut self.damage);
                let mine: Vec<_> = damage.iter().filter(|known| known.0 == stream).map(|known| known.1).collect();
                self.damage = damage.into_iter().filter(|known| known.0 != stream).collect();
                self.element.has_met_damage |= !mine.is_empty();
                buffer.append(chunk, start, end, &mine);
            }
            Operation::Remove { from, to } => buffer.remove(from, to),
        }
        let buffered = buffer.ranges.clone();
        let end = self.element.buffers.values().map(SourceBuffer::end).max().unwrap_or_default();
        // MSE: an append beyond the duration moves it.
        self.element.duration = self.element.duration.map(|duration| duration.max(end));
        self.element.look_again();
        self.sample();
        self.tell(Input::Done { stream, buffered });
    }

    fn fetch(&mut self, fetch: Fetch) {
        let (stream, chunk) = fetch.object.place();
        let entry = &self.truth.film.streams[stream].chunks[chunk];
        let is_table = matches!(fetch.object, Object::Table { .. });
        let total = if is_table { entry.fragments.as_ref().expect("it has one").bytes } else { entry.bytes };
        assert!(fetch.start < total && fetch.end.is_none_or(|end| fetch.start < end && end <= total), "{fetch:?}");
        let same = self.exchanges.values().filter(|other| discriminates(&other.fetch.object, &fetch.object));
        assert_eq!(same.count(), 0, "two requests for one stream: {fetch:?}");
        let ask = Ask {
            nth: if is_table { self.trace.tables.len() } else { self.trace.requests.len() },
            at: self.now,
            object: fetch.object,
            start: fetch.start,
            end: fetch.end,
            cache: fetch.cache,
        };
        let answer = if is_table { (self.tables)(&ask, total) } else { (self.origin)(&ask, total) };
        if is_table {
            self.trace.tables.push(ask);
        } else {
            self.trace.requests.push(ask);
        }
        let request = fetch.request;
        let jitter = self.link.jitter.mul_f64(self.dice.f64());
        let at = self.now + self.link.delay + jitter + answer.delay;
        let dark = self.link.is_cut(self.now) || self.link.is_cut(at);
        assert!(!self.link.is_known_dark(self.now), "asked though there is no network: {fetch:?}");
        match answer.ending {
            _ if dark => self.happen(at, Happening::Broken(request)),
            Ending::Silent(_) if answer.head.is_none() => {}
            _ if answer.head.is_none() => self.happen(at, Happening::Broken(request)),
            _ => self.happen(at, Happening::Head(request)),
        }
        let head_length = answer.head.as_ref().and_then(|head| head.content_length);
        let length = head_length.unwrap_or(total.saturating_sub(answer.first));
        let exchange = Exchange { fetch, answer, given: 0, length, has_head: false, is_reading: false };
        self.exchanges.insert(request, exchange);
    }

    fn read(&mut self, request: RequestId) {
        let exchange = self.exchanges.get_mut(&request).expect("only a request that is under way is read");
        assert!(exchange.has_head && !exchange.is_reading, "{request:?} is read twice or too early");
        exchange.is_reading = true;
        let (given, length) = (exchange.given, exchange.length);
        let (until, last) = match exchange.answer.ending {
            Ending::Whole => (length, Some(Happening::End(request))),
            Ending::Short(at) => (at.min(length), Some(Happening::End(request))),
            Ending::Reset(at) => (at.min(length), Some(Happening::Broken(request))),
            Ending::Silent(at) => (at.min(length), None),
        };
        let count = PIECE.min(until.saturating_sub(given));
        if count == 0 {
            if let Some(last) = last {
                self.happen(self.now, last);
            }
            return;
        }
        let filled = exchange.answer.filled_at(given + count);
        match self.link.deliver(self.now, count).map(|at| at.max(filled)) {
            Ok(at) => self.happen(at, Happening::Piece(request, count)),
            Err(at) => self.happen(at, Happening::Broken(request)),
        }
    }

    fn take_piece(&mut self, request: RequestId, count: u64) {
        let Some(exchange) = self.exchanges.get_mut(&request) else { return };
        exchange.is_reading = false;
        let start = exchange.answer.first + exchange.given;
        exchange.given += count;
        let (object, asked) = (exchange.fetch.object, exchange.fetch.start);
        let (stream, chunk) = object.place();
        let damage = exchange.answer.damaged.filter(|(from, to)| *from < start + count && start < *to);
        if damage.is_some() && matches!(object, Object::Table { .. }) {
            self.bad_tables.push((stream, chunk));
        }
        if matches!(object, Object::Table { .. }) {
            return self.tell(Input::Bytes { request, count });
        }
        self.trace.bytes += count;
        if matches!(object, Object::Chunk { .. }) {
            let payload = self.payload.entry(stream).or_default();
            if start + count > asked {
                payload.0.push((chunk, start.max(asked), start + count));
            }
            payload.1.extend(damage.map(|(from, to)| (chunk, from.max(start), to.min(start + count))));
            if start + count > asked {
                self.trace.fetched(stream, chunk, start.max(asked), start + count);
            }
        }
        for fact in self.facts(stream, chunk, start, start + count) {
            self.tell(fact);
            if !self.exchanges.contains_key(&request) {
                return;
            }
        }
        self.tell(Input::Bytes { request, count });
    }

    /// What the shell reads off the boxes of a stream without an index.
    fn facts(&self, stream: StreamId, at: usize, start: u64, end: u64) -> Vec<Input> {
        if self.truth.film.is_indexed() {
            return Vec::new();
        }
        let chunk = &self.truth.streams[stream].chunks[at];
        let mut facts = Vec::new();
        if at == 0 && start < chunk.init && chunk.init <= end {
            let (kind, mime) = (self.truth.streams[stream].kind, MUXED_MIME.to_owned());
            facts.push(Input::Init { stream, kind, mime, duration: None });
        }
        // A `moof` is about 600 bytes; the rest of a fragment tells nothing new.
        let moof_end = |fragment: &film::Fragment| fragment.offset + fragment.bytes.min(600);
        let seen = chunk.fragments.iter().filter(|part| start < moof_end(part) && moof_end(part) <= end);
        facts.extend(seen.map(|part| {
            let end_offset = part.offset + part.bytes;
            let offset = self.truth.streams[stream].offset(at);
            let (start, end) = (part.start - offset, part.end - offset);
            let facts = FragmentFacts { chunk: at, end_offset, start, end, sync: part.sync };
            Input::Fragment { stream, facts }
        }));
        facts
    }

    /// Asserts that every picture of the film was shown, except the holes and what seeks passed over.
    pub fn assert_all_shown(&self) {
        let shown = &self.element.shown;
        let (first, last) = (shown.first().expect("something was shown"), shown.last().expect("it was"));
        assert_eq!(first.0, self.truth.streams[0].start().or_zero(), "{shown:?}");
        assert!(last.1 >= self.truth.end() - ms(1), "{shown:?}");
        for pair in shown.windows(2) {
            let hole = pair[1].0 - pair[0].1;
            assert!(hole >= MediaTime::ZERO && hole <= self.options.hole, "{shown:?}");
        }
    }

    /// How often the page was told something like that.
    pub fn told(&self, is_it: impl Fn(&Event) -> bool) -> usize {
        self.trace.events.iter().filter(|(_, event)| is_it(event)).count()
    }

    pub fn fatal(&self) -> Option<&playback::Error> {
        self.trace.events.iter().rev().find_map(|(_, event)| match event {
            Event::Fatal(error) => Some(error),
            _ => None,
        })
    }

    pub fn is_requesting(&self) -> bool {
        !self.exchanges.is_empty()
    }
}

fn is_about(input: &Input, id: StreamId) -> bool {
    matches!(input, Input::OperationFailed { stream, .. } if *stream == id)
}

fn discriminates(one: &Object, other: &Object) -> bool {
    match (one, other) {
        (Object::Chunk { stream: one, .. }, Object::Chunk { stream: other, .. }) => one == other,
        (Object::ChunkHead { .. }, Object::ChunkHead { .. }) => true,
        (Object::Table { stream: one, .. }, Object::Table { stream: other, .. }) => one == other,
        _ => false,
    }
}
