//! The S3 server of the tests, for measurements.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::{command, workspace};

/// A server with one bucket, `films`; ends when dropped.
pub(super) struct Store {
    child: Child,
    pub(super) address: SocketAddr,
}

/// Builds it.
pub(super) fn build() -> Result<()> {
    command::run(command::cargo().args(["build", "--release", "--locked", "--package", "test-bucket"]))
}

impl Store {
    /// Starts it; `test-bucket` must have been built, and says itself what it takes.
    pub(super) fn start(arguments: &[&OsStr]) -> Result<Self> {
        let mut command = command::program(workspace::program("test-bucket"));
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {}", command::describe(&command)))?;
        let mut line = String::new();
        let output = child.stdout.take().context("its output is a pipe")?;
        let read = BufReader::new(output).read_line(&mut line);
        let address = line.trim().strip_prefix("http://").and_then(|address| address.parse().ok());
        // Dropped from here on, it ends.
        let mut store = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        read.context("the S3 server ended before it was ready")?;
        store.address = address.context("the S3 server does not say where it listens")?;
        Ok(store)
    }

    /// Its address as clients are told.
    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Tells a program where it is, and its keys: those of the tests, and of nothing else.
    pub(super) fn introduce(&self, client: &mut Command) {
        client.env("AWS_ENDPOINT_URL", self.endpoint()).env("AWS_REGION", "us-east-1");
        client.env("AWS_ACCESS_KEY_ID", "AKIATESTONLYKEYID001");
        client.env("AWS_SECRET_ACCESS_KEY", "testonlysecret/neverprinted+0123456789abcd");
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        command::stop(&mut self.child);
    }
}
