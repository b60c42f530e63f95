//! The box headers of a stream without an index, copied out of the bytes as they pass.
//!
//! Of the media itself nothing is copied: `mdat` is stepped over.

use isobmff::{Event, Fragment, Init, TrackKind, Walker, WalkerError, Want};
use js_sys::Uint8Array;
use manifest::{Kind, Timescale};
use playback::{FragmentFacts, Input, StreamId};

/// The init that a stream began with; every other must set a decoder up alike.
#[derive(Clone)]
pub(crate) struct KnownInit {
    bytes: Vec<u8>,
    init: Init,
}

/// Walks one chunk, from a byte on at which a box begins.
pub(crate) struct Boxes {
    stream: StreamId,
    chunk: usize,
    /// The chunk's length.
    total: u64,
    walker: Walker,
}

impl Boxes {
    pub(crate) fn new(stream: StreamId, chunk: usize, offset: u64, total: u64, known: Option<&KnownInit>) -> Self {
        let walker = match known {
            Some(known) => Walker::with_init(offset, known.init.clone()),
            None => Walker::new(offset),
        };
        Self { stream, chunk, total, walker }
    }

    /// Looks at the next bytes of the chunk, and says what they tell.
    pub(crate) fn take(&mut self, piece: &Uint8Array, known: &mut Option<KnownInit>) -> Vec<Input> {
        let mut inputs = Vec::new();
        if let Err(what) = self.walk(piece, known, &mut inputs) {
            inputs.push(Input::Malformed { stream: self.stream, chunk: self.chunk, what });
        }
        inputs
    }

    fn walk(
        &mut self,
        piece: &Uint8Array,
        known: &mut Option<KnownInit>,
        found: &mut Vec<Input>,
    ) -> Result<(), String> {
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
                        Some(Event::Init { bytes, init, .. }) => found.extend(self.meet(bytes, init, known)?),
                        Some(Event::Fragment { range, fragment, .. }) => {
                            let known = known.as_ref().ok_or("a fragment comes before its init")?;
                            let facts = self.facts(range.end, &fragment, &known.init)?;
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

    /// The first init opens the stream; a later one must not differ.
    fn meet(&self, bytes: Vec<u8>, init: Init, known: &mut Option<KnownInit>) -> Result<Option<Input>, String> {
        if let Some(known) = known {
            return match isobmff::difference(&known.bytes, &bytes).map_err(|error| error.to_string())? {
                Some(difference) => Err(format!("its init differs from the first chunk's: {difference}")),
                None => Ok(None),
            };
        }
        let duration = init.duration.zip(Timescale::new(init.timescale));
        let input = Input::Init {
            stream: self.stream,
            kind: kind(&init),
            mime: init.mime(),
            duration: duration.map(|(ticks, scale)| scale.media_time(i64::try_from(ticks).unwrap_or(i64::MAX))),
        };
        *known = Some(KnownInit { bytes, init });
        Ok(Some(input))
    }

    fn facts(&self, end_offset: u64, fragment: &Fragment, init: &Init) -> Result<FragmentFacts, String> {
        let mut parts = fragment.tracks.iter().filter_map(|part| Some((part, init.track(part.track)?)));
        // Pictures say where a fragment may be entered; sound alone may be entered anywhere.
        let leading = parts.clone().find(|(_, track)| track.kind == TrackKind::Video).or_else(|| parts.next());
        let (part, track) = leading.ok_or("a fragment has no track that the init knows")?;
        let scale = Timescale::new(track.timescale).ok_or("a track's timescale is 0")?;
        let start = part.composition_time.saturating_add(track.shift());
        let end = start.saturating_add_unsigned(part.duration);
        Ok(FragmentFacts {
            chunk: self.chunk,
            end_offset: end_offset.min(self.total),
            start: scale.media_time(start),
            end: scale.media_time(end),
            sync: part.starts_with_sync,
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
