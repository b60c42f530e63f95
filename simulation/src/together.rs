//! `cargo xtask simulate --together`: five viewers in one room, one of them over a link that does not carry the film. How long the
//! others stand still for that one, with renditions and without. Each is a whole engine and a whole member of the party.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;
use manifest::MediaTime;
use party::{
    Action, ConnectionId, ContentId, Effect, Forecast, Grant, Member, MemberInput, MemberOptions, MemberOutput, Now,
    Rate, Room, RoomInput, RoomOptions, RoomOutput, RoomTime, Sample, Secret, Span, Text, ToMember, ToRoom,
};
use playback::{Readiness, ReadyState, SeekOrigin};
use serde::Deserialize;
use virtual_world::{Chooses, Cut, Link, Setup, Truth, World};

/// Time between two looks at everybody.
const TICK: Duration = Duration::from_millis(10);
/// From a viewer to the room, and from there back.
const WAY: Duration = Duration::from_millis(30);
/// Time that all have before one of them presses play.
const ARRIVAL: Duration = Duration::from_secs(3);
const VIEWERS: usize = 5;
/// Of the others, in Mbit/s.
const QUICK: u64 = 50;
/// Length of the film in seconds.
const LENGTH: i64 = 600;
/// Far longer than anybody would wait for the end of it.
const LONGEST: Duration = Duration::from_secs(10 * LENGTH.unsigned_abs());
/// Bytes in a second of its rungs: 6 Mbit/s to 230 kbit/s, the last but two the default.
const RUNGS: [u64; 6] = [750_000, 375_000, 187_500, 93_750, 50_000, 28_750];
const DEFAULT: usize = 3;
/// Bytes in a second of its sound.
const SOUND: u64 = 8_000;

/// A stretch of time in which a link does not change.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Period {
    duration_ms: f64,
    bandwidth_kbps: f64,
}

/// A link as `cargo xtask bench abr` takes it, for how long and bytes in a second each.
pub(crate) fn course(text: &str) -> Result<Vec<(Duration, u64)>> {
    let periods: Vec<Period> = serde_json::from_str(text)?;
    let stretch = |period: Period| {
        let span = Duration::try_from_secs_f64(period.duration_ms / 1e3)?;
        anyhow::Ok((span, (period.bandwidth_kbps * 125.0) as u64))
    };
    let course = periods.into_iter().map(stretch).collect::<Result<Vec<_>>>()?;
    anyhow::ensure!(course.iter().any(|(span, rate)| !span.is_zero() && *rate > 0), "nothing ever comes");
    Ok(course)
}

/// What it came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// How long each of the others stood still, on average, from when play was pressed to the end.
    pub(crate) others: Duration,
    /// How long the one stood still whose link is slow.
    pub(crate) slow: Duration,
}

/// Five watch a film of several rungs, or its highest rung alone, in a room with the usual policy. The last one's link is `course`: how long
/// it brings how many bytes in a second, again and again.
pub(crate) fn play(course: &[(Duration, u64)], has_rungs: bool) -> Outcome {
    let film = film(has_rungs);
    let mut party = Party::new();
    for number in 0..VIEWERS {
        let is_slow = number + 1 == VIEWERS;
        let seed = number as u64;
        let setup = setup(&film, if is_slow { course } else { &[] }, seed);
        party.join(Viewer::new(setup.paused(), MemberOptions { seed, ..MemberOptions::default() }));
    }
    party.run()
}

/// How long the one stands still alone, with the highest rung: what all would wait if they waited for it without a limit.
pub(crate) fn alone(course: &[(Duration, u64)]) -> Duration {
    let mut world = setup(&film(false), course, (VIEWERS - 1) as u64).paused();
    world.run_for(ARRIVAL.as_millis() as u64);
    world.press_play();
    let mut stood = Duration::ZERO;
    let mut passed = ARRIVAL;
    while !world.element.state.ended && passed < LONGEST {
        let before = world.time();
        world.run_for(TICK.as_millis() as u64);
        stood += if before == world.time() { TICK } else { Duration::ZERO };
        passed += TICK;
    }
    stood
}

fn film(has_rungs: bool) -> Rc<Truth> {
    let count = if has_rungs { RUNGS.len() } else { 1 };
    let rung = |rate: &u64| Cut { rate: *rate, variance: 1.3, groups_per_chunk: 30, ..Cut::video(LENGTH) };
    let rungs: Vec<_> = RUNGS[..count].iter().map(rung).collect();
    let sound = Cut { rate: SOUND, ..Cut::audio(LENGTH) };
    Rc::new(if has_rungs {
        Truth::ladder(&rungs, DEFAULT, &[sound])
    } else {
        Truth::indexed(&[rungs[0].clone(), sound])
    })
}

fn setup(film: &Rc<Truth>, course: &[(Duration, u64)], seed: u64) -> Setup {
    let mut link = Link::mbit(QUICK);
    link.course = course.to_vec();
    Setup { seed, chooses: Chooses::Ladder, ..Setup::new(film.clone()).link(link) }
}

struct Viewer {
    world: World,
    member: Member,
    wake: Option<Now>,
    /// What of the element was last told, and where it was.
    told: (bool, bool, bool, bool),
    time: MediaTime,
    stood: Duration,
}

enum Mail {
    Opened(usize),
    ToRoom(usize, ToRoom),
    ToMember(usize, ToMember),
}

struct Party {
    now: Duration,
    room: Room,
    room_wake: Option<RoomTime>,
    viewers: Vec<Viewer>,
    /// In the order of time: all ways are equally long.
    mail: VecDeque<(Duration, Mail)>,
}

impl Viewer {
    fn new(world: World, options: MemberOptions) -> Self {
        let member = Member::new(options);
        Self { world, member, wake: None, told: Default::default(), time: MediaTime::ZERO, stood: Duration::ZERO }
    }

    fn marks(&self) -> (bool, bool, bool, bool) {
        let state = &self.world.element.state;
        (state.paused, state.seeking, state.ended, state.ready < ReadyState::FutureData)
    }

    fn look(&mut self, now: Now) -> MemberInput {
        self.told = self.marks();
        let (paused, seeking, ended, waiting) = self.told;
        let state = &self.world.element.state;
        let player = &self.world.player;
        let until = player.buffered_until(state.time);
        let is_all = self.world.element.duration.is_some_and(|duration| until >= duration);
        let rate = Rate::nearest(state.rate);
        let buffered = (until - state.time).or_zero();
        let position = state.time;
        let growth = None;
        let sample = Sample { position, at: now, paused, seeking, waiting, ended, rate, buffered, is_all, growth };
        let ready = match player.ready_at(self.member.place(now).unwrap_or(position)) {
            Readiness::Now => Some(now),
            Readiness::In(wait) => Some(now + Span::from(wait)),
            Readiness::Unknown => None,
        };
        let left = |stall: MediaTime| (stall - position).or_zero().as_micros() as f64 / rate.ratio();
        let stall = player.stalls_at().map(|stall| now + Span::from_micros(left(stall) as i64));
        MemberInput::Player(sample, Forecast { ready, stall })
    }

    fn steer(&mut self, effect: Effect) {
        match effect {
            Effect::Play => self.world.press_play(),
            Effect::Pause => self.world.press_pause(),
            Effect::Seek(to) => self.world.seek_by(SeekOrigin::Party, to.as_micros() / 1_000),
            Effect::SetRate(rate) => self.world.change_rate(rate.ratio()),
        }
    }
}

impl Party {
    fn new() -> Self {
        let options = RoomOptions { clock: Text::cut("clock"), ..RoomOptions::default() };
        let room = Room::new(RoomTime::default(), 1, options);
        Self { now: Duration::ZERO, room, room_wake: None, viewers: Vec::new(), mail: VecDeque::new() }
    }

    fn join(&mut self, viewer: Viewer) {
        self.viewers.push(viewer);
        self.input(self.viewers.len() - 1, MemberInput::Content(ContentId::new("film")));
    }

    /// Until all others have come to the end, or far longer than anybody would wait.
    fn run(&mut self) -> Outcome {
        while self.now < ARRIVAL {
            self.tick();
        }
        self.input(0, MemberInput::Act(Action::Play));
        let others = VIEWERS - 1;
        let is_over = |viewer: &Viewer| viewer.world.element.state.ended;
        while !self.viewers[..others].iter().all(is_over) && self.now < LONGEST {
            self.tick();
            for viewer in self.viewers.iter_mut().filter(|viewer| !viewer.world.element.state.ended) {
                let before = std::mem::replace(&mut viewer.time, viewer.world.time());
                viewer.stood += if before == viewer.time { TICK } else { Duration::ZERO };
            }
        }
        let stood: Duration = self.viewers[..others].iter().map(|viewer| viewer.stood).sum();
        Outcome { others: stood / others as u32, slow: self.viewers[others].stood }
    }

    fn tick(&mut self) {
        self.now += TICK;
        while self.mail.front().is_some_and(|(due, _)| *due <= self.now) {
            match self.mail.pop_front() {
                Some((_, Mail::Opened(viewer))) => self.input(viewer, MemberInput::Opened),
                Some((_, Mail::ToMember(viewer, message))) => self.input(viewer, MemberInput::Message(message)),
                Some((_, Mail::ToRoom(viewer, message))) => self.hear(viewer, message),
                None => {}
            }
        }
        for viewer in 0..self.viewers.len() {
            let now = self.local();
            let known = &mut self.viewers[viewer];
            known.world.run_for(TICK.as_millis() as u64);
            if known.marks() != known.told || known.wake.is_some_and(|wake| wake <= now) {
                let seen = known.look(now);
                self.input(viewer, seen);
            }
        }
        if self.room_wake.is_some_and(|wake| wake <= self.room_time()) {
            self.room_input(RoomInput::Tick);
        }
    }

    /// All clocks begin together; members do not know that.
    fn local(&self) -> Now {
        Now::from_micros(self.now.as_micros() as i64)
    }

    fn room_time(&self) -> RoomTime {
        RoomTime::from_micros(self.now.as_micros() as i64)
    }

    fn input(&mut self, viewer: usize, input: MemberInput) {
        let (now, due) = (self.local(), self.now + WAY);
        self.viewers[viewer].member.handle_input(now, input);
        loop {
            match self.viewers[viewer].member.poll_output() {
                MemberOutput::Wait(wait) => {
                    self.viewers[viewer].wake = wait.map(|(at, _)| at);
                    return;
                }
                MemberOutput::Open => self.mail.push_back((due, Mail::Opened(viewer))),
                MemberOutput::Send(message) => self.mail.push_back((due, Mail::ToRoom(viewer, message))),
                MemberOutput::Steer(effect, _) => self.viewers[viewer].steer(effect),
                MemberOutput::Close | MemberOutput::Event(_) => {}
            }
        }
    }

    fn hear(&mut self, viewer: usize, message: ToRoom) {
        let connection = ConnectionId(viewer as u64);
        self.room_input(match message {
            ToRoom::Hello(hello) => RoomInput::Hello {
                connection,
                hello: Box::new(hello),
                grant: Grant::default(),
                secret: Secret::cut(&format!("secret {viewer}")),
            },
            message => RoomInput::Message { connection, message },
        });
    }

    fn room_input(&mut self, input: RoomInput) {
        let due = self.now + WAY;
        self.room.handle_input(self.room_time(), input);
        loop {
            match self.room.poll_output() {
                RoomOutput::Wait(at) => {
                    self.room_wake = at;
                    return;
                }
                RoomOutput::Send { to, message } => {
                    self.mail.push_back((due, Mail::ToMember(to.0 as usize, message)));
                }
                RoomOutput::Broadcast(message) => {
                    for to in self.room.connections() {
                        self.mail.push_back((due, Mail::ToMember(to.0 as usize, message.clone())));
                    }
                }
                RoomOutput::Close { .. } | RoomOutput::Tell(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A link as of a train with a telephone: 0.2 to 3 Mbit/s, another each second.
    fn course() -> Vec<(Duration, u64)> {
        let mut dice = fastrand::Rng::with_seed(7);
        (0..300).map(|_| (Duration::from_secs(1), (25_000.0 * 15_f64.powf(dice.f64())) as u64)).collect()
    }

    #[test]
    fn whoever_can_go_down_holds_nobody() {
        let (with, waits) = (play(&course(), true), alone(&course()));
        assert!(with.others * 10 <= waits, "{with:?}, {waits:?}");
    }
}
