//! One film, many viewers: each a whole engine in a world of its own, all behind one edge.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;
use std::time::Duration;

use playback::{SeekOrigin, StallCause};
use virtual_world::{Ask, Cut, Link, Setup, Truth, World};

use crate::edge::{Edge, Plan, Traffic};

/// Who watches what, for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Party {
    pub(crate) viewers: usize,
    /// Everybody presses play within that time.
    pub(crate) arrival: Duration,
    /// How long each watches.
    pub(crate) watching: Duration,
    /// Number of viewers of which one goes elsewhere in the film half-way through.
    pub(crate) seekers: usize,
    pub(crate) seed: u64,
}

/// How a film is cut, and what it is served by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// The most bytes in a chunk.
    pub(crate) chunk: u64,
    pub(crate) plan: Plan,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Sorted.
    pub(crate) startups: Vec<Duration>,
    /// Of each viewer, sorted: how long playback stood still.
    pub(crate) stalls: Vec<Duration>,
    pub(crate) stalled: usize,
    pub(crate) traffic: Traffic,
    /// All viewers together.
    pub(crate) watched: Duration,
}

/// Length of the film in seconds.
pub(crate) const LENGTH: i64 = 1_200;

/// Bytes in a second of its pictures.
pub(crate) const RATE: u64 = 625_000;

/// The film in chunks of at most `chunk` bytes, or of one group each.
pub(crate) fn film(chunk: u64) -> Truth {
    let groups = |rate: u64| usize::try_from(chunk / (rate * 2)).unwrap_or(usize::MAX).max(1);
    let video = Cut { rate: RATE, variance: 1.5, groups_per_chunk: groups(RATE * 3 / 2), ..Cut::video(LENGTH) };
    let audio = Cut { groups_per_chunk: groups(16_000 * 11 / 10), ..Cut::audio(LENGTH) };
    Truth::indexed(&[video, audio])
}

struct Viewer {
    world: World,
    begun: Duration,
    seeks: Option<i64>,
}

/// Plays one scenario.
pub(crate) fn play(party: &Party, scenario: &Scenario) -> Outcome {
    let truth = Rc::new(film(scenario.chunk));
    let edge = Rc::new(RefCell::new(Edge::new(scenario.plan)));
    let mut dice = fastrand::Rng::with_seed(party.seed);
    let mut arrivals: Vec<_> = (0..party.viewers).map(|_| party.arrival.mul_f64(dice.f64())).collect();
    arrivals.sort();

    let next = |viewer: &Viewer| Some(viewer.begun + viewer.world.next_moment()?);
    let mut queue: BinaryHeap<_> = arrivals.into_iter().enumerate().map(|(at, begun)| Reverse((begun, at))).collect();
    let mut viewers: Vec<Viewer> = Vec::new();
    while let Some(Reverse((now, at))) = queue.pop() {
        // Viewers come in order, each at its time: what they ask for first may be there already.
        if at == viewers.len() {
            viewers.push(viewer(at, now, party, scenario, &truth, &edge, &mut dice));
        }
        let viewer = &mut viewers[at];
        viewer.world.step_by(Duration::MAX);
        let now = viewer.world.now();
        if let Some(to) = viewer.seeks.take_if(|_| now * 2 > party.watching) {
            viewer.world.seek_by(SeekOrigin::Party, to);
        }
        if let Some(next) = next(viewer).filter(|next| *next < viewer.begun + party.watching) {
            queue.push(Reverse((next, at)));
        }
    }
    let traffic = edge.borrow().traffic;
    summarise(party, &viewers, traffic)
}

fn viewer(
    at: usize,
    begun: Duration,
    party: &Party,
    scenario: &Scenario,
    truth: &Rc<Truth>,
    edge: &Rc<RefCell<Edge>>,
    dice: &mut fastrand::Rng,
) -> Viewer {
    let data_centre = at % scenario.plan.data_centres;
    // From 8 to 200 Mbit/s, half of the viewers below 40.
    let mut link = Link::mbit((8.0 * 25_f64.powf(dice.f64())) as u64);
    link.delay = Duration::from_millis(dice.u64(10..60));
    link.jitter = Duration::from_millis(10);
    let edge = edge.clone();
    let answer = move |ask: &Ask, total: u64| {
        let mut answer = edge.borrow_mut().answer(data_centre, begun + ask.at, ask, total);
        // The viewer's world counts from when it begins.
        answer.filling = answer.filling.map(|filling| since_beginning(filling, begun));
        answer
    };
    let (tables, seed) = (answer.clone(), dice.u64(..));
    let mut setup = Setup::new(truth.clone()).link(link).origin(answer).tables(tables);
    setup.seed = seed;
    setup.options.seed = seed;
    let seeks = (dice.usize(..party.seekers.max(1)) == 0).then(|| dice.i64(0..LENGTH * 1_000));
    Viewer { world: setup.play(), begun, seeks }
}

/// The same filling on the clock of a world that began at `begun`. Of what came before that, enough counts as there.
fn since_beginning(filling: virtual_world::Filling, begun: Duration) -> virtual_world::Filling {
    match filling.since.checked_sub(begun) {
        Some(since) => virtual_world::Filling { since, ..filling },
        None => {
            let come = (begun - filling.since).as_secs_f64() * filling.rate;
            virtual_world::Filling { since: Duration::ZERO, from: filling.from + come as u64, ..filling }
        }
    }
}

fn summarise(party: &Party, viewers: &[Viewer], traffic: Traffic) -> Outcome {
    let statistics = |viewer: &Viewer| viewer.world.player.statistics().clone();
    let mut startups: Vec<_> = viewers.iter().filter_map(|viewer| statistics(viewer).start.frame).collect();
    let stalled_for = |viewer: &Viewer| -> (u64, Duration) {
        let stalls = statistics(viewer).stalls;
        let network = stalls.iter().filter(|(cause, _)| *cause == StallCause::Network).map(|(_, stalls)| stalls);
        network.fold((0, Duration::ZERO), |(count, time), stalls| (count + stalls.count, time + stalls.time))
    };
    let all: Vec<_> = viewers.iter().map(stalled_for).collect();
    let mut stalls: Vec<_> = all.iter().map(|(_, time)| *time).collect();
    startups.sort();
    stalls.sort();
    let stalled = all.iter().filter(|(count, _)| *count > 0).count();
    let watched = party.watching * u32::try_from(party.viewers).unwrap_or(u32::MAX);
    Outcome { startups, stalls, stalled, traffic, watched }
}
