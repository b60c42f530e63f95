//! Removing what earlier cuts have left.
//!
//! What may go is recognised by name alone, and the names are those that the splitter gives: a directory named by a
//! content id that the manifest does not name, anything that begins with `.partial-`, and `.rungs`, where rungs are kept
//! that another cut of the same film would take again.

use std::fs;
use std::path::{Path, PathBuf};

use manifest::{Film, is_content_id, whole_id};
use serde::Serialize;

use crate::Error;
use crate::directory::{Directory, PARTIAL};
use crate::ladder::KEPT;

/// What was removed, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// The content id that stays.
    pub current: String,
    /// In the order of their names.
    pub removed: Vec<Removed>,
}

/// One directory or file that was removed, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// Where it is.
    pub path: PathBuf,
    /// All its files together.
    pub bytes: u64,
}

/// Removes every cut in a directory that its manifest does not name, rungs that were kept, and what killed splitters have left. With `dry_run` it
/// only says what that would be.
///
/// # Errors
/// When there is no manifest to tell what is current, another splitter is at work, or the system refuses.
pub fn prune(directory: &Path, dry_run: bool) -> Result<Pruned, Error> {
    let manifest = directory.join("manifest.json");
    // Where there is none, nothing is made to hold a lock in.
    fs::metadata(&manifest).map_err(Error::io("read", &manifest))?;
    let _lock = Directory::open(directory)?;
    let bytes = fs::read(&manifest).map_err(Error::io("read", &manifest))?;
    let film = Film::parse(&bytes).map_err(|cause| Error::Manifest { path: manifest.clone(), cause })?;
    // What goes up at the moment stays, too: its directory is named by the id of all of it.
    let current = whole_id(&film.id.ok_or_else(|| Error::ForeignManifest { path: manifest.clone() })?).to_owned();
    let mut removed = Vec::new();
    for entry in fs::read_dir(directory).map_err(Error::io("list", directory))? {
        let entry = entry.map_err(Error::io("list", directory))?;
        let (path, name) = (entry.path(), entry.file_name());
        let is_directory = entry.file_type().map_err(Error::io("look at", &path))?.is_dir();
        let name = name.to_string_lossy();
        let is_old = is_directory && is_content_id(&name) && *name != *current;
        if is_old || name.starts_with(PARTIAL) || name == KEPT {
            let bytes = size(&path).map_err(Error::io("look at", &path))?;
            removed.push(Removed { path, bytes });
        }
    }
    removed.sort_by(|one, other| one.path.cmp(&other.path));
    if !dry_run {
        removed.iter().try_for_each(|entry| remove(&entry.path).map_err(Error::io("remove", &entry.path)))?;
    }
    Ok(Pruned { current, removed })
}

/// All files below a path together, links not followed.
fn size(path: &Path) -> std::io::Result<u64> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_dir() {
        return Ok(metadata.len());
    }
    fs::read_dir(path)?.map(|entry| size(&entry?.path())).sum()
}

fn remove(path: &Path) -> std::io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}
