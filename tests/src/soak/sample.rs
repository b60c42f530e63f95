//! What is looked at, and in which amounts browsers take it.

use serde::{Deserialize, Serialize};

/// What the page held at a look.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct Sample {
    /// Since the film began to play.
    pub seconds: f64,
    /// Resident bytes of the process that shows the page.
    pub resident: f64,
    /// Bytes that scripts hold after a collection, where the browser tells.
    pub scripts: Option<f64>,
    /// Bytes of WebAssembly's memory.
    pub wasm: f64,
    /// Bytes of media that have come and have not been shown yet.
    pub buffered: f64,
    /// The most requests for media that were under way at once since the look before.
    pub requests: f64,
    /// Listeners to events, where the browser tells.
    pub listeners: Option<f64>,
    /// Bytes of media that have come since the film was loaded.
    pub received: f64,
}

/// Something that must not grow.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// For people.
    pub name: &'static str,
    /// Its number in a sample.
    pub of: fn(&Sample) -> Option<f64>,
    /// The least by which it can become more: less than that is nothing that was taken.
    pub unit: f64,
    /// How many of it are one in a table, and what that is called.
    pub scale: (f64, &'static str),
}

const MEGABYTES: (f64, &str) = (1e6, " MB");
const PIECES: (f64, &str) = (1.0, "");

/// All of them.
pub const MEASURES: [Measure; 6] = [
    // What Chromium's allocator takes at a time, a super page; Firefox's takes half of it.
    Measure { name: "process, resident", of: |at| Some(at.resident), unit: 2_097_152.0, scale: MEGABYTES },
    // A page of V8's heap.
    Measure { name: "scripts", of: |at| at.scripts, unit: 262_144.0, scale: MEGABYTES },
    // A page of WebAssembly's memory.
    Measure { name: "WebAssembly", of: |at| Some(at.wasm), unit: 65_536.0, scale: MEGABYTES },
    // A fragment at its largest.
    Measure { name: "received, not yet shown", of: |at| Some(at.buffered), unit: 786_432.0, scale: MEGABYTES },
    Measure { name: "requests under way", of: |at| Some(at.requests), unit: 1.0, scale: PIECES },
    Measure { name: "listeners", of: |at| at.listeners, unit: 1.0, scale: PIECES },
];
