//! A silent frame of FLAC (RFC 9639 section 9).

use super::SilentFrame;
use crate::framing::checksum;
use crate::{BoxRef, Fields};

/// The frame for a `dfLa` box (FLAC in ISOBMFF section 3.3.2) and a track whose first frame begins with `first`; `None` where
/// there is no usable STREAMINFO.
///
/// It is as long as the track's frames are at most, and has number 0, as the first of the track's own: decoders of frames out
/// of a container count by that.
pub(super) fn silence(dfla: &BoxRef<'_>, first: &[u8]) -> Option<SilentFrame> {
    /// The least samples in a block that is not the last (section 8.2).
    const LEAST_BLOCK: u16 = 16;
    let (_, _, fields) = dfla.full().ok()?;
    let StreamInfo { block, is_variable, rate, channels, depth } = StreamInfo::read(fields)?;
    if block < LEAST_BLOCK || rate == 0 {
        return None;
    }
    // The strategy never changes within a stream; a block of one size may be numbered in either.
    let strategy = first.get(1).map_or(u8::from(is_variable), |second| second & 1);
    let mut bytes = vec![0xff, 0xf8 | strategy];
    // The length of the block stands in 16 bits below; rate and depth are those of STREAMINFO; each channel by itself.
    bytes.extend([0b0111_0000, (channels - 1) << 4, 0]);
    bytes.extend((block - 1).to_be_bytes());
    bytes.push(header_checksum(&bytes));
    // Of each channel a constant subframe (section 9.2.3), which is a byte of zeros and a sample of zero.
    let bits = usize::from(channels) * (8 + usize::from(depth));
    bytes.resize(bytes.len() + bits.div_ceil(8), 0);
    bytes.extend(checksum::add(0, &bytes).to_be_bytes());
    Some(SilentFrame { bytes, samples: block.into(), rate })
}

/// What STREAMINFO says (section 8.2).
struct StreamInfo {
    /// The most samples of each channel in a block.
    block: u16,
    is_variable: bool,
    /// Samples in a second.
    rate: u32,
    /// 1 to 8.
    channels: u8,
    /// Bits in a sample, 1 to 32.
    depth: u8,
}

impl StreamInfo {
    fn read(mut fields: Fields<'_>) -> Option<Self> {
        const KIND: u8 = 0x7f;
        // It is the first of the metadata blocks: 0, behind the bit that says whether it is the last.
        if fields.u8().ok()? & KIND != 0 {
            return None;
        }
        fields.skip(3).ok()?;
        let (least, most) = (fields.u16().ok()?, fields.u16().ok()?);
        fields.skip(3 + 3).ok()?;
        let packed = fields.u32().ok()?;
        Some(Self {
            block: most,
            is_variable: least != most,
            rate: packed >> 12,
            channels: u8::try_from(packed >> 9 & 7).ok()? + 1,
            // Behind it stand the first four bits of the number of samples.
            depth: u8::try_from(packed >> 4 & 31).ok()? + 1,
        })
    }
}

/// CRC-8 with the polynomial x^8 + x^2 + x + 1, from zero (section 9.1.8).
fn header_checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |checksum, &byte| {
        (0..8).fold(checksum ^ byte, |value, _| if value & 0x80 == 0 { value << 1 } else { value << 1 ^ 0x07 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::full;

    /// STREAMINFO of a stream with blocks of these lengths and these 20, 3 and 5 bits.
    fn of(least: u16, most: u16, rate: u32, channels: u32, depth: u32, first: &[u8]) -> Option<SilentFrame> {
        let packed = rate << 12 | (channels - 1) << 9 | (depth - 1) << 4;
        let sizes = [least.to_be_bytes(), most.to_be_bytes()].concat();
        let body = [&[0x80, 0, 0, 34][..], &sizes, &[0; 6], &packed.to_be_bytes(), &[0; 20]].concat();
        silence(&BoxRef::parse(&full(b"dfLa", 0, 0, &body), 0).expect("whole"), first)
    }

    #[test]
    fn blocks_of_one_length_and_of_several() {
        let fixed = of(4_096, 4_096, 48_000, 2, 16, &[]).expect("a frame");
        assert_eq!((fixed.samples, fixed.rate), (4_096, 48_000));
        assert_eq!(fixed.bytes[..7], [0xff, 0xf8, 0x70, 0x10, 0, 0x0f, 0xff]);
        assert_eq!(fixed.bytes.len(), 8 + 6 + 2);
        assert_eq!(of(16, 4_096, 48_000, 2, 16, &[]).expect("a frame").bytes[1], 0xf9);
        assert_eq!(of(4_096, 4_096, 48_000, 2, 16, &[0xff, 0xf9]).expect("a frame").bytes[1], 0xf9, "as the first");
    }

    #[test]
    fn both_checksums_of_a_frame_are_zero_behind_it() {
        for (channels, depth) in [(1, 8), (2, 24), (6, 20), (8, 32), (1, 12)] {
            let bytes = of(576, 4_608, 96_000, channels, depth, &[]).expect("a frame").bytes;
            assert_eq!((header_checksum(&bytes[..8]), checksum::add(0, &bytes)), (0, 0));
            assert_eq!(bytes.len(), 10 + (channels * (8 + depth)).div_ceil(8) as usize);
        }
    }

    /// The check value that catalogues of checksums give for this one (CRC-8/SMBUS).
    #[test]
    fn the_checksum_of_the_nine_digits() {
        assert_eq!(header_checksum(b"123456789"), 0xf4);
    }

    #[test]
    fn what_is_no_stream_of_sound() {
        assert_eq!(of(0, 0, 48_000, 2, 16, &[]), None);
        assert_eq!(of(4_096, 4_096, 0, 2, 16, &[]), None);
        let of_body = |body: &[u8]| silence(&BoxRef::parse(&full(b"dfLa", 0, 0, body), 0).expect("whole"), &[]);
        assert_eq!(of_body(&[0x80, 0, 0, 34, 16]), None, "cut off");
        assert_eq!(of_body(&[0x84, 0, 0, 34, 16, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), None, "a comment");
    }
}
