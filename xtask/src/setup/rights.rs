//! Whether this account may install Debian packages.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::step::Journal;
use crate::command;

/// The right to install packages.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rights {
    Root,
    /// sudo without a password.
    Sudo,
}

impl Rights {
    /// The rights of this account on a Debian system.
    ///
    /// # Errors
    /// What to install by hand, where there are none.
    pub(super) fn to_install(packages: &[&str]) -> Result<Self> {
        let by_hand = format!("install by hand: sudo apt-get install --no-install-recommends {}", packages.join(" "));
        ensure!(command::which("apt-get").is_some(), "this system has no apt-get");
        if command::output(command::program("id").arg("-u")).as_deref() == Some("0") {
            return Ok(Self::Root);
        }
        command::output(command::program("sudo").args(["-n", "true"])).context(by_hand)?;
        Ok(Self::Sudo)
    }

    /// A program run with these rights.
    pub(super) fn program(self, name: &str) -> Command {
        match self {
            Self::Root => command::program(name),
            Self::Sudo => {
                let mut sudo = command::program("sudo");
                sudo.args(["-n", name]);
                sudo
            }
        }
    }

    /// Installs packages; brings the lists up to date only where the ones here do not do.
    pub(super) fn install(self, packages: &[&str], journal: &Journal) -> Result<()> {
        let install = || {
            let mut apt = self.program("env");
            // RUNLEVEL keeps servers among them, nginx above all, from being started where no systemd runs.
            apt.args([
                "DEBIAN_FRONTEND=noninteractive",
                "RUNLEVEL=1",
                "apt-get",
                "install",
                "-y",
                "--no-install-recommends",
            ]);
            journal.run(apt.args(packages))
        };
        install().or_else(|_| {
            journal.run(self.program("apt-get").arg("update"))?;
            install()
        })
    }
}
