//! All of a browser's processes: stopped for a while.

use std::{fs, process::Command};

use anyhow::{Result, ensure};

use test_browsers::Process;

/// A browser that stands still, and goes on when this is dropped.
#[derive(Debug)]
pub struct Asleep(Vec<u32>);

impl Asleep {
    pub(super) fn fall(running: &[Process]) -> Result<Self> {
        let asleep = Self(running.iter().flat_map(|process| family(process.id())).collect());
        ensure!(asleep.signal("-STOP"), "the browser cannot be stopped");
        Ok(asleep)
    }

    fn signal(&self, name: &str) -> bool {
        let ids = self.0.iter().map(u32::to_string);
        Command::new("kill").arg(name).args(ids).status().is_ok_and(|status| status.success())
    }
}

impl Drop for Asleep {
    fn drop(&mut self) {
        // One of them may have ended in the meantime.
        self.signal("-CONT");
    }
}

/// The process and all that descend from it, by `/proc`.
pub(super) fn family(first: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parents: Vec<_> = ids.filter_map(|id| Some((id, parent(id)?))).collect();
    let mut family = vec![first];
    let mut at = 0;
    while let Some(&one) = family.get(at) {
        family.extend(parents.iter().filter(|(_, parent)| *parent == one).map(|(id, _)| *id));
        at += 1;
    }
    family
}

/// The fourth field of `/proc/…/stat`, behind the name, which may hold anything.
fn parent(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
