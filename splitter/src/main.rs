//! The command line.

mod bar;
mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
