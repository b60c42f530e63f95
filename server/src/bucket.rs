//! A bucket whose objects are served as the files of a directory are.
//!
//! 1. An object is looked at (`HEAD`): its length, tag and digest. What was found counts for a second, and of a file that never
//!    changes for a minute, for all who ask.
//! 2. Its bytes are asked for with the range that the client wants, and with the tag that was found (`If-Match`): a response has
//!    bytes of one version.
//! 3. Small objects are read whole and kept, within bounds.
//!
//! Nothing is listed. What the store refuses or cannot do is a [`Fault`] before the head of a response is sent, and breaks its body
//! after.

mod counts;
mod object;
mod reading;
mod small;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use store::{Address, Environment, Options, Patience, Store};
use tokio::sync::OnceCell;

use crate::error::Error;
use crate::fault::Fault;

use counts::Counts;
use object::Found;
pub(crate) use object::Object;
pub(crate) use reading::Reading;
use small::Small;

/// How long what was found counts, of a file that may change and of one that does not: a range of that is asked for by its tag.
const FRESH: Duration = Duration::from_secs(1);
const FRESH_IMMUTABLE: Duration = Duration::from_secs(60);
/// Most names that are remembered, each with less than 3 kB.
const MAX_LOOKS: usize = 10_000;
/// What is asked of `/healthz`.
const PROBE: &str = "manifest.json";

/// A place in a bucket. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Bucket(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    /// Longest time for the beginning of an answer, however often the store is asked for it.
    patience: Duration,
    looks: Mutex<HashMap<String, Arc<Look>>>,
    small: Small,
    counts: Counts,
}

/// A look at a name, which all who ask for it share.
#[derive(Debug)]
struct Look {
    since: Instant,
    outcome: OnceCell<Result<Arc<Found>, Fault>>,
}

impl Look {
    fn is_fresh(&self, is_immutable: bool) -> bool {
        let is_found = matches!(self.outcome.get(), Some(Ok(_)));
        self.since.elapsed() <= if is_found && is_immutable { FRESH_IMMUTABLE } else { FRESH }
    }
}

impl Bucket {
    /// Makes ready to ask; nothing is asked yet.
    pub(crate) fn open(address: &Address, environment: &Environment, patience: Duration) -> Result<Self, Error> {
        let again = Patience { first: Duration::from_millis(100), most: Duration::from_secs(1), attempts: 4 };
        let options = Options { silence: patience, patience: again, ..Options::default() };
        let store = Store::open(address, environment, options)?;
        let (looks, small, counts) = (Mutex::default(), Small::default(), Counts::default());
        Ok(Self(Arc::new(Inner { store, patience, looks, small, counts })))
    }

    /// Finds an object.
    pub(crate) async fn object(&self, name: &str, is_immutable: bool) -> Result<Object, Fault> {
        let look = self.look(name, is_immutable);
        let outcome = look.outcome.get_or_init(|| async {
            let found = self.0.in_time(self.0.store.head(name)).await;
            let found = found.and_then(|found| found.ok_or(Fault::Missing));
            self.0.counts.asked(found.as_ref().err());
            found.map(|object| Arc::new(Found::new(name, object)))
        });
        Ok(Object::new(self.clone(), outcome.await.clone()?))
    }

    /// Whether the store answers, and lets itself be read.
    pub(crate) async fn is_there(&self) -> bool {
        match self.object(PROBE, false).await {
            Ok(_) | Err(Fault::Missing) => true,
            Err(fault) => {
                tracing::error!(%fault, "the bucket cannot be read from");
                false
            }
        }
    }

    pub(crate) fn metrics(&self) -> String {
        self.0.counts.render()
    }

    fn look(&self, name: &str, is_immutable: bool) -> Arc<Look> {
        let mut looks = self.0.looks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(look) = looks.get(name).filter(|look| look.is_fresh(is_immutable)) {
            return look.clone();
        }
        if looks.len() >= MAX_LOOKS {
            // What is asked for is looked at again.
            looks.clear();
        }
        let look = Arc::new(Look { since: Instant::now(), outcome: OnceCell::new() });
        looks.insert(name.to_owned(), look.clone());
        look
    }

    /// What was found is there no more.
    fn forget(&self, name: &str) {
        self.0.looks.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

impl Inner {
    async fn in_time<T>(&self, asked: impl Future<Output = Result<T, store::Error>>) -> Result<T, Fault> {
        match tokio::time::timeout(self.patience, asked).await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => Err(Fault::Busy(format!("no answer within {} s", self.patience.as_secs_f32()))),
        }
    }
}
