//! One request and its answer: is this what was asked for, and does it still flow?

use std::ops::Range;
use std::time::Duration;

use crate::{Body, Failure, Now, Options, Piece, RequestId, ResponseHead};

/// A request for some bytes of an object.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) request: RequestId,
    /// The bytes that were asked for.
    asked: Range<u64>,
    /// The object's length.
    total: u64,
    begun: Now,
    state: State,
}

#[derive(Debug)]
enum State {
    Connecting { since: Now },
    Open { body: Body, end: u64, reading: bool, last: Now },
}

impl Exchange {
    pub(crate) fn new(now: Now, request: RequestId, asked: Range<u64>, total: u64) -> Self {
        Self { request, asked, total, begun: now, state: State::Connecting { since: now } }
    }

    /// Checks the head against what was asked for. `etag` is what earlier bytes of the same object came with.
    pub(crate) fn head(&mut self, now: Now, head: &ResponseHead, etag: Option<&str>) -> Result<(), Failure> {
        if etag.zip(head.etag.as_deref()).is_some_and(|(before, after)| before != after) {
            return Err(Failure::Changed);
        }
        let end = match (head.status, head.content_range) {
            (206, Some(range)) => {
                if let Some(found) = range.total.filter(|found| *found != self.total) {
                    return Err(Failure::WrongTotal { found, expected: self.total });
                }
                if range.start != self.asked.start || range.end > self.asked.end {
                    return Err(Failure::WrongRange);
                }
                range.end
            }
            // RFC 9110 section 14.2: a server may ignore Range. What was not asked for is passed over as it comes.
            (200, _) => {
                head.check_whole(self.total)?;
                self.total
            }
            (206, None) => return Err(Failure::WrongRange),
            (status, _) => return Err(Failure::Status { status, retry_after: head.retry_after }),
        };
        let body = Body::new(self.asked.start, head.first_byte());
        self.state = State::Open { body, end, reading: false, last: now };
        Ok(())
    }

    /// Takes note of a piece of the body.
    pub(crate) fn bytes(&mut self, now: Now, count: u64) -> Result<Piece, Failure> {
        let State::Open { body, end, reading, last } = &mut self.state else { return Err(Failure::WrongRange) };
        *reading = false;
        let (mut later, end) = (*body, *end);
        let piece = later.take(count);
        if later.next() > end {
            return Err(Failure::WrongRange);
        }
        (*body, *last) = (later, now);
        Ok(piece)
    }

    /// The body has ended: was that all that its head promised?
    pub(crate) fn end(&self) -> Result<(), Failure> {
        match self.state {
            State::Open { body, end, .. } if body.next() < end => {
                Err(Failure::Truncated { missing: end - body.next() })
            }
            State::Open { .. } => Ok(()),
            State::Connecting { .. } => Err(Failure::Network),
        }
    }

    /// How many of the bytes that its head promised have not come; 0 without a head.
    pub(crate) fn left(&self) -> u64 {
        match self.state {
            State::Open { body, end, .. } => end.saturating_sub(body.next()),
            State::Connecting { .. } => 0,
        }
    }

    /// Whether all that its head promised has come, and only the end is left to be read.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.state, State::Open { .. }) && self.left() == 0
    }

    /// Whether a body is there that nobody reads.
    pub(crate) fn is_unread(&self) -> bool {
        matches!(self.state, State::Open { reading: false, .. })
    }

    /// When it was sent.
    pub(crate) fn begun(&self) -> Now {
        self.begun
    }

    /// Whether a piece is awaited.
    pub(crate) fn is_reading(&self) -> bool {
        matches!(self.state, State::Open { reading: true, .. })
    }

    /// Since when nobody has read it.
    pub(crate) fn unread_since(&self) -> Option<Now> {
        match self.state {
            State::Open { reading: false, last, .. } => Some(last),
            _ => None,
        }
    }

    /// A read is under way from now on.
    pub(crate) fn read(&mut self, now: Now) {
        if let State::Open { reading, last, .. } = &mut self.state {
            (*reading, *last) = (true, now);
        }
    }

    /// When its silence becomes a failure; a body that nobody reads may be silent.
    pub(crate) fn deadline(&self, silence: Duration) -> Option<Now> {
        match self.state {
            State::Connecting { since } => Some(since + silence),
            State::Open { reading: true, last, .. } => Some(last + silence),
            State::Open { .. } => None,
        }
    }

    /// Whether it has been silent for too long.
    pub(crate) fn is_silent(&self, now: Now, options: &Options) -> bool {
        self.deadline(options.silence).is_some_and(|at| at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ContentRange;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn asked(offset: u64) -> Exchange {
        Exchange::new(Now::default(), RequestId(1), offset..100, 100)
    }

    fn partial(start: u64, end: u64, total: u64) -> ResponseHead {
        let content_range = Some(ContentRange { start, end, total: Some(total) });
        ResponseHead { status: 206, content_range, ..ResponseHead::default() }
    }

    #[test]
    fn the_range_that_was_asked_for_is_read_to_its_end() {
        let mut exchange = asked(40);
        exchange.head(Now::default(), &partial(40, 100, 100), None).expect("as asked");
        assert_eq!(exchange.bytes(Now::default(), 50), Ok(Piece { reached: 90, useful: 50 }));
        assert_eq!(exchange.end(), Err(Failure::Truncated { missing: 10 }));
        assert_eq!(exchange.bytes(Now::default(), 10), Ok(Piece { reached: 100, useful: 10 }));
        assert_eq!(exchange.end(), Ok(()));
        assert!(exchange.bytes(Now::default(), 1).is_err());
    }

    #[test]
    fn a_server_without_ranges_is_read_past_what_was_not_asked_for() {
        let mut exchange = asked(40);
        let head = ResponseHead { status: 200, content_length: Some(100), ..ResponseHead::default() };
        exchange.head(Now::default(), &head, None).expect("allowed");
        assert_eq!(exchange.bytes(Now::default(), 30), Ok(Piece { reached: 40, useful: 0 }));
        assert_eq!(exchange.bytes(Now::default(), 30), Ok(Piece { reached: 60, useful: 20 }));
    }

    #[test]
    fn what_was_not_asked_for_is_refused() {
        let head = |head: ResponseHead| asked(40).head(Now::default(), &head, Some("\"a\""));
        assert_eq!(head(partial(0, 100, 100)), Err(Failure::WrongRange));
        let mut bounded = Exchange::new(Now::default(), RequestId(1), 40..60, 100);
        assert_eq!(bounded.head(Now::default(), &partial(40, 100, 100), None), Err(Failure::WrongRange));
        assert_eq!(head(partial(40, 90, 90)), Err(Failure::WrongTotal { found: 90, expected: 100 }));
        assert_eq!(head(ResponseHead { status: 206, ..ResponseHead::default() }), Err(Failure::WrongRange));
        let page = |content_length| ResponseHead {
            status: 200,
            content_length,
            content_type: Some("text/html; charset=utf-8".into()),
            ..ResponseHead::default()
        };
        let wrong_type = || Err(Failure::WrongType { found: "text/html; charset=utf-8".into() });
        assert_eq!((head(page(Some(14))), head(page(None))), (wrong_type(), wrong_type()));
        assert_eq!(head(page(Some(100))), Ok(()), "a server may know nothing of types");
        let changed = ResponseHead { etag: Some("\"b\"".into()), ..partial(40, 100, 100) };
        assert_eq!(head(changed), Err(Failure::Changed));
        let gone = ResponseHead { status: 404, ..ResponseHead::default() };
        assert_eq!(head(gone), Err(Failure::Status { status: 404, retry_after: None }));
    }

    #[test]
    fn silence_counts_only_while_something_is_awaited() {
        let at = |seconds| Now::since_zero(Duration::from_secs(seconds));
        let mut exchange = asked(0);
        assert!(!exchange.is_silent(at(9), &Options::default()) && exchange.is_silent(at(10), &Options::default()));
        exchange.head(at(9), &partial(0, 100, 100), None).expect("as asked");
        assert!(!exchange.is_silent(at(60), &Options::default()), "nobody reads");
        exchange.read(at(60));
        assert!(!exchange.is_silent(at(69), &Options::default()) && exchange.is_silent(at(70), &Options::default()));
    }
}
