//! Links and films, read from a directory, or those that ship with the project.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::film::Film;
use crate::link::{Period, Trace};

/// Which links of a set are played.
#[derive(Clone, Copy)]
pub(crate) enum Half {
    Both,
    Even,
    Odd,
}

/// Links that are alike, and the film that is played over them.
pub(crate) struct Set {
    pub(crate) name: String,
    pub(crate) film: Film,
    pub(crate) links: Vec<(String, Trace)>,
}

impl Set {
    /// Only every second link, counted from 0.
    pub(crate) fn half(&self, half: Half) -> Self {
        let is_in = |index: usize| match half {
            Half::Both => true,
            Half::Even => index.is_multiple_of(2),
            Half::Odd => !index.is_multiple_of(2),
        };
        let links = self.links.iter().enumerate().filter(|(index, _)| is_in(*index));
        Self { name: self.name.clone(), film: self.film.clone(), links: links.map(|(_, link)| link.clone()).collect() }
    }
}

/// The project's own links, all of them made up, and a film of 150 groups in six rungs.
pub(crate) fn own() -> Result<Vec<Set>> {
    let files: [(&str, &str); 5] = [
        ("steady", include_str!("../traces/steady.json")),
        ("train", include_str!("../traces/train.json")),
        ("tunnel", include_str!("../traces/tunnel.json")),
        ("shared", include_str!("../traces/shared.json")),
        ("falling", include_str!("../traces/falling.json")),
    ];
    let link = |(name, text): (&str, &str)| {
        let periods = serde_json::from_str(text).with_context(|| format!("traces/{name}.json"))?;
        Ok((name.to_owned(), Trace::new(periods).with_context(|| format!("traces/{name}.json is no link"))?))
    };
    let links = files.into_iter().map(link).collect::<Result<_>>()?;
    Ok(vec![Set { name: "made up".to_owned(), film: Film::made_up(150), links }])
}

/// What lies in a directory.
pub(crate) fn read(directory: &Path) -> Result<Vec<Set>> {
    let mut films: Vec<Film> = Vec::new();
    let mut folders = vec![(String::from("."), Vec::new())];
    for path in sorted(directory)? {
        if path.is_dir() {
            let files = sorted(&path)?.into_iter().filter(|file| is_json(file));
            let links = files.map(|file| read_link(&file)).collect::<Result<Vec<_>>>()?;
            folders.push((name(&path), links));
        } else if is_json(&path) {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            match serde_json::from_str::<Film>(&text) {
                Ok(film) if film.is_sound() => films.push(film),
                Ok(_) => bail!("{}: a film needs sizes above zero of every rung in every group", path.display()),
                Err(_) => folders[0].1.push(read_link(&path)?),
            }
        }
    }
    if films.is_empty() {
        films.push(Film::made_up(150));
    }
    folders.retain(|(_, links)| !links.is_empty());
    if folders.is_empty() {
        bail!("{} has neither links nor folders of links; see `cargo xtask bench abr --help`", directory.display());
    }
    Ok(folders.into_iter().map(|(name, links)| Set { name, film: film_for(&films, &links), links }).collect())
}

/// The film whose highest rung is nearest to what the links carry.
fn film_for(films: &[Film], links: &[(String, Trace)]) -> Film {
    let mean = links.iter().map(|(_, trace)| trace.mean_kbps()).sum::<f64>() / links.len() as f64;
    let distance = |film: &Film| (film.kbps[film.top()] / mean).ln().abs();
    let nearest = films.iter().min_by(|one, other| distance(one).total_cmp(&distance(other)));
    nearest.expect("there is a film, if only the made up one").clone()
}

fn read_link(path: &Path) -> Result<(String, Trace)> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let periods: Vec<Period> =
        serde_json::from_str(&text).with_context(|| format!("{} is neither link nor film", path.display()))?;
    let trace = Trace::new(periods).with_context(|| format!("{} never carries anything", path.display()))?;
    Ok((name(path), trace))
}

fn sorted(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
