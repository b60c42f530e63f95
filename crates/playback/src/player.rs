//! The engine: all tracks of one film, one playhead.

mod audio;
mod early_ends;
mod facts;
mod loading;
mod media;
mod pacing;
mod probing;
mod recovery;
mod seeking;
mod stalls;
mod updates;

use std::rc::Rc;

use manifest::{Film, MediaTime};

use crate::activity::{earlier, earliest};
use crate::effects::Effects;
use crate::forecast::StallForecast;
use crate::hopeless::Hopeless;
use crate::media::{Media, MediaState};
use crate::network::Network;
use crate::output::Output;
use crate::pacing::Pacing;
use crate::second_chance::SecondChance;
use crate::shown::Shown;
use crate::situation::Situation;
use crate::stall::Stall;
use crate::survey::Survey;
use crate::track::Track;
use crate::updates::Updates;
use crate::{Answer, Event, Input, Now, Options, Playhead, RequestId, SeekOrigin, StallCause, StreamId, Wait, Why};

/// The playback engine. See the crate for its grammar.
#[derive(Debug)]
pub struct Player {
    options: Rc<Options>,
    effects: Effects,
    network: Network,
    /// What plays: pictures, sound, or both in one.
    tracks: Vec<Track>,
    survey: Survey,
    /// All of the film, and which of its streams the browser plays.
    film: Option<Rc<Film>>,
    supported: Vec<bool>,
    /// The audio stream to play as soon as the SourceBuffer is free.
    selected_audio: Option<StreamId>,
    media: Media,
    /// The last sample of the media element. While a film plays on undisturbed it may be a second of film old.
    playhead: Playhead,
    sampled_at: Now,
    /// When to look at it again.
    look_at_playhead: Option<Now>,
    /// Where to go as soon as the media element can be sent there.
    departure: Option<MediaTime>,
    seek: Option<(MediaTime, SeekOrigin)>,
    /// When the last seek will have come to rest, until that has been told.
    rest: Option<(Now, MediaTime, SeekOrigin)>,
    shown: Shown,
    stall: Stall,
    /// Why playback stood still last.
    last_stall: StallCause,
    /// Since when a stream has had nothing at the target though all that belongs there has been appended.
    gap_since: Option<Now>,
    forecast: StallForecast,
    updates: Updates,
    loaded_at: Now,
    can_hash: bool,
    online: bool,
    /// Whether nothing is fetched yet.
    on_hold: bool,
    /// Whether the browser wants data.
    wants_data: bool,
    /// Whether it says so.
    is_managed: bool,
    pacing: Pacing,
    /// When to see whether a network that has failed is back.
    probe_at: Option<Now>,
    /// How often the goal ahead has been doubled because the decoder wanted more pictures than that held.
    lifted: u32,
    /// Since when it has had what should show a picture, and has not got on.
    starved_since: Option<Now>,
    /// When the browser has been told last that a stream is over.
    end_signalled: Option<Now>,
    /// Where the page has been told that the film is over.
    ended_at: Option<MediaTime>,
    /// What it has failed for and would fail for again.
    hopeless: Option<Hopeless>,
    second_chance: SecondChance,
    /// The decoder has failed for good: nothing more can be appended to this MediaSource.
    is_broken: bool,
    /// Another MediaSource has been asked for, and has shown nothing yet.
    is_reopening: bool,
    wait: Option<Wait>,
}

impl Player {
    /// An engine without a film.
    #[must_use]
    #[inline(never)]
    pub fn new(options: Options) -> Self {
        Self {
            network: Network::new(options.seed),
            options: Rc::new(options),
            effects: Effects::default(),
            tracks: Vec::new(),
            survey: Survey::default(),
            film: None,
            supported: Vec::new(),
            selected_audio: None,
            media: Media::default(),
            playhead: Playhead::default(),
            sampled_at: Now::default(),
            look_at_playhead: None,
            departure: None,
            seek: None,
            rest: None,
            shown: Shown::default(),
            stall: Stall::default(),
            last_stall: StallCause::Network,
            gap_since: None,
            forecast: StallForecast::default(),
            updates: Updates::default(),
            loaded_at: Now::default(),
            can_hash: true,
            online: true,
            on_hold: false,
            wants_data: true,
            is_managed: false,
            pacing: Pacing::default(),
            probe_at: None,
            lifted: 0,
            starved_since: None,
            end_signalled: None,
            ended_at: None,
            hopeless: None,
            second_chance: SecondChance::default(),
            is_broken: false,
            is_reopening: false,
            wait: None,
        }
    }

    /// Takes a fact. `now` never goes back.
    #[inline(never)] // Once is enough to download.
    pub fn handle_input(&mut self, now: Now, input: Input) {
        match input {
            Input::Load { film, supported, start, can_hash } => self.load(now, film, supported, start, can_hash),
            Input::Opened => {
                self.media.state = MediaState::Open;
                self.effects.statistics.start.opened.get_or_insert(now - self.loaded_at);
                self.effects.tell(Event::Loaded);
            }
            Input::Unsupported { mime } => self.give_up(Hopeless::Unsupported { mime }),
            Input::MediaFailed { what } => {
                let stream = self.tracks.first().map_or(StreamId(0), |track| track.feed.id);
                self.effects.fail_decoder(stream, what);
            }
            Input::Emptied => self.handle_emptied(now),
            Input::Playhead(playhead) => {
                self.sample(now, playhead);
                // Most films have no rungs, and what is looked at for this costs something.
                if self.tracks.iter().any(Track::has_rungs) {
                    self.each(now, |track, at, _, effects| track.doubt(at, effects));
                }
            }
            Input::Seek { to, origin } => self.seek(now, to, origin),
            Input::Online(online) => self.handle_online(now, online),
            Input::Streaming(wanted) => (self.wants_data, self.is_managed) = (wanted, true),
            Input::Hold(on) => self.on_hold = on,
            Input::Reload => self.effects.ask_for_manifest(now),
            Input::Manifest(film) => self.compare(now, film.as_deref()),
            Input::SelectAudio { stream } => self.select_audio(stream),
            Input::Chosen { instead_of, rung } => {
                if let Some(track) = self.track_of(instead_of) {
                    track.choose(rung);
                }
            }
            Input::Configure(options) => {
                let Options { integrity, seed, .. } = *self.options;
                self.options = Rc::new(Options { integrity, seed, ..*options });
            }
            Input::Retry => {
                self.effects.try_again();
                self.tracks.iter_mut().for_each(|track| track.feed.retry(true));
                self.survey.retry();
                if let Some(reason) = self.hopeless.take() {
                    self.give_up(reason);
                }
                self.retry_decoder(now);
            }
            Input::Init { stream, chunk, init, kind, mime, duration } => {
                self.learn_init(stream, (chunk, init), kind, mime, duration);
            }
            Input::Fragment { stream, facts } => {
                let learned = self.track_of(stream).map_or(Ok(()), |track| track.handle_fragment(&facts));
                if let Err(error) = learned {
                    self.malformed(stream, facts.chunk, error.to_string());
                }
            }
            Input::Malformed { stream, chunk, what } => self.malformed(stream, chunk, what),
            Input::Answer { request, answer } => self.take_answer(now, request, &answer),
            Input::Hashed { check, digest } => self.each(now, |track, at, network, effects| {
                track.handle_hashed(at, check, digest, network, effects);
            }),
            Input::Table { stream, chunk, digest, table } => {
                let at = self.situation(now);
                if let Some(track) = self.tracks.iter_mut().find(|track| track.feed.id == stream) {
                    track.feed.handle_table(&at, chunk, digest, table, &mut self.effects);
                }
            }
            Input::Done { buffer, buffered } => {
                let at = self.situation(now);
                if let Some(track) = self.tracks.get_mut(buffer.0).filter(|_| self.media.is_open()) {
                    track.handle_done(&at, buffered, &mut self.network, &mut self.effects);
                }
            }
            Input::Buffered { buffer, buffered } => {
                if let Some(track) = self.tracks.get_mut(buffer.0).filter(|_| self.media.is_open()) {
                    track.sink.held.report(buffered);
                }
            }
            Input::OperationFailed { buffer, error, buffered } => {
                let at = self.situation(now);
                if let Some(track) = self.tracks.get_mut(buffer.0).filter(|_| self.media.is_open()) {
                    track.handle_refusal(&at, error, buffered, &mut self.effects);
                }
            }
        }
        self.advance(now);
    }

    /// The next effect; [`Output::Wait`] when there is none, and again and again until the next input.
    pub fn poll_output(&mut self) -> Output {
        self.effects.pop().unwrap_or(Output::Wait(self.wait))
    }

    fn situation(&self, now: Now) -> Situation {
        Situation {
            now,
            options: self.options.clone(),
            loaded_at: self.loaded_at,
            target: self.target(),
            duration: self.media.duration,
            online: self.online,
            on_hold: self.on_hold,
            wants_data: self.wants_data,
            is_managed: self.is_managed,
            takes_operations: self.media.is_open() && !self.media.needs_duration(),
            has_shown: self.shown.has_shown,
            shows_target: self.shows_target(),
            pacing: self.pacing,
            can_hash: self.can_hash,
            is_careful: self.second_chance.is_taken(),
        }
    }

    /// Has every track do something.
    fn each(&mut self, now: Now, mut act: impl FnMut(&mut Track, &Situation, &mut Network, &mut Effects)) {
        let at = self.situation(now);
        self.tracks.iter_mut().for_each(|track| act(track, &at, &mut self.network, &mut self.effects));
    }

    fn track_of(&mut self, stream: StreamId) -> Option<&mut Track> {
        self.tracks.iter_mut().find(|track| track.feed.id == stream)
    }

    /// Hands an answer to whoever has asked. What has been given up is nobody's.
    fn take_answer(&mut self, now: Now, request: RequestId, answer: &Answer) {
        let at = self.situation(now);
        let (network, effects) = (&mut self.network, &mut self.effects);
        if self.survey.owns(request) {
            if let Some(track) = self.tracks.iter().find(|track| !track.feed.is_indexed()) {
                self.survey.handle_answer(&at, answer, &track.feed, &mut network.jitter, effects);
            }
        } else if let Some(track) = self.tracks.iter_mut().find(|track| track.feed.owns(request)) {
            track.handle_answer(&at, answer, network, effects);
        } else if let Some(track) = self.tracks.iter_mut().find(|track| track.feed.owns_table(request)) {
            track.feed.handle_table_answer(&at, answer, network, effects);
        }
    }

    /// 1. Recover. 2. Every track, whose requests so leave first. 3. Open. 4. What only the MediaSource does. 5. The
    ///    playhead. 6. When to wake.
    fn advance(&mut self, now: Now) {
        self.tell_of_rest(now);
        self.recover(now);
        self.switch_audio(now);
        self.probe(now);
        self.pace(now);
        let at = self.situation(now);
        for track in &mut self.tracks {
            track.advance(&at, &mut self.network, &mut self.effects);
        }
        if let Some(track) = self.tracks.iter().find(|track| !track.feed.is_indexed()) {
            self.survey.advance(&at, &track.feed, &mut self.network.jitter, &mut self.effects);
        }
        // A request may just have failed for the last time, after which nothing else may ever happen.
        self.probe(now);
        self.recover(now);
        self.open();
        self.estimate_duration();
        self.tend_media(now);
        self.watch_playhead(now);
        let look = self.next_look(now);
        let at = self.situation(now);
        let feeds = self.tracks.iter().map(|track| track.feed.wait(&at, &self.effects)).fold(None, earlier);
        let survey = self.survey.retry_at(now).filter(|_| self.effects.may_ask());
        let later = |until: Option<Now>| until.filter(|until| *until > now);
        let own = earliest(&[
            (self.look_at_playhead, Why::Playhead),
            (look, Why::Manifest),
            (survey, Why::Retry),
            (self.survey.silent_at(&at), Why::Silence),
            (later(self.pacing.dwells_until), Why::Dwell),
            (later(self.pacing.decoder_late_at()), Why::Decoder),
            (later(self.lifts_at()), Why::Decoder),
            (self.probe_at, Why::Retry),
            (self.media.ended_until().or(later(self.gap_since.map(|since| since + self.options.nudge))), Why::Gap),
            (self.rest.map(|(at, ..)| at), Why::Rest),
        ]);
        self.wait = earlier(feeds, own);
    }
}
