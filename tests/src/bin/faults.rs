//! Plays a film behind networks that fail by script, and says what came of each: `cargo xtask faults` builds what this needs.

use std::io::{self, Write};

use anyhow::{Context, Result, bail, ensure};
use end_to_end::{Kind, faults};

const USAGE: &str = "\
Usage: cargo xtask faults [--browser chromium|firefox] [--only WORDS] [--at-once N] [--times N]

  --browser NAME   in that browser alone; otherwise in each
  --only WORDS     only scenarios whose name has these words, such as `reset, middle`
  --at-once N      how many are played side by side (8)
  --times N        how often each is played (1)
";

struct Asked {
    browsers: Vec<Kind>,
    only: String,
    at_once: usize,
    times: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Some(asked) = parse()? else { return Ok(write!(io::stdout(), "{USAGE}")?) };
    let chosen = faults::every().into_iter().filter(|scenario| scenario.name().contains(&asked.only));
    let chosen: Vec<_> = chosen.flat_map(|scenario| vec![scenario; asked.times]).collect();
    ensure!(!chosen.is_empty(), "no scenario has `{}` in its name", asked.only);
    let mut wrong = 0;
    for kind in asked.browsers {
        let stage = faults::Stage::set(kind).await?;
        say(&format!("{kind:?}: {} scenarios\n", chosen.len()))?;
        say(
            "| scenario | told | stood still | requests | damaged | pictures | |\n| --- | --- | ---: | ---: | ---: | ---: | --- |",
        )?;
        let mut told = Ok(());
        let verdicts = stage.play(&chosen, asked.at_once, |verdict| told = say(&verdict.row())).await?;
        told?;
        wrong += verdicts.iter().filter(|verdict| !verdict.wrong.is_empty()).count();
        say("")?;
    }
    ensure!(wrong == 0, "{wrong} scenarios did not come out as they should");
    say("All came out as they should.")
}

fn say(line: &str) -> Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn parse() -> Result<Option<Asked>> {
    let mut asked = Asked { browsers: vec![Kind::Chromium, Kind::Firefox], only: String::new(), at_once: 8, times: 1 };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("{name} takes a value"));
        match name.as_str() {
            "--browser" => {
                asked.browsers = match value()?.as_str() {
                    "chromium" => vec![Kind::Chromium],
                    "firefox" => vec![Kind::Firefox],
                    other => bail!("--browser takes `chromium` or `firefox`, not `{other}`"),
                }
            }
            "--only" => asked.only = value()?,
            "--at-once" => asked.at_once = value()?.parse().context("--at-once takes a number")?,
            "--times" => asked.times = value()?.parse().context("--times takes a number")?,
            "-h" | "--help" => return Ok(None),
            other => bail!("`{other}` is not known\n{USAGE}"),
        }
    }
    ensure!(asked.at_once > 0 && asked.times > 0, "none at once would take for ever");
    Ok(Some(asked))
}
