//! The engine: all streams of one film, one playhead.

mod audio;
mod dispatch;
mod media;
mod restraint;
mod stalls;
mod updates;

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use manifest::{ChunkIndex, Film, Kind, MediaTime};

use crate::context::{Context, Requests};
use crate::output::Output;
use crate::readiness::{self, Outlook, Readiness};
use crate::stall::Stall;
use crate::statistics::Statistics;
use crate::stream::Stream;
use crate::survey::Survey;
use crate::throughput::{Bandwidth, Throughput};
use crate::{
    BufferId, Error, Event, Input, Integrity, Now, Options, Playhead, ReadyState, SeekOrigin, StallCause, StreamId,
    Unchecked, tracks,
};
use dispatch::Parts;
use media::{Media, MediaState};
pub(crate) use restraint::Restraint;
use updates::Updates;

/// While a seek is under way the playhead rests at its target, but for rounding: further off, somebody has moved it.
const MOVED: MediaTime = MediaTime::from_millis(1);

/// What trying again does not change.
#[derive(Debug)]
enum Hopeless {
    Unsupported { mime: String },
    Uncheckable { what: &'static str },
}

impl Hopeless {
    fn error(&self) -> Error {
        match self {
            Self::Unsupported { mime } => Error::Unsupported { mime: mime.clone() },
            Self::Uncheckable { what } => Error::Uncheckable { url: String::new(), what: (*what).to_owned() },
        }
    }
}

/// The playback engine. See the crate for its grammar.
#[derive(Debug)]
pub struct Player {
    options: Options,
    jitter: fastrand::Rng,
    requests: Requests,
    out: VecDeque<Output>,
    /// The streams that are played.
    streams: Vec<Stream>,
    survey: Survey,
    /// All of the film, and which of its streams the browser plays.
    film: Option<Rc<Film>>,
    supported: Vec<bool>,
    /// The audio stream to play as soon as the SourceBuffer is free.
    wished: Option<StreamId>,
    media: Media,
    playhead: Playhead,
    sampled_at: Now,
    /// When to look at it again.
    look_at_playhead: Option<Now>,
    /// Where to go as soon as the media element can be sent there.
    departure: Option<MediaTime>,
    seek: Option<(MediaTime, SeekOrigin)>,
    /// How much of the film has been shown since the start, or since the last seek to where nothing was buffered.
    watched: MediaTime,
    stall: Stall,
    /// Why playback stood still last.
    stalled: StallCause,
    outlook: Outlook,
    statistics: Statistics,
    throughput: Throughput,
    updates: Updates,
    loaded_at: Now,
    can_hash: bool,
    online: bool,
    /// Whether the browser wants data.
    streaming: bool,
    has_shown: bool,
    /// Since when the picture at the playhead has been on the screen.
    shown_at: Option<Now>,
    restraint: Restraint,
    has_ended: bool,
    fatal: bool,
    /// What it has failed for and would fail for again.
    hopeless: Option<Hopeless>,
    wake: Option<Now>,
}

impl Player {
    /// An engine without a film.
    #[must_use]
    #[inline(never)]
    pub fn new(options: Options) -> Self {
        Self {
            jitter: fastrand::Rng::with_seed(options.seed),
            options,
            requests: Requests::default(),
            out: VecDeque::new(),
            streams: Vec::new(),
            survey: Survey::default(),
            film: None,
            supported: Vec::new(),
            wished: None,
            media: Media::default(),
            playhead: Playhead::default(),
            sampled_at: Now::default(),
            look_at_playhead: None,
            departure: None,
            seek: None,
            watched: MediaTime::ZERO,
            stall: Stall::default(),
            stalled: StallCause::Network,
            outlook: Outlook::default(),
            statistics: Statistics::default(),
            throughput: Throughput::default(),
            updates: Updates::default(),
            loaded_at: Now::default(),
            can_hash: true,
            online: true,
            streaming: true,
            has_shown: false,
            shown_at: None,
            restraint: Restraint::default(),
            has_ended: false,
            fatal: false,
            hopeless: None,
            wake: None,
        }
    }

    /// Takes a fact. `now` never goes back.
    #[inline(never)] // Once is enough to download.
    pub fn handle_input(&mut self, now: Now, input: Input) {
        match input {
            Input::Load { film, supported, start, can_hash } => self.load(now, film, supported, start, can_hash),
            Input::Opened => {
                self.media.state = MediaState::Open;
                self.statistics.start.opened = Some(now - self.loaded_at);
                self.emit(Event::Loaded);
            }
            Input::Unsupported { mime } => self.give_up(now, Hopeless::Unsupported { mime }),
            Input::MediaFailed { what } => self.with(now, |parts, cx| {
                let stream = parts.streams.first().map_or(StreamId(0), |stream| stream.id);
                cx.fatal(Error::Decoder { stream, what });
            }),
            Input::Playhead(playhead) => self.sample(now, playhead),
            Input::Seek { to, origin } => self.seek(now, to, origin),
            Input::Online(online) => {
                self.online = online;
                self.streams.iter_mut().for_each(|stream| stream.retry(false));
            }
            Input::Streaming(wanted) => self.streaming = wanted,
            Input::Reload => self.with(now, |_, cx| cx.reload_manifest()),
            Input::Manifest(film) => self.compare(now, film.as_deref()),
            Input::SelectAudio { stream } => self.select_audio(stream),
            Input::Retry => {
                self.fatal = false;
                self.streams.iter_mut().for_each(|stream| stream.retry(true));
                self.survey.retry();
                if let Some(reason) = self.hopeless.take() {
                    self.give_up(now, reason);
                }
            }
            Input::Init { stream, chunk, init, kind, mime, duration } => {
                self.learn_init(stream, (chunk, init), kind, mime, duration);
            }
            input => self.forward(now, input),
        }
        self.advance(now);
    }

    /// The next effect; [`Output::Wait`] when there is none, and again and again until the next input.
    pub fn poll_output(&mut self) -> Output {
        self.out.pop_front().unwrap_or(Output::Wait(self.wake))
    }

    /// Where the playhead is, or will be once it can be moved.
    #[must_use]
    pub fn target(&self) -> MediaTime {
        self.departure.unwrap_or(self.playhead.time)
    }

    /// How far every stream is buffered without a break from `time` on.
    #[must_use]
    pub fn buffered_until(&self, time: MediaTime) -> MediaTime {
        let end = readiness::buffered_until(&self.streams, time);
        if end == MediaTime::MAX { self.media.duration.unwrap_or(time) } else { end }
    }

    /// When the film can be shown at `time`.
    #[must_use]
    pub fn ready_at(&self, time: MediaTime) -> Readiness {
        readiness::ready_at(&self.streams, time, &self.throughput, self.options.bandwidth)
    }

    /// How fast bytes come while they are awaited.
    #[must_use]
    pub fn bandwidth(&self) -> Bandwidth {
        self.throughput.estimate(self.options.bandwidth)
    }

    /// How long an answer takes to begin, lately; `None` before the first.
    #[must_use]
    pub fn latency(&self) -> Option<Duration> {
        self.throughput.latency()
    }

    /// The numbers so far.
    #[must_use]
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// The streams that play.
    pub fn playing(&self) -> impl Iterator<Item = StreamId> {
        self.streams.iter().map(|stream| stream.id)
    }

    /// The SourceBuffer that a stream is appended to, if it plays.
    #[must_use]
    pub fn buffer_of(&self, stream: StreamId) -> Option<BufferId> {
        self.streams.iter().find(|known| known.id == stream).map(|known| known.lies_in)
    }

    /// Bytes received from the network so far.
    #[must_use]
    pub fn received_bytes(&self) -> u64 {
        self.streams.iter().map(|stream| stream.received).sum()
    }

    /// Bytes received and not yet appended.
    #[must_use]
    pub fn held_bytes(&self) -> u64 {
        self.streams.iter().map(Stream::held).sum()
    }

    /// Bytes of the groups that the SourceBuffers hold.
    #[must_use]
    pub fn buffered_bytes(&self) -> u64 {
        self.streams.iter().map(|stream| stream.buffer.bytes()).sum()
    }

    /// Length of the film: exact, or estimated while a film without an index has not been seen whole.
    #[must_use]
    pub fn duration(&self) -> Option<MediaTime> {
        self.media.duration
    }

    fn emit(&mut self, event: Event) {
        self.out.push_back(Output::Event(event));
    }

    fn load(&mut self, now: Now, film: Rc<Film>, supported: Vec<bool>, start: MediaTime, can_hash: bool) {
        self.loaded_at = now;
        self.updates.looked = now;
        self.media.duration = film.duration;
        self.media.is_exact = film.duration.is_some();
        self.departure = Some(start.or_zero());
        self.can_hash = can_hash;
        match tracks::choose(&film.streams, &supported, self.wished.take()) {
            Ok(streams) => self.streams = streams,
            Err(mime) => self.give_up(now, Hopeless::Unsupported { mime }),
        }
        let mut chunks = film.streams.iter().flat_map(|stream| &stream.chunks);
        let has_digests = chunks.clone().any(|chunk| chunk.fragments.is_some());
        match self.options.integrity {
            Integrity::Required if !can_hash || !chunks.all(|chunk| chunk.fragments.is_some()) => {
                let what =
                    if can_hash { "not all of it has digests" } else { "the browser hashes only in secure contexts" };
                self.give_up(now, Hopeless::Uncheckable { what });
            }
            Integrity::Preferred if has_digests && !can_hash => self.emit(Event::Unchecked(Unchecked::Hashing)),
            _ => {}
        }
        (self.film, self.supported) = (Some(film), supported);
    }

    /// Fails for a reason that trying again does not change.
    fn give_up(&mut self, now: Now, reason: Hopeless) {
        self.with(now, |_, cx| cx.fatal(reason.error()));
        self.hopeless = Some(reason);
    }

    fn seek(&mut self, now: Now, to: MediaTime, origin: SeekOrigin) {
        let to = to.or_zero().min(self.media.duration.unwrap_or(MediaTime::MAX));
        self.begin_seek(now, to, origin);
        if self.playhead.ready >= ReadyState::Metadata {
            self.departure = None;
            self.move_playhead(to);
        } else {
            self.departure = Some(to);
        }
    }

    fn begin_seek(&mut self, now: Now, to: MediaTime, origin: SeekOrigin) {
        self.seek = Some((to, origin));
        self.has_ended = false;
        if self.buffered_until(to) <= to {
            self.watched = MediaTime::ZERO;
        }
        self.statistics.seeks += 1;
        self.with(now, |parts, cx| parts.streams.iter_mut().for_each(|stream| stream.leave_behind(cx)));
        self.emit(Event::Seeking { to, origin });
    }

    /// A sample that shows the playhead there, seeking, is then no news.
    fn move_playhead(&mut self, to: MediaTime) {
        self.playhead.time = to;
        self.playhead.seeking = true;
        self.out.push_back(Output::SetPlayhead(to));
    }

    fn sample(&mut self, now: Now, playhead: Playhead) {
        self.sampled_at = now;
        let had = std::mem::replace(&mut self.playhead, playhead);
        if let Some(to) = self.departure.filter(|_| self.playhead.ready >= ReadyState::Metadata) {
            self.departure = None;
            if to != self.playhead.time {
                self.move_playhead(to);
            }
        } else if self.playhead.seeking && (!had.seeking || (self.playhead.time - had.time).abs() > MOVED) {
            // Nobody asked the engine: the person used the browser's own controls.
            self.begin_seek(now, self.playhead.time, SeekOrigin::User);
        }
        if !had.seeking && !self.playhead.seeking {
            self.watched = self.watched + (self.playhead.time - had.time).or_zero();
        }
        let shows = self.playhead.ready >= ReadyState::CurrentData && !self.playhead.seeking;
        self.shown_at = shows.then(|| self.shown_at.unwrap_or(now));
        if shows && !std::mem::replace(&mut self.has_shown, true) {
            self.statistics.start.frame = Some(now - self.loaded_at);
            self.emit(Event::FirstFrame { after: now - self.loaded_at });
        }
        if let Some((to, origin)) = self.seek.take_if(|_| shows) {
            self.emit(Event::Seeked { to, origin });
        }
        if self.playhead.ended && !std::mem::replace(&mut self.has_ended, self.playhead.ended) {
            self.emit(Event::Ended);
        }
        self.has_ended = self.playhead.ended;
    }

    fn learn_init(
        &mut self,
        stream: StreamId,
        (chunk, init): (ChunkIndex, usize),
        kind: Kind,
        mime: String,
        duration: Option<MediaTime>,
    ) {
        if let Some(stream) = self.streams.iter_mut().find(|known| known.id == stream) {
            stream.film.kind.get_or_insert(kind);
            stream.film.mime.get_or_insert_with(|| mime.clone());
            stream.inits.learn(chunk, init, mime);
        }
        self.media.by_init = self.media.by_init.or(duration);
    }

    /// Whether the picture at the target is on the screen.
    fn shows(&self) -> bool {
        self.has_shown && !self.playhead.seeking && self.departure.is_none()
    }

    /// Runs `act` with what the parts share.
    fn with<T>(&mut self, now: Now, act: impl FnOnce(&mut Parts<'_>, &mut Context<'_>) -> T) -> T {
        let target = self.target();
        let (quiet, shows) = (self.needs_duration(), self.shows());
        let mut cx = Context {
            now,
            options: &self.options,
            out: &mut self.out,
            requests: &mut self.requests,
            jitter: &mut self.jitter,
            statistics: &mut self.statistics,
            throughput: &mut self.throughput,
            manifest_asked: &mut self.updates.asked,
            target,
            duration: self.media.duration,
            loaded_at: self.loaded_at,
            opened: self.media.state == MediaState::Open,
            quiet,
            halted: self.fatal,
            online: self.online,
            streaming: self.streaming,
            has_shown: self.has_shown,
            shows,
            restraint: self.restraint,
            can_hash: self.can_hash,
        };
        let mut parts = Parts { streams: &mut self.streams, survey: &mut self.survey };
        let result = act(&mut parts, &mut cx);
        self.fatal = cx.halted;
        result
    }

    /// 1. Every stream, whose requests so leave first. 2. Open. 3. What only the MediaSource does. 4. The playhead. 5. When
    ///    to wake.
    fn advance(&mut self, now: Now) {
        self.switch_audio(now);
        self.restrain(now);
        self.with(now, |parts, cx| {
            parts.streams.iter_mut().for_each(|stream| stream.advance(cx));
            if let Some(stream) = parts.streams.iter_mut().find(|stream| stream.film.init.is_none()) {
                parts.survey.advance(stream, cx);
            }
        });
        self.open();
        self.estimate_duration();
        self.tend_media();
        self.watch_playhead(now);
        let poll = self.next_look(now);
        let deadlines = self.with(now, |parts, cx| {
            let streams = parts.streams.iter().filter_map(|stream| stream.deadline(cx)).min();
            [streams, parts.survey.deadline(cx)].into_iter().flatten().min()
        });
        let restraint = self.restraint.end(now, &self.options);
        self.wake = [self.look_at_playhead, deadlines, poll, restraint].into_iter().flatten().min();
    }
}
