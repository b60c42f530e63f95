//! What the person at the terminal reads.

use std::{
    io::{Write, stdout},
    time::Duration,
};

/// Writes a line at once. A closed terminal is no reason to stop working.
pub(crate) fn line(text: &str) {
    let mut out = stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// A line that stands out between the output of the programs started.
pub(crate) fn headline(text: &str) {
    line(&format!("\n==> {text}"));
}

/// Such as `4 min 05 s`.
pub(crate) fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}
