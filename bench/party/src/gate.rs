//! What stands between one viewer and the server: it can be closed, as when a laptop loses its network, and made narrow.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use player_bench::Course;

/// Carries connections to a server of this machine.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// Closed for good or for a while.
    is_closed: bool,
    /// What comes through towards the viewer; without it everything does.
    course: Option<Course>,
    /// When all that was let through is through.
    free: Instant,
    connections: Vec<TcpStream>,
}

impl State {
    /// Time for which bytes that have been read wait before they are passed on.
    fn admit(&mut self, bytes: usize, now: Instant) -> Duration {
        let Some(course) = &self.course else { return Duration::ZERO };
        self.free = course.sent(bytes, self.free.max(now));
        self.free - now
    }
}

impl Gate {
    pub(crate) fn open(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        let address = listener.local_addr()?;
        let state = State { is_closed: false, course: None, free: Instant::now(), connections: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // Who is refused sees the connection end at once.
                let _ = carry(client, server, &shared);
            }
        });
        Ok(Self { address, state })
    }

    /// Ends every connection, and each that is tried from now on.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_closed = true;
        for connection in state.connections.drain(..) {
            // It may have ended by itself.
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    pub(crate) fn reopen(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).is_closed = false;
    }

    /// Lets no more than these bits a second through to the viewer.
    pub(crate) fn narrow(&self, bits: u64) {
        self.follow(Course::steady(bits, Duration::ZERO));
    }

    /// Lets through what a link would that changes like this, from now on. Its delay is not added.
    pub(crate) fn follow(&self, course: Course) {
        course.begin();
        self.state.lock().unwrap_or_else(PoisonError::into_inner).course = Some(course);
    }
}

fn carry(client: TcpStream, server: SocketAddr, state: &Arc<Mutex<State>>) -> std::io::Result<()> {
    let server = TcpStream::connect(server)?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_closed {
            return Ok(());
        }
        state.connections.push(client.try_clone()?);
        state.connections.push(server.try_clone()?);
    }
    let (from, to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || pass(from, to, |_| Duration::ZERO));
    let state = state.clone();
    let wait = move |bytes| state.lock().unwrap_or_else(PoisonError::into_inner).admit(bytes, Instant::now());
    thread::spawn(move || pass(server, client, wait));
    Ok(())
}

/// Until either end is closed.
fn pass(mut from: TcpStream, mut to: TcpStream, wait: impl Fn(usize) -> Duration) {
    let mut bytes = [0; 1_500];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        thread::sleep(wait(length));
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    for stream in [from, to] {
        // It may be closed.
        let _ = stream.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_narrowed_waits_for_what_came_before() {
        let now = Instant::now();
        let mut state = State { is_closed: false, course: None, free: now, connections: Vec::new() };
        assert_eq!(state.admit(1_000, now), Duration::ZERO);
        state.course = Some(Course::steady(80_000, Duration::ZERO));
        assert_eq!([1_000, 500].map(|bytes| state.admit(bytes, now)), [100, 150].map(Duration::from_millis));
        assert_eq!(state.admit(1_000, now + Duration::from_secs(1)), Duration::from_millis(100), "nothing is saved up");
    }

    #[test]
    fn a_closed_gate_ends_what_is_open_and_lets_nobody_in() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let gate = Gate::open(listener.local_addr().expect("it has one")).expect("a gate");
        let meet = || {
            let mut client = TcpStream::connect(gate.address).expect("it listens");
            let (mut server, _) = listener.accept().expect("it is carried on");
            server.write_all(b"a").expect("it is open");
            client.read_exact(&mut [0]).expect("it comes through");
            (client, server)
        };
        let (mut client, mut server) = meet();
        gate.close();
        assert!(matches!(client.read(&mut [0]), Ok(0) | Err(_)) && matches!(server.read(&mut [0]), Ok(0) | Err(_)));
        let mut refused = TcpStream::connect(gate.address).expect("it listens");
        assert!(matches!(refused.read(&mut [0]), Ok(0) | Err(_)));
        gate.reopen();
        // What was refused may wait at the server.
        listener.accept().expect("the one that was refused");
        meet();
    }
}
