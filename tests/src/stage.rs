//! The sample film, cut into chunks and served, and a browser to play it.

use anyhow::Result;

use crate::{Browser, Cut, Origin, sample_film};

/// What most tests begin with.
#[derive(Debug)]
pub struct Stage {
    /// It serves the film and the page.
    pub origin: Origin,
    /// With nothing open.
    pub browser: Browser,
    _cut: Cut,
}

impl Stage {
    /// Cuts the film into at least six chunks, serves it and starts the browser.
    ///
    /// # Errors
    /// When one of the programs fails or is not there.
    pub async fn set() -> Result<Self> {
        let cut = Cut::new(&sample_film(), Some("350kB"))?;
        let origin = Origin::serve(cut.path())?;
        Ok(Self { origin, browser: Browser::start().await?, _cut: cut })
    }
}
