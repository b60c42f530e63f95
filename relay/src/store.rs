//! Where rooms are kept: here alone, or in a Redis that other relays use, too.
//!
//! In the Redis a room is a hash of its version and its text, written by a script that compares the version; what is written is
//! published to all relays, and so is what members report. A room that no relay serves any more is forgotten after an hour.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::StreamExt;
use party::{Presence, RoomTime, Shared, Text};
use redis::aio::{ConnectionManager, PubSubSink};
use redis::{AsyncCommands, RedisResult, Script};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, mpsc};

use crate::clock::Clock;
use crate::error::Error;
use crate::job::Job;
use crate::random::random;
use crate::room_id::RoomId;
use crate::rooms::Rooms;

/// Number of times that a room is renewed within the time after which it would be forgotten.
const RENEWALS: u32 = 6;
/// Time between two questions for the Redis's clock.
const PROBE: Duration = Duration::from_secs(1);
/// Time after which a lost connection is made again.
const AGAIN: Duration = Duration::from_millis(500);
/// The most reports that wait to be published; more are left out, for newer ones come soon.
const QUEUED: usize = 4_096;

/// Writes where the version is the expected one, and tells everybody; otherwise answers with what is there.
const WRITE: &str = r"
local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version ~= ARGV[1] then return redis.call('HGET', KEYS[1], 'room') or '' end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'room', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', KEYS[1], ARGV[5])
return 'written'
";

/// What became of a compare-and-set.
#[derive(Debug)]
pub(crate) enum Written {
    Won,
    /// Another was first, with this.
    Lost(Box<Shared>),
}

/// Where rooms are listened for; `None` while there is no connection.
type Subscriptions = Arc<Mutex<Option<PubSubSink>>>;

#[derive(Debug)]
pub(crate) enum Store {
    /// Each room lies in its own task, and nowhere else.
    Memory,
    Redis(Box<Redis>),
}

pub(crate) struct Redis {
    client: redis::Client,
    connection: ConnectionManager,
    write: Script,
    /// By it a relay knows its own messages.
    name: String,
    subscriptions: Subscriptions,
    /// Seconds after which a room that no relay serves is forgotten.
    kept: u32,
    reports: mpsc::Sender<(String, String)>,
    clock: Arc<Clock>,
}

/// What relays tell each other of a room.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum News {
    Written { from: String, shared: Box<Shared> },
    Presence { from: String, presence: Presence },
}

impl Store {
    /// Connects, and learns the Redis's clock well enough to begin.
    pub(crate) async fn redis(url: &str, kept: u32) -> Result<(Self, Arc<Clock>), Error> {
        // `rediss://` is spoken by the default of the process; one that is set already stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = redis::Client::open(url)?;
        // One that is not there is said at once; one that goes later is asked again and again.
        drop(client.get_multiplexed_async_connection().await?);
        let mut connection = client.get_connection_manager().await?;
        let info: String = redis::cmd("INFO").arg("server").query_async(&mut connection).await?;
        let run = info.lines().find_map(|line| line.strip_prefix("run_id:")).unwrap_or("redis");
        let clock = Arc::new(Clock::redis(Text::cut(run.trim())));
        for _ in 0..8 {
            probe(&clock, &mut connection).await?;
        }
        let (reports, queue) = mpsc::channel(QUEUED);
        tokio::spawn(publish(queue, connection.clone()));
        let write = Script::new(WRITE);
        let (name, subscriptions) = (random()?, Subscriptions::default());
        let redis = Redis { client, connection, write, name, subscriptions, kept, reports, clock: clock.clone() };
        Ok((Self::Redis(Box::new(redis)), clock))
    }

    pub(crate) fn is_shared(&self) -> bool {
        matches!(self, Self::Redis(_))
    }

    /// Hears what other relays tell, for as long as the relay lives.
    pub(crate) fn listen(&self, rooms: &Arc<Rooms>) {
        if let Self::Redis(redis) = self {
            let Redis { client, name, subscriptions, .. } = &**redis;
            tokio::spawn(hear(Arc::downgrade(rooms), client.clone(), name.clone(), subscriptions.clone()));
            tokio::spawn(keep_time(redis.clock.clone(), redis.connection.clone(), Arc::downgrade(rooms)));
        }
    }

    /// Listens for a room, and reads what is written of it.
    pub(crate) async fn open(&self, id: &RoomId) -> RedisResult<Option<Shared>> {
        if let Self::Redis(redis) = self
            && let Some(sink) = &mut *redis.subscriptions.lock().await
        {
            sink.subscribe(key(id)).await?;
        }
        self.read(id).await
    }

    /// Listens no more, unless somebody has come into the room meanwhile.
    pub(crate) async fn close(&self, id: &RoomId, rooms: &Rooms) {
        if let Self::Redis(redis) = self
            && let Some(sink) = &mut *redis.subscriptions.lock().await
            && rooms.room(id).is_none()
        {
            let _ = sink.unsubscribe(key(id)).await;
        }
    }

    /// How often a room that somebody is in is to be renewed; `None` where it lies here.
    pub(crate) fn renewal(&self) -> Option<Duration> {
        let Self::Redis(redis) = self else { return None };
        Some(Duration::from_secs(redis.kept.into()) / RENEWALS)
    }

    /// Keeps a room though nobody changes it; `false` where it is gone.
    pub(crate) async fn renew(&self, id: &RoomId) -> RedisResult<bool> {
        let Self::Redis(redis) = self else { return Ok(true) };
        redis.connection.clone().expire(key(id), redis.kept.into()).await
    }

    pub(crate) async fn read(&self, id: &RoomId) -> RedisResult<Option<Shared>> {
        let Self::Redis(redis) = self else { return Ok(None) };
        let text: Option<String> = redis.connection.clone().hget(key(id), "room").await?;
        // What cannot be read is of another version of this program, and is written over by compare-and-set or not at all.
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    pub(crate) async fn write(&self, id: &RoomId, expected: u64, shared: &Shared) -> RedisResult<Written> {
        let Self::Redis(redis) = self else { return Ok(Written::Won) };
        let news = json(&News::Written { from: redis.name.clone(), shared: Box::new(shared.clone()) });
        let text = json(shared);
        let write = async |expected: u64| -> RedisResult<String> {
            let mut call = redis.write.key(key(id));
            call.arg(expected).arg(shared.version).arg(&text).arg(redis.kept).arg(&news);
            call.invoke_async(&mut redis.connection.clone()).await
        };
        let mut answer = write(expected).await?;
        if answer.is_empty() {
            // It was forgotten, with people in it: it begins again as they know it.
            answer = write(0).await?;
        }
        if answer == "written" {
            return Ok(Written::Won);
        }
        match serde_json::from_str(&answer) {
            Ok(winner) => Ok(Written::Lost(Box::new(winner))),
            // It is of another version of this program.
            Err(_) => Err((redis::ErrorKind::UnexpectedReturnType, "the room is no longer what it was").into()),
        }
    }

    /// Tells other relays what a member reports. Never waits.
    pub(crate) fn tell(&self, id: &RoomId, presence: &Presence) {
        if let Self::Redis(redis) = self {
            let news = News::Presence { from: redis.name.clone(), presence: presence.clone() };
            let _ = redis.reports.try_send((key(id), json(&news)));
        }
    }
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis").finish_non_exhaustive()
    }
}

fn key(id: &RoomId) -> String {
    format!("watchparty:room:{}", id.as_str())
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("there are no maps with odd keys")
}

/// Asks the Redis what time it is.
async fn probe(clock: &Clock, connection: &mut ConnectionManager) -> RedisResult<bool> {
    let sent = clock.local();
    let (seconds, micros): (i64, i64) = redis::cmd("TIME").query_async(connection).await?;
    Ok(clock.heard(sent, RoomTime::from_micros(seconds.saturating_mul(1_000_000).saturating_add(micros))))
}

async fn keep_time(clock: Arc<Clock>, mut connection: ConnectionManager, rooms: Weak<Rooms>) {
    while rooms.strong_count() > 0 {
        tokio::time::sleep(PROBE).await;
        if let Err(error) = probe(&clock, &mut connection).await {
            tracing::warn!(%error, "the Redis does not tell the time");
        }
    }
}

async fn publish(mut queue: mpsc::Receiver<(String, String)>, mut connection: ConnectionManager) {
    while let Some((channel, text)) = queue.recv().await {
        let _: RedisResult<()> = connection.publish(channel, text).await;
    }
}

/// Hears other relays; after each reconnection every room looks what it has missed.
async fn hear(relay: Weak<Rooms>, client: redis::Client, name: String, subscriptions: Subscriptions) {
    while let Some(rooms) = relay.upgrade() {
        let Ok(pubsub) = client.get_async_pubsub().await else {
            drop(rooms);
            tokio::time::sleep(AGAIN).await;
            continue;
        };
        let (mut sink, mut stream) = pubsub.split();
        // Whoever opens or closes a room from here on waits, and finds the sink.
        let mut subscribed = subscriptions.lock().await;
        let channels: BTreeMap<String, _> = rooms.ids().into_iter().map(|id| (key(&id), id)).collect();
        for channel in channels.keys() {
            let _ = sink.subscribe(channel).await;
        }
        *subscribed = Some(sink);
        drop(subscribed);
        for handle in channels.values().filter_map(|id| rooms.room(id)) {
            let _ = handle.jobs.send(Job::Reload).await;
        }
        drop(rooms);
        while let Some(message) = stream.next().await {
            let Some(rooms) = relay.upgrade() else { return };
            let channel = message.get_channel_name();
            let id = channel.strip_prefix("watchparty:room:").and_then(RoomId::parse);
            let news = message.get_payload::<String>().ok().and_then(|text| serde_json::from_str(&text).ok());
            let Some((handle, news)) = id.and_then(|id| rooms.room(&id)).zip(news) else { continue };
            let job = match news {
                News::Written { from, shared } if from != name => Job::Adopt(shared),
                News::Presence { from, presence } if from != name => Job::Heard(presence),
                _ => continue,
            };
            // A room that cannot take it in now must not keep the others waiting, nor miss what is written.
            if handle.jobs.try_send(job).is_err() && !handle.reloads.swap(true, Ordering::Relaxed) {
                tokio::spawn(async move {
                    if let Ok(place) = handle.jobs.reserve().await {
                        // What cannot be taken in from here on is newer than this.
                        handle.reloads.store(false, Ordering::Relaxed);
                        place.send(Job::Reload);
                    }
                });
            }
        }
        subscriptions.lock().await.take();
        tracing::warn!("the Redis has gone; it is asked again");
    }
}
