//! Which numbers are taken from others. A member's numbers reach all the others, and JavaScript holds whole numbers up to 2^53 exactly:
//! one beyond could be read by nobody. Nothing that is reckoned on from numbers within these bounds comes near that.

use manifest::MediaTime;

use crate::message::{Known, Report};
use crate::state::Stamp;
use crate::{RoomTime, Span};

/// The largest epoch or revision that is taken: JavaScript still holds exactly the one that follows it.
const EXACT: u64 = (1 << 53) - 2;
/// Seconds in a year: no film is longer, and no wait.
const YEAR_SECONDS: i64 = 365 * 86_400;
/// The last place in a film that is taken.
const YEAR: MediaTime = MediaTime::from_millis(YEAR_SECONDS * 1_000);

/// Whether it is a place of a film.
pub(crate) fn is_place(place: MediaTime) -> bool {
    (MediaTime::ZERO..=YEAR).contains(&place)
}

/// Whether others can be told of it at `now`.
pub(crate) fn is_report(report: &Report, now: RoomTime) -> bool {
    let is_near = |at: RoomTime| is_span(at - now);
    is_stamp(report.stamp)
        && is_place(report.position)
        && is_place(report.buffered)
        && is_near(report.at)
        && report.ready.is_none_or(is_near)
        && report.stall.is_none_or(is_near)
        && report.drift.is_none_or(is_span)
        && is_span(report.delay)
        && report.reach.is_none_or(is_place)
}

/// Whether a room can go on from it. Epochs are moments, in milliseconds: no room was made long after this one.
pub(crate) fn is_memory(known: &Known, epoch: u64) -> bool {
    let latest = epoch.saturating_add(YEAR_SECONDS.unsigned_abs() * 1_000);
    is_stamp(known.state.stamp) && known.state.stamp.epoch <= latest && is_place(known.position)
}

fn is_stamp(stamp: Stamp) -> bool {
    stamp.epoch <= EXACT && stamp.rev <= EXACT
}

/// Whether it is a length of time that anything here lasts.
pub(crate) fn is_span(span: Span) -> bool {
    span.abs() <= Span::from_secs(YEAR_SECONDS)
}
