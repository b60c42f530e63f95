//! Damage of every kind that leaves a length as it is: each block of each object once, in the first answer that has it.

use std::{collections::BTreeSet, sync::Mutex};

/// Bytes in a block, about as many as a fragment has.
const BLOCK: u64 = 40_000;

/// What is damaged by one seed.
#[derive(Debug)]
pub(super) struct Corruption {
    seed: u64,
    done: Mutex<BTreeSet<(String, u64)>>,
}

impl Corruption {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, done: Mutex::default() }
    }

    /// How many blocks have been damaged.
    pub(super) fn count(&self) -> usize {
        self.done.lock().expect("no thread panics while it holds the lock").len()
    }

    /// Damages the bytes of an object from `first` on.
    pub(super) fn strike(&self, object: &str, first: u64, body: &mut [u8]) {
        let mut done = self.done.lock().expect("no thread panics while it holds the lock");
        let end = first + body.len() as u64;
        for block in first / BLOCK..end.div_ceil(BLOCK) {
            let name =
                object.bytes().fold(self.seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
            let mut random = fastrand::Rng::with_seed(name ^ block);
            let at = block * BLOCK + random.u64(0..BLOCK);
            // One block is damaged for every answer, or for none.
            let Some(place) = at.checked_sub(first).and_then(|at| usize::try_from(at).ok()) else { continue };
            if place < body.len() && done.insert((object.to_owned(), block)) {
                damage(body, place, &mut random);
            }
        }
    }
}

/// A bit, noise, zeros, or bytes from a little further back: what links, memories and disks do.
fn damage(body: &mut [u8], at: usize, random: &mut fastrand::Rng) {
    let length = 1 << random.u32(0..12);
    let end = (at + length).min(body.len());
    let before = body[at..end].to_vec();
    match random.u32(0..4) {
        1 => body[at..end].iter_mut().for_each(|byte| *byte = random.u8(..)),
        2 => body[at..end].fill(0),
        3 if at >= 188 => body.copy_within(at - 188..end - 188, at),
        _ => {}
    }
    if body[at..end] == before {
        body[at] ^= 1 << random.u32(0..8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_is_damaged_in_its_first_answer_alone_and_alike_for_a_seed() {
        let whole = vec![7; 100_000];
        let struck = |seed: u64| {
            let (corruption, mut body) = (Corruption::new(seed), whole.clone());
            corruption.strike("a", 0, &mut body);
            let mut again = whole.clone();
            corruption.strike("a", 0, &mut again);
            assert_eq!(again, whole, "once each");
            (corruption.count(), body)
        };
        let (count, body) = struck(1);
        assert!((2..=3).contains(&count) && body != whole, "{count} blocks");
        assert_eq!(struck(1).1, body);
        assert_ne!(struck(2).1, body);
    }
}
