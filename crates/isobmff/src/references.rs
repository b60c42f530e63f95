//! References from one track to others (ISO/IEC 14496-12 section 8.3.3).

use crate::{BoxRef, Error};

/// The numbers of the tracks that a `trak` refers to in some way: `chap` for the tracks that name its chapters.
///
/// # Errors
/// With the box that is damaged.
pub fn references(trak: &BoxRef<'_>, kind: &str) -> Result<Vec<u32>, Error> {
    let Some(tref) = trak.find("tref")? else { return Ok(Vec::new()) };
    let Some(found) = tref.find(kind)? else { return Ok(Vec::new()) };
    let (numbers, _) = found.body.as_chunks::<4>();
    Ok(numbers.iter().map(|&number| u32::from_be_bytes(number)).collect())
}
