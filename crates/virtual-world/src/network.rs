//! Links and origins: when bytes come, and what else may happen to them.

use std::time::Duration;

use playback::{CacheMode, ContentRange, Fetch, Object, ResponseHead};

/// The longest piece that one read gives, in bytes: what browsers give.
pub const PIECE: u64 = 98_304;

/// The way between a viewer and the edge.
#[derive(Clone, Debug)]
pub struct Link {
    /// Bytes in a second, shared by all requests.
    pub rate: u64,
    /// What that is instead, again and again from the beginning: for how long, and bytes in a second. Some of them are more than none.
    pub course: Vec<(Duration, u64)>,
    /// From a request to its head.
    pub delay: Duration,
    /// The most that is added to the delay at random, by the seed.
    pub jitter: Duration,
    /// Nothing moves, and nothing breaks.
    pub pauses: Vec<(Duration, Duration)>,
    /// Every connection breaks at the first moment, and none is made up to the second.
    pub cuts: Vec<(Duration, Duration)>,
    /// Cuts of which the browser knows: `navigator.onLine` is false.
    pub offline: Vec<(Duration, Duration)>,
    free_at: Duration,
}

impl Link {
    /// A link of `rate` Mbit/s, 30 ms away.
    pub fn mbit(rate: u64) -> Self {
        Self {
            rate: rate * 125_000,
            course: Vec::new(),
            delay: Duration::from_millis(30),
            jitter: Duration::ZERO,
            pauses: Vec::new(),
            cuts: Vec::new(),
            offline: Vec::new(),
            free_at: Duration::ZERO,
        }
    }

    pub fn is_cut(&self, at: Duration) -> bool {
        self.cuts.iter().chain(&self.offline).any(|(from, to)| *from <= at && at < *to)
    }

    /// What `navigator.onLine` says, the other way round.
    pub fn is_offline(&self, at: Duration) -> bool {
        self.offline.iter().any(|(from, to)| *from <= at && at < *to)
    }

    /// Bytes that come together: those of a quarter of a second where the rate changes, so that a trickle is no silence.
    pub(crate) fn piece(&self, now: Duration) -> u64 {
        let round: Duration = self.course.iter().map(|(span, _)| *span).sum();
        let mut passed = now.max(self.free_at).as_nanos().checked_rem(round.as_nanos()).unwrap_or_default();
        let here = self.course.iter().find(|(span, _)| {
            let is_here = passed < span.as_nanos();
            passed = passed.saturating_sub(span.as_nanos());
            is_here
        });
        here.map_or(PIECE, |(_, rate)| (rate / 4).clamp(1, PIECE))
    }

    /// How long `bytes` take that begin to come then.
    fn takes(&self, begin: Duration, bytes: u64) -> Duration {
        let round: Duration = self.course.iter().map(|(span, _)| *span).sum();
        if round.is_zero() {
            return Duration::from_secs_f64(bytes as f64 / self.rate.max(1) as f64);
        }
        let mut passed = Duration::from_nanos((begin.as_nanos() % round.as_nanos()) as u64);
        let (mut left, mut takes) = (bytes as f64, Duration::ZERO);
        for (span, rate) in self.course.iter().cycle() {
            let here = span.saturating_sub(passed);
            passed = passed.saturating_sub(*span);
            let carried = here.as_secs_f64() * *rate as f64;
            if carried >= left {
                return takes + Duration::from_secs_f64(left / (*rate).max(1) as f64);
            }
            (left, takes) = (left - carried, takes + here);
        }
        takes
    }

    /// When `bytes` asked for at `now` are here; `Err` is when the connection breaks instead.
    pub fn deliver(&mut self, now: Duration, bytes: u64) -> Result<Duration, Duration> {
        let begin = now.max(self.free_at);
        let mut end = begin + self.takes(begin, bytes);
        for (from, to) in &self.pauses {
            if *from < end && begin < *to {
                end += *to - begin.max(*from);
            }
        }
        if let Some((from, _)) = self.cuts.iter().chain(&self.offline).find(|(from, to)| *from < end && now < *to) {
            return Err(now.max(*from));
        }
        self.free_at = end;
        Ok(end)
    }
}

/// One request as the origin sees it.
#[derive(Clone, Debug)]
pub struct Ask {
    /// How many requests came before.
    pub nth: usize,
    pub at: Duration,
    pub object: Object,
    pub start: u64,
    pub end: Option<u64>,
    pub cache: CacheMode,
}

/// What it answers.
#[derive(Clone, Debug)]
pub struct Answer {
    pub head: Option<ResponseHead>,
    /// First byte of the body.
    pub first: u64,
    /// How the body ends.
    pub ending: Ending,
    /// On top of the link's.
    pub delay: Duration,
    /// Bytes of the object that come damaged.
    pub damaged: Option<(u64, u64)>,
    /// How a cache on the way fills up meanwhile.
    pub filling: Option<Filling>,
}

/// The bytes of an object come into a cache one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Filling {
    /// When the first of them comes.
    pub since: Duration,
    /// Which that is.
    pub from: u64,
    /// Bytes in a second.
    pub rate: f64,
}

/// Each at a count of bytes from the body's beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// At its end.
    Whole,
    /// The connection breaks.
    Reset(u64),
    /// It ends as if it were whole.
    Short(u64),
    /// Nothing more comes.
    Silent(u64),
}

impl Answer {
    /// As RFC 9110 has it: 206 with the range that was asked for.
    pub fn good(ask: &Ask, total: u64) -> Self {
        let range = ContentRange { start: ask.start, end: ask.end.unwrap_or(total), total: Some(total) };
        let head = ResponseHead {
            status: 206,
            content_range: Some(range),
            content_length: Some(range.end - range.start),
            etag: Some(format!("\"{:?}\"", ask.object)),
            ..ResponseHead::default()
        };
        Self { first: ask.start, ending: Ending::Whole, ..Self::new(Some(head)) }
    }

    fn new(head: Option<ResponseHead>) -> Self {
        Self { head, first: 0, ending: Ending::Short(0), delay: Duration::ZERO, damaged: None, filling: None }
    }

    /// 200 from a server that knows no ranges.
    pub fn whole(ask: &Ask, total: u64) -> Self {
        let mut answer = Self::good(ask, total);
        let head = answer.head.as_mut().expect("it has one");
        (head.status, head.content_range, head.content_length) = (200, None, Some(total));
        answer.first = 0;
        answer
    }

    pub fn status(status: u16) -> Self {
        let head = ResponseHead { status, ..ResponseHead::default() };
        Self::new(Some(head))
    }

    /// No connection.
    pub fn refused() -> Self {
        Self::new(None).ending(Ending::Reset(0))
    }

    /// A connection, and nothing more.
    pub fn mute() -> Self {
        Self::new(None).ending(Ending::Silent(0))
    }

    pub fn ending(self, ending: Ending) -> Self {
        Self { ending, ..self }
    }

    /// When the body's first `count` bytes are in the cache on the way.
    pub fn filled_at(&self, count: u64) -> Duration {
        let Some(Filling { since, from, rate }) = self.filling else { return Duration::ZERO };
        since + Duration::from_secs_f64((self.first + count).saturating_sub(from) as f64 / rate.max(1.0))
    }

    /// With those bytes of the object damaged.
    pub fn damaged(self, from: u64, to: u64) -> Self {
        Self { damaged: Some((from, to)), ..self }
    }
}

/// What an origin does with a request for an object of that length.
pub type Origin = Box<dyn FnMut(&Ask, u64) -> Answer>;

/// A request under way.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) fetch: Fetch,
    pub(crate) answer: Answer,
    pub(crate) asked_at: Duration,
    /// Bytes of the body that were given out.
    pub(crate) given: u64,
    /// Length of the body that the head promises.
    pub(crate) length: u64,
    pub(crate) has_head: bool,
    pub(crate) is_reading: bool,
}
