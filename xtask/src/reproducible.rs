//! Builds that come to the same bytes wherever and by whomever they are made.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Between two flags in cargo's variable.
const SEPARATOR: &str = "\x1f";

/// Has cargo, or a program that starts it, build for the page without regard to this machine: never incrementally, which divides
/// crates into other parts, and without the place where packages are kept, which stands in every panic.
pub(crate) fn settle(command: &mut Command) -> &mut Command {
    let given = env::var("CARGO_ENCODED_RUSTFLAGS").ok().or_else(|| {
        let flags = env::var("RUSTFLAGS").ok()?;
        Some(flags.split_whitespace().collect::<Vec<_>>().join(SEPARATOR))
    });
    let flags = flags(given.as_deref().unwrap_or_default(), &registries(&home()));
    command.env("CARGO_INCREMENTAL", "0").env("CARGO_ENCODED_RUSTFLAGS", flags)
}

/// The flags that were `given`, and one for each directory of packages.
fn flags(given: &str, registries: &[PathBuf]) -> OsString {
    let mut flags = OsString::from(given);
    for registry in registries {
        if !flags.is_empty() {
            flags.push(SEPARATOR);
        }
        flags.push("--remap-path-prefix=");
        flags.push(registry);
        flags.push("=/registry");
    }
    flags
}

/// Where cargo unpacks the packages of each registry.
fn registries(home: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
    let mut registries: Vec<_> = entries.map(|entry| entry.path()).collect();
    registries.sort();
    registries
}

fn home() -> PathBuf {
    let own = || env::home_dir().unwrap_or_default().join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(own, PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_that_were_given_stay() {
        let registries = ["/a/one".into(), "/a/two".into()];
        let both = "--remap-path-prefix=/a/one=/registry\x1f--remap-path-prefix=/a/two=/registry";
        assert_eq!(flags("", &registries), both);
        assert_eq!(flags("-Dwarnings", &registries), OsString::from(format!("-Dwarnings\x1f{both}").as_str()));
        assert_eq!(flags("-Dwarnings", &[]), "-Dwarnings");
    }
}
