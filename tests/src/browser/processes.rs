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

/// Resident bytes of the largest of a browser's processes that show pages.
pub(super) fn largest_page(browser: u32) -> Option<u64> {
    let shows_pages = |id: &u32| {
        // Chromium's have their words in one, with blanks between; Firefox's are named by the last of theirs.
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        line.contains("--type=renderer") || line.trim_end_matches('\0').rsplit('\0').next() == Some("tab")
    };
    let resident = |id: u32| {
        let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(kilobytes.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
    };
    family(browser).into_iter().filter(shows_pages).filter_map(resident).max()
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
