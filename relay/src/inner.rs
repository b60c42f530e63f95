//! What all clients and rooms of one relay share.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use signing::KeyFile;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config::Config;
use crate::metrics::Metrics;
use crate::rooms::Rooms;
use crate::store::Store;

/// One for each relay; connections and tasks of rooms hold it.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) keys: Option<KeyFile>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) metrics: Metrics,
    pub(crate) store: Store,
    pub(crate) closing: watch::Sender<bool>,
    pub(crate) rooms: Arc<Rooms>,
    /// How many there have been: each has a number.
    pub(crate) connections: AtomicU64,
}
