//! All rooms and all clients of one relay.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, UPGRADE};
use http::{Request, Response, StatusCode};
use party::{ConnectionId, Stamp, Text};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::clock::Clock;
use crate::config::Config;
use crate::connection::Connection;
use crate::error::Error;
use crate::handshake::{self, Refusal};
use crate::metrics::Metrics;
use crate::room::{Job, RoomTask};
use crate::room_id::RoomId;
use crate::store::Store;
use crate::token::Key;

/// The most messages that wait for a room; whoever brings more waits, too.
const QUEUED: usize = 64;
/// The most seconds for which a room is kept in a Redis: a month.
const MOST_KEPT: u32 = 30 * 86_400;

/// A relay; its clones are the same one.
#[derive(Clone, Debug)]
pub struct Relay(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) key: Option<Key>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) metrics: Metrics,
    pub(crate) store: Store,
    pub(crate) closing: watch::Sender<bool>,
    rooms: Mutex<HashMap<RoomId, Handle>>,
    connections: AtomicU64,
}

/// The way to a room's task.
#[derive(Clone, Debug)]
pub(crate) struct Handle {
    pub(crate) jobs: mpsc::Sender<Job>,
    /// Of the room's state: what echoes carry.
    pub(crate) stamp: watch::Receiver<Stamp>,
    /// Whether it is to look what it has missed, as soon as it can be told so.
    pub(crate) reloads: Arc<AtomicBool>,
    /// When somebody last came or went by it.
    seen: Instant,
}

/// One client's place among all; it is free again when this is dropped.
struct Place(Arc<Inner>);

impl Relay {
    /// Reads the secret, and connects to the Redis where there is one.
    ///
    /// # Errors
    /// [`Error`], each with what to do about it.
    pub async fn new(config: &Config) -> Result<Self, Error> {
        let key = config.party_secret.as_deref().map(Key::read).transpose()?;
        let (store, clock) = match &config.party_redis {
            Some(url) => Store::redis(url, config.party_redis_keep.clamp(1, MOST_KEPT)).await?,
            None => (Store::Memory, Arc::new(Clock::own(Text::cut(&random()?)))),
        };
        let mut config = config.clone();
        config.party_max_members = config.party_max_members.clamp(1, 100);
        let inner = Arc::new(Inner {
            config,
            key,
            clock,
            metrics: Metrics::default(),
            store,
            closing: watch::Sender::new(false),
            rooms: Mutex::default(),
            connections: AtomicU64::new(0),
        });
        inner.store.listen(&inner);
        Ok(Self(inner))
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
        self.0.metrics.render()
    }
}

impl Inner {
    /// The way to a room, which is made if there is none. `None` where there are too many that somebody is in.
    pub(crate) fn enter(self: &Arc<Self>, id: &RoomId) -> Option<Handle> {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = rooms.get_mut(id) {
            handle.seen = Instant::now();
            return Some(handle.clone());
        }
        if rooms.len() >= self.config.party_max_rooms {
            // Nobody is in a room whose only way is this one. Its task ends by itself once that is gone.
            let empty = rooms.iter().filter(|(_, handle)| handle.jobs.strong_count() == 1);
            let longest = empty.min_by_key(|(_, handle)| handle.seen).map(|(id, _)| id.clone())?;
            rooms.remove(&longest);
        }
        let (jobs, queue) = mpsc::channel(QUEUED);
        let (stamp, seen) = watch::channel(Stamp::default());
        let handle = Handle { jobs, stamp: seen, reloads: Arc::default(), seen: Instant::now() };
        rooms.insert(id.clone(), handle.clone());
        self.metrics.rooms.store(rooms.len(), Ordering::Relaxed);
        tokio::spawn(RoomTask::new(self.clone(), id.clone(), queue, stamp).run());
        Some(handle)
    }

    /// Somebody has gone from a room.
    pub(crate) fn left(&self, id: &RoomId) {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = rooms.get_mut(id) {
            handle.seen = Instant::now();
        }
    }

    /// A room's task ends, unless somebody is on the way in. Whether it does.
    pub(crate) fn forget(&self, id: &RoomId, queue: &mpsc::Receiver<Job>, stamp: &watch::Sender<Stamp>) -> bool {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let is_idle = queue.is_empty();
        if is_idle {
            self.remove(&mut rooms, id, stamp);
        }
        is_idle
    }

    /// A room's task ends, whoever is on the way in.
    pub(crate) fn drop_room(&self, id: &RoomId, stamp: &watch::Sender<Stamp>) {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        self.remove(&mut rooms, id, stamp);
    }

    /// Another task may serve a room of the same name since this one gave way.
    fn remove(&self, rooms: &mut HashMap<RoomId, Handle>, id: &RoomId, stamp: &watch::Sender<Stamp>) {
        if rooms.get(id).is_some_and(|handle| handle.stamp.same_channel(&stamp.subscribe())) {
            rooms.remove(id);
            self.metrics.rooms.store(rooms.len(), Ordering::Relaxed);
        }
    }

    pub(crate) fn room(&self, id: &RoomId) -> Option<Handle> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    pub(crate) fn room_ids(&self) -> Vec<RoomId> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
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

/// 128 random bits in base64url.
pub(crate) fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
