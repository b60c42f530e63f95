//! What killed runs have left of files that were under way. In a directory nobody else removes it.

use std::path::Path;

use manifest::is_content_id;
use store::{Leftover, Scheme, Store};

use super::Options;
use super::files::TOP;
use crate::Error;
use crate::directory::Directory;

/// Keeps other splitters from a directory, as cutting into one does: what is under way there is then of runs that were killed. `None` for
/// other stores, and where the file system knows no locks.
pub(super) fn hold(options: &Options) -> Result<Option<Directory>, Error> {
    if options.address.scheme != Scheme::File {
        return Ok(None);
    }
    match Directory::open(Path::new(&options.address.prefix)) {
        Err(Error::Io { action: "lock", .. }) => Ok(None),
        held => held.map(Some),
    }
}

/// Removes what was left of a cut's files in a directory that is held.
pub(super) async fn forget(store: &Store, id: &str, _held: &Directory) -> Result<(), Error> {
    let left = store.leftovers().await.unwrap_or_default();
    for leftover in left.iter().filter(|leftover| is_of(leftover, id)) {
        store.forget(leftover).await?;
    }
    Ok(())
}

/// Whether it is of a file of this cut: below its id, or one of those that name it.
pub(super) fn is_of(leftover: &Leftover, id: &str) -> bool {
    is_below(&leftover.name, |first| first == id)
}

/// Whether it is of a file that some cut has.
pub(crate) fn is_of_a_cut(leftover: &Leftover) -> bool {
    is_below(&leftover.name, is_content_id)
}

fn is_below(name: &str, is_id: impl Fn(&str) -> bool) -> bool {
    name.split_once('/').map_or_else(|| TOP.contains(&name), |(first, _)| is_id(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_cut_has_is_left_alone() {
        let id = "0123456789abcdef0123456789abcdef";
        for (name, is_ours) in [
            ("manifest.json", true),
            ("0123456789abcdef0123456789abcdef/video-1/0001.mp4", true),
            ("notes", false),
            ("photos/manifest.json", false),
        ] {
            assert_eq!(is_below(name, |first| first == id), is_ours, "{name}");
            assert_eq!(is_below(name, is_content_id), is_ours, "{name}");
        }
        assert!(!is_below("0123456789abcdef0123456789abcdee/init.mp4", |first| first == id));
    }
}
