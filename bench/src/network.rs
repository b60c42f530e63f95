//! Where the browser and the server are: on this machine's loopback, or in two network namespaces with a link between
//! them.

use std::io;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
#[cfg(target_os = "linux")]
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::course::{Course, Step};
#[cfg(target_os = "linux")]
use crate::relay::{self, Shape};

/// What lies between browser and server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Such as `50 Mbit/s, 30 ms`.
    pub name: &'static str,
    /// For the command line and for the results.
    pub key: &'static str,
    shape: Option<(u64, Duration)>,
    /// The most that is added to the delay, each way, at random.
    jitter: Duration,
    /// Packets of a thousand that do not arrive.
    lost: u32,
    /// Bits per second that take turns, and for how long each.
    pub(crate) steps: Option<([u64; 2], Duration)>,
}

impl Link {
    /// One of so many bits per second with so many milliseconds of round trip, of whose packets so many of a thousand are lost.
    #[must_use]
    pub const fn new(name: &'static str, rate: u64, round_trip: u64, lost: u32) -> Self {
        Self { name, key: name, shape: Some((rate, Duration::from_millis(round_trip))), lost, ..LOOPBACK }
    }

    /// The same, whose rate is by turns one and the other, each for so many seconds.
    #[must_use]
    pub const fn by_turns(self, rates: [u64; 2], lasts: u64) -> Self {
        Self { steps: Some((rates, Duration::from_secs(lasts))), ..self }
    }

    /// Share of its packets that do not arrive.
    #[must_use]
    pub fn lost(&self) -> f64 {
        f64::from(self.lost) / 1e3
    }

    /// Time from one end to the other and back.
    #[must_use]
    pub fn round_trip(&self) -> Duration {
        self.shape.map_or(Duration::ZERO, |(_, round_trip)| round_trip)
    }
}

/// Nothing.
pub const LOOPBACK: Link =
    Link { name: "loopback", key: "loopback", shape: None, jitter: Duration::ZERO, lost: 0, steps: None };
/// A good line at home.
pub const FAST: Link =
    Link { name: "50 Mbit/s, 30 ms", key: "fast", shape: Some((50_000_000, Duration::from_millis(30))), ..LOOPBACK };
/// A mobile one.
pub const SLOW: Link =
    Link { name: "10 Mbit/s, 100 ms", key: "slow", shape: Some((10_000_000, Duration::from_millis(100))), ..LOOPBACK };
/// One that carries the film of 3 Mbit/s at times, and not at others.
pub const STEPS: Link = Link {
    name: "5 and 1.5 Mbit/s in turn, 10 s each, 60 ms",
    key: "steps",
    shape: Some((5_000_000, Duration::from_millis(60))),
    steps: Some(([5_000_000, 1_500_000], Duration::from_secs(10))),
    ..LOOPBACK
};
/// One that carries anything, and nothing in time.
pub const UNSTEADY: Link = Link {
    name: "0 to 50 ms of jitter each way, 1 % of packets lost",
    key: "unsteady",
    shape: Some((100_000_000, Duration::ZERO)),
    jitter: Duration::from_millis(50),
    lost: 10,
    ..LOOPBACK
};

/// Both ends, for as long as one of its clones is there.
#[derive(Clone, Debug)]
pub struct Network {
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Loopback,
    #[cfg(target_os = "linux")]
    Namespaces(Arc<namespaces::Pair>),
}

impl Network {
    /// Makes what the link needs.
    ///
    /// # Errors
    /// When a shaped link is asked for and this account may not make network namespaces or TUN devices.
    pub fn lay(link: &Link) -> Result<Self> {
        let Some((rate, round_trip)) = link.shape else { return Ok(Self { place: Place::Loopback }) };
        let delay = round_trip / 2;
        let course = match link.steps {
            Some((rates, lasts)) => Course::new(rates.map(|rate| Step { lasts, rate, delay }).to_vec()),
            None => Some(Course::steady(rate, delay)),
        };
        let course = course.with_context(|| format!("{}: nothing comes through", link.name))?;
        // One product of bandwidth and delay: what a TCP needs, and not what makes it wait for seconds.
        let queue = (rate as f64 / 8.0 * (round_trip + link.jitter * 2).as_secs_f64()) as u64;
        Self::shaped(course, queue.max(64_000), link.jitter, link.lost)
    }

    /// Makes a link that changes as `course` says, each of whose ends holds `queue` bytes.
    ///
    /// # Errors
    /// When this account may not make network namespaces or TUN devices.
    pub fn lay_course(course: Course, queue: u64) -> Result<Self> {
        Self::shaped(course, queue, Duration::ZERO, 0)
    }

    #[cfg(target_os = "linux")]
    fn shaped(course: Course, queue: u64, jitter: Duration, lost: u32) -> Result<Self> {
        let pair = namespaces::Pair::make(Shape { queue, jitter, lost }, course)?;
        Ok(Self { place: Place::Namespaces(Arc::new(pair)) })
    }

    #[cfg(not(target_os = "linux"))]
    fn shaped(_course: Course, _queue: u64, _jitter: Duration, _lost: u32) -> Result<Self> {
        anyhow::bail!("shaped links need Linux's network namespaces")
    }

    /// Where the server listens.
    #[must_use]
    pub fn server_address(&self) -> &'static str {
        match &self.place {
            Place::Loopback => "127.0.0.1",
            #[cfg(target_os = "linux")]
            Place::Namespaces(_) => namespaces::SERVER_ADDRESS,
        }
    }

    /// A program that runs where the server is.
    #[must_use]
    pub fn server(&self, program: impl AsRef<Path>) -> Command {
        self.inside(program.as_ref(), true)
    }

    /// A program that runs where the browser is.
    #[must_use]
    pub fn client(&self, program: impl AsRef<Path>) -> Command {
        self.inside(program.as_ref(), false)
    }

    /// A connection to a port of 127.0.0.1, as that address is meant where the browser is.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn connect(&self, port: u16) -> io::Result<TcpStream> {
        let connect = move || TcpStream::connect((Ipv4Addr::LOCALHOST, port));
        match &self.place {
            Place::Loopback => connect(),
            #[cfg(target_os = "linux")]
            Place::Namespaces(pair) => pair.in_client(connect),
        }
    }

    fn inside(&self, program: &Path, is_server: bool) -> Command {
        match &self.place {
            Place::Loopback => Command::new(program),
            #[cfg(target_os = "linux")]
            Place::Namespaces(pair) => pair.command(program, is_server),
        }
    }

    /// Lets the link's steps begin with the first.
    pub fn begin_steps(&self) {
        #[cfg(target_os = "linux")]
        if let Place::Namespaces(pair) = &self.place {
            pair.begin_steps();
        }
    }
}

fn ip(arguments: &str) -> Result<()> {
    let output = Command::new("ip").args(arguments.split(' ')).output().context("cannot start ip (iproute2)")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`ip {arguments}` failed: {}; shaped links are made by root", said.trim());
    Ok(())
}

#[cfg(target_os = "linux")]
mod namespaces {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsFd;
    use std::path::Path;
    use std::process::Command;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
    use std::thread;

    use anyhow::{Context, Result};
    use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
    use tun_rs::{DeviceBuilder, SyncDevice};

    use super::{Course, Shape, ip, relay};

    pub(super) const SERVER_ADDRESS: &str = "10.77.0.2";
    const CLIENT_ADDRESS: &str = "10.77.0.1";

    /// How many have been made: each pair has names of its own.
    static MADE: AtomicU32 = AtomicU32::new(0);

    /// Two namespaces with a TUN device each, and the relay between them.
    #[derive(Debug)]
    pub(super) struct Pair {
        names: [String; 2],
        ended: Arc<AtomicBool>,
        course: Arc<Course>,
    }

    impl Pair {
        pub(super) fn make(shape: Shape, course: Course) -> Result<Self> {
            let own = format!("{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
            let names = ["client", "server"].map(|end| format!("watchparty-{end}-{own}"));
            let pair = Self { names, ended: Arc::new(AtomicBool::new(false)), course: Arc::new(course) };
            let addresses = [(CLIENT_ADDRESS, SERVER_ADDRESS), (SERVER_ADDRESS, CLIENT_ADDRESS)];
            let devices = pair.names.iter().zip(addresses).zip(["c", "s"]);
            let devices =
                devices.map(|((name, (from, to)), end)| device(&format!("wp{own}{end}"), name, from, to).map(Arc::new));
            let ends = devices.collect::<Result<Vec<_>>>()?;
            for (from, to) in [(0, 1), (1, 0)] {
                let seed = 1 + from as u64;
                let (course, ended) = (pair.course.clone(), pair.ended.clone());
                relay::carry((ends[from].clone(), ends[to].clone()), shape, seed, course, ended);
            }
            Ok(pair)
        }

        pub(super) fn command(&self, program: &Path, is_server: bool) -> Command {
            let mut command = Command::new("ip");
            command.args(["netns", "exec", &self.names[usize::from(is_server)]]).arg(program);
            command
        }

        /// Does something where the browser is. A thread of its own goes there: a namespace is a thread's, and a socket stays in
        /// the one in which it was made.
        pub(super) fn in_client<T: Send>(&self, act: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
            let namespace = File::open(Path::new("/var/run/netns").join(&self.names[0]))?;
            let there = || {
                move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?;
                act()
            };
            thread::scope(|scope| scope.spawn(there).join()).unwrap_or_else(|_| Err(io::Error::other("it panicked")))
        }

        pub(super) fn begin_steps(&self) {
            self.course.begin();
        }
    }

    /// A device is made here, where this process keeps hold of it, and then moved into its namespace.
    fn device(name: &str, namespace: &str, own: &str, other: &str) -> Result<SyncDevice> {
        ip(&format!("netns add {namespace}"))?;
        let device = DeviceBuilder::new().name(name).enable(false).build_sync();
        let device = device.context("cannot make a TUN device: shaped links are made by root")?;
        ip(&format!("link set {name} netns {namespace}"))?;
        ip(&format!("-n {namespace} address add {own} peer {other} dev {name}"))?;
        // More than the relay's own queue ever holds back: drops are the relay's.
        ip(&format!("-n {namespace} link set {name} mtu 1500 txqueuelen 5000 up"))?;
        ip(&format!("-n {namespace} link set lo up"))?;
        Ok(device)
    }

    impl Drop for Pair {
        fn drop(&mut self) {
            self.ended.store(true, Ordering::Relaxed);
            for name in &self.names {
                // What is left behind has a name of its own and harms nobody.
                let _ = ip(&format!("netns delete {name}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn what_listens_where_the_browser_is_is_found_there() {
        let network = Network::lay(&LOOPBACK).expect("nothing is needed");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("it has one").port();
        assert!(network.connect(port).is_ok());
    }
}
