//! Plays a film behind networks that fail by script, and says what came of each: `cargo xtask faults` builds what this needs.

use std::io::{self, Write};

use anyhow::{Context, Result, bail, ensure};
use end_to_end::{
    Kind,
    faults::{self, shaped},
};

const USAGE: &str = "\
Usage: cargo xtask faults [--browser chromium|firefox|webkit] [--only WORDS] [--at-once N] [--times N]
                          [--damage N] [--shaped]

  --browser NAME   in that browser alone; otherwise in Chromium and in Firefox. In WebKitGTK the few that tell most, unless --only
                   asks for others
  --only WORDS     only scenarios whose name has these words, such as `reset, middle`
  --at-once N      how many are played side by side (8; in WebKitGTK 2; of links 3)
  --times N        how often each is played (1)
  --damage N       random damage alone, to so many fragments of a film
  --shaped         instead of faults, links with round trips, losses and steps of their rate, by HTTP/1.1 and by HTTP/2 over TLS;
                   --only chooses among their names. Root alone may lay them
";

struct Asked {
    browsers: Vec<Kind>,
    only: String,
    at_once: Option<usize>,
    times: usize,
    damage: Option<usize>,
    is_shaped: bool,
}

impl Asked {
    /// Which scenarios are played in browsers of a kind.
    fn scenarios(&self, kind: Kind) -> Vec<faults::Scenario> {
        let is_chosen = |scenario: &faults::Scenario| {
            let is_one_of_few = kind != Kind::WebKit || !self.only.is_empty() || scenario.is_telling(kind);
            is_one_of_few && scenario.name().contains(&self.only)
        };
        let chosen = faults::every().into_iter().filter(is_chosen);
        chosen.flat_map(|scenario| vec![scenario; self.times]).collect()
    }

    /// How many side by side: WebKitGTK draws without a card for pictures.
    fn at_once(&self, kind: Kind) -> usize {
        self.at_once.unwrap_or(if kind == Kind::WebKit { 2 } else { 8 })
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some(shaped::INSIDE) {
        return shaped::inside(io::stdin(), io::stdout()).await;
    }
    let Some(asked) = parse()? else { return Ok(write!(io::stdout(), "{USAGE}")?) };
    if asked.is_shaped {
        return play_links(&asked);
    }
    let mut wrong = 0;
    for &kind in &asked.browsers {
        let chosen = asked.scenarios(kind);
        ensure!(!chosen.is_empty(), "no scenario has `{}` in its name", asked.only);
        let mut stage = faults::Stage::set(kind).await?;
        let chosen = asked.damage.map_or(chosen, |fragments| stage.damage(fragments));
        say(&format!("{kind:?}: {} scenarios\n", chosen.len()))?;
        say(
            "| scenario | told | stood still | requests | damaged | pictures | |\n| --- | --- | ---: | ---: | ---: | ---: | --- |",
        )?;
        let mut told = Ok(());
        let verdicts = stage.play(&chosen, asked.at_once(kind), |verdict| told = say(&verdict.row())).await?;
        told?;
        wrong += verdicts.iter().filter(|verdict| !verdict.wrong.is_empty()).count();
        say(&format!("\n{} scenarios were played in {kind:?}.\n", verdicts.len()))?;
        if verdicts.iter().any(|verdict| !verdict.toll.struck.is_empty()) {
            say(&faults::tally(&verdicts))?;
        }
    }
    ensure!(wrong == 0, "{wrong} scenarios did not come out as they should");
    say("All came out as they should.")
}

/// Over links that are shaped.
fn play_links(asked: &Asked) -> Result<()> {
    ensure!(!asked.browsers.contains(&Kind::WebKit), "--shaped plays in Chromium and in Firefox alone");
    let links = shaped::Links::prepare()?;
    let mut wrong = 0;
    for &kind in &asked.browsers {
        say(&format!("{kind:?}\n\n| link | protocol | alone | forced | stood still | pictures | |"))?;
        say("| --- | --- | ---: | ---: | ---: | ---: | --- |")?;
        // A terminal that is gone ends the program by itself.
        let outcomes =
            links.play_all(kind, &asked.only, asked.at_once.unwrap_or(3), |outcome| drop(say(&outcome.row())));
        ensure!(!outcomes.is_empty(), "no link has `{}` in its name", asked.only);
        wrong += outcomes.iter().filter(|outcome| !outcome.wrong.is_empty()).count();
        say(&format!("\n{} were played in {kind:?}.\n", outcomes.len()))?;
    }
    ensure!(wrong == 0, "{wrong} did not come out as they should");
    say("All came out as they should.")
}

fn say(line: &str) -> Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn parse() -> Result<Option<Asked>> {
    let browsers = vec![Kind::Chromium, Kind::Firefox];
    let mut asked = Asked { browsers, only: String::new(), at_once: None, times: 1, damage: None, is_shaped: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("{name} takes a value"));
        match name.as_str() {
            "--browser" => {
                asked.browsers = match value()?.as_str() {
                    "chromium" => vec![Kind::Chromium],
                    "firefox" => vec![Kind::Firefox],
                    "webkit" => vec![Kind::WebKit],
                    other => bail!("--browser takes `chromium`, `firefox` or `webkit`, not `{other}`"),
                }
            }
            "--only" => asked.only = value()?,
            "--at-once" => asked.at_once = Some(value()?.parse().context("--at-once takes a number")?),
            "--times" => asked.times = value()?.parse().context("--times takes a number")?,
            "--damage" => asked.damage = Some(value()?.parse().context("--damage takes a number")?),
            "--shaped" => asked.is_shaped = true,
            "-h" | "--help" => return Ok(None),
            other => bail!("`{other}` is not known\n{USAGE}"),
        }
    }
    ensure!(asked.at_once != Some(0) && asked.times > 0, "none at once would take for ever");
    Ok(Some(asked))
}
