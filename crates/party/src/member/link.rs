//! The way to the room: opened, greeted, found dead, opened again.

use manifest::MediaTime;

use crate::message::{Farewell, Hello, Known, ToRoom, VERSION};
use crate::state::{Cause, Phase, Stamp, State};
use crate::{Now, RoomTime, Span};

use super::{Event, Member, Output};

/// Time after which a hello that was not answered is said again, because some ways lose messages.
const HELLO_AGAIN: Span = Span::from_secs(2);
/// Silence after which a way counts as dead: probes are three seconds apart, so that four answers in a row are missing.
const DEAD: Span = Span::from_secs(12);
/// Time after a sleep in which a way has to show that it is alive: most do not outlive one.
const DOUBT: Span = Span::from_secs(4);
/// The first wait before the way is opened again, doubled with each failure in a row.
const BACKOFF: Span = Span::from_millis(500);
/// The longest such wait, however many failures there are in a row.
const LONGEST_BACKOFF: Span = Span::from_secs(15);
/// Time between two requests for a state that was missed.
const SYNC_AGAIN: Span = Span::from_millis(500);

#[derive(Clone, Debug)]
pub(super) struct Link {
    status: Status,
    failures: u32,
    /// When something came last, or the member woke.
    alive: Option<Now>,
    /// Since when it has been called without a pause.
    called: Option<Now>,
    /// When a state that was missed is asked for.
    sync: Option<Now>,
    dice: fastrand::Rng,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// To be opened then.
    Closed(Now),
    /// Being opened, since then.
    Opening(Now),
    /// Open; the hello is to be said then.
    Greeting(Now),
    /// Open, and welcomed.
    Greeted,
    /// Not to be opened again.
    Over,
}

impl Link {
    pub(super) fn new(seed: u64) -> Self {
        let status = Status::Closed(Now::from_micros(i64::MIN));
        // Not the numbers of the probes.
        let dice = fastrand::Rng::with_seed(seed ^ 0x9e37_79b9_7f4a_7c15);
        Self { status, failures: 0, alive: None, called: None, sync: None, dice }
    }

    pub(super) fn is_greeted(&self) -> bool {
        self.status == Status::Greeted
    }

    pub(super) fn opened(&mut self, now: Now) {
        if matches!(self.status, Status::Opening(_)) {
            (self.status, self.alive) = (Status::Greeting(now), Some(now));
        }
    }

    pub(super) fn greeted(&mut self, now: Now) {
        if self.status != Status::Over {
            (self.status, self.alive, self.failures) = (Status::Greeted, Some(now), 0);
        }
    }

    pub(super) fn heard(&mut self, now: Now) {
        self.alive = Some(now);
    }

    pub(super) fn ask_for_state(&mut self, now: Now) {
        self.sync.get_or_insert(now);
    }

    pub(super) fn has_state(&mut self) {
        self.sync = None;
    }

    pub(super) fn poll_sync(&mut self, now: Now) -> bool {
        let is_due = self.sync.is_some_and(|at| at <= now);
        if is_due {
            self.sync = Some(now + SYNC_AGAIN);
        }
        is_due
    }

    pub(super) fn deadline(&self) -> Option<Now> {
        let dead = self.alive.map(|alive| alive + DEAD);
        match self.status {
            Status::Closed(at) => Some(at),
            Status::Opening(since) => Some(since + DEAD),
            Status::Greeting(at) => [Some(at), dead].into_iter().flatten().min(),
            Status::Greeted => [dead, self.sync].into_iter().flatten().min(),
            Status::Over => None,
        }
    }

    /// How long to wait before it is opened again; `None` where it is not.
    fn lost(&mut self, now: Now, least: Span) -> Option<Span> {
        if matches!(self.status, Status::Over | Status::Closed(_)) {
            return None;
        }
        let backoff = Span::from_micros(BACKOFF.as_micros() << self.failures.min(8)).min(LONGEST_BACKOFF);
        self.failures = self.failures.saturating_add(1);
        // Over the upper half: those who were lost together must not come back together.
        let wait = Span::from_micros(self.dice.i64(backoff.as_micros() / 2..=backoff.as_micros())) + least;
        (self.status, self.sync) = (Status::Closed(now + wait), None);
        Some(wait)
    }
}

impl Member {
    pub(super) fn tend_link(&mut self, now: Now) {
        // After a sleep, what was not heard says nothing about the way; but most ways do not outlive one.
        let slept = self.link.called.replace(now).is_some_and(|called| now - called >= DOUBT);
        if slept {
            self.link.alive = self.link.alive.map(|_| now - DEAD + DOUBT);
        }
        let is_dead = self.link.alive.is_some_and(|alive| now - alive >= DEAD);
        match self.link.status {
            Status::Closed(at) if at <= now => {
                (self.link.status, self.link.alive) = (Status::Opening(now), None);
                self.out.push_back(Output::Open);
            }
            Status::Opening(since) if now - since >= DEAD => self.give_up(now),
            Status::Greeting(_) | Status::Greeted if is_dead => self.give_up(now),
            Status::Greeting(at) if at <= now => {
                self.link.status = Status::Greeting(now + HELLO_AGAIN);
                let hello = self.hello(now);
                self.send(ToRoom::Hello(hello));
            }
            _ => {}
        }
    }

    /// What was lost is opened again at once, and what seems open must say something soon: most ways do not outlive a network.
    pub(super) fn hurry(&mut self, now: Now) {
        match self.link.status {
            Status::Opening(_) => {
                self.out.push_back(Output::Close);
                self.link.status = Status::Closed(now);
            }
            Status::Closed(_) => (self.link.status, self.link.failures) = (Status::Closed(now), 0),
            Status::Greeting(_) | Status::Greeted => {
                self.link.alive = self.link.alive.map(|alive| alive.min(now - DEAD + DOUBT));
            }
            Status::Over => {}
        }
    }

    fn give_up(&mut self, now: Now) {
        self.out.push_back(Output::Close);
        self.lost(now);
    }

    pub(super) fn lost(&mut self, now: Now) {
        if let Some(again) = self.link.lost(now, Span::ZERO) {
            self.emit(Event::Lost { again, why: None });
        }
    }

    pub(super) fn dismissed(&mut self, now: Now, why: Farewell, after: Span) {
        if why.may_return() {
            self.out.push_back(Output::Close);
            if let Some(again) = self.link.lost(now, after.or_zero().min(Span::from_secs(60))) {
                self.emit(Event::Lost { again, why: Some(why) });
            }
        } else {
            self.end(why);
        }
    }

    pub(super) fn leave(&mut self) {
        if self.link.is_greeted() {
            self.send(ToRoom::Leave);
        }
        self.end(Farewell::Left);
    }

    fn end(&mut self, why: Farewell) {
        if self.link.status != Status::Over {
            self.link.status = Status::Over;
            self.out.push_back(Output::Close);
            self.emit(Event::Ended(why));
        }
    }

    fn hello(&self, now: Now) -> Hello {
        let is_host = self.members.iter().any(|member| Some(member.id) == self.me && member.host);
        let known = match self.state() {
            Some(state) => self.remembered_place(now, state).map(|position| Known {
                state: state.clone(),
                position,
                host: is_host,
            }),
            None => self.beginning(now),
        };
        Hello {
            version: VERSION,
            name: self.options.name.clone(),
            seat: self.seat.clone(),
            token: self.options.token.clone(),
            content: self.content.clone(),
            control: self.options.control,
            policy: self.options.policy,
            known,
            last: self.orders.last(),
        }
    }

    /// Where the room is by now, as far as this member can tell. `None` where it would lead the room astray.
    fn remembered_place(&self, now: Now, state: &State) -> Option<MediaTime> {
        let own = || {
            let is_with_them = self.follows && self.content.is_some() && self.other_content.is_none();
            let (sample, _) = self.player.as_ref().filter(|_| is_with_them)?;
            Some(sample.position_at(now))
        };
        // After a sleep the clock is in doubt until an echo comes; the old estimate is still the best there is.
        let by_clock = self.clock.last_room_time(now).map(|room| self.course.place_at(room, state));
        by_clock.or_else(own).or_else(|| (state.phase != Phase::Playing).then_some(state.position))
    }

    /// What this viewer does alone, as the oldest of all memories: a room that is new goes on there.
    fn beginning(&self, now: Now) -> Option<Known> {
        let (sample, _) = self.player.as_ref()?;
        let position = sample.position_at(now);
        let state = State {
            stamp: Stamp::default(),
            content: Some(self.content.clone()?),
            phase: if sample.paused { Phase::Paused } else { Phase::Playing },
            position,
            rate: sample.rate,
            at: RoomTime::default(),
            until: None,
            control: self.options.control.unwrap_or_default(),
            policy: self.options.policy.unwrap_or_default(),
            by: None,
            cause: Cause::Opened,
        };
        Some(Known { state, position, host: false })
    }
}
