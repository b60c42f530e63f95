//! The relay under fire: one client does its worst, and another is served as if nothing were.

use std::io::Write;

use futures_util::SinkExt;
use party::{Action, Farewell, Name, Now, ToRoom};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::party_client::{Client, ROOM, hello};
use crate::stage::{Program, connect, media};

/// The most memory that the whole program may take beyond what it had.
const MEGABYTE: u64 = 1 << 20;

#[tokio::test]
async fn what_is_no_message_ends_the_connection_and_nobody_elses() {
    let media = media();
    let program = Program::start(media.path(), &["--party"]);
    let (mut good, _) = Client::join(program.address, hello()).await;
    let bad = [
        Message::Text("{".into()),
        Message::Text(r#"{"type":"probe","sent":"now"}"#.into()),
        Message::Text("[".repeat(4_000).into()),
        Message::Binary(Bytes::from_static(&[0xff; 64])),
        // Before any hello.
        Message::Text(ToRoom::Sync.encode().into()),
    ];
    for message in bad {
        let mut client = Client::open(program.address, ROOM, &[]).await.expect("it is upgraded");
        client.socket.send(message.clone()).await.expect("it is open");
        assert_eq!(client.bye().await, Farewell::Misbehaved, "{message:?}");
        assert!(client.is_closed().await);
    }
    let (mut client, _) = Client::join(program.address, hello()).await;
    client.say_text(format!("{}{}", ToRoom::Leave.encode(), " ".repeat(8 * 1024))).await;
    assert!(client.is_closed().await, "longer than any message is");
    // Of a later version: passed over.
    good.say_text(r#"{"type":"wave"}"#.to_owned()).await;
    good.probe(1).await;
}

#[tokio::test]
async fn a_frame_that_claims_to_be_endless_takes_no_memory() {
    let media = media();
    let program = Program::start(media.path(), &["--party"]);
    let (mut good, _) = Client::join(program.address, hello()).await;
    let before = program.memory("VmHWM:");
    for _ in 0..200 {
        let mut socket = connect(program.address);
        let opening = format!(
            "GET /party/{ROOM} HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        // A masked text of 2^62 bytes, of which a few come.
        let frame = [&[0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4][..], &[0; 64]].concat();
        socket.write_all(opening.as_bytes()).and_then(|()| socket.write_all(&frame)).expect("it listens");
    }
    good.probe(1).await;
    let grown = program.memory("VmHWM:") - before;
    assert!(grown < 16 * MEGABYTE, "{grown} bytes");
}

/// Everything that a client sends at once is read at the pace that it may, and waits where it comes from.
#[tokio::test]
async fn a_flood_waits_at_its_source() {
    let media = media();
    let program = Program::start(media.path(), &["--party"]);
    let (mut good, _) = Client::join(program.address, hello()).await;
    let (mut flooding, _) = Client::join(program.address, hello()).await;
    let before = program.memory("VmHWM:");
    let flood = tokio::spawn(async move {
        let text = ToRoom::Probe { sent: Now::from_micros(1) }.encode();
        for _ in 0..2_000_000 {
            if flooding.socket.send(Message::Text(text.clone().into())).await.is_err() {
                return;
            }
        }
    });
    for n in 0..20 {
        good.probe(n).await;
        good.act(Action::Seek(manifest::MediaTime::from_millis(n))).await;
        good.state_where(|state| state.position.as_micros() == n * 1_000).await;
    }
    assert!(!flood.is_finished(), "what it sends is not swallowed");
    flood.abort();
    let grown = program.memory("VmHWM:") - before;
    assert!(grown < 8 * MEGABYTE, "{grown} bytes");
}

/// One member never reads. The others command on, and it is let go.
#[tokio::test]
async fn a_slow_reader_in_a_busy_room_is_let_go_and_delays_nobody() {
    let media = media();
    let program = Program::start(media.path(), &["--party", "--party-max-rate", "100000"]);
    let (mut good, _) = Client::join(program.address, hello()).await;
    let mut deaf = hello();
    deaf.name = Name::cut("deaf");
    let (mut deaf, welcome) = Client::join(program.address, deaf).await;
    let before = program.memory("VmHWM:");
    // It asks and asks, until the network between is full of answers.
    let deaf = tokio::spawn(async move {
        let text = ToRoom::Sync.encode();
        while deaf.socket.send(Message::Text(text.clone().into())).await.is_ok() {}
    });
    let mut told = 0;
    loop {
        told += 1;
        good.act(Action::Seek(manifest::MediaTime::from_millis(told))).await;
        let left = good
            .until(|message| match message {
                party::ToMember::State(state) if state.position.as_micros() == told * 1_000 => Some(false),
                party::ToMember::Members { changed, .. } => {
                    changed.iter().any(|member| member.id == welcome.you && !member.present).then_some(true)
                }
                _ => None,
            })
            .await;
        if left {
            break;
        }
        assert!(told < 200_000, "it is never let go");
    }
    deaf.abort();
    let grown = program.memory("VmHWM:") - before;
    assert!(grown < 8 * MEGABYTE, "{grown} bytes for one that does not read");
}

/// Sockets that open and say nothing: what each costs.
#[tokio::test]
async fn many_idle_sockets_cost_little() {
    let media = media();
    let program = Program::start(media.path(), &["--party"]);
    let (mut good, _) = Client::join(program.address, hello()).await;
    let before = program.memory("VmRSS:");
    let mut idle = Vec::new();
    for n in 0..1_000 {
        let mut client = Client::open(program.address, ROOM, &[]).await.expect("it is upgraded");
        if n % 2 == 0 {
            // Half of a message, as a connection has it that dies in between.
            client.socket.get_mut().try_write(&[0x81, 0xfe, 0x01]).expect("it is open");
        }
        idle.push(client);
    }
    good.probe(1).await;
    let each = (program.memory("VmRSS:") - before) / idle.len() as u64;
    assert!(each < 24 * 1024, "{each} bytes for each");
}
