//! Parts of samples of pictures.

use super::Step;

/// A NAL unit behind its length. A length of 0 ends the film in Chromium.
pub(super) fn nal_unit(header: &[u8], length_bytes: u8) -> Step {
    let bytes = usize::from(length_bytes);
    if header.len() < bytes {
        return Step::More;
    }
    let length = header[..bytes].iter().fold(0_u64, |length, &byte| length << 8 | u64::from(byte));
    match header.get(bytes) {
        _ if length == 0 => Step::Wrong("it has a NAL unit without a byte"),
        None => Step::More,
        // forbidden_zero_bit, ISO/IEC 14496-10 section 7.3.1.
        Some(first) if first & 0x80 != 0 => Step::Wrong("it is not made of NAL units"),
        Some(_) => Step::Payload(length - 1),
    }
}

/// An OBU (AV1 section 5.3).
pub(super) fn obu(header: &[u8], left: u64) -> Step {
    /// More would not fit into 32 bits, which is the most that a length may take.
    const LONGEST: usize = 5;
    let first = header[0];
    let (has_extension, has_size) = (first & 4 != 0, first & 2 != 0);
    if first & 0x80 != 0 {
        return Step::Wrong("it is not made of OBUs");
    }
    let fields = 1 + usize::from(has_extension);
    if header.len() < fields {
        return Step::More;
    }
    if !has_size {
        return Step::Payload(left);
    }
    let length = &header[fields..];
    match length.last() {
        Some(last) if last & 0x80 == 0 => {
            let value = length.iter().rev().fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
            Step::Payload(value)
        }
        _ if length.len() >= LONGEST => Step::Wrong("it is not made of OBUs"),
        _ => Step::More,
    }
}

/// `frame_marker`, VP9 section 6.2.
pub(super) fn vp9(header: &[u8]) -> Step {
    if header[0] & 0xc0 == 0x80 { Step::Rest } else { Step::Wrong("it does not begin with the header of a VP9 frame") }
}
