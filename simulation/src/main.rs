//! `cargo xtask simulate`: what chunk sizes and kinds of caches come to for a party of thousands, and renditions for one of five.

mod edge;
mod party;
mod picture;
mod report;
mod session;
mod together;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::party::{Party, Scenario};
use edge::{Fill, Plan};

const USAGE: &str = "Usage: cargo xtask simulate [--viewers N] [--seconds N] [--seed N] [--picture FILE.svg] | --session | --together FILE.json …";

const PLAN: Plan =
    Plan { data_centres: 20, upper_tiers: 2, fill: Fill::Whole, hop: Duration::from_millis(60), fill_rate: 25e6 };

const SCENARIOS: [Scenario; 6] = [
    Scenario { name: "256 MB", chunk: 256_000_000, plan: PLAN },
    Scenario { name: "256 MB, no tiers", chunk: 256_000_000, plan: Plan { upper_tiers: 0, ..PLAN } },
    Scenario { name: "256 MB, range fills", chunk: 256_000_000, plan: Plan { fill: Fill::Slices, ..PLAN } },
    Scenario { name: "64 MB", chunk: 64_000_000, plan: PLAN },
    Scenario { name: "16 MB", chunk: 16_000_000, plan: PLAN },
    Scenario { name: "one group (2 s)", chunk: 1, plan: PLAN },
];

fn main() -> Result<()> {
    let (mut party, mut file) = (
        Party {
            viewers: 2_000,
            arrival: Duration::from_secs(30),
            watching: Duration::from_secs(120),
            seekers: 10,
            seed: 1,
        },
        None,
    );
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--help" || name == "-h" {
            report::line(USAGE);
            return Ok(());
        }
        if name == "--session" {
            session::measure();
            return Ok(());
        }
        if name == "--together" {
            return report::together(arguments.map(PathBuf::from));
        }
        let value = arguments.next().with_context(|| format!("{name} takes a value; {USAGE}"))?;
        let number = || value.parse::<u64>().with_context(|| format!("{name} takes a number, not {value:?}"));
        match name.as_str() {
            "--viewers" => party.viewers = usize::try_from(number()?)?.max(1),
            "--seconds" => party.watching = Duration::from_secs(number()?.clamp(1, 1_000)),
            "--seed" => party.seed = number()?,
            "--picture" => file = Some(PathBuf::from(value)),
            _ => bail!("there is no option {name}; {USAGE}"),
        }
    }
    report::head(&party);
    let outcomes: Vec<_> = SCENARIOS.iter().map(|scenario| report::row(scenario, &party)).collect();
    if let Some(file) = file {
        let picture = picture::draw(&party, &SCENARIOS, &outcomes);
        std::fs::write(&file, picture).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}
