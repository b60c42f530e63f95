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

/// Every chunk, init and table of the film in a directory, and whether an origin sends it with its digest.
pub(crate) fn sent_digests(directory: &Path) -> BTreeMap<String, bool> {
    let origin = origin::Handler::new(&origin::Config::loopback(directory)).expect("the directory is there");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let id = id(directory);
    let names = files(directory).into_keys().filter_map(|path| path.to_str().map(str::to_owned));
    let of_cut = names.filter(|name| name.starts_with(&id) && (name.ends_with(".mp4") || name.ends_with(".bin")));
    let is_sent = |name: &str| {
        let request = http::Request::get(format!("/media/current/{name}")).body(()).expect("a request");
        let response = runtime.block_on(origin.respond(&request, std::time::SystemTime::now()));
        response.headers().contains_key("repr-digest")
    };
    of_cut.map(|name| (name.clone(), is_sent(&name))).collect()
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
