//! Listings that lag behind what was written and removed.

use std::fs;
use std::path::Path;

use http::Method;
use s3s::service::S3Service;
use tempfile::TempDir;

use crate::bucket::service;
use crate::seen::Seen;

/// The bucket as listings show it.
pub(crate) struct Listing {
    /// Removed with this.
    _copy: TempDir,
    service: S3Service,
}

impl Listing {
    /// What lies in a bucket now, for as long as this lives.
    pub(crate) fn of(films: &Path) -> Self {
        let place = TempDir::new().expect("a directory");
        copy(films, &place.path().join("films"));
        let service = service(place.path(), true);
        Self { _copy: place, service }
    }

    /// Who answers a request, if it asks for a listing.
    pub(crate) fn answers(&self, seen: &Seen) -> Option<S3Service> {
        let is_listing = seen.method == Method::GET && seen.key.is_empty() && !seen.query.contains_key("uploads");
        is_listing.then(|| self.service.clone())
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("room");
    for entry in fs::read_dir(from).expect("it is there") {
        let entry = entry.expect("an entry");
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(path, to).expect("room");
        }
    }
}
