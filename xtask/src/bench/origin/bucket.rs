//! Ranges out of a bucket: the origin, which signs and checks, beside a plain reverse proxy to the same S3 server.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};

use super::servers::{Running, free_address, nginx_with};
use super::wrk::Load;
use super::{LARGE_BYTES, ROUNDS, median};
use crate::bench::store::Store;
use crate::{command, report, workspace};

/// What the origin must reach, as a part of what nginx does.
const GOAL: f64 = 0.8;

/// Two rows, as those of files on a disk.
pub(super) fn run(directory: &Path) -> Result<()> {
    let store = Store::start(&[directory.as_os_str()])?;
    let (ours, theirs) = (origin(&store)?, proxy(store.address)?);
    let load = Load::ranges("large.mp4", LARGE_BYTES);
    let (mut rates, mut costs) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for round in 0..=ROUNDS {
        for turn in 0..2 {
            let at = (round + turn) % 2;
            let found = load.measure([&ours, &theirs][at]).context("wrk over the bucket")?;
            if round > 0 {
                rates[at].push(found.rate);
                costs[at].push(found.micros_each);
            }
        }
    }
    let ratio = |of: &[Vec<f64>; 2]| median(of[0].iter().zip(&of[1]).map(|(a, b)| a / b).collect());
    let [ours, theirs] = rates.clone().map(|values| load.show(median(values)));
    report::headline("The same out of a bucket");
    report::line("| | origin over S3 | nginx (proxy_pass) to it | origin / nginx |");
    report::line("| --- | --- | --- | --- |");
    let reached = ratio(&rates);
    let is_reached = if reached >= GOAL { "≥" } else { "BELOW" };
    report::line(&format!("| {} | {ours} | {theirs} | {reached:.2} ({is_reached} {GOAL}) |", load.title()));
    let [ours, theirs] = costs.clone().map(|values| format!("{:.0} µs", median(values)));
    report::line(&format!("| its processor time for each response | {ours} | {theirs} | {:.2} |", ratio(&costs)));
    Ok(())
}

fn origin(store: &Store) -> Result<Running> {
    let address = free_address()?;
    let mut origin = command::program(workspace::program("origin"));
    origin.args(["--media", "s3://films", "--media-path", "/", "--listen", &address.to_string()]);
    store.introduce(origin.env("RUST_LOG", "warn"));
    Running::start(&mut origin, address)
}

/// Asks without signing, as one asks a bucket that the public may read.
fn proxy(store: SocketAddr) -> Result<Running> {
    let address = free_address()?;
    let http = format!("upstream store {{ server {store}; keepalive 64; }}");
    let server =
        "location / { proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_pass http://store/films/; }";
    Running::start(&mut nginx_with(address, &http, server)?, address)
}
