//! Damage that leaves lengths as they are: some of a film's fragments come damaged, once each.

mod wound;

use std::{ops::Range, sync::Mutex};

use super::anatomy::{Fragment, Spot};
pub use wound::Wound;

/// Of so many fragments one is damaged.
const SHARE: u32 = 2;

/// What is damaged by one seed.
#[derive(Debug)]
pub(super) struct Corruption(Mutex<Vec<Target>>);

/// A fragment to be damaged.
#[derive(Clone, Debug)]
struct Target {
    struck: Struck,
    at: usize,
    seed: u64,
    is_done: bool,
}

/// What was done to a fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Struck {
    pub(super) object: String,
    pub(super) span: Range<u64>,
    /// What was done.
    pub wound: Wound,
    /// To which part of it.
    pub spot: Spot,
    /// Whether the damaged bytes were asked for again: what had come of them is kept nowhere.
    pub(super) is_asked_again: bool,
}

impl Corruption {
    /// Half of the seeds leave boxes as they are, so that a decoder gets to see what is damaged; the others do not, and what takes
    /// the boxes apart fails, too.
    pub(super) fn new(fragments: &[Fragment], seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let spots = if seed.is_multiple_of(2) { &Spot::ALL[3..] } else { &Spot::ALL[..] };
        let mut targets = Vec::new();
        for fragment in fragments {
            let (spot, wound) = (random.choice(spots).copied(), random.choice(Wound::ALL));
            let (Some(spot), Some(wound), 0) = (spot, wound, random.u32(0..SHARE)) else { continue };
            let Some(at) = fragment.byte_in(spot, &mut random) else { continue };
            let struck = Struck {
                object: fragment.object.clone(),
                span: fragment.span.clone(),
                wound,
                spot,
                is_asked_again: false,
            };
            targets.push(Target { struck, at, seed: random.u64(..), is_done: false });
        }
        Self(Mutex::new(targets))
    }

    /// How many fragments are to be damaged.
    pub(super) fn planned(&self) -> usize {
        self.targets().len()
    }

    /// What has been damaged.
    pub(super) fn struck(&self) -> Vec<Struck> {
        self.targets().iter().filter(|target| target.is_done).map(|target| target.struck.clone()).collect()
    }

    /// Damages the bytes of an object from `first` on: one fragment, for what comes behind it is asked for again.
    pub(super) fn strike(&self, object: &str, first: u64, body: &mut [u8]) {
        let mut targets = self.targets();
        let answered = first..first + body.len() as u64;
        for target in targets.iter_mut().filter(|target| target.is_done && object.ends_with(&target.struck.object)) {
            target.struck.is_asked_again |= answered.contains(&(target.struck.span.start + target.at as u64));
        }
        let place = |target: &Target| {
            let Range { start, end } = target.struck.span;
            let place = usize::try_from(start.checked_sub(first)?).ok()?..usize::try_from(end - first).ok()?;
            (place.end <= body.len()).then_some(place)
        };
        let is_next = |target: &&mut Target| {
            !target.is_done && object.ends_with(&target.struck.object) && place(target).is_some()
        };
        let Some(target) = targets.iter_mut().find(is_next) else { return };
        let Some(place) = place(target) else { return };
        target.is_done = true;
        target.struck.wound.inflict(&mut body[place], target.at, &mut fastrand::Rng::with_seed(target.seed));
    }

    fn targets(&self) -> std::sync::MutexGuard<'_, Vec<Target>> {
        self.0.lock().expect("no thread panics while it holds the lock")
    }
}

#[cfg(test)]
mod tests {
    use super::super::anatomy::tests::fragment;
    use super::*;

    const OBJECT: &str = "/media/current/abc/video-1/0001.mp4";

    #[test]
    fn one_fragment_of_an_answer_is_damaged_once_and_alike_for_a_seed() {
        let fragments: Vec<_> = (0..60).map(|n| fragment(n * 166)).collect();
        let whole = vec![7; 60 * 166];
        let struck = |seed: u64| {
            let (corruption, mut answers) = (Corruption::new(&fragments, seed), Vec::new());
            for _ in 0..corruption.planned() {
                let mut body = whole.clone();
                corruption.strike(OBJECT, 0, &mut body);
                assert_ne!(body, whole);
                answers.push(body);
            }
            let mut body = whole.clone();
            corruption.strike(OBJECT, 0, &mut body);
            assert_eq!(body, whole, "once each");
            assert_eq!(corruption.struck().len(), answers.len());
            assert!(corruption.struck().iter().all(|struck| struck.is_asked_again));
            answers
        };
        assert!((20..=40).contains(&struck(1).len()), "{} fragments", struck(1).len());
        assert_eq!(struck(1), struck(1));
        assert_ne!(struck(1), struck(2));
    }

    #[test]
    fn what_does_not_come_whole_is_left() {
        let corruption = Corruption::new(&[fragment(0), fragment(166), fragment(332)], 5);
        let planned = corruption.planned();
        let whole = vec![7; 165];
        let mut body = whole.clone();
        corruption.strike(OBJECT, 1, &mut body);
        corruption.strike("/media/current/abc/audio-1/0001.mp4", 0, &mut vec![7; 498]);
        assert!(planned > 0 && body == whole && corruption.struck().is_empty(), "{planned}");
    }
}
