//! The numbers behind the picture.

use std::time::Duration;

use playback::{EdgeStatus, Player};
use serde::Serialize;
use tsify::Tsify;

use crate::border::millis;
use crate::details::StallCause;
use crate::driver::Driver;

/// The numbers behind the picture, counted since the film was loaded.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub(crate) struct Stats {
    /// Bytes of chunks that have come from the network; the same as `mediaBytes`.
    received_bytes: u64,
    /// Bytes that have been received and not yet both appended and checked.
    held_bytes: u64,
    /// Bytes of the whole groups that the SourceBuffers hold.
    buffered_bytes: u64,
    /// Seconds that can be played without another byte.
    buffered_ahead: f64,
    /// Bits per second while bytes are awaited.
    bandwidth: f64,
    /// What `bandwidth` is worth, from 0 (nothing has been measured) to 1.
    confidence: f64,
    /// From a request to its answer's head, in milliseconds; `null` before the first.
    latency: Option<f64>,
    /// Milliseconds from `load`'s film to each step of its first start; `null` before it.
    start: StartTimes,
    /// Requests that have been sent.
    requests: u64,
    /// Failures of requests that may be sent again, counted when they happen.
    retries: u64,
    /// Bytes of chunks.
    media_bytes: u64,
    /// Bytes of fragment tables.
    table_bytes: u64,
    /// Bytes that told when chunks without an index begin.
    survey_bytes: u64,
    /// Bytes that were read past, because a server ignores Range.
    passed_bytes: u64,
    /// Bytes that were thrown away before they were appended.
    dropped_bytes: u64,
    /// Bytes of groups of which something has been shown; what is fetched and shown again counts again.
    shown_bytes: u64,
    /// Bytes that were appended, and are gone before anything of their group was shown.
    unseen_bytes: u64,
    /// Bytes that have been received and not shown yet. `mediaBytes` is always the sum of `passedBytes`, `droppedBytes`,
    /// `shownBytes`, `unseenBytes` and these.
    waiting_bytes: u64,
    /// Fragments whose digest was right.
    checked_fragments: u64,
    /// Bytes of those fragments.
    checked_bytes: u64,
    /// Bytes that were played without a check.
    unchecked_bytes: u64,
    /// Fragments whose digest was wrong.
    damaged_fragments: u64,
    /// Fragment tables whose digest was wrong, or that contradict their chunk.
    damaged_tables: u64,
    /// How often a SourceBuffer was full.
    quota_errors: u64,
    /// Gaps that were stepped over.
    holes: u64,
    /// How often a playhead that stood still was nudged.
    nudges: u64,
    /// Seeks, whoever wanted them.
    seeks: u64,
    stalls: Vec<StallStats>,
    /// For each chunk, what the edge cache said when it was last asked for.
    edge: Vec<ChunkEdge>,
    verified: Vec<ChunkVerified>,
    /// Frames that the browser did not show in time.
    dropped_frames: f64,
}

/// Milliseconds from `load`'s film to each step; `null` before it. Of the first start only: later seeks, and a decoder that is
/// replaced, change nothing here.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
struct StartTimes {
    /// The SourceBuffers exist.
    opened: Option<f64>,
    /// The first answer has come.
    head: Option<f64>,
    /// The first byte of media has come.
    byte: Option<f64>,
    /// The first append is done.
    appended: Option<f64>,
    /// The first frame can be shown.
    frame: Option<f64>,
}

/// How often playback stood still for that reason, and for how many milliseconds in all. All of a stall counts for the reason that
/// it began with.
#[derive(Serialize, Tsify)]
struct StallStats {
    cause: StallCause,
    count: u64,
    time: f64,
}

/// Where a chunk came from last (CF-Cache-Status, otherwise Age).
#[derive(Serialize, Tsify)]
struct ChunkEdge {
    stream: usize,
    chunk: usize,
    #[tsify(type = "\"hit\" | \"miss\" | \"other\"")]
    status: &'static str,
}

/// How many bytes of a chunk had the right digest; what was fetched twice counts twice.
#[derive(Serialize, Tsify)]
struct ChunkVerified {
    stream: usize,
    chunk: usize,
    bytes: u64,
}

/// The statistics of a driver's engine; `ahead` in seconds.
pub(crate) fn describe(driver: &Driver, ahead: f64) -> Stats {
    driver.read(|engine| of(engine, ahead, driver.dropped_frames()))
}

/// The statistics of an engine.
pub(crate) fn of(engine: &Player, ahead: f64, dropped_frames: f64) -> Stats {
    let (statistics, bandwidth) = (engine.statistics(), engine.bandwidth());
    let time = |span: Option<Duration>| span.map(millis);
    let start = &statistics.start;
    let stalls = statistics.stalls.iter();
    let stalls = stalls.map(|(cause, stalls)| StallStats {
        cause: cause.into(),
        count: stalls.count,
        time: millis(stalls.time),
    });
    let edge = statistics.edge.iter();
    let edge = edge.map(|((stream, chunk), status)| ChunkEdge {
        stream: stream.0,
        chunk: chunk.0,
        status: edge_name(*status),
    });
    let verified = statistics.verified.iter();
    let verified =
        verified.map(|((stream, chunk), bytes)| ChunkVerified { stream: stream.0, chunk: chunk.0, bytes: *bytes });
    Stats {
        received_bytes: engine.received_bytes(),
        held_bytes: engine.pending_bytes(),
        buffered_bytes: engine.buffered_bytes(),
        buffered_ahead: ahead,
        bandwidth: bandwidth.bits_per_second,
        confidence: bandwidth.confidence,
        latency: time(engine.latency()),
        start: StartTimes {
            opened: time(start.opened),
            head: time(start.head),
            byte: time(start.byte),
            appended: time(start.appended),
            frame: time(start.frame),
        },
        requests: statistics.requests,
        retries: statistics.retries,
        media_bytes: statistics.media_bytes,
        table_bytes: statistics.table_bytes,
        survey_bytes: statistics.survey_bytes,
        passed_bytes: statistics.passed_bytes,
        dropped_bytes: statistics.dropped_bytes,
        shown_bytes: statistics.shown_bytes,
        unseen_bytes: statistics.unseen_bytes,
        waiting_bytes: engine.waiting_bytes(),
        checked_fragments: statistics.checked_fragments,
        checked_bytes: statistics.checked_bytes,
        unchecked_bytes: statistics.unchecked_bytes,
        damaged_fragments: statistics.damaged_fragments,
        damaged_tables: statistics.damaged_tables,
        quota_errors: statistics.quota_errors,
        holes: statistics.holes,
        nudges: statistics.nudges,
        seeks: statistics.seeks,
        stalls: stalls.collect(),
        edge: edge.collect(),
        verified: verified.collect(),
        dropped_frames,
    }
}

fn edge_name(status: EdgeStatus) -> &'static str {
    match status {
        EdgeStatus::Hit => "hit",
        EdgeStatus::Miss => "miss",
        EdgeStatus::Other => "other",
    }
}
