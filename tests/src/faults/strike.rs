//! Which requests of a scenario are struck, and where.

use std::{
    ops::Range,
    sync::Mutex,
    time::{Duration, Instant},
};

use super::fault::Fault;

/// Where a fault strikes, how often and for how long.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) fault: Fault,
    /// What the object's path ends with.
    pub(super) object: String,
    /// The first byte of it that is struck.
    pub(super) offset: u64,
    /// How many bytes come before a body is struck.
    pub(super) grace: u64,
    pub(super) times: Option<usize>,
    pub(super) lasts: Option<Duration>,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Doom {
    Pass,
    /// It is answered up to there, so that the next one begins where a head is to be struck.
    Cut(usize),
    /// The fault strikes that byte of the body, or the head.
    Strike(usize),
    /// It is answered with the tag of another object.
    OtherTag,
    /// Nobody is there.
    Refuse,
}

/// A script, and how far it has got.
#[derive(Debug)]
pub(super) struct Strikes {
    pub(super) script: Script,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    hits: usize,
    begun: Option<Instant>,
    /// The byte of the object that was struck first.
    struck: Option<u64>,
    has_cut: bool,
    is_healed: bool,
}

impl Strikes {
    pub(super) fn new(script: Script) -> Self {
        Self { script, state: Mutex::default() }
    }

    /// The fault is over.
    pub(super) fn heal(&self) {
        self.state().is_healed = true;
    }

    /// Whether it has struck.
    pub(super) fn has_begun(&self) -> bool {
        self.state().begun.is_some()
    }

    /// Whether nobody is there now.
    pub(super) fn is_away(&self) -> bool {
        let state = self.state();
        matches!(self.script.fault, Fault::Away | Fault::Asleep) && state.begun.is_some() && self.lasts(&state)
    }

    /// Bytes in a second, where the whole line is slow now.
    pub(super) fn pace(&self) -> Option<u32> {
        let rate = match self.script.fault {
            Fault::Throttled { rate } => rate,
            Fault::Corrupt { rate } => return rate,
            _ => return None,
        };
        let state = self.state();
        (state.begun.is_some() && self.lasts(&state)).then_some(rate)
    }

    /// Judges a request for those bytes of an object.
    pub(super) fn judge(&self, path: &str, asked: &Range<u64>) -> Doom {
        if self.is_away() {
            return Doom::Refuse;
        }
        let script = &self.script;
        let object = path.split('?').next().unwrap_or_default();
        let is_hit =
            if script.fault.is_corruption() { object.ends_with(".mp4") } else { object.ends_with(&script.object) };
        if !is_hit {
            return Doom::Pass;
        }
        let mut state = self.state();
        if script.fault.is_corruption() {
            state.begun.get_or_insert_with(Instant::now);
            return Doom::Strike(0);
        }
        let is_over = !self.lasts(&state) || script.times.is_some_and(|times| state.hits >= times);
        if is_over {
            let is_other = script.fault == Fault::OtherTag && !state.is_healed;
            return if is_other { Doom::OtherTag } else { Doom::Pass };
        }
        let from = script.offset.max(asked.start);
        let at = match (&script.fault, state.struck) {
            // The same byte each time.
            (Fault::Flip, Some(struck)) => struck,
            (fault, _) if fault.is_of_body() => from + script.grace,
            _ => from,
        };
        if !asked.contains(&at) {
            return Doom::Pass;
        }
        let index = usize::try_from(at - asked.start).unwrap_or(usize::MAX);
        if !script.fault.is_of_body() && index > 0 && !state.has_cut {
            state.has_cut = true;
            return Doom::Cut(index);
        }
        state.hits += 1;
        state.begun.get_or_insert_with(Instant::now);
        state.struck.get_or_insert(at);
        Doom::Strike(index)
    }

    fn lasts(&self, state: &State) -> bool {
        let is_late = self.script.lasts.zip(state.begun).is_some_and(|(lasts, begun)| begun.elapsed() >= lasts);
        !state.is_healed && !is_late
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds the lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/media/current/abc/video-1/0003.mp4?again=1";

    fn strikes(fault: Fault, offset: u64, times: usize) -> Strikes {
        let object = "video-1/0003.mp4".to_owned();
        Strikes::new(Script { fault, object, offset, grace: 5, times: Some(times), lasts: None })
    }

    #[test]
    fn a_body_is_struck_behind_its_grace_as_often_as_is_said() {
        let strikes = strikes(Fault::Reset, 50, 2);
        assert_eq!(strikes.judge("/media/current/abc/video-1/0002.mp4", &(0..100)), Doom::Pass);
        assert_eq!(strikes.judge(PATH, &(0..40)), Doom::Pass, "it does not come so far");
        assert_eq!(strikes.judge(PATH, &(0..100)), Doom::Strike(55));
        assert_eq!(strikes.judge(PATH, &(55..100)), Doom::Strike(5));
        assert_eq!(strikes.judge(PATH, &(60..100)), Doom::Pass);
    }

    #[test]
    fn a_head_in_the_middle_is_struck_once_the_answer_before_it_has_ended_there() {
        let strikes = strikes(Fault::Page, 50, 1);
        assert_eq!(strikes.judge(PATH, &(0..100)), Doom::Cut(50));
        assert_eq!(strikes.judge(PATH, &(50..100)), Doom::Strike(0));
        assert_eq!(strikes.judge(PATH, &(50..100)), Doom::Pass);
    }

    #[test]
    fn the_same_byte_is_damaged_each_time_until_it_is_healed() {
        let strikes = Strikes::new(Script { times: None, ..strikes(Fault::Flip, 0, 0).script });
        assert_eq!(strikes.judge(PATH, &(20..100)), Doom::Strike(5));
        assert_eq!(strikes.judge(PATH, &(0..100)), Doom::Strike(25));
        strikes.heal();
        assert_eq!(strikes.judge(PATH, &(0..100)), Doom::Pass);
    }

    #[test]
    fn who_is_away_is_away_for_all() {
        let away = strikes(Fault::Away, 0, 1);
        assert!(!away.is_away());
        assert_eq!(away.judge(PATH, &(0..100)), Doom::Strike(5));
        assert_eq!(away.judge("/anything", &(0..100)), Doom::Refuse);
        away.heal();
        assert_eq!(away.judge("/anything", &(0..100)), Doom::Pass);
    }
}
