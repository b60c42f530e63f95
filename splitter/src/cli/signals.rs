//! Which signals ask a cut to stop.

use std::io;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::register;
use splitter::Stop;

/// Has Ctrl-C and `kill` ask to stop, and the end of the terminal unless `nohup` says that it is of no concern.
pub(super) fn stop_on_any(stop: &Stop) -> io::Result<()> {
    register(SIGINT, stop.flag())?;
    register(SIGTERM, stop.flag())?;
    #[cfg(unix)]
    stop_on_hangup(stop)?;
    Ok(())
}

/// Where nobody can tell whether the signal is ignored, it is left to the system: what a cut that is ended leaves, the next
/// one goes on from.
#[cfg(unix)]
fn stop_on_hangup(stop: &Stop) -> io::Result<()> {
    use signal_hook::consts::SIGHUP;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if ignores(&status, SIGHUP) == Some(false) {
        register(SIGHUP, stop.flag())?;
    }
    Ok(())
}

/// Whether a process ignores a signal, by what Linux says of it (proc_pid_status(5)).
#[cfg(unix)]
fn ignores(status: &str, signal: i32) -> Option<bool> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    let mask = u128::from_str_radix(mask.trim(), 16).ok()?;
    Some(mask >> (signal - 1) & 1 == 1)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn signals_that_are_ignored_are_told_apart() {
        let status = |mask: &str| format!("Name:\tsplitter\nSigBlk:\tffff\nSigIgn:\t{mask}\nSigCgt:\tffff\n");
        assert_eq!(ignores(&status("0000000000000001"), 1), Some(true));
        assert_eq!(ignores(&status("0000000000001006"), 1), Some(false));
        assert_eq!(ignores(&status("0000000000001006"), 2), Some(true));
        for unknown in ["", "Name:\tsplitter\n", "SigIgn:\tall\n"] {
            assert_eq!(ignores(unknown, 1), None, "{unknown:?}");
        }
    }
}
