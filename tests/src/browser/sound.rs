//! A sound card that nobody hears: without any, Firefox keeps Web Audio suspended, and nothing can be listened to.

use std::{
    env,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use test_browsers::Process;

const PATIENCE: Duration = Duration::from_secs(30);

/// A PulseAudio server with a sink that drops what it is given, at the speed of a real one.
pub(super) struct Sound {
    pub(super) server: Process,
    /// For `PULSE_SERVER`.
    pub(super) address: String,
}

/// Starts one that keeps everything in `directory`. `PULSEAUDIO` names the program where it is not on the path.
pub(super) fn start(directory: &Path) -> Result<Sound> {
    let socket = directory.join("pulse.socket");
    let mut command = Command::new(env::var_os("PULSEAUDIO").unwrap_or_else(|| "pulseaudio".into()));
    command.args(test_browsers::SILENT_SOUND);
    command.arg(format!("module-native-protocol-unix auth-anonymous=1 socket={}", socket.display()));
    command.env("HOME", directory).env("XDG_RUNTIME_DIR", directory);
    let mut server = Process::start(&mut command)?;
    let deadline = Instant::now() + PATIENCE;
    while !socket.exists() {
        ensure!(server.runs() && Instant::now() < deadline, "the sound server did not become ready");
        thread::sleep(Duration::from_millis(20));
    }
    Ok(Sound { server, address: format!("unix:{}", socket.display()) })
}
