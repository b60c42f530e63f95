//! The real origin, on a port of its own.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Result;

use crate::{place, process::Process};

/// A running origin that serves a media directory at `/media/current/` and the built page at `/`.
#[derive(Debug)]
pub struct Origin {
    address: String,
    _process: Process,
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

    fn start(media: &Path, site: &Path, listen: SocketAddr, options: &[&str]) -> Result<Self> {
        let mut command = Command::new(place::program("origin"));
        command.args(options);
        command.arg("--media").arg(media).arg("--site").arg(site);
        command.args(["--listen", &listen.to_string()]).env("RUST_LOG", "warn").stderr(Stdio::inherit());
        let ready = |line: &str| Some(line.strip_prefix("listening on ")?.trim_end_matches('/').to_owned());
        let (process, address) = Process::start_and_await(&mut command, ready)?;
        Ok(Self { address, _process: process })
    }

    /// Such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}
