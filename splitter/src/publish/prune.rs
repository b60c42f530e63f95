//! Removing what earlier cuts have left in a store, by the same rule as in a directory: what lies below a content id that the
//! manifest does not name. A listing may lag behind what was removed: each object that it shows is looked at again.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::PathBuf;

use futures_util::{StreamExt, TryStreamExt, stream};
use manifest::{Film, is_content_id, whole_id};
use store::{Leftover, Scheme};

use super::files::MANIFEST;
use super::{Options, leftovers};
use crate::{Error, Pruned, Removed};

/// How many objects are looked at, or removed, at once.
const JOBS: usize = 8;

/// Removes every cut below an address that its manifest does not name, and what killed runs have left, where the store says what that
/// is. With `dry_run` it only says what would be removed. Of the options the address, the environment, the patience and the wish to stop
/// count.
///
/// # Errors
/// When there is no manifest to tell what is current, or the store refuses.
pub fn prune(options: &Options, dry_run: bool) -> Result<Pruned, Error> {
    let path = PathBuf::from(format!("{}/manifest.json", options.address));
    let runtime = super::runtime()?;
    let store = options.open_there()?;
    runtime.block_on(async {
        // Where there is no manifest, nothing is made to hold a lock in.
        let is_published = store.head(MANIFEST).await?.is_some();
        let held = if is_published { leftovers::hold(options)? } else { None };
        let manifest = store.bytes(MANIFEST, Film::LARGEST_MANIFEST as u64).await?;
        let film = Film::parse(&manifest).map_err(|cause| Error::Manifest { path: path.clone(), cause })?;
        let id = film.id.ok_or(Error::ForeignManifest { path })?;
        // What goes up at the moment stays, too.
        let current = whole_id(&id).to_owned();
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
        // Of the current cut nothing is under way once it is whole, and nobody else is in the directory.
        let is_still = id == current && (held.is_some() || options.address.scheme != Scheme::File);
        let is_dead = |left: &Leftover| is_old(&left.name) || is_still && leftovers::is_of(left, &current);
        let mut left = store.leftovers().await.unwrap_or_default();
        left.retain(is_dead);
        let (below_old, beside): (Vec<_>, Vec<_>) = left.iter().partition(|left| is_old(&left.name));
        for leftover in below_old {
            *old.entry(id_of(&leftover.name).unwrap_or_default()).or_default() += leftover.bytes.unwrap_or(0);
        }
        if !dry_run {
            for leftover in &left {
                store.forget(leftover).await?;
            }
            let mut removals = stream::iter(&there).map(|entry| store.delete(&entry.name)).buffer_unordered(JOBS);
            while let Some(removed) = removals.next().await {
                removed?;
            }
        }
        let path = |name: &dyn Display| PathBuf::from(format!("{}/{name}", options.address));
        let cuts = old.iter().map(|(id, &bytes)| Removed { path: path(id), bytes });
        let beside = beside.iter().map(|left| Removed { path: path(left), bytes: left.bytes.unwrap_or(0) });
        let removed = cuts.chain(beside).collect();
        Ok(Pruned { current, removed })
    })
}

/// The content id below which a name lies, if it does.
fn id_of(name: &str) -> Option<&str> {
    name.split_once('/').map(|(id, _)| id).filter(|id| is_content_id(id))
}
