//! Which rung the next group comes from, as far as that is for a feed: it asks, and waits for the answer.

use manifest::Group;

use super::{Demand, Feed, Missing};
use crate::Activity;
use crate::effects::Effects;
use crate::output::Output;
use crate::position::Position;
use crate::rungs::{Choice, Question};
use crate::situation::Situation;

impl Feed {
    /// The beginning of the group that the next byte to receive belongs to.
    pub(crate) fn border(&self) -> Position {
        self.group().map_or(self.fetched, |group| Position { offset: group.offset, ..self.fetched })
    }

    /// The group that the next byte to receive belongs to, as far as it is known.
    pub(crate) fn group(&self) -> Option<&Group> {
        self.stream.group(self.fetched.group(&self.stream)?)
    }

    /// Whether it has to be said first which rung the next group comes from; asks for that.
    pub(super) fn awaits_choice(&mut self, at: &Situation, demand: &Demand, effects: &mut Effects) -> Option<Activity> {
        if self.border() < self.fetched {
            return None;
        }
        match self.choice {
            Choice::None | Choice::Made => return None,
            Choice::Open => {
                self.choice = Choice::Asked;
                self.ask_for_rung(at, demand, None, effects);
            }
            Choice::Asked => {}
        }
        Some(Activity::Checking)
    }

    /// Asks which rung the group comes from that the next byte to receive belongs to.
    fn ask_for_rung(&self, at: &Situation, demand: &Demand, left: Option<u64>, effects: &mut Effects) {
        let (stream, start) = (self.id, self.group().map_or(at.target, |group| group.start));
        let Demand { goal, goal_bytes, .. } = *demand;
        effects.push(Output::Choose(Question { stream, start, target: at.target, goal, goal_bytes, left }));
    }

    /// Asks whether the group under way is still worth waiting for.
    pub(crate) fn doubt(&self, at: &Situation, demand: &Demand, effects: &mut Effects) {
        let is_begun = |group: &&Group| group.offset < self.fetched.offset || self.choice == Choice::Made;
        if let Some(group) = self.group().filter(|group| self.transfer.is_open() && is_begun(group)) {
            self.ask_for_rung(at, demand, Some(group.end_offset() - self.fetched.offset), effects);
        }
    }

    /// What has been chosen counts no more: the next group is chosen for anew.
    pub(crate) fn reconsider(&mut self) {
        if self.choice != Choice::None {
            self.choice = Choice::Open;
        }
    }

    /// Another takes its place: it asks for nothing more, and awaits nothing.
    pub(crate) fn rest(&mut self, effects: &mut Effects) {
        self.checks.tables.abort(effects);
        self.missing = Missing::None;
    }
}
