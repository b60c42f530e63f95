//! How the tests and the benchmarks start browsers.

mod process;
pub mod screen;
pub mod webkit;

pub use process::Process;

/// Flags with which Chromium runs as any user and without a screen, leaves the network alone, and plays sound unasked.
pub const CHROMIUM_FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--window-size=1280,800",
];

/// The same for Firefox, as its profile's `user.js`, and with it Firefox chooses its port itself.
pub const FIREFOX_PREFERENCES: &str = r#"
user_pref("media.autoplay.default", 0);
user_pref("media.autoplay.blocking_policy", 0);
user_pref("media.autoplay.block-webaudio", false);
user_pref("marionette.port", 0);
user_pref("remote.active-protocols", 1);
user_pref("app.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("media.gmp-manager.updateEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
"#;

/// Arguments of a PulseAudio server for Firefox, which keeps Web Audio suspended without a sound card. Its sink drops what it is
/// given, at the speed of a real one; a module that listens at a socket comes on top.
pub const SILENT_SOUND: &[&str] = &[
    "-n",
    "--daemonize=no",
    "--use-pid-file=no",
    "--exit-idle-time=-1",
    "--disallow-exit",
    "--load=module-null-sink",
    "--load",
];
