//! One client's socket: what it sends goes to its room, what its room says goes out.
//!
//! 1. the hello, within a time; 2. the token; 3. the room; 4. messages both ways until one side has had enough.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use party::{ConnectionId, Farewell, Grant, Hello, LONGEST_TO_ROOM, Secret, ToMember, ToRoom};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, Utf8Bytes};

use crate::inner::Inner;
use crate::job::Job;
use crate::outbox::{Outbox, bye};
use crate::random::random;
use crate::room::RoomTask;
use crate::room_id::RoomId;
use crate::rooms::Handle;
use crate::token;

/// Time for the hello: who has not said it by then is let go.
const HELLO_TIME: Duration = Duration::from_secs(10);
/// Silence after which a client counts as gone. Members probe every three seconds, those in hidden pages only once a minute; but every
/// socket answers a ping.
const IDLE_TIME: Duration = Duration::from_secs(30);
/// Time between two pings: with a third of [`IDLE_TIME`], one may be late on a bad network.
const PING_TIME: Duration = Duration::from_secs(10);
/// Messages of which one may be a command: each command makes the room tell everybody.
const MESSAGES_PER_COMMAND: f64 = 5.0;
/// Time within which a client has to take a message; one that does not is too slow, and is let go.
const SEND_TIME: Duration = Duration::from_secs(10);
/// The most messages that wait for one client: one for which more would wait is let go.
const OUTBOX: usize = 64;

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// A client before and after it is upgraded.
#[derive(Debug)]
pub(crate) struct Connection {
    inner: Arc<Inner>,
    id: ConnectionId,
    room: RoomId,
    peer: String,
    allowance: Allowance,
    commands: Allowance,
}

/// Why a connection ends.
#[derive(Debug)]
enum End {
    /// The other side, or the network.
    Gone,
    /// This side, with a word.
    Bye(Farewell),
    /// The room has said what there is to say.
    Told,
}

/// What a client may send of one kind: `rate` messages in a second, and twice as many at once.
#[derive(Debug)]
struct Allowance {
    rate: f64,
    left: f64,
    at: Instant,
}

impl Connection {
    pub(crate) fn new(inner: Arc<Inner>, id: ConnectionId, room: RoomId, peer: String) -> Self {
        let rate = f64::from(inner.config.party_max_rate.max(1));
        let (allowance, commands) = (Allowance::new(rate), Allowance::new(rate / MESSAGES_PER_COMMAND));
        Self { inner, id, room, peer, allowance, commands }
    }

    pub(crate) async fn serve(mut self, upgraded: Upgraded) {
        // What each client costs in memory is decided here: the library's own buffers have 128 KiB each.
        let config = WebSocketConfig::default()
            .read_buffer_size(2 * 1024)
            .write_buffer_size(0)
            .max_write_buffer_size(256 * 1024)
            .max_message_size(Some(LONGEST_TO_ROOM))
            .max_frame_size(Some(LONGEST_TO_ROOM));
        let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
        let begun = Instant::now();
        let end = self.talk(&mut socket).await.unwrap_or_else(|end| end);
        match end {
            End::Bye(Farewell::Misbehaved) => self.inner.metrics.misbehaved.add(1),
            End::Bye(Farewell::Slow) => self.inner.metrics.slow.add(1),
            _ => {}
        }
        let seconds = begun.elapsed().as_secs();
        tracing::info!(target: "origin::party", peer = self.peer, room = %self.room, seconds, ?end, "a client is gone");
        if let End::Bye(why) = end {
            let _ = timeout(SEND_TIME, farewell(&mut socket, why)).await;
        }
        let _ = timeout(SEND_TIME, socket.close(None)).await;
    }

    async fn talk(&mut self, socket: &mut Socket) -> Result<End, End> {
        // A slow network is no misdeed: it may come back.
        let hello = timeout(HELLO_TIME, self.hello(socket)).await.map_err(|_| End::Bye(Farewell::Slow))??;
        let grant = self.grant(&hello)?;
        let secret = random().map_err(|_| End::Bye(Farewell::Restart))?;
        let handle = self.enter().ok_or(End::Bye(Farewell::Full))?;
        let (outbox, mut mine) = mpsc::channel(OUTBOX);
        let (hello, secret) = (Box::new(hello), Secret::cut(&secret));
        let arrival = Job::Arrive { connection: self.id, outbox, hello, grant, secret };
        // A room that ends at this very moment is made again when the client comes back.
        handle.jobs.send(arrival).await.map_err(|_| End::Bye(Farewell::Restart))?;
        let end = self.exchange(socket, &handle, &mut mine).await;
        let _ = handle.jobs.send(Job::Closed { connection: self.id }).await;
        self.inner.rooms.left(&self.room);
        end
    }

    /// The way to the room, whose task begins with whoever comes first.
    fn enter(&self) -> Option<Handle> {
        let (handle, new) = self.inner.rooms.enter(&self.room)?;
        if let Some(new) = new {
            tokio::spawn(RoomTask::new(self.inner.clone(), self.room.clone(), new).run());
        }
        Some(handle)
    }

    /// The first message. Nothing else is looked at before it.
    async fn hello(&mut self, socket: &mut Socket) -> Result<Hello, End> {
        loop {
            match self.receive(socket).await? {
                Some(ToRoom::Hello(hello)) => return Ok(hello),
                Some(ToRoom::Unknown) | None => {}
                Some(_) => return Err(End::Bye(Farewell::Misbehaved)),
            }
        }
    }

    fn grant(&self, hello: &Hello) -> Result<Grant, End> {
        let Some(keys) = &self.inner.keys else { return Ok(Grant::default()) };
        let said = hello.token.as_ref().map_or("", |token| token.as_str());
        token::check(&keys.keys(), said, &self.room, SystemTime::now()).ok_or(End::Bye(Farewell::Forbidden))
    }

    async fn exchange(
        &mut self,
        socket: &mut Socket,
        handle: &Handle,
        mine: &mut mpsc::Receiver<Outbox>,
    ) -> Result<End, End> {
        let mut closing = self.inner.closing.subscribe();
        let mut heard = Instant::now();
        let mut ping = Instant::now() + PING_TIME;
        loop {
            tokio::select! {
                biased;
                () = async { drop(closing.wait_for(|is_closing| *is_closing).await) } => return Err(End::Bye(Farewell::Restart)),
                out = mine.recv() => match out {
                    Some(Outbox::Text(text)) => self.send(socket, text).await?,
                    Some(Outbox::Last(text)) => {
                        self.send(socket, text).await?;
                        return Ok(End::Told);
                    }
                    // The room has let go of it, because its outbox was full.
                    None => return Err(End::Bye(Farewell::Slow)),
                },
                () = tokio::time::sleep_until(ping) => {
                    ping = Instant::now() + PING_TIME;
                    self.write(socket, Message::Ping(Bytes::new())).await?;
                }
                message = timeout_at(heard + IDLE_TIME, self.receive(socket)) => {
                    let message = message.map_err(|_| End::Gone)??;
                    heard = Instant::now();
                    self.pass_on(message, socket, handle).await?;
                }
            }
        }
    }

    async fn pass_on(&self, message: Option<ToRoom>, socket: &mut Socket, handle: &Handle) -> Result<(), End> {
        match message {
            // Here and not in the room's queue: what waits between two stamps is taken for the network's delay.
            Some(ToRoom::Probe { sent }) => {
                let (received, stamp) = (self.inner.clock.now(), *handle.stamp.borrow());
                let echo = ToMember::Echo { sent, received, answered: received, stamp };
                self.send(socket, echo.encode().into()).await
            }
            Some(message) => {
                let job = Job::Message { connection: self.id, message };
                handle.jobs.send(job).await.map_err(|_| End::Bye(Farewell::Restart))
            }
            None => Ok(()),
        }
    }

    /// The next message; `None` for what is none. Nothing is lost where this is given up in between.
    async fn receive(&mut self, socket: &mut Socket) -> Result<Option<ToRoom>, End> {
        // Who sends too much is not read: the rest waits in the network, and then at the client's.
        tokio::time::sleep_until(self.allowance.due().max(self.commands.due())).await;
        let frame = socket.next().await.ok_or(End::Gone)?;
        self.allowance.spend();
        match frame {
            Ok(Message::Text(text)) => {
                self.inner.metrics.received.add(1);
                let message = ToRoom::decode(&text).map_err(|error| {
                    tracing::debug!(peer = self.peer, %error, "a client sends what is no message");
                    End::Bye(Farewell::Misbehaved)
                })?;
                if matches!(message, ToRoom::Command(_)) {
                    self.commands.spend();
                }
                Ok(Some(message))
            }
            Ok(Message::Ping(_) | Message::Pong(_)) => Ok(None),
            Ok(Message::Close(_)) => Err(End::Gone),
            Ok(Message::Binary(_) | Message::Frame(_)) => Err(End::Bye(Farewell::Misbehaved)),
            Err(error @ Error::Capacity(_)) => {
                tracing::debug!(peer = self.peer, %error, "a client sends more than any message is");
                Err(End::Bye(Farewell::Misbehaved))
            }
            Err(error) => {
                tracing::debug!(peer = self.peer, %error, "a client's socket fails");
                Err(End::Gone)
            }
        }
    }

    async fn send(&self, socket: &mut Socket, text: Utf8Bytes) -> Result<(), End> {
        self.inner.metrics.sent.add(1);
        self.write(socket, Message::Text(text)).await
    }

    async fn write(&self, socket: &mut Socket, message: Message) -> Result<(), End> {
        match timeout(SEND_TIME, socket.send(message)).await {
            Ok(sent) => sent.map_err(|_| End::Gone),
            Err(_) => {
                self.inner.metrics.slow.add(1);
                Err(End::Gone)
            }
        }
    }
}

async fn farewell(socket: &mut Socket, why: Farewell) {
    let text = bye(why).encode();
    let code = match why {
        Farewell::Restart => CloseCode::Restart,
        Farewell::Full | Farewell::Slow => CloseCode::Again,
        _ => CloseCode::Policy,
    };
    let frame = CloseFrame { code, reason: Utf8Bytes::default() };
    if socket.send(Message::Text(text.into())).await.is_ok() {
        let _ = socket.send(Message::Close(Some(frame))).await;
    }
}

impl Allowance {
    fn new(rate: f64) -> Self {
        Self { rate, left: rate * 2.0, at: Instant::now() }
    }

    /// When the next message may be read.
    fn due(&mut self) -> Instant {
        let now = Instant::now();
        let gained = now.duration_since(self.at).as_secs_f64() * self.rate;
        (self.left, self.at) = ((self.left + gained).min(self.rate * 2.0), now);
        if self.left >= 1.0 { now } else { now + Duration::from_secs_f64((1.0 - self.left) / self.rate) }
    }

    fn spend(&mut self) {
        self.left -= 1.0;
    }
}
