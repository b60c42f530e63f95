//! Small objects in memory: manifests, inits, tables, for which a request of their own takes longer than their bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::OnceCell;

/// Longest object that is kept, in bytes.
pub(crate) const MAX_SMALL: u64 = 256 << 10;
/// All of them together.
const MAX_KEPT: u64 = 32 << 20;

/// What is kept, each as long as it is the version that is asked for.
#[derive(Debug, Default)]
pub(crate) struct Small(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    by_name: HashMap<String, (store::Object, Arc<OnceCell<Bytes>>)>,
    bytes: u64,
}

impl Small {
    /// The bytes of an object, to be filled by who comes first.
    pub(crate) fn of(&self, name: &str, object: &store::Object) -> Arc<OnceCell<Bytes>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, content)) = kept.by_name.get(name).filter(|(version, _)| version == object) {
            return content.clone();
        }
        // A name costs memory, too.
        let cost = |object: &store::Object| object.bytes + 4_096;
        if kept.bytes + cost(object) > MAX_KEPT {
            // What is asked for is fetched again.
            *kept = Kept::default();
        }
        kept.bytes += cost(object);
        let content = Arc::new(OnceCell::new());
        if let Some((before, _)) = kept.by_name.insert(name.to_owned(), (object.clone(), content.clone())) {
            kept.bytes -= cost(&before);
        }
        content
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(bytes: u64, etag: &str) -> store::Object {
        store::Object {
            bytes,
            modified: None,
            etag: Some(etag.to_owned()),
            digest: None,
            fields: store::Fields::default(),
        }
    }

    #[test]
    fn a_version_is_kept_and_another_is_not_taken_for_it() {
        let small = Small::default();
        small.of("a", &object(1, "one")).set(Bytes::from_static(b"1")).expect("it is empty");
        assert_eq!(small.of("a", &object(1, "one")).get(), Some(&Bytes::from_static(b"1")));
        assert_eq!(small.of("a", &object(1, "two")).get(), None);
        assert_eq!(small.of("a", &object(1, "one")).get(), None);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let small = Small::default();
        for name in 0..10_000 {
            let _ = small.of(&name.to_string(), &object(MAX_SMALL, "one"));
            let kept = small.0.lock().expect("whole");
            assert!(kept.bytes <= MAX_KEPT && kept.by_name.len() as u64 * MAX_SMALL <= MAX_KEPT);
        }
    }
}
