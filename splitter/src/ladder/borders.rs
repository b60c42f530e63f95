//! The times at which every rung has a sync sample.

use super::no_rung::NoRung;
use crate::plan::FRAGMENTS_IN_FREE_GROUP;
use crate::track::Track;

/// The longest time without a shared sync sample for which no rung is refused, in seconds. A player that goes down plays as much of the
/// higher rung before it gains anything.
const LONG: f64 = 6.0;

/// When the groups of each track begin, in its own ticks: at sync samples that all have at the same time, none less than
/// half a fragment behind the one before. The first track is the film's own.
///
/// # Errors
/// Which track has too few in common with those before it.
pub(super) fn shared(tracks: &[&Track], fragment_seconds: f64) -> Result<Vec<Vec<i64>>, (usize, NoRung)> {
    let scale = |track: &Track| i128::from(track.timing.timescale);
    let film = tracks[0];
    let own = sync_times(film);
    let mut shared = own.clone();
    for (at, track) in tracks.iter().enumerate().skip(1) {
        let times = sync_times(track);
        // Both ascend: each time is looked for from where the one before was found.
        let mut rest = times.iter().peekable();
        shared.retain(|&time| {
            let wanted = i128::from(time) * scale(track);
            while rest.next_if(|&&other| i128::from(other) * scale(film) < wanted).is_some() {}
            rest.peek().is_some_and(|&&other| i128::from(other) * scale(film) == wanted)
        });
        let longest = longest(film, &shared);
        // Where the film itself has few keyframes, a rung needs no more.
        if shared.first() != own.first() || longest > LONG.max(2.0 * self::longest(film, &own)) {
            let (seconds, command) = (longest, String::new());
            return Err((at, NoRung::Keyframes { shared: shared.len(), of: own.len(), seconds, command }));
        }
    }
    // As the groups of sound that has no rungs.
    let fragments = if film.table.is_all_sync() { FRAGMENTS_IN_FREE_GROUP as f64 } else { 0.5 };
    let shortest = (fragment_seconds * fragments * f64::from(film.timing.timescale)).max(1.0) as i64;
    let most = if film.table.is_all_sync() { film.end() - shortest / 2 } else { i64::MAX };
    let mut last = None;
    shared.retain(|&time| {
        let is_far = last.is_none_or(|last| time >= last + shortest && time <= most);
        last = if is_far { Some(time) } else { last };
        is_far
    });
    // Exact, because each is a time of that track.
    let in_ticks = |track: &&Track| {
        let own = |&time: &i64| i64::try_from(i128::from(time) * scale(track) / scale(film)).unwrap_or(i64::MAX);
        shared.iter().map(own).collect()
    };
    Ok(tracks.iter().map(in_ticks).collect())
}

/// When the sync samples of a track are presented, in its ticks, ascending.
pub(super) fn sync_times(track: &Track) -> Vec<i64> {
    let syncs = track.presented().filter(|(_, sample)| sample.is_sync);
    let mut times: Vec<_> = syncs.map(|(time, _)| time).collect();
    times.sort_unstable();
    times
}

/// The longest time from one to the next, or to the end of the track, in seconds.
fn longest(track: &Track, times: &[i64]) -> f64 {
    let ends = times.iter().skip(1).copied().chain([track.end()]);
    let longest = times.iter().zip(ends).map(|(begin, end)| end.saturating_sub(*begin)).max();
    longest.map_or(f64::INFINITY, |ticks| track.timing.seconds(ticks))
}
