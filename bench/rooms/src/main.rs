//! `cargo xtask bench relay`: thousands of members of the real relay, beside a bare echo of the same WebSocket library.
//!
//! 1. All connect, and say nothing for a while: what each socket costs.
//! 2. All do what members of a room that plays do: probes, reports, and now and then a seek. What that costs the server, how long
//!    a probe takes to be answered, and how long it takes until the others of a room hear of a command.
//!
//! The clients share the processor's cores with the server: what the echo takes under the same probes and reports is what the machine
//! and the library take, and the relay adds the rest.

mod client;
mod echo;
mod server;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use client::{Client, Found, Mode, Room, Shared};
use lexopt::Arg::Long;
use player_bench::quantile;
use server::Server;
use tokio::sync::{Semaphore, watch};
use tokio::time::sleep;

const USAGE: &str = "\
Usage: cargo xtask bench relay [--rooms N] [--members N] [--seconds N]

Holds the relay with 1,000 rooms of 10 members against a bare echo of the same library, idle for 20 s and busy for 60 s each, and
writes the table into docs/party.md. With an option it is printed only.
";

/// Between these lines of the page stands what was measured.
const PLACE: [&str; 2] =
    ["<!-- figures: written by `cargo xtask bench relay` -->\n", "<!-- end of the relay's figures -->\n"];

/// The most milliseconds by which a p99 may be above that of the echo.
const MOST_ADDED: f64 = 10.0;
/// Load average above which something else ran: clients and server keep two cores busy, and no more.
const BUSY: f64 = 4.0;
/// Connections that are being opened at once.
const OPENING: usize = 64;

struct Arguments {
    rooms: usize,
    members: usize,
    busy: Duration,
    is_whole: bool,
}

/// What a run came to.
#[derive(Debug)]
struct Run {
    name: &'static str,
    /// Bytes of the server's memory for each client that is there and says nothing.
    idle_bytes: f64,
    peak_bytes: u64,
    /// Cores that the server kept busy.
    cores: f64,
    /// Messages a second, from the clients' side.
    heard: f64,
    echoes: [Option<f64>; 2],
    states: [Option<f64>; 2],
    lost: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    raise_descriptor_limit();
    let Some(arguments) = parse(lexopt::Parser::from_env()).await? else { return Ok(()) };
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let workspace = workspace.ancestors().nth(2).context("this package is two directories below the workspace")?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    let media = tempfile::tempdir()?;
    let clients = arguments.rooms * arguments.members;
    say(&format!("{} rooms of {} members: {clients} sockets", arguments.rooms, arguments.members));
    let echo = load("a bare echo", Server::echo()?, &arguments, false).await?;
    let relay = Server::relay(&target.join("release/origin"), media.path(), clients)?;
    let relay = load("relay", relay, &arguments, true).await?;
    let table = table(&arguments, [&relay, &echo]);
    say(&format!("\n{table}"));
    if arguments.is_whole {
        write(&workspace.join("docs/party.md"), &table)?;
    }
    Ok(())
}

/// Everybody connects, waits, works, and goes.
async fn load(name: &'static str, server: Server, arguments: &Arguments, is_relay: bool) -> Result<Run> {
    /// Time for what is done once at the start.
    const SETTLE: Duration = Duration::from_secs(20);
    let (mode, changed) = watch::channel(Mode::Idle);
    let shared = Arc::new(Shared {
        began: Instant::now(),
        lost: Mutex::default(),
        heard: AtomicUsize::new(0),
        found: Mutex::default(),
        mode: changed,
    });
    let before = server.memory("VmRSS:");
    let all = connect(&shared, &server, arguments, is_relay).await?;
    sleep(SETTLE).await;
    let (there, lost) = (all.len(), shared.lost());
    ensure!(lost.is_empty(), "{name}: {} of {there} are not there: {}", lost.len(), lost[0]);
    let idle_bytes = server.memory("VmRSS:").saturating_sub(before) as f64 / there as f64;
    say(&format!(
        "{name}: {there} are connected after {:.0} s, {:.1} KiB each",
        shared.began.elapsed().as_secs_f64(),
        idle_bytes / 1024.0
    ));
    mode.send_replace(Mode::Busy);
    sleep(SETTLE).await;
    *shared.found.lock().expect("nobody panics") = Found::default();
    let (heard, spent, begun) = (shared.heard.load(Ordering::Relaxed), server.processor_seconds(), Instant::now());
    sleep(arguments.busy).await;
    let seconds = begun.elapsed().as_secs_f64();
    let cores = (server.processor_seconds() - spent) / seconds;
    let heard = (shared.heard.load(Ordering::Relaxed) - heard) as f64 / seconds;
    let found = std::mem::take(&mut *shared.found.lock().expect("nobody panics"));
    let peak_bytes = server.memory("VmHWM:");
    mode.send_replace(Mode::End);
    for task in all {
        task.await?;
    }
    let parts = |values: &[f64]| [0.5, 0.99].map(|part| quantile(values, part));
    let (echoes, states) = (parts(&found.echoes), parts(&found.states));
    let lost = shared.lost().len();
    Ok(Run { name, idle_bytes, peak_bytes, cores, heard, echoes, states, lost })
}

async fn connect(
    shared: &Arc<Shared>,
    server: &Server,
    arguments: &Arguments,
    is_relay: bool,
) -> Result<Vec<tokio::task::JoinHandle<()>>> {
    let opening = Arc::new(Semaphore::new(OPENING));
    let mut all = Vec::new();
    for number in 0..arguments.rooms {
        let path = format!("/party/bench-{number:0>20}");
        let room = Arc::new(Room { path, sought: Default::default() });
        for at in 0..arguments.members {
            let permit = opening.clone().acquire_owned().await?;
            let join = Client::join(shared.clone(), room.clone(), at, server.address, is_relay);
            let lost = shared.clone();
            all.push(tokio::spawn(async move {
                let client = join.await;
                drop(permit);
                let gone = match client {
                    Ok(client) => client.watch().await,
                    Err(error) => Err(error),
                };
                if let Err(error) = gone {
                    lost.lose(error);
                }
            }));
        }
    }
    // All permits together: nobody is still opening.
    drop(opening.acquire_many(u32::try_from(OPENING)?).await?);
    Ok(all)
}

fn table(arguments: &Arguments, runs: [&Run; 2]) -> String {
    let milliseconds = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1} ms"));
    let row = |title: &str, value: &dyn Fn(&Run) -> String| {
        let values: Vec<String> = runs.iter().map(|run| value(run)).collect();
        format!("| {title} | {} |\n", values.join(" | "))
    };
    let names: Vec<&str> = runs.iter().map(|run| run.name).collect();
    let mut text = format!(
        "| {} rooms of {} members, {} s | {} |\n| --- |{}\n",
        arguments.rooms,
        arguments.members,
        arguments.busy.as_secs(),
        names.join(" | "),
        " ---: |".repeat(names.len())
    );
    text += &row("memory for each idle socket", &|run| format!("{:.1} KiB", run.idle_bytes / 1024.0));
    text += &row("memory at most", &|run| format!("{:.0} MB", run.peak_bytes as f64 / 1e6));
    text += &row("processor", &|run| format!("{:.2} cores", run.cores));
    text += &row("messages to members", &|run| format!("{:.0} a second", run.heard));
    text += &row("a probe's answer, p50", &|run| milliseconds(run.echoes[0]));
    text += &row("a probe's answer, p99", &|run| milliseconds(run.echoes[1]));
    text += &row("a command until another member hears of it, p50", &|run| milliseconds(run.states[0]));
    text += &row("a command until another member hears of it, p99", &|run| milliseconds(run.states[1]));
    text += &row("sockets lost", &|run| run.lost.to_string());
    if let Some((relay, echo)) = runs[0].echoes[1].zip(runs[1].echoes[1]) {
        let added = relay - echo;
        let is_reached = added <= MOST_ADDED && runs.iter().all(|run| run.lost == 0);
        let verdict = if is_reached { "reached" } else { "**missed**" };
        text += &format!("\nAdded latency, p99: {added:.1} ms; at most {MOST_ADDED} ms: {verdict}.\n");
    }
    if let Some(load) = player_bench::load().filter(|load| *load > BUSY) {
        text += &format!("\n**Provisional**: the machine had much else to do (load average {load:.1}).\n");
    }
    text
}

fn write(page: &Path, table: &str) -> Result<()> {
    let text = fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    let text = player_bench::put_between(&text, PLACE, &format!("\n{table}\n"));
    let text = text.with_context(|| format!("{} has no place for the figures", page.display()))?;
    fs::write(page, text).with_context(|| format!("cannot write {}", page.display()))
}

async fn parse(mut parser: lexopt::Parser) -> Result<Option<Arguments>> {
    let mut arguments = Arguments { rooms: 1_000, members: 10, busy: Duration::from_secs(60), is_whole: true };
    while let Some(argument) = parser.next()? {
        let Long(name) = argument else { return Err(argument.unexpected().into()) };
        let name = name.to_owned();
        match name.as_str() {
            "help" => {
                say(USAGE.trim_end());
                return Ok(None);
            }
            "echo" => {
                echo::serve(|address| say(&format!("listening on {address}"))).await?;
                return Ok(None);
            }
            "rooms" | "members" | "seconds" => {
                let number = parser.value()?;
                let number = number.to_str().and_then(|text| text.parse().ok()).filter(|number| *number > 0);
                let number: usize = number.with_context(|| format!("--{name} takes a number"))?;
                match name.as_str() {
                    "rooms" => arguments.rooms = number,
                    "members" => arguments.members = number,
                    _ => arguments.busy = Duration::from_secs(number as u64),
                }
                arguments.is_whole = false;
            }
            _ => return Err(Long(&name).unexpected().into()),
        }
    }
    Ok(Some(arguments))
}

/// A socket each, of which many systems allow a thousand unless asked.
fn raise_descriptor_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        // What is not allowed shows when sockets are opened.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    }
}

/// Writes a line at once. A closed terminal is no reason to stop.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(p99: f64, lost: usize) -> Run {
        let echoes = [Some(1.0), Some(p99)];
        let (name, states) = ("one", [None, None]);
        Run { name, idle_bytes: 0.0, peak_bytes: 0, cores: 0.0, heard: 0.0, echoes, states, lost }
    }

    #[test]
    fn what_the_relay_adds_is_its_own() {
        let arguments = Arguments { rooms: 1, members: 1, busy: Duration::from_secs(1), is_whole: false };
        let verdict = |relay: Run| table(&arguments, [&relay, &run(5.0, 0)]);
        assert!(verdict(run(15.0, 0)).contains("p99: 10.0 ms; at most 10 ms: reached."));
        assert!(verdict(run(15.1, 0)).contains("**missed**"));
        assert!(verdict(run(6.0, 1)).contains("**missed**"), "whoever is lost waits for nothing");
    }

    #[test]
    fn the_page_has_a_place_for_the_table() {
        let page = include_str!("../../../docs/party.md");
        assert!(player_bench::put_between(page, PLACE, "table").is_some_and(|page| page.contains("table")));
    }
}
