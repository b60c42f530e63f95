//! H.265 (ISO/IEC 14496-15 section 8.3.3, names in annex E).

use std::fmt::Write;

use crate::{BoxRef, Error, FourCc};

/// Such as `hvc1.1.6.L93.B0`.
pub(super) fn name(format: FourCc, hvcc: &BoxRef<'_>) -> Result<String, Error> {
    let mut fields = hvcc.fields();
    let [_version, profile] = fields.array()?;
    let compatibility = fields.u32()?.reverse_bits();
    let constraints: [u8; 6] = fields.array()?;
    let level = fields.u8()?;
    let space = ["", "A", "B", "C"][usize::from(profile >> 6)];
    let tier = if profile & 0x20 == 0 { 'L' } else { 'H' };
    let mut name = format!("{format}.{space}{}.{compatibility:X}.{tier}{level}", profile & 0x1f);
    let used = constraints.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    for byte in &constraints[..used] {
        write!(name, ".{byte:X}").expect("a String takes everything");
    }
    Ok(name)
}
