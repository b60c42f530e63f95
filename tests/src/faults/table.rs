//! The table of scenarios: rows of `table.json`, each at the places of the film that it names.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{fault::Fault, place::Place};
use crate::Kind;

/// Every scenario, in the table's order.
///
/// # Panics
/// If the table, which is part of this program, is none.
#[must_use]
pub fn every() -> Vec<Scenario> {
    let rows: Vec<Row> = serde_json::from_str(include_str!("table.json")).expect("the table is one");
    let at_places = rows.into_iter().flat_map(|row| {
        let places = row.places.clone().unwrap_or_else(|| Place::ALL.to_vec());
        places.into_iter().flat_map(move |place| {
            let row = row.clone();
            (0..row.seeds).map(move |seed| Scenario { row: row.clone(), place, seed })
        })
    });
    at_places.collect()
}

/// As many seeds of each row of random damage.
#[must_use]
pub(super) fn damage(seeds: u64) -> Vec<Scenario> {
    let rows: Vec<Scenario> =
        every().into_iter().filter(|scenario| scenario.has_eyes() && scenario.seed == 0).collect();
    (0..seeds).flat_map(|seed| rows.iter().map(move |row| Scenario { seed, ..row.clone() })).collect()
}

/// A film that nothing befalls, seen by so many viewers.
pub(super) fn undisturbed(viewers: u64) -> Vec<Scenario> {
    let row = Row {
        name: "undisturbed".to_owned(),
        // Players take servers as they answer.
        fault: Fault::WithoutAcceptRanges,
        times: None,
        seconds: None,
        object: Object::Pictures,
        options: Map::new(),
        error: None,
        outlasts: false,
        forced: 0.0,
        places: None,
        ci: None,
        webkit: None,
        seeds: viewers,
    };
    (0..viewers).map(|seed| Scenario { row: row.clone(), place: Place::Start, seed }).collect()
}

/// A row at one place.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub(super) row: Row,
    /// Where its fault strikes.
    pub place: Place,
    /// Of what is random in it.
    pub(super) seed: u64,
}

impl Scenario {
    /// Such as `reset, middle`.
    #[must_use]
    pub fn name(&self) -> String {
        let number = if self.row.seeds > 1 { format!(" #{}", self.seed + 1) } else { String::new() };
        format!("{}, {}{number}", self.row.name, self.place.name())
    }

    /// Whether it is among the few that are played in browsers of that kind unless all are asked for: in Chromium by CI, in WebKitGTK
    /// by `cargo xtask faults`.
    #[must_use]
    pub fn is_telling(&self, kind: Kind) -> bool {
        let place = if kind == Kind::WebKit { self.row.webkit } else { self.row.ci };
        place == Some(self.place) && self.seed == 0
    }

    /// Whether every picture is to be held against what it is without damage.
    pub(super) fn has_eyes(&self) -> bool {
        self.row.fault.is_corruption()
    }

    /// Whether its viewer seeks.
    pub(super) fn seeks(&self) -> bool {
        self.place == Place::Seek
    }

    /// Whether it changes the browser as a whole, and is to be played alone.
    pub(super) fn is_of_browser(&self) -> bool {
        self.row.fault.is_of_browser()
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) fault: Fault,
    /// How many answers it strikes: all of them, until the viewer tries again or `seconds` are over.
    pub(super) times: Option<usize>,
    /// How long it lasts from when it first strikes.
    pub(super) seconds: Option<f64>,
    #[serde(default)]
    pub(super) object: Object,
    /// Options of the player, apart from those of all scenarios.
    #[serde(default)]
    pub(super) options: Map<String, Value>,
    /// The error that is due; none where the film is to play on by itself.
    pub(super) error: Option<String>,
    /// Whether it may outlast all attempts: the seven waits between the usual eight are 12 to 24 s together, at random. Then `network` is told, and
    /// the film comes back.
    #[serde(default)]
    pub(super) outlasts: bool,
    /// For how many seconds it withholds the film at most.
    pub(super) forced: f64,
    /// All of them where it does not say.
    places: Option<Vec<Place>>,
    /// The place that CI plays, with the first of its seeds.
    ci: Option<Place>,
    /// The place that is played in WebKitGTK, which takes its time, with the first of its seeds.
    webkit: Option<Place>,
    /// How often it is played, each time with another seed.
    #[serde(default = "once")]
    seeds: u64,
}

const fn once() -> u64 {
    1
}

/// What is struck.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Object {
    #[default]
    Pictures,
    Sound,
    /// The fragment table beside a chunk of pictures.
    Table,
    Manifest,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_has_sixty_scenarios_and_more_each_once_and_some_of_each_place_are_telling() {
        let every = every();
        assert!(every.len() >= 60, "{} scenarios", every.len());
        assert_eq!(every.iter().map(Scenario::name).collect::<BTreeSet<_>>().len(), every.len());
        for (kind, counts) in [(Kind::Chromium, 20..=30), (Kind::WebKit, 20..=20)] {
            let telling: Vec<_> = every.iter().filter(|scenario| scenario.is_telling(kind)).collect();
            assert!(counts.contains(&telling.len()), "{} are played in {kind:?}", telling.len());
            for place in Place::ALL {
                assert!(telling.iter().any(|scenario| scenario.place == place), "none in {kind:?} at {place:?}");
            }
        }
    }
}
