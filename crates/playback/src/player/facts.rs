//! What can be read of the engine at any time.

use std::time::Duration;

use manifest::{ChunkIndex, MediaTime};

use super::Player;
use crate::readiness::{self, Readiness};
use crate::statistics::Statistics;
use crate::throughput::Bandwidth;
use crate::track::Track;
use crate::{Activity, BufferId, InitId, StreamId, Wait};

impl Player {
    /// How far every stream is buffered without a break from `time` on.
    #[must_use]
    pub fn buffered_until(&self, time: MediaTime) -> MediaTime {
        let end = readiness::buffered_until(&self.tracks, time);
        if end == MediaTime::MAX { self.media.duration.unwrap_or(time) } else { end }
    }

    /// When the film can be shown at `time`.
    #[must_use]
    pub fn ready_at(&self, time: MediaTime) -> Readiness {
        readiness::ready_at(&self.tracks, time, &self.network.throughput, self.options.bandwidth)
    }

    /// Where playback will stand still, at the rate at which bytes come; `None` where it will not.
    #[must_use]
    pub fn stalls_at(&self) -> Option<MediaTime> {
        self.forecast.expected()
    }

    /// How fast bytes come while they are awaited.
    #[must_use]
    pub fn bandwidth(&self) -> Bandwidth {
        self.network.throughput.estimate(self.options.bandwidth)
    }

    /// How long an answer takes to begin, lately; `None` before the first.
    #[must_use]
    pub fn latency(&self) -> Option<Duration> {
        self.network.throughput.latency()
    }

    /// Everything that has been counted.
    #[must_use]
    pub fn statistics(&self) -> &Statistics {
        &self.effects.statistics
    }

    /// The streams that play.
    pub fn playing(&self) -> impl Iterator<Item = StreamId> {
        self.tracks.iter().map(|track| track.feed.id)
    }

    /// The SourceBuffer that a stream is appended to, if it plays.
    #[must_use]
    pub fn buffer_of(&self, stream: StreamId) -> Option<BufferId> {
        self.tracks.iter().find(|track| track.feed.id == stream).map(|track| track.sink.id)
    }

    /// The init that media of a chunk need, as far as is known: its own, or else that of the chunk before it.
    #[must_use]
    pub fn init_of(&self, stream: StreamId, chunk: ChunkIndex) -> InitId {
        let track = self.tracks.iter().find(|track| track.feed.id == stream);
        track.map_or(InitId(0), |track| track.feed.inits.needed(chunk))
    }

    /// Bytes of chunks received from the network: [`Statistics::media_bytes`].
    #[must_use]
    pub fn received_bytes(&self) -> u64 {
        self.effects.statistics.media_bytes
    }

    /// What a stream does about its next bytes, or why it does nothing; `None` for one that does not play.
    #[must_use]
    pub fn activity(&self, stream: StreamId) -> Option<Activity> {
        self.tracks.iter().find(|track| track.feed.id == stream).map(|track| track.feed.activity())
    }

    /// When it looks again though nothing has happened, and what for.
    #[must_use]
    pub fn wait(&self) -> Option<Wait> {
        self.wait
    }

    /// Bytes received and not yet both appended and checked: those of each stream from the lesser of *appended* and *checked* on.
    #[must_use]
    pub fn pending_bytes(&self) -> u64 {
        self.tracks.iter().map(Track::pending_bytes).sum()
    }

    /// Bytes received of which nothing has been shown, and that may still be.
    #[must_use]
    pub fn waiting_bytes(&self) -> u64 {
        self.tracks.iter().map(Track::waiting_bytes).sum()
    }

    /// Bytes of the groups that the SourceBuffers hold.
    #[must_use]
    pub fn buffered_bytes(&self) -> u64 {
        self.tracks.iter().map(|track| track.sink.held.bytes()).sum()
    }

    /// Length of the film: exact, or estimated while a film without an index has not been seen whole.
    #[must_use]
    pub fn duration(&self) -> Option<MediaTime> {
        self.media.duration
    }
}
