//! A silent frame of AC-3 or E-AC-3 (ETSI TS 102 366 sections 4 and E.1).
//!
//! The header is that of the track's own frames, without what may be left out. The exponents are the same throughout, and
//! offsets for noise of 0 say that no mantissa has a bit (section 6.2.2.1), which stands for zeros where there is no dither.

mod e_ac3;

use self::e_ac3::Substream;
use super::SilentFrame;
use super::writer::Writer;
use crate::BoxRef;
use crate::codec::bits::Bits;
use crate::framing::checksum;

/// Samples of a frame, in six blocks.
const SAMPLES: u32 = 1_536;
const RATES: [u32; 3] = [48_000, 44_100, 32_000];
const BLOCKS: usize = 6;
/// Exponents for groups of four (D45).
const NEW: u32 = 3;
const REUSE: u32 = 0;
const SYNC_WORD: u32 = 0x0b77;
/// The loudness that says that nothing is to be changed by it, where no frame says another.
const USUAL_LOUDNESS: u32 = 31;

/// What a frame holds, by its header.
#[derive(Clone, Copy)]
struct Layout {
    /// `acmod`: channels but that of low frequencies.
    mode: u32,
    /// How many those are.
    channels: usize,
    has_low: bool,
}

impl Layout {
    fn new(mode: u32, has_low: u32) -> Self {
        Self { mode, channels: [2, 1, 2, 3, 3, 4, 4, 5][mode as usize & 7], has_low: has_low == 1 }
    }

    /// Whether two channels have nothing to do with each other, and so twice what others have once.
    fn is_dual(self) -> bool {
        self.mode == 0
    }

    fn is_stereo(self) -> bool {
        self.mode == 2
    }
}

/// The frame for a track whose first sample is `first`, or, where that is not known, with that `dac3` or `dec3`. `None` where
/// neither says how it is coded.
pub(super) fn silence(configuration: Option<&BoxRef<'_>>, first: Option<&[u8]>) -> Option<SilentFrame> {
    /// Identifications of AC-3, of which those above 8 are at half and at a quarter of the rate, and of E-AC-3.
    const AC3: u32 = 10;
    const HALF_RATES: u32 = 8;
    const E_AC3: u32 = 16;
    let is_enhanced = configuration.is_some_and(|configuration| configuration.kind == b"dec3");
    let identification = match first {
        Some(first) => u32::from(*first.get(5)? >> 3),
        None if is_enhanced => E_AC3,
        None => 0,
    };
    let (bytes, rate) = match identification {
        ..=AC3 => {
            let header = first.map_or_else(|| Ac3::of_box(configuration?), Ac3::parse)?;
            (header.frame()?, RATES.get(header.rate as usize)? >> header.identification.saturating_sub(HALF_RATES))
        }
        E_AC3 => {
            let streams = first.map_or_else(|| e_ac3::of_box(configuration?), e_ac3::of_sample)?;
            let frames: Option<Vec<_>> = streams.iter().map(Substream::frame).collect();
            (frames?.concat(), *RATES.get(streams.first()?.rate as usize)?)
        }
        _ => return None,
    };
    Some(SilentFrame { bytes, samples: SAMPLES, rate })
}

/// What the header of a frame of AC-3 says.
struct Ac3 {
    /// Code of the rate of samples, and of the length.
    rate: u32,
    size: u32,
    identification: u32,
    /// `bsmod`.
    purpose: u32,
    mode: u32,
    /// How the centre, the surround channels and Dolby Surround are mixed.
    mix: u32,
    low: u32,
    /// `dialnorm`.
    loudness: u32,
}

impl Ac3 {
    fn parse(first: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(first);
        if bits.take(16)? != SYNC_WORD {
            return None;
        }
        bits.take(16)?;
        let (rate, size, identification, purpose) = (bits.take(2)?, bits.take(6)?, bits.take(5)?, bits.take(3)?);
        let mode = bits.take(3)?;
        let mix = bits.take(Self::mixing(mode))?;
        Some(Self { rate, size, identification, purpose, mode, mix, low: bits.take(1)?, loudness: bits.take(5)? })
    }

    /// By `dac3` (section F.4), of the lowest rate.
    fn of_box(dac3: &BoxRef<'_>) -> Option<Self> {
        let mut bits = Bits::new(dac3.body);
        let (rate, identification, purpose) = (bits.take(2)?, bits.take(5)?, bits.take(3)?);
        let (mode, low) = (bits.take(3)?, bits.take(1)?);
        Some(Self { rate, size: 0, identification, purpose, mode, mix: 0, low, loudness: USUAL_LOUDNESS })
    }

    /// Bits of `mix`.
    fn mixing(mode: u32) -> u32 {
        let centre = if mode & 1 == 1 && mode != 1 { 2 } else { 0 };
        centre + if mode & 4 != 0 { 2 } else { 0 } + if mode == 2 { 2 } else { 0 }
    }

    fn frame(&self) -> Option<Vec<u8>> {
        let &Self { rate, size, identification, purpose, mode, mix, low, loudness } = self;
        let layout = Layout::new(mode, low);
        let length = usize::try_from(crate::framing::ac3_bytes((rate << 6 | size) as u8)).ok()?;
        let mut frame = Writer::default();
        frame.put(SYNC_WORD, 16);
        // The first checksum comes when all is there.
        frame.put(0, 16);
        for (value, count) in [(rate, 2), (size, 6), (identification, 5), (purpose, 3), (mode, 3)] {
            frame.put(value, count);
        }
        frame.put(mix, Self::mixing(mode));
        frame.put(low, 1);
        for _ in 0..=u32::from(layout.is_dual()) {
            // dialnorm; neither compression, language nor production.
            frame.put(loudness, 5);
            frame.put(0, 3);
        }
        // Copyright, original, two time codes, and additional information.
        frame.put(0, 5);
        for block in 0..BLOCKS {
            let is_first = block == 0;
            // Neither short blocks nor dither.
            zeros(&mut frame, 2 * layout.channels + 1 + usize::from(layout.is_dual()));
            // No coupling.
            frame.put(u32::from(is_first) << 1, if is_first { 2 } else { 1 });
            if layout.is_stereo() {
                frame.put(u32::from(is_first) << 4, if is_first { 5 } else { 1 });
            }
            (0..layout.channels).for_each(|_| frame.put(if is_first { NEW } else { REUSE }, 2));
            if layout.has_low {
                frame.put(is_first.into(), 1);
            }
            if is_first {
                exponents(&mut frame, layout);
                // How bits are given, of which there are none.
                frame.put(1, 1);
                zeros(&mut frame, 2 + 2 + 2 + 2 + 3);
                frame.put(1, 1);
                zeros(&mut frame, 6 + (4 + 3) * (layout.channels + usize::from(layout.has_low)));
            } else {
                frame.put(0, 2);
            }
            // No changes to that, and nothing to skip.
            frame.put(0, 2);
        }
        let mut bytes = filled(frame, length)?;
        let words = length / 2;
        let most = 2 * ((words >> 1) + (words >> 3));
        let leading = leading_checksum(&bytes[4..most]);
        bytes[2..4].copy_from_slice(&leading.to_be_bytes());
        Some(ended(bytes))
    }
}

/// Bandwidth and exponents of all channels: the least of those, and the same for all.
fn exponents(frame: &mut Writer, layout: Layout) {
    /// Three differences of 0 in a group.
    const SAME: u32 = (2 * 5 + 2) * 5 + 2;
    const LEAST: u32 = 15;
    /// Groups of 12 exponents behind the first of 73, and of three behind that of 7.
    const GROUPS: usize = 6;
    const LOW_GROUPS: usize = 2;
    zeros(frame, 6 * layout.channels);
    for _ in 0..layout.channels {
        frame.put(LEAST, 4);
        (0..GROUPS).for_each(|_| frame.put(SAME, 7));
        // gainrng.
        frame.put(0, 2);
    }
    if layout.has_low {
        frame.put(LEAST, 4);
        (0..LOW_GROUPS).for_each(|_| frame.put(SAME, 7));
    }
}

fn zeros(frame: &mut Writer, count: usize) {
    (0..count).for_each(|_| frame.put(0, 1));
}

/// Filled with zeros up to `length` bytes; `None` where two of them are not left for the checksum, and one for what is before it.
fn filled(frame: Writer, length: usize) -> Option<Vec<u8>> {
    let mut bytes = frame.bytes;
    if bytes.len() + 3 > length {
        return None;
    }
    bytes.resize(length, 0);
    Some(bytes)
}

/// With the checksum at its end, of everything behind the sync word.
fn ended(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 2;
    let checksum = checksum::add(0, &bytes[2..end]);
    bytes[end..].copy_from_slice(&checksum.to_be_bytes());
    bytes
}

/// The checksum that has to come before these bytes for that of all of them to be zero: by going back, bit by bit.
fn leading_checksum(bytes: &[u8]) -> u16 {
    const POLYNOMIAL: u16 = 0x8005;
    let back = |checksum: u16, bit: u16| {
        let was_taken = checksum & 1;
        let before = if was_taken == 1 { checksum ^ POLYNOMIAL } else { checksum };
        before >> 1 | (was_taken ^ bit) << 15
    };
    let through =
        |checksum, &byte: &u8| (0..8).fold(checksum, |checksum, bit| back(checksum, u16::from(byte >> bit & 1)));
    let behind = bytes.iter().rev().fold(0, through);
    [0, 0].iter().fold(behind, through)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::make;

    /// 448 kbit/s of 48 kHz in 5.1.
    const AC3: [u8; 8] = [0x0b, 0x77, 0xaa, 0xaa, 0x1e, 0x40, 0xe1, 0xf8];

    #[test]
    fn both_checksums_of_ac3_are_zero() {
        let silent = silence(None, Some(&AC3)).expect("a frame");
        assert_eq!((silent.bytes.len(), silent.samples, silent.rate), (1_792, 1_536, 48_000));
        assert_eq!(silent.bytes[4..7], AC3[4..7]);
        assert_eq!(checksum::add(0, &silent.bytes[2..1_120]), 0, "of five eighths");
        assert_eq!(checksum::add(0, &silent.bytes[2..]), 0);
    }

    #[test]
    fn a_checksum_in_front_is_found() {
        for bytes in [&b""[..], b"1", b"123456789"] {
            let all = [&leading_checksum(bytes).to_be_bytes(), bytes].concat();
            assert_eq!(checksum::add(0, &all), 0);
        }
    }

    #[test]
    fn ac3_of_which_no_frame_is_known() {
        for mode in 0..8_u8 {
            for low in 0..2 {
                let dac3 = make(b"dac3", &[0x10, mode << 3 | low << 2 | 1, 0xe0]);
                let silent = silence(Some(&BoxRef::parse(&dac3, 0).expect("whole")), None).expect("there is room");
                assert_eq!((silent.bytes.len(), silent.rate), (128, 48_000));
                assert_eq!(
                    Ac3::parse(&silent.bytes).map(|header| (header.mode, header.low)),
                    Some((mode.into(), low.into()))
                );
                assert_eq!(checksum::add(0, &silent.bytes[2..]), 0);
            }
        }
        assert_eq!(silence(None, None), None);
    }

    #[test]
    fn what_is_no_frame() {
        assert_eq!(silence(None, Some(&[])), None);
        assert_eq!(silence(None, Some(&AC3[..6])), None);
        assert_eq!(silence(None, Some(&[0x77, 0x0b, 0, 0, 0x1e, 0x40, 0xe1, 0xf8])), None);
        assert_eq!(silence(None, Some(&[0x0b, 0x77, 0, 0, 0xde, 0x40, 0xe1, 0xf8])), None, "no rate");
        assert_eq!(silence(None, Some(&[0x0b, 0x77, 0, 0, 0x3f, 0x40, 0xe1, 0xf8])), None, "no length");
    }
}
