//! Where a cut is: in a directory, on a server, or in a store.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use store::{Address, NoAddress};
use url::Url;

use super::bucket::Bucket;
use crate::http::{Client, shown};
use crate::{Error, publish};

/// Where a cut is.
#[derive(Clone, Debug)]
pub enum Place {
    /// A directory that the splitter published in.
    Directory(PathBuf),
    /// The URL of a manifest.
    Web(Client, Url),
    /// What `splitter publish` has put into a store.
    Store(Box<Bucket>),
}

impl Place {
    /// Reads what a user typed, which may also be an address such as `s3://bucket/prefix`. Keys come from the environment of
    /// this process.
    ///
    /// # Errors
    /// When it is meant as an address and is none, or there are no keys.
    pub fn of(text: &str) -> Result<Self, Error> {
        if !Address::is_meant_by(text) {
            return Ok(Self::parse(text));
        }
        let address = text.parse().map_err(|no: NoAddress| Error::NoAddress(no))?;
        Ok(Self::Store(Box::new(Bucket::open(&publish::Options::new("", address))?)))
    }

    /// Reads what a user typed: a URL is one with `http:` or `https:`, and stands for the `manifest.json` in it unless it
    /// names a file itself; a path may name the manifest or its directory.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match Url::parse(text) {
            Ok(mut url) if matches!(url.scheme(), "http" | "https") => {
                let names_file = url.path().rsplit('/').next().is_some_and(|name| name.contains('.'));
                if !names_file {
                    let path = format!("{}/manifest.json", url.path().trim_end_matches('/'));
                    url.set_path(&path);
                }
                Self::Web(Client::new(), url)
            }
            _ => {
                let path = Path::new(text);
                let directory = path.file_name().filter(|name| *name == "manifest.json").and(path.parent());
                Self::Directory(directory.unwrap_or(path).to_owned())
            }
        }
    }

    /// The manifest, for messages.
    pub(super) fn manifest_path(&self) -> PathBuf {
        match self {
            Self::Directory(directory) => directory.join("manifest.json"),
            Self::Web(_, url) => PathBuf::from(shown(url)),
            Self::Store(bucket) => PathBuf::from(bucket.path("manifest.json")),
        }
    }

    pub(super) fn manifest(&self, most: u64) -> Result<Vec<u8>, Error> {
        match self {
            Self::Directory(directory) => {
                let path = directory.join("manifest.json");
                fs::read(&path).map_err(Error::io("read", &path))
            }
            Self::Store(_) => {
                self.read("manifest.json", most).map_err(|why| Error::NoManifest { path: self.manifest_path(), why })
            }
            Self::Web(..) => self.read("", most).map_err(|why| Error::NoManifest { path: self.manifest_path(), why }),
        }
    }

    /// All of a file that the manifest names; why not, where it cannot be read.
    pub(super) fn read(&self, url: &str, most: u64) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        // One more than wanted, so that a longer file is told from one that fits.
        self.open(url)?.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        if bytes.len() as u64 > most { Err(format!("it has more than {most} bytes")) } else { Ok(bytes) }
    }

    /// Opens a file that the manifest names.
    pub(super) fn open(&self, url: &str) -> Result<Box<dyn Read + Send>, String> {
        match self {
            Self::Directory(directory) => {
                let relative = Path::new(url);
                if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
                    return Err("it lies outside of the directory".to_owned());
                }
                match File::open(directory.join(relative)) {
                    Ok(file) => Ok(Box::new(file)),
                    Err(error) => Err(error.to_string()),
                }
            }
            Self::Store(bucket) => Ok(Box::new(bucket.read(url)?)),
            Self::Web(client, manifest) => {
                let url = manifest.join(url).map_err(|error| error.to_string())?;
                let answer = client.get(&url).map_err(|error| error.to_string())?;
                match answer.status {
                    200 => Ok(Box::new(answer.into_reader(u64::MAX))),
                    status => Err(format!("{} answers with status {status}", shown(&url))),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> String {
        match Place::parse(text) {
            Place::Web(_, url) => url.into(),
            place => place.manifest_path().display().to_string(),
        }
    }

    #[test]
    fn messages_have_no_query() {
        let place = Place::parse("https://h/m/film.json?verify=secret#part");
        assert_eq!(place.manifest_path(), Path::new("https://h/m/film.json"));
    }

    #[test]
    fn a_directory_stands_for_its_manifest() {
        assert_eq!(manifest("media/current"), "media/current/manifest.json");
        assert_eq!(manifest("media/current/manifest.json"), "media/current/manifest.json");
        assert_eq!(manifest("https://h/media/current"), "https://h/media/current/manifest.json");
        assert_eq!(manifest("https://h/media/current/?a=1"), "https://h/media/current/manifest.json?a=1");
        assert_eq!(manifest("https://h/m/film.json"), "https://h/m/film.json");
        assert_eq!(manifest("https://h"), "https://h/manifest.json");
    }

    #[test]
    fn nothing_outside_the_directory_is_opened() {
        let place = Place::parse("/etc");
        for url in ["../etc/hostname", "/etc/hostname", "./../etc/hostname"] {
            assert_eq!(place.open(url).err().as_deref(), Some("it lies outside of the directory"), "{url}");
        }
    }
}
