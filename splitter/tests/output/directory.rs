//! A directory to publish in, and what is in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file below a directory with its bytes, by its path in there. The lock, which says nothing, is left out.
pub(crate) fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(&path).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if !path.ends_with(".splitter.lock") {
                let name = path.strip_prefix(directory).expect("it is below").to_owned();
                files.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

/// The names at the top of a directory, sorted, the lock left out.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).expect("a directory");
    let mut names: Vec<_> =
        names.map(|entry| entry.expect("an entry").file_name().into_string().expect("Unicode")).collect();
    names.retain(|name| name != ".splitter.lock");
    names.sort();
    names
}

/// The content id that the manifest in a directory gives.
pub(crate) fn id(directory: &Path) -> String {
    let manifest = fs::read(directory.join("manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("JSON");
    manifest["id"].as_str().expect("an id").to_owned()
}
