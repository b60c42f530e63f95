//! The engine: all streams of one film, one playhead.

use std::collections::VecDeque;
use std::time::Duration;

use manifest::{Film, Kind, MediaTime};

use crate::output::{OpenStream, Output, RequestId};
use crate::stall::{Place, Stall};
use crate::stream::Stream;
use crate::survey::{self, Survey};
use crate::{Error, Event, Input, Now, Options, Origin, Playhead, ReadyState, StreamId};

/// While the film plays, the goals are looked at that often.
const TICK: Duration = Duration::from_millis(250);

/// While a seek is under way the playhead rests at its target, but for rounding: further off, somebody has moved it.
const MOVED: MediaTime = MediaTime::from_millis(1);

/// An estimated length is corrected when it is off by more than that, in microseconds.
const ESTIMATE_STEP: i64 = 1_000_000;

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
    media: Media,
    playhead: Playhead,
    /// Where to go as soon as the media element can be sent there.
    departure: Option<MediaTime>,
    seek: Option<(MediaTime, Origin)>,
    stall: Stall,
    loaded_at: Now,
    has_shown: bool,
    has_ended: bool,
    fatal: bool,
    wake: Option<Now>,
}

/// The MediaSource.
#[derive(Debug, Default)]
struct Media {
    state: MediaState,
    /// The length of the film.
    duration: Option<MediaTime>,
    /// Whether that will not change any more.
    is_exact: bool,
    /// The length that the browser has been told.
    told: Option<MediaTime>,
    is_ended: bool,
    /// Whether the page has been told that everything is buffered.
    is_complete: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum MediaState {
    #[default]
    Closed,
    Opening,
    Open,
}

/// Names requests.
#[derive(Debug, Default)]
pub(crate) struct Requests(u32);

impl Requests {
    pub(crate) fn next(&mut self) -> RequestId {
        self.0 = self.0.wrapping_add(1);
        RequestId(self.0)
    }
}

/// What handles inputs, taken apart from what it shares.
struct Parts<'a> {
    streams: &'a mut [Stream],
    survey: &'a mut Survey,
    has_shown: bool,
}

/// Who sent a request.
enum Asker<'a> {
    Stream(&'a mut Stream),
    Survey(&'a mut Survey, &'a Stream),
    /// It has been given up.
    Nobody,
}

impl Parts<'_> {
    fn asker(&mut self, request: RequestId) -> Asker<'_> {
        if self.survey.owns(request) {
            let surveyed = self.streams.iter().find(|stream| stream.film.init.is_none());
            return surveyed.map_or(Asker::Nobody, |stream| Asker::Survey(self.survey, stream));
        }
        self.streams.iter_mut().find(|stream| stream.owns(request)).map_or(Asker::Nobody, Asker::Stream)
    }

    fn stream(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.streams.iter_mut().find(|stream| stream.id == id)
    }

    fn malformed(&mut self, stream: StreamId, chunk: usize, what: String, cx: &mut Context<'_>) {
        let entry = self.stream(stream).and_then(|stream| stream.film.chunks.get(chunk));
        let url = entry.map_or_else(String::new, |chunk| chunk.url.clone());
        cx.fatal(Error::Malformed { stream, url, what });
    }
}

/// What the parts of the engine share while one input is handled.
pub(crate) struct Context<'a> {
    pub(crate) now: Now,
    pub(crate) options: &'a Options,
    pub(crate) out: &'a mut VecDeque<Output>,
    pub(crate) requests: &'a mut Requests,
    pub(crate) jitter: &'a mut fastrand::Rng,
    /// Where the playhead is, or will be once it can be moved.
    pub(crate) target: MediaTime,
    /// Whether the SourceBuffers exist.
    pub(crate) opened: bool,
    /// Whether no operation may start, because the MediaSource itself has something to do.
    pub(crate) quiet: bool,
    /// Whether a fatal error has been told.
    pub(crate) halted: bool,
}

impl Context<'_> {
    /// Stops everything that costs anything, and says why, once.
    pub(crate) fn fatal(&mut self, error: Error) {
        if !std::mem::replace(&mut self.halted, true) {
            self.out.push_back(Output::Event(Event::Fatal(error)));
        }
    }
}

impl Player {
    /// An engine without a film.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            jitter: fastrand::Rng::with_seed(options.seed),
            options,
            requests: Requests::default(),
            out: VecDeque::new(),
            streams: Vec::new(),
            survey: Survey::default(),
            media: Media::default(),
            playhead: Playhead::default(),
            departure: None,
            seek: None,
            stall: Stall::default(),
            loaded_at: Now::default(),
            has_shown: false,
            has_ended: false,
            fatal: false,
            wake: None,
        }
    }

    /// Takes a fact. `now` never goes back.
    pub fn handle_input(&mut self, now: Now, input: Input) {
        match input {
            Input::Load { film, supported, start } => self.load(now, &film, &supported, start),
            Input::Opened => {
                self.media.state = MediaState::Open;
                self.emit(Event::Loaded);
            }
            Input::Unsupported { mime } => self.with(now, |_, cx| cx.fatal(Error::Unsupported { mime })),
            Input::MediaFailed { what } => self.with(now, |parts, cx| {
                let stream = parts.streams.first().map_or(0, |stream| stream.id);
                cx.fatal(Error::Decoder { stream, what });
            }),
            Input::Playhead(playhead) => self.sample(now, playhead),
            Input::Seek { to, origin } => self.seek(to, origin),
            Input::Online(true) => self.streams.iter_mut().for_each(|stream| stream.retry(false)),
            Input::Online(false) | Input::Timer => {}
            Input::Retry => {
                self.fatal = false;
                self.streams.iter_mut().for_each(|stream| stream.retry(true));
                self.survey.retry();
            }
            Input::Init { stream, kind, mime, duration } => self.learn_init(stream, kind, mime, duration),
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
        let ends = self.streams.iter().map(|stream| match stream.buffer.ranges().around(time) {
            Some(_) if stream.is_complete(time) => MediaTime::MAX,
            Some((_, end)) => end,
            None => time,
        });
        let end = ends.min().unwrap_or(time);
        if end == MediaTime::MAX { self.media.duration.unwrap_or(time) } else { end }
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

    fn load(&mut self, now: Now, film: &Film, supported: &[bool], start: MediaTime) {
        self.loaded_at = now;
        self.media.duration = film.duration;
        self.media.is_exact = film.duration.is_some();
        self.departure = Some(start.or_zero());
        match choose(&film.streams, supported) {
            Ok(streams) => self.streams = streams,
            Err(error) => self.with(now, |_, cx| cx.fatal(error)),
        }
    }

    fn seek(&mut self, to: MediaTime, origin: Origin) {
        let to = to.or_zero().min(self.media.duration.unwrap_or(MediaTime::MAX));
        self.seek = Some((to, origin));
        self.has_ended = false;
        self.emit(Event::Seeking { to, origin });
        if self.playhead.ready >= ReadyState::Metadata {
            self.departure = None;
            self.move_playhead(to);
        } else {
            self.departure = Some(to);
        }
    }

    /// A sample that shows the playhead there, seeking, is then no news.
    fn move_playhead(&mut self, to: MediaTime) {
        self.playhead.time = to;
        self.playhead.seeking = true;
        self.out.push_back(Output::SetPlayhead(to));
    }

    fn sample(&mut self, now: Now, playhead: Playhead) {
        let had = std::mem::replace(&mut self.playhead, playhead);
        if let Some(to) = self.departure.filter(|_| self.playhead.ready >= ReadyState::Metadata) {
            self.departure = None;
            if to != self.playhead.time {
                self.move_playhead(to);
            }
        } else if self.playhead.seeking && (!had.seeking || (self.playhead.time - had.time).abs() > MOVED) {
            // Nobody asked the engine: the person used the browser's own controls.
            let (to, origin) = (self.playhead.time, Origin::User);
            self.seek = Some((to, origin));
            self.emit(Event::Seeking { to, origin });
        }
        let shows = self.playhead.ready >= ReadyState::CurrentData && !self.playhead.seeking;
        if shows && !std::mem::replace(&mut self.has_shown, true) {
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

    fn learn_init(&mut self, stream: usize, kind: Kind, mime: String, duration: Option<MediaTime>) {
        if let Some(stream) = self.streams.iter_mut().find(|known| known.id == stream) {
            stream.film.kind.get_or_insert(kind);
            stream.film.mime.get_or_insert(mime);
        }
        if let Some(duration) = duration.filter(|_| !self.media.is_exact) {
            self.media.duration = Some(duration);
            self.media.is_exact = true;
        }
    }

    /// Hands a fact to the part of the engine that it is about.
    fn forward(&mut self, now: Now, input: Input) {
        self.with(now, |parts, cx| match input {
            Input::Head { request, head } => match parts.asker(request) {
                Asker::Stream(stream) => stream.handle_head(&head, cx),
                Asker::Survey(survey, stream) => survey.handle_head(&head, stream, cx),
                Asker::Nobody => {}
            },
            Input::Bytes { request, count } => match parts.asker(request) {
                Asker::Stream(stream) => stream.handle_bytes(count, cx),
                Asker::Survey(survey, stream) => survey.handle_bytes(count, stream, cx),
                Asker::Nobody => {}
            },
            Input::End { request } => match parts.asker(request) {
                Asker::Stream(stream) => stream.handle_end(cx),
                Asker::Survey(survey, stream) => survey.handle_end(None, stream, cx),
                Asker::Nobody => {}
            },
            Input::Failed { request, failure } => match parts.asker(request) {
                Asker::Stream(stream) => stream.handle_failure(failure, cx),
                Asker::Survey(survey, stream) => survey.handle_end(Some(failure), stream, cx),
                Asker::Nobody => {}
            },
            Input::Fragment { stream, facts } => {
                let learned = parts.stream(stream).map_or(Ok(()), |stream| stream.handle_fragment(facts));
                if let Err(error) = learned {
                    parts.malformed(stream, facts.chunk, error.to_string(), cx);
                }
            }
            Input::Malformed { stream, chunk, what } => parts.malformed(stream, chunk, what, cx),
            Input::Done { stream, buffered } => {
                if let Some(stream) = parts.stream(stream) {
                    stream.handle_done(buffered, cx);
                }
            }
            Input::OperationFailed { stream, error, buffered } => {
                if let Some(stream) = parts.stream(stream) {
                    stream.handle_refusal(error, buffered, cx);
                }
            }
            _ => {}
        });
    }

    /// Runs `act` with what the parts share.
    fn with<T>(&mut self, now: Now, act: impl FnOnce(&mut Parts<'_>, &mut Context<'_>) -> T) -> T {
        let target = self.target();
        let quiet = self.needs_duration();
        let mut cx = Context {
            now,
            options: &self.options,
            out: &mut self.out,
            requests: &mut self.requests,
            jitter: &mut self.jitter,
            target,
            opened: self.media.state == MediaState::Open,
            quiet,
            halted: self.fatal,
        };
        let mut parts = Parts { streams: &mut self.streams, survey: &mut self.survey, has_shown: self.has_shown };
        let result = act(&mut parts, &mut cx);
        self.fatal = cx.halted;
        result
    }

    /// 1. Open. 2. Every stream. 3. What only the MediaSource can do. 4. The playhead. 5. When to wake.
    fn advance(&mut self, now: Now) {
        self.open();
        self.with(now, |parts, cx| {
            parts.streams.iter_mut().for_each(|stream| stream.advance(cx));
            if let Some(stream) = parts.streams.iter_mut().find(|stream| stream.film.init.is_none()) {
                parts.survey.advance(stream, parts.has_shown, cx);
            }
        });
        self.estimate_duration();
        self.tend_media();
        let look_again = self.watch_playhead(now);
        let deadlines = self.with(now, |parts, cx| {
            let streams = parts.streams.iter().filter_map(|stream| stream.deadline(cx)).min();
            [streams, parts.survey.deadline(cx)].into_iter().flatten().min()
        });
        self.wake = [look_again, deadlines].into_iter().flatten().min();
    }

    fn open(&mut self) {
        if self.media.state != MediaState::Closed || self.streams.is_empty() || self.fatal {
            return;
        }
        let typed = |stream: &Stream| Some(OpenStream { stream: stream.id, mime: stream.film.mime.clone()? });
        if let Some(streams) = self.streams.iter().map(typed).collect() {
            self.media.state = MediaState::Opening;
            self.media.told = self.media.duration;
            self.out.push_back(Output::Open { streams, duration: self.media.duration });
        }
    }

    /// While a film without an index has not been seen whole, its length is what its bytes so far suggest.
    fn estimate_duration(&mut self) {
        if self.media.is_exact {
            return;
        }
        let Some(length) = self.streams.first().and_then(|stream| survey::length(&stream.film)) else { return };
        let buffered = self.streams.iter().flat_map(|stream| stream.buffer.ranges().iter()).map(|(_, end)| end).max();
        // `MediaSource.duration` may not cut off what is buffered.
        let time = length.time.max(buffered.unwrap_or_default());
        let differs = self.media.duration.is_none_or(|known| (known - time).as_micros().abs() > ESTIMATE_STEP);
        if differs || length.is_exact {
            self.media.duration = Some(time);
        }
        self.media.is_exact = length.is_exact;
    }

    fn needs_duration(&self) -> bool {
        self.media.state == MediaState::Open && !self.media.is_ended && self.media.duration != self.media.told
    }

    /// What must not happen while any SourceBuffer is busy: setting the duration, and ending the stream.
    fn tend_media(&mut self) {
        let is_busy = self.streams.iter().any(|stream| stream.source.is_busy());
        if is_busy {
            // Every operation opens an ended MediaSource again.
            self.media.is_ended = false;
            return;
        }
        if self.needs_duration() {
            self.media.told = self.media.duration;
            self.out.extend(self.media.duration.map(Output::SetDuration));
        }
        let target = self.target();
        let is_complete = |stream: &Stream| stream.is_complete(target) && stream.held() == 0;
        if self.media.state == MediaState::Open
            && !self.fatal
            && self.streams.iter().all(is_complete)
            && !std::mem::replace(&mut self.media.is_ended, true)
        {
            self.out.push_back(Output::EndOfStream);
            if !std::mem::replace(&mut self.media.is_complete, true) {
                self.emit(Event::Complete);
            }
        }
    }

    fn watch_playhead(&mut self, now: Now) -> Option<Now> {
        if self.media.state != MediaState::Open || self.fatal {
            return None;
        }
        let place = self.place();
        let verdict = self.stall.sample(now, &self.playhead, self.has_shown, place, &self.options);
        if let Some(to) = verdict.set_playhead {
            if place.behind_hole == Some(to) {
                self.emit(Event::SteppedOver { from: self.playhead.time, to });
            }
            self.move_playhead(to);
        }
        self.out.extend(verdict.event.map(Output::Event));
        // The goal moves with the playhead: look whether there is room again.
        let drains = !self.playhead.paused && !self.playhead.ended && !self.media.is_ended;
        [verdict.look_again, drains.then(|| now + TICK)].into_iter().flatten().min()
    }

    fn place(&self) -> Place {
        let time = self.target();
        let is_appended = self.streams.iter().all(|stream| stream.buffer.contains(stream.film.locate(time)));
        let holes = self.streams.iter().map(|stream| stream.buffer.ranges());
        let behind_hole =
            holes.filter(|ranges| ranges.around(time).is_none()).filter_map(|ranges| ranges.next_start(time));
        Place { is_appended, behind_hole: behind_hole.max() }
    }
}

/// Of each kind the default that the browser plays, or else the first that it plays.
fn choose(film: &[manifest::Stream], supported: &[bool]) -> Result<Vec<Stream>, Error> {
    let mut chosen: Vec<Stream> = Vec::new();
    let mut unplayable = None;
    let kinds = [&[Some(Kind::Video), Some(Kind::Muxed), None][..], &[Some(Kind::Audio)]];
    for kinds in kinds {
        let mut candidates: Vec<_> =
            (film.iter().enumerate()).filter(|(_, stream)| kinds.contains(&stream.kind)).collect();
        candidates.sort_by_key(|(_, stream)| !stream.default);
        let playable = candidates.iter().find(|(id, _)| supported.get(*id).copied().unwrap_or(true));
        match (playable, candidates.first()) {
            (Some((id, stream)), _) => chosen.push(Stream::new(*id, (*stream).clone())),
            (None, Some((_, stream))) => unplayable = stream.mime.clone(),
            (None, None) => {}
        }
    }
    match unplayable {
        Some(mime) => Err(Error::Unsupported { mime }),
        None => Ok(chosen),
    }
}
