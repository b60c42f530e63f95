//! What killed runs have left of files that were under way: it is seen by nobody, and costs room until it is forgotten.
//!
//! S3 and Google keep the parts of uploads that nobody has ended. In a directory they are files whose names end in `#` and a number, as
//! `object_store` makes them. Azure drops blocks that were not put together after a week, and has no list of them.

use std::path::{Path as FilePath, PathBuf};
use std::{fmt, fs};

use crate::error::Failure;
use crate::uploads::uploads;
use crate::{Error, Scheme, Store, failure};

/// What a run that was killed, or is still at it, has brought of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// The name that the file was to have, below the prefix.
    pub name: String,
    /// Its length, where the store says it.
    pub bytes: Option<u64>,
    place: Place,
}

impl fmt::Display for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Parts(_) => write!(f, "{} (parts)", self.name),
            Place::Staged(number, _) => write!(f, "{}#{number}", self.name),
        }
    }
}

/// Where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// An upload in parts, by its id.
    Parts(String),
    /// A file beside the one that it was to become, by the number behind its name.
    Staged(String, PathBuf),
}

impl Store {
    /// What was left below the prefix, by name; `None` where the store does not say.
    pub async fn leftovers(&self) -> Option<Vec<Leftover>> {
        let mut found = if self.address.scheme == Scheme::File {
            let root = PathBuf::from(&self.address.prefix);
            tokio::task::spawn_blocking(move || staged(&root)).await.ok()?
        } else {
            self.unended().await?
        };
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Some(found)
    }

    /// Removes it, and in a directory those around it that are empty then. It is no error where it is gone by now.
    ///
    /// # Errors
    /// Those of [`Self::head`]; [`Error::Io`] where a directory refuses.
    pub async fn forget(&self, leftover: &Leftover) -> Result<(), Error> {
        let id = match &leftover.place {
            Place::Parts(id) => id,
            Place::Staged(_, path) => {
                let removed = remove(path, FilePath::new(&self.address.prefix));
                return removed.map_err(|cause| Error::Io { path: path.clone(), cause });
            }
        };
        let Some(uploads) = &self.uploads else { return Ok(()) };
        let key = self.key(&leftover.name);
        self.patiently("remove parts of", &leftover.name, || async {
            match uploads.forget(&key, id).await.map_err(|error| failure(&error)) {
                Ok(()) | Err(Failure::Missing) => Ok(()),
                Err(failure) => Err(failure),
            }
        })
        .await
    }

    async fn unended(&self) -> Option<Vec<Leftover>> {
        let prefix = self.key("").to_string();
        let listing = self.uploads.as_ref()?.list(&self.connection, &prefix).await?;
        let below = |key: &str| {
            let name = key.strip_prefix(&prefix)?;
            if prefix.is_empty() { Some(name.to_owned()) } else { Some(name.strip_prefix('/')?.to_owned()) }
        };
        let uploads = uploads(&listing).filter_map(|(key, id)| {
            Some(Leftover { name: below(key)?, bytes: None, place: Place::Parts(id.to_owned()) })
        });
        Some(uploads.collect())
    }
}

/// Every staged file below a directory. What cannot be listed has none.
fn staged(root: &FilePath) -> Vec<Leftover> {
    let (mut found, mut open) = (Vec::new(), vec![root.to_owned()]);
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            let path = entry.path();
            // Links are not followed.
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                open.push(path);
            } else if let Some((name, number)) = kind.is_file().then(|| staged_name(root, &path)).flatten() {
                let bytes = entry.metadata().ok().map(|metadata| metadata.len());
                found.push(Leftover { name, bytes, place: Place::Staged(number, path) });
            }
        }
    }
    found
}

/// The name that a staged file was to have, and the number behind it.
fn staged_name(root: &FilePath, path: &FilePath) -> Option<(String, String)> {
    let below = path.strip_prefix(root).ok()?.to_str()?;
    let (name, number) = below.rsplit_once('#')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let name = name.replace(std::path::MAIN_SEPARATOR, "/");
    (is_number && !name.is_empty() && !name.ends_with('/')).then(|| (name, number.to_owned()))
}

fn remove(path: &FilePath, root: &FilePath) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut around = path.ancestors().skip(1).take_while(|directory| *directory != root);
    // The first that is not empty refuses.
    let _ = around.try_for_each(fs::remove_dir);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_ends_in_a_number_is_staged() {
        let name = |path: &str| staged_name(FilePath::new("/srv"), FilePath::new(path));
        let staged = |name: &str, number: &str| Some((name.to_owned(), number.to_owned()));
        assert_eq!(name("/srv/0a/video-1/0001.mp4#12"), staged("0a/video-1/0001.mp4", "12"));
        assert_eq!(name("/srv/manifest.json#1"), staged("manifest.json", "1"));
        for other in ["/srv/0001.mp4", "/srv/song #1 of many.mp3", "/srv/a#", "/srv/#1", "/srv/0a/#1", "/etc/a#1"] {
            assert_eq!(name(other), None, "{other}");
        }
    }
}
