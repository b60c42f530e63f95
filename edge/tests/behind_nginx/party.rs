//! People who watch together through the edge: the relay's sockets, opened by pages of the edge's own host and port.

use std::time::Duration;

use edge::{Nginx, Settings};
use futures_util::{SinkExt, StreamExt};
use origin::{ClientFrom, Config};
use party::{Hello, MemberId, Name, ToMember, ToRoom};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::stage::{LiveOrigin, Viewer};

const ROOM: &str = "abcdefghijklmnopqrstuv";
/// The longest wait for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

struct Stage {
    _media: tempfile::TempDir,
    _origin: LiveOrigin,
    edge: Nginx,
}

type Socket = WebSocketStream<TcpStream>;

impl Stage {
    fn new(configure: impl FnOnce(&mut Config)) -> Self {
        let media = tempfile::tempdir().expect("a temporary directory");
        let mut config = Config::loopback(media.path());
        config.party.party = true;
        configure(&mut config);
        let origin = LiveOrigin::start(config);
        let settings = Settings { origin: origin.address(), slice: "1m".to_owned(), clock: false };
        let edge = Nginx::edge(&settings).expect("nginx");
        Self { _media: media, _origin: origin, edge }
    }

    /// The site that browsers name for pages of the edge.
    fn site(&self) -> String {
        format!("http://{}", self.edge.address())
    }

    /// Opens a socket for the room, from an address of this machine and with one field more; the status where that is refused.
    async fn open(&self, from: &str, field: (&'static str, &str)) -> Result<Socket, u16> {
        let url = self.edge.url(&format!("/party/{ROOM}")).replacen("http", "ws", 1);
        let mut request = url.into_client_request().expect("it is one");
        request.headers_mut().insert(field.0, field.1.parse().expect("a value"));
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(format!("{from}:0").parse().expect("an address")).expect("all of 127/8 is this machine's");
        let stream = socket.connect(self.edge.address()).await.expect("it listens");
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(socket),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn join(&self) -> Socket {
        let mut socket = self.open("127.0.0.1", ("origin", &self.site())).await.expect("it is upgraded");
        let hello = ToRoom::Hello(Hello::new(Name::cut("Ada"))).encode();
        socket.send(Message::Text(hello.into())).await.expect("it is open");
        hear(&mut socket, |message| matches!(message, ToMember::Welcome(_))).await;
        socket
    }

    /// The edge's log, once it tells of `what`.
    async fn log_of(&self, what: &str) -> String {
        let told = async {
            loop {
                let log = self.edge.journal().expect("it is there");
                if log.contains(what) {
                    return log;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, told).await.expect("it is logged")
    }
}

/// Waits for a message.
async fn hear(socket: &mut Socket, is_wanted: impl Fn(&ToMember) -> bool) {
    let heard = async {
        loop {
            let frame = socket.next().await.expect("the socket is open").expect("it works");
            let Message::Text(text) = frame else { continue };
            if is_wanted(&ToMember::decode(&text).expect("rooms speak the format")) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, heard).await.expect("it comes");
}

#[tokio::test]
async fn pages_of_the_edge_are_in_one_room_and_those_of_other_sites_are_not() {
    let stage = Stage::new(|_| {});
    let mut one = stage.join().await;
    let _other = stage.join().await;
    let other_is_there = |message: &ToMember| match message {
        ToMember::Members { changed, .. } => changed.iter().any(|member| member.id == MemberId(2) && member.present),
        _ => false,
    };
    hear(&mut one, other_is_there).await;
    assert_eq!(stage.open("127.0.0.1", ("origin", "https://evil.example")).await.err(), Some(403));
    let log = stage.log_of("\"GET /party/abcdef... HTTP/1.1\"").await;
    assert!(!log.contains(ROOM), "whoever reads the log could enter: {log}");
}

#[tokio::test]
async fn what_is_no_handshake_is_asked_of_the_relay_each_time() {
    let stage = Stage::new(|_| {});
    let viewer = Viewer::new(stage.edge.url("/party/"), 0);
    for _ in 0..2 {
        let answer = viewer.get(ROOM, None);
        assert_eq!((answer.status, answer.cache.as_str()), (426, "DYNAMIC"));
    }
}

#[tokio::test]
async fn members_behind_the_edge_have_limits_of_their_own() {
    let stage = Stage::new(|config| {
        config.trusted_proxy = vec!["127.0.0.1/32".parse().expect("a network")];
        config.client_from = ClientFrom::XForwardedFor;
        config.limits.max_client_connections = 1;
    });
    let claim = ("x-forwarded-for", "198.51.100.7");
    let _one = stage.open("127.0.0.2", claim).await.expect("it is upgraded");
    assert_eq!(stage.open("127.0.0.2", claim).await.err(), Some(503), "what it says of itself does not count");
    let _other = stage.open("127.0.0.3", claim).await.expect("it is upgraded");
}
