//! Dolby Vision streams within the ISO base media file format, section 3.

use crate::{BoxRef, Error, FourCc};

/// Such as `dvh1.05.06`: profile and level.
pub(super) fn name(format: FourCc, dvcc: &BoxRef<'_>) -> Result<String, Error> {
    let [_major, _minor, a, b] = dvcc.fields().array()?;
    let (profile, level) = (a >> 1, (a & 1) << 5 | b >> 3);
    Ok(format!("{format}.{profile:02}.{level:02}"))
}
