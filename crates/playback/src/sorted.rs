//! A map of a few dozen entries, in order: a vector that is searched by halving.
//!
//! A B-tree for each of these maps would be a tenth of the player's WebAssembly.

/// Entries in the order of their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sorted<K, V>(Vec<(K, V)>);

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord + Copy, V> Sorted<K, V> {
    fn find(&self, key: K) -> Result<usize, usize> {
        self.0.binary_search_by_key(&key, |(known, _)| *known)
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: K) -> Option<&V> {
        self.find(key).ok().map(|at| &self.0[at].1)
    }

    /// The value of the greatest key up to this one.
    #[must_use]
    pub fn up_to(&self, key: K) -> Option<&V> {
        let past = self.0.partition_point(|(known, _)| *known <= key);
        past.checked_sub(1).map(|at| &self.0[at].1)
    }

    /// Whether a key has a value.
    #[must_use]
    pub fn contains(&self, key: K) -> bool {
        self.find(key).is_ok()
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All entries.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (K, &V)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (*key, value))
    }

    /// All values.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Gives a key a value, in place of the one that it had, which is given back.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(key) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                None
            }
        }
    }

    /// The value of a key, which gets this one where it has none.
    pub fn or_insert(&mut self, key: K, value: V) -> &mut V {
        let at = self.find(key).unwrap_or_else(|at| {
            self.0.insert(at, (key, value));
            at
        });
        &mut self.0[at].1
    }

    pub(crate) fn remove(&mut self, key: K) {
        if let Ok(at) = self.find(key) {
            self.0.remove(at);
        }
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(K, &mut V) -> bool) {
        self.0.retain_mut(|(key, value)| keep(*key, value));
    }

    /// The keys from one on.
    pub(crate) fn keys_from(&self, key: K) -> impl Iterator<Item = K> {
        let at = self.find(key).unwrap_or_else(|at| at);
        self.0[at..].iter().map(|(key, _)| *key)
    }

    /// The values from a key on.
    pub(crate) fn values_from_mut(&mut self, key: K) -> impl Iterator<Item = &mut V> {
        let at = self.find(key).unwrap_or_else(|at| at);
        self.0[at..].iter_mut().map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_does_what_a_tree_does(steps in prop::collection::vec((0..5_u8, 0..12_u8, any::<u16>()), 0..40)) {
            let (mut ours, mut tree) = (Sorted::default(), BTreeMap::new());
            for (what, key, value) in steps {
                match what {
                    0 => prop_assert_eq!(ours.insert(key, value), tree.insert(key, value)),
                    1 => drop((ours.remove(key), tree.remove(&key))),
                    2 => drop((ours.retain(|key, _| key != 3), tree.retain(|key, _| *key != 3))),
                    3 => prop_assert_eq!(ours.or_insert(key, value), tree.entry(key).or_insert(value)),
                    _ => {
                        ours.values_from_mut(key).for_each(|known| *known = known.wrapping_add(value));
                        tree.range_mut(key..).for_each(|(_, known)| *known = known.wrapping_add(value));
                    }
                }
                prop_assert!(ours.iter().eq(tree.iter().map(|(key, value)| (*key, value))));
                prop_assert_eq!((ours.get(key), ours.len()), (tree.get(&key), tree.len()));
                prop_assert_eq!(ours.contains(key), tree.contains_key(&key));
            }
        }
    }
}
