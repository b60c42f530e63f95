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
pub(super) fn ac3(header: &[u8]) -> Step {
    match *header {
        [0x0b] | [0x0b, 0x77] | [0x0b, 0x77, _, _] | [0x0b, 0x77, _] | [0x0b, 0x77, _, _, _] => Step::More,
        // The length stands in the frame only where that is one of E-AC-3.
        [0x0b, 0x77, third, fourth, _, sixth] if sixth >> 3 > 10 => {
            let words = (u64::from(third & 7) << 8 | u64::from(fourth)) + 1;
            Step::Payload((words * 2).saturating_sub(6))
        }
        [0x0b, 0x77, ..] => Step::Rest,
        _ => Step::Wrong("it does not begin with the header of an AC-3 frame"),
    }
}

/// A sync word: all of the first byte, and the bits of the second that are set in the mask.
pub(super) fn sync(header: &[u8], word: [u8; 2], why: &'static str) -> Step {
    match *header {
        [first] if first == word[0] => Step::More,
        [first, second, ..] if first == word[0] && second & word[1] == word[1] => Step::Rest,
        _ => Step::Wrong(why),
    }
}
