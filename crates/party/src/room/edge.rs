//! A film that still goes up, in a room: where nobody can have more of it yet, the room stands, however long that takes.

use manifest::MediaTime;

use crate::message::Activity;
use crate::state::{Cause, Phase};
use crate::{RoomTime, Span};

use super::commands::shift;
use super::waiting::{COMFORT, NOTICE};
use super::{Room, SILENCE};

/// Film up to the end of what there is that is not worth a start.
const NEAR: MediaTime = MediaTime::from_millis(500);

impl Room {
    /// Up to where the film is there for whoever can have most of it: [`MediaTime::MAX`] where that is all of it, `None` where nobody
    /// says.
    pub(super) fn reach(&self) -> Option<MediaTime> {
        let fresh = self.heard.iter().filter(|heard| self.now - heard.reported <= SILENCE);
        let told = fresh.filter_map(|heard| heard.report).filter(|report| report.activity != Activity::Elsewhere);
        told.map(|report| report.reach.unwrap_or(MediaTime::MAX)).max()
    }

    /// When the room that plays comes to where there is no more, if that is in a moment.
    pub(super) fn edge_ahead(&self) -> Option<RoomTime> {
        let timeline = self.shared.state.timeline();
        let at = timeline.when(self.reach().filter(|reach| *reach < MediaTime::MAX)?)?;
        // Members who see themselves stand still there are not held against: it is nobody's fault.
        (at <= self.now + NOTICE + Span::from_millis(500)).then_some(at)
    }

    /// Has all stand there, at `at` or as soon as all can know of it.
    pub(super) fn stand_at_edge(&mut self, at: RoomTime) {
        let (at, reach) = (at.max(self.now + self.lead()), self.reach());
        self.wait(None, Cause::Stall, |state| {
            shift(state, at);
            state.position = reach.map_or(state.position, |reach| state.position.min(reach));
        });
        self.shared.state.until = None;
    }

    /// Whether the room that waits does so for more of the film: without a limit, for there is nobody to go on with. Once there is
    /// enough, it waits for its members as it does elsewhere.
    pub(super) fn is_at_edge(&mut self) -> bool {
        let (reach, now) = (self.reach(), self.now);
        let state = &self.shared.state;
        debug_assert_eq!(state.phase, Phase::Waiting);
        let left = reach.map(|reach| reach - state.position);
        match state.until {
            None if left.is_some_and(|left| left >= COMFORT) => {
                let limit = state.policy.limit();
                self.change(None, Cause::Stall, |state| state.until = Some(state.at.max(now) + limit));
                false
            }
            None => true,
            Some(_) if left.is_some_and(|left| left <= NEAR) => {
                self.stand_at_edge(now);
                true
            }
            Some(_) => false,
        }
    }
}
