//! Whom a connection or a request is counted and logged under.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// The other end of a connection, or the client that a proxy speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The other end of a TCP connection.
    Socket(SocketAddr),
    /// A client whom a proxy has named.
    Named(IpAddr),
    /// A program of this machine, through a Unix socket.
    Local,
}

impl Peer {
    /// Its address, if it has one; an IPv4 address is never written as one of IPv6.
    pub(crate) fn address(self) -> Option<IpAddr> {
        match self {
            Self::Socket(socket) => Some(socket.ip().to_canonical()),
            Self::Named(address) => Some(address.to_canonical()),
            Self::Local => None,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(socket) => SocketAddr::new(socket.ip().to_canonical(), socket.port()).fmt(f),
            Self::Named(address) => address.to_canonical().fmt(f),
            Self::Local => f.write_str("unix"),
        }
    }
}
