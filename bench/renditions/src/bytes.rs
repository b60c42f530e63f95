//! What was fetched in vain: bytes of groups that another rung, or nothing, was shown of.

use player_bench::Fetched;

use crate::film::{Group, Rung};

/// Bytes of pictures that have come, and those of them that are thrown away. `shown` is the rung of each group; of one that has not
/// been shown yet, the rung of which most has come is the one that will be.
pub(crate) fn thrown_away(fetched: &[Fetched], rungs: &[Rung], shown: &[Option<usize>]) -> (u64, u64) {
    let (mut received, mut used) = (0, 0);
    for (at, shown) in shown.iter().enumerate() {
        let of_rung = |rung: &Rung| rung.groups.get(at).map_or((0, 0), |group| (came(fetched, group), group.bytes));
        let came: Vec<(u64, u64)> = rungs.iter().map(of_rung).collect();
        received += came.iter().map(|(came, _)| came).sum::<u64>();
        let best = shown.and_then(|rung| came.get(rung)).or_else(|| came.iter().max_by_key(|(came, _)| came));
        used += best.map_or(0, |(came, whole)| *came.min(whole));
    }
    (received, received - used)
}

/// Bytes of a group that have come, those that came again among them.
fn came(fetched: &[Fetched], group: &Group) -> u64 {
    let (first, end) = (group.from, group.from + group.bytes);
    let part = |one: &Fetched| (one.from + one.bytes).min(end).saturating_sub(one.from.max(first));
    fetched.iter().filter(|one| one.url.ends_with(&group.url)).map(part).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_rung_was_shown_of_is_thrown_away() {
        let group = |url: &str, from, bytes| Group { url: url.to_owned(), from, bytes, ..Group::default() };
        let low = Rung { groups: vec![group("low.mp4", 10, 100), group("low.mp4", 110, 100)], ..Rung::default() };
        let high =
            Rung { groups: vec![group("high.mp4", 10, 1_000), group("high.mp4", 1_010, 1_000)], ..Rung::default() };
        let fetched = |url: &str, from, bytes| Fetched { url: format!("http://host/{url}"), from, bytes };
        let all = [fetched("high.mp4", 0, 310), fetched("low.mp4", 10, 200), fetched("high.mp4", 1_010, 50)];
        assert_eq!(thrown_away(&all, &[low.clone(), high.clone()], &[Some(0), Some(0)]), (550, 350));
        assert_eq!(thrown_away(&all, &[low.clone(), high.clone()], &[Some(1), None]), (550, 150));
        let again = [fetched("low.mp4", 10, 100), fetched("low.mp4", 10, 60)];
        assert_eq!(thrown_away(&again, &[low, high], &[Some(0), None]), (160, 60));
    }
}
