//! All rooms and all clients of one relay.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, UPGRADE};
use http::{Request, Response, StatusCode};
use party::{ConnectionId, Text};
use signing::KeyFile;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::clock::Clock;
use crate::config::Config;
use crate::connection::Connection;
use crate::error::Error;
use crate::handshake::{self, Refusal};
use crate::inner::Inner;
use crate::metrics::Metrics;
use crate::random::random;
use crate::rooms::Rooms;
use crate::store::Store;

/// The most seconds for which a room is kept in a Redis: a month.
const MOST_KEPT: u32 = 30 * 86_400;

/// A relay; its clones are the same one.
#[derive(Clone, Debug)]
pub struct Relay(Arc<Inner>);

/// One client's place among all; it is free again when this is dropped.
struct Place(Arc<Inner>);

impl Relay {
    /// Reads the secret, and connects to the Redis where there is one.
    ///
    /// # Errors
    /// [`Error`], each with what to do about it.
    pub async fn new(config: &Config) -> Result<Self, Error> {
        let keys = config.party_secret.as_deref().map(KeyFile::load).transpose()?;
        let (store, clock) = match &config.party_redis {
            Some(url) => Store::redis(url, config.party_redis_keep.clamp(1, MOST_KEPT)).await?,
            None => (Store::Memory, Arc::new(Clock::own(Text::cut(&random()?)))),
        };
        let mut config = config.clone();
        config.party_max_members = config.party_max_members.clamp(1, 100);
        let inner = Arc::new(Inner {
            rooms: Arc::new(Rooms::new(config.party_max_rooms)),
            config,
            keys,
            clock,
            metrics: Metrics::default(),
            store,
            closing: watch::Sender::new(false),
            connections: AtomicU64::new(0),
        });
        inner.store.listen(&inner.rooms);
        Ok(Self(inner))
    }

    /// Reads the secret again, and says whether it can be used; one that cannot stays as it was. `None` where there is none. Tokens
    /// that it has not signed let nobody in from then on.
    #[must_use]
    pub fn reload(&self) -> Option<Result<(), Error>> {
        self.0.keys.as_ref().map(|keys| keys.reload().map_err(Error::from))
    }

    /// Answers a request for the relay, and serves the socket that it becomes. `peer` is for the log; `guard` lives for as long
    /// as the socket does.
    ///
    /// # Errors
    /// What to answer instead.
    pub fn respond<B>(
        &self,
        request: &mut Request<B>,
        peer: String,
        guard: impl Send + 'static,
    ) -> Result<Response<()>, Refusal> {
        let Inner { config, metrics, closing, .. } = &*self.0;
        let busy = |what| Refusal { status: StatusCode::SERVICE_UNAVAILABLE, what };
        let opening = handshake::open(request, &config.party_origin).inspect_err(|_| metrics.refused.add(1))?;
        if *closing.borrow() {
            return Err(busy("shutting down"));
        }
        let Some(place) = Place::take(&self.0) else {
            metrics.refused.add(1);
            return Err(busy("too many clients are connected"));
        };
        let upgrade = hyper::upgrade::on(request);
        let id = ConnectionId(self.0.connections.fetch_add(1, Ordering::Relaxed));
        let connection = Connection::new(self.0.clone(), id, opening.room, peer);
        tokio::spawn(async move {
            let _held = (place, guard);
            match upgrade.await {
                Ok(upgraded) => connection.serve(upgraded).await,
                Err(error) => tracing::debug!(%error, "a client is not upgraded"),
            }
        });
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let accept = derive_accept_key(opening.key.as_bytes());
        let fields = response.headers_mut();
        fields.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        fields.insert(UPGRADE, HeaderValue::from_static("websocket"));
        fields.insert(SEC_WEBSOCKET_ACCEPT, HeaderValue::try_from(accept).expect("base64 is visible ASCII"));
        Ok(response)
    }

    /// Tells every client that it may come back soon, and waits until they are gone, for `patience` at most.
    pub async fn close(&self, patience: Duration) {
        self.0.closing.send_replace(true);
        let gone = async {
            while self.0.metrics.clients.load(Ordering::Relaxed) > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let _ = tokio::time::timeout(patience, gone).await;
    }

    /// In the text format of Prometheus.
    #[must_use]
    pub fn metrics(&self) -> String {
        self.0.metrics.render(self.0.rooms.count())
    }
}

impl Place {
    fn take(inner: &Arc<Inner>) -> Option<Self> {
        let most = inner.config.party_max_clients;
        let one_more = |clients| (clients < most).then_some(clients + 1);
        inner.metrics.clients.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        Some(Self(inner.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.metrics.clients.fetch_sub(1, Ordering::Relaxed);
    }
}
