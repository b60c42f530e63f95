//! Removing what earlier cuts have left in a store, by the same rule as in a directory: what lies below a content id that the
//! manifest does not name. A listing may lag behind what was removed: each object that it shows is looked at again.

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures_util::{StreamExt, TryStreamExt, stream};
use manifest::{Film, is_content_id, whole_id};

use super::Options;
use crate::{Error, Pruned, Removed};

/// How many objects are looked at, or removed, at once.
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
        let current = whole_id(&film.id.ok_or(Error::ForeignManifest { path })?).to_owned();
        let is_old = |name: &str| id_of(name).is_some_and(|id| *id != *current);
        let listed = store.list("").await?.into_iter().filter(|entry| is_old(&entry.name));
        let looks = stream::iter(listed).map(|entry| async {
            let is_there = store.head(&entry.name).await?.is_some();
            Ok::<_, Error>(is_there.then_some(entry))
        });
        let looked: Vec<_> = looks.buffer_unordered(JOBS).try_collect().await?;
        let there: Vec<_> = looked.into_iter().flatten().collect();
        let mut old: BTreeMap<&str, u64> = BTreeMap::new();
        for entry in &there {
            *old.entry(id_of(&entry.name).unwrap_or_default()).or_default() += entry.bytes;
        }
        if !dry_run {
            let mut removals = stream::iter(&there).map(|entry| store.delete(&entry.name)).buffer_unordered(JOBS);
            while let Some(removed) = removals.next().await {
                removed?;
            }
        }
        let path = |id: &str| PathBuf::from(format!("{}/{id}", options.address));
        let removed = old.iter().map(|(id, &bytes)| Removed { path: path(id), bytes }).collect();
        Ok(Pruned { current, removed })
    })
}

/// The content id below which a name lies, if it does.
fn id_of(name: &str) -> Option<&str> {
    name.split_once('/').map(|(id, _)| id).filter(|id| is_content_id(id))
}
