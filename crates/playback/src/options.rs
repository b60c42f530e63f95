//! Every policy's numbers, with their defaults.

use std::time::Duration;

use manifest::MediaTime;

/// What may be set. The number behind each colon is its default, which [`Options::default`] gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Length of the film to fetch ahead of the playhead: 30 s. Of a film of several rungs it is a third more.
    pub ahead: MediaTime,
    /// Length of the film to fetch ahead at first over a link that carries it three times: 10 s. The goal is
    /// `min(ahead_at_first, low + 2 · watched) + watched / 6`, up to [`Self::ahead`], where `watched` counts from the start or from
    /// the last seek to where nothing was buffered (`Player::pacing_limit`). Set it to [`Self::ahead`] or more to have the goal be
    /// [`Self::ahead`] at once.
    pub ahead_at_first: MediaTime,
    /// The same after a seek of [`crate::SeekOrigin::Party`] to where nothing was buffered: 20 s. Nobody of a party leaves by
    /// themselves, and one who stalls keeps all the others waiting.
    pub ahead_at_first_in_party: MediaTime,
    /// The most bytes of a stream to fetch ahead of the playhead: 60 MB.
    pub ahead_bytes: u64,
    /// Length of the film to keep behind the playhead: 30 s. Whole groups further back are removed, once they make up 5 s.
    pub behind: MediaTime,
    /// Film ahead below which pieces are appended as they arrive: 5 s.
    pub low: MediaTime,
    /// The least bytes in one append while more than [`Self::low`] is ahead, unless no more are coming: 512 KiB.
    pub append_bytes: u64,
    /// The most bytes in one append: 1 MiB, which costs the main thread under a millisecond.
    pub largest_append: u64,
    /// The most bytes of a stream that are received and not yet both appended and checked: 4 MiB, or one fragment where that is
    /// longer.
    pub pending_bytes: u64,
    /// Part of the goal that must be free before the next request is opened: 10 s, or a third of the goal where that is less.
    pub reopen: MediaTime,
    /// Time after which a response that nobody reads is given up, to be resumed by Range: 20 s.
    pub idle: Duration,
    /// Time without a head or a byte after which a request has failed: 10 s. There is no limit on a whole download.
    pub silence: Duration,
    /// Wait before the first retry: 250 ms, doubled each time.
    pub backoff: Duration,
    /// The longest wait before a retry: 8 s.
    pub longest_backoff: Duration,
    /// Failures in a row, with less than 64 KiB between them, until a fatal error: 8.
    pub attempts: u32,
    /// Whether a film that has failed because of the network is tried again by itself, every quarter of a minute or so, for as
    /// long as it is loaded: yes.
    pub keep_trying: bool,
    /// Whether fragments are held against their digests: where that is possible.
    pub integrity: Integrity,
    /// Time between two looks for a new cut of the film; `None`, which is the default, for no looks.
    pub poll: Option<Duration>,
    /// Throughput assumed before anything has been measured, in bits per second: 5 Mbit/s.
    pub bandwidth: u64,
    /// Film that still plays in the old language once another audio stream is selected, so that neither sound nor picture has to
    /// wait for the new one: 2 s.
    pub handover: MediaTime,
    /// The longest gap in the buffer that is stepped over at once: 0.5 s. Longer ones wait for [`Options::nudge`].
    pub hole: MediaTime,
    /// Time after which a playhead that stands still with data before it is nudged: 1 s.
    pub nudge: Duration,
    /// Time without another seek after which one has come to rest: 0.5 s. Whoever scrubs seeks more often.
    pub seek_rest: Duration,
    /// Seed of the jitter of retries: 0. Each viewer should have another, so that those who fail together do not retry together.
    pub seed: u64,
}

/// Whether fragments are held against their digests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Integrity {
    /// Not at all.
    Off,
    /// Where digests are to be had. With little buffered, bytes are shown while their fragment is still on its way, and a
    /// bad one is removed when that shows; with plenty, only checked fragments are appended.
    #[default]
    Preferred,
    /// Nothing is appended that has not been checked. What cannot be checked is a fatal error.
    Required,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ahead: MediaTime::from_millis(30_000),
            ahead_at_first: MediaTime::from_millis(10_000),
            ahead_at_first_in_party: MediaTime::from_millis(20_000),
            ahead_bytes: 60_000_000,
            behind: MediaTime::from_millis(30_000),
            low: MediaTime::from_millis(5_000),
            append_bytes: 512 << 10,
            largest_append: 1 << 20,
            pending_bytes: 4 << 20,
            reopen: MediaTime::from_millis(10_000),
            idle: Duration::from_secs(20),
            silence: Duration::from_secs(10),
            backoff: Duration::from_millis(250),
            longest_backoff: Duration::from_secs(8),
            attempts: 8,
            keep_trying: true,
            integrity: Integrity::default(),
            poll: None,
            bandwidth: 5_000_000,
            handover: MediaTime::from_millis(2_000),
            hole: MediaTime::from_millis(500),
            nudge: Duration::from_secs(1),
            seek_rest: Duration::from_millis(500),
            seed: 0,
        }
    }
}
