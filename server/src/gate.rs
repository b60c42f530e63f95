//! Who is let in: so many connections or responses in all, so many of one client.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Counts connections, or responses, that are open.
#[derive(Debug)]
pub(crate) struct Gate {
    max_all: usize,
    max_client: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_client: HashMap<IpAddr, usize>,
}

/// Why one more is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// There are too many.
    All,
    /// This client has too many.
    Client,
}

/// One that was let in; its place is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Admission {
    gate: Arc<Gate>,
    client: IpAddr,
}

impl Gate {
    pub(crate) fn new(max_all: usize, max_client: usize) -> Arc<Self> {
        Arc::new(Self { max_all, max_client, open: Mutex::default() })
    }

    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Admission, Full> {
        let client = network(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.all >= self.max_all {
            return Err(Full::All);
        }
        let of_client = open.by_client.get(&client).copied().unwrap_or(0);
        if of_client >= self.max_client {
            return Err(Full::Client);
        }
        open.by_client.insert(client, of_client + 1);
        open.all += 1;
        Ok(Admission { gate: self.clone(), client })
    }

    /// How many are open now.
    pub(crate) fn open(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).all
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut open = self.gate.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(count) = open.by_client.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                open.by_client.remove(&self.client);
            }
        }
    }
}

/// Whoever has one IPv6 address has the /64 around it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_client_cannot_take_every_place() {
        let gate = Gate::new(3, 2);
        let first = gate.admit(address("192.0.2.1")).expect("free");
        let _second = gate.admit(address("::ffff:192.0.2.1")).expect("free");
        assert_eq!(gate.admit(address("192.0.2.1")).err(), Some(Full::Client));
        let _other = gate.admit(address("192.0.2.2")).expect("free");
        assert_eq!(gate.admit(address("192.0.2.3")).err(), Some(Full::All));
        drop(first);
        assert!(gate.admit(address("192.0.2.1")).is_ok());
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let gate = Gate::new(9, 1);
        let _one = gate.admit(address("2001:db8::1")).expect("free");
        assert_eq!(gate.admit(address("2001:db8::ffff:1")).err(), Some(Full::Client));
        assert!(gate.admit(address("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn nothing_is_kept_of_clients_that_are_gone() {
        let gate = Gate::new(9, 9);
        for n in 0..100_u8 {
            drop(gate.admit(IpAddr::from([192, 0, 2, n])).expect("free"));
        }
        assert_eq!(gate.open(), 0);
        assert!(gate.open.lock().expect("no panic").by_client.is_empty());
    }
}
