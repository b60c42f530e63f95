//! The engine and what it acts on: messages become facts, the engine's effects are done.

mod fetching;
mod operations;

use std::rc::Rc;

use js_sys::Uint8Array;
use manifest::MediaTime;
use playback::{Answer, Event, Input, Now, Options, Output, Question, Ranges, RequestId, StreamId};
use wasm_bindgen::JsValue;
use web_sys::HtmlMediaElement;

use crate::connection::{self, Connection};
use crate::download::Fetcher;
use crate::events::Outlet;
use crate::fetch::Request;
use crate::film_source::FilmSource;
use crate::inbox::{Inbox, Message};
use crate::media_source::Media;
use crate::memory::Memory;
use crate::received::Received;
use crate::rungs::{self, Chooser};
use crate::task::spawn;
use crate::timer::{Timer, now};
use crate::video_element::VideoElement;
use crate::{boxes, digest, film_source, js_error};

/// One engine and everything that it acts on.
pub(crate) struct Driver {
    engine: playback::Player,
    inbox: Rc<Inbox>,
    video: VideoElement,
    media: Media,
    /// SourceBuffers to make as soon as the MediaSource is open.
    to_open: Option<(Vec<String>, Option<MediaTime>)>,
    film: Option<FilmSource>,
    /// Those under way: two or three.
    requests: Vec<(RequestId, Request)>,
    fetcher: Rc<Fetcher>,
    /// One for each stream of the film.
    received: Vec<Received>,
    memory: Memory,
    /// Who chooses among its renditions, where the film has several.
    chooser: Option<Chooser>,
    timer: Timer,
    /// Held for its listeners.
    _connection: Connection,
}

impl Driver {
    pub(crate) fn attach(
        element: HtmlMediaElement,
        inbox: &Rc<Inbox>,
        outlet: Rc<Outlet>,
        options: Options,
        fetcher: Rc<Fetcher>,
    ) -> Result<Self, JsValue> {
        let post = |message: fn() -> Message| {
            let inbox = inbox.clone();
            move || inbox.post(message())
        };
        Ok(Self {
            engine: playback::Player::new(options),
            inbox: inbox.clone(),
            media: Media::attach(element.clone(), inbox)?,
            video: VideoElement::attach(element, inbox, outlet),
            to_open: None,
            film: None,
            requests: Vec::new(),
            fetcher,
            received: Vec::new(),
            memory: Memory::default(),
            chooser: None,
            timer: Timer::new(post(|| Message::Timer)),
            _connection: Connection::watch(post(|| Message::Input(Input::Online(connection::is_online())))),
        })
    }

    /// 1. Turn the message into facts. 2. Tell the engine. 3. Do as it says. Gives back what the page is to be told.
    pub(crate) fn handle(&mut self, message: Message) -> Vec<Event> {
        let mut told = Vec::new();
        // All facts of a message are of one moment: the playhead's sample is true for those that come with it.
        let now = now();
        for input in self.facts(message) {
            self.engine.handle_input(now, input);
            loop {
                match self.engine.poll_output() {
                    Output::Wait(wait) => break self.timer.set(wait.map(|wait| wait.until)),
                    Output::Event(event) => told.push(event),
                    Output::Choose(question) => self.choose(now, &question),
                    output => self.act(output),
                }
            }
        }
        told
    }

    /// Says which rendition a group comes from: where nobody chooses, the one before.
    fn choose(&mut self, now: Now, question: &Question) {
        let instead_of = question.stream;
        let chosen = self.chooser.as_ref().map_or(Some(instead_of), |chooser| chooser.choose(question));
        if let Some(rung) = chosen {
            self.engine.handle_input(now, Input::Chosen { instead_of, rung });
        }
    }

    /// Tells who chooses what becomes of a request.
    fn note(&self, what: u32, request: RequestId, number: f64) {
        if let Some(chooser) = &self.chooser {
            chooser.tell(what, request, number);
        }
    }

    /// Reads something off the engine.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&playback::Player) -> T) -> T {
        read(&self.engine)
    }

    /// Frames that the browser could not show in time; 0 for sound alone.
    pub(crate) fn dropped_frames(&self) -> f64 {
        self.video.dropped_frames()
    }

    /// The film, once it is known.
    pub(crate) fn film(&self) -> Option<&FilmSource> {
        self.film.as_ref()
    }

    pub(crate) fn request(&self, request: RequestId) -> Option<&Request> {
        self.requests.iter().find(|(known, _)| *known == request).map(|(_, request)| request)
    }

    /// Those under way.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter().map(|(_, request)| request)
    }

    /// What the SourceBuffer of a stream holds; nothing where it has none.
    pub(crate) fn buffered(&self, stream: StreamId) -> Ranges {
        self.engine.buffer_of(stream).map(|buffer| self.media.buffered(buffer)).unwrap_or_default()
    }

    /// Whether a stream is one of those that are played.
    pub(crate) fn is_played(&self, stream: StreamId) -> bool {
        self.engine.buffer_of(stream).is_some()
    }

    fn facts(&mut self, message: Message) -> Vec<Input> {
        match message {
            Message::Input(input) => self.filter(input),
            Message::Sample => {
                let error = self.video.error().map(|what| Input::MediaFailed { what });
                [self.playhead()].into_iter().chain(error).collect()
            }
            Message::Timer => {
                self.timer.rang();
                vec![self.playhead()]
            }
            Message::Passing if self.timer.is_late() => vec![self.playhead()],
            Message::Passing => {
                if !self.media.is_emptied() {
                    self.video.note_time();
                }
                Vec::new()
            }
            Message::SourceOpen => {
                // If it is not any more, it will be again.
                if self.media.is_open() {
                    self.open_buffers();
                }
                Vec::new()
            }
            Message::SourceClosed if self.media.is_attached() => self.source_closed(),
            Message::SourceClosed => Vec::new(),
            Message::Dropped { .. } | Message::Updated { .. } if self.media.is_emptied() => Vec::new(),
            Message::Dropped { buffer } => {
                vec![self.playhead(), Input::Buffered { buffer, buffered: self.media.buffered(buffer) }]
            }
            Message::Updated { buffer, failed } => vec![
                self.playhead(),
                if failed { self.refusal(buffer, self.decode_error()) } else { self.done(buffer) },
            ],
            Message::Response { request, response } => {
                let Some(known) = find(&mut self.requests, request) else { return Vec::new() };
                let head = known.respond(&response);
                self.note(rungs::ANSWERED, request, rungs::number_of(head.edge));
                vec![Input::Answer { request, answer: Answer::Head(head) }]
            }
            Message::Piece { request, bytes } => {
                let inputs = self.take_piece(request, &bytes);
                self.memory.give(bytes.buffer());
                inputs
            }
            Message::Film(source) => {
                let boxes = || source.boxes.as_ref().and_then(boxes::of_stream);
                self.received.resize_with(source.film.streams.len(), || Received::new(&self.memory, boxes()));
                self.chooser =
                    source.manifest.as_ref().and_then(|manifest| rungs::chooser(&self.video.element, manifest));
                self.film = Some(*source);
                Vec::new()
            }
            Message::Begin { at: start } => {
                let load = |source: &FilmSource| {
                    let (film, supported) = (source.film.clone(), source.supported.clone());
                    let can_hash = digest::is_available();
                    // What has been set before is no news when it is seen again.
                    [
                        Input::Online(connection::is_online()),
                        self.playhead(),
                        Input::Load { film, supported, start, can_hash },
                    ]
                };
                self.film.as_ref().map(load).into_iter().flatten().collect()
            }
        }
    }

    /// The element has its source, but not any more what there was in it. Chromium opens none a second time.
    fn source_closed(&mut self) -> Vec<Input> {
        if self.media.is_emptied() {
            return vec![Input::Playhead(self.video.before_emptied()), Input::Emptied];
        }
        if !self.media.is_used() {
            self.reopen();
        }
        Vec::new()
    }

    fn reopen(&mut self) {
        let opened = self.media.reopen(&self.inbox);
        self.must(opened);
    }

    /// Where the playhead is; where it was, while the element is being loaded anew or with another source.
    fn playhead(&self) -> Input {
        Input::Playhead(if self.media.is_emptied() { self.video.noted() } else { self.video.sample() })
    }

    /// Whether the element has the film, and not another source.
    pub(crate) fn is_attached(&self) -> bool {
        self.media.is_attached()
    }

    /// What is said of a request that was given up is said of nobody.
    fn filter(&mut self, input: Input) -> Vec<Input> {
        if let Input::Answer { request, answer: Answer::End | Answer::Failed(_) } = &input {
            return if self.forget(*request) { vec![input] } else { Vec::new() };
        }
        if let Input::Seek { .. } = &input {
            // What has been shown is then known up to the moment of the seek.
            return vec![self.playhead(), input];
        }
        vec![input]
    }

    /// Ends a request; `false` if that has happened before.
    fn forget(&mut self, request: RequestId) -> bool {
        self.note(rungs::OVER, request, 0.0);
        let before = self.requests.len();
        self.requests.retain(|(known, _)| *known != request);
        self.requests.len() < before
    }

    fn take_piece(&mut self, request: RequestId, bytes: &Uint8Array) -> Vec<Input> {
        let count = u64::from(bytes.length());
        self.note(rungs::BYTES, request, count as f64);
        let Some(known) = find(&mut self.requests, request) else { return Vec::new() };
        let (stream, _) = known.object.place();
        let mut inputs = self.received[stream.0].take(known, bytes);
        inputs.push(Input::Answer { request, answer: Answer::Bytes(count) });
        inputs
    }

    fn act(&mut self, output: Output) {
        match output {
            Output::Open { mimes, duration } => {
                self.to_open = Some((mimes, duration));
                if self.media.is_used() {
                    self.reopen();
                } else if self.media.is_open() {
                    self.open_buffers();
                }
            }
            Output::Resume { paused, rate } => self.video.resume(paused, rate),
            Output::Fetch(fetch) => self.fetch(&fetch),
            Output::Read { request, until, least } => {
                self.note(rungs::READ, request, 0.0);
                if let Some(known) = find(&mut self.requests, request) {
                    known.read(request, until, least, &self.memory, &self.inbox);
                }
            }
            Output::Abort { request } => {
                self.forget(request);
            }
            Output::AppendInit { buffer, stream, init } => {
                let known = self.film.as_ref().and_then(|film| film.inits.get(stream.0)?.clone());
                let seen = || self.received[stream.0].boxes.as_ref()?.init(init.0);
                self.append(buffer, known.or_else(seen));
            }
            Output::ChangeType { buffer, mime } => {
                let is_indexed = self.received.first().is_some_and(|received| received.boxes.is_none());
                // Another language takes another MediaSource then, once. A film that changes in itself would need one again and again.
                if !self.media.change_type(buffer, &mime) && is_indexed {
                    self.post(Message::Sample);
                    self.post(Message::Input(Input::Emptied));
                }
            }
            Output::Append { buffer, stream, span } => {
                let Received { payload, boxes, .. } = &mut self.received[stream.0];
                let fill = |bytes| match boxes {
                    Some(boxes) => boxes.fill(span.chunk.0, span.start as f64, &bytes),
                    None => bytes,
                };
                let bytes = payload.get(span).map(fill);
                self.append(buffer, bytes);
            }
            Output::Hash { check, stream, span } => {
                let bytes = self.received[stream.0].payload.get(span);
                let digest = digest::sha256(bytes.as_ref());
                self.later(async move { Input::Hashed { check, digest: digest.await } });
            }
            Output::ReadTable { stream, chunk } => self.read_table(stream, chunk),
            Output::ReloadManifest => {
                let url = self.film.as_ref().map(|film| film.base.clone()).unwrap_or_default();
                let fetcher = self.fetcher.clone();
                self.later(async move { Input::Manifest(film_source::reload(&fetcher, &url).await.map(Box::new)) });
            }
            Output::Discard { stream, from } => self.received[stream.0].payload.discard(from),
            Output::SetTimestampOffset { buffer, offset } => {
                self.must(self.media.set_timestamp_offset(buffer, offset));
            }
            Output::Release { stream, before } => self.received[stream.0].payload.release(before),
            Output::ReleaseAll { stream } => self.received[stream.0].payload.clear(),
            Output::Inspect { buffer } => {
                let buffered = self.media.buffered(buffer);
                self.post(Message::Input(Input::Buffered { buffer, buffered }));
            }
            Output::ResetParser { buffer } => self.must(self.media.reset_parser(buffer)),
            Output::Remove { buffer, from, to } => {
                if let Err(thrown) = self.media.remove(buffer, from, to) {
                    self.fail(self.refusal(buffer, js_error::operation(&thrown)));
                }
            }
            Output::SetDuration(duration) => self.must(self.media.set_duration(duration)),
            Output::EndOfStream => self.must(self.media.end_of_stream()),
            Output::SetPlayhead(time) => self.video.set_time(time),
            Output::Choose(_) | Output::Event(_) | Output::Wait(_) => {}
        }
    }

    fn open_buffers(&mut self) {
        let Some((mimes, duration)) = self.to_open.take() else { return };
        let opened = self.media.open(&mimes, duration, &self.inbox);
        self.post(Message::Input(opened.map_or_else(|mime| Input::Unsupported { mime }, |()| Input::Opened)));
    }

    /// Posts what a promise comes to.
    fn later(&self, input: impl Future<Output = Input> + 'static) {
        let inbox = self.inbox.clone();
        spawn(async move { inbox.post(Message::Input(input.await)) });
    }

    /// What the standards say cannot fail here; if it does, playback cannot go on.
    fn must(&self, result: Result<(), JsValue>) {
        if let Err(thrown) = result {
            self.fail(Input::MediaFailed { what: js_error::describe(&thrown) });
        }
    }

    /// Tells of a failure, unless the page has closed the MediaSource: [`Message::SourceClosed`] tells of that.
    fn fail(&self, failure: Input) {
        if !self.media.is_emptied() {
            self.post(Message::Input(failure));
        }
    }

    fn post(&self, message: Message) {
        self.inbox.post(message);
    }
}

fn find(requests: &mut [(RequestId, Request)], request: RequestId) -> Option<&mut Request> {
    requests.iter_mut().find(|(known, _)| *known == request).map(|(_, request)| request)
}
