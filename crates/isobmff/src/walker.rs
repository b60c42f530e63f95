//! Finds inits and fragments in a stream of bytes without touching the payload.
//!
//! 1. [`Walker::want`] says how many bytes to hand over next, or how many to pass by.
//! 2. [`Walker::feed`] takes them, in pieces of any size, and [`Walker::skip`] notes what was passed by.
//! 3. An [`Event`] comes out as soon as a box is understood: a fragment before the first byte of its media is there.
//!
//! Only box headers, `ftyp`, `moov` and `moof` are handed over. The walker holds at most one of them.

use std::ops::Range;
use std::sync::Arc;

use crate::{BoxHeader, BoxPath, BoxRef, BoxSize, Error, FourCc, Fragment, Init};

/// What the walker needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// This number of bytes, handed to [`Walker::feed`] in one piece or several.
    Bytes(usize),
    /// That this number of bytes be passed by and noted with [`Walker::skip`]; `u64::MAX` when the rest of the stream is payload.
    Skip(u64),
}

/// What the walker has found. Ranges count from the start of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An init.
    Init {
        /// From the start of `ftyp`, where there is one, to the end of `moov`.
        range: Range<u64>,
        /// Those two boxes, without what may stand between them.
        bytes: Vec<u8>,
        /// What they say.
        init: Arc<Init>,
    },
    /// A fragment, known before its media has come.
    Fragment {
        /// From the start of `moof` to the end of `mdat`; the end is `u64::MAX` when `mdat` lasts to the end of the stream.
        range: Range<u64>,
        /// Where in it the payload of `mdat` begins.
        payload: u64,
        /// What `moof` says.
        fragment: Fragment,
    },
    /// A box that does not matter here, such as `sidx`, `styp` or `free`.
    Other {
        /// Its type.
        kind: FourCc,
        /// All of it.
        range: Range<u64>,
    },
}

/// Why a stream cannot be walked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WalkerError {
    /// Some other kind of file, such as an error page.
    #[error("this is no MP4: it begins with {kind} where ftyp, styp, moov or moof should be")]
    NotMp4 {
        /// The first four bytes that should be a box's type.
        kind: FourCc,
    },
    /// A progressive MP4, which MediaSource does not take.
    #[error("this is a progressive MP4 ({why}), which cannot be streamed as it is; cut it with the splitter")]
    Progressive {
        /// How that shows.
        why: &'static str,
    },
    /// A fragment came before any init.
    #[error("byte {offset}: a fragment comes before the init that it needs; hand over the film's init first")]
    NoInit {
        /// Where it begins.
        offset: u64,
    },
    /// A box stands where it must not.
    #[error("byte {offset}: {kind} comes where {expected} should be")]
    Order {
        /// Its type.
        kind: FourCc,
        /// Where it begins.
        offset: u64,
        /// What should be there.
        expected: &'static str,
    },
    /// A box of headers that no film needs to be that large.
    #[error("byte {offset}: {kind} says that it has {bytes} bytes, more than the {limit} that are read")]
    TooLarge {
        /// Its type.
        kind: FourCc,
        /// Where it begins.
        offset: u64,
        /// What it says.
        bytes: u64,
        /// The most that is read.
        limit: u64,
    },
    /// The stream ends within a box.
    #[error("the stream ends at byte {offset}, {missing} bytes before the end of {kind}")]
    Ended {
        /// The box.
        kind: FourCc,
        /// Where the stream ends.
        offset: u64,
        /// The least number of bytes that are missing.
        missing: u64,
    },
    /// More bytes were handed over than wanted, or other ones.
    #[error("{given} bytes were handed over, {wanted} wanted")]
    Unasked {
        /// How many were given.
        given: u64,
        /// How many were wanted.
        wanted: u64,
    },
    /// A box is damaged.
    #[error(transparent)]
    Box(#[from] Error),
}

/// The largest `moov` or `moof` that is read, in bytes: those of a film in fragments have a few thousand, however long it is.
const MAX_BOX: u64 = 32 << 20;

/// Walks one stream. After an error it is of no more use.
#[derive(Clone, Debug)]
pub struct Walker {
    /// Bytes taken or passed by so far.
    offset: u64,
    state: State,
    /// What has been handed over of the header or box that is being read.
    held: Vec<u8>,
    ftyp: Option<(u64, Vec<u8>)>,
    init: Option<Arc<Init>>,
    moof: Option<(u64, Fragment)>,
    seen_box: bool,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// In front of a box, or within its header.
    Header,
    /// Within a box that is read whole; how long it is.
    Body { header: BoxHeader, bytes: usize },
    /// Within a box that is passed by; what is left.
    Passing { kind: FourCc, left: u64 },
}

impl Walker {
    /// For a stream whose first byte is at `offset` of the file, which must be where a box begins.
    #[must_use]
    pub fn new(offset: u64) -> Self {
        let (ftyp, init, moof) = (None, None, None);
        Self { offset, state: State::Header, held: Vec::new(), ftyp, init, moof, seen_box: false }
    }

    /// For a stream whose init is known already.
    #[must_use]
    pub fn with_init(offset: u64, init: Arc<Init>) -> Self {
        Self { init: Some(init), ..Self::new(offset) }
    }

    /// Where the next byte stands in the file.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What to do next: never zero bytes.
    #[must_use]
    pub fn want(&self) -> Want {
        match self.state {
            State::Header => Want::Bytes(self.header_bytes() - self.held.len()),
            State::Body { bytes, .. } => Want::Bytes(bytes - self.held.len()),
            State::Passing { left, .. } => Want::Skip(left),
        }
    }

    /// Takes the next bytes: at most as many as [`Self::want`] asks for; fewer are fine.
    ///
    /// # Errors
    /// Every [`WalkerError`] but [`WalkerError::Ended`].
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Option<Event>, WalkerError> {
        let wanted = match self.want() {
            Want::Bytes(wanted) => wanted,
            Want::Skip(_) => 0,
        };
        if bytes.len() > wanted {
            return Err(WalkerError::Unasked { given: bytes.len() as u64, wanted: wanted as u64 });
        }
        self.held.extend_from_slice(bytes);
        self.offset += bytes.len() as u64;
        match self.state {
            State::Header if self.held.len() == self.header_bytes() => self.take_header(),
            State::Body { header, bytes } if self.held.len() == bytes => self.take_body(header),
            _ => Ok(None),
        }
    }

    /// Notes that `bytes` were passed by: at most as many as [`Self::want`] says; fewer are fine.
    ///
    /// # Errors
    /// [`WalkerError::Unasked`].
    pub fn skip(&mut self, bytes: u64) -> Result<(), WalkerError> {
        let State::Passing { kind, left } = self.state else {
            return if bytes == 0 { Ok(()) } else { Err(WalkerError::Unasked { given: bytes, wanted: 0 }) };
        };
        if bytes > left {
            return Err(WalkerError::Unasked { given: bytes, wanted: left });
        }
        self.offset = self.offset.saturating_add(bytes);
        // A box that lasts to the end of the stream keeps lasting.
        let left = if left == u64::MAX { left } else { left - bytes };
        self.state = if left == 0 { State::Header } else { State::Passing { kind, left } };
        Ok(())
    }

    /// Notes that the stream has ended.
    ///
    /// # Errors
    /// [`WalkerError::Ended`] when that is in the middle of a box or a fragment.
    pub fn finish(&self) -> Result<(), WalkerError> {
        let ended = |kind, missing| WalkerError::Ended { kind, offset: self.offset, missing };
        match self.state {
            State::Header if !self.held.is_empty() => {
                let kind = self.held.get(4..8).and_then(|kind| kind.try_into().ok()).map(FourCc).unwrap_or_default();
                Err(ended(kind, (self.header_bytes() - self.held.len()) as u64))
            }
            State::Header if self.moof.is_some() => Err(ended(FourCc::new(b"mdat"), 8)),
            State::Header | State::Passing { left: u64::MAX, .. } => Ok(()),
            State::Body { header, bytes } => Err(ended(header.kind, (bytes - self.held.len()) as u64)),
            State::Passing { kind, left } => Err(ended(kind, left)),
        }
    }

    fn header_bytes(&self) -> usize {
        if self.held.starts_with(&[0, 0, 0, 1]) && self.held.len() >= 8 { BoxHeader::MAX_BYTES } else { 8 }
    }

    fn take_header(&mut self) -> Result<Option<Event>, WalkerError> {
        let start = self.offset - self.held.len() as u64;
        let Some(header) = BoxHeader::parse(&self.held, BoxPath::default(), start)? else { return Ok(None) };
        let kind = header.kind;
        if !self.seen_box && !is_first_box(kind) {
            return Err(WalkerError::NotMp4 { kind });
        }
        self.seen_box = true;
        self.check_order(kind, start)?;
        let payload = match header.size {
            BoxSize::Known(bytes) => bytes - u64::from(header.bytes),
            BoxSize::ToEnd => u64::MAX,
        };
        if matches!(&kind.0, b"ftyp" | b"moov" | b"moof") {
            let bytes = payload.saturating_add(u64::from(header.bytes));
            let Some(bytes) = usize::try_from(bytes).ok().filter(|_| bytes <= MAX_BOX) else {
                return Err(WalkerError::TooLarge { kind, offset: start, bytes, limit: MAX_BOX });
            };
            self.state = State::Body { header, bytes };
            return if self.held.len() == bytes { self.take_body(header) } else { Ok(None) };
        }
        self.held.clear();
        self.state = if payload == 0 { State::Header } else { State::Passing { kind, left: payload } };
        let end = if payload == u64::MAX { u64::MAX } else { self.offset.saturating_add(payload) };
        Ok(Some(match self.moof.take() {
            Some((moof_start, fragment)) if kind == b"mdat" => {
                Event::Fragment { range: moof_start..end, payload: self.offset - moof_start, fragment }
            }
            moof => {
                self.moof = moof;
                Event::Other { kind, range: start..end }
            }
        }))
    }

    fn check_order(&self, kind: FourCc, offset: u64) -> Result<(), WalkerError> {
        let wrong = |expected| Err(WalkerError::Order { kind, offset, expected });
        match &kind.0 {
            b"moof" | b"moov" | b"ftyp" if self.moof.is_some() => wrong("mdat"),
            b"moof" if self.init.is_none() => Err(WalkerError::NoInit { offset }),
            b"mdat" if self.moof.is_none() => {
                Err(WalkerError::Progressive { why: "its media does not stand behind a moof" })
            }
            _ if !kind.is_printable() => wrong("a box"),
            _ => Ok(()),
        }
    }

    fn take_body(&mut self, header: BoxHeader) -> Result<Option<Event>, WalkerError> {
        let held = std::mem::take(&mut self.held);
        let start = self.offset - held.len() as u64;
        self.state = State::Header;
        match &header.kind.0 {
            b"ftyp" => {
                self.ftyp = Some((start, held));
                Ok(None)
            }
            b"moov" => self.take_moov(start, &held).map(Some),
            _ => {
                let init = self.init.as_ref().ok_or(WalkerError::NoInit { offset: start })?;
                self.moof = Some((start, Fragment::parse(&BoxRef::parse(&held, start)?, init)?));
                Ok(None)
            }
        }
    }

    fn take_moov(&mut self, start: u64, held: &[u8]) -> Result<Event, WalkerError> {
        let init = Arc::new(Init::from_moov(&BoxRef::parse(held, start)?)?);
        if !init.is_fragmented {
            return Err(WalkerError::Progressive { why: "its moov has no mvex" });
        }
        if init.tracks.iter().any(|track| track.has_samples) {
            return Err(WalkerError::Progressive { why: "its moov lists samples" });
        }
        let (ftyp_start, mut bytes) = self.ftyp.take().unwrap_or((start, Vec::new()));
        bytes.extend_from_slice(held);
        self.init = Some(init.clone());
        Ok(Event::Init { range: ftyp_start..self.offset, bytes, init })
    }
}

/// Whether a file of this family can begin with such a box.
fn is_first_box(kind: FourCc) -> bool {
    const FIRST: [&[u8; 4]; 16] = [
        b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"sidx", b"ssix", b"prft", b"emsg", b"pdin", b"free", b"skip",
        b"wide", b"uuid", b"meta", b"pnot",
    ];
    FIRST.iter().any(|&first| kind == first)
}

#[cfg(test)]
mod tests;
