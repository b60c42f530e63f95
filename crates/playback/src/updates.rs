//! Whether the film has been cut anew.

use manifest::Film;

use crate::Now;

/// Looking for a new cut of the film.
#[derive(Debug, Default)]
pub(crate) struct Updates {
    /// When there was the last answer, or none any more.
    pub(crate) looked: Now,
    /// The last cut that the page has been told of.
    told: Option<Option<String>>,
}

impl Updates {
    /// Takes note that the page is told of that cut; `false` if it knows.
    pub(crate) fn is_news(&mut self, id: &Option<String>) -> bool {
        self.told.replace(id.clone()).as_ref() != Some(id)
    }
}

/// Whether two manifests are of different cuts.
pub(crate) fn is_another(one: &Film, other: &Film) -> bool {
    let chunks = |film: &Film| -> Vec<(String, u64)> {
        let chunks = film.streams.iter().flat_map(|stream| &stream.chunks);
        chunks.map(|chunk| (chunk.url.clone(), chunk.bytes)).collect()
    };
    if one.id.is_some() || other.id.is_some() { one.id != other.id } else { chunks(one) != chunks(other) }
}
