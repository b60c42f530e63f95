//! What a relay puts up with, over ways in memory and in a time that passes by itself.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use manifest::MediaTime;
use party::{
    Action, Command, ContentId, Farewell, Hello, LONGEST_TO_ROOM, Name, Now, Stamp, ToMember, ToRoom, VERSION, Welcome,
};
use relay::{Config, Relay};
use tokio::io::DuplexStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

const ROOM: &str = "abcdefghijklmnopqrstuv";

struct Client(WebSocketStream<DuplexStream>);

impl Client {
    async fn open(relay: &Relay, room: &str) -> Self {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let relay = relay.clone();
        let service = service_fn(move |mut request| {
            let response = relay.respond(&mut request, "somebody".to_owned(), ()).expect("it is a WebSocket");
            async move { Ok::<_, Infallible>(response.map(|()| String::new())) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(far), service).with_upgrades());
        let (socket, _) = client_async(format!("ws://relay/party/{room}"), near).await.expect("it is upgraded");
        Self(socket)
    }

    async fn join(relay: &Relay, room: &str) -> Result<(Self, Welcome), Farewell> {
        let mut client = Self::open(relay, room).await;
        client.say(&hello(VERSION)).await;
        match client.next().await {
            Some(ToMember::Welcome(welcome)) => Ok((client, welcome)),
            Some(ToMember::Bye { why, .. }) => Err(why),
            other => panic!("{other:?}"),
        }
    }

    async fn say(&mut self, message: &ToRoom) {
        self.0.send(Message::Text(message.encode().into())).await.expect("it is open");
    }

    /// The next message; `None` once it is closed.
    async fn next(&mut self) -> Option<ToMember> {
        loop {
            match self.0.next().await?.ok()? {
                Message::Text(text) => return Some(ToMember::decode(&text).expect("rooms speak the format")),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }

    async fn bye(&mut self) -> Farewell {
        loop {
            if let ToMember::Bye { why, .. } = self.next().await.expect("it says so before") {
                return why;
            }
        }
    }

    /// Reads what comes for so long, as browsers do, and counts the states.
    async fn listen(&mut self, span: Duration) -> usize {
        let (until, mut states) = (Instant::now() + span, 0);
        while let Ok(message) = timeout_at(until, self.next()).await {
            states += usize::from(matches!(message.expect("the socket is open"), ToMember::State(_)));
        }
        states
    }
}

fn hello(version: u32) -> ToRoom {
    ToRoom::Hello(Hello { version, content: ContentId::new("film"), ..Hello::new(Name::cut("somebody")) })
}

async fn relay(config: Config) -> Relay {
    Relay::new(&config).await.expect("it needs nothing")
}

/// A network may take longer than that; whoever is told that it misbehaves does not come back.
#[tokio::test(start_paused = true)]
async fn who_is_late_with_its_hello_may_come_back() {
    let relay = relay(Config::default()).await;
    let why = Client::open(&relay, ROOM).await.bye().await;
    assert!(why == Farewell::Slow && why.may_return());
}

#[tokio::test(start_paused = true)]
async fn who_says_too_much_is_told_so() {
    let relay = relay(Config::default()).await;
    let (mut client, _) = Client::join(&relay, ROOM).await.expect("there is room");
    let long = " ".repeat(LONGEST_TO_ROOM + 1);
    client.0.send(Message::Text(long.into())).await.expect("it is open");
    assert_eq!(client.bye().await, Farewell::Misbehaved);
}

/// A hidden page's timers run once a minute; its browser answers pings all the same.
#[tokio::test(start_paused = true)]
async fn a_quiet_page_stays_and_one_that_is_gone_does_not() {
    let relay = relay(Config::default()).await;
    let (mut quiet, _) = Client::join(&relay, ROOM).await.expect("there is room");
    quiet.listen(Duration::from_secs(300)).await;
    quiet.say(&ToRoom::Probe { sent: Now::from_micros(1) }).await;
    let echo = timeout(Duration::from_secs(1), quiet.next()).await.expect("it answers");
    assert!(matches!(echo, Some(ToMember::Echo { .. })));
    // It answers nothing.
    let (mut gone, _) = Client::join(&relay, ROOM).await.expect("there is room");
    tokio::time::sleep(Duration::from_secs(60)).await;
    let closed = async { while gone.next().await.is_some() {} };
    timeout(Duration::from_secs(1), closed).await.expect("it was let go");
}

#[tokio::test(start_paused = true)]
async fn rooms_that_are_empty_give_way_at_the_limit_and_others_do_not() {
    let relay = relay(Config { party_max_rooms: 2, ..Config::default() }).await;
    let (_here, _) = Client::join(&relay, ROOM).await.expect("there is room");
    for n in 0..5 {
        let room = format!("{n}{ROOM}");
        let (mut client, welcome) = Client::join(&relay, &room).await.expect("an empty one gives way");
        assert_eq!(welcome.members.len(), 1);
        let second = Client::join(&relay, "another-room-of-that-sort").await;
        assert_eq!(second.err(), Some(Farewell::Full), "two are full of people");
        client.say(&ToRoom::Leave).await;
        assert_eq!(client.bye().await, Farewell::Left);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let (_again, welcome) = Client::join(&relay, ROOM).await.expect("it is there");
    assert_eq!(welcome.members.len(), 2, "nobody in it was disturbed");
}

/// What one member does is told to all, who must be able to read it.
#[tokio::test(start_paused = true)]
async fn one_members_burst_throws_nobody_out() {
    let relay = relay(Config::default()).await;
    let (mut good, _) = Client::join(&relay, ROOM).await.expect("there is room");
    let (mut bad, welcome) = Client::join(&relay, ROOM).await.expect("there is room");
    let Stamp { epoch, rev } = welcome.state.stamp;
    for n in 0..90 {
        let action = Action::Seek(MediaTime::from_millis(i64::from(n)));
        let base = Stamp { epoch, rev: rev + u64::from(n) };
        bad.say(&ToRoom::Command(Command { id: n + 1, base, action })).await;
    }
    let told = good.listen(Duration::from_secs(1)).await;
    assert!((20..=32).contains(&told), "{told} states in a second");
    let told = good.listen(Duration::from_secs(10)).await;
    assert!(told >= 58, "what it wants is only later: {told}");
}
