//! The real origin, on a port of its own.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};
use test_browsers::Process;

use crate::place;

/// A running origin that serves a media directory at `/media/current/` and the built page at `/`.
#[derive(Debug)]
pub struct Origin {
    address: String,
    process: Process,
}

impl Origin {
    /// Starts it.
    ///
    /// # Errors
    /// When it is not built or cannot read the directories.
    pub fn serve(media: &Path) -> Result<Self> {
        Self::serve_site(media, &place::site())
    }

    /// Starts it with another site at `/`.
    ///
    /// # Errors
    /// When it is not built or cannot read the directories.
    pub fn serve_site(media: &Path, site: &Path) -> Result<Self> {
        Self::serve_at(media, site, SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Starts it with another site at `/`, at an address of the caller's choice.
    ///
    /// # Errors
    /// When it is not built, cannot read the directories, or the port is taken.
    pub fn serve_at(media: &Path, site: &Path, listen: SocketAddr) -> Result<Self> {
        Self::start(media, site, listen, &[])
    }

    /// Starts it with rooms, too.
    ///
    /// # Errors
    /// When it is not built or cannot read the directories.
    pub fn serve_parties(media: &Path) -> Result<Self> {
        Self::start(media, &place::site(), SocketAddr::from(([127, 0, 0, 1], 0)), &["--party"])
    }

    /// Starts it with a directory of films, each below `/media/` by its own name.
    ///
    /// # Errors
    /// When it is not built or cannot read the directories.
    pub fn serve_films(films: &Path) -> Result<Self> {
        Self::start(films, &place::site(), SocketAddr::from(([127, 0, 0, 1], 0)), &["--media-path", "/media/"])
    }

    /// Starts it so that it answers for manifests only to links that a key of the file has signed.
    ///
    /// # Errors
    /// When it is not built, or cannot read the directories or the file.
    pub fn serve_private(media: &Path, keys: &Path) -> Result<Self> {
        let keys = keys.to_str().context("a name that is no text")?;
        Self::start(media, &place::site(), SocketAddr::from(([127, 0, 0, 1], 0)), &["--share-key", keys])
    }

    /// Starts it over a film that lies in a bucket, with the variables that name its keys.
    ///
    /// # Errors
    /// When it is not built or there are no keys.
    pub fn serve_bucket(address: &str, variables: &[(&str, String)]) -> Result<Self> {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::start_with(Path::new(address), &place::site(), listen, &[], variables)
    }

    /// Has it read its keys again, soon.
    ///
    /// # Errors
    /// When it has ended.
    pub fn reload(&self) -> Result<()> {
        self.process.hang_up()
    }

    fn start(media: &Path, site: &Path, listen: SocketAddr, options: &[&str]) -> Result<Self> {
        Self::start_with(media, site, listen, options, &[])
    }

    fn start_with(
        media: &Path,
        site: &Path,
        listen: SocketAddr,
        options: &[&str],
        variables: &[(&str, String)],
    ) -> Result<Self> {
        let mut command = Command::new(place::program("origin"));
        command.args(options).envs(variables.iter().map(|(name, value)| (name, value)));
        command.arg("--media").arg(media).arg("--site").arg(site);
        command.args(["--listen", &listen.to_string()]).env("RUST_LOG", "warn").stderr(Stdio::inherit());
        let ready = |line: &str| Some(line.strip_prefix("listening on ")?.trim_end_matches('/').to_owned());
        let (process, address) = Process::start_and_await(&mut command, ready)?;
        Ok(Self { address, process })
    }

    /// Such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}
