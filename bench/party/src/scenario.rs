//! What is measured, and what must come out.

use std::time::Duration;

use player_bench::{LOOPBACK, Link, UNSTEADY};

use crate::window::Kind;
use Kind::{Chromium, Firefox, WebKit};

/// What the viewers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// They watch.
    Watch,
    /// Somebody joins a room that plays, and leaves, over and over.
    Join,
    /// One loses its network for that long, over and over.
    Lose(Duration),
    /// By turns they seek, and pause and play.
    Command,
    /// They watch, and what a screen that both are on shows is looked at.
    Look,
    /// One has a link that does not carry the film, and then its browser dies.
    Starve,
    /// They watch a film of several renditions, and one has a link that does not carry the highest; then that one watches alone.
    Ladder,
}

/// A part of the benchmark.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// For the command line and the results.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    pub(crate) windows: &'static [Kind],
    pub(crate) link: &'static Link,
    /// How long it takes, unless told otherwise, without the start.
    pub minutes: f64,
    pub(crate) act: Act,
    pub(crate) goals: &'static [Goal],
}

/// A bound of a measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    pub(crate) measure: &'static str,
    pub(crate) bound: Bound,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Bound {
    pub(crate) fn holds(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }
}

pub(crate) const P50: &str = "drift p50, ms";
pub(crate) const P95: &str = "drift p95, ms";
pub(crate) const P99: &str = "drift p99, ms";
pub(crate) const WORST: &str = "drift at worst, ms";
pub(crate) const FRAMES: &str = "frames a second, the least of any";
pub(crate) const CALM: &str = "time with a rate within 1 %, %";
pub(crate) const SEEKS: &str = "corrective seeks";
pub(crate) const CHANGES: &str = "changes of rate, a viewer and minute";
pub(crate) const JOINED: &str = "in the 40 ms band after, s, p95";
pub(crate) const CAME_BACK: &str = "in the 40 ms band after the network is back, s, p95";
pub(crate) const CONNECTED: &str = "connected after the network is back, s, p95";
pub(crate) const SEEK_START: &str = "first frames after a seek, p95, ms";
pub(crate) const PLAY_START: &str = "first frames after play, p95, ms";
pub(crate) const STOOD: &str = "the others stood, s";
pub(crate) const P95_STARVED: &str = "drift of the others while one starves, p95, ms";
pub(crate) const P95_KILLED: &str = "drift of the others once it is dead, p95, ms";
pub(crate) const ALONE: &str = "one rendition: the one behind the slow link stands alone, s";
pub(crate) const STOOD_OF_ALONE: &str = "the others stood, of what the one stands alone, %";
pub(crate) const FRAMES_APART: &str = "frames apart on the screen, p95";
pub(crate) const PLAYS_ON: &str = "of the others, play to the end";

const fn most(measure: &'static str, most: f64) -> Goal {
    Goal { measure, bound: Bound::AtMost(most) }
}

const fn least(measure: &'static str, least: f64) -> Goal {
    Goal { measure, bound: Bound::AtLeast(least) }
}

const WATCH: Scenario = Scenario {
    name: "steady",
    title: "Four Chromium, nothing in the way",
    windows: &[Chromium; 4],
    link: &LOOPBACK,
    minutes: 10.0,
    act: Act::Watch,
    goals: &[most(P95, 20.0), most(P99, 40.0)],
};

/// All of them.
pub const SCENARIOS: &[Scenario] = &[
    WATCH,
    Scenario {
        name: "steady-two",
        title: "Two Chromium, nothing in the way",
        windows: &[Chromium; 2],
        minutes: 5.0,
        ..WATCH
    },
    Scenario {
        name: "unsteady",
        title: "Four Chromium, 0 to 50 ms of jitter each way, 1 % of packets lost",
        link: &UNSTEADY,
        minutes: 5.0,
        goals: &[most(P95, 40.0)],
        ..WATCH
    },
    Scenario {
        name: "unsteady-two",
        title: "Two Chromium, 0 to 50 ms of jitter each way, 1 % of packets lost",
        windows: &[Chromium; 2],
        link: &UNSTEADY,
        minutes: 3.0,
        goals: &[most(P95, 40.0)],
        ..WATCH
    },
    Scenario {
        name: "browsers",
        title: "Chromium with Firefox",
        windows: &[Chromium, Firefox],
        minutes: 5.0,
        goals: &[most(P95, 40.0)],
        ..WATCH
    },
    Scenario {
        name: "browsers-webkit",
        title: "Chromium with WebKitGTK",
        windows: &[Chromium, WebKit],
        minutes: 5.0,
        goals: &[most(P95, 40.0)],
        ..WATCH
    },
    Scenario {
        name: "browsers-unsteady",
        title: "Chromium with Firefox, 0 to 50 ms of jitter each way, 1 % of packets lost",
        windows: &[Chromium, Firefox],
        link: &UNSTEADY,
        minutes: 3.0,
        goals: &[most(P95, 40.0)],
        ..WATCH
    },
    Scenario {
        name: "browsers-webkit-unsteady",
        title: "Chromium with WebKitGTK, 0 to 50 ms of jitter each way, 1 % of packets lost",
        windows: &[Chromium, WebKit],
        link: &UNSTEADY,
        minutes: 3.0,
        goals: &[most(P95, 40.0)],
        ..WATCH
    },
    Scenario {
        name: "join",
        title: "A fourth Chromium joins three that play, the edge warm",
        minutes: 4.0,
        act: Act::Join,
        goals: &[most(JOINED, 3.0)],
        ..WATCH
    },
    Scenario {
        name: "rejoin",
        title: "One of four Chromium is offline for 30 s",
        minutes: 5.0,
        act: Act::Lose(Duration::from_secs(30)),
        goals: &[most(CAME_BACK, 3.0)],
        ..WATCH
    },
    Scenario {
        name: "commands",
        title: "Four Chromium seek, pause and play by turns",
        minutes: 5.0,
        act: Act::Command,
        goals: &[most(SEEK_START, 50.0), most(PLAY_START, 50.0)],
        ..WATCH
    },
    Scenario {
        name: "commands-two",
        title: "Two Chromium seek, pause and play by turns",
        windows: &[Chromium; 2],
        minutes: 3.0,
        act: Act::Command,
        goals: &[most(SEEK_START, 50.0), most(PLAY_START, 50.0)],
        ..WATCH
    },
    Scenario {
        name: "screen",
        title: "Two Chromium on one screen: the numbers in their pictures",
        windows: &[Chromium; 2],
        minutes: 2.0,
        act: Act::Look,
        goals: &[most(FRAMES_APART, 1.0)],
        ..WATCH
    },
    Scenario {
        name: "comfort",
        title: "Four Chromium watch for half an hour",
        minutes: 30.0,
        goals: &[least(CALM, 95.0), most(SEEKS, 0.0)],
        ..WATCH
    },
    Scenario {
        name: "starve",
        title: "One of four Chromium gets less than the film, and its browser dies",
        minutes: 4.0,
        act: Act::Starve,
        goals: &[most(STOOD, 10.0), most(P95_KILLED, 40.0), least(PLAYS_ON, 3.0)],
        ..WATCH
    },
    Scenario {
        name: "ladder",
        title: "One of five Chromium is behind a slow link, four renditions",
        windows: &[Chromium; 5],
        minutes: 4.0,
        act: Act::Ladder,
        goals: &[most(STOOD_OF_ALONE, 10.0)],
        ..WATCH
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_has_a_name_of_its_own() {
        for (at, one) in SCENARIOS.iter().enumerate() {
            assert!(SCENARIOS[..at].iter().all(|other| other.name != one.name), "{}", one.name);
        }
    }

    #[test]
    fn each_browser_is_measured_over_loopback_and_over_an_unsteady_link() {
        for kind in [Chromium, Firefox, WebKit] {
            for link in [&LOOPBACK, &UNSTEADY] {
                let is_meant =
                    |one: &&Scenario| one.link == link && one.act == Act::Watch && one.windows.contains(&kind);
                let measured: Vec<&Scenario> = SCENARIOS.iter().filter(is_meant).collect();
                let is_bounded = measured.iter().any(|one| one.goals.iter().any(|goal| goal.measure == P95));
                assert!(is_bounded, "{kind:?}, {}", link.name);
            }
        }
    }
}
