//! Another rung of the same switching set, from the next group on.
//!
//! A rung takes over where all that the one before has fetched is appended and checked: then nothing is under way, nothing is
//! lost, and the first byte of the new one is the next of the SourceBuffer. Where a group is given up, that is at its beginning.

use manifest::{Group, GroupId};

use super::Track;
use crate::StreamId;
use crate::effects::Effects;
use crate::feed::Feed;
use crate::network::Network;
use crate::rungs::Choice;
use crate::situation::Situation;

impl Track {
    /// The same with other rungs to choose from.
    pub(crate) fn with_rungs(mut self, rungs: Vec<Feed>) -> Self {
        if !rungs.is_empty() {
            self.feed.choice = Choice::Open;
            self.rungs = rungs;
        }
        self
    }

    /// Whether there are rungs to choose from.
    pub(crate) fn has_rungs(&self) -> bool {
        !self.rungs.is_empty()
    }

    /// The average rate of its highest rung.
    pub(crate) fn most_bits_per_second(&self) -> f64 {
        self.rungs.iter().fold(self.feed.bits_per_second, |most, rung| most.max(rung.bits_per_second))
    }

    /// The rung that a promise counts with: whoever can go down does so before anybody waits for him. That of the last stream.
    pub(crate) fn lowest(&self) -> &Feed {
        self.rungs.iter().fold(&self.feed, |lowest, rung| if lowest.id < rung.id { rung } else { lowest })
    }

    /// Bytes of a group of the lowest rung that have to come before it can be played.
    pub(crate) fn least_bytes(&self, id: GroupId) -> u64 {
        let lowest = self.lowest();
        if lowest.id == self.feed.id {
            return self.missing_bytes(id);
        }
        // Of whichever rung.
        let has_come = |group: &&Group| group.end <= self.feed.received_until();
        lowest.stream.group(id).filter(|group| !has_come(group)).map_or(0, |group| group.bytes)
    }

    /// It has been said which rung the group comes from that was asked about.
    pub(crate) fn choose(&mut self, rung: StreamId) {
        if self.rungs.iter().any(|feed| feed.id == rung) {
            self.next_rung = Some(rung);
        } else if self.feed.choice == Choice::Asked {
            (self.next_rung, self.feed.choice) = (None, Choice::Made);
        }
    }

    /// Asks whether the group under way is still worth waiting for: not where a lower rung could not take its place.
    pub(crate) fn doubt(&self, at: &Situation, effects: &mut Effects) {
        if self.next_rung.is_none() && self.rungs.iter().any(|rung| rung.id > self.feed.id) && !self.is_in_use(at) {
            self.feed.doubt(at, &self.demand(at), effects);
        }
    }

    /// Whether the playhead is in the group that has been appended in part.
    fn is_in_use(&self, at: &Situation) -> bool {
        let is_part = self.sink.appended() != self.sink.opened() || self.sink.is_appending();
        is_part && self.feed.group().is_some_and(|group| group.start <= at.target)
    }

    /// Lets the rung take over that has been chosen, if it can.
    pub(super) fn change_rung(&mut self, at: &Situation, network: &mut Network, effects: &mut Effects) {
        let Some(place) = self.rungs.iter().position(|feed| Some(feed.id) == self.next_rung) else { return };
        let border = self.feed.border();
        let is_done = self.may_switch() && self.sink.opened() == border && !self.is_in_use(at);
        let demand = self.demand(at);
        if !is_done || !self.feed.is_settled(at, border, &demand, effects) {
            return;
        }
        let next = self.rungs.swap_remove(place);
        let before = self.replace_feed(at, next, network, effects);
        self.feed.is_refilling = before.is_refilling;
        self.rungs.push(before);
        let feed = &self.feed;
        self.sink.held.share(feed.id, |start| feed.locate(start));
        self.jump(at, self.wanted(at.target), network, effects);
        self.feed.choice = Choice::Made;
    }
}
