//! Where a film lies, as people write it: `s3://bucket/prefix`, and the like for other stores.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

/// The kinds of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `s3://`: Amazon S3, and everything that speaks its protocol at the address in `AWS_ENDPOINT_URL`.
    S3,
    /// `r2://`: Cloudflare R2, which speaks the same protocol.
    R2,
    /// `gs://`: Google Cloud Storage.
    Gs,
    /// `az://`: Azure Blob Storage.
    Az,
    /// `file://`: a directory.
    File,
}

const SCHEMES: [(&str, Scheme); 5] =
    [("s3", Scheme::S3), ("r2", Scheme::R2), ("gs", Scheme::Gs), ("az", Scheme::Az), ("file", Scheme::File)];

/// The place of a film: a bucket and what its names begin with, or a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Which kind of place.
    pub scheme: Scheme,
    /// The bucket (S3, R2, GCS) or the container (Azure); empty for a directory.
    pub bucket: String,
    /// What stands before the names of files, without slashes at its ends; may be empty. The path of a directory.
    pub prefix: String,
}

/// Text that is no such place. It is not repeated, since people put secrets into addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}; write s3://bucket/prefix (or r2://, gs://, az://), or file:///a/directory")]
pub struct NoAddress {
    why: &'static str,
}

impl Address {
    /// Whether a text is meant as one: it begins with one of the schemes.
    #[must_use]
    pub fn is_meant_by(text: &str) -> bool {
        text.split_once("://").is_some_and(|(scheme, _)| scheme_of(&scheme.to_ascii_lowercase()).is_some())
    }
}

fn scheme_of(text: &str) -> Option<Scheme> {
    SCHEMES.iter().find(|(name, _)| *name == text).map(|(_, scheme)| *scheme)
}

impl FromStr for Address {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let no = |why| NoAddress { why };
        let url = Url::parse(text).map_err(|_| no("this is no address of a store"))?;
        let scheme = scheme_of(url.scheme()).ok_or(no("there is no such kind of store"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(no("keys do not belong into an address, where others see them: put them into the environment"));
        }
        if url.query().is_some() || url.fragment().is_some() || url.port().is_some() {
            return Err(no("an address has neither a port nor anything behind ? or #"));
        }
        if scheme == Scheme::File {
            let path: PathBuf = url.to_file_path().map_err(|()| no("this is no path of this machine"))?;
            let prefix = path.to_str().ok_or(no("the path is no UTF-8"))?.trim_end_matches('/').to_owned();
            return Ok(Self { scheme, bucket: String::new(), prefix });
        }
        let bucket = url.host_str().filter(|host| !host.is_empty()).ok_or(no("it names no bucket"))?.to_owned();
        let prefix = url.path().trim_matches('/').to_owned();
        // Players and edges ask for these names over HTTP: what needs no escape there means the same everywhere.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        if !prefix.bytes().all(is_plain) {
            return Err(no("the prefix has other characters than letters, figures, and - _ . /"));
        }
        if !prefix.is_empty() && prefix.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(no("the prefix has an empty part, or one that is a dot"));
        }
        Ok(Self { scheme, bucket, prefix })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = SCHEMES.iter().find(|(_, scheme)| *scheme == self.scheme).map_or("", |(name, _)| name);
        write!(f, "{name}://{}", self.bucket)?;
        match (self.scheme, self.prefix.as_str()) {
            (_, "") => Ok(()),
            (Scheme::File, path) => f.write_str(path),
            (_, prefix) => write!(f, "/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written() {
        for text in ["s3://bucket", "s3://bucket/films/one", "r2://b/x", "gs://b/x", "az://c/x", "file:///srv/media"] {
            let address: Address = text.parse().expect(text);
            assert_eq!(address.to_string(), text);
            assert!(Address::is_meant_by(text), "{text}");
        }
        let address: Address = "s3://bucket/films/".parse().expect("an address");
        assert_eq!((address.bucket.as_str(), address.prefix.as_str()), ("bucket", "films"));
        assert_eq!("S3://bucket".parse::<Address>().expect("an address").scheme, Scheme::S3);
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_repeated() {
        for text in [
            "media/current",
            "https://host/x",
            "s3:///x",
            "s3://KEY:SECRET@bucket/x",
            "s3://SECRET@bucket/x",
            "s3://bucket/x?token=SECRET",
            "s3://bucket/x#SECRET",
            "s3://bucket:9000/SECRET",
            "s3://bucket/a//SECRET",
            "s3://bucket/a b/SECRET",
        ] {
            let said = text.parse::<Address>().expect_err(text).to_string();
            assert!(!said.contains("SECRET") && said.contains("s3://bucket/prefix"), "{text}: {said}");
        }
        for text in ["media/current", "C:\\films", "./s3", "https://host/x", "film.mp4"] {
            assert!(!Address::is_meant_by(text), "{text}");
        }
    }
}
