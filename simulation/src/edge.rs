//! An edge network of caches between many viewers and one origin.
//!
//! A data centre that lacks bytes asks the upper tier, where there is one, and that asks the origin. Who asks for what is on
//! its way already is served from the same fill (request collapsing).

use std::collections::HashMap;
use std::time::Duration;

use playback::Object;
use virtual_world::{Answer, Ask, Filling};

/// What a cache asks for when it lacks something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// The whole object, from its first byte on, whatever was asked for.
    Whole,
    /// Slices of 1 MiB that hold the range asked for.
    Slices,
}

/// How the network is built.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) data_centres: usize,
    /// Upper tiers, shared by the data centres; 0 is none.
    pub(crate) upper_tiers: usize,
    pub(crate) fill: Fill,
    /// From a cache to the next one up, and to the origin: there and back.
    pub(crate) hop: Duration,
    /// Bytes in a second of one fill.
    pub(crate) fill_rate: f64,
}

/// What happened in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    /// Requests of viewers.
    pub(crate) requests: u64,
    /// Of those, served from bytes that were there when they were asked for.
    pub(crate) hits: u64,
    /// Of those, served from a fill that another had begun.
    pub(crate) collapsed: u64,
    pub(crate) origin_requests: u64,
    pub(crate) origin_bytes: u64,
}

const SLICE: u64 = 1 << 20;

/// An object, and the number of a slice of it; 0 for the whole.
type Key = (Object, u64);

/// When the bytes of each key come, or came.
type Cache = HashMap<Key, Filling>;

/// A range of one object.
#[derive(Clone, Copy, Debug)]
struct Range {
    object: Object,
    start: u64,
    end: u64,
}

#[derive(Debug)]
pub(crate) struct Edge {
    plan: Plan,
    data_centres: Vec<Cache>,
    upper: Vec<Cache>,
    pub(crate) traffic: Traffic,
}

impl Edge {
    pub(crate) fn new(plan: Plan) -> Self {
        let caches = |count: usize| (0..count).map(|_| Cache::new()).collect();
        let (data_centres, upper) = (caches(plan.data_centres), caches(plan.upper_tiers));
        Self { plan, data_centres, upper, traffic: Traffic::default() }
    }

    /// Answers a viewer of that data centre, at that time of the network's clock.
    pub(crate) fn answer(&mut self, data_centre: usize, now: Duration, ask: &Ask, total: u64) -> Answer {
        let range = Range { object: ask.object, start: ask.start, end: ask.end.unwrap_or(total) };
        self.traffic.requests += 1;
        let missing = self.missing(&self.data_centres[data_centre], &range);
        let is_filled = |key: &Key| {
            let filling = &self.data_centres[data_centre][key];
            now >= filling.since + Duration::from_secs_f64((self.end(key, total) - filling.from) as f64 / filling.rate)
        };
        if missing.is_empty() {
            let is_hit = self.keys(&range).all(|key| is_filled(&key));
            self.traffic.hits += u64::from(is_hit);
            self.traffic.collapsed += u64::from(!is_hit);
        } else {
            self.fill(data_centre, now, &missing, total);
        }
        let first = self.keys(&range).next().map(|key| self.data_centres[data_centre][&key]);
        let filling = first.filter(|filling| now < filling.since || self.is_under_way(filling, now, &range));
        let wait = filling.map_or(Duration::ZERO, |filling| filling.since.saturating_sub(now));
        Answer { delay: wait, filling, ..Answer::good(ask, total) }
    }

    fn is_under_way(&self, filling: &Filling, now: Duration, range: &Range) -> bool {
        let come = (now.saturating_sub(filling.since)).as_secs_f64() * filling.rate;
        filling.from as f64 + come < range.end as f64
    }

    fn keys(&self, range: &Range) -> impl Iterator<Item = Key> + use<> {
        let slices = match self.plan.fill {
            Fill::Whole => 0..1,
            Fill::Slices => range.start / SLICE..range.end.div_ceil(SLICE),
        };
        let object = range.object;
        slices.map(move |slice| (object, slice))
    }

    fn end(&self, key: &Key, total: u64) -> u64 {
        match self.plan.fill {
            Fill::Whole => total,
            Fill::Slices => ((key.1 + 1) * SLICE).min(total),
        }
    }

    fn missing(&self, cache: &Cache, range: &Range) -> Vec<Key> {
        self.keys(range).filter(|key| !cache.contains_key(key)).collect()
    }

    /// Begins to fill a data centre with what it lacks, one key behind the other.
    fn fill(&mut self, data_centre: usize, now: Duration, missing: &[Key], total: u64) {
        let (hop, rate) = (self.plan.hop, self.plan.fill_rate);
        let upper = (!self.upper.is_empty()).then(|| data_centre % self.upper.len());
        let lacking: Vec<Key> = match upper {
            Some(upper) => missing.iter().filter(|key| !self.upper[upper].contains_key(key)).copied().collect(),
            None => missing.to_vec(),
        };
        self.traffic.origin_requests += u64::from(!lacking.is_empty());
        let mut at = now + if upper.is_some() { hop * 2 } else { hop };
        for key in &lacking {
            let from = key.1 * SLICE;
            let bytes = self.end(key, total) - from;
            self.traffic.origin_bytes += bytes;
            if let Some(upper) = upper {
                self.upper[upper].insert(*key, Filling { since: at, from, rate });
            }
            self.data_centres[data_centre].insert(*key, Filling { since: at, from, rate });
            at += Duration::from_secs_f64(bytes as f64 / rate);
        }
        // What the upper tier has, or is getting, is a hop away.
        for key in missing {
            let known = upper.and_then(|upper| self.upper[upper].get(key).copied());
            if let Some(known) = known {
                let since = known.since.max(now + hop);
                self.data_centres[data_centre].entry(*key).or_insert(Filling { since, ..known });
            }
        }
    }
}
