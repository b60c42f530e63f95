//! The film, its origin, a browser, and the scenarios' frames in its page.

use std::{collections::VecDeque, fs, time::Duration, time::Instant};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::{
    anatomy::{dissect, ending},
    corruption::Corruption,
    fault::Fault,
    judge::{Known, Told, Verdict},
    line::Line,
    pictures::Pictures,
    place::Place,
    strike::Script,
    table::{Object, Scenario, damage, undisturbed},
};
use crate::{Browser, Cut, Kind, Origin, Page, Recoded, Site};

/// Length of the film, in seconds.
const SECONDS: u32 = 16;

/// Width and height of its pictures.
const SIZE: [u32; 2] = [480, 270];

/// A light film, of which many play at once: groups of a second and about 90 kB, two in a chunk.
const CODING: &str = "-vf scale=480:270 -c:v libx264 -preset veryfast -g 24 -keyint_min 24 -sc_threshold 0 -bf 2 \
    -b:v 700k -maxrate 700k -bufsize 350k -c:a copy";
const CHUNK_SIZE: &str = "190kB";

pub(super) const PAGES: [(&str, &str); 3] = [
    ("frames.html", include_str!("page/frames.html")),
    ("scenario.html", include_str!("page/scenario.html")),
    ("scenario.js", include_str!("page/scenario.js")),
];

/// Time that a scenario may take on top of the film and what its fault withholds: it only keeps a broken one from lasting for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the scenarios are played on.
#[derive(Debug)]
pub struct Stage {
    browser: Browser,
    origin: Origin,
    cut: Cut,
    known: Known,
    _film: Recoded,
    _site: Site,
}

/// A scenario under way.
struct Running<'a> {
    scenario: &'a Scenario,
    id: String,
    line: Line,
    until: Instant,
    /// Whether what befalls the browser as a whole is over.
    has_befallen: bool,
}

impl Stage {
    /// Makes the film, cuts and serves it, and starts a browser of that kind.
    ///
    /// # Errors
    /// When one of the programs or the package is not there.
    pub async fn set(kind: Kind) -> Result<Self> {
        let (film, cut) = film()?;
        let site = Site::example("minimal")?;
        for (name, text) in PAGES {
            fs::write(site.path().join(name), text)?;
        }
        let origin = Origin::serve_site(cut.path(), site.path())?;
        let browser = Browser::start_as(kind).await?;
        let (fragments, pictures) = (dissect(&cut)?, Pictures::default());
        let known = Known { film: film.film.clone(), fragments, pictures, kind };
        Ok(Self { browser, origin, cut, known, _film: film, _site: site })
    }

    /// Plays them, so many at once, and gives what came of each, in the order in which they end, to `tell`, too.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn play(
        &mut self,
        scenarios: &[Scenario],
        at_once: usize,
        mut tell: impl FnMut(&Verdict),
    ) -> Result<Vec<Verdict>> {
        self.browser.record().await?;
        self.browser.client.goto(&format!("{}/frames.html", self.origin.address())).await?;
        if scenarios.iter().any(Scenario::has_eyes) {
            self.known.pictures = self.learn().await?;
        }
        let (alone, together): (Vec<_>, Vec<_>) = scenarios.iter().partition(|scenario| scenario.is_of_browser());
        let mut verdicts = Vec::new();
        for (waiting, at_once) in [(together, at_once), (alone, 1)] {
            self.play_through(waiting, at_once, |one, told| {
                let verdict = Verdict::new(one.scenario, &self.known, told, &one.line);
                tell(&verdict);
                verdicts.push(verdict);
            })
            .await?;
        }
        Ok(verdicts)
    }

    /// What the film looks like.
    async fn learn(&self) -> Result<Pictures> {
        if Pictures::are_decoded_for(self.known.kind) {
            return Pictures::decode(&self.known.film, SIZE);
        }
        let mut pictures = Pictures::default();
        let undisturbed = undisturbed(2);
        self.play_through(undisturbed.iter().collect(), 2, |_, told| {
            if let Some(told) = told {
                pictures.learn(told);
            }
        })
        .await?;
        Ok(pictures)
    }

    /// So many scenarios of random damage that this many fragments come damaged.
    #[must_use]
    pub fn damage(&self, fragments: usize) -> Vec<Scenario> {
        let mut planned = 0;
        let mut chosen = Vec::new();
        for scenario in damage(fragments as u64) {
            if planned >= fragments {
                break;
            }
            planned += Corruption::new(&self.known.fragments, scenario.seed).planned();
            chosen.push(scenario);
        }
        chosen
    }

    async fn play_through<'a>(
        &self,
        scenarios: Vec<&'a Scenario>,
        at_once: usize,
        mut ended: impl FnMut(&Running<'a>, Option<&Told>),
    ) -> Result<()> {
        let mut waiting = VecDeque::from(scenarios);
        let mut running = Vec::new();
        let mut begun = 0;
        while !waiting.is_empty() || !running.is_empty() {
            while running.len() < at_once
                && let Some(scenario) = waiting.pop_front()
            {
                begun += 1;
                running.push(self.begin(scenario, format!("{} {begun}", scenario.name())).await?);
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
            let mut going = Vec::new();
            for mut one in running {
                self.befall(&mut one).await?;
                let told = self.told(&one).await?;
                if told.as_ref().is_some_and(|told| told.is_done) || Instant::now() >= one.until {
                    self.browser.client.execute("leave(arguments[0])", vec![json!(one.id)]).await?;
                    ended(&one, told.as_ref());
                } else {
                    going.push(one);
                }
            }
            running = going;
        }
        Ok(())
    }

    async fn begin<'a>(&self, scenario: &'a Scenario, id: String) -> Result<Running<'a>> {
        let corruption = Corruption::new(&self.known.fragments, scenario.seed);
        let line = Line::before(self.origin.address(), self.script(scenario)?, corruption)?;
        let address = format!("{}/scenario.html#{}", line.address(), encoded(&self.setting(scenario, &id)));
        self.browser.client.execute("watch(...arguments)", vec![json!(id), json!(address)]).await?;
        let most = Duration::from_secs_f64(scenario.row.forced) + PATIENCE + Duration::from_secs(SECONDS.into());
        Ok(Running { scenario, id, line, until: Instant::now() + most, has_befallen: false })
    }

    /// What its page has said last.
    async fn told(&self, one: &Running<'_>) -> Result<Option<Told>> {
        let told = self.browser.client.execute("return told[arguments[0]] ?? null", vec![json!(one.id)]).await?;
        serde_json::from_value(told).context("a frame's report is incomplete")
    }

    /// Does to the browser what the scenario says, from where it has come to that until that is over.
    async fn befall(&self, one: &mut Running<'_>) -> Result<()> {
        if one.has_befallen || !one.scenario.is_of_browser() || !one.line.strikes().has_begun() {
            return Ok(());
        }
        one.has_befallen = true;
        let lasts = Duration::from_secs_f64(one.scenario.row.seconds.unwrap_or(0.0));
        match one.scenario.row.fault {
            Fault::Asleep => {
                let asleep = self.browser.stop()?;
                tokio::time::sleep(lasts).await;
                drop(asleep);
                // A network takes its time after a sleep.
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            Fault::Hidden => {
                let page = Page::shown_by(&self.browser);
                let hidden = page.hide().await?;
                tokio::time::sleep(lasts).await;
                page.show(hidden).await?;
            }
            _ => {
                self.browser.set_offline(true).await?;
                tokio::time::sleep(lasts).await;
                self.browser.set_offline(false).await?;
            }
        }
        one.line.strikes().heal();
        Ok(())
    }

    fn script(&self, scenario: &Scenario) -> Result<Script> {
        let (row, place) = (&scenario.row, scenario.place);
        let streams = &self.cut.document().streams;
        let stream = |is_sound: bool| streams.iter().find(|stream| (stream.kind == manifest::Kind::Audio) == is_sound);
        let stream = stream(row.object == Object::Sound).context("the film has pictures and sound")?;
        let chunk = &stream.chunks[place.chunk(stream.chunks.len()).min(stream.chunks.len() - 1)];
        let (object, length) = match row.object {
            Object::Pictures | Object::Sound => (ending(&chunk.url), chunk.bytes),
            Object::Table => {
                let table = chunk.fragments.as_ref().context("the splitter makes tables")?;
                (ending(&table.url), table.bytes)
            }
            Object::Manifest => ("manifest.json".to_owned(), u64::MAX),
        };
        let is_small = matches!(row.object, Object::Table | Object::Manifest);
        let (offset, grace) = if is_small { (0, 50) } else { (place.offset(length), place.grace()) };
        let lasts = row.seconds.map(Duration::from_secs_f64);
        Ok(Script { fault: row.fault.clone(), object, offset, grace, times: row.times, lasts })
    }

    /// What the frame is told.
    fn setting(&self, scenario: &Scenario, id: &str) -> Value {
        // So little ahead that the film is fetched as it is watched, and that what is missing is missed.
        let mut options = Map::from_iter([("ahead".to_owned(), json!(4)), ("low".to_owned(), json!(1))]);
        options.extend(scenario.row.options.clone());
        let starts = self.cut.video_chunk_starts();
        let seek = scenario.seeks().then(|| starts[Place::Seek.chunk(starts.len())] + 0.55);
        let has_eyes = scenario.has_eyes() || scenario.row.fault == Fault::WithoutAcceptRanges;
        // Every picture is looked at where that matters, and fewer are left out by who is slower.
        let rate = if has_eyes { 1 } else { 2 };
        json!({ "id": id, "options": options, "rate": rate, "seek": seek, "hasEyes": has_eyes })
    }
}

/// The film, and its cut.
pub(super) fn film() -> Result<(Recoded, Cut)> {
    let film = Recoded::new("film.mp4", SECONDS, CODING)?;
    let cut = Cut::new(&film.film, Some(CHUNK_SIZE))?;
    Ok((film, cut))
}

/// As the fragment of an address.
pub(super) fn encoded(value: &Value) -> String {
    url::form_urlencoded::byte_serialize(value.to_string().as_bytes()).collect::<String>().replace('+', "%20")
}
