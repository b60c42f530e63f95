//! What is waited for between two attempts, for whoever shows how it goes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The waits of one or more stores, each for as long as it lasts. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Waits(Arc<Mutex<Listed>>);

/// One of them, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What came of the last attempt. No keys and no names of files.
    pub why: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Until it is tried again.
    pub left: Duration,
}

#[derive(Debug, Default)]
struct Listed {
    next: u64,
    waits: BTreeMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    why: String,
    attempts: u32,
    until: Instant,
}

impl Waits {
    /// The one that ends first, while anything is waited for.
    #[must_use]
    pub fn first(&self) -> Option<Wait> {
        let now = Instant::now();
        let listed = self.listed();
        let first = listed.waits.values().min_by_key(|entry| entry.until)?;
        Some(Wait { why: first.why.clone(), attempts: first.attempts, left: first.until - now.min(first.until) })
    }

    /// Something is waited for until this is dropped, which is to be after `wait`.
    pub(crate) fn begin(&self, why: &str, attempts: u32, wait: Duration) -> Waiting {
        let mut listed = self.listed();
        let number = listed.next;
        listed.next += 1;
        listed.waits.insert(number, Entry { why: why.to_owned(), attempts, until: Instant::now() + wait });
        Waiting { waits: self.clone(), number }
    }

    fn listed(&self) -> MutexGuard<'_, Listed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A wait that lasts.
pub(crate) struct Waiting {
    waits: Waits,
    number: u64,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.waits.listed().waits.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_wait_that_ends_first_is_told_while_it_lasts() {
        let waits = Waits::default();
        assert_eq!(waits.first(), None);
        let long = waits.begin("busy", 7, Duration::from_secs(40));
        let short = waits.clone().begin("silent", 1, Duration::from_secs(2));
        let told = waits.first().expect("two are there");
        assert_eq!((told.why.as_str(), told.attempts, told.left), ("silent", 1, Duration::from_secs(2)));
        drop(short);
        tokio::time::advance(Duration::from_secs(30)).await;
        assert_eq!(waits.first().map(|wait| (wait.attempts, wait.left)), Some((7, Duration::from_secs(10))));
        // A machine that was busy comes late.
        tokio::time::advance(Duration::from_secs(30)).await;
        assert_eq!(waits.first().map(|wait| wait.left), Some(Duration::ZERO));
        drop(long);
        assert_eq!(waits.first(), None);
    }
}
