//! One switching set while it is played: what is known of its groups, what the link has carried, what the viewer may see, and the
//! choices that come of that.
//!
//! Whoever plays tells of each read and each answer, and asks [`Ladder::choose`] for the rung of every group and [`Ladder::doubt`]
//! while one is under way. Times are spans from any fixed moment: of the film in the film's, of the link in the caller's clock.

use std::time::Duration;

use crate::give_up::buffer_for;
use crate::reason::{Choice, Why};
use crate::throughput::{Source, Throughput};
use crate::{Ahead, Chooser, Forecast, Group, HORIZON, Limits, Rung, RungId, UnderWay};

/// Bytes after which a decoder shows its first picture, unless there are fewer up to it.
const PICTURE: u64 = 64 << 10;

/// One of the groups of a film.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When it starts, from the film's beginning.
    pub start: Duration,
    /// How long it plays.
    pub length: Duration,
    /// Bytes in each rung, from the lowest.
    pub bytes: Vec<u64>,
}

/// What is to be chosen for, as whoever plays sees it.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The rung that the group before came from, or the one under way does.
    pub rung: RungId,
    /// Where the group starts.
    pub start: Duration,
    /// Where the playhead is. All that lies between lies ready; where the group holds it, nothing does.
    pub playhead: Duration,
    /// How far ahead of the playhead is fetched.
    pub goal: Duration,
    /// The same in bytes: the most that the browser is thought to take.
    pub goal_bytes: u64,
    /// How often faster than at its normal rate the film plays.
    pub rate: f64,
}

/// The rungs of a film, and what is known that speaks for one or another.
#[derive(Clone, Debug)]
pub struct Ladder {
    film: Known,
    default: RungId,
    chooser: Chooser,
    throughput: Throughput,
    /// Reads under way, and up to when the time has been counted in which there was one.
    reading: u32,
    counted: Duration,
    /// What the viewer, the page and the device set.
    pub limits: Limits,
    /// The rung that is wanted whatever the link carries.
    pub wanted: Option<RungId>,
}

/// What is known of the film.
#[derive(Clone, Debug)]
struct Known {
    rungs: Vec<Rung>,
    groups: Vec<Entry>,
    /// The same with the sound that comes beside them: playing on takes both.
    with_sound: Vec<Entry>,
}

impl Ladder {
    /// Of `rungs` from the lowest to the highest, with the film's groups in order; `sound` are the bits in a second of what has to come
    /// beside them, `default` is the rung to begin with where nothing is known.
    #[must_use]
    pub fn new(rungs: Vec<Rung>, groups: Vec<Entry>, sound: u64, default: RungId) -> Self {
        let with_sound = groups.iter().map(|group| {
            let beside = bytes_in(group.length, sound);
            Entry { bytes: group.bytes.iter().map(|bytes| bytes.saturating_add(beside)).collect(), ..*group }
        });
        Self {
            default,
            chooser: Chooser::new(),
            throughput: Throughput::new(rungs.first().map_or(0, |rung| rung.bits_per_second)),
            reading: 0,
            counted: Duration::ZERO,
            limits: Limits::default(),
            wanted: None,
            film: Known { rungs, with_sound: with_sound.collect(), groups },
        }
    }

    /// Says whether the device decodes a rung in time.
    pub fn set_smooth(&mut self, rung: RungId, is_smooth: bool) {
        if let Some(rung) = self.film.rungs.get_mut(rung.0) {
            rung.is_smooth = is_smooth;
        }
    }

    /// What is to be expected of the link; `None` while nothing has come.
    #[must_use]
    pub fn forecast(&self) -> Option<Forecast> {
        self.throughput.forecast()
    }

    /// An answer's first byte came this long `after` its request.
    pub fn answered(&mut self, source: Source, after: Duration) {
        self.throughput.answered(source, after);
    }

    /// Bytes are awaited from `now` on.
    pub fn begin_read(&mut self, now: Duration) {
        if self.reading == 0 {
            self.counted = now;
        }
        self.reading += 1;
    }

    /// They have come, or some of them; none where an answer has ended or been given up. A read that never began ends nothing.
    pub fn end_read(&mut self, now: Duration, source: Source, bytes: u64) {
        if self.reading > 0 {
            self.throughput.received(source, bytes, now.saturating_sub(self.counted));
            (self.counted, self.reading) = (now, self.reading - 1);
        }
    }

    /// An answer is over, whole or given up.
    pub fn completed(&mut self) {
        self.throughput.completed();
    }

    /// The rung to fetch a group from that has not been asked for.
    pub fn choose(&mut self, place: &Place) -> Choice {
        let groups = self.film.coming(&self.film.groups, place);
        let ahead = Ahead { rungs: &self.film.rungs, groups: &groups };
        if let Some(rung) = self.wanted {
            self.chooser.take(&ahead, rung);
            return Choice { rung, why: Why::Wanted, next: None };
        }
        let limits = Limits { quota: Some(place.goal_bytes), ..self.limits };
        let link = self.throughput.forecast();
        if place.start <= place.playhead {
            let first = self.film.first_bytes(place);
            return self.chooser.start(&ahead, &first, link.as_ref(), &limits, self.default);
        }
        self.chooser.go_on_from(place.rung);
        let capacity = at_rate(place.goal.min(self.film.length_of(place.rung, place.goal_bytes)), place.rate);
        let groups = self.film.coming(&self.film.with_sound, place);
        let ahead = Ahead { groups: &groups, ..ahead };
        self.chooser.choose(&ahead, link.as_ref(), &limits, place.ready(), capacity)
    }

    /// The rung to fetch a group from in place of what is under way of it, with `left` bytes still to come at `now`; `None` where
    /// that is best waited for.
    pub fn doubt(&mut self, now: Duration, place: &Place, left: u64) -> Option<Choice> {
        if self.wanted.is_some() {
            return None;
        }
        let known = self.throughput.forecast()?;
        // Silence is news, too, before it is over.
        let mut throughput = self.throughput.clone();
        if self.reading > 0 {
            throughput.received(Source::Unknown, 0, now.saturating_sub(self.counted));
        }
        let link = throughput.forecast().unwrap_or(known);
        let groups = self.film.coming(&self.film.groups, place);
        let ahead = Ahead { rungs: &self.film.rungs, groups: &groups };
        // Where nothing lies ready the group is played while it comes.
        let plays = groups.first().filter(|_| place.start <= place.playhead).map(|group| buffer_for(group.length));
        let ready = plays.unwrap_or(place.ready());
        self.chooser.give_up(&ahead, &link, UnderWay { rung: place.rung, left }, ready)
    }
}

impl Place {
    /// How long what lies ready plays, on the viewer's clock.
    fn ready(&self) -> Duration {
        at_rate(self.start.saturating_sub(self.playhead), self.rate)
    }
}

impl Known {
    /// The group that holds a time, or the first or the last.
    fn group_at(&self, time: Duration) -> usize {
        self.groups.partition_point(|group| group.start <= time).saturating_sub(1)
    }

    /// The groups from a place on, as long as they play there.
    fn coming<'a>(&self, groups: &'a [Entry], place: &Place) -> Vec<Group<'a>> {
        let coming = groups.iter().skip(self.group_at(place.start)).take(HORIZON);
        coming.map(|group| Group { length: at_rate(group.length, place.rate), bytes: &group.bytes }).collect()
    }

    /// Bytes up to the picture at the playhead, in each rung.
    fn first_bytes(&self, place: &Place) -> Vec<u64> {
        let Some(group) = self.groups.get(self.group_at(place.start)) else { return Vec::new() };
        let passed = place.playhead.saturating_sub(group.start).min(group.length);
        let before = |bytes: u64| u128::from(bytes) * passed.as_micros() / group.length.as_micros().max(1);
        let bytes = group.bytes.iter().map(|bytes| (before(*bytes) as u64).saturating_add(PICTURE).min(*bytes));
        bytes.collect()
    }

    /// Length of the film that these bytes of a rung hold, on average.
    fn length_of(&self, rung: RungId, bytes: u64) -> Duration {
        let rate = self.rungs.get(rung.0).map_or(1, |rung| rung.bits_per_second.max(1));
        let micros = u128::from(bytes) * 8_000_000 / u128::from(rate);
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

/// Bytes that come within a time at `rate` bits in a second.
fn bytes_in(time: Duration, rate: u64) -> u64 {
    u64::try_from(time.as_micros() * u128::from(rate) / 8_000_000).unwrap_or(u64::MAX)
}

/// How long `film` plays, on the viewer's clock; rates below a hundredth count as that.
fn at_rate(film: Duration, rate: f64) -> Duration {
    Duration::from_micros((film.as_micros() as f64 / rate.max(0.01)) as u64)
}

#[cfg(test)]
mod tests;
