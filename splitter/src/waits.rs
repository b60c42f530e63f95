//! What a store is waited for, told to whoever hears how it goes: up to an hour may pass in which nothing else is.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use store::Waits;

use crate::Progress;

/// How often it is looked.
const LOOKS: Duration = Duration::from_millis(100);

/// Does `work`, and tells meanwhile what is waited for.
pub(crate) fn told<T>(waits: &Waits, progress: &dyn Progress, work: impl FnOnce() -> T) -> T {
    let (working, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut teller = Teller { waits, progress, told: None };
            while ended.recv_timeout(LOOKS) == Err(RecvTimeoutError::Timeout) {
                teller.tell();
            }
            teller.end();
        });
        let done = work();
        drop(working);
        done
    })
}

struct Teller<'a> {
    waits: &'a Waits,
    progress: &'a dyn Progress,
    told: Option<(String, u64)>,
}

impl Teller<'_> {
    /// Tells what has changed since the last time.
    fn tell(&mut self) {
        let now = self.waits.first().map(|wait| (wait.why, (wait.left.as_secs_f64().ceil() as u64).max(1)));
        if now != self.told {
            match &now {
                Some((why, seconds)) => self.progress.waiting(why, *seconds),
                None => self.progress.going_on(),
            }
            self.told = now;
        }
    }

    /// Whoever was told of a wait hears of its end.
    fn end(self) {
        if self.told.is_some() {
            self.progress.going_on();
        }
    }
}
