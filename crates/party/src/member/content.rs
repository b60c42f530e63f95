//! Which film is watched: the one that is loaded here, or another.

use manifest::MediaTime;

use crate::Now;
use crate::state::{Action, Cause};
use crate::value::ContentId;

use super::{Event, Member, Output};

/// Place in the film up to which a player counts as being at its beginning.
const BEGINNING: MediaTime = MediaTime::from_millis(100);

impl Member {
    pub(super) fn load(&mut self, now: Now, content: Option<ContentId>) {
        self.content = content;
        let wanted = self.state().and_then(|state| state.content.clone());
        self.other_content = wanted.filter(|wanted| Some(wanted) != self.content.as_ref());
        self.tell_other_content();
        self.offer_content(now);
        self.look = Some(now);
    }

    pub(super) fn tell_other_content(&mut self) {
        let other = self.other_content.clone().filter(|_| self.content.is_some());
        self.out.extend(other.map(|content| Output::Event(Event::OtherContent(content))));
    }

    /// A room without a film takes the one that is loaded here.
    pub(super) fn offer_content(&mut self, now: Now) {
        let is_bare = self.state().is_some_and(|state| state.content.is_none());
        if let Some(content) = self.content.clone().filter(|_| is_bare) {
            let action = Action::Content(content.clone());
            if self.may(&action) {
                self.offered = Some(content);
                self.order(now, action);
            }
        }
    }

    /// The room has taken the film that was offered: it begins where its first viewer is, and plays if that one does.
    pub(super) fn begin_here(&mut self, now: Now) {
        let Some(state) = self.course.newest() else { return };
        if state.content.is_none() {
            return;
        }
        let is_taken = state.by == self.me && state.cause == Cause::Content && state.content == self.offered;
        if self.offered.take().is_none() || !is_taken || !self.follows || self.other_content.is_some() {
            return;
        }
        let Some((sample, _)) = self.player else { return };
        let position = sample.position_at(now);
        if position > BEGINNING {
            self.order(now, Action::Seek(position));
        }
        if !sample.paused && !sample.ended {
            self.order(now, Action::Play);
        }
    }
}
