//! A silent frame of MPEG audio (ISO/IEC 11172-3 and 13818-3).
//!
//! Layers I and II give no bits to any band: zeros behind the header. In layer III a frame may use what the ones before it
//! have left of their bits (the bit reservoir). Sound that was cut out of a longer one begins with frames whose bits are not
//! there; decoders leave those out, and would take for them whatever silence leaves. So silence leaves nothing: all of its
//! bits are used, for groups of four values that are zero.

use super::SilentFrame;
use super::writer::Writer;
use crate::framing::MpegFrame;

/// The header of a frame of layer III of that `rate`; `None` where there is none.
pub(super) fn header(rate: u32, channels: u16) -> Option<[u8; 4]> {
    const MONO: u8 = 0b1100_0000;
    /// MPEG-1, MPEG-2 and MPEG-2.5, each of layer III without a checksum.
    const VERSIONS: [u8; 3] = [0xfb, 0xf3, 0xe3];
    let mode = if channels == 1 { MONO } else { 0 };
    let mut headers =
        VERSIONS.iter().flat_map(|&version| [0, 1, 2].map(|code| [0xff, version, 1 << 4 | code << 2, mode]));
    headers.find(|&header| MpegFrame::parse(header).is_some_and(|frame| frame.rate == rate))
}

/// The frame for a track whose first frame begins with `first`; `None` where that is none, or says not how long it is.
pub(super) fn silence(first: &[u8]) -> Option<SilentFrame> {
    /// Of the second byte: no checksum behind the header.
    const NO_CHECKSUM: u8 = 1;
    /// Of the third byte: the rate of samples, without padding and the private bit.
    const RATE: u8 = 0b0000_1100;
    /// Of the fourth byte: the mode, without its extension, copyright, original and emphasis.
    const MODE: u8 = 0b1100_0000;
    /// The lowest of the bit rates.
    const LOWEST: u8 = 1 << 4;
    let header = *first.first_chunk::<4>()?;
    MpegFrame::parse(header)?;
    let [sync, second, third, fourth] = header;
    let is_layer_3 = second >> 1 & 3 == 1;
    // Which bit rates go with which modes differs in layer II.
    let bit_rate = if is_layer_3 { LOWEST } else { third & 0xf0 };
    let header = [sync, second | NO_CHECKSUM, bit_rate | third & RATE, fourth & MODE];
    let MpegFrame { bytes, samples, rate, channels } = MpegFrame::parse(header)?;
    let length = usize::try_from(bytes).ok()?;
    let mut frame = Writer::default();
    header.iter().for_each(|&byte| frame.put(byte.into(), 8));
    if is_layer_3 {
        layer_3(&mut frame, second >> 3 & 3 == 3, channels == 1, length);
    }
    frame.bytes.resize(length, if is_layer_3 { 0xff } else { 0 });
    Some(SilentFrame { bytes: frame.bytes, samples, rate })
}

/// The side information of a frame of `length` bytes (section 2.4.1.7 of both standards), behind which all bits are 1.
fn layer_3(frame: &mut Writer, is_mpeg_1: bool, is_mono: bool, length: usize) {
    /// The most bits that the values of a granule in a channel can use: 576 in groups of four, each of them four bits
    /// (1111 in table B of annex 3-B.7 is four zeros).
    const MOST: usize = 576;
    let channels = if is_mono { 1 } else { 2 };
    // main_data_begin, private bits and scfsi; granules; what stands between part2_3_length and count1table_select, where zeros
    // say that there are neither scale factors nor big values.
    let (first, granules, between) = match (is_mpeg_1, is_mono) {
        (true, true) => (9 + 5 + 4, 2, 46),
        (true, false) => (9 + 3 + 8, 2, 46),
        (false, true) => (8 + 1, 1, 50),
        (false, false) => (8 + 2, 1, 50),
    };
    let parts = granules * channels;
    let side = (first as usize + parts * (12 + between as usize + 1)) / 8;
    let mut left = (length - frame.bytes.len()).saturating_sub(side) * 8;
    frame.put(0, first);
    for _ in 0..parts {
        let used = left.min(MOST);
        left -= used;
        frame.put(used as u32, 12);
        frame.put(0, between);
        frame.put(1, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(second: u8, third: u8, fourth: u8) -> SilentFrame {
        silence(&[0xff, second, third, fourth]).expect("a frame")
    }

    #[test]
    fn layer_3_is_of_the_lowest_rate_and_uses_all_of_it() {
        // 128 kbit/s of 44.1 kHz in joint stereo, with padding, without a checksum: 32 kbit/s are 104 bytes.
        let silent = of(0xfb, 0x92, 0x64);
        assert_eq!((silent.bytes.len(), silent.samples, silent.rate), (104, 1_152, 44_100));
        assert_eq!(silent.bytes[..4], [0xff, 0xfb, 0x10, 0x40]);
        // 20 bits of zeros; 544 bits behind 36 bytes are the first granule's.
        assert_eq!(silent.bytes[4..8], [0, 0, 0b0000_0010, 0b0010_0000]);
        assert!(silent.bytes[36..].iter().all(|&byte| byte == 0xff));
        assert!(silent.bytes[35] == 1, "{silent:?}");
    }

    #[test]
    fn layer_3_of_every_version_fits_into_its_granules() {
        for version in [0xe2, 0xf2, 0xfa] {
            for rate in [0, 4, 8] {
                for mode in [0, 0xc0] {
                    let silent = of(version | 1, 0x90 | rate, mode);
                    let mono = mode != 0;
                    let (granules, side) = match (version == 0xfa, mono) {
                        (true, true) => (2, 17),
                        (true, false) => (4, 32),
                        (false, true) => (1, 9),
                        (false, false) => (2, 17),
                    };
                    assert!((silent.bytes.len() - 4 - side) * 8 <= 576 * granules, "{silent:?}");
                    assert!(silent.bytes[4 + side..].iter().all(|&byte| byte == 0xff));
                    assert!(silent.bytes[3 + side] & 1 == 1, "{silent:?}");
                }
            }
        }
    }

    #[test]
    fn layers_1_and_2_keep_their_rate() {
        let silent = of(0xfd, 0xa4, 0);
        assert_eq!((silent.bytes.len(), silent.samples, silent.rate), (576, 1_152, 48_000));
        assert!(silent.bytes[4..].iter().all(|&byte| byte == 0));
        assert_eq!(of(0xff, 0xa4, 0).samples, 384);
    }

    #[test]
    fn a_header_for_each_rate_and_mode() {
        for rate in [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] {
            for channels in [1, 2] {
                let header = header(rate, channels).expect("a header");
                let frame = MpegFrame::parse(header).expect("a frame");
                assert_eq!((frame.rate, u16::from(frame.channels)), (rate, channels));
                assert_eq!(silence(&header).map(|silent| silent.rate), Some(rate));
            }
        }
        assert_eq!(header(96_000, 2), None);
    }

    #[test]
    fn what_is_no_frame_or_of_no_known_length() {
        assert_eq!(silence(&[]), None);
        assert_eq!(silence(&[0xff, 0xfb, 0x90]), None);
        assert_eq!(silence(&[0x49, 0x44, 0x33, 4]), None);
        assert_eq!(silence(&[0xff, 0xfb, 0, 0]), None, "any rate");
        assert_eq!(silence(&[0xff, 0xfb, 0x9c, 0]), None, "no rate of samples");
    }
}
