//! Samples of sound.

use super::Step;

/// Raw AAC: anything but a frame with the header of a transport stream (ADTS, ISO/IEC 13818-7 section 6.2), which
/// decoders of MP4 take for sound.
pub(super) fn aac(header: &[u8], size: u32) -> Step {
    match *header {
        [0xff] | [0xff, _] | [0xff, _, _] | [0xff, _, _, _] | [0xff, _, _, _, _]
            if (header.len() as u64) < u64::from(size) =>
        {
            Step::More
        }
        [0xff, second, _, fourth, fifth, sixth] if second & 0xf6 == 0xf0 => {
            let length = u32::from(fourth & 3) << 11 | u32::from(fifth) << 3 | u32::from(sixth >> 5);
            if length == size {
                Step::Wrong("it has an ADTS header, as in a transport stream; no browser takes that in an MP4")
            } else {
                Step::Rest
            }
        }
        _ => Step::Rest,
    }
}

/// The first bytes of an Opus packet (RFC 6716 section 3.2).
pub(super) fn opus(header: &[u8], size: u32, is_single: bool) -> Step {
    /// Of a packet, in units of 2.5 ms.
    const MOST: u32 = 48;
    let toc = header[0];
    match toc & 3 {
        1 if is_single && size.is_multiple_of(2) => {
            Step::Wrong("it holds two Opus frames of equal length in an odd number of bytes")
        }
        3 => match header.get(1) {
            None if size > 1 => Step::More,
            None => Step::Wrong("it ends within the header of an Opus packet"),
            Some(count) => {
                let count = u32::from(count & 0x3f);
                let fits = count > 0 && count * opus_frame(toc) <= MOST;
                if fits { Step::Rest } else { Step::Wrong("it is an Opus packet of more than 120 ms, or of nothing") }
            }
        },
        _ => Step::Rest,
    }
}

/// Length of a frame in units of 2.5 ms, by the configuration number (RFC 6716 section 3.1).
fn opus_frame(toc: u8) -> u32 {
    match toc >> 3 {
        config @ 0..12 => [4, 8, 16, 24][usize::from(config % 4)],
        config @ 12..16 => [4, 8][usize::from(config % 2)],
        config => [1, 2, 4, 8][usize::from(config % 4)],
    }
}

/// A syncframe of AC-3, or one of those of E-AC-3 in a sample (ETSI TS 102 366 sections 4.4 and E.1.3).
pub(super) fn ac3(header: &[u8], left: u64) -> Step {
    match *header {
        [0x0b] | [0x0b, 0x77] | [0x0b, 0x77, _, _] | [0x0b, 0x77, _] | [0x0b, 0x77, _, _, _] => Step::More,
        // The length stands in the frame only where that is one of E-AC-3.
        [0x0b, 0x77, third, fourth, _, sixth] if sixth >> 3 > 10 => {
            let words = (u64::from(third & 7) << 8 | u64::from(fourth)) + 1;
            Step::Payload((words * 2).saturating_sub(6))
        }
        [0x0b, 0x77, _, _, fifth, _] => up_to(ac3_bytes(fifth), header, left),
        _ => Step::Wrong("it does not begin with the header of an AC-3 frame"),
    }
}

/// Length of an AC-3 frame by its code for rates, 0 where that is none (section 4.4.1.4).
pub(crate) fn ac3_bytes(code: u8) -> u64 {
    const KILOBITS: [u64; 19] =
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
    let Some(kilobits) = KILOBITS.get(usize::from(code & 0x3f) / 2) else { return 0 };
    match code >> 6 {
        0 => kilobits * 4,
        1 => (kilobits * 320 / 147 + u64::from(code & 1)) * 2,
        2 => kilobits * 6,
        _ => 0,
    }
}

/// A frame of MPEG audio (ISO/IEC 11172-3 section 2.4.2.3, 13818-3 for the lower rates).
pub(super) fn mpeg(header: &[u8], left: u64) -> Step {
    match *header {
        [0xff] => Step::More,
        [0xff, second, ..] if second & 0xe0 == 0xe0 => match *header {
            [first, second, third, fourth] => {
                let frame = MpegFrame::parse([first, second, third, fourth]);
                up_to(frame.map_or(0, |frame| frame.bytes), header, left)
            }
            _ if left > 0 => Step::More,
            _ => Step::Wrong("it ends within the header of an MPEG audio frame"),
        },
        _ => Step::Wrong("it does not begin with the header of an MPEG audio frame"),
    }
}

/// What the header of a frame of MPEG audio says (ISO/IEC 11172-3 section 2.4.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MpegFrame {
    /// Its length with the header.
    pub bytes: u64,
    /// Samples of each channel.
    pub samples: u32,
    /// Samples in a second.
    pub rate: u32,
    /// One or two.
    pub channels: u8,
}

impl MpegFrame {
    /// Reads a header; `None` where it is none, or does not say how long the frame is.
    #[must_use]
    pub fn parse([first, second, third, fourth]: [u8; 4]) -> Option<Self> {
        /// Kilobits a second by version and layer: I, II and III of MPEG-1, I and then both others of MPEG-2.
        const KILOBITS: [[u32; 14]; 5] = [
            [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
            [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
            [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
            [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
            [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
        ];
        const RATES: [u32; 3] = [44_100, 48_000, 32_000];
        const MONO: u8 = 3;
        if first != 0xff || second & 0xe0 != 0xe0 {
            return None;
        }
        let (version, layer, padding) = (second >> 3 & 3, second >> 1 & 3, u32::from(third >> 1 & 1));
        let divisor = match version {
            3 => 1,
            2 => 2,
            0 => 4,
            _ => return None,
        };
        let (row, samples, unit) = match (layer, divisor) {
            (3, 1) => (0, 384, 4),
            (3, _) => (3, 384, 4),
            (2, 1) => (1, 1_152, 1),
            (2, _) => (4, 1_152, 1),
            (1, 1) => (2, 1_152, 1),
            (1, _) => (4, 576, 1),
            _ => return None,
        };
        let kilobits = usize::from(third >> 4).checked_sub(1).and_then(|at| KILOBITS[row].get(at))?;
        let rate = RATES.get(usize::from(third >> 2 & 3))? / divisor;
        let bytes = (samples / 8 / unit * kilobits * 1_000 / rate + padding) * unit;
        let channels = if fourth >> 6 == MONO { 1 } else { 2 };
        Some(Self { bytes: bytes.into(), samples, rate, channels })
    }
}

/// The rest of a sample that should hold a frame of `bytes` bytes, of which those of the header have come.
fn up_to(bytes: u64, header: &[u8], left: u64) -> Step {
    if bytes > left + header.len() as u64 { Step::Wrong("its frame is longer than it is") } else { Step::Rest }
}

/// A sync word: all of the first byte, and the bits of the second that are set in the mask.
pub(super) fn sync(header: &[u8], word: [u8; 2], why: &'static str) -> Step {
    match *header {
        [first] if first == word[0] => Step::More,
        [first, second, ..] if first == word[0] && second & word[1] == word[1] => Step::Rest,
        _ => Step::Wrong(why),
    }
}
