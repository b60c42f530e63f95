//! Rungs of sound that begin before the film's own.

use isobmff::SampleTable;

use crate::source::SourceTrack;
use crate::timing::Timing;
use crate::track::Track;

/// Leaves out what stands in front of the film's own first sample.
pub(super) fn trim(rung: &mut SourceTrack, timing: &mut Timing, film: &Track) {
    let first = film.presented().next().map_or(0, |(time, _)| time);
    let mut table = SampleTable::default();
    table.set_description(rung.table.description());
    let mut decode_time = timing.decode_start;
    for sample in rung.table.iter() {
        let presentation = i128::from(timing.presentation(decode_time, &sample));
        decode_time = decode_time.saturating_add(u64::from(sample.duration));
        if presentation * i128::from(film.timing.timescale) >= i128::from(first) * i128::from(timing.timescale) {
            table.push(sample).expect("no more samples than before");
        } else {
            timing.decode_start = decode_time;
        }
    }
    rung.table = table;
}
