//! A SourceBuffer: what the MSE specification demands and what Chrome and Firefox make of it.

use std::collections::BTreeMap;
use std::rc::Rc;

use manifest::{ChunkIndex, Kind, MediaTime};
use playback::{Ranges, Span, StreamId};

use crate::film::{Fragment, Stream, Truth, variant_of};

/// Frames of a fragment. Coarser than real ones: a world has many.
const FRAMES: i64 = 4;

/// Whose rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    Chrome,
    Firefox,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    end: MediaTime,
    bytes: u64,
    sync: bool,
    damaged: bool,
    /// Of which stream.
    stream: StreamId,
}

#[derive(Debug)]
pub struct SourceBuffer {
    truth: Rc<Truth>,
    stream: StreamId,
    /// `timestampOffset`.
    offset: MediaTime,
    flavour: Flavour,
    quota: u64,
    /// The media element has metadata of it.
    pub has_init: bool,
    /// Media cannot be parsed before the next init.
    awaits_init: bool,
    /// The variant of its type, and that of the init that it had last.
    variants: (usize, usize),
    /// An operation is in flight: `updating`.
    pub updating: bool,
    /// The time in the bytes that came first since the parser was reset.
    first: Option<MediaTime>,
    /// The parser's next byte; `None` when it has been reset.
    parser: Option<(ChunkIndex, u64)>,
    needs_random_access_point: bool,
    /// Where the last frame ended.
    last_end: Option<MediaTime>,
    frames: BTreeMap<MediaTime, Frame>,
    size: u64,
    pub ranges: Ranges,
    /// Bytes thrown out unasked.
    pub evicted: u64,
}

/// `QuotaExceededError`.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

impl SourceBuffer {
    pub fn new(stream: StreamId, truth: Rc<Truth>, flavour: Flavour, quota: u64) -> Self {
        let variant = truth.streams[stream.0].chunks[0].variant;
        Self {
            truth,
            stream,
            offset: MediaTime::ZERO,
            flavour,
            quota,
            has_init: false,
            awaits_init: true,
            variants: (variant, variant),
            updating: false,
            first: None,
            parser: None,
            needs_random_access_point: true,
            last_end: None,
            frames: BTreeMap::new(),
            size: 0,
            ranges: Ranges::default(),
            evicted: 0,
        }
    }

    pub fn append_init(&mut self, variant: usize) {
        assert!(self.is_between_fragments(), "an init in the middle of a fragment");
        self.take_init(variant);
    }

    fn take_init(&mut self, variant: usize) {
        assert_eq!(self.variants.0, variant, "an init of another type");
        (self.has_init, self.awaits_init, self.variants.1) = (true, false, variant);
        self.needs_random_access_point = true;
    }

    /// MSE, `changeType()`.
    pub fn change_type(&mut self, mime: &str) {
        assert!(!self.updating, "the type is changed while an operation is in flight");
        assert!(self.is_between_fragments(), "the type is changed in the middle of a fragment");
        self.variants.0 = variant_of(mime).expect("a type of the film");
        self.awaits_init = true;
        self.reset();
    }

    /// An init of that stream: its media come from now on.
    pub fn change_stream(&mut self, stream: StreamId) {
        if stream != self.stream {
            assert!(self.parser.is_none(), "the init of another stream, and the parser has not been reset");
            (self.stream, self.awaits_init) = (stream, true);
        }
    }

    /// Whose media it takes.
    pub fn stream(&self) -> StreamId {
        self.stream
    }

    /// MSE, `timestampOffset`. Whether it is another one than before.
    pub fn set_offset(&mut self, offset: MediaTime) -> bool {
        assert!(!self.updating, "timestampOffset is set while an operation is in flight");
        assert!(self.is_between_fragments(), "timestampOffset is set in the middle of a fragment");
        std::mem::replace(&mut self.offset, offset) != offset
    }

    fn film(&self) -> &Stream {
        &self.truth.streams[self.stream.0]
    }

    /// Which stream's frame plays at `time`, and whether it is damaged.
    pub fn frame_at(&self, time: MediaTime) -> Option<(StreamId, bool)> {
        let (_, frame) = self.frames.range(..=time).next_back().filter(|(_, frame)| time < frame.end)?;
        Some((frame.stream, frame.damaged))
    }

    /// Whether any frame is damaged.
    pub fn has_damage(&self) -> bool {
        self.frames.values().any(|frame| frame.damaged)
    }

    /// MSE, `abort()`. By the standard the init outlasts it; WebKitGTK loses it.
    pub fn reset(&mut self) {
        assert!(!self.updating, "the parser is reset while an operation is in flight");
        (self.parser, self.first, self.awaits_init) = (None, None, true);
        self.needs_random_access_point = true;
        self.last_end = None;
    }

    /// MSE, prepare append: makes room, or refuses.
    pub fn prepare(&mut self, bytes: u64, playhead: MediaTime) -> Result<(), Full> {
        if self.size + bytes <= self.quota {
            return Ok(());
        }
        if self.frames.is_empty() {
            return Ok(());
        }
        let keep = self.frames.range(..=playhead).rev().find(|(_, frame)| frame.sync).map(|(start, _)| *start);
        let excess = self.size + bytes - self.quota.min(self.size + bytes);
        self.evict_front(keep.unwrap_or(MediaTime::ZERO), excess);
        let far = match self.flavour {
            Flavour::Chrome => self.last_end.unwrap_or(MediaTime::MAX).max(playhead),
            Flavour::Firefox => playhead + MediaTime::from_millis(30_000),
        };
        if self.size + bytes > self.quota {
            self.evict_back(far);
        }
        self.survey();
        if self.size + bytes > self.quota { Err(Full) } else { Ok(()) }
    }

    /// Whole groups, the earliest first, up to `keep`.
    fn evict_front(&mut self, keep: MediaTime, excess: u64) {
        let goal = self.size.saturating_sub(excess);
        while self.size > goal {
            let Some(first) = self.frames.keys().next().copied().filter(|first| *first < keep) else { return };
            let next = self.frames.range(first..).skip(1).find(|(_, frame)| frame.sync).map(|(start, _)| *start);
            self.evicted += self.take(first, next.unwrap_or(MediaTime::MAX).min(keep));
        }
    }

    /// Everything from the first group at or after `far` on.
    fn evict_back(&mut self, far: MediaTime) {
        let first = self.frames.range(far..).find(|(_, frame)| frame.sync).map(|(start, _)| *start);
        if let Some(first) = first {
            self.evicted += self.take(first, MediaTime::MAX);
        }
    }

    /// Drops what the browser likes to drop, as Safari does without being asked, and says what that was.
    pub fn drop_silently(&mut self, from: MediaTime, to: MediaTime) -> (MediaTime, MediaTime) {
        // Never the group that is being appended.
        let last = self.last_end.and_then(|end| self.frames.range(..end).rev().find(|(_, frame)| frame.sync));
        let to = last.map(|(start, _)| *start).filter(|open| from < *open && *open < to).unwrap_or(to);
        if last.is_some_and(|(start, _)| *start <= from) && self.last_end.is_some_and(|end| from < end) {
            return (from, from);
        }
        self.evicted += self.take(from, to);
        self.survey();
        (from, to)
    }

    fn take(&mut self, from: MediaTime, to: MediaTime) -> u64 {
        let bytes = self.frames.extract_if(from..to, |_, _| true).map(|(_, frame)| frame.bytes).sum();
        self.size -= bytes;
        bytes
    }

    /// MSE, coded frame removal: frames that depend on removed ones go too.
    pub fn remove(&mut self, from: MediaTime, to: MediaTime) {
        let next_sync = self.frames.range(to..).find(|(_, frame)| frame.sync).map(|(start, _)| *start);
        let depends = self.frames.range(from..to).next().is_some();
        let to = if depends { next_sync.unwrap_or(MediaTime::MAX) } else { to };
        self.take(from, to);
        if self.last_end.is_some_and(|end| from < end && end <= to) {
            // MSE: removal of what was appended last asks for a random access point.
            self.needs_random_access_point = true;
        }
        match self.frames.first_key_value() {
            // Nothing is left in front of what has gone: the rest is as it was.
            Some((first, _)) if to <= *first => {
                let rest = self.ranges.iter().filter(|(_, end)| first < end);
                self.ranges = Ranges::new(rest.map(|(start, end)| (start.max(*first), end)));
            }
            _ => self.survey(),
        }
    }

    fn is_between_fragments(&self) -> bool {
        let Some((chunk, offset)) = self.parser else { return true };
        let chunk = &self.film().chunks[chunk.0];
        offset == chunk.bytes() || chunk.fragments.iter().any(|fragment| fragment.offset == offset)
    }

    /// Segment parser loop over bytes `start..end` of a chunk.
    pub fn append(&mut self, Span { chunk: at, start, end }: Span, damaged: &[(u64, u64)]) {
        let truth = self.truth.clone();
        let chunk = &truth.streams[self.stream.0].chunks[at.0];
        assert!(start < end && end <= chunk.bytes(), "bytes {start}..{end} of chunk {at:?} do not exist");
        let goes_on = self.parser == Some((at, start))
            || start == 0
                && self.parser.is_some_and(|(before, offset)| {
                    before.next() == at && offset == self.film().chunks[before.0].bytes()
                });
        if !goes_on {
            assert!(self.is_between_fragments(), "a jump to byte {start} of chunk {at:?} cuts a fragment in two");
            let begins_group = chunk.fragments.iter().any(|fragment| fragment.offset == start && fragment.sync);
            let begins_init = start == 0 && chunk.init > 0;
            assert!(begins_group || begins_init, "a jump to byte {start} of chunk {at:?}, where no group begins");
        }
        if start < chunk.init && chunk.init <= end {
            self.take_init(chunk.variant);
        }
        assert!(!self.awaits_init || end <= chunk.init, "media before the init");
        assert!(self.variants.1 == chunk.variant || end <= chunk.init, "media of chunk {at:?} with another's init");
        let fragments = chunk.fragments.iter().filter(|part| part.offset < end && start < part.offset + part.bytes);
        let mut changed = MediaTime::MAX;
        for fragment in fragments {
            changed = changed.min(fragment.start + self.offset - self.film().offset(at)).or_zero();
            let had = start.saturating_sub(fragment.offset);
            let has = (end - fragment.offset).min(fragment.bytes);
            let damaged = damaged.iter().any(|(from, to)| *from < fragment.offset + has && fragment.offset + had < *to);
            self.parse(at, fragment, (had, has), damaged);
        }
        self.parser = Some((at, end));
        self.survey_from(changed);
    }

    /// Frames of which the last byte is among bytes `had..has` of the fragment; in a muxed one all wait for the end.
    fn parse(&mut self, chunk: ChunkIndex, fragment: &Fragment, (had, has): (u64, u64), damaged: bool) {
        let shift = self.offset - self.film().offset(chunk);
        let begin = fragment.start - self.film().offset(chunk);
        let first = *self.first.get_or_insert(begin);
        let has_sound = self.film().kind != Kind::Video;
        assert!(!has_sound || first <= begin, "sound of {begin} after that of {first}: WebKitGTK drops it");
        let length = (fragment.end - fragment.start).as_micros();
        for at in 0..FRAMES {
            let last_byte = match self.film().kind {
                Kind::Muxed => fragment.bytes,
                _ => fragment.bytes * (at as u64 + 1) / FRAMES as u64,
            };
            if had < last_byte && last_byte <= has {
                let time = |at| fragment.start + shift + MediaTime::from_micros(length * at / FRAMES);
                let sync = self.film().kind == Kind::Audio || fragment.sync && at == 0;
                let bytes =
                    fragment.bytes * (at as u64 + 1) / FRAMES as u64 - fragment.bytes * at as u64 / FRAMES as u64;
                self.insert(time(at), Frame { end: time(at + 1), bytes, sync, damaged, stream: self.stream });
            }
        }
    }

    /// MSE, coded frame processing.
    fn insert(&mut self, start: MediaTime, frame: Frame) {
        if self.last_end.is_some_and(|end| end != start) {
            self.needs_random_access_point = true;
        }
        if self.needs_random_access_point {
            assert!(frame.sync, "a run begins at {start}, where no sync sample is");
            self.needs_random_access_point = false;
        }
        self.last_end = Some(frame.end);
        let is_hole = self.film().holes.iter().any(|(from, to)| start < *to && *from < frame.end);
        if frame.end <= MediaTime::ZERO || is_hole {
            return;
        }
        let start = start.or_zero();
        let overlapped = self.frames.range(..frame.end).next_back().filter(|(_, old)| old.end > start);
        if overlapped.is_some() {
            // What depends on a frame that is replaced goes with it.
            let next_sync = self.frames.range(frame.end..).find(|(_, old)| old.sync).map(|(start, _)| *start);
            self.take(start, next_sync.unwrap_or(MediaTime::MAX));
        }
        self.size += frame.bytes;
        self.frames.insert(start, frame);
    }

    /// Works `buffered` out: frames join when at most two frames are missing between them.
    fn survey(&mut self) {
        self.survey_from(MediaTime::ZERO);
    }

    /// As [`Self::survey`], when no frame before `from` has come or gone.
    fn survey_from(&mut self, from: MediaTime) {
        let mut ranges: Vec<_> = self.ranges.iter().filter(|(start, _)| *start < from).collect();
        if let (Some(last), Some((_, before))) = (ranges.last_mut(), self.frames.range(..from).next_back()) {
            last.1 = before.end;
        }
        for (start, frame) in self.frames.range(from..) {
            let slack = frame.end - *start;
            match ranges.last_mut() {
                Some(last) if *start - last.1 <= MediaTime::from_micros((2 * slack.as_micros()).min(66_000)) => {
                    last.1 = frame.end;
                }
                _ => ranges.push((*start, frame.end)),
            }
        }
        self.ranges = Ranges::new(ranges);
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether it holds the end of its stream.
    pub fn has_all(&self) -> bool {
        self.film().end() <= self.end()
    }

    pub fn end(&self) -> MediaTime {
        self.ranges.iter().map(|(_, end)| end).max().unwrap_or_default()
    }

    pub fn start(&self) -> Option<MediaTime> {
        self.ranges.iter().map(|(start, _)| start).next()
    }
}
