//! People who watch together through the program as it is shipped.

use std::process::Command;

use party::{Action, Farewell, Hello, Known, MemberId, Phase, Refusal, ToMember, ToRoom, Token};

use crate::party_client::{Client, ROOM, again, hello};
use crate::stage::{Program, exchange, get, media, read_all};

fn seek(seconds: i64) -> Action {
    Action::Seek(manifest::MediaTime::from_millis(seconds * 1_000))
}

#[tokio::test]
async fn what_one_wants_all_are_told() {
    let media = media();
    let program = Program::start(media.path(), &["--party"]);
    let (mut one, welcome) = Client::join(program.address, hello()).await;
    let (mut other, _) = Client::join(program.address, hello()).await;
    assert_eq!((welcome.you, welcome.members[0].host), (MemberId(1), true));
    let is_there = |message: &ToMember| match message {
        ToMember::Members { changed, .. } => changed.iter().any(|member| member.id == MemberId(2)).then_some(()),
        _ => None,
    };
    one.until(is_there).await;
    one.act(seek(60)).await;
    let state = other.state_where(|state| state.position.as_micros() == 60_000_000).await;
    assert_eq!((state.by, state.phase), (Some(MemberId(1)), Phase::Paused));
    // Echoes carry the newest state's stamp.
    assert_eq!(other.probe(5).await, state.stamp);
    // A command for a state that is no longer.
    other.state = Some(welcome.state);
    other.act(Action::Play).await;
    let why = other.until(|message| if let ToMember::Refused { why, .. } = message { Some(*why) } else { None });
    assert_eq!(why.await, Refusal::Stale);
    other.state_where(|newest| newest.stamp == state.stamp).await;
    other.act(Action::Play).await;
    one.state_where(|state| state.phase == Phase::Playing).await;
    other.say(&ToRoom::Leave).await;
    assert_eq!(other.bye().await, Farewell::Left);
    assert!(other.is_closed().await);
    one.until(|message| matches!(message, ToMember::Members { gone, .. } if gone == &[MemberId(2)]).then_some(()))
        .await;
    let metrics = get(program.address, "/metrics");
    assert!(
        metrics.contains("\norigin_party_rooms 1\n") && metrics.contains("\norigin_party_clients 1\n"),
        "{metrics}"
    );
}

#[tokio::test]
async fn only_pages_of_this_host_or_of_the_sites_named_connect_and_only_to_rooms_that_cannot_be_guessed() {
    let media = media();
    let program = Program::start(media.path(), &["--party"]);
    let own = format!("http://{}", program.address);
    assert!(Client::open(program.address, ROOM, &[("origin", &own)]).await.is_ok());
    assert_eq!(Client::open(program.address, ROOM, &[("origin", "https://evil.example")]).await.err(), Some(403));
    assert_eq!(Client::open(program.address, "living-room", &[]).await.err(), Some(404));
    let named = Program::start(media.path(), &["--party", "--party-origin", "https://films.example"]);
    assert!(Client::open(named.address, ROOM, &[("origin", "https://films.example")]).await.is_ok());
    assert_eq!(Client::open(named.address, ROOM, &[("origin", &own)]).await.err(), Some(403));
    // What is no handshake is told what is spoken here; without --party there is nothing.
    assert!(get(program.address, &format!("/party/{ROOM}")).starts_with("HTTP/1.1 426"));
    let without = Program::start(media.path(), &[]);
    assert_eq!(Client::open(without.address, ROOM, &[]).await.err(), Some(404));
}

#[tokio::test]
async fn with_a_secret_nobody_enters_without_a_token() {
    let media = media();
    let secret = media.path().join("secret");
    std::fs::write(&secret, "0123456789abcdef0123456789abcdef\n").expect("room");
    let secret = secret.to_str().expect("a name");
    let program = Program::start(media.path(), &["--party", "--party-secret", secret]);
    for token in [None, Token::new("e30.AAAA")] {
        let mut client = Client::open(program.address, ROOM, &[]).await.expect("it is upgraded");
        client.say(&ToRoom::Hello(Hello { token, ..hello() })).await;
        assert_eq!(client.bye().await, Farewell::Forbidden);
    }
    let token = Token::new(include_str!("../../../relay/tests/token.txt").trim());
    let (_client, welcome) = Client::join(program.address, Hello { token, ..hello() }).await;
    let me = &welcome.members[0];
    assert_eq!((me.name.as_str(), me.host), ("Bo", false));
}

#[tokio::test]
async fn a_seat_is_taken_again_and_the_old_connection_ends() {
    let media = media();
    let program = Program::start(media.path(), &["--party"]);
    let (mut old, welcome) = Client::join(program.address, hello()).await;
    let (_new, again) = Client::join(program.address, again(&welcome.seat)).await;
    assert_eq!(again.you, welcome.you);
    assert_eq!(old.bye().await, Farewell::Replaced);
    assert!(old.is_closed().await);
}

#[tokio::test]
async fn whoever_reads_the_log_cannot_enter() {
    let media = media();
    let (mut program, log) = Program::start_logged(media.path(), &["--party"]);
    let (mut client, _) = Client::join(program.address, hello()).await;
    client.say(&ToRoom::Leave).await;
    assert_eq!(client.bye().await, Farewell::Left);
    assert_eq!(Client::open(program.address, ROOM, &[("origin", "https://evil.example")]).await.err(), Some(403));
    program.signal("TERM");
    assert!(program.child.wait().expect("it ends").success());
    let log = read_all(log);
    assert!(log.contains("/party/abcdef…") && !log.contains(ROOM), "{log}");
}

/// A restart: everybody is told, and whoever comes back brings the room along.
#[tokio::test]
async fn a_shutdown_tells_clients_and_they_bring_the_room_back() {
    let media = media();
    let mut program = Program::start(media.path(), &["--party"]);
    let (mut client, _) = Client::join(program.address, hello()).await;
    client.act(seek(90)).await;
    let state = client.state_where(|state| state.position.as_micros() == 90_000_000).await;
    program.signal("TERM");
    assert_eq!(client.bye().await, Farewell::Restart);
    assert!(program.child.wait().expect("it ends").success());
    let next = Program::start(media.path(), &["--party"]);
    let known = Some(Known { position: state.position, state: state.clone(), host: true });
    let (_client, welcome) = Client::join(next.address, Hello { known, ..hello() }).await;
    assert_eq!(welcome.state.position, state.position);
    assert!(welcome.state.stamp > state.stamp);
}

#[tokio::test]
async fn rooms_members_and_clients_are_limited() {
    let media = media();
    let limits = ["--party", "--party-max-rooms", "1", "--party-max-members", "2", "--party-max-clients", "4"];
    let program = Program::start(media.path(), &limits);
    let (_one, _) = Client::join(program.address, hello()).await;
    let (_two, _) = Client::join(program.address, hello()).await;
    for room in [ROOM, "another-room-of-that-sort"] {
        let mut client = Client::open(program.address, room, &[]).await.expect("it is upgraded");
        client.say(&ToRoom::Hello(hello())).await;
        assert_eq!(client.bye().await, Farewell::Full, "{room}");
        assert!(client.is_closed().await);
    }
    let mut held = Vec::new();
    let refused = loop {
        match Client::open(program.address, ROOM, &[]).await {
            Ok(client) => held.push(client),
            Err(status) => break status,
        }
        assert!(held.len() < 4);
    };
    assert_eq!(refused, 503);
}

#[test]
fn a_secret_that_can_be_guessed_is_no_secret() {
    let media = media();
    let secret = media.path().join("secret");
    std::fs::write(&secret, "short").expect("room");
    let output = Command::new(env!("CARGO_BIN_EXE_origin"))
        .args(["--listen", "127.0.0.1:0", "--party", "--party-secret"])
        .arg(&secret)
        .arg("--media")
        .arg(media.path())
        .output()
        .expect("it starts");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("fewer than 16 bytes"));
}

/// A proxy has many clients; none may take the sockets of the others.
#[tokio::test]
async fn behind_a_proxy_a_client_has_sockets_of_its_own() {
    let media = media();
    let proxy = ["--trusted-proxy", "127.0.0.0/8", "--client-from", "x-forwarded-for", "--max-client-connections", "1"];
    let program = Program::start(media.path(), &[&["--party"], &proxy[..]].concat());
    let open = async |client| Client::open(program.address, ROOM, &[("x-forwarded-for", client)]).await;
    let _one = open("198.51.100.1").await.expect("it is upgraded");
    assert_eq!(open("198.51.100.1").await.err(), Some(503));
    let _other = open("198.51.100.2").await.expect("it is upgraded");
}

#[test]
fn what_is_no_handshake_is_answered_as_elsewhere() {
    let media = media();
    let program = Program::start(media.path(), &["--party"]);
    let ask = |method, fields| {
        exchange(program.address, format!("{method} /party/{ROOM} HTTP/1.1\r\nHost: a\r\n{fields}\r\n"))
    };
    let upgrade = "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    let chunked = ask("GET", format!("{upgrade}Transfer-Encoding: chunked\r\n"));
    assert!(chunked.starts_with("HTTP/1.1 411"), "{chunked}");
    let content = ask("GET", format!("{upgrade}Content-Length: 5\r\n"));
    assert!(content.starts_with("HTTP/1.1 400"), "{content}");
    let head = ask("HEAD", "Connection: close\r\n".to_owned());
    assert!(head.starts_with("HTTP/1.1 426") && head.ends_with("\r\n\r\n"), "{head}");
}
