//! VP9 (VP codec ISO media file format binding).

use crate::{BoxRef, Error, FourCc};

/// Such as `vp09.00.31.08`: profile, level, bit depth.
pub(super) fn name(format: FourCc, vpcc: &BoxRef<'_>) -> Result<String, Error> {
    let (_, _, mut fields) = vpcc.full()?;
    let [profile, level, depth] = fields.array()?;
    // Muxers write level 0 for "unknown", which browsers do not take for a level.
    let level = level.max(10);
    Ok(format!("{format}.{profile:02}.{level:02}.{:02}", depth >> 4))
}
