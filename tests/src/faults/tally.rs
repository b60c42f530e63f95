//! What came of many scenarios of random damage, as a table.

use std::collections::BTreeMap;

use super::{Spot, Verdict, Wound};

/// How often each kind of damage struck each part of a fragment, and below it what was seen.
#[must_use]
pub fn tally(verdicts: &[Verdict]) -> String {
    let tolls = || verdicts.iter().map(|verdict| &verdict.toll);
    let mut counts: BTreeMap<(Wound, Spot), usize> = BTreeMap::new();
    for struck in tolls().flat_map(|toll| &toll.struck) {
        *counts.entry((struck.wound, struck.spot)).or_default() += 1;
    }
    let spots = Spot::ALL.map(Spot::name).join(" | ");
    let mut text = format!("| | {spots} |\n| --- |{}\n", " ---: |".repeat(Spot::ALL.len()));
    for wound in Wound::ALL {
        let count = |spot| counts.get(&(wound, spot)).copied().unwrap_or(0).to_string();
        text += &format!("| {} | {} |\n", wound.name(), Spot::ALL.map(count).join(" | "));
    }
    let struck: usize = tolls().map(|toll| toll.struck.len()).sum();
    let sum = |of: fn(&super::Toll) -> usize| tolls().map(of).sum::<usize>();
    text + &format!(
        "\n{struck} fragments came damaged in {} viewings, {} were found out by their digests, {} decoders failed. Of {} pictures, {} of damaged bytes were shown before that, \
         and {} after it, which the decoder had by then.\n",
        verdicts.len(),
        sum(|toll| toll.found),
        sum(|toll| toll.reopened),
        sum(|toll| toll.seen),
        sum(|toll| toll.early),
        sum(|toll| toll.decoded),
    )
}
