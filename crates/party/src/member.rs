//! One viewer's side of a party: what its player does and what its room says goes in, what to do and what to say comes out.
//!
//! [`Member::handle_input`] with the time and one [`Input`], then [`Member::poll_output`] until it answers [`Output::Wait`]. When
//! that time comes, a fresh [`Input::Player`].
//!
//! After every input:
//! 1. the connection: opened, greeted, given up, opened again;
//! 2. the clock is probed;
//! 3. commands of this viewer are sent, and sent again;
//! 4. the player is steered, if its state has just been given;
//! 5. the room is told where the player is.
//!
//! A viewer is never fought: who pauses without being allowed to for all is left alone until it follows again.

mod content;
mod course;
mod event;
mod link;
mod orders;
mod reports;

use std::collections::VecDeque;

use manifest::MediaTime;

use crate::controller::{Controller, Effect, Profile, Reason};
use crate::message::{Member as MemberView, Report, ToMember, ToRoom};
use crate::policy::Policy;
use crate::sample::{Forecast, Sample};
use crate::state::{Action, Control, Stamp, State};
use crate::value::{ContentId, MemberId, Name, Secret, Text, Token};
use crate::{Clock, Now, Span};

use course::Course;
pub use event::Event;
use link::Link;
use orders::Orders;

/// How a member takes part.
#[derive(Clone, Debug)]
pub struct Options {
    /// What others call it.
    pub name: Name,
    /// Leave to enter, where the room asks for one.
    pub token: Option<Token>,
    /// By which a seat of an earlier page is taken again.
    pub seat: Option<Secret>,
    /// How a new room is to be.
    pub control: Option<Control>,
    /// For whom a new room waits.
    pub policy: Option<Policy>,
    /// How the browser's player is steered.
    pub profile: Profile,
    /// Spreads probes and reconnections of many members.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        let (name, profile) = (Name::default(), Profile::default());
        Self { name, token: None, seat: None, control: None, policy: None, profile, seed: 0 }
    }
}

/// A fact.
#[derive(Clone, Debug)]
pub enum Input {
    /// The way to the room is open.
    Opened,
    /// It is not, or no longer.
    Closed,
    /// The room says this.
    Message(ToMember),
    /// What the player does and expects, as of now. The expectations are of [`Member::place`].
    Player(Sample, Forecast),
    /// The viewer wants this for all. Where the player has controls of its own, it may have done so already.
    Act(Action),
    /// The player has that cut loaded, or none.
    Content(Option<ContentId>),
    /// Whether to do what the others do.
    Follow(bool),
    /// Be where the others are, now.
    Resync,
    /// Whether the browser refuses to play without a gesture.
    Blocked(bool),
    /// The network is back, as far as the browser can tell.
    Online,
    /// Go, and do not come back.
    Leave,
}

/// An effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Open a way to the room; answered by [`Input::Opened`] or [`Input::Closed`].
    Open,
    /// Close it. What comes through it from then on is not handed in; not answered.
    Close,
    /// Send to the room.
    Send(ToRoom),
    /// Do that to the player, with the origin `party`.
    Steer(Effect, Reason),
    /// Tell the page.
    Event(Event),
    /// Nothing more until the next input, or until that time: then [`Input::Player`]. `None` is for ever.
    Wait(Option<(Now, Wake)>),
}

/// What the next call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// The connection is due to be made, or to be given up.
    Connection,
    /// The clock is due to be probed.
    Probe,
    /// A command is due to be sent again, or given up.
    Command,
    /// The player is due to be looked at.
    Player,
    /// What the room does changes.
    Course,
    /// The room is due to be told.
    Report,
}

/// The machine.
#[derive(Clone, Debug)]
pub struct Member {
    options: Options,
    link: Link,
    clock: Clock,
    clock_name: Option<Text<64>>,
    controller: Controller,
    course: Course,
    orders: Orders,
    me: Option<MemberId>,
    seat: Option<Secret>,
    members: Vec<MemberView>,
    content: Option<ContentId>,
    other_content: Option<ContentId>,
    /// What it has offered to a room without a film.
    offered: Option<ContentId>,
    follows: bool,
    is_blocked: bool,
    player: Option<(Sample, Forecast)>,
    /// When the player is to be looked at.
    look: Option<Now>,
    report: Option<(Report, Now)>,
    out: VecDeque<Output>,
}

impl Member {
    /// Knows nobody yet. The first input opens the connection.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            link: Link::new(options.seed),
            clock: Clock::new(options.seed),
            clock_name: None,
            controller: Controller::new(options.profile),
            course: Course::default(),
            orders: Orders::default(),
            me: None,
            seat: options.seat.clone(),
            members: Vec::new(),
            content: None,
            other_content: None,
            offered: None,
            follows: true,
            is_blocked: false,
            player: None,
            look: None,
            report: None,
            out: VecDeque::new(),
            options,
        }
    }

    /// Takes a fact.
    pub fn handle_input(&mut self, now: Now, input: Input) {
        self.clock.wake(now);
        match input {
            Input::Opened => self.link.opened(now),
            Input::Closed => self.lost(now),
            Input::Message(message) => self.hear(now, message),
            Input::Player(sample, forecast) => {
                self.player = Some((sample, forecast));
                self.steer(now);
            }
            Input::Act(action) => self.act(now, action),
            Input::Content(content) => self.load(now, content),
            Input::Follow(follows) => self.set_following(now, follows),
            Input::Resync => {
                self.controller.resync();
                self.set_following(now, true);
            }
            Input::Blocked(is_blocked) => {
                if std::mem::replace(&mut self.is_blocked, is_blocked) != is_blocked {
                    self.emit(Event::Blocked(is_blocked));
                }
                self.look = Some(now);
            }
            Input::Online => self.hurry(now),
            Input::Leave => self.leave(),
        }
        self.advance(now);
    }

    /// The next effect; [`Output::Wait`] once there is none.
    pub fn poll_output(&mut self) -> Output {
        self.out.pop_front().unwrap_or_else(|| Output::Wait(self.wake()))
    }

    /// What the room was last known to do.
    #[must_use]
    pub fn state(&self) -> Option<&State> {
        self.course.newest()
    }

    /// Who this is in the room.
    #[must_use]
    pub fn me(&self) -> Option<MemberId> {
        self.me
    }

    /// By which a later page takes the same seat.
    #[must_use]
    pub fn seat(&self) -> Option<&Secret> {
        self.seat.as_ref()
    }

    /// Who is there, this member among them, as the room last told.
    #[must_use]
    pub fn members(&self) -> &[MemberView] {
        &self.members
    }

    /// Whether it does what the others do.
    #[must_use]
    pub fn follows(&self) -> bool {
        self.follows
    }

    /// Whether the room answers.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.link.is_greeted()
    }

    /// How far ahead of the room the player is, below zero behind; `None` while that is not known.
    #[must_use]
    pub fn drift(&self) -> Option<Span> {
        self.controller.drift()
    }

    /// The room's clock less the member's own, and how far off that may be.
    #[must_use]
    pub fn clock(&self, now: Now) -> Option<(Span, Span)> {
        self.clock.offset(now)
    }

    /// Where the room is in the film; `None` while that is not known. Of this place the player says when it is ready.
    #[must_use]
    pub fn place(&self, now: Now) -> Option<MediaTime> {
        self.course.place(&self.clock, now)
    }

    /// Whether the viewer may want that for all.
    #[must_use]
    pub fn may(&self, action: &Action) -> bool {
        let is_host = self.members.iter().any(|member| Some(member.id) == self.me && member.host);
        let control = self.state().map(|state| state.control);
        is_host || (!action.is_for_host() && control != Some(Control::Host))
    }

    fn hear(&mut self, now: Now, message: ToMember) {
        self.link.heard(now);
        match message {
            ToMember::Welcome(welcome) => {
                // Times of the old clock say nothing on another.
                if self.clock_name.replace(welcome.clock.clone()).is_some_and(|old| old != welcome.clock) {
                    self.clock.reset();
                    self.course.forget_time();
                }
                self.members = welcome.members;
                self.seat = Some(welcome.seat);
                if self.me.replace(welcome.you) != Some(welcome.you) || !self.link.is_greeted() {
                    self.emit(Event::Joined(welcome.you));
                }
                self.link.greeted(now);
                self.emit(Event::Members);
                self.learn_state(now, welcome.state);
                self.offer_content(now);
                self.report = None;
            }
            ToMember::Echo { sent, received, answered, stamp } => {
                let was_known = self.clock.room_time(now).is_some();
                if self.clock.handle_echo(now, sent, received, answered) {
                    self.emit(Event::ClockJumped);
                }
                if !was_known {
                    self.look = Some(now);
                }
                if self.state().is_some_and(|state| state.stamp < stamp) {
                    self.link.ask_for_state(now);
                }
            }
            ToMember::State(state) => self.learn_state(now, state),
            ToMember::Members { changed, gone } => {
                self.members.retain(|member| !gone.contains(&member.id));
                for new in changed {
                    match self.members.iter_mut().find(|known| known.id == new.id) {
                        Some(known) => *known = new,
                        None => self.members.push(new),
                    }
                }
                self.emit(Event::Members);
            }
            ToMember::Accepted { id, stamp } => self.orders.accepted(id, stamp),
            ToMember::Refused { id, why } => self.refused(now, id, why),
            ToMember::Bye { why, after } => self.dismissed(now, why, after),
            ToMember::Unknown => {}
        }
    }

    fn learn_state(&mut self, now: Now, state: State) {
        if self.course.learn(self.clock.room_time(now), &state) {
            self.link.has_state();
            self.other_content = state.content.clone().filter(|content| Some(content) != self.content.as_ref());
            self.emit(Event::Changed(Box::new(state)));
            self.tell_other_content();
            self.begin_here(now);
            self.look = Some(now);
        }
    }

    fn set_following(&mut self, now: Now, follows: bool) {
        if std::mem::replace(&mut self.follows, follows) != follows {
            self.emit(Event::Following(follows));
        }
        self.look = Some(now);
    }

    fn emit(&mut self, event: Event) {
        self.out.push_back(Output::Event(event));
    }

    fn send(&mut self, message: ToRoom) {
        self.out.push_back(Output::Send(message));
    }

    fn advance(&mut self, now: Now) {
        self.tend_link(now);
        if self.link.is_greeted() {
            if self.clock.poll_probe(now) {
                self.send(ToRoom::Probe { sent: now });
            }
            if self.link.poll_sync(now) {
                self.send(ToRoom::Sync);
            }
        }
        self.tend_orders(now);
        self.tell(now);
    }

    fn wake(&self) -> Option<(Now, Wake)> {
        let is_greeted = self.link.is_greeted();
        let probe = is_greeted.then(|| self.clock.next_probe());
        let times = [
            (self.link.deadline(), Wake::Connection),
            (probe, Wake::Probe),
            (self.orders.deadline(is_greeted), Wake::Command),
            (self.look, Wake::Player),
            (self.course.change_at(&self.clock), Wake::Course),
            (self.report_due(), Wake::Report),
        ];
        times.into_iter().filter_map(|(at, why)| Some((at?, why))).min_by_key(|(at, _)| *at)
    }

    fn stamp(&self) -> Stamp {
        self.state().map(|state| state.stamp).unwrap_or_default()
    }
}
