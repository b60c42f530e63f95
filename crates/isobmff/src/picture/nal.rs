//! H.264 or H.265, by the headers of NAL units (ISO/IEC 14496-10 section 7.3, 23008-2 section 7.3).

use super::Picture;

/// How the NAL units of a track are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NalFormat {
    pub(super) codec: NalCodec,
    /// Bytes that the length of a unit takes.
    pub(super) length_bytes: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NalCodec {
    Avc,
    Hevc,
}

/// The most units of one sample that are looked at. Pictures have dozens of slices.
const MOST_UNITS: usize = 512;
/// The most bytes of a unit that are looked at: those of a slice header up to its type, and of small SEI messages.
const HEAD: usize = 64;

impl NalFormat {
    /// As [`super::PictureFormat::picture`].
    pub(super) fn picture<E>(
        self,
        bytes: u64,
        mut read: impl FnMut(u64, &mut [u8]) -> Result<(), E>,
    ) -> Result<Option<Picture>, E> {
        let prefix = u64::from(self.length_bytes);
        let (mut at, mut is_recovery_point, mut found) = (0, false, None);
        for _ in 0..MOST_UNITS {
            if bytes - at <= prefix {
                return Ok(if bytes == at { found } else { None });
            }
            let mut head = [0; 4 + HEAD];
            let there = usize::try_from(bytes - at).unwrap_or(usize::MAX).min(usize::from(self.length_bytes) + HEAD);
            let head = &mut head[..there];
            read(at, head)?;
            let (length, unit) = head.split_at(usize::from(self.length_bytes));
            let length = length.iter().fold(0, |length, &byte| length << 8 | u64::from(byte));
            if length > bytes - at - prefix {
                return Ok(None);
            }
            at += prefix + length;
            let unit = &unit[..usize::try_from(length).unwrap_or(usize::MAX).min(unit.len())];
            match self.codec.unit(unit) {
                Unit::RecoveryPoint => is_recovery_point = true,
                Unit::Slice(Picture::Intra) if is_recovery_point => found = found.or(Some(Picture::Open)),
                // Every other kind is the same in all slices of a picture.
                Unit::Slice(Picture::Intra) => found = found.or(Some(Picture::Intra)),
                Unit::Slice(picture) => return Ok(Some(picture)),
                Unit::Other => {}
            }
        }
        Ok(found)
    }
}

enum Unit {
    Slice(Picture),
    /// A message that decoding can start at this very picture.
    RecoveryPoint,
    Other,
}

impl NalCodec {
    fn unit(self, unit: &[u8]) -> Unit {
        let Some(&first) = unit.first() else { return Unit::Other };
        match (self, if self == Self::Avc { first & 0x1f } else { first >> 1 & 0x3f }) {
            (Self::Avc, 5) | (Self::Hevc, 16..=20) => Unit::Slice(Picture::Closed),
            (Self::Avc, 1 | 2) => Unit::Slice(avc_slice(&unescaped(&unit[1..]))),
            (Self::Avc, 6) if has_recovery_point(&unescaped(&unit[1..])) => Unit::RecoveryPoint,
            (Self::Hevc, 21) => Unit::Slice(Picture::Open),
            (Self::Hevc, 0..=15) => Unit::Slice(Picture::Dependent),
            _ => Unit::Other,
        }
    }
}

/// Section 7.3.3: `first_mb_in_slice`, then `slice_type`, of which 2, 4, 7 and 9 need no other picture.
fn avc_slice(payload: &[u8]) -> Picture {
    let mut bits = Bits { bytes: payload, at: 0 };
    match (bits.exp_golomb(), bits.exp_golomb()) {
        (Some(_), Some(2 | 4 | 7 | 9)) => Picture::Intra,
        _ => Picture::Dependent,
    }
}

/// Whether the messages (section 7.3.2.3) that are there in full include a recovery point (D.1.8) without delay.
fn has_recovery_point(mut payload: &[u8]) -> bool {
    const RECOVERY_POINT: usize = 6;
    while let Some((kind, size)) = number(&mut payload).zip(number(&mut payload)) {
        let Some((message, rest)) = payload.split_at_checked(size) else { return false };
        if kind == RECOVERY_POINT {
            return Bits { bytes: message, at: 0 }.exp_golomb() == Some(0);
        }
        payload = rest;
    }
    false
}

/// A number of an SEI message: bytes of 255 and one of less, added up.
fn number(payload: &mut &[u8]) -> Option<usize> {
    let more = payload.iter().take_while(|&&byte| byte == 0xff).count();
    let last = *payload.get(more)?;
    *payload = &payload[more + 1..];
    Some(more * 0xff + usize::from(last))
}

/// Without the bytes that keep start codes out of a unit (section 7.3.1).
fn unescaped(unit: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(unit.len());
    for &byte in unit {
        if byte != 3 || !out.ends_with(&[0, 0]) {
            out.push(byte);
        }
    }
    out
}

/// Single bits, the most significant first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<u32> {
        let bit = self.bytes.get(self.at / 8)? >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit.into())
    }

    /// `ue(v)`, section 9.1.
    fn exp_golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let rest = (0..zeros).try_fold(1_u64, |value, _| Some(value << 1 | u64::from(self.bit()?)))?;
        u32::try_from(rest - 1).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AVC: NalFormat = NalFormat { codec: NalCodec::Avc, length_bytes: 4 };
    const HEVC: NalFormat = NalFormat { codec: NalCodec::Hevc, length_bytes: 2 };

    fn sample(format: NalFormat, units: &[&[u8]]) -> Vec<u8> {
        let width = usize::from(format.length_bytes);
        let length = |unit: &[u8]| (unit.len() as u32).to_be_bytes()[4 - width..].to_vec();
        units.iter().flat_map(|unit| [length(unit), unit.to_vec()].concat()).collect()
    }

    fn read(format: NalFormat, sample: &[u8]) -> Option<Picture> {
        let read = |at: u64, buffer: &mut [u8]| {
            let at = usize::try_from(at).expect("small");
            buffer.copy_from_slice(&sample[at..at + buffer.len()]);
            Ok::<_, ()>(())
        };
        format.picture(sample.len() as u64, read).expect("it can be read")
    }

    fn picture(format: NalFormat, units: &[&[u8]]) -> Option<Picture> {
        read(format, &sample(format, units))
    }

    /// First macroblock 0, slice type 7: `1`, `0001000`.
    const I: &[u8] = &[0x41, 0x88, 0x84];
    /// Slice type 5: `1`, `00110`.
    const P: &[u8] = &[0x41, 0x98, 0];
    /// Recovery in 0 frames: `1`.
    const RECOVERY: &[u8] = &[6, 6, 1, 0xc4, 0x80];

    #[test]
    fn pictures_of_h264() {
        let sets: [&[u8]; 3] = [&[9, 0xf0], &[0x67, 1, 2, 3], &[0x68, 1]];
        assert_eq!(picture(AVC, &[sets[0], sets[1], sets[2], &[0x65; 100]]), Some(Picture::Closed));
        assert_eq!(picture(AVC, &[sets[0], RECOVERY, I, I]), Some(Picture::Open));
        assert_eq!(picture(AVC, &[I, I]), Some(Picture::Intra));
        assert_eq!(picture(AVC, &[I, P]), Some(Picture::Dependent), "one slice is enough");
        assert_eq!(picture(AVC, &[RECOVERY, P]), Some(Picture::Dependent), "refreshed little by little");
        // 20 frames later: `000010101`.
        assert_eq!(picture(AVC, &[&[6, 6, 2, 0x0a, 0xc0, 0x80], I]), Some(Picture::Intra));
        assert_eq!(
            picture(AVC, &[&[6, 5, 2, 1, 2, 6, 1, 0xc4, 0x80], I]),
            Some(Picture::Open),
            "behind another message"
        );
        assert_eq!(picture(AVC, &[&[6, 5, 255, 40], I]), Some(Picture::Intra), "a message that is cut off");
    }

    #[test]
    fn pictures_of_h265() {
        let kind = |kind: u8| picture(HEVC, &[&[35 << 1, 1, 0x50], &[39 << 1, 1], &[kind << 1, 1, 0x80, 0]]);
        for closed in 16..=20 {
            assert_eq!(kind(closed), Some(Picture::Closed));
        }
        assert_eq!(kind(21), Some(Picture::Open));
        for dependent in [0, 1, 6, 9, 15] {
            assert_eq!(kind(dependent), Some(Picture::Dependent));
        }
        assert_eq!(kind(32), None, "parameter sets alone are no picture");
    }

    #[test]
    fn bytes_that_are_no_units() {
        assert_eq!(read(AVC, &[]), None);
        assert_eq!(read(AVC, &[0, 0, 0, 9, 0x65]), None);
        assert_eq!(read(AVC, &[0, 0, 0, 1, 9, 0, 0]), None);
        assert_eq!(read(AVC, &[0; 4096]), None, "empty units without end");
        assert_eq!(picture(AVC, &[&[0x41]]), Some(Picture::Dependent));
        assert_eq!(picture(AVC, &[&[0x41, 0, 0, 0, 0, 0]]), Some(Picture::Dependent));
    }
}
