//! WebKitGTK and WebKitWebDriver, which speaks classic WebDriver alone.

use std::path::Path;

use anyhow::{Context, Result};
use fantoccini::{Client, wd::Capabilities};
use serde_json::json;
use test_browsers::webkit;

use super::{Manner, Started, ahead::Ahead};

pub(super) fn start(profile: &Path, manner: Manner<'_>) -> Result<Started> {
    let ahead = Ahead::start()?;
    let Manner { is_dark, wants_gesture, .. } = manner;
    let browser = webkit::browser().context("MiniBrowser is missing: install the package webkit2gtk-driver")?;
    let arguments = webkit::arguments(webkit::Manner { is_dark, wants_gesture });
    let mut capabilities = Capabilities::new();
    capabilities.insert("webkitgtk:browserOptions".to_owned(), json!({ "binary": browser, "args": arguments }));
    capabilities.insert("proxy".to_owned(), json!({ "proxyType": "manual", "httpProxy": ahead.address() }));
    let webkit::Driver { port, running } = webkit::start(profile)?;
    Ok(Started { driver_port: port, running, debugger: None, ahead: Some(ahead), capabilities })
}

/// Gives the window its size, which no argument does.
pub(super) async fn settle(client: &Client) -> Result<()> {
    let [width, height] = webkit::WINDOW;
    client.set_window_rect(0, 0, width, height).await.context("the window keeps its size")
}
