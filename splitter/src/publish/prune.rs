//! Removing what earlier cuts have left in a store, by the same rule as in a directory: what lies below a content id that the
//! manifest does not name.

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures_util::{StreamExt, stream};
use manifest::Film;

use super::Options;
use crate::directory::is_content_id;
use crate::{Error, Pruned, Removed};

/// How many objects are removed at once.
const JOBS: usize = 8;

/// Removes every cut below an address that its manifest does not name. With `dry_run` it only says what that would be. Of the
/// options the address, the environment, the patience and the wish to stop count.
///
/// # Errors
/// When there is no manifest to tell what is current, or the store refuses.
pub fn prune(options: &Options, dry_run: bool) -> Result<Pruned, Error> {
    let path = PathBuf::from(format!("{}/manifest.json", options.address));
    let runtime = super::runtime()?;
    let store = options.open()?;
    runtime.block_on(async {
        let manifest = store.bytes("manifest.json", Film::LARGEST_MANIFEST as u64).await?;
        let film = Film::parse(&manifest).map_err(|cause| Error::Manifest { path: path.clone(), cause })?;
        // What goes up at the moment stays, too.
        let current = super::whole_id(&film.id.ok_or(Error::ForeignManifest { path })?).to_owned();
        let mut old: BTreeMap<String, u64> = BTreeMap::new();
        let mut names = Vec::new();
        for entry in store.list("").await? {
            let Some((id, _)) = entry.name.split_once('/') else { continue };
            if is_content_id(id) && *id != *current {
                *old.entry(id.to_owned()).or_default() += entry.bytes;
                names.push(entry.name);
            }
        }
        if !dry_run {
            let mut removals = stream::iter(&names).map(|name| store.delete(name)).buffer_unordered(JOBS);
            while let Some(removed) = removals.next().await {
                removed?;
            }
        }
        let path = |id: &str| PathBuf::from(format!("{}/{id}", options.address));
        let removed = old.iter().map(|(id, &bytes)| Removed { path: path(id), bytes }).collect();
        Ok(Pruned { current, removed })
    })
}
