//! One turn of one contender over one link.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use player_bench::{Browser, Page, Server};

use crate::bytes;
use crate::contender::Contender;
use crate::film::Film;
use crate::links::Line;
use crate::notes::Notes;
use crate::outcome::{FIRST_FRAME, KBPS_AT_FIRST, KBPS_AT_SEEK, Outcome, SEEK, THROWN_AWAY};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Act {
    /// So many seconds of the film are played.
    Play(f64),
    /// The film is begun, and so many of a hundred parts of it on a place is sought.
    Start(u32),
}

/// Who does what over which link.
#[derive(Clone, Debug)]
pub struct Turn<'a> {
    /// Who.
    pub contender: Contender,
    /// What.
    pub act: Act,
    /// Over what.
    pub line: &'a Line,
    /// The film.
    pub film: &'a Film,
}

/// TCP forgets its window after a pause: the size of the library must not help anybody.
const PAUSE: Duration = Duration::from_millis(600);

/// Between two looks at how far a page has played.
const LOOK: Duration = Duration::from_millis(500);

/// Seconds, on top of twice what is to be played, after which nobody is waited for.
const PATIENCE: f64 = 30.0;

pub(crate) fn play(turn: &Turn<'_>, place: (&Path, &Path, &Path)) -> Outcome {
    let (set, link) = (turn.line.set.clone(), turn.line.name.clone());
    let outcome = Outcome { contender: turn.contender.name(), set, link, ..Outcome::default() };
    match have(turn, place) {
        Ok((measures, notes)) => Outcome { measures, rungs: notes.course(), ready: notes.ready(), ..outcome },
        Err(error) => Outcome { failure: Some(format!("{error:#}")), ..outcome },
    }
}

type Measures = BTreeMap<String, f64>;

fn have(turn: &Turn<'_>, (root, scratch, nginx): (&Path, &Path, &Path)) -> Result<(Measures, Notes)> {
    let network = turn.line.lay()?;
    let server = Server::start(&network, nginx, root, scratch)?;
    let browser = Browser::start(&network, &server.origin)?;
    let mut page = browser.into_counted_page(&format!("{}/{}", server.origin, turn.contender.page(turn.film)))?;
    page.await_ready()?;
    thread::sleep(PAUSE);
    network.begin_steps();
    let mut measures = Measures::from([(FIRST_FRAME.to_owned(), page.number("bench.start()")?)]);
    match turn.act {
        Act::Play(seconds) => watch(&mut page, seconds)?,
        Act::Start(part) => {
            thread::sleep(PAUSE);
            let kbps = |page: &mut Page<Browser>, at: &str| {
                let rung = page.evaluate(&format!("notes.frames.at({at})?.[2]"))?.as_u64();
                let rung = rung.and_then(|rung| turn.film.rungs.get(rung as usize));
                anyhow::Ok(rung.map_or(f64::NAN, |rung| rung.rate / 1e3))
            };
            measures.insert(KBPS_AT_FIRST.to_owned(), kbps(&mut page, "0")?);
            let frame = f64::from(turn.film.seconds * part / 100 * 24) + 5.5;
            measures.insert(SEEK.to_owned(), page.number(&format!("bench.seekTo({})", frame / 24.0))?);
            measures.insert(KBPS_AT_SEEK.to_owned(), kbps(&mut page, "-1")?);
        }
    }
    let notes: Notes = serde_json::from_value(page.evaluate("bench.noted()")?)?;
    if let Act::Play(_) = turn.act {
        measures.extend(notes.measures(turn.film));
        let (received, in_vain) = bytes::thrown_away(&page.fetched(), &turn.film.rungs, &notes.shown(turn.film));
        measures.insert(THROWN_AWAY.to_owned(), in_vain as f64 / received.max(1) as f64 * 100.0);
    }
    Ok((measures, notes))
}

/// Waits until so much of the film has been played, or for twice as long.
fn watch(page: &mut Page<Browser>, seconds: f64) -> Result<()> {
    page.evaluate("bench.go()")?;
    loop {
        thread::sleep(LOOK);
        let place = page.evaluate("bench.place()")?;
        let (at, passed) = (place[0].as_f64().unwrap_or(0.0), place[1].as_f64().unwrap_or(f64::INFINITY));
        if at >= seconds || passed > 2.0 * seconds + PATIENCE {
            return Ok(());
        }
    }
}
