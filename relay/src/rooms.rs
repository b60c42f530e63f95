//! The ways to all rooms of one relay.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use party::Stamp;
use tokio::sync::{mpsc, watch};

use crate::job::Job;
use crate::room_id::RoomId;

/// The most messages that wait for a room; whoever brings more waits, too.
const QUEUED: usize = 64;

#[derive(Debug)]
pub(crate) struct Rooms {
    /// The most rooms.
    most: usize,
    ways: Mutex<HashMap<RoomId, Handle>>,
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

/// The other end of the way to a room that has no task yet.
#[derive(Debug)]
pub(crate) struct NewRoom {
    pub(crate) queue: mpsc::Receiver<Job>,
    pub(crate) stamp: watch::Sender<Stamp>,
}

impl Rooms {
    /// None, and never more than `most`.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, ways: Mutex::default() }
    }

    /// The way to a room. Where there was none, it is made, and whoever asks has to begin a task at its other end. `None` where
    /// there are too many rooms that somebody is in.
    pub(crate) fn enter(&self, id: &RoomId) -> Option<(Handle, Option<NewRoom>)> {
        let mut ways = self.lock();
        if let Some(handle) = ways.get_mut(id) {
            handle.seen = Instant::now();
            return Some((handle.clone(), None));
        }
        if ways.len() >= self.most {
            // Nobody is in a room whose only way is this one. Its task ends by itself once that is gone.
            let empty = ways.iter().filter(|(_, handle)| handle.jobs.strong_count() == 1);
            let longest = empty.min_by_key(|(_, handle)| handle.seen).map(|(id, _)| id.clone())?;
            ways.remove(&longest);
        }
        let (jobs, queue) = mpsc::channel(QUEUED);
        let (stamp, seen) = watch::channel(Stamp::default());
        let handle = Handle { jobs, stamp: seen, reloads: Arc::default(), seen: Instant::now() };
        ways.insert(id.clone(), handle.clone());
        Some((handle, Some(NewRoom { queue, stamp })))
    }

    /// Somebody has gone from a room.
    pub(crate) fn left(&self, id: &RoomId) {
        if let Some(handle) = self.lock().get_mut(id) {
            handle.seen = Instant::now();
        }
    }

    /// A room's task ends, unless somebody is on the way in. Whether it does.
    pub(crate) fn forget(&self, id: &RoomId, queue: &mpsc::Receiver<Job>, stamp: &watch::Sender<Stamp>) -> bool {
        let mut ways = self.lock();
        let is_idle = queue.is_empty();
        if is_idle {
            remove(&mut ways, id, stamp);
        }
        is_idle
    }

    /// A room's task ends, whoever is on the way in.
    pub(crate) fn drop_room(&self, id: &RoomId, stamp: &watch::Sender<Stamp>) {
        remove(&mut self.lock(), id, stamp);
    }

    /// The way to a room that has one.
    pub(crate) fn room(&self, id: &RoomId) -> Option<Handle> {
        self.lock().get(id).cloned()
    }

    pub(crate) fn ids(&self) -> Vec<RoomId> {
        self.lock().keys().cloned().collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RoomId, Handle>> {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Another task may serve a room of the same name since this one gave way.
fn remove(ways: &mut HashMap<RoomId, Handle>, id: &RoomId, stamp: &watch::Sender<Stamp>) {
    if ways.get(id).is_some_and(|handle| handle.stamp.same_channel(&stamp.subscribe())) {
        ways.remove(id);
    }
}
