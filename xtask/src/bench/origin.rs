//! The origin beside nginx and static-web-server: the same files, the same machine, turn by turn.
//!
//! 1. Throughput of 1 MiB ranges of a hot 256 MB file, and responses a second of a small one, both by wrk over 64
//!    connections. Every server has its turn in every round, so that what else the machine does hits all of them; each
//!    round gives ratios, and the table has their medians.
//! 2. The same ranges out of a bucket: the origin beside an nginx that passes requests on to the same S3 server.
//! 3. The most memory that 1,000 readers cost who read the large file slowly.
//!
//! Client and servers share the processor's cores, and no server writes an access log: the ratios are what counts. What a
//! server itself spends, in processor time for each response, stays the same however busy the machine is.

mod bucket;
mod servers;
mod slow_readers;
mod wrk;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::{demo, report, setup, workspace};
use servers::Server;
use wrk::Load;

const ROUNDS: usize = 7;
const LARGE_BYTES: usize = 256_000_000;
const SMALL_BYTES: usize = 4_096;

/// What a server must reach, as a part of what another does.
struct Goal {
    nginx: f64,
    static_web_server: f64,
}

/// Measures, and prints the tables.
pub(crate) fn run() -> Result<()> {
    setup::run(setup::Purpose::Bench)?;
    report::headline("Building the programs");
    demo::build_programs()?;
    super::store::build()?;
    let directory = workspace::target().join("bench/origin");
    write_files(&directory)?;

    report::headline("Throughput (64 connections, wrk)");
    report::line("| | origin | nginx (sendfile) | static-web-server | origin / nginx | origin / static-web-server |");
    report::line("| --- | --- | --- | --- | --- | --- |");
    let ranges = Goal { nginx: 0.8, static_web_server: 1.0 };
    throughput(&directory, &Load::ranges("large.mp4", LARGE_BYTES), &ranges)?;
    let small = Goal { nginx: 0.6, static_web_server: 1.0 };
    throughput(&directory, &Load::whole("small.mp4"), &small)?;

    bucket::run(&directory)?;

    report::headline("Memory with 1,000 slow readers of a 256 MB file");
    report::line("| server | peak RSS | bytes read |");
    report::line("| --- | --- | --- |");
    for server in Server::ALL {
        let running = server.start(&directory)?;
        let cost = slow_readers::cost(&running, "large.mp4")?;
        report::line(&format!("| {} | {:.0} MB | {:.0} MB |", server.name(), cost.peak_mb, cost.read_mb));
    }
    Ok(())
}

/// Two rows: every server in every round, in an order that turns.
fn throughput(directory: &Path, load: &Load, goal: &Goal) -> Result<()> {
    let running = Server::ALL.iter().map(|server| server.start(directory)).collect::<Result<Vec<_>>>()?;
    let mut rates = vec![Vec::new(); running.len()];
    let mut costs = vec![Vec::new(); running.len()];
    for round in 0..=ROUNDS {
        for turn in 0..running.len() {
            let at = (round + turn) % running.len();
            let found = load.measure(&running[at]).with_context(|| format!("{} under wrk", Server::ALL[at].name()))?;
            // The first round only warms the page cache and the connections' paths up.
            if round > 0 {
                rates[at].push(found.rate);
                costs[at].push(found.micros_each);
            }
        }
    }
    let ratio = |of: &[Vec<f64>], other: usize| median(of[0].iter().zip(&of[other]).map(|(a, b)| a / b).collect());
    let against = |other: usize, goal: f64| {
        let ratio = ratio(&rates, other);
        format!("{ratio:.2} ({} {goal})", if ratio >= goal { "≥" } else { "BELOW" })
    };
    let show = |of: &[Vec<f64>], form: &dyn Fn(f64) -> String| {
        of.iter().map(|values| form(median(values.clone()))).collect::<Vec<_>>().join(" | ")
    };
    let figures = show(&rates, &|rate| load.show(rate));
    let (nginx, sws) = (against(1, goal.nginx), against(2, goal.static_web_server));
    report::line(&format!("| {} | {figures} | {nginx} | {sws} |", load.title()));
    let figures = show(&costs, &|micros| format!("{micros:.0} µs"));
    let (nginx, sws) = (ratio(&costs, 1), ratio(&costs, 2));
    report::line(&format!("| its processor time for each response | {figures} | {nginx:.2} | {sws:.2} |"));
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Bytes that no file system and no server can make fewer of, and a manifest that names them, as every cut has one. The
/// origin takes digests from there and computes none.
fn write_files(directory: &Path) -> Result<()> {
    fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
    for (name, bytes) in [("large.mp4", LARGE_BYTES), ("small.mp4", SMALL_BYTES)] {
        let path = directory.join(name);
        if fs::metadata(&path).is_ok_and(|metadata| metadata.len() == bytes as u64) {
            continue;
        }
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let noise = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        });
        let content: Vec<u8> = noise.take(bytes / 8).flatten().collect();
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let digest = "0".repeat(64);
    let manifest = format!(
        r#"{{"version":1,"id":"0","duration":1,"streams":[{{"kind":"video","mime":"video/mp4","timescale":1,"bandwidth":1,
            "init":{{"url":"small.mp4","bytes":{SMALL_BYTES},"sha256":"{digest}"}},
            "chunks":[{{"url":"large.mp4","bytes":{LARGE_BYTES},"sha256":"{digest}","start":0,"duration":1,
                "groups":{{"bytes":[{LARGE_BYTES}],"ticks":[[1,1]]}}}}]}}]}}"#
    );
    let path = directory.join("manifest.json");
    fs::write(&path, manifest).with_context(|| format!("cannot write {}", path.display()))
}
