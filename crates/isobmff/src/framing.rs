//! Whether samples are framed as their codec has it: what shows of decodability without a decoder.
//!
//! 1. [`Framing`] is how the samples of a track are framed, by its sample entry.
//! 2. A [`Check`] is told the lengths of samples, and then their bytes in pieces of any size; it steps over payload.
//! 3. Its [`Check::fault`] is the first sample that no decoder takes. Behind it, the check goes on with the next sample.
//!
//! Pictures that pass may still be damaged inside. But where a table of samples is wrong, hardly any sample passes.

pub(crate) mod checksum;
mod picture;
mod sound;

use std::collections::VecDeque;

pub use sound::MpegFrame;
pub(crate) use sound::ac3_bytes;

use crate::{BoxRef, Error, SampleEntry, Track, TrackKind};

/// How the samples of a track are framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// NAL units, each behind its length, which takes this number of bytes (ISO/IEC 14496-15 section 4.3.3).
    NalUnits(u8),
    /// AV1: OBUs, of which the last may lack its length (AV1 codec ISO media file format binding section 2.4).
    Obus,
    /// VP9.
    Vp9,
    /// AAC, without the header of a transport.
    Aac,
    /// Opus (RFC 6716 section 3); whether a sample is the packet of one stream.
    Opus {
        /// False with more than two channels, whose packets hold several.
        is_single: bool,
    },
    /// AC-3 and E-AC-3 (ETSI TS 102 366).
    Ac3,
    /// MPEG-1 audio.
    Mpeg,
    /// FLAC, whose frames end with a checksum.
    Flac,
    /// Nothing that shows.
    Unknown,
}

impl Framing {
    /// By the sample entry that the samples use.
    ///
    /// # Errors
    /// When the entry is damaged.
    pub fn of(entry: &BoxRef<'_>, kind: TrackKind) -> Result<Self, Error> {
        let boxes = SampleEntry::boxes(entry, kind)?;
        let body = |kind: &[u8; 4]| boxes.iter().find(|child| child.kind == kind).map(|child| child.body);
        let length = |body: Option<&[u8]>, at: usize| {
            let length = body.and_then(|body| body.get(at)).map(|byte| (byte & 3) + 1);
            length.map_or(Self::Unknown, Self::NalUnits)
        };
        Ok(match &entry.kind.0 {
            b"avc1" | b"avc3" => length(body(b"avcC"), 4),
            b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => length(body(b"hvcC"), 21),
            b"av01" => Self::Obus,
            b"vp09" => Self::Vp9,
            b"mp4a" | b".mp3" => match SampleEntry::parse(entry, kind)?.codec.as_str() {
                "mp4a.6B" | "mp4a.69" | "mp3" => Self::Mpeg,
                codec if codec.starts_with("mp4a.40") => Self::Aac,
                _ => Self::Unknown,
            },
            b"Opus" => Self::Opus { is_single: SampleEntry::parse(entry, kind)?.channels <= 2 },
            b"ac-3" | b"ec-3" => Self::Ac3,
            b"fLaC" => Self::Flac,
            _ => Self::Unknown,
        })
    }

    /// The longest header within a sample, in bytes.
    const LONGEST_HEADER: usize = 12;
}

/// The least bytes of a sample that cannot all be zero, whatever its codec.
const BLANK: u32 = 16;

/// What a header within a sample says.
enum Step {
    /// It has more bytes.
    More,
    /// This number of bytes of payload follow, and then the next header or the end of the sample.
    Payload(u64),
    /// The rest of the sample is payload, as far as that shows.
    Rest,
    /// It is none.
    Wrong(&'static str),
}

/// Holds samples against their framing while their bytes pass.
#[derive(Clone, Debug)]
pub struct Check {
    framing: Framing,
    /// Lengths of the samples whose bytes are still to come.
    sizes: VecDeque<u32>,
    /// Bytes left of the sample that is passing, and how long it is.
    left: u64,
    size: u32,
    /// Bytes of payload left before the next header.
    payload: u64,
    header: Vec<u8>,
    /// Samples that have passed.
    passed: u64,
    is_faulty: bool,
    /// Whether all bytes of the sample that have passed are zero.
    is_blank: bool,
    /// Of the bytes of the sample that have passed, where its codec ends a sample with a checksum.
    checksum: u16,
    faults: u64,
    fault: Option<(u64, &'static str)>,
}

impl Check {
    /// For a track.
    #[must_use]
    pub fn new(framing: Framing) -> Self {
        Self {
            framing,
            sizes: VecDeque::new(),
            left: 0,
            size: 0,
            payload: 0,
            header: Vec::with_capacity(Framing::LONGEST_HEADER),
            passed: 0,
            is_faulty: false,
            is_blank: true,
            checksum: 0,
            faults: 0,
            fault: None,
        }
    }

    /// Samples of these lengths come next, one behind the other.
    pub fn expect(&mut self, sizes: impl IntoIterator<Item = u32>) {
        self.sizes.extend(sizes);
    }

    /// The next bytes of the samples; those beyond the last that is expected are no sample's.
    pub fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.left == 0 && !self.begin() {
                return;
            }
            let within = bytes.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
            let (now, later) = bytes.split_at(within);
            bytes = later;
            self.left -= now.len() as u64;
            self.is_blank = self.is_blank && now.iter().all(|&byte| byte == 0);
            if self.framing == Framing::Flac {
                self.checksum = checksum::add(self.checksum, now);
            }
            self.step_over(now);
            if self.left == 0 {
                self.end();
            }
        }
    }

    /// The number of the first sample that no decoder takes, counted from 0, and why; `None` where there is none.
    #[must_use]
    pub fn fault(&self) -> Option<(u64, &'static str)> {
        self.fault
    }

    /// How many samples no decoder takes.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.faults
    }

    /// Goes on with the next sample that has bytes; false where there is none.
    fn begin(&mut self) -> bool {
        while let Some(size) = self.sizes.pop_front() {
            (self.left, self.size, self.is_faulty, self.is_blank) = (size.into(), size, false, true);
            self.checksum = 0;
            if size > 0 {
                self.payload = if self.framing == Framing::Unknown { size.into() } else { 0 };
                return true;
            }
            self.passed += 1;
        }
        false
    }

    fn step_over(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.is_faulty {
            if self.payload > 0 {
                let now = bytes.len().min(usize::try_from(self.payload).unwrap_or(usize::MAX));
                self.payload -= now as u64;
                bytes = &bytes[now..];
                continue;
            }
            self.header.push(bytes[0]);
            bytes = &bytes[1..];
            let in_sample = self.left + bytes.len() as u64;
            match self.framing.step(&self.header, self.size, in_sample) {
                Step::More => continue,
                Step::Payload(payload) if payload > in_sample => self.wrong("its parts are longer than it is"),
                Step::Payload(payload) => self.payload = payload,
                Step::Rest => self.payload = in_sample,
                Step::Wrong(why) => self.wrong(why),
            }
            self.header.clear();
        }
    }

    fn end(&mut self) {
        if !self.header.is_empty() && !self.is_faulty {
            self.wrong("it ends within the header of a part");
        }
        if self.is_blank && self.size >= BLANK && self.framing != Framing::Unknown && !self.is_faulty {
            self.wrong("it is nothing but zeros, as where a download has left a hole");
        }
        // A frame of FLAC ends with its checksum, so that the checksum of all of it is zero.
        if self.checksum != 0 && !self.is_faulty {
            self.wrong("its checksum is wrong: it is cut off or damaged");
        }
        self.header.clear();
        self.payload = 0;
        self.passed += 1;
    }

    fn wrong(&mut self, why: &'static str) {
        self.is_faulty = true;
        self.faults += 1;
        self.fault.get_or_insert((self.passed, why));
    }
}

impl Framing {
    /// What the bytes of a header say that have come of it. `left` bytes of the sample, which has `size`, follow them.
    fn step(self, header: &[u8], size: u32, left: u64) -> Step {
        match self {
            Self::NalUnits(length_bytes) => picture::nal_unit(header, length_bytes),
            Self::Obus => picture::obu(header, left),
            Self::Vp9 => picture::vp9(header),
            Self::Aac => sound::aac(header, size),
            Self::Opus { is_single } => sound::opus(header, size, is_single),
            Self::Ac3 => sound::ac3(header, left),
            Self::Mpeg => sound::mpeg(header, left),
            Self::Flac => sound::sync(header, [0xff, 0xf8], "it does not begin with the header of a FLAC frame"),
            Self::Unknown => Step::Rest,
        }
    }
}

/// The framing of a track of an init.
///
/// # Errors
/// Those of [`entry_of_init`].
pub fn of_init(init: &[u8], track: u32) -> Result<Framing, Error> {
    let (entry, kind) = entry_of_init(init, track)?;
    Framing::of(&entry, kind)
}

/// The first sample entry of a track of an init, and what the track carries.
///
/// # Errors
/// When the init is damaged or has no such track.
pub fn entry_of_init(init: &[u8], track: u32) -> Result<(BoxRef<'_>, TrackKind), Error> {
    let moov = BoxRef::moov(init)?;
    for trak in moov.children() {
        let trak = trak?;
        if trak.kind != b"trak" || Track::number(&trak) != Some(track) {
            continue;
        }
        let kind = Track::parse(&trak)?.kind;
        let stsd = trak.need("mdia")?.need("minf")?.need("stbl")?.need("stsd")?;
        let entry = stsd.children_after(8)?.next().ok_or_else(|| stsd.invalid("describes no codec"))??;
        return Ok((entry, kind));
    }
    Err(Error::missing(moov.path, moov.offset, "trak"))
}

#[cfg(test)]
mod tests;
