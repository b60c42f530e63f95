//! wrk, and what it finds.

use std::fs;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use super::servers::Running;
use crate::{command, workspace};

const SECONDS: u32 = 3;
const CONNECTIONS: u32 = 64;
const MIB: f64 = 1024.0 * 1024.0;

/// What is asked for, again and again.
pub(super) struct Load {
    title: String,
    file: &'static str,
    /// Lua that sets the request.
    script: String,
    /// Throughput in bytes counts, not the number of responses.
    counts_bytes: bool,
}

/// What one turn has shown.
pub(super) struct Found {
    /// Bytes or responses a second.
    pub(super) rate: f64,
    /// Processor time of the server for each response.
    pub(super) micros_each: f64,
}

/// Script that has wrk print its results in a form that is easily read.
const DONE: &str = r#"
function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format("FOUND %d %d %d %d\n", summary.duration, summary.requests, summary.bytes,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"#;

impl Load {
    /// Ranges of 1 MiB at random places.
    pub(super) fn ranges(file: &'static str, bytes: usize) -> Self {
        let last = bytes - 1024 * 1024;
        let script = format!(
            "math.randomseed(1)\nfunction request()\n  local start = math.random(0, {last})\n  \
             return wrk.format(\"GET\", nil, {{[\"Range\"] = string.format(\"bytes=%d-%d\", start, start + 1048575)}})\nend\n"
        );
        Self { title: "1 MiB ranges of a hot 256 MB file".to_owned(), file, script, counts_bytes: true }
    }

    /// The file, whole.
    pub(super) fn whole(file: &'static str) -> Self {
        Self { title: "a file of 4 KiB".to_owned(), file, script: String::new(), counts_bytes: false }
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    pub(super) fn show(&self, rate: f64) -> String {
        if self.counts_bytes { format!("{:.0} MiB/s", rate / MIB) } else { format!("{rate:.0} /s") }
    }

    /// One turn.
    pub(super) fn measure(&self, server: &Running) -> Result<Found> {
        let script = workspace::target().join("bench/load.lua");
        fs::write(&script, format!("{}{DONE}", self.script))
            .with_context(|| format!("cannot write {}", script.display()))?;
        let mut wrk = command::program("wrk");
        wrk.args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{SECONDS}s"), "-s"]).arg(script);
        wrk.arg(format!("http://{}/{}", server.address, self.file)).stderr(Stdio::null());
        let before = server.processor_seconds();
        let output = command::output(&mut wrk).context("wrk failed")?;
        let found = output.lines().find_map(|line| line.strip_prefix("FOUND ")).context("wrk printed no result")?;
        let numbers: Vec<f64> = found.split(' ').filter_map(|text| text.parse().ok()).collect();
        let [micros, requests, bytes, errors] = numbers[..] else { anyhow::bail!("wrk printed {found:?}") };
        ensure!(errors == 0.0 && requests > 0.0, "{errors} of {requests} requests failed");
        let spent = server.processor_seconds() - before;
        let rate = if self.counts_bytes { bytes } else { requests } / (micros / 1e6);
        Ok(Found { rate, micros_each: spent * 1e6 / requests })
    }
}
