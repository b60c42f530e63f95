//! Whether the disk has room for what is built: a compiler that finds none fails in the middle, and says so in many words.

use std::process::Command;

use crate::{report, workspace};

/// Gigabytes that all of `cargo xtask test` takes, from an empty checkout on.
const TEST_TAKES: f64 = 20.0;

/// Says so where there is less than that. Some of it may be there already.
pub(super) fn say_if_scarce() {
    let output = Command::new("df").args(["-P", "-k"]).arg(workspace::root()).output();
    let free = output.ok().and_then(|output| free(&String::from_utf8_lossy(&output.stdout)));
    if let Some(free) = free.filter(|free| *free < TEST_TAKES) {
        report::line(&format!(
            "Note: {free:.1} GB are free where `target` is; from nothing, all of it takes {TEST_TAKES:.0}. `cargo clean` makes room."
        ));
    }
}

/// Of what `df -P -k` says of one place (POSIX), in gigabytes.
fn free(said: &str) -> Option<f64> {
    let kilobytes: f64 = said.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kilobytes * 1_024.0 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_is_the_fourth_number() {
        let said =
            "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 264241152 50000000 9765625 82% /\n";
        assert_eq!(free(said), Some(10.0));
        assert_eq!(free("df: no such place"), None);
    }
}
