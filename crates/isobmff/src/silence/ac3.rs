//! A silent frame of AC-3 or E-AC-3 (ETSI TS 102 366 sections 4 and E.1).
//!
//! The header is that of the track's own frames, without what may be left out. The exponents are the same throughout, and
//! offsets for noise of 0 say that no mantissa has a bit (section 6.2.2.1), which stands for zeros where there is no dither.

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

/// The frame for a track whose first one begins with `first`. `None` where that does not show, or `dec3` speaks of several
/// streams, and where a sample has several frames.
pub(super) fn silence(dec3: Option<&BoxRef<'_>>, first: &[u8]) -> Option<SilentFrame> {
    /// Identifications of AC-3, of which those above 8 are at half and at a quarter of the rate, and of E-AC-3.
    const AC3: u32 = 10;
    const HALF_RATES: u32 = 8;
    const E_AC3: u32 = 16;
    let mut bits = Bits::new(first);
    if bits.take(16)? != SYNC_WORD {
        return None;
    }
    let identification = u32::from(*first.get(5)? >> 3);
    let (bytes, rate) = match identification {
        ..=AC3 => {
            let (bytes, code) = ac3(bits)?;
            (bytes, RATES.get(code)? >> identification.saturating_sub(HALF_RATES))
        }
        E_AC3 if is_one_stream(dec3?)? => {
            let (bytes, code) = e_ac3(bits)?;
            (bytes, *RATES.get(code)?)
        }
        _ => return None,
    };
    Some(SilentFrame { bytes, samples: SAMPLES, rate })
}

/// Whether all of a sample is one independent substream (section F.6).
fn is_one_stream(dec3: &BoxRef<'_>) -> Option<bool> {
    let mut bits = Bits::new(dec3.body);
    bits.take(13)?;
    let more = bits.take(3)?;
    bits.take(2 + 5 + 1 + 1 + 3 + 3 + 1 + 3)?;
    Some(more == 0 && bits.take(4)? == 0)
}

/// A frame of AC-3, behind the sync word of the track's first one; the code of its rate, too.
fn ac3(mut first: Bits<'_>) -> Option<(Vec<u8>, usize)> {
    first.take(16)?;
    let (rate, size, identification, purpose) = (first.take(2)?, first.take(6)?, first.take(5)?, first.take(3)?);
    let mode = first.take(3)?;
    // How the centre, the surround channels and Dolby Surround are mixed.
    let mixing = if mode & 1 == 1 && mode != 1 { 2 } else { 0 }
        + if mode & 4 != 0 { 2 } else { 0 }
        + if mode == 2 { 2 } else { 0 };
    let (mix, low, loudness) = (first.take(mixing)?, first.take(1)?, first.take(5)?);
    let layout = Layout::new(mode, low);
    let length = usize::try_from(crate::framing::ac3_bytes((rate << 6 | size) as u8)).ok()?;

    let mut frame = Writer::default();
    frame.put(SYNC_WORD, 16);
    // The first checksum comes when all is there.
    frame.put(0, 16);
    for (value, count) in [(rate, 2), (size, 6), (identification, 5), (purpose, 3), (mode, 3), (mix, mixing), (low, 1)]
    {
        frame.put(value, count);
    }
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
    Some((ended(bytes), rate as usize))
}

/// A frame of E-AC-3, behind the sync word of the track's first one; the code of its rate, too.
fn e_ac3(mut first: Bits<'_>) -> Option<(Vec<u8>, usize)> {
    const INDEPENDENT: u32 = 0;
    const SIX_BLOCKS: u32 = 3;
    let (kind, stream, size) = (first.take(2)?, first.take(3)?, first.take(11)?);
    let (rate, blocks, mode, low) = (first.take(2)?, first.take(2)?, first.take(3)?, first.take(1)?);
    let (identification, loudness) = (first.take(5)?, first.take(5)?);
    if (kind, stream, blocks) != (INDEPENDENT, 0, SIX_BLOCKS) {
        return None;
    }
    let (layout, length) = (Layout::new(mode, low), (size as usize + 1) * 2);

    let mut frame = Writer::default();
    for (value, count) in [(SYNC_WORD, 16), (kind, 2), (stream, 3), (size, 11), (rate, 2), (blocks, 2), (mode, 3)] {
        frame.put(value, count);
    }
    frame.put(low, 1);
    frame.put(identification, 5);
    for _ in 0..=u32::from(layout.is_dual()) {
        frame.put(loudness, 5);
        frame.put(0, 1);
    }
    // Mixing, informational and additional metadata.
    frame.put(0, 3);
    // expstre: exponents of each block are spoken of by itself; ahte; snroffststr: one offset for all.
    frame.put(0b1000, 4);
    // transproce, blkswe, dithflage (so that there is none), bamode, frmfgaincode, dbaflde, skipflde, spxattene.
    frame.put(0b0010_0000, 8);
    if layout.mode > 1 {
        // No coupling in the first block, and nothing new of it in the others.
        zeros(&mut frame, BLOCKS);
    }
    for block in 0..BLOCKS {
        (0..layout.channels).for_each(|_| frame.put(if block == 0 { NEW } else { REUSE }, 2));
    }
    if layout.has_low {
        frame.put(1 << (BLOCKS - 1), BLOCKS as u32);
    }
    // Exponents for a converter to AC-3, which are as said; the offset; where blocks begin is not said.
    zeros(&mut frame, 5 * layout.channels + 6 + 4 + 1);
    for block in 0..BLOCKS {
        let is_first = block == 0;
        // Dither, and the range of loudness.
        zeros(&mut frame, layout.channels + 1 + usize::from(layout.is_dual()));
        // No spectral extension, of which the first block has to speak.
        frame.put(0, 1);
        if layout.is_stereo() {
            zeros(&mut frame, if is_first { 4 } else { 1 });
        }
        if is_first {
            exponents(&mut frame, layout);
        }
        // No offset for a converter.
        frame.put(0, 1);
    }
    Some((ended(filled(frame, length)?), rate as usize))
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
        let silent = silence(None, &AC3).expect("a frame");
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
    fn e_ac3_of_one_stream() {
        let dec3 = |more: u8, dependent: u8| make(b"dec3", &[0x0c, more, 0x20, 0x0f, dependent << 1]);
        let of = |dec3: &[u8], first: &[u8]| silence(Some(&BoxRef::parse(dec3, 0).expect("whole")), first);
        let first = [0x0b, 0x77, 0x01, 0xff, 0x3f, 0x87, 0xc0, 0];
        let silent = of(&dec3(0, 0), &first).expect("a frame");
        assert_eq!((silent.bytes.len(), silent.rate), (1_024, 48_000));
        assert_eq!(checksum::add(0, &silent.bytes[2..]), 0);
        assert_eq!([of(&dec3(1, 0), &first), of(&dec3(0, 1), &first)], [None, None], "several streams");
        assert_eq!(of(&dec3(0, 0), &[0x0b, 0x77, 0x01, 0xff, 0x2f, 0x87, 0xc0, 0]), None, "three blocks");
        assert_eq!(silence(None, &first), None);
    }

    #[test]
    fn what_is_no_frame() {
        assert_eq!(silence(None, &[]), None);
        assert_eq!(silence(None, &AC3[..6]), None);
        assert_eq!(silence(None, &[0x77, 0x0b, 0, 0, 0x1e, 0x40, 0xe1, 0xf8]), None);
        assert_eq!(silence(None, &[0x0b, 0x77, 0, 0, 0xde, 0x40, 0xe1, 0xf8]), None, "no rate");
        assert_eq!(silence(None, &[0x0b, 0x77, 0, 0, 0x3f, 0x40, 0xe1, 0xf8]), None, "no length");
    }
}
