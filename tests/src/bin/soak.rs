//! Watches a film of more than four gigabytes for long, and looks at memory and requests: `cargo xtask soak` builds what this needs.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use end_to_end::{
    Kind, hour_film, huge_film,
    soak::{self, Outcome, Plan, Sample},
    soaks,
};

const USAGE: &str = "\
Usage: cargo xtask soak [--browser chromium|firefox] [--minutes N] [--seeds N] [--from N] [--json] [--write]
       cargo xtask soak [--browser chromium|firefox] --hidden MINUTES

Watches a film of more than four gigabytes, with seeks, pauses, rates, hidden tabs and languages by seeds, looks at what the page holds
after each seed, and fails where something grows. What comes out is written to target/soak.

  --browser NAME   the browser (chromium)
  --minutes N      for how long at least (20)
  --seeds N        how many times all of it is done, each in its share of that time (100)
  --from N         the first of the seeds (0), to do again what failed
  --json           print the outcome as JSON, and nothing else
  --write          write docs/soak.json, docs/soak.svg and the table in docs/reliability.md instead
  --hidden MINUTES instead of all that: hide a muted tab for so long (61 at most), and see that the film has gone on in it
";

struct Asked {
    kind: Kind,
    minutes: u32,
    seeds: u32,
    from: u64,
    is_json: bool,
    writes: bool,
    hidden: Option<u32>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Some(asked) = parse()? else { return Ok(write!(io::stdout(), "{USAGE}")?) };
    if let Some(minutes) = asked.hidden {
        let time = Duration::from_secs(u64::from(minutes) * 60);
        return say(&soak::unseen(asked.kind, &hour_film()?, time).await?.to_string());
    }
    let film = huge_film()?;
    let bytes = fs::metadata(&film.path)?.len();
    ensure!(bytes >= 4_000_000_000, "the film has {bytes} bytes");
    let pace = Duration::from_secs(u64::from(asked.minutes) * 60) / asked.seeds;
    let seeds = asked.from..asked.from.saturating_add(asked.seeds.into());
    let plan = Plan { kind: asked.kind, seeds, pace };
    let mut told = Ok(());
    let outcome = soak::watch(plan, &film, |sample| {
        if !asked.is_json && told.is_ok() {
            told = say(&row(sample));
        }
    });
    let outcome = outcome.await?;
    told?;
    if asked.is_json {
        say(&serde_json::to_string(&outcome)?)?;
    } else {
        say(&format!("\n{}\n\n{}", soak::summary(&outcome), soak::table(std::slice::from_ref(&outcome))))?;
    }
    let verdicts = outcome.verdicts();
    keep(&if asked.writes { docs() } else { soaks()? }, outcome)?;
    let growing: Vec<_> = verdicts.iter().filter(|one| one.grows()).map(|one| one.measure.name).collect();
    ensure!(growing.is_empty(), "there grows: {}", growing.join(", "));
    Ok(())
}

/// Puts an outcome in the place of what was there of its browser.
fn keep(directory: &Path, outcome: Outcome) -> Result<()> {
    let file = |ending: &str| directory.join("soak").with_extension(ending);
    let known = fs::read(file("json")).ok();
    let known = known.map(|text| serde_json::from_slice(&text)).transpose();
    let mut outcomes: Vec<Outcome> =
        known.with_context(|| format!("{} is damaged", file("json").display()))?.unwrap_or_default();
    outcomes.retain(|known| known.browser != outcome.browser);
    outcomes.push(outcome);
    outcomes.sort_by(|one, other| one.browser.cmp(&other.browser));
    fs::write(file("json"), serde_json::to_string(&outcomes)? + "\n")?;
    fs::write(file("svg"), soak::picture(&outcomes))?;
    let page = directory.join("reliability.md");
    if let Ok(text) = fs::read_to_string(&page) {
        let text = soak::into_page(&text, &outcomes, "soak.svg");
        return Ok(fs::write(
            &page,
            text.with_context(|| format!("{} has no place for the figures", page.display()))?,
        )?);
    }
    Ok(fs::write(file("md"), soak::table(&outcomes))?)
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

fn row(sample: &Sample) -> String {
    let held = soak::MEASURES.iter().filter_map(|measure| {
        let ((one, unit), held) = (measure.scale, (measure.of)(sample)?);
        Some(format!("{} {:.*}{unit}", measure.name, usize::from(one > 1.0), held / one))
    });
    format!("{:.0} s: {}", sample.seconds, held.collect::<Vec<_>>().join(", "))
}

fn say(line: &str) -> Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn parse() -> Result<Option<Asked>> {
    let mut asked =
        Asked { kind: Kind::Chromium, minutes: 20, seeds: 100, from: 0, is_json: false, writes: false, hidden: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("{name} takes a value"));
        match name.as_str() {
            "--browser" => {
                asked.kind = match value()?.as_str() {
                    "chromium" => Kind::Chromium,
                    "firefox" => Kind::Firefox,
                    other => bail!("--browser takes `chromium` or `firefox`, not `{other}`"),
                }
            }
            "--minutes" => asked.minutes = value()?.parse().context("--minutes takes a number")?,
            "--seeds" => asked.seeds = value()?.parse().context("--seeds takes a number")?,
            "--from" => asked.from = value()?.parse().context("--from takes a number")?,
            "--hidden" => asked.hidden = Some(value()?.parse().context("--hidden takes a number")?),
            "--json" => asked.is_json = true,
            "--write" => asked.writes = true,
            "-h" | "--help" => return Ok(None),
            other => bail!("`{other}` is not known\n{USAGE}"),
        }
    }
    ensure!(asked.seeds > 0 && asked.minutes > 0, "nothing would be watched");
    Ok(Some(asked))
}
