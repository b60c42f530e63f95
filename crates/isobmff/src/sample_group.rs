//! Sample groups (ISO/IEC 14496-12 section 8.9): which samples share a property that `sgpd` describes.

use crate::{BoxRef, Error, Fields, FourCc};

/// Whether one sample after the other belongs to any group of one kind.
pub(crate) struct SampleGroup<'a> {
    entries: u32,
    left: u32,
    is_member: bool,
    rows: Fields<'a>,
}

impl<'a> SampleGroup<'a> {
    /// Random access points: where decoding can start although the samples are no sync samples (section 10.4).
    pub(crate) const RANDOM_ACCESS: FourCc = FourCc::new(b"rap ");

    /// The groups of a kind in an `stbl` or a `traf`, where there are any.
    pub(crate) fn parse(container: &BoxRef<'a>, kind: FourCc) -> Result<Option<Self>, Error> {
        for child in container.children() {
            let child = child?;
            if child.kind != b"sbgp" {
                continue;
            }
            let (version, _, mut rows) = child.full()?;
            if FourCc(rows.array()?) == kind {
                rows.skip(if version == 0 { 0 } else { 4 })?;
                return Ok(Some(Self { entries: rows.u32()?, left: 0, is_member: false, rows }));
            }
        }
        Ok(None)
    }

    /// Whether the next sample belongs to one. Those behind the last entry do not.
    pub(crate) fn next(&mut self) -> Result<bool, Error> {
        while self.left == 0 {
            if self.entries == 0 {
                return Ok(false);
            }
            self.entries -= 1;
            self.left = self.rows.u32()?;
            self.is_member = self.rows.u32()? > 0;
        }
        self.left -= 1;
        Ok(self.is_member)
    }
}
