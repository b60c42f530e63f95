//! What the room is told of this member's player, and when.

use manifest::MediaTime;

use crate::controller::Goal;
use crate::message::{Activity, Report, ToRoom};
use crate::room::COMFORT;
use crate::sample::{Forecast, Sample};
use crate::state::{Phase, Stamp};
use crate::{Now, RoomTime, Span};

use super::Member;

/// Time between two reports while nobody waits for what they say.
const USUAL: Span = Span::from_secs(2);
/// Time between two reports while the room waits.
const OFTEN: Span = Span::from_secs(1);
/// The least time between two reports, however much has changed that others wait for.
const QUICK: Span = Span::from_millis(100);
/// Time before a stall from which on others wait to hear of it: twice what the room takes notice of.
const SOON: Span = Span::from_secs(3);
/// Distance from its place up to which a player counts as standing there: a picture and a half at 25 a second.
const SAME_PLACE: MediaTime = MediaTime::from_millis(60);
/// Time from the last byte that a seek needs to a player that can be started.
const LANDING: Span = Span::from_millis(250);

impl Member {
    /// When the next report is due, if nothing happens before.
    pub(super) fn report_due(&self) -> Option<Now> {
        if !self.link.is_greeted() || self.player.is_none() {
            return None;
        }
        let (_, told) = self.report.as_ref()?;
        let is_waited_for = self.state().is_some_and(|state| state.phase == Phase::Waiting);
        let usual = if is_waited_for { OFTEN } else { USUAL };
        // Without a clock there is nothing to tell: the next echo brings one.
        self.clock.room_time(*told).map(|_| *told + usual)
    }

    pub(super) fn tell(&mut self, now: Now) {
        if !self.link.is_greeted() {
            return;
        }
        let Some(report) = self.clock.room_time(now).and_then(|room| self.look_at_player(now, room)) else { return };
        let is_due = self.report_due().is_none_or(|due| due <= now);
        let news_at = match &self.report {
            None => Some(now),
            Some((told, at)) => is_news(told, &report).then(|| *at + QUICK),
        };
        if is_due || news_at.is_some_and(|at| at <= now) {
            self.report = Some((report, now));
            self.send(ToRoom::Report(report));
        } else if let Some(at) = news_at {
            self.look_by(at);
        }
        // While others wait for this player, each moment of it counts.
        let is_waited_for = self.state().is_some_and(|state| state.phase == Phase::Waiting);
        if is_waited_for && report.ready.is_none_or(|ready| ready > report.at) {
            self.look_by(now + QUICK);
        }
    }

    fn look_by(&mut self, at: Now) {
        self.look = Some(self.look.map_or(at, |look| look.min(at)));
    }

    fn look_at_player(&self, now: Now, room: RoomTime) -> Option<Report> {
        let (sample, forecast) = self.player.as_ref()?;
        let (_, goal) = self.goal(now);
        let on_room = |at: Now| room + (at - now);
        let place = self.place(now)?;
        let stands = (sample.position - place).abs() <= SAME_PLACE && !sample.seeking && !sample.waiting;
        let is_there = self.edge().is_none_or(|edge| place + SAME_PLACE < edge);
        let ready = forecast.ready.filter(|_| is_there).map(|ready| match goal {
            Goal::Stand(_) if !stands => ready.max(now + LANDING),
            _ => ready.max(now),
        });
        Some(Report {
            stamp: self.course.newest().map_or_else(Stamp::default, |state| state.stamp),
            activity: self.activity(now),
            position: sample.position_at(now),
            at: room,
            // Nobody waits for what comes after the end.
            buffered: if sample.is_all { sample.buffered.max(COMFORT) } else { sample.buffered },
            ready: ready.map(on_room),
            stall: self.stall(now, sample, forecast).map(on_room),
            drift: self.drift(),
            delay: self.clock.usual_round_trip().unwrap_or(Span::ZERO),
            reach: sample.growth.and_then(|growth| growth.known),
        })
    }

    /// When the player will stand still, for want of bytes or because there is no more of the film yet.
    fn stall(&self, now: Now, sample: &Sample, forecast: &Forecast) -> Option<Now> {
        if !sample.moves() {
            return None;
        }
        let ends = self.edge().map(|edge| now + sample.rate.span((edge - sample.position_at(now)).or_zero()));
        // Until then there may be more.
        let ends = ends.filter(|ends| *ends - now <= SOON);
        forecast.stall.into_iter().chain(ends).min()
    }

    fn activity(&self, now: Now) -> Activity {
        let Some((sample, _)) = &self.player else { return Activity::Elsewhere };
        let is_to_play = matches!(self.wanted(now).1, Goal::Run(_));
        let is_at_edge = matches!(self.goal(now).1, Goal::Stand(_));
        if self.content.is_none() || self.other_content.is_some() {
            Activity::Elsewhere
        } else if !self.follows {
            Activity::Apart
        } else if self.is_blocked {
            Activity::Blocked
        } else if is_to_play && (is_at_edge || (!sample.paused && (sample.waiting || sample.seeking))) {
            Activity::Buffering
        } else if sample.moves() {
            Activity::Playing
        } else {
            Activity::Holding
        }
    }
}

/// Whether somebody waits for what has changed.
fn is_news(told: &Report, new: &Report) -> bool {
    let is_ready = |report: &Report| report.ready.is_some_and(|ready| ready <= report.at);
    let stalls_soon = |report: &Report| report.stall.is_some_and(|stall| stall - report.at <= SOON);
    told.stamp != new.stamp
        || told.activity != new.activity
        || told.reach != new.reach
        || is_ready(told) != is_ready(new)
        || stalls_soon(told) != stalls_soon(new)
}
