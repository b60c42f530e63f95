//! What this viewer wants for all: sent until it is answered, once more for a newer state where that makes sense.

use manifest::MediaTime;

use crate::message::{Command, Refusal, ToRoom};
use crate::sample::Sample;
use crate::state::{Action, Cause, Stamp, State};
use crate::value::MemberId;
use crate::{Now, Span};

use super::{Event, Member};

/// Time after which a command that was not answered is sent again; the room counts it once.
const AGAIN: Span = Span::from_secs(1);
/// The least time between two commands: a viewer who drags along the seek bar makes dozens in a second.
const PACE: Span = Span::from_millis(100);
/// Age at which a command is given up: what could not be said by then is not wanted any more.
const GIVEN_UP: Span = Span::from_secs(10);
/// Distance from the end up to which a room counts as being at it.
const AT_THE_END: MediaTime = MediaTime::from_millis(1_000);
/// The most times that a command is made again for a newer state.
const REPEATS: u32 = 3;

#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    open: Vec<Order>,
    last: u32,
    /// When something was last said for the first time.
    said: Option<Now>,
}

#[derive(Clone, Debug)]
struct Order {
    command: Command,
    made: Now,
    sent: Option<Now>,
    repeats: u32,
    /// It is followed, from that state on.
    accepted: Option<Stamp>,
}

impl Orders {
    /// Whether the viewer is waiting for what it has ordered: its player is then left as it is.
    pub(super) fn hold(&self, now: Now) -> bool {
        self.open.iter().any(|order| now - order.made < GIVEN_UP)
    }

    /// Whether all that it waits for is that the room plays.
    pub(super) fn only_play(&self) -> bool {
        self.open.iter().all(|order| order.command.action == Action::Play)
    }

    pub(super) fn accepted(&mut self, id: u32, stamp: Stamp) {
        if let Some(order) = self.open.iter_mut().find(|order| order.command.id == id) {
            order.accepted = Some(stamp);
        }
    }

    pub(super) fn deadline(&self, is_greeted: bool) -> Option<Now> {
        let due = |order: &Order| {
            let next = self.said.map_or(order.made, |said| order.made.max(said + PACE));
            let again = order.sent.map_or(next, |sent| sent + AGAIN);
            let given_up = order.made + GIVEN_UP;
            if is_greeted && order.accepted.is_none() { again.min(given_up) } else { given_up }
        };
        self.open.iter().map(due).min()
    }

    /// The number of the last command.
    pub(super) fn last(&self) -> u32 {
        self.last
    }

    fn next_id(&mut self) -> u32 {
        self.last = self.last.saturating_add(1);
        self.last
    }
}

impl Member {
    /// The viewer does something. Who may not, does it alone.
    pub(super) fn act(&mut self, now: Now, action: Action) {
        if !self.follows && !action.is_for_host() {
            return;
        }
        if self.state().is_some() && !self.may(&action) {
            let was_done_alone = !action.is_for_host();
            self.emit(Event::Refused { action, why: Some(Refusal::NotAllowed) });
            if was_done_alone {
                self.set_following(now, false);
            }
            return;
        }
        if action.is_of_the_film() && (self.content.is_none() || self.other_content.is_some()) {
            // What it does to another film is nobody else's business; where it has none, somebody has asked for it.
            if self.content.is_none() {
                self.emit(Event::Refused { action, why: Some(Refusal::Impossible) });
            }
            return;
        }
        if action == Action::Play && self.is_at_the_end(now) {
            // As media elements have it: who plays what has ended begins anew.
            self.order(now, Action::Seek(MediaTime::ZERO));
        }
        self.order(now, action);
    }

    /// Whether the film is over here, and the room is not somewhere else in it.
    fn is_at_the_end(&self, now: Now) -> bool {
        let has_ended = |sample: &Sample| sample.ended && sample.growth.is_none();
        let Some((sample, _)) = self.player.as_ref().filter(|(sample, _)| has_ended(sample)) else { return false };
        self.place(now).is_none_or(|place| place + AT_THE_END >= sample.position)
    }

    pub(super) fn order(&mut self, now: Now, action: Action) {
        // Whoever drags along the seek bar wants the last place only.
        let is_same = |order: &Order| is_of_one_kind(&order.command.action, &action);
        self.orders.open.retain(|order| !is_same(order));
        let command = Command { id: self.orders.next_id(), base: self.stamp(), action };
        self.orders.open.push(Order { command, made: now, sent: None, repeats: 0, accepted: None });
        self.look = Some(now);
    }

    pub(super) fn refused(&mut self, now: Now, id: u32, why: Refusal) {
        let Some(index) = self.orders.open.iter().position(|order| order.command.id == id) else { return };
        let mut order = self.orders.open.remove(index);
        let may_repeat =
            order.repeats < REPEATS && self.state().is_none_or(|state| stands(&order.command.action, state, self.me));
        if why == Refusal::Stale && may_repeat {
            order.command.id = self.orders.next_id();
            (order.sent, order.repeats) = (None, order.repeats + 1);
            // The newer state may still be on its way: it is waited for until the command is sent again.
            order.made = order.made.max(now - GIVEN_UP);
            self.orders.open.push(order);
        } else {
            self.emit(Event::Refused { action: order.command.action, why: Some(why) });
        }
        self.look = Some(now);
    }

    pub(super) fn tend_orders(&mut self, now: Now) {
        let (stamp, is_greeted) = (self.stamp(), self.link.is_greeted());
        let before = self.orders.open.len();
        self.orders.open.retain(|order| order.accepted.is_none_or(|accepted| stamp < accepted));
        let mut lost = Vec::new();
        self.orders.open.retain(|order| {
            let is_lost = now - order.made >= GIVEN_UP;
            if is_lost && order.accepted.is_none() {
                lost.push(order.command.action.clone());
            }
            !is_lost
        });
        if self.orders.open.len() != before {
            self.look = Some(now);
        }
        for action in lost {
            self.emit(Event::Refused { action, why: None });
        }
        let mut due = Vec::new();
        let may_say = self.orders.said.is_none_or(|said| now - said >= PACE);
        let mut has_said = false;
        for order in self.orders.open.iter_mut().filter(|order| is_greeted && order.accepted.is_none()) {
            if order.sent.map_or(may_say, |sent| now - sent >= AGAIN) {
                if order.sent.is_none() {
                    order.command.base = stamp;
                    has_said = true;
                }
                order.sent = Some(now);
                due.push(order.command.clone());
            }
        }
        if has_said {
            self.orders.said = Some(now);
        }
        due.into_iter().for_each(|command| self.send(ToRoom::Command(command)));
    }
}

/// Whether the later of two takes the place of the earlier.
fn is_of_one_kind(one: &Action, other: &Action) -> bool {
    let plays = |action: &Action| matches!(action, Action::Play | Action::Pause);
    std::mem::discriminant(one) == std::mem::discriminant(other) || (plays(one) && plays(other))
}

/// Whether an action is still wanted after a state that its viewer had not seen: not where somebody else has just wanted the same
/// kind of thing otherwise. What the viewer itself wanted came before.
fn stands(action: &Action, state: &State, me: Option<MemberId>) -> bool {
    let of_its_kind: &[Cause] = match action {
        Action::Play | Action::Pause => &[Cause::Play, Cause::Pause],
        Action::Seek(_) => &[Cause::Seek, Cause::Content],
        Action::Rate(_) => &[Cause::Rate],
        Action::Content(_) => &[Cause::Content],
        Action::Control(_) | Action::Policy(_) | Action::Host(_) => &[],
    };
    state.by.is_none() || state.by == me || !of_its_kind.contains(&state.cause)
}
