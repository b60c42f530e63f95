//! Who is let in: there is a limit of connections or responses in all, and one for each client.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    client: Option<IpAddr>,
}

impl Admission {
    /// Counts it as of a client from now on: a proxy has said for whom it is.
    pub(crate) fn is_of(&mut self, address: IpAddr) -> Result<(), Full> {
        let client = network(address);
        let mut open = self.gate.open();
        open.add(client, self.gate.max_client)?;
        if let Some(before) = self.client.replace(client) {
            open.remove(before);
        }
        Ok(())
    }
}

impl Open {
    fn add(&mut self, client: IpAddr, most: usize) -> Result<(), Full> {
        let count = self.by_client.get(&client).copied().unwrap_or(0);
        if count >= most {
            return Err(Full::Client);
        }
        self.by_client.insert(client, count + 1);
        Ok(())
    }

    fn remove(&mut self, client: IpAddr) {
        if let Some(count) = self.by_client.get_mut(&client) {
            *count -= 1;
            if *count == 0 {
                self.by_client.remove(&client);
            }
        }
    }
}

impl Gate {
    pub(crate) fn new(max_all: usize, max_client: usize) -> Arc<Self> {
        Arc::new(Self { max_all, max_client, open: Mutex::default() })
    }

    /// One more of a client; of a proxy, which has many clients, without an address.
    pub(crate) fn admit(self: &Arc<Self>, address: Option<IpAddr>) -> Result<Admission, Full> {
        let client = address.map(network);
        let mut open = self.open();
        if open.all >= self.max_all {
            return Err(Full::All);
        }
        if let Some(client) = client {
            open.add(client, self.max_client)?;
        }
        open.all += 1;
        drop(open);
        Ok(Admission { gate: self.clone(), client })
    }

    /// How many are open now.
    pub(crate) fn count(&self) -> usize {
        self.open().all
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut open = self.gate.open();
        open.all -= 1;
        if let Some(client) = self.client {
            open.remove(client);
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

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
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
    fn a_proxy_counts_as_its_clients_once_it_names_them() {
        let gate = Gate::new(3, 1);
        let mut first = gate.admit(None).expect("free");
        let mut second = gate.admit(None).expect("a proxy has no limit of its own");
        let one = address("192.0.2.1").expect("one");
        assert_eq!(first.is_of(one), Ok(()));
        assert_eq!(second.is_of(one), Err(Full::Client));
        drop(first);
        assert_eq!(second.is_of(one), Ok(()));
        drop(second);
        assert_eq!((gate.count(), gate.open().by_client.len()), (0, 0));
    }

    #[test]
    fn nothing_is_kept_of_clients_that_are_gone() {
        let gate = Gate::new(9, 9);
        for n in 0..100_u8 {
            drop(gate.admit(Some(IpAddr::from([192, 0, 2, n]))).expect("free"));
        }
        assert_eq!(gate.count(), 0);
        assert!(gate.open().by_client.is_empty());
    }
}
