//! Sockets that clients connect to: those of one place to listen on.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::task::Poll;

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use crate::listen::Listen;
use crate::peer::Peer;
use crate::stream::Stream;
#[cfg(unix)]
use crate::unix_socket::UnixSocket;

/// Listens on every socket of a place.
#[derive(Debug)]
pub(crate) struct Listener {
    sockets: Vec<Socket>,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener, SocketAddr),
    #[cfg(unix)]
    Unix(UnixListener, UnixSocket),
}

impl Listener {
    pub(crate) async fn bind(place: &Listen) -> io::Result<Self> {
        let sockets = match place {
            Listen::Address(address) => vec![Socket::tcp(*address).await?],
            Listen::Port(port) => Socket::every_interface(*port).await?,
            Listen::Name(name, port) => Socket::of_name(name, *port).await?,
            Listen::Unix(path) => vec![Socket::unix(path)?],
        };
        Ok(Self { sockets })
    }

    /// The first address that it listens on, with the real port; `None` for a Unix socket.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.sockets.iter().find_map(Socket::address)
    }

    /// Waits for a client.
    pub(crate) async fn accept(&self) -> io::Result<(Stream, Peer)> {
        poll_fn(|context| {
            for socket in &self.sockets {
                let accepted = match socket {
                    Socket::Tcp(listener, _) => listener
                        .poll_accept(context)
                        .map_ok(|(stream, address)| (Stream::Tcp(stream), Peer::Socket(address))),
                    #[cfg(unix)]
                    Socket::Unix(listener, _) => {
                        listener.poll_accept(context).map_ok(|(stream, _)| (Stream::Unix(stream), Peer::Local))
                    }
                };
                if accepted.is_ready() {
                    return accepted;
                }
            }
            Poll::Pending
        })
        .await
    }
}

impl Socket {
    async fn tcp(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self::Tcp(listener, address))
    }

    /// A socket of IPv6 takes IPv4, too, unless the system is told otherwise: then there is one of each. Where there is no
    /// IPv6, one of IPv4 does.
    async fn every_interface(port: u16) -> io::Result<Vec<Self>> {
        let six = match Self::tcp((Ipv6Addr::UNSPECIFIED, port).into()).await {
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                return Ok(vec![Self::tcp((Ipv4Addr::UNSPECIFIED, port).into()).await?]);
            }
            result => result?,
        };
        // A free port that is taken for IPv6 is that of IPv4. That it is in use is how a socket that takes both shows.
        let port = six.address().map_or(port, |address| address.port());
        let four = Self::tcp((Ipv4Addr::UNSPECIFIED, port).into()).await;
        Ok([Some(six), four.ok()].into_iter().flatten().collect())
    }

    /// One for each address of a name; those that this machine has not got are left out as long as one is there.
    async fn of_name(name: &str, port: u16) -> io::Result<Vec<Self>> {
        let (mut sockets, mut port, mut failure): (Vec<Self>, _, _) = (Vec::new(), port, None);
        for mut address in tokio::net::lookup_host((name, port)).await? {
            if sockets.iter().filter_map(Self::address).any(|taken| taken.ip() == address.ip()) {
                continue;
            }
            address.set_port(port);
            match Self::tcp(address).await {
                Ok(socket) => {
                    // A free port that is taken for one address is that of all.
                    port = socket.address().map_or(port, |address| address.port());
                    sockets.push(socket);
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            Some(error) if sockets.is_empty() => Err(error),
            None if sockets.is_empty() => Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address")),
            _ => Ok(sockets),
        }
    }

    #[cfg(unix)]
    fn unix(path: &std::path::Path) -> io::Result<Self> {
        let (listener, file) = UnixSocket::bind(path)?;
        Ok(Self::Unix(listener, file))
    }

    #[cfg(not(unix))]
    fn unix(_path: &std::path::Path) -> io::Result<Self> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no Unix sockets"))
    }

    fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(_, address) => Some(*address),
            #[cfg(unix)]
            Self::Unix(..) => None,
        }
    }
}

/// As people would find it: addresses, or the path of a socket.
impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sockets.first() {
            Some(Socket::Tcp(_, address)) => address.fmt(f),
            #[cfg(unix)]
            Some(Socket::Unix(_, file)) => file.fmt(f),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpStream;

    #[tokio::test]
    async fn a_name_is_listened_on_at_each_of_its_addresses() {
        let listener = Listener::bind(&Listen::Name("localhost".into(), 0)).await.expect("a free port");
        for socket in &listener.sockets {
            let address = socket.address().expect("of the internet");
            let (accepted, connected) = tokio::join!(listener.accept(), TcpStream::connect(address));
            let local = connected.expect("it listens").local_addr().expect("connected");
            assert_eq!(accepted.expect("a client").1, Peer::Socket(local));
        }
    }

    #[tokio::test]
    async fn a_bare_port_is_that_of_every_interface() {
        let listener = Listener::bind(&Listen::Port(0)).await.expect("a free port");
        let port = listener.address().expect("of the internet").port();
        let (accepted, connected) = tokio::join!(listener.accept(), TcpStream::connect(("127.0.0.1", port)));
        connected.expect("IPv4 reaches it");
        let address = accepted.expect("a client").1.address();
        assert_eq!(address, Some(Ipv4Addr::LOCALHOST.into()), "an address of IPv4 is written as one");
        assert!(Listener::bind(&Listen::Port(port)).await.is_err(), "it is taken");
    }
}
