//! Proxies in front that are believed when they say for whom they ask.

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;

use crate::forwarded;
use crate::peer::Peer;

/// How a trusted proxy says who its client is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum ClientFrom {
    /// The field X-Forwarded-For of each request
    #[default]
    XForwardedFor,
    /// The field Forwarded of each request (RFC 7239)
    Forwarded,
    /// A header of the PROXY protocol, version 1 or 2, in front of each connection
    ProxyProtocol,
}

/// A network, or the address of one proxy.
///
/// # Errors
/// Where the text is neither.
pub(crate) fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    let said = "write a network or an address, such as 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32";
    text.parse().or_else(|_| address()).map_err(|_| said.to_owned())
}

/// The networks of the proxies, and how they say it.
#[derive(Clone, Debug)]
pub(crate) struct Trusted {
    networks: Vec<IpNet>,
    from: ClientFrom,
}

impl Trusted {
    pub(crate) fn new(networks: &[IpNet], from: ClientFrom) -> Self {
        Self { networks: networks.to_vec(), from }
    }

    /// Whether a connection is that of a proxy, which has many clients. One through a Unix socket always is: whoever may
    /// write to the socket has been given leave.
    pub(crate) fn is_proxy(&self, peer: Peer) -> bool {
        match peer.address() {
            Some(address) => self.networks.iter().any(|network| network.contains(&address)),
            None => true,
        }
    }

    /// Whether a connection begins with a header of the PROXY protocol.
    pub(crate) fn has_proxy_header(&self, peer: Peer) -> bool {
        self.from == ClientFrom::ProxyProtocol && self.is_proxy(peer)
    }

    /// For whom a request of a connection is made. A proxy that names nobody asks for itself.
    pub(crate) fn client(&self, peer: Peer, fields: &HeaderMap) -> Peer {
        if !self.is_proxy(peer) {
            return peer;
        }
        let is_trusted = |address| self.is_proxy(Peer::Named(address));
        let named = match self.from {
            ClientFrom::XForwardedFor => forwarded::by_x_forwarded_for(fields, is_trusted),
            ClientFrom::Forwarded => forwarded::by_forwarded(fields, is_trusted),
            // The connection has said it.
            ClientFrom::ProxyProtocol => None,
        };
        named.map_or(peer, Peer::Named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> Peer {
        Peer::Named(text.parse().expect("an address"))
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let networks = ["10.0.0.0/8".parse().expect("a network"), "2001:db8::/32".parse().expect("a network")];
        let trusted = Trusted::new(&networks, ClientFrom::XForwardedFor);
        let mut fields = HeaderMap::new();
        fields.insert("x-forwarded-for", http::HeaderValue::from_static("192.0.2.1"));
        for (from, expected) in [
            ("10.1.2.3", "192.0.2.1"),
            ("::ffff:10.1.2.3", "192.0.2.1"),
            ("2001:db8::7", "192.0.2.1"),
            ("198.51.100.7", "198.51.100.7"),
        ] {
            assert_eq!(trusted.client(peer(from), &fields), peer(expected), "{from}");
        }
        assert_eq!(trusted.client(Peer::Local, &fields), peer("192.0.2.1"));
        assert_eq!(trusted.client(peer("10.1.2.3"), &HeaderMap::new()), peer("10.1.2.3"));
        // The field that this proxy does not write passes through it as a client has written it.
        fields.insert("forwarded", http::HeaderValue::from_static("for=198.51.100.7"));
        assert_eq!(trusted.client(peer("10.1.2.3"), &fields), peer("192.0.2.1"));
    }
}
