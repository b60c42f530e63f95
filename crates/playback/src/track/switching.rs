//! Another feed for the same SourceBuffer, or another SourceBuffer for the same feed.

use manifest::MediaTime;

use super::Track;
use crate::effects::Effects;
use crate::feed::Feed;
use crate::network::Network;
use crate::situation::Situation;

impl Track {
    /// Whether another feed may take this one's place now.
    pub(crate) fn may_switch(&self) -> bool {
        !self.sink.is_busy()
    }

    /// Goes on with `feed`, the sound in another language.
    ///
    /// What is buffered of the old one plays on for [`crate::Options::handover`], so that the new one has time to come; from
    /// there on its bytes replace the old ones as they are appended. Nothing is removed, so the picture never waits.
    pub(crate) fn switch_to(&mut self, at: &Situation, feed: Feed, network: &mut Network, effects: &mut Effects) {
        self.replace_feed(at, feed, network, effects);
        self.bridge(at.target, at.target + at.options.handover);
    }

    /// Leaves everything under way, and gives back the feed that has done so.
    pub(super) fn replace_feed(
        &mut self,
        at: &Situation,
        feed: Feed,
        network: &mut Network,
        effects: &mut Effects,
    ) -> Feed {
        self.jump(at, self.sink.opened(), network, effects);
        self.feed.rest(effects);
        self.sink.change_stream(feed.fetched());
        std::mem::replace(&mut self.feed, feed)
    }

    /// Goes on at the target with another SourceBuffer, which holds nothing.
    pub(crate) fn begin_anew(&mut self, at: &Situation, network: &mut Network, effects: &mut Effects) {
        self.sink.held.clear();
        self.jump(at, self.wanted(at.target), network, effects);
        self.sink.begin_anew();
    }

    /// Counts the groups from `from` on as there, as long as they begin before `until` and something plays in their place.
    fn bridge(&mut self, from: MediaTime, until: MediaTime) {
        let Some((_, end)) = self.sink.held.ranges().around(from) else { return };
        let mut next = Some(self.feed.locate(from));
        while let Some(id) = next {
            let group = self.feed.stream.group(id).copied();
            let Some(group) = group.filter(|group| group.start < until && group.end <= end) else { return };
            self.sink.held.bridge(self.feed.id, id, group);
            next = self.feed.stream.following(id);
        }
    }

    /// Has all removed that is another stream's: after a seek nobody wants to hear it again.
    pub(crate) fn leave_others(&mut self, at: &Situation, network: &mut Network, effects: &mut Effects) {
        if self.has_rungs() {
            // They show the same.
            return;
        }
        let Some(others) = self.sink.held.forget_others(self.feed.id) else { return };
        if self.sink.opened() != self.sink.appended() || self.sink.is_appending() {
            // The beginning of a group that is not whole goes too.
            self.jump(at, self.sink.opened(), network, effects);
        }
        for (from, to) in others {
            self.sink.remove_later(from, to);
        }
    }
}
