//! What tells versions of a file apart, wherever it lies.

use std::fmt::{self, Write as _};
use std::fs::Metadata;
use std::time::SystemTime;

use manifest::Digest;

use crate::validator::{StrongEtag, http_time};

/// Most bytes of a store's own tag that go into ours.
const MAX_TAG: usize = 128;

/// What changes with every rewrite of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Length in bytes.
    pub(crate) bytes: u64,
    /// Time of the last write.
    pub(crate) modified: Option<SystemTime>,
    /// The SHA-256 that it was stored with, where that is known without reading it.
    pub(crate) digest: Option<Digest>,
    mark: Mark,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Mark {
    /// Inode and time of its last change in nanoseconds: no tool sets the latter back. Zero where the system has none.
    File { inode: u64, changed_nanos: i128 },
    /// The store's own tag; empty where it has none.
    Object(String),
}

impl Identity {
    #[cfg(unix)]
    pub(crate) fn of_file(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let changed_nanos = i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec());
        let mark = Mark::File { inode: metadata.ino(), changed_nanos };
        Self { bytes: metadata.len(), modified: metadata.modified().ok(), digest: None, mark }
    }

    #[cfg(not(unix))]
    pub(crate) fn of_file(metadata: &Metadata) -> Self {
        let mark = Mark::File { inode: 0, changed_nanos: 0 };
        Self { bytes: metadata.len(), modified: metadata.modified().ok(), digest: None, mark }
    }

    pub(crate) fn of_object(object: &store::Object) -> Self {
        let mark = Mark::Object(object.etag.clone().unwrap_or_default());
        Self { bytes: object.bytes, modified: object.modified, digest: object.digest, mark }
    }

    /// The change time is left out: renaming and linking an open file set it too, and leave the bytes alone.
    pub(crate) fn same_content(&self, other: &Self) -> bool {
        (self.bytes, self.modified) == (other.bytes, other.modified)
    }

    /// A tag that changes whenever the identity does.
    #[must_use]
    pub(crate) fn etag(&self) -> StrongEtag {
        StrongEtag::new(fmt::from_fn(|f| {
            let modified =
                self.modified.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok()).unwrap_or_default();
            write!(f, "{:x}-{:x}-", self.bytes, modified.as_nanos())?;
            match &self.mark {
                Mark::File { inode, changed_nanos } => write!(f, "{changed_nanos:x}-{inode:x}"),
                Mark::Object(tag) => tag.bytes().take(MAX_TAG).try_for_each(|byte| match byte {
                    b'"' => Ok(()),
                    byte if byte.is_ascii_alphanumeric() => f.write_char(byte.into()),
                    // Stores write what they like.
                    byte => write!(f, "-{byte:02x}"),
                }),
            }
        }))
    }

    /// For `Last-Modified`. A time in the future would be a lie (RFC 9110 section 8.8.2.1) and is left out.
    #[must_use]
    pub(crate) fn last_modified(&self, now: SystemTime) -> Option<SystemTime> {
        self.modified.filter(|&modified| modified <= now).and_then(http_time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(etag: Option<&str>) -> store::Object {
        store::Object {
            bytes: 16,
            modified: Some(SystemTime::UNIX_EPOCH),
            etag: etag.map(str::to_owned),
            digest: None,
            fields: store::Fields::default(),
        }
    }

    #[test]
    fn a_tag_of_a_store_becomes_a_strong_one_of_ours() {
        let tag = |etag| Identity::of_object(&object(etag)).etag().as_str().to_owned();
        assert_eq!(tag(Some("\"0aF3-2\"")), "\"10-0-0aF3-2d2\"");
        assert_eq!(tag(Some("W/\"é\r\n")), "\"10-0-W-2f-c3-a9-0d-0a\"");
        assert_eq!(tag(None), "\"10-0-\"");
        assert!(tag(Some(&"x".repeat(10_000))).len() < 200);
    }
}
