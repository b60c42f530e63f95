//! A film that was cut, and the program that publishes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use http::Method;
use serde_json::Value;
use splitter::publish::{Options, publish};
use tempfile::TempDir;
use test_bucket::{Bucket, Fault, KEY_ID, SECRET};

/// A bucket, and a cut of about twenty files to put into it.
pub(crate) struct Stage {
    pub(crate) bucket: Bucket,
    pub(crate) cut: PathBuf,
    place: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let place = TempDir::new().expect("a directory");
        let cut = place.path().join("cut");
        let stage = Self { bucket: Bucket::new(), cut, place };
        stage.cut_as("One");
        stage
    }

    /// The film of the repository, which is 30 s long.
    pub(crate) fn film() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/media/sample.mp4")
    }

    pub(crate) fn cut_as(&self, name: &str) {
        self.cut_with(name, "350kB");
    }

    pub(crate) fn cut_with(&self, name: &str, chunk_size: &str) {
        let mut cut = self.splitter();
        succeed(cut.arg(Self::film()).arg("--out").arg(&self.cut).args([
            "--chunk-size",
            chunk_size,
            "--quiet",
            "--name",
            name,
        ]));
    }

    /// The program without any keys in its environment.
    pub(crate) fn splitter(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_splitter"));
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            if ["AWS_", "CLOUDFLARE_", "GOOGLE_", "AZURE_"].iter().any(|prefix| name_text.starts_with(prefix)) {
                command.env_remove(&name);
            }
        }
        command.env("HOME", self.place.path());
        command
    }

    /// `splitter publish` of the cut.
    pub(crate) fn publish(&self, url: &str) -> Command {
        let mut command = self.splitter_with_keys();
        command.arg("publish").arg(&self.cut).arg(url).arg("--json");
        command
    }

    /// `splitter FILM --out URL`, which makes the same of the same film without the directory.
    pub(crate) fn cut_into(&self, film: impl AsRef<std::ffi::OsStr>, url: &str) -> Command {
        let mut command = self.splitter_with_keys();
        command.arg(film).args(["--out", url, "--chunk-size", "350kB", "--name", "One", "--json"]);
        command
    }

    /// Makes another cut, and leaves parts of a file of it in the bucket, as a kill does: the store ends no upload, and forgets none.
    pub(crate) fn leave_parts_of_another_cut(&self, url: &str) {
        fs::remove_dir_all(&self.cut).expect("it is there");
        self.cut_with("Two", "500kB");
        self.bucket.fail(|seen, _| {
            let is_end = seen.method == Method::POST && seen.query.contains_key("uploadId");
            (is_end || seen.method == Method::DELETE).then_some(Fault::Answer(403, "AccessDenied"))
        });
        let mut options = Options::new(&self.cut, url.parse().expect("an address"));
        options.environment = self.bucket.environment().into_iter().collect();
        options.largest_put = 100_000;
        publish(&options, &()).expect_err("no parts are put together");
        self.bucket.heal();
        assert!(self.bucket.left_over_parts() > 0);
    }

    /// The program with the keys of the bucket.
    pub(crate) fn splitter_with_keys(&self) -> Command {
        let mut command = self.splitter();
        command.env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET);
        command.env("AWS_ENDPOINT_URL", self.bucket.endpoint());
        command
    }

    /// The files of the cut by name, as they should lie below a prefix.
    pub(crate) fn expected(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = files(&self.cut);
        files.retain(|name, _| !name.starts_with('.'));
        files
    }

    /// What lies below a prefix of the bucket.
    pub(crate) fn there(&self, prefix: &str) -> BTreeMap<String, Vec<u8>> {
        files(&self.bucket.films().join(prefix))
    }

    /// Every file that the manifest below a prefix names is there, if there is a manifest; whether it names all of the film.
    pub(crate) fn assert_never_promises(&self, prefix: &str) -> bool {
        self.assert_promises_hold(&self.bucket.films().join(prefix))
    }

    /// The same of a directory.
    pub(crate) fn assert_promises_hold(&self, place: &Path) -> bool {
        // First what promises: what it names is there by then, and stays.
        let top = |name: &str| fs::read(place.join(name)).ok();
        let tops = ["master.m3u8", "manifest.mpd"].map(|name| (name, top(name)));
        let manifest = top("manifest.json");
        let (there, expected) = (files(place), self.expected());
        let is_right = |name: &str, by: &str| {
            let is_there = there.get(name).is_some_and(|bytes| expected.get(name) == Some(bytes));
            assert!(is_there, "{by} is there, and {name} is not as it should be");
        };
        for (top, _) in tops.iter().filter(|(_, found)| found.is_some()) {
            expected.keys().filter(|name| name.contains('/')).for_each(|name| is_right(name, top));
        }
        let Some(json) = manifest else { return false };
        let manifest: Value = serde_json::from_slice(&json).expect("JSON");
        urls(&manifest).iter().for_each(|name| is_right(name, "manifest.json"));
        manifest["id"].as_str().is_some_and(|id| !id.contains('r'))
    }
}

/// Every `url` in a manifest.
fn urls(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(url) if name == "url" => vec![url.as_str()],
                value => urls(value),
            })
            .collect(),
        Value::Array(values) => values.iter().flat_map(urls).collect(),
        _ => Vec::new(),
    }
}

/// Every file below a directory, by its path; none where there is no directory.
pub(crate) fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(path) = open.pop() {
        let Ok(entries) = fs::read_dir(&path) else { continue };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(directory).expect("it is below").to_string_lossy().into_owned();
                files.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

/// Runs a command that must succeed.
pub(crate) fn succeed(command: &mut Command) -> Output {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Runs a command that must fail with exit status 1; what it says.
pub(crate) fn fail(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    said
}

/// The JSON that a command prints.
pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

/// The length of a list in it.
pub(crate) fn count(value: &Value) -> usize {
    value.as_array().expect("a list").len()
}
