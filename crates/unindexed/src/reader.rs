//! One chunk, from a byte on at which a box begins.

use std::ops::Range;
use std::sync::Arc;

use isobmff::{Event, Fragment, Init, TrackKind, Walker, WalkerError, Want};
use manifest::{ChunkIndex, Kind, MediaTime, Timescale};
use playback::{FragmentFacts, InitId};

use crate::Inits;
use crate::silence::Silence;

/// Follows the bytes of one chunk and says what they tell.
///
/// Hand every piece to [`Self::take`] as it comes. Pieces may begin before where the last one ended: what has been looked at
/// is passed over. They may not begin behind it: see [`Self::follows`].
#[derive(Debug)]
pub struct ChunkReader {
    chunk: ChunkIndex,
    /// Where it is read from.
    begin: u64,
    /// The chunk's length.
    total: u64,
    walker: Walker,
    /// What the fragments need: the chunk's own once that has come.
    init: Option<Arc<Init>>,
    is_lost: bool,
}

/// What the bytes of a chunk tell.
#[derive(Debug, PartialEq)]
pub enum Found {
    /// An init, which the bytes behind it need.
    Init {
        /// Which of those in [`Inits`].
        init: InitId,
        /// What it carries.
        kind: Kind,
        /// With the codecs parameter (RFC 6381).
        mime: String,
        /// Of the whole film, where the init says so.
        duration: Option<MediaTime>,
    },
    /// A whole fragment.
    Fragment(FragmentFacts),
    /// The bytes are no fragments that belong to this film, and nothing more is told of them.
    Malformed(String),
}

impl ChunkReader {
    /// Reads a chunk of `total` bytes from `offset` on. `init` is what its fragments need unless it begins with one of its
    /// own.
    #[must_use]
    pub fn new(chunk: ChunkIndex, offset: u64, total: u64, init: Option<Arc<Init>>) -> Self {
        let walker = match &init {
            Some(init) => Walker::with_init(offset, init.clone()),
            None => Walker::new(offset),
        };
        Self { chunk, begin: offset, total, walker, init, is_lost: false }
    }

    /// Whether what comes of `chunk` from `start` on leads up to the next byte that is to be looked at.
    #[must_use]
    pub fn follows(&self, chunk: ChunkIndex, start: u64) -> bool {
        self.chunk == chunk && start <= self.walker.offset() && !self.is_lost
    }

    /// Looks at a piece of the chunk, `length` bytes from `start` on, and says what it tells that has not been told. `copy`
    /// gives a part of the piece; `supports` says whether the browser plays a type.
    pub fn take(
        &mut self,
        start: u64,
        length: u32,
        copy: impl Fn(Range<u32>) -> Vec<u8>,
        supports: impl Fn(&str) -> bool,
        inits: &mut Inits,
    ) -> Vec<Found> {
        let mut found = Vec::new();
        if self.is_lost {
            return found;
        }
        let known = self.walker.offset().saturating_sub(start);
        let known = u32::try_from(known).unwrap_or(u32::MAX).min(length);
        if let Err(what) = self.walk(known..length, copy, supports, inits, &mut found) {
            self.is_lost = true;
            found.push(Found::Malformed(what));
        }
        found
    }

    fn walk(
        &mut self,
        piece: Range<u32>,
        copy: impl Fn(Range<u32>) -> Vec<u8>,
        supports: impl Fn(&str) -> bool,
        inits: &mut Inits,
        found: &mut Vec<Found>,
    ) -> Result<(), String> {
        let Range { start: mut at, end } = piece;
        while at < end {
            match self.walker.want() {
                Want::Skip(wanted) => {
                    let passed = u32::try_from(wanted).unwrap_or(u32::MAX).min(end - at);
                    self.walker.skip(u64::from(passed)).map_err(explain)?;
                    at += passed;
                }
                Want::Bytes(wanted) => {
                    let taken = u32::try_from(wanted).unwrap_or(u32::MAX).min(end - at);
                    let bytes = copy(at..at + taken);
                    at += taken;
                    match self.walker.feed(&bytes).map_err(explain)? {
                        Some(Event::Init { bytes, init, .. }) => found.push(self.meet(bytes, &init, &supports, inits)?),
                        Some(Event::Fragment { range, fragment, .. }) => {
                            let first = (self.chunk == ChunkIndex(0)).then_some(inits.silence.as_mut());
                            if let Some((silence, init)) = first.flatten().zip(self.init.as_ref()) {
                                silence.add(self.begin, &range, &fragment, init);
                            }
                            found.push(Found::Fragment(self.facts(range.end, &fragment)?));
                        }
                        Some(Event::Other { .. }) | None => {}
                    }
                }
            }
        }
        if self.walker.offset() == self.total {
            self.walker.finish().map_err(explain)?;
        }
        Ok(())
    }

    fn meet(
        &mut self,
        bytes: Vec<u8>,
        init: &Arc<Init>,
        supports: impl FnOnce(&str) -> bool,
        inits: &mut Inits,
    ) -> Result<Found, String> {
        let duration = init.duration.zip(Timescale::new(init.timescale));
        let duration = duration.map(|(ticks, scale)| scale.media_time(i64::try_from(ticks).unwrap_or(i64::MAX)));
        if self.chunk == ChunkIndex(0) && inits.silence.is_none() {
            inits.silence = Silence::of(&bytes, init);
        }
        let id = inits.learn(bytes, init, supports)?;
        self.init = Some(init.clone());
        Ok(Found::Init { init: id, kind: kind(init), mime: init.mime(), duration })
    }

    fn facts(&self, end_offset: u64, fragment: &Fragment) -> Result<FragmentFacts, String> {
        let init = self.init.as_ref().ok_or("a fragment comes before its init")?;
        let mut parts = fragment.tracks.iter().filter_map(|part| Some((part, init.track(part.track)?)));
        // Pictures say where a fragment may be entered; sound alone may be entered anywhere.
        let leading = parts.clone().find(|(_, track)| track.kind == TrackKind::Video).or_else(|| parts.next());
        let (part, track) = leading.ok_or("a fragment has no track that the init knows")?;
        // A packager may leave the last of the sound in a fragment of its own: it belongs to the group before.
        let is_lone_sound = track.kind == TrackKind::Audio && has(init, TrackKind::Video);
        let scale = Timescale::new(track.timescale).ok_or("a track's timescale is 0")?;
        let start = part.composition_time.saturating_add(track.shift());
        let end = start.saturating_add_unsigned(part.duration);
        Ok(FragmentFacts {
            chunk: self.chunk,
            end_offset: end_offset.min(self.total),
            start: scale.media_time(start),
            end: scale.media_time(end),
            sync: part.starts_with_sync && !is_lone_sound,
        })
    }
}

/// What is wrong, to people who do not know how this reads.
fn explain(error: WalkerError) -> String {
    match error {
        WalkerError::Progressive { why } => {
            format!("this is a progressive MP4 ({why}), which no browser can stream in parts")
        }
        error => error.to_string(),
    }
}

fn kind(init: &Init) -> Kind {
    match (has(init, TrackKind::Video), has(init, TrackKind::Audio)) {
        (true, true) => Kind::Muxed,
        (false, true) => Kind::Audio,
        _ => Kind::Video,
    }
}

fn has(init: &Init, kind: TrackKind) -> bool {
    init.tracks.iter().any(|track| track.kind == kind)
}

#[cfg(test)]
mod tests;
