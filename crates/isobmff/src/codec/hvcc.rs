//! The decoder configuration of H.265 (ISO/IEC 14496-15 section 8.3.3.1) and the parameter sets in it.

use crate::write::{put, words16};
use crate::{BoxRef, Error};

/// Bytes in front of the number of arrays.
const HEADER: usize = 22;
/// `array_completeness`: no sample has sets of this type.
const COMPLETE: u8 = 0x80;
/// Types of NAL units: video, sequence and picture parameter set.
const SETS: [u8; 3] = [32, 33, 34];

/// NAL units of one type.
type Array<'a> = (u8, Vec<&'a [u8]>);

/// The sets that a configuration has, by type, in its order.
fn sets<'a>(hvcc: &BoxRef<'a>) -> Result<Vec<Array<'a>>, Error> {
    let mut fields = hvcc.fields();
    fields.skip(HEADER)?;
    let arrays = fields.u8()?;
    let mut sets = Vec::new();
    for _ in 0..arrays {
        let kind = fields.u8()? & 0x3f;
        let count = fields.u16()?;
        let mut units = Vec::new();
        for _ in 0..count {
            let length = fields.u16()?;
            units.push(fields.bytes(usize::from(length))?);
        }
        sets.push((kind, units));
    }
    Ok(sets)
}

/// Where it has no parameter set of one of the types: how many bytes the length of a NAL unit takes in the samples.
pub(crate) fn lacks_sets(hvcc: &BoxRef<'_>) -> Result<Option<u8>, Error> {
    let sets = sets(hvcc)?;
    let has = |kind| sets.iter().any(|(known, units)| *known == kind && !units.is_empty());
    Ok((!SETS.into_iter().all(has)).then(|| (hvcc.body[HEADER - 1] & 3) + 1))
}

/// Whether it has a parameter set of each type.
pub(crate) fn has_all_sets(hvcc: &BoxRef<'_>) -> Result<bool, Error> {
    let sets = sets(hvcc)?;
    let has = |kind| sets.iter().any(|(known, units)| *known == kind && units.iter().any(|unit| unit.len() > 2));
    Ok(SETS.into_iter().all(has))
}

/// Adds the configuration with all its sets marked complete, and with those of `further`, which are NAL units of any
/// type, that are of a type it has none of.
pub(crate) fn write_complete(out: &mut Vec<u8>, hvcc: &BoxRef<'_>, further: &[&[u8]]) -> Result<(), Error> {
    let mut sets = sets(hvcc)?;
    for kind in SETS {
        if !sets.iter().any(|(known, units)| *known == kind && !units.is_empty()) {
            let is_kind = |unit: &&&[u8]| unit.first().is_some_and(|byte| byte >> 1 & 0x3f == kind);
            let units: Vec<_> = further.iter().filter(is_kind).copied().filter(fits).collect();
            sets.retain(|(known, _)| *known != kind);
            sets.push((kind, units));
        }
    }
    sets.retain(|(_, units)| !units.is_empty());
    let arrays = u8::try_from(sets.len()).map_err(|_| hvcc.invalid("has too many arrays"))?;
    put(out, b"hvcC", |out| {
        out.extend_from_slice(&hvcc.body[..HEADER]);
        out.push(arrays);
        for (kind, units) in &sets {
            out.push(if SETS.contains(kind) { kind | COMPLETE } else { *kind });
            words16(out, &[u16::try_from(units.len()).expect("counted in 16 bits, or few")]);
            for unit in units {
                words16(out, &[u16::try_from(unit.len()).expect("its length was read from 16 bits, or checked")]);
                out.extend_from_slice(unit);
            }
        }
    });
    Ok(())
}

/// Whether a unit is as short as the configuration can say.
fn fits(unit: &&[u8]) -> bool {
    u16::try_from(unit.len()).is_ok()
}

/// The NAL units of a sample of H.264 or H.265, each behind its length in `length_bytes`. Ends where they do not fit.
#[must_use = "nothing is read before it is asked for"]
pub fn units(sample: &[u8], length_bytes: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = sample;
    std::iter::from_fn(move || {
        let (length, behind) = rest.split_at_checked(usize::from(length_bytes))?;
        let length = length.iter().fold(0_usize, |length, &byte| length << 8 | usize::from(byte));
        let (unit, behind) = behind.split_at_checked(length)?;
        rest = behind;
        Some(unit)
    })
}
