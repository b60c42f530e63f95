//! A room and its viewers, each with a clock, a player and a way of its own, in one virtual time.

mod messages;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use manifest::MediaTime;
use party::{
    Action, ConnectionId, ContentId, Event, Grant, Member, MemberInput, MemberOptions, MemberOutput, Name, Now, Phase,
    Room, RoomInput, RoomTime, Secret, Stamp, State, ToMember, ToRoom,
};

use self::messages::room;
use crate::network::Way;
use crate::player::{Player, Traits};

/// The room's clock at the beginning.
const BEGIN: i64 = 1_700_000_000_000_000;
/// Microseconds after which a relay notices that a viewer has vanished.
const IDLE: i64 = 30_000_000;
/// Microseconds between two moments at which pages hear of what their players do by themselves.
const LOOK: i64 = 50_000;

pub(crate) const SECOND: i64 = 1_000_000;

/// How a viewer is made.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) traits: Traits,
    pub(crate) way: Way,
    /// The clock's own zero, and how much faster than the world's it runs, in millionths.
    pub(crate) clock: (i64, i64),
    /// Whether its timers run once a second only.
    pub(crate) is_throttled: bool,
    pub(crate) is_blocked: bool,
    /// Empty for none.
    pub(crate) content: &'static str,
    pub(crate) options: MemberOptions,
}

impl Setup {
    pub(crate) fn new(seed: u64) -> Self {
        let options = MemberOptions { seed, name: Name::cut(&format!("viewer {seed}")), ..MemberOptions::default() };
        Self {
            traits: Traits::default(),
            way: Way::stream(15_000, 2_000),
            clock: (seed as i64 * 77_777_777, 0),
            is_throttled: false,
            is_blocked: false,
            content: "film",
            options,
        }
    }
}

pub(crate) struct Viewer {
    pub(crate) member: Member,
    pub(crate) player: Player,
    pub(crate) setup: Setup,
    pub(crate) events: Vec<(i64, Event)>,
    /// Each state that the page was shown, in order.
    pub(crate) shown: Vec<Stamp>,
    connection: Option<ConnectionId>,
    /// What the world's clock counts and this viewer's does not: sleep.
    missed: i64,
    asleep: Option<i64>,
    wake: u64,
    /// When it was called last, and how often at that moment.
    called: (i64, u32),
    is_gone: bool,
}

enum Happening {
    ToRoom(ConnectionId, String),
    ToMember(usize, ConnectionId, String),
    Opened(usize, ConnectionId),
    /// The viewer learns that there is no way.
    Closed(usize, Option<ConnectionId>),
    /// The room learns that a connection is gone.
    Gone(ConnectionId),
    Wake(usize, u64),
    Look(usize),
    RoomTick(u64),
}

pub(crate) struct World {
    pub(crate) now: i64,
    pub(crate) room: Room,
    pub(crate) viewers: Vec<Viewer>,
    pub(crate) dice: fastrand::Rng,
    /// Each state of the room, and when it was made.
    pub(crate) states: Vec<(i64, State)>,
    happenings: BinaryHeap<Reverse<(i64, u64)>>,
    details: std::collections::HashMap<u64, Happening>,
    next: u64,
    connections: Vec<(ConnectionId, usize)>,
    room_wake: u64,
    pub(crate) room_messages: usize,
    /// The most that a message to a member had in bytes.
    pub(crate) longest: usize,
}

impl World {
    pub(crate) fn new(seed: u64, setups: Vec<Setup>) -> Self {
        let mut world = Self {
            now: 0,
            room: room(0, 1),
            viewers: Vec::new(),
            dice: fastrand::Rng::with_seed(seed),
            states: Vec::new(),
            happenings: BinaryHeap::new(),
            details: std::collections::HashMap::new(),
            next: 0,
            connections: Vec::new(),
            room_wake: 0,
            room_messages: 0,
            longest: 0,
        };
        for (n, setup) in setups.into_iter().enumerate() {
            world.join(setup);
            if n == 0 {
                // The first is the host.
                world.run(SECOND / 2);
            }
        }
        world
    }

    /// Somebody opens the page.
    pub(crate) fn join(&mut self, setup: Setup) {
        let member = Member::new(setup.options.clone());
        let mut player = Player::new(setup.traits, setup.options.seed);
        player.advance(self.now);
        player.open(self.now);
        let viewer = self.viewers.len();
        self.viewers.push(Viewer {
            member,
            player,
            events: Vec::new(),
            shown: Vec::new(),
            connection: None,
            missed: 0,
            asleep: None,
            wake: 0,
            called: (0, 0),
            is_gone: false,
            setup,
        });
        let content = Some(self.viewers[viewer].setup.content).filter(|id| !id.is_empty()).and_then(ContentId::new);
        self.input(viewer, MemberInput::Content(content));
        self.at(self.now + LOOK, Happening::Look(viewer));
    }

    /// The tab is closed.
    pub(crate) fn leave(&mut self, viewer: usize) {
        self.viewers[viewer].is_gone = true;
        if let Some(connection) = self.viewers[viewer].connection.take() {
            self.at(self.now + 50_000, Happening::Gone(connection));
        }
    }

    /// The laptop is closed, and opened again after so long; its clock counts that or does not.
    pub(crate) fn sleep(&mut self, viewer: usize, span: i64, is_counted: bool) {
        self.viewers[viewer].asleep = Some(self.now + span);
        if !is_counted {
            self.viewers[viewer].missed += span;
        }
        if let Some(connection) = self.viewers[viewer].connection.filter(|_| span > IDLE) {
            self.at(self.now + IDLE, Happening::Gone(connection));
        }
        self.at(self.now + span, Happening::Wake(viewer, u64::MAX));
    }

    pub(crate) fn act(&mut self, viewer: usize, action: Action) {
        if !self.is_out(viewer) {
            self.input(viewer, MemberInput::Act(action));
        }
    }

    pub(crate) fn input_to(&mut self, viewer: usize, input: MemberInput) {
        if !self.is_out(viewer) {
            self.input(viewer, input);
        }
    }

    pub(crate) fn run(&mut self, span: i64) {
        let until = self.now + span;
        while let Some(Reverse((at, id))) = self.happenings.peek().copied().filter(|Reverse((at, _))| *at <= until) {
            self.happenings.pop();
            self.now = self.now.max(at);
            let happening = self.details.remove(&id).expect("each happens once");
            self.happen(happening);
        }
        self.now = until;
        for viewer in 0..self.viewers.len() {
            self.advance_player(viewer);
        }
    }

    pub(crate) fn room_time(&self) -> RoomTime {
        RoomTime::from_micros(BEGIN + self.now)
    }

    /// Where the film is for the room, and whether it has been moving for so long.
    pub(crate) fn due(&self) -> (i64, bool) {
        let (now, newest) = (self.room_time(), self.room.state());
        let earlier = self.states.iter().rev().skip(1);
        let mut bound = newest.at;
        let mut state = newest;
        if now < newest.at {
            // What did not begin to hold before it was replaced never held.
            let mut replaced = self.states.last().map_or(0, |(made, _)| *made);
            for (made, old) in earlier {
                if old.at.as_micros() <= BEGIN + replaced {
                    (state, bound) = (old, old.at);
                    break;
                }
                replaced = *made;
            }
        }
        (state.timeline().position(now).as_micros(), state.phase == Phase::Playing && bound <= now)
    }

    /// How far off each viewer's idea of the room's time is, in microseconds.
    pub(crate) fn clock_errors(&self) -> Vec<Option<i64>> {
        let error = |viewer: usize| {
            let now = self.local(viewer);
            let (offset, _) = self.viewers[viewer].member.clock(now)?;
            Some(now.as_micros() + offset.as_micros() - self.room_time().as_micros())
        };
        (0..self.viewers.len()).map(error).collect()
    }

    /// How far ahead of the room a player is, in microseconds of the film.
    pub(crate) fn drift(&self, viewer: usize) -> i64 {
        self.viewers[viewer].player.position() - self.due().0
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::ToRoom(connection, text) => {
                if self.connections.iter().any(|(known, _)| *known == connection) {
                    self.room_messages += 1;
                    let message = ToRoom::decode(&text).expect("members speak the format");
                    let input = match message {
                        ToRoom::Hello(hello) => RoomInput::Hello {
                            connection,
                            hello: Box::new(hello),
                            grant: Grant::default(),
                            secret: Secret::cut(&format!("secret {}", self.dice.u64(..))),
                        },
                        message => RoomInput::Message { connection, message },
                    };
                    self.room_input(input);
                } else if let Some(viewer) = self.viewers.iter().position(|one| one.connection == Some(connection)) {
                    // The other end no longer knows of it, and says so.
                    self.at(self.now + 20_000, Happening::Closed(viewer, Some(connection)));
                }
            }
            Happening::ToMember(viewer, connection, text) => {
                if let Some(awake) = self.viewers[viewer].asleep.filter(|awake| self.now < *awake) {
                    // It waits in the network.
                    self.at(awake + 1_000, Happening::ToMember(viewer, connection, text));
                } else if self.viewers[viewer].connection == Some(connection) {
                    let message = ToMember::decode(&text).expect("rooms speak the format");
                    self.input(viewer, MemberInput::Message(message));
                }
            }
            Happening::Opened(viewer, connection) => {
                if self.viewers[viewer].connection == Some(connection) {
                    self.input_to(viewer, MemberInput::Opened);
                }
            }
            Happening::Closed(viewer, connection) => {
                if self.viewers[viewer].connection == connection {
                    self.viewers[viewer].connection = None;
                    self.input_to(viewer, MemberInput::Closed);
                }
            }
            Happening::Gone(connection) => {
                let known = self.connections.len();
                self.connections.retain(|(open, _)| *open != connection);
                if self.connections.len() < known {
                    self.room_input(RoomInput::Closed { connection });
                }
            }
            Happening::Wake(viewer, wake) => {
                if (wake == self.viewers[viewer].wake || wake == u64::MAX) && !self.is_out(viewer) {
                    self.look(viewer);
                }
            }
            Happening::Look(viewer) => {
                if self.advance_player(viewer) && !self.is_out(viewer) {
                    self.look(viewer);
                }
                self.at(self.now + LOOK, Happening::Look(viewer));
            }
            Happening::RoomTick(wake) => {
                if wake == self.room_wake {
                    self.room_input(RoomInput::Tick);
                }
            }
        }
    }

    /// A fresh sample, as a page gives one whenever a time has come or its player has an event.
    fn look(&mut self, viewer: usize) {
        self.advance_player(viewer);
        let now = self.local(viewer);
        let Viewer { member, player, .. } = &self.viewers[viewer];
        let input = MemberInput::Player(player.sample(now), player.forecast(now, member.place(now)));
        self.input(viewer, input);
    }

    fn advance_player(&mut self, viewer: usize) -> bool {
        let now = self.now;
        let Viewer { member, player, asleep, .. } = &mut self.viewers[viewer];
        let waiting = member.state().filter(|state| state.phase == Phase::Waiting && state.until.is_none());
        player.opened.awaited = waiting.map(|state| state.position.as_micros());
        if asleep.is_some_and(|awake| now < awake) {
            // The picture stands.
            player.skip(now);
            return false;
        }
        player.advance(now)
    }

    fn is_out(&self, viewer: usize) -> bool {
        let Viewer { asleep, is_gone, .. } = &self.viewers[viewer];
        *is_gone || asleep.is_some_and(|awake| self.now < awake)
    }

    fn local(&self, viewer: usize) -> Now {
        let Viewer { setup, missed, .. } = &self.viewers[viewer];
        let (zero, drift) = setup.clock;
        Now::from_micros(zero + self.now + self.now * drift / 1_000_000 - missed)
    }

    fn input(&mut self, viewer: usize, input: MemberInput) {
        let now = self.local(viewer);
        let (at, times) = self.viewers[viewer].called;
        self.viewers[viewer].called = (self.now, if at == self.now { times + 1 } else { 0 });
        assert!(times < 100, "it runs hot: {:?}", self.viewers[viewer].member);
        self.viewers[viewer].member.handle_input(now, input);
        loop {
            match self.viewers[viewer].member.poll_output() {
                MemberOutput::Wait(wait) => {
                    self.viewers[viewer].wake += 1;
                    if let Some((at, _)) = wait {
                        let wake = Happening::Wake(viewer, self.viewers[viewer].wake);
                        let mut due = self.now.saturating_add((at - now).as_micros().clamp(0, 3_600 * SECOND));
                        if self.viewers[viewer].setup.is_throttled {
                            due = (due / SECOND + 1) * SECOND;
                        }
                        self.at(due, wake);
                    }
                    return;
                }
                MemberOutput::Open => self.open(viewer),
                MemberOutput::Close => {
                    if let Some(connection) = self.viewers[viewer].connection.take() {
                        let notice = if self.viewers[viewer].setup.way.is_cut(self.now) { IDLE } else { 20_000 };
                        self.at(self.now + notice, Happening::Gone(connection));
                    }
                }
                MemberOutput::Send(message) => self.send_to_room(viewer, &message),
                MemberOutput::Steer(effect, _) => {
                    self.advance_player(viewer);
                    if effect == party::Effect::Play && self.viewers[viewer].setup.is_blocked {
                        self.viewers[viewer].member.handle_input(now, MemberInput::Blocked(true));
                    } else {
                        self.viewers[viewer].player.apply(effect);
                    }
                }
                MemberOutput::Event(event) => {
                    if let Event::Changed(state) = &event {
                        self.viewers[viewer].shown.push(state.stamp);
                    }
                    self.viewers[viewer].events.push((self.now, event));
                }
            }
        }
    }

    fn at(&mut self, at: i64, happening: Happening) {
        let id = self.next;
        self.next += 1;
        self.details.insert(id, happening);
        self.happenings.push(Reverse((at, id)));
    }
}

/// A place in the film.
pub(crate) fn film(seconds: i64) -> MediaTime {
    MediaTime::from_millis(seconds * 1_000)
}
