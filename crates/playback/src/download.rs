//! A small object that is fetched whole, a manifest, an init or subtitles, with the patience that chunks are fetched with.
//!
//! It contains no clock, no I/O and no bytes. The grammar: [`Download::poll`] with the time until it answers
//! [`Errand::Wait`], then [`Download::handle_answer`] with what has come of the request, or the time again.

use std::time::Duration;

use crate::retry::{Retry, may_retry, probe_wait};
use crate::{Answer, Attempt, Failure, Now, Options};

/// The life of one object's requests, one at a time.
#[derive(Debug)]
pub struct Download {
    options: Options,
    jitter: fastrand::Rng,
    /// The object's length, where it is known.
    expected: Option<u64>,
    /// The most bytes that are read.
    limit: u64,
    retry: Retry,
    state: State,
    trouble: Option<Trouble>,
}

#[derive(Debug)]
enum State {
    /// Nothing is asked, and it is to be asked.
    Idle,
    /// A head or bytes are awaited since then; `received` bytes have come.
    Open {
        since: Now,
        received: u64,
    },
    Done,
    Over(Failure, Vec<Attempt>),
}

/// What the shell does next.
#[derive(Debug, PartialEq)]
pub enum Errand {
    /// Ask for the object. One that was asked for before is given up.
    Send,
    /// Wait for an answer, if a request is under way, at most until then.
    Wait(Now),
    /// Tell of it.
    Tell(Trouble),
    /// All of it has come.
    Done,
    /// It cannot be had: nothing more will be asked.
    Over {
        /// The last failure.
        failure: Failure,
        /// All of them, the oldest first, where it has failed too often.
        history: Vec<Attempt>,
    },
}

/// What has gone wrong, while the object is still to be had.
#[derive(Debug, PartialEq)]
pub enum Trouble {
    /// A request failed and is sent again.
    Again {
        /// How it failed.
        failure: Failure,
        /// When it is sent again.
        after: Duration,
    },
    /// It has failed too often. It is asked for now and then all the same, if [`Options::keep_trying`] says so.
    Spent {
        /// The last failure.
        failure: Failure,
        /// All of them, the oldest first.
        history: Vec<Attempt>,
    },
}

impl Download {
    /// Of an object of `expected` bytes, if that is known, and of no more than `limit`.
    #[must_use]
    pub fn new(options: Options, expected: Option<u64>, limit: u64) -> Self {
        let jitter = fastrand::Rng::with_seed(options.seed);
        let (retry, state) = (Retry::default(), State::Idle);
        Self { options, jitter, expected, limit, retry, state, trouble: None }
    }

    /// Whether a request is under way.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// What to do next.
    pub fn poll(&mut self, now: Now) -> Errand {
        if let State::Open { since, .. } = self.state
            && since + self.options.silence <= now
        {
            self.fail(now, Failure::Silence);
        }
        if let Some(trouble) = self.trouble.take() {
            return Errand::Tell(trouble);
        }
        match &self.state {
            State::Idle => match self.retry.not_before().filter(|at| *at > now) {
                Some(until) => Errand::Wait(until),
                None => {
                    self.state = State::Open { since: now, received: 0 };
                    Errand::Send
                }
            },
            State::Open { since, .. } => Errand::Wait(*since + self.options.silence),
            State::Done => Errand::Done,
            State::Over(failure, history) => Errand::Over { failure: failure.clone(), history: history.clone() },
        }
    }

    /// Takes note of an answer to the request under way. What comes after that is over is ignored.
    pub fn handle_answer(&mut self, now: Now, answer: &Answer) {
        let State::Open { since, received } = &mut self.state else { return };
        *since = now;
        let (expected, limit) = (self.expected, self.limit);
        let outcome = match answer {
            Answer::Head(head) => match head.status {
                200..=299 if head.content_length.is_some_and(|bytes| bytes > limit) => Err(Failure::TooLarge { limit }),
                // A length that is that of another coding (RFC 9110 section 8.4) says nothing.
                200..=299 => match (expected.map(|total| head.check_whole(total)), head.page_type()) {
                    (Some(Err(wrong)), Some(_)) => Err(wrong),
                    _ => Ok(false),
                },
                status => Err(Failure::Status { status, retry_after: head.retry_after }),
            },
            Answer::Bytes(count) => {
                *received = received.saturating_add(*count);
                if *received > limit { Err(Failure::TooLarge { limit }) } else { Ok(false) }
            }
            Answer::End => match (*received, expected) {
                (found, Some(expected)) if found != expected => Err(Failure::WrongTotal { found, expected }),
                _ => Ok(true),
            },
            Answer::Failed(failure) => Err(failure.clone()),
        };
        match outcome {
            Ok(true) => self.state = State::Done,
            Ok(false) => {}
            Err(failure) => self.fail(now, failure),
        }
    }

    /// Asks at once where a failure is waited out: somebody says so, or the network is said to be back.
    pub fn hurry(&mut self) {
        self.retry.hurry();
    }

    fn fail(&mut self, now: Now, failure: Failure) {
        self.state = State::Idle;
        if !may_retry(&failure) {
            self.state = State::Over(failure, Vec::new());
            return;
        }
        let was_spent = self.retry.is_spent();
        match self.retry.failed(now, &self.options, &mut self.jitter, 0, failure.clone()) {
            Ok(after) => self.trouble = Some(Trouble::Again { failure, after }),
            Err(history) if self.options.keep_trying => {
                self.retry.wait_until(now + probe_wait(&mut self.jitter));
                self.trouble = (!was_spent).then_some(Trouble::Spent { failure, history });
            }
            Err(history) => self.state = State::Over(failure, history),
        }
    }
}

#[cfg(test)]
mod tests;
