//! AV1 (AV1 codec ISO media file format binding, sections 2.3 and 5).

use crate::{BoxRef, Error};

/// Such as `av01.0.08M.10`: profile, level and tier, bit depth.
pub(super) fn name(av1c: &BoxRef<'_>) -> Result<String, Error> {
    let [_version, profile_level, flags] = av1c.fields().array()?;
    let (profile, level) = (profile_level >> 5, profile_level & 0x1f);
    let tier = if flags & 0x80 == 0 { 'M' } else { 'H' };
    let depth = match (flags & 0x40 != 0, flags & 0x20 != 0) {
        (false, _) => 8,
        (true, false) => 10,
        (true, true) => 12,
    };
    Ok(format!("av01.{profile}.{level:02}{tier}.{depth:02}"))
}
