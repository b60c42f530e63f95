//! `origin`: serves a cut film, and the page that plays it.

use std::io::Write;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use origin::{Config, Reloader, Server};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// Serves a cut film, and the page that plays it, to an edge cache or straight to browsers
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Examples:
  origin --media media/current --site dist
      the page at http://127.0.0.1:8080/, the film at /media/current/manifest.json
  origin --media /srv/film --media-path /films/tonight/ --listen 0.0.0.0:80 --admin 127.0.0.1:9100
      only the film, at /films/tonight/manifest.json; /healthz and /metrics on a port that the world does not see
  origin --media r2://films/current --site dist
      out of object storage; the keys come from the environment, as those of `splitter publish`
  origin --media /srv/film --listen unix:/run/origin/origin.sock
      behind a proxy on the same machine, whose X-Forwarded-For is believed
  origin --media /srv/film --listen 8080 --trusted-proxy 10.0.0.0/8 --client-from proxy-protocol
      behind load balancers that put the PROXY protocol in front of each connection
  origin --media media --media-path /media/ --site dist --share-key keys
      films that are shown to whom `splitter share` has made a link
  origin --media media/current --site dist --party
      the page and the film, and rooms for people who watch together
  origin --media /srv/film --listen [::]:443 --tls-cert chain.pem --tls-key key.pem
      HTTPS with HTTP/2; `kill -HUP` after the certificate was renewed

Prints one line to standard output once it listens; logs go to standard error. RUST_LOG=origin=debug shows more,
RUST_LOG=info,origin::access=off no line a response."
)]
struct Arguments {
    #[command(flatten)]
    config: Config,

    /// Form of the log
    #[arg(long, value_enum, default_value = "text", env = "ORIGIN_LOG_FORMAT")]
    log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { config, log_format } = Arguments::parse();
    let _log = start_log(log_format);
    raise_descriptor_limit(config.limits.max_connections);
    let server = Server::bind(&config).await?;
    // Before anybody is told that it listens, and sends signals.
    reload_on_hangup(server.reloader()).context("cannot listen for signals")?;
    let shutdown = shutdown_signal().context("cannot listen for signals")?;
    let mut out = std::io::stdout();
    writeln!(out, "listening on {}", server.place())
        .and_then(|()| out.flush())
        .context("cannot write to standard output")?;
    if let Some(admin) = server.admin_address() {
        tracing::info!(%admin, "/healthz and /metrics are there");
    }
    server.run(shutdown).await;
    Ok(())
}

/// A log that never makes a response wait: when standard error cannot keep up, lines are dropped, and counted.
fn start_log(format: LogFormat) -> WorkerGuard {
    let (writer, guard) = NonBlockingBuilder::default().lossy(true).finish(std::io::stderr());
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    match format {
        LogFormat::Text => log.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    guard
}

/// A connection takes one descriptor, and the response on it another.
#[cfg(unix)]
fn raise_descriptor_limit(max_connections: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }) {
        tracing::debug!(%error, "the limit on open files stays as it is");
    }
    let wanted = 2 * max_connections as u64;
    if let Some(available) = getrlimit(Resource::Nofile).current.filter(|&available| available < wanted) {
        tracing::warn!(available, wanted, "fewer open files are allowed than --max-connections may need");
    }
}

#[cfg(not(unix))]
fn raise_descriptor_limit(_max_connections: usize) {}

/// Listens where there is nothing to read, too: a signal that nobody listens for ends the program.
#[cfg(unix)]
fn reload_on_hangup(reloader: Reloader) -> std::io::Result<()> {
    let mut hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            let outcomes = reloader.reload();
            if outcomes.is_empty() {
                tracing::info!("there is no certificate and no key to read again");
            }
            for (what, outcome) in outcomes {
                match outcome {
                    Ok(()) => tracing::info!("{what} was read again"),
                    Err(error) => tracing::error!(%error, "{what} stays as it was"),
                }
            }
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn reload_on_hangup(_reloader: Reloader) -> std::io::Result<()> {
    Ok(())
}

/// Completes on Ctrl-C, and on SIGTERM where there is one.
fn shutdown_signal() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    })
}
