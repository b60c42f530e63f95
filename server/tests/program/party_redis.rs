//! Two relays on one real Redis serve one room, and either of them may die.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use party::{Action, Farewell, Phase, ToMember};

use crate::party_client::{Client, again, hello};
use crate::stage::{PATIENCE, Program, media};

/// A Redis of one's own, ended when dropped.
struct Redis {
    child: Child,
    url: String,
    _place: tempfile::TempDir,
}

impl Redis {
    fn start() -> Self {
        Self::started(tempfile::tempdir().expect("a temporary directory"), "redis", &["--port"])
    }

    /// One that speaks TLS alone, with the certificate that lies in `place`.
    fn start_tls(place: tempfile::TempDir) -> Self {
        let file = |name: &str| place.path().join(name).display().to_string();
        let (chain, key) = (file("chain.pem"), file("key.pem"));
        let options = ["--port", "0", "--tls-cert-file", &chain, "--tls-key-file", &key, "--tls-ca-cert-file", &chain];
        Self::started(place, "rediss", &[&options[..], &["--tls-auth-clients", "no", "--tls-port"]].concat())
    }

    /// `options` ends with that for the port.
    fn started(place: tempfile::TempDir, scheme: &str, options: &[&str]) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("it has one").port();
        let child = Command::new("redis-server")
            .args(options)
            .args([&free.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"])
            .arg(place.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is installed; `cargo xtask setup` does that");
        let begun = std::time::Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", free)).is_err() {
            assert!(begun.elapsed() < PATIENCE, "it does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { child, url: format!("{scheme}://127.0.0.1:{free}/"), _place: place }
    }

    fn forget_everything(&self) {
        let address = self.url.trim_start_matches("redis://").trim_end_matches('/');
        let mut stream = std::net::TcpStream::connect(address).expect("it listens");
        stream.write_all(b"FLUSHALL\r\n").expect("it reads");
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).expect("it answers");
        assert_eq!(&answer, b"+OK\r\n");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn seek(seconds: i64) -> Action {
    Action::Seek(manifest::MediaTime::from_millis(seconds * 1_000))
}

#[tokio::test]
async fn two_relays_serve_one_room_and_one_is_killed_in_mid_film() {
    let (media, redis) = (media(), Redis::start());
    let arguments = ["--party", "--party-redis", &redis.url];
    let mut first = Program::start(media.path(), &arguments);
    let second = Program::start(media.path(), &arguments);
    let (mut one, welcome) = Client::join(first.address, hello()).await;
    let (mut other, elsewhere) = Client::join(second.address, hello()).await;
    assert_ne!(welcome.you, elsewhere.you, "one room, whichever relay");
    assert_eq!(welcome.clock, elsewhere.clock, "and one clock");
    assert!(!elsewhere.members.iter().any(|member| member.id == elsewhere.you && member.host));

    one.act(seek(60)).await;
    let state = other.state_where(|state| state.position.as_micros() == 60_000_000).await;
    other.act(Action::Play).await;
    let playing = one.state_where(|state| state.phase == Phase::Playing).await;
    assert!(playing.stamp > state.stamp);
    other.state_where(|state| state.phase == Phase::Playing).await;

    // Both at once: one wins, the other is told that it comes too late, and all have one state.
    one.act(seek(100)).await;
    other.act(seek(200)).await;
    let is_answered = |message: &ToMember| match message {
        ToMember::Accepted { .. } => Some(true),
        ToMember::Refused { .. } => Some(false),
        _ => None,
    };
    let (by_one, by_other) = (one.until(is_answered).await, other.until(is_answered).await);
    assert!(by_one || by_other);
    let (here, there) = (one.probe(1).await, other.probe(1).await);
    assert_eq!(here.epoch, there.epoch);

    first.child.kill().expect("it runs");
    first.child.wait().expect("it ends");
    assert!(one.is_closed().await);
    // The others go on, and who was cut off comes back to the same seat by the other relay.
    other.act(seek(300)).await;
    if other.until(is_answered).await {
        other.probe(2).await;
    } else {
        other.probe(2).await;
        other.act(seek(300)).await;
    }
    let (mut one, returned) = Client::join(second.address, again(&welcome.seat)).await;
    assert_eq!(returned.you, welcome.you);
    assert_eq!(returned.state.position.as_micros(), 300_000_000);
    one.act(Action::Pause).await;
    other.state_where(|state| state.phase == Phase::Paused).await;
}

#[tokio::test]
async fn a_room_outlives_every_relay() {
    let (media, redis) = (media(), Redis::start());
    let arguments = ["--party", "--party-redis", &redis.url];
    let mut program = Program::start(media.path(), &arguments);
    let (mut client, welcome) = Client::join(program.address, hello()).await;
    client.act(seek(70)).await;
    let state = client.state_where(|state| state.position.as_micros() == 70_000_000).await;
    program.child.kill().expect("it runs");
    program.child.wait().expect("it ends");
    let next = Program::start(media.path(), &arguments);
    let (_client, returned) = Client::join(next.address, again(&welcome.seat)).await;
    assert_eq!((returned.you, returned.state.stamp), (welcome.you, state.stamp));
}

#[tokio::test]
async fn without_its_redis_a_relay_sends_clients_away_for_now() {
    let (media, mut redis) = (media(), Redis::start());
    let program = Program::start(media.path(), &["--party", "--party-redis", &redis.url]);
    let (mut client, _) = Client::join(program.address, hello()).await;
    redis.child.kill().expect("it runs");
    redis.child.wait().expect("it ends");
    client.act(seek(10)).await;
    assert_eq!(client.bye().await, Farewell::Restart);
    assert!(client.is_closed().await);
}

#[test]
fn a_redis_that_is_not_there_is_said_at_once() {
    let media = media();
    let output = Command::new(env!("CARGO_BIN_EXE_origin"))
        .args(["--listen", "127.0.0.1:0", "--party", "--party-redis", "redis://127.0.0.1:1/", "--media"])
        .arg(media.path())
        .output()
        .expect("it starts");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--party-redis"));
}

/// Many that are hosted speak nothing else.
#[tokio::test]
async fn a_redis_over_tls_keeps_rooms_where_its_certificate_is_trusted() {
    let (media, place) = (media(), tempfile::tempdir().expect("a temporary directory"));
    let file = |name: &str| place.path().join(name).display().to_string();
    let certify = |chain: &str, key: &str| {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
        std::fs::write(chain, made.cert.pem()).expect("room");
        std::fs::write(key, made.signing_key.serialize_pem()).expect("room");
    };
    certify(&file("chain.pem"), &file("key.pem"));
    certify(&file("other.pem"), &file("other-key.pem"));
    let (trusted, other) = (("SSL_CERT_FILE", file("chain.pem")), ("SSL_CERT_FILE", file("other.pem")));
    let redis = Redis::start_tls(place);
    let arguments = ["--party", "--party-redis", &redis.url];
    let start = || Program::start_with(media.path(), &arguments, std::slice::from_ref(&trusted));
    let (first, second) = (start(), start());
    let (mut one, _) = Client::join(first.address, hello()).await;
    let (mut two, _) = Client::join(second.address, hello()).await;
    one.act(seek(60)).await;
    two.state_where(|state| state.position.as_micros() == 60_000_000).await;

    let stranger = Command::new(env!("CARGO_BIN_EXE_origin"))
        .args(["--listen", "127.0.0.1:0", "--media"])
        .arg(media.path())
        .args(arguments)
        .envs([other])
        .output()
        .expect("it starts");
    let why = String::from_utf8_lossy(&stranger.stderr);
    assert!(!stranger.status.success());
    assert!(why.contains("--party-redis") && why.contains("certificate"), "{why}");
}

/// People who watch change nothing for hours, and a Redis may lose what it had.
#[tokio::test]
async fn a_room_is_kept_while_somebody_is_in_it_and_written_anew_where_it_is_gone() {
    let (media, redis) = (media(), Redis::start());
    let arguments = ["--party", "--party-redis", &redis.url, "--party-redis-keep", "1"];
    let (first, second) = (Program::start(media.path(), &arguments), Program::start(media.path(), &arguments));
    let (mut one, welcome) = Client::join(first.address, hello()).await;
    one.act(seek(60)).await;
    let state = one.state_where(|state| state.position.as_micros() == 60_000_000).await;
    // Longer than it would be kept without anybody.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let (mut other, elsewhere) = Client::join(second.address, hello()).await;
    assert_eq!((elsewhere.state.stamp, elsewhere.members.len()), (state.stamp, 2));
    assert_eq!(elsewhere.clock, welcome.clock);
    redis.forget_everything();
    other.act(seek(90)).await;
    one.state_where(|state| state.position.as_micros() == 90_000_000).await;
}
