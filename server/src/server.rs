//! The shell: sockets in, [`crate::Handler`] behind them, no policy.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use relay::Relay;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::config::{Config, Limits};
use crate::connection::Context;
use crate::error::Error;
use crate::gate::Gate;
use crate::handler::Handler;
use crate::listen::Listen;
use crate::listener::Listener;
use crate::metrics::Metrics;
use crate::service::{Port, Service};
use crate::tls::Certificate;
use crate::trusted::Trusted;

/// Connections of the admin port; they count apart, so that a flood of clients cannot hide itself from the monitoring.
const MAX_ADMIN_CONNECTIONS: usize = 64;

/// An origin that listens, and serves once [`Server::run`] is called.
#[derive(Debug)]
pub struct Server {
    public: Listening,
    admin: Option<Listening>,
    certificate: Option<Arc<Certificate>>,
    service: Arc<Service>,
    limits: Limits,
}

#[derive(Debug)]
struct Listening {
    listener: Listener,
    port: Port,
    gate: Arc<Gate>,
}

impl Server {
    /// Opens the directories, the certificate and the sockets.
    ///
    /// # Errors
    /// [`Error`], each with what to do about it.
    pub async fn bind(config: &Config) -> Result<Self, Error> {
        let limits = config.limits.clone();
        let gate = Gate::new(limits.max_connections, limits.max_client_connections);
        let service = Arc::new(Service {
            handler: Handler::new(config)?,
            metrics: Arc::new(Metrics::default()),
            connections: gate.clone(),
            responses: Gate::new(limits.max_responses, limits.max_client_responses),
            sockets: Gate::new(limits.max_connections, limits.max_client_connections),
            trusted: Trusted::new(&config.trusted_proxy, config.client_from),
            relay: if config.party.party { Some(Relay::new(&config.party).await?) } else { None },
            is_draining: AtomicBool::new(false),
        });
        let certificate = match config.tls_cert.as_deref().zip(config.tls_key.as_deref()) {
            Some((chain, key)) => Some(Arc::new(Certificate::load(chain, key)?)),
            None => None,
        };
        let port = if config.admin.is_some() { Port::Public } else { Port::Both };
        let public = Listening::new(&config.listen, port, gate).await?;
        let admin = match &config.admin {
            Some(place) => {
                let gate = Gate::new(MAX_ADMIN_CONNECTIONS, MAX_ADMIN_CONNECTIONS);
                Some(Listening::new(place, Port::Admin, gate).await?)
            }
            None => None,
        };
        Ok(Self { public, admin, certificate, service, limits })
    }

    /// Where it listens, as people would find it: the URL of its root, or the path of its socket.
    #[must_use]
    pub fn place(&self) -> String {
        match self.address() {
            Some(address) => format!("{}://{address}/", self.scheme()),
            None => format!("unix:{}", self.public.listener),
        }
    }

    /// The address that it listens on, with the real port; `None` for a Unix socket.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.public.listener.address()
    }

    /// Where `/healthz` and `/metrics` are, if on a port of their own.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().and_then(|admin| admin.listener.address())
    }

    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.certificate.is_some() { "https" } else { "http" }
    }

    /// Reads certificate and keys again whenever the returned handle is asked to.
    #[must_use]
    pub fn reloader(&self) -> Reloader {
        Reloader { certificate: self.certificate.clone(), service: self.service.clone() }
    }

    /// Serves until `shutdown` completes, then lets the bodies that are being sent finish, for at most the drain time.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let Self { public, admin, certificate, service, limits } = self;
        // A bucket that cannot be read from is told at once, not when the first viewer comes.
        let look = service.clone();
        tokio::spawn(async move { look.handler.is_media_there().await });
        let graceful = GracefulShutdown::new();
        let context = |port, certificate| Context {
            service: service.clone(),
            port,
            certificate,
            header_time: limits.header_time,
            idle_time: limits.idle_time,
        };
        // The admin port answers until the very end: it is what tells that the origin drains.
        let admin = admin.map(|admin| {
            let context = context(admin.port, None);
            tokio::spawn(async move { admin.accept_for_ever(&context, &GracefulShutdown::new()).await })
        });
        let context = context(public.port, certificate);
        tokio::select! {
            never = public.accept_for_ever(&context, &graceful) => match never {},
            () = shutdown => {}
        }
        service.is_draining.store(true, Ordering::Relaxed);
        drop(public);
        tracing::info!(responses = service.responses.count(), "shutting down");
        let drained = tokio::time::timeout(limits.drain_time, graceful.shutdown());
        let dismissed = async {
            if let Some(relay) = &service.relay {
                relay.close(limits.drain_time).await;
            }
        };
        if tokio::join!(drained, dismissed).0.is_err() {
            tracing::warn!("some clients were still reading; their connections are cut");
        }
        if let Some(admin) = admin {
            admin.abort();
        }
    }

    /// Serves on a task of its own until the returned handle is stopped or dropped.
    ///
    /// # Panics
    /// On a Unix socket: the handle has an address.
    #[must_use]
    pub fn spawn(self) -> Running {
        let address = self.address().expect("it listens on an address");
        let (admin_address, scheme) = (self.admin_address(), self.scheme());
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(self.run(async move {
            // A sender that is dropped stops the server too.
            let _ = stopped.await;
        }));
        Running { address, admin_address, scheme, stop, task }
    }
}

impl Listening {
    async fn new(place: &Listen, port: Port, gate: Arc<Gate>) -> Result<Self, Error> {
        let failed = |source| Error::Listen { place: place.clone(), source };
        let listener = Listener::bind(place).await.map_err(failed)?;
        Ok(Self { listener, port, gate })
    }

    async fn accept_for_ever(&self, context: &Context, graceful: &GracefulShutdown) -> std::convert::Infallible {
        let metrics = &context.service.metrics;
        loop {
            let (stream, peer) = match self.listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors, most likely: those in use must be given time to close.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let is_proxy = context.service.trusted.is_proxy(peer);
            match self.gate.admit(peer.address().filter(|_| !is_proxy)) {
                Ok(admission) => {
                    metrics.connections.add(1);
                    tokio::spawn(context.clone().serve(stream, peer, admission, graceful.watcher()));
                }
                Err(full) => context.refuse(&stream, peer, full),
            }
        }
    }
}

/// Reads a server's certificate and keys again.
#[derive(Clone, Debug)]
pub struct Reloader {
    certificate: Option<Arc<Certificate>>,
    service: Arc<Service>,
}

impl Reloader {
    /// What was read again, by its name for people, and whether it can be used; what cannot stays as it was. New connections get the
    /// new certificate, open ones keep what they have. Keys count from the next request on.
    #[must_use]
    pub fn reload(&self) -> Vec<(&'static str, Result<(), Error>)> {
        let certificate = self.certificate.as_ref().map(|certificate| certificate.reload().map_err(Error::from));
        let share_keys = self.service.handler.share_keys().map(|keys| keys.reload().map_err(Error::from));
        let party = self.service.relay.as_ref().and_then(Relay::reload).map(|outcome| outcome.map_err(Error::from));
        let all = [("the certificate", certificate), ("the key of links", share_keys), ("the secret of tokens", party)];
        all.into_iter().filter_map(|(what, outcome)| Some((what, outcome?))).collect()
    }
}

/// A server on a task of its own, for tests and tools that live in the same process.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    admin_address: Option<SocketAddr>,
    scheme: &'static str,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where `/healthz` and `/metrics` are, if on a port of their own.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin_address
    }

    /// The absolute URL of a path that begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// Shuts down as a signal would, and waits for it.
    pub async fn stop(self) {
        drop(self.stop);
        // The task returns nothing; a panic in it has already been reported.
        let _ = self.task.await;
    }
}
