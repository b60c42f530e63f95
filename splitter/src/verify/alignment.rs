//! Whether the groups of a switching set's rungs begin together, to the tick. That each begins where the manifest says has been
//! held against its boxes; a player compares those times as well, but only to the microsecond.

use manifest::{Document, StreamEntry};
use serde::Serialize;

use super::{Finding, Problem};

/// Streams that a player may switch between at every group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ladder {
    /// The number of the switching set.
    pub set: u32,
    /// How many streams it has.
    pub rungs: usize,
    /// How many groups each of them has.
    pub groups: usize,
}

/// Holds each rung against the one above it.
pub(super) fn check(document: &Document, findings: &mut Vec<Finding>) -> Vec<Ladder> {
    let mut ladders: Vec<Ladder> = Vec::new();
    let mut above: Option<&StreamEntry> = None;
    for (set, rung) in document.streams.iter().filter_map(|stream| Some((stream.set?, stream))) {
        match above.filter(|above| above.set == rung.set).zip(ladders.last_mut()) {
            Some((upper, ladder)) => {
                ladder.rungs += 1;
                if let Some(group) = first_difference(upper, rung) {
                    let problem = Problem::Alignment { group, other: upper.init.url.clone() };
                    findings.push(Finding::new(&rung.init.url, problem));
                }
            }
            None => ladders.push(Ladder { set, rungs: 1, groups: starts(rung).count() }),
        }
        above = Some(rung);
    }
    ladders
}

/// The first group that begins at another time, or that only one of them has.
fn first_difference(upper: &StreamEntry, rung: &StreamEntry) -> Option<usize> {
    let scale = |stream: &StreamEntry| i128::from(stream.timescale.get());
    let (mut ours, mut theirs) = (starts(rung), starts(upper));
    (0..)
        .map_while(|group| match (ours.next(), theirs.next()) {
            (None, None) => None,
            (Some(one), Some(other)) => Some((group, one * scale(upper) != other * scale(rung))),
            _ => Some((group, true)),
        })
        .find_map(|(group, differs)| differs.then_some(group))
}

/// When groups begin, in ticks.
fn starts(stream: &StreamEntry) -> impl Iterator<Item = i128> + '_ {
    stream.chunks.iter().flat_map(|chunk| {
        let ticks = chunk.groups.ticks.iter().flat_map(|&(ticks, run)| std::iter::repeat_n(ticks, run as usize));
        ticks.scan(i128::from(chunk.start), |next, ticks| {
            let start = *next;
            *next += i128::from(ticks);
            Some(start)
        })
    })
}

#[cfg(test)]
mod tests {
    use manifest::Timescale;

    use super::*;

    fn found(change: impl FnOnce(&mut StreamEntry)) -> (Vec<Ladder>, Vec<Finding>) {
        let cut = include_bytes!("../../../fuzz/corpus/manifest/cut.json");
        let mut document = Document::parse(cut).expect("a manifest");
        document.streams[0].set = Some(1);
        document.streams[0].chunks[0].groups.ticks = vec![(1_000, 2), (3_120, 1)];
        let mut rung = document.streams[0].clone();
        change(&mut rung);
        document.streams.insert(1, rung);
        let mut findings = Vec::new();
        (check(&document, &mut findings), findings)
    }

    #[test]
    fn equal_times_in_any_time_scale_are_a_ladder() {
        let (ladders, findings) = found(|_| {});
        assert_eq!((ladders, findings), (vec![Ladder { set: 1, rungs: 2, groups: 3 }], Vec::new()));
        let (_, findings) = found(|rung| {
            rung.timescale = Timescale::new(30_720).expect("not zero");
            rung.chunks[0].groups.ticks = vec![(3_000, 2), (9_361, 1)];
        });
        assert_eq!(findings, []);
    }

    #[test]
    fn a_part_of_a_microsecond_is_found() {
        let (_, findings) = found(|rung| {
            rung.timescale = Timescale::new(10_240 * 200_000).expect("not zero");
            rung.chunks[0].groups.ticks = vec![(200_000_000, 1), (200_000_001, 1), (624_000_000, 1)];
        });
        let problems: Vec<_> = findings.iter().map(|finding| &finding.problem).collect();
        assert!(matches!(problems[..], [Problem::Alignment { group: 2, .. }]), "{problems:?}");
        let (_, findings) = found(|rung| rung.chunks[0].groups.ticks.truncate(1));
        assert!(matches!(findings[0].problem, Problem::Alignment { group: 2, .. }), "{findings:?}");
    }
}
