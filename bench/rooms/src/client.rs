//! A member as the page's is, as far as the relay can tell: it probes each 3 s, reports each 2 s, and answers to states. What it
//! plays is made up. The same client talks to the echo, which gives everything back.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use manifest::MediaTime;
use party::{
    Action, Activity, Cause, Command, ContentId, Hello, Name, Now, Phase, Report, RoomTime, Span, Stamp, State,
    ToMember, ToRoom,
};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

const PROBE: Duration = Duration::from_secs(3);
const REPORT: Duration = Duration::from_secs(2);
/// Time between two seeks of one room.
const SEEK: Duration = Duration::from_secs(20);

/// What all clients of one run share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) began: Instant,
    /// Why those have gone that should not have.
    pub(crate) lost: Mutex<Vec<String>>,
    /// Messages that came, of any kind.
    pub(crate) heard: AtomicUsize,
    pub(crate) found: Mutex<Found>,
    /// What clients do from now on.
    pub(crate) mode: watch::Receiver<Mode>,
}

impl Shared {
    #[expect(clippy::needless_pass_by_value, reason = "it ends here")]
    pub(crate) fn lose(&self, error: anyhow::Error) {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{error:#}"));
    }

    pub(crate) fn lost(&self) -> Vec<String> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Times that were measured, in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// From a probe to its answer.
    pub(crate) echoes: Vec<f64>,
    /// From somebody's command to another member who hears of it.
    pub(crate) states: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// They are there, and say nothing.
    Idle,
    /// They watch.
    Busy,
    End,
}

/// A room as its clients know it.
#[derive(Debug)]
pub(crate) struct Room {
    /// Whatever comes after the host in an address.
    pub(crate) path: String,
    /// When its last seek was sent, in microseconds since the beginning.
    pub(crate) sought: AtomicI64,
}

#[derive(Debug)]
pub(crate) struct Client {
    shared: Arc<Shared>,
    room: Arc<Room>,
    /// Its place in the room: the first commands.
    at: usize,
    socket: WebSocketStream<TcpStream>,
    stamp: Stamp,
    phase: Phase,
    position: MediaTime,
    /// The room's clock when it was last heard of.
    clock: RoomTime,
    commands: u32,
}

impl Client {
    /// Connects, and says hello where a relay listens.
    pub(crate) async fn join(
        shared: Arc<Shared>,
        room: Arc<Room>,
        at: usize,
        address: SocketAddr,
        is_relay: bool,
    ) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("it does not listen")?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(4 * 1024).write_buffer_size(0);
        let url = format!("ws://{address}{}", room.path);
        let (socket, _) = client_async_with_config(url, stream, Some(config)).await.context("it is not upgraded")?;
        let (stamp, phase, position) = (Stamp::default(), Phase::Paused, MediaTime::default());
        let clock = RoomTime::from_micros(0);
        let mut client = Self { shared, room, at, socket, stamp, phase, position, clock, commands: 0 };
        if is_relay {
            let name = Name::cut(&format!("member {at}"));
            client.say(&ToRoom::Hello(Hello { content: ContentId::new("film"), ..Hello::new(name) })).await?;
        }
        Ok(client)
    }

    /// Until the run ends.
    ///
    /// # Errors
    /// When its connection ends before.
    pub(crate) async fn watch(mut self) -> Result<()> {
        let mut mode = self.shared.mode.clone();
        while *mode.borrow_and_update() == Mode::Idle {
            tokio::select! {
                message = self.socket.next() => self.hear(message.context("it has ended")??).await?,
                _ = mode.changed() => {}
            }
        }
        // Pages were not all opened at one moment.
        let later = |every: Duration| tokio::time::Instant::now() + every.mul_f64(self.spread());
        let [mut probes, mut reports, mut seeks] = [PROBE, REPORT, SEEK].map(|every| interval_at(later(every), every));
        for timer in [&mut probes, &mut reports, &mut seeks] {
            timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        loop {
            tokio::select! {
                message = self.socket.next() => self.hear(message.context("it has ended")??).await?,
                _ = probes.tick() => {
                    let sent = Now::from_micros(self.micros());
                    self.say(&ToRoom::Probe { sent }).await?;
                }
                _ = reports.tick() => self.report().await?,
                _ = seeks.tick(), if self.at == 0 => self.command().await?,
                _ = mode.changed() => if *mode.borrow_and_update() == Mode::End { return Ok(()) },
            }
        }
    }

    /// From 0 to 1, another for each client.
    fn spread(&self) -> f64 {
        let name: u64 = self.room.path.bytes().fold(7, |sum, byte| sum * 31 % 1_000_003 + u64::from(byte));
        ((name * 97 + self.at as u64 * 389) % 1_000) as f64 / 1e3
    }

    fn micros(&self) -> i64 {
        i64::try_from(self.shared.began.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    async fn say(&mut self, message: &ToRoom) -> Result<()> {
        self.socket.send(Message::Text(message.encode().into())).await.context("it has ended")
    }

    async fn report(&mut self) -> Result<()> {
        let activity = if self.phase == Phase::Playing { Activity::Playing } else { Activity::Holding };
        let report = Report {
            stamp: self.stamp,
            activity,
            position: self.position,
            at: self.clock,
            buffered: MediaTime::from_millis(28_000),
            ready: Some(self.clock),
            stall: None,
            drift: Some(Span::from_micros(-1_200)),
            delay: Span::from_micros(31_000),
            reach: None,
        };
        self.say(&ToRoom::Report(report)).await
    }

    async fn command(&mut self) -> Result<()> {
        self.commands += 1;
        // The first plays.
        let place = MediaTime::from_millis(i64::from(self.commands) * 60_000);
        let action = if self.commands == 1 { Action::Play } else { Action::Seek(place) };
        self.room.sought.store(self.micros(), Ordering::Relaxed);
        self.say(&ToRoom::Command(Command { id: self.commands, base: self.stamp, action })).await
    }

    async fn hear(&mut self, message: Message) -> Result<()> {
        let Message::Text(text) = message else { return Ok(()) };
        self.shared.heard.fetch_add(1, Ordering::Relaxed);
        // Of what the others are told nothing is needed, and reading it all would cost more than the relay does.
        let is_of = |kind: &str| text.get(9..).is_some_and(|rest| rest.starts_with(kind));
        if is_of("probe") {
            // From the echo.
            let ToRoom::Probe { sent } = ToRoom::decode(&text)? else { return Ok(()) };
            self.found(|found, milliseconds| found.echoes.push(milliseconds), sent.as_micros());
        } else if ["echo", "state", "welcome", "bye"].into_iter().any(is_of) {
            match ToMember::decode(&text)? {
                ToMember::Echo { sent, answered, .. } => {
                    self.clock = answered;
                    self.found(|found, milliseconds| found.echoes.push(milliseconds), sent.as_micros());
                }
                ToMember::Welcome(welcome) => self.learn(&welcome.state),
                ToMember::State(state) => {
                    if state.cause == Cause::Seek && self.at > 0 && self.stamp < state.stamp {
                        let sought = self.room.sought.load(Ordering::Relaxed);
                        self.found(|found, milliseconds| found.states.push(milliseconds), sought);
                    }
                    self.learn(&state);
                    self.report().await?;
                }
                ToMember::Bye { why, .. } => bail!("the room said {why:?}"),
                _ => {}
            }
        }
        Ok(())
    }

    fn learn(&mut self, state: &State) {
        (self.stamp, self.phase, self.position) = (state.stamp, state.phase, state.position);
        self.clock = self.clock.max(state.at);
    }

    fn found(&self, put: impl FnOnce(&mut Found, f64), since: i64) {
        let milliseconds = (self.micros() - since) as f64 / 1e3;
        put(&mut self.shared.found.lock().unwrap_or_else(PoisonError::into_inner), milliseconds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_to_a_probe_is_a_time() {
        let (tell, told) = tokio::sync::oneshot::channel();
        tokio::spawn(crate::echo::serve(|address| tell.send(address).expect("somebody waits")));
        let address = told.await.expect("it listens");
        let (_end, mode) = watch::channel(Mode::Idle);
        let (lost, found, heard) = (Mutex::default(), Mutex::default(), AtomicUsize::new(0));
        let shared = Arc::new(Shared { began: Instant::now(), lost, heard, found, mode });
        let room = Arc::new(Room { path: "/".to_owned(), sought: AtomicI64::new(0) });
        let mut client = Client::join(shared.clone(), room, 0, address, false).await.expect("it is upgraded");
        let sent = Now::from_micros(client.micros());
        client.say(&ToRoom::Probe { sent }).await.expect("it is open");
        let answer = client.socket.next().await.expect("it is open").expect("it works");
        client.hear(answer).await.expect("it is read");
        let found = shared.found.lock().expect("nobody panics");
        assert!(matches!(found.echoes[..], [milliseconds] if milliseconds > 0.0), "{found:?}");
    }
}
