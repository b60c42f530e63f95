//! One room's task: it owns the room, and every client's outbox.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use party::{ConnectionId, Farewell, Room, RoomInput, RoomOptions, RoomOutput, RoomTime, Stamp};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::clock::epoch;
use crate::inner::Inner;
use crate::job::Job;
use crate::outbox::{Outbox, bye};
use crate::room_id::RoomId;
use crate::rooms::NewRoom;
use crate::store::Written;

pub(crate) struct RoomTask {
    inner: Arc<Inner>,
    id: RoomId,
    queue: mpsc::Receiver<Job>,
    stamp: watch::Sender<Stamp>,
    outboxes: HashMap<ConnectionId, mpsc::Sender<Outbox>>,
    /// Clients that did not read, and that the room does not know to be gone yet.
    slow: Vec<ConnectionId>,
}

impl RoomTask {
    pub(crate) fn new(inner: Arc<Inner>, id: RoomId, NewRoom { queue, stamp }: NewRoom) -> Self {
        Self { inner, id, queue, stamp, outboxes: HashMap::new(), slow: Vec::new() }
    }

    /// Serves the room until nobody has been there for long, or its store fails.
    pub(crate) async fn run(mut self) {
        if let Err(error) = self.serve().await {
            // Members go on by their own clocks, and come back.
            tracing::error!(room = %self.id, %error, "a room cannot be kept; its clients are sent away for now");
            self.inner.rooms.drop_room(&self.id, &self.stamp);
            self.dismiss_all();
        }
        self.inner.store.close(&self.id, &self.inner.rooms).await;
    }

    async fn serve(&mut self) -> redis::RedisResult<()> {
        let options =
            RoomOptions { most_members: self.inner.config.party_max_members, clock: self.inner.clock.name.clone() };
        let now = self.now();
        let mut room = match self.inner.store.open(&self.id).await? {
            Some(shared) => Room::of(now, shared, options),
            None => Room::new(now, epoch(), options),
        };
        let mut wake = Some(now);
        let renewal = self.inner.store.renewal();
        let mut renew = tokio::time::Instant::now() + renewal.unwrap_or_default();
        loop {
            let pause = wake.map_or(Duration::from_secs(60), |at| (at - self.now()).to_duration());
            let input = tokio::select! {
                job = self.queue.recv() => match job {
                    Some(job) => self.input(job).await?,
                    None => return Ok(()),
                },
                () = tokio::time::sleep_until(renew), if renewal.is_some() => {
                    renew = tokio::time::Instant::now() + renewal.unwrap_or_default();
                    self.renew(&room).await?
                }
                () = tokio::time::sleep(pause) => Some(RoomInput::Tick),
            };
            if let Some(input) = input {
                wake = self.apply(&mut room, input).await?;
            }
            while let Some(connection) = self.slow.pop() {
                self.outboxes.remove(&connection);
                wake = self.apply(&mut room, RoomInput::Closed { connection }).await?;
            }
            if room.is_over(self.now()) && self.inner.rooms.forget(&self.id, &self.queue, &self.stamp) {
                return Ok(());
            }
        }
    }

    /// People who watch change nothing for hours: while somebody is in it, the room is not forgotten.
    async fn renew(&self, room: &Room) -> redis::RedisResult<Option<RoomInput>> {
        let store = &self.inner.store;
        if self.outboxes.is_empty() || store.renew(&self.id).await? {
            return Ok(None);
        }
        Ok(match store.write(&self.id, 0, room.shared()).await? {
            Written::Won => None,
            Written::Lost(winner) => Some(RoomInput::Adopt(winner)),
        })
    }

    fn now(&self) -> RoomTime {
        self.inner.clock.now()
    }

    async fn input(&mut self, job: Job) -> redis::RedisResult<Option<RoomInput>> {
        Ok(Some(match job {
            Job::Arrive { connection, outbox, hello, grant, secret } => {
                self.outboxes.insert(connection, outbox);
                RoomInput::Hello { connection, hello, grant, secret }
            }
            Job::Message { connection, message } => RoomInput::Message { connection, message },
            Job::Closed { connection } => {
                self.outboxes.remove(&connection);
                RoomInput::Closed { connection }
            }
            Job::Heard(presence) => RoomInput::Heard(presence),
            Job::Adopt(shared) => RoomInput::Adopt(shared),
            Job::Reload => match self.inner.store.read(&self.id).await? {
                Some(shared) => RoomInput::Adopt(Box::new(shared)),
                None => return Ok(None),
            },
        }))
    }

    /// Hands a fact to the room, writes what came of it, and only then tells anybody. When to call again.
    async fn apply(&mut self, room: &mut Room, input: RoomInput) -> redis::RedisResult<Option<RoomTime>> {
        if self.inner.store.is_shared() {
            loop {
                let before = room.clone();
                room.handle_input(self.now(), input.clone());
                let Some(expected) = room.unwritten() else { break };
                match self.inner.store.write(&self.id, expected, room.shared()).await? {
                    Written::Won => {
                        room.written();
                        break;
                    }
                    Written::Lost(winner) => {
                        self.inner.metrics.conflicts.add(1);
                        room.retreat(before, *winner);
                    }
                }
            }
        } else {
            room.handle_input(self.now(), input);
        }
        self.stamp.send_if_modified(|stamp| std::mem::replace(stamp, room.state().stamp) != room.state().stamp);
        loop {
            match room.poll_output() {
                RoomOutput::Wait(wake) => return Ok(wake),
                RoomOutput::Send { to, message } => self.send(to, Outbox::Text(message.encode().into())),
                RoomOutput::Broadcast(message) => {
                    let text = Utf8Bytes::from(message.encode());
                    room.connections().for_each(|connection| self.send(connection, Outbox::Text(text.clone())));
                }
                RoomOutput::Close { connection, why } => {
                    self.send(connection, Outbox::Last(bye(why).encode().into()));
                    self.outboxes.remove(&connection);
                }
                RoomOutput::Tell(presence) => self.inner.store.tell(&self.id, &presence),
            }
        }
    }

    /// Never waits: who does not read is let go.
    fn send(&mut self, to: ConnectionId, out: Outbox) {
        let is_full = |outbox: &mpsc::Sender<Outbox>| matches!(outbox.try_send(out), Err(TrySendError::Full(_)));
        if self.outboxes.get(&to).is_some_and(is_full) {
            self.slow.push(to);
        }
    }

    fn dismiss_all(&mut self) {
        for (_, outbox) in self.outboxes.drain() {
            let _ = outbox.try_send(Outbox::Last(bye(Farewell::Restart).encode().into()));
        }
        // Whoever was on the way in finds a queue that is closed.
        self.queue.close();
    }
}
