//! H.264 (ISO/IEC 14496-15 section 5.3.3).

use crate::{BoxRef, Error, FourCc};

/// `avc1.` and profile, constraints and level in hexadecimal (RFC 6381 section 3.3).
pub(super) fn name(format: FourCc, avcc: &BoxRef<'_>) -> Result<String, Error> {
    let [_version, profile, constraints, level] = avcc.fields().array()?;
    Ok(format!("{format}.{profile:02x}{constraints:02x}{level:02x}"))
}
