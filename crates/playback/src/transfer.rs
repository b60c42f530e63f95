//! The life of a request, whatever it is for: it is opened, answered, read and ends; it is given up when it is silent; it
//! breaks, and is asked for again a limited number of times.
//!
//! What to ask for and what to make of the bytes is up to whoever holds the transfer: [`crate::feed`] for media,
//! [`crate::checks`] for fragment tables, [`crate::survey`] for the beginnings of chunks.

use std::ops::Range;
use std::time::Duration;

use crate::effects::Effects;
use crate::exchange::Exchange;
use crate::output::{CacheMode, Fetch, Object, Output};
use crate::retry::{Retry, may_retry};
use crate::situation::Situation;
use crate::{Answer, Attempt, Failure, Now, Piece, RequestId};

/// Requests for one purpose, one at a time.
#[derive(Debug, Default)]
pub(crate) struct Transfer {
    exchange: Option<Exchange>,
    pub(crate) retry: Retry,
}

/// What is to be asked for.
pub(crate) struct Ask {
    pub(crate) object: Object,
    /// Which bytes of the object.
    pub(crate) span: Range<u64>,
    /// The object's length.
    pub(crate) total: u64,
    pub(crate) cache: CacheMode,
    pub(crate) urgent: bool,
}

/// What an answer comes to.
#[derive(Debug)]
pub(crate) enum Step {
    /// It is for what was asked.
    Head,
    /// Bytes of it have come.
    Bytes(Piece),
    /// All of it has come.
    End,
    /// It is over before its end.
    Broken(Failure),
}

/// What follows a failure.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It may be asked for again.
    Again {
        /// Time to wait before.
        after: Duration,
    },
    /// The browser says that there is no network: no fault of the server's. It is tried again when the browser says that there
    /// is one, and now and then before, for browsers err.
    Offline,
    /// It has failed too often.
    Spent { history: Vec<Attempt> },
    /// It would fail again.
    Refused,
}

impl Transfer {
    pub(crate) fn owns(&self, request: RequestId) -> bool {
        self.exchange.as_ref().is_some_and(|exchange| exchange.request == request)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.exchange.is_some()
    }

    /// The request under way.
    pub(crate) fn exchange(&self) -> Option<&Exchange> {
        self.exchange.as_ref()
    }

    /// Whether a request may be sent now.
    pub(crate) fn may_open(&self, at: &Situation, effects: &Effects) -> bool {
        !self.is_open() && !at.on_hold && effects.may_ask() && self.retry.is_due(at.now)
    }

    pub(crate) fn open(&mut self, now: Now, ask: Ask, effects: &mut Effects) {
        let Ask { object, span, total, cache, urgent } = ask;
        let request = effects.next_request();
        effects.statistics.requests += 1;
        let (start, end) = (span.start, (span.end < total).then_some(span.end));
        self.exchange = Some(Exchange::new(now, request, span, total));
        effects.push(Output::Fetch(Fetch { request, object, start, end, cache, urgent }));
    }

    /// Takes the next piece of the body, of at least `least` bytes; `until` is where something ends that is used in one.
    pub(crate) fn read(&mut self, now: Now, until: Option<u64>, least: u64, effects: &mut Effects) {
        if let Some(exchange) = &mut self.exchange {
            exchange.read(now);
            effects.push(Output::Read { request: exchange.request, until, least });
        }
    }

    /// Reads whatever comes as soon as it comes.
    pub(crate) fn read_on(&mut self, now: Now, effects: &mut Effects) {
        if self.exchange.as_ref().is_some_and(Exchange::is_unread) {
            self.read(now, None, 1, effects);
        }
    }

    /// Takes note of an answer; `etag` is what earlier bytes of the same object came with. `None` when nothing is under way.
    pub(crate) fn handle(
        &mut self,
        now: Now,
        answer: &Answer,
        etag: Option<&str>,
        effects: &mut Effects,
    ) -> Option<Step> {
        let exchange = self.exchange.as_mut()?;
        let step = match answer {
            Answer::Head(head) => exchange.head(now, head, etag).map(|()| Step::Head),
            Answer::Bytes(count) => exchange.bytes(now, *count).map(Step::Bytes),
            Answer::End => {
                let ended = exchange.end();
                self.exchange = None;
                ended.map(|()| Step::End)
            }
            // What breaks after its last byte has done its work.
            Answer::Failed(failure) => {
                let is_done = exchange.is_done();
                self.exchange = None;
                if is_done { Ok(Step::End) } else { Err(failure.clone()) }
            }
        };
        Some(step.unwrap_or_else(|failure| {
            self.abort(effects);
            Step::Broken(failure)
        }))
    }

    /// Gives up what has been silent for too long, and says so.
    pub(crate) fn give_up_if_silent(&mut self, at: &Situation, effects: &mut Effects) -> Option<Failure> {
        let is_silent = self.exchange.as_ref()?.is_silent(at.now, &at.options);
        (is_silent && self.abort(effects)).then_some(Failure::Silence)
    }

    /// Gives up what is under way, if anything is.
    pub(crate) fn abort(&mut self, effects: &mut Effects) -> bool {
        let Some(exchange) = self.exchange.take() else { return false };
        effects.push(Output::Abort { request: exchange.request });
        true
    }

    /// Judges a failure at byte `offset`.
    pub(crate) fn fail(
        &mut self,
        at: &Situation,
        offset: u64,
        failure: &Failure,
        jitter: &mut fastrand::Rng,
        effects: &mut Effects,
    ) -> Verdict {
        if !may_retry(failure) {
            return Verdict::Refused;
        }
        effects.statistics.retries += 1;
        if !at.online {
            self.retry.wait_until(at.now + at.options.longest_backoff);
            return Verdict::Offline;
        }
        match self.retry.failed(at.now, &at.options, jitter, offset, failure.clone()) {
            Ok(after) => Verdict::Again { after },
            Err(history) => Verdict::Spent { history },
        }
    }

    /// When the request under way has been silent for too long.
    pub(crate) fn silent_at(&self, at: &Situation) -> Option<Now> {
        self.exchange.as_ref()?.deadline(at.options.silence)
    }

    /// When the next request may be sent, if it has to wait.
    pub(crate) fn retry_at(&self, now: Now) -> Option<Now> {
        self.retry.not_before().filter(|at| !self.is_open() && *at > now)
    }
}
