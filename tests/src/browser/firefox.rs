//! Firefox and geckodriver. What WebDriver has no command for goes by WebDriver BiDi, over a WebSocket.

use std::{env, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use fantoccini::{
    Client,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use test_browsers::{FIREFOX_PREFERENCES, Process};
use tokio_tungstenite::{connect_async, tungstenite::Message};

use super::{Manner, Started, await_announcement, sound};

pub(super) fn start(profile: &Path, manner: Manner<'_>) -> Result<Started> {
    // 0 is dark, 1 is light.
    let colours =
        format!("user_pref(\"layout.css.prefers-color-scheme.content-override\", {});", u8::from(!manner.is_dark));
    // 1 plays nothing that can be heard, 0 plays all.
    let gestures = if manner.wants_gesture { "user_pref(\"media.autoplay.default\", 1);" } else { "" };
    let host = manner.trusted.and_then(|origin| url::Url::parse(origin).ok()?.host_str().map(str::to_owned));
    let trusted =
        host.map_or_else(String::new, |host| format!("user_pref(\"dom.securecontext.allowlist\", \"{host}\");"));
    fs::write(profile.join("user.js"), format!("{FIREFOX_PREFERENCES}{colours}\n{gestures}\n{trusted}\n"))
        .context("cannot write the profile")?;
    let mut command = Command::new(env::var_os("FIREFOX").unwrap_or_else(|| "firefox-esr".into()));
    command.args(["--headless", "--no-remote", "--marionette", "--remote-debugging-port=0", "--width=1280"]);
    let sound = sound::start(profile)?;
    command.env("PULSE_SERVER", &sound.address);
    let mut browser = Process::start(command.args(["--height=800", "--profile"]).arg(profile))?;
    let announced = |text: &str| text.trim().parse::<u16>().ok();
    let port = await_announcement(&mut browser, &profile.join("MarionetteActivePort"), announced)?;
    let mut driver = Command::new(env::var_os("GECKODRIVER").unwrap_or_else(|| "geckodriver".into()));
    driver.args(["--port=0", "--connect-existing", "--marionette-port", &port.to_string()]);
    let ready = |line: &str| line.split_once("Listening on 127.0.0.1:")?.1.trim().parse::<u16>().ok();
    let (driver, driver_port) = Process::start_and_await(&mut driver, ready)?;
    let mut capabilities = Capabilities::new();
    capabilities.insert("webSocketUrl".to_owned(), json!(true));
    capabilities.insert("acceptInsecureCerts".to_owned(), json!(manner.trusted.is_some()));
    let running = vec![driver, browser, sound.server];
    Ok(Started { driver_port, running, debugger: None, ahead: None, capabilities })
}

pub(super) async fn run_first(client: &Client, source: &str) -> Result<()> {
    let function = format!("() => {{ {source} }}");
    let parameters = json!({ "functionDeclaration": function });
    bidi(client, "script.addPreloadScript", parameters).await.context("cannot put a script into the page").map(drop)
}

/// As its menu does: a script of the browser's own window may.
pub(super) async fn set_offline(client: &Client, is_offline: bool) -> Result<()> {
    client.issue_cmd(Scope { name: "chrome" }).await.context("the browser lets nobody at its own window")?;
    let switched = client.execute("Services.io.offline = arguments[0];", vec![json!(is_offline)]).await;
    client.issue_cmd(Scope { name: "content" }).await?;
    switched.context("cannot switch the network").map(drop)
}

/// Where scripts run from now on: `content` is the page, `chrome` the browser's own window.
#[derive(Debug)]
struct Scope {
    name: &'static str,
}

impl WebDriverCompatibleCommand for Scope {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/moz/context", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "context": self.name }).to_string()))
    }
}

/// One command of WebDriver BiDi in the client's session, and its result.
async fn bidi(client: &Client, method: &str, parameters: Value) -> Result<Value> {
    let address = client.capabilities().and_then(|capabilities| capabilities.get("webSocketUrl")?.as_str());
    let address = address.context("the session has no WebSocket")?;
    let (mut socket, _) = connect_async(address).await.context("the session's WebSocket does not open")?;
    let command = json!({ "id": 1, "method": method, "params": parameters });
    socket.send(Message::text(command.to_string())).await?;
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        let answer: Value = serde_json::from_str(&text)?;
        if answer["id"] == 1 {
            return match answer["type"].as_str() {
                Some("success") => Ok(answer["result"].clone()),
                _ => bail!("{method}: {answer}"),
            };
        }
    }
    bail!("the session's WebSocket ended before it answered")
}
