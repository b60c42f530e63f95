//! A client of the relay, of another make than the relay: it says what it is told to.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use party::{Action, Command, ContentId, Farewell, Hello, Name, Now, Secret, Stamp, State, ToMember, ToRoom, Welcome};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::stage::PATIENCE;

pub(crate) const ROOM: &str = "abcdefghijklmnopqrstuv";

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
    /// The newest state that it was told.
    pub(crate) state: Option<State>,
    last: u32,
}

pub(crate) fn hello() -> Hello {
    Hello { content: ContentId::new("film"), ..Hello::new(Name::cut("somebody")) }
}

impl Client {
    /// Opens a socket for a room; the status where that is refused.
    pub(crate) async fn open(address: SocketAddr, room: &str, fields: &[(&'static str, &str)]) -> Result<Self, u16> {
        let mut request = format!("ws://{address}/party/{room}").into_client_request().expect("it is one");
        for (name, value) in fields {
            request.headers_mut().insert(*name, value.parse().expect("a value"));
        }
        let stream = TcpSocket::new_v4().expect("a socket");
        // The kernel keeps little for who does not read.
        stream.set_recv_buffer_size(4 * 1024).expect("a size");
        let stream = stream.connect(address).await.expect("it listens");
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self { socket, state: None, last: 0 }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Enters a room as a member.
    pub(crate) async fn join(address: SocketAddr, hello: Hello) -> (Self, Welcome) {
        let mut client = Self::open(address, ROOM, &[]).await.expect("it is upgraded");
        client.say(&ToRoom::Hello(hello)).await;
        let welcome = client.until(|message| match message {
            ToMember::Welcome(welcome) => Some(welcome.clone()),
            _ => None,
        });
        let welcome = welcome.await;
        client.state = Some(welcome.state.clone());
        (client, welcome)
    }

    pub(crate) async fn say(&mut self, message: &ToRoom) {
        self.say_text(message.encode()).await;
    }

    pub(crate) async fn say_text(&mut self, text: String) {
        // It may have been closed meanwhile.
        let _ = self.socket.send(Message::Text(text.into())).await;
    }

    /// The next message that `wanted` has an answer to.
    pub(crate) async fn until<T>(&mut self, wanted: impl Fn(&ToMember) -> Option<T>) -> T {
        let next = async {
            loop {
                let frame = self.socket.next().await.expect("the socket is open").expect("it works");
                let Message::Text(text) = frame else { continue };
                let message = ToMember::decode(&text).expect("rooms speak the format");
                if let ToMember::State(state) = &message {
                    self.state = Some(state.clone());
                }
                if let Some(answer) = wanted(&message) {
                    return answer;
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("it comes")
    }

    pub(crate) async fn state_where(&mut self, is_wanted: impl Fn(&State) -> bool) -> State {
        let state = |message: &ToMember| match message {
            ToMember::State(state) if is_wanted(state) => Some(state.clone()),
            _ => None,
        };
        self.until(state).await
    }

    pub(crate) async fn act(&mut self, action: Action) {
        self.last += 1;
        let base = self.state.as_ref().map(|state| state.stamp).unwrap_or_default();
        self.say(&ToRoom::Command(Command { id: self.last, base, action })).await;
    }

    /// Asks for the room's clock, and waits for the answer.
    pub(crate) async fn probe(&mut self, sent: i64) -> Stamp {
        let sent = Now::from_micros(sent);
        self.say(&ToRoom::Probe { sent }).await;
        self.until(|message| match message {
            ToMember::Echo { sent: asked, received, answered, stamp } if *asked == sent => {
                assert!(received <= answered);
                Some(*stamp)
            }
            _ => None,
        })
        .await
    }

    pub(crate) async fn bye(&mut self) -> Farewell {
        self.until(|message| if let ToMember::Bye { why, .. } = message { Some(*why) } else { None }).await
    }

    /// Whether the other side ends the connection, whatever it says before.
    pub(crate) async fn is_closed(&mut self) -> bool {
        let closed = async { while self.socket.next().await.is_some_and(|frame| frame.is_ok()) {} };
        tokio::time::timeout(PATIENCE, closed).await.is_ok()
    }
}

/// With a seat of before.
pub(crate) fn again(seat: &Secret) -> Hello {
    Hello { seat: Some(seat.clone()), ..hello() }
}
