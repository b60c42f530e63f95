//! The numbers behind the picture, as the page gets them: `Stats` in the types.

use std::time::Duration;

use js_sys::Array;
use playback::{EdgeStatus, Player, Start};
use wasm_bindgen::JsValue;

use crate::driver::Driver;
use crate::events::{cause_name, object};

/// What is known now; `ahead` in seconds.
pub(crate) fn describe(driver: &Driver, ahead: f64) -> JsValue {
    driver.read(|engine| of(engine, ahead, driver.dropped_frames()))
}

/// What that engine knows.
pub(crate) fn of(engine: &Player, ahead: f64, dropped_frames: f64) -> JsValue {
    let (statistics, bandwidth) = (engine.statistics(), engine.bandwidth());
    let number = |count: u64| JsValue::from(count as f64);
    let stalls = statistics.stalls.iter().map(|(cause, stalls)| {
        object(&[("cause", cause_name(cause)), ("count", number(stalls.count)), ("time", millis(Some(stalls.time)))])
    });
    let edge = statistics.edge.iter().map(|((stream, chunk), status)| {
        object(&[
            ("stream", number(stream.0 as u64)),
            ("chunk", number(chunk.0 as u64)),
            ("status", edge_name(*status)),
        ])
    });
    let verified = statistics.verified.iter().map(|((stream, chunk), bytes)| {
        object(&[("stream", number(stream.0 as u64)), ("chunk", number(chunk.0 as u64)), ("bytes", number(*bytes))])
    });
    object(&[
        ("receivedBytes", number(engine.received_bytes())),
        ("heldBytes", number(engine.held_bytes())),
        ("bufferedBytes", number(engine.buffered_bytes())),
        ("bufferedAhead", ahead.into()),
        ("bandwidth", bandwidth.bits_per_second.into()),
        ("confidence", bandwidth.confidence.into()),
        ("latency", millis(engine.latency())),
        ("start", start(&statistics.start)),
        ("requests", number(statistics.requests)),
        ("retries", number(statistics.retries)),
        ("mediaBytes", number(statistics.media_bytes)),
        ("tableBytes", number(statistics.table_bytes)),
        ("surveyBytes", number(statistics.survey_bytes)),
        ("passedBytes", number(statistics.passed_bytes)),
        ("droppedBytes", number(statistics.dropped_bytes)),
        ("shownBytes", number(statistics.shown_bytes)),
        ("unseenBytes", number(statistics.unseen_bytes)),
        ("waitingBytes", number(engine.waiting_bytes())),
        ("checkedFragments", number(statistics.checked_fragments)),
        ("checkedBytes", number(statistics.checked_bytes)),
        ("uncheckedBytes", number(statistics.unchecked_bytes)),
        ("damagedFragments", number(statistics.damaged_fragments)),
        ("damagedTables", number(statistics.damaged_tables)),
        ("quotaErrors", number(statistics.quota_errors)),
        ("holes", number(statistics.holes)),
        ("nudges", number(statistics.nudges)),
        ("seeks", number(statistics.seeks)),
        ("stalls", stalls.collect::<Array>().into()),
        ("edge", edge.collect::<Array>().into()),
        ("verified", verified.collect::<Array>().into()),
        ("droppedFrames", dropped_frames.into()),
    ])
}

fn start(start: &Start) -> JsValue {
    object(&[
        ("opened", millis(start.opened)),
        ("head", millis(start.head)),
        ("byte", millis(start.byte)),
        ("appended", millis(start.appended)),
        ("frame", millis(start.frame)),
    ])
}

fn millis(span: Option<Duration>) -> JsValue {
    span.map_or(JsValue::NULL, |span| (span.as_secs_f64() * 1e3).into())
}

fn edge_name(status: EdgeStatus) -> JsValue {
    match status {
        EdgeStatus::Hit => "hit",
        EdgeStatus::Miss => "miss",
        EdgeStatus::Other => "other",
    }
    .into()
}
