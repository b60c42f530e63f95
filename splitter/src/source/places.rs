//! Whether the places of samples can all be right.

use std::ops::Range;

use super::SourceTrack;

/// Whether two stretches of samples lie partly in each other, which is where a wrong table shows. The same stretch twice is
/// fine: some writers keep equal media once.
pub(super) fn overlap(tracks: &[SourceTrack]) -> Option<Range<u64>> {
    let mut stretches: Vec<_> = tracks.iter().flat_map(|track| track.table.stretches()).collect();
    stretches.retain(|stretch| !stretch.is_empty());
    stretches.sort_unstable_by_key(|stretch| (stretch.start, stretch.end));
    stretches.dedup();
    stretches
        .windows(2)
        .find(|pair| pair[1].start < pair[0].end)
        .map(|pair| pair[1].start..pair[0].end.min(pair[1].end))
}
