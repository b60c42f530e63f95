//! The box headers of a stream without an index, copied out of the bytes as they pass.
//!
//! Of the media itself nothing is copied: `mdat` is stepped over.

use std::sync::Arc;

use isobmff::{Event, Fragment, Init, TrackKind, Walker, WalkerError, Want};
use js_sys::Uint8Array;
use manifest::{ChunkIndex, Kind, Timescale};
use playback::{FragmentFacts, Input, Sorted, StreamId};

use crate::media_source::Media;

/// The inits of a stream: each but once, however many chunks begin with it.
#[derive(Default)]
pub(crate) struct Inits {
    known: Vec<KnownInit>,
    /// The number of the one that a chunk begins with, where that has been seen.
    own: Sorted<ChunkIndex, usize>,
}

struct KnownInit {
    bytes: Vec<u8>,
    init: Arc<Init>,
}

impl Inits {
    /// The bytes of one, by its number.
    pub(crate) fn bytes(&self, number: usize) -> Option<&[u8]> {
        self.known.get(number).map(|known| &*known.bytes)
    }

    /// The one that the media of `chunk` need: its own, or that of the chunk before it.
    fn needed(&self, chunk: ChunkIndex) -> Option<&Arc<Init>> {
        let number = self.own.up_to(chunk).copied().unwrap_or(0);
        self.known.get(number).map(|known| &known.init)
    }

    /// Takes note of the one that `chunk` begins with, and gives it its number. One that differs from the first in more
    /// than a SourceBuffer can change to is refused, with the difference.
    fn learn(&mut self, chunk: ChunkIndex, bytes: Vec<u8>, init: &Arc<Init>) -> Result<usize, String> {
        let mut difference = None;
        let mut number = self.known.len();
        for (at, known) in self.known.iter().enumerate() {
            match isobmff::difference(&known.bytes, &bytes).map_err(|error| error.to_string())? {
                Some(found) => difference = difference.or(Some(found)),
                None => number = at,
            }
        }
        if number == self.known.len() {
            let first = self.known.first().map_or(init, |first| &first.init);
            let refused = difference.filter(|_| !tracks(first).eq(tracks(init)) || !Media::supports(&init.mime()));
            if let Some(difference) = refused {
                return Err(format!("its init differs from the first chunk's: {difference}"));
            }
            self.known.push(KnownInit { bytes, init: init.clone() });
        }
        self.own.or_insert(chunk, number);
        Ok(number)
    }
}

/// MSE, initialization segment received: what may not change.
fn tracks(init: &Init) -> impl Iterator<Item = TrackKind> {
    init.tracks.iter().map(|track| track.kind)
}

/// Walks one chunk, from a byte on at which a box begins.
pub(crate) struct Boxes {
    stream: StreamId,
    chunk: ChunkIndex,
    /// The chunk's length.
    total: u64,
    walker: Walker,
    is_lost: bool,
}

impl Boxes {
    pub(crate) fn new(stream: StreamId, chunk: ChunkIndex, offset: u64, total: u64, inits: &Inits) -> Self {
        let walker = match inits.needed(chunk) {
            Some(init) => Walker::with_init(offset, init.clone()),
            None => Walker::new(offset),
        };
        Self { stream, chunk, total, walker, is_lost: false }
    }

    /// Whether what comes of `chunk` from `start` on leads up to the next byte that is to be looked at.
    pub(crate) fn follows(&self, chunk: ChunkIndex, start: u64) -> bool {
        self.chunk == chunk && start <= self.walker.offset() && !self.is_lost
    }

    /// Looks at bytes of the chunk that begin at `start`, and says what those tell that have not been looked at.
    pub(crate) fn take(&mut self, start: u64, piece: &Uint8Array, inits: &mut Inits) -> Vec<Input> {
        let known = self.walker.offset().saturating_sub(start).min(u64::from(piece.length()));
        let mut inputs = Vec::new();
        // It is within the piece, whose length is a u32.
        if let Err(what) = self.walk(&piece.subarray(known as u32, piece.length()), inits, &mut inputs) {
            self.is_lost = true;
            inputs.push(Input::Malformed { stream: self.stream, chunk: self.chunk, what });
        }
        inputs
    }

    fn walk(&mut self, piece: &Uint8Array, inits: &mut Inits, found: &mut Vec<Input>) -> Result<(), String> {
        let (mut at, end) = (0, piece.length());
        while at < end {
            match self.walker.want() {
                Want::Skip(wanted) => {
                    let passed = u32::try_from(wanted).unwrap_or(u32::MAX).min(end - at);
                    self.walker.skip(u64::from(passed)).map_err(explain)?;
                    at += passed;
                }
                Want::Bytes(wanted) => {
                    let taken = u32::try_from(wanted).unwrap_or(u32::MAX).min(end - at);
                    let bytes = piece.subarray(at, at + taken).to_vec();
                    at += taken;
                    match self.walker.feed(&bytes).map_err(explain)? {
                        Some(Event::Init { bytes, init, .. }) => found.push(self.meet(bytes, &init, inits)?),
                        Some(Event::Fragment { range, fragment, .. }) => {
                            let init = inits.needed(self.chunk).ok_or("a fragment comes before its init")?;
                            let facts = self.facts(range.end, &fragment, init)?;
                            found.push(Input::Fragment { stream: self.stream, facts });
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

    fn meet(&self, bytes: Vec<u8>, init: &Arc<Init>, inits: &mut Inits) -> Result<Input, String> {
        let duration = init.duration.zip(Timescale::new(init.timescale));
        Ok(Input::Init {
            stream: self.stream,
            chunk: self.chunk,
            init: inits.learn(self.chunk, bytes, init)?,
            kind: kind(init),
            mime: init.mime(),
            duration: duration.map(|(ticks, scale)| scale.media_time(i64::try_from(ticks).unwrap_or(i64::MAX))),
        })
    }

    fn facts(&self, end_offset: u64, fragment: &Fragment, init: &Init) -> Result<FragmentFacts, String> {
        let mut parts = fragment.tracks.iter().filter_map(|part| Some((part, init.track(part.track)?)));
        // Pictures say where a fragment may be entered; sound alone may be entered anywhere.
        let leading = parts.clone().find(|(_, track)| track.kind == TrackKind::Video).or_else(|| parts.next());
        let (part, track) = leading.ok_or("a fragment has no track that the init knows")?;
        // A packager may leave the last of the sound in a fragment of its own: it belongs to the group before.
        let is_lone_sound = track.kind == TrackKind::Audio && tracks(init).any(|kind| kind == TrackKind::Video);
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

/// What is wrong, and what helps.
fn explain(error: WalkerError) -> String {
    match error {
        WalkerError::Progressive { why } => format!(
            "this is a progressive MP4 ({why}), which no browser can stream in parts; cut the whole film anew: \
             splitter FILM --out media/current"
        ),
        error => error.to_string(),
    }
}

fn kind(init: &Init) -> Kind {
    let has = |kind| init.tracks.iter().any(|track| track.kind == kind);
    match (has(TrackKind::Video), has(TrackKind::Audio)) {
        (true, true) => Kind::Muxed,
        (false, true) => Kind::Audio,
        _ => Kind::Video,
    }
}
