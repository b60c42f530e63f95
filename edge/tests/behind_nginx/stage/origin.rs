//! The origin on a thread of its own, with what it was asked taken from its own access log.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use origin::{Config, Server};
use serde::Deserialize;
use tokio::sync::oneshot;
use tracing_subscriber::fmt::MakeWriter;

/// One line of the access log.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Asked {
    /// The client that it was asked for.
    pub(crate) peer: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// The `Range` field, empty where there is none.
    pub(crate) range: String,
    pub(crate) status: u16,
    /// Of the body, as sent.
    pub(crate) bytes: u64,
}

/// Stops when dropped.
pub(crate) struct LiveOrigin {
    address: Option<SocketAddr>,
    log: Log,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl LiveOrigin {
    pub(crate) fn start(config: Config) -> Self {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_writer(log.clone()).finish();
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            // Everything of the origin that logs runs on this one thread.
            let _guard = tracing::subscriber::set_default(subscriber);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let server = Server::bind(&config).await.expect("it starts");
                tell.send(server.address()).expect("somebody waits");
                server
                    .run(async {
                        let _ = stopped.await;
                    })
                    .await;
            });
        });
        let address = told.recv().expect("it has started");
        Self { address, log, running: Some((stop, thread)) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address.expect("it listens on an address")
    }

    /// What it was asked so far, and has answered to the end, in that order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let bytes = self.log.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = String::from_utf8(bytes).expect("JSON is UTF-8");
        let access = text.lines().filter(|line| line.contains("origin::access"));
        access.map(|line| serde_json::from_str(line).expect("the fields of the access log")).collect()
    }

    /// Shuts it down; whoever asks from now on is refused.
    pub(crate) fn stop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            let _ = stop.send(());
            thread.join().expect("no panic");
        }
    }
}

impl Drop for LiveOrigin {
    fn drop(&mut self) {
        self.stop();
    }
}
