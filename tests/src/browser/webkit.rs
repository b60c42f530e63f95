//! WebKitGTK and WebKitWebDriver, which speaks classic WebDriver alone.

use std::{
    ffi::OsString,
    net::{Ipv4Addr, TcpStream},
    path::Path,
    process::Command,
};

use anyhow::{Context, Result};
use fantoccini::{Client, wd::Capabilities};
use serde_json::json;
use test_browsers::webkit;

use super::{Manner, Started, ahead::Ahead};

/// By which WebKitGTK's SourceBuffers drop what has been shown, or take no more, once they hold more samples than that: eight seconds of
/// sound at 48 kHz, or sixteen of pictures.
const FEW_SAMPLES: (&str, &str) = ("MSE_BUFFER_SAMPLES_EVICTION_THRESHOLD", "400");

pub(super) fn start(profile: &Path, manner: Manner<'_>) -> Result<Started> {
    let ahead = Ahead::start()?;
    let Manner { is_dark, wants_gesture, is_short_of_memory, .. } = manner;
    let browser = webkit::browser().context("MiniBrowser is missing: install the package webkit2gtk-driver")?;
    let arguments = webkit::arguments(webkit::Manner { is_dark, wants_gesture });
    let mut capabilities = Capabilities::new();
    capabilities.insert("webkitgtk:browserOptions".to_owned(), json!({ "binary": browser, "args": arguments }));
    capabilities.insert("proxy".to_owned(), json!({ "proxyType": "manual", "httpProxy": ahead.address() }));
    let client = |program: OsString| {
        let mut command = Command::new(program);
        command.envs(is_short_of_memory.then_some(FEW_SAMPLES));
        command
    };
    let webkit::Driver { port, running } =
        webkit::start_in(profile, client, |port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)))?;
    Ok(Started { driver_port: port, running, debugger: None, ahead: Some(ahead), capabilities })
}

/// Gives the window its size, which no argument does.
pub(super) async fn settle(client: &Client) -> Result<()> {
    let [width, height] = webkit::WINDOW;
    client.set_window_rect(0, 0, width, height).await.context("the window keeps its size")
}
