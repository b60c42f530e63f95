//! Edit lists (ISO/IEC 14496-12 section 8.6.6): where a track's media lies on the film's timeline.

use crate::{BoxRef, Error};

/// What an edit list says, as far as streaming players follow one: an initial delay, then the media from some point on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EditList {
    /// Length of the empty edits at the front, in ticks of the movie's timescale.
    pub delay: u64,
    /// The composition time that is presented first, in ticks of the track's timescale.
    pub media_time: u64,
    /// Length of the first edit that has media, in ticks of the movie's timescale; 0 where it is unknown (fragments).
    pub duration: u64,
    /// Whether more follows than one edit that plays at normal speed, so that this is not the whole story.
    pub complex: bool,
}

/// One entry of an edit list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Its length, in ticks of the movie's timescale.
    pub duration: u64,
    /// The composition time that it begins at, in ticks of the track's timescale; absent where nothing is shown.
    pub media_time: Option<u64>,
    /// Its speed, 16.16 fixed point.
    pub rate: i32,
}

impl EditList {
    /// The entries of an `elst` box as they stand there.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`], each time, when an entry does not fit into the box, which ends them.
    pub fn entries<'a>(elst: &BoxRef<'a>) -> Result<impl Iterator<Item = Result<Edit, Error>> + use<'a>, Error> {
        let (version, _, mut fields) = elst.full()?;
        let mut left = fields.u32()?;
        let mut entry = move || {
            let duration = fields.u32_or_u64(version)?;
            let media_time = if version == 0 { i64::from(fields.i32()?) } else { fields.i64()? };
            Ok(Edit { duration, media_time: u64::try_from(media_time).ok(), rate: fields.i32()? })
        };
        Ok(std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let entry = entry();
            if entry.is_err() {
                left = 0;
            }
            Some(entry)
        }))
    }

    /// Reads an `elst` box.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`] when its entries do not fit into it.
    pub fn parse(elst: &BoxRef<'_>) -> Result<Self, Error> {
        let mut list = Self::default();
        let mut has_media = false;
        // Each entry takes at least 12 bytes, so a count that lies ends at the end of the box.
        for edit in Self::entries(elst)? {
            let Edit { duration, media_time, rate } = edit?;
            match media_time {
                None if has_media => list.complex = true,
                None => list.delay = list.delay.saturating_add(duration),
                Some(_) if has_media => list.complex = true,
                Some(media_time) => {
                    (list.media_time, list.duration, has_media) = (media_time, duration, true);
                    list.complex |= rate != 0x1_0000;
                }
            }
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::test_boxes::{full, words};

    fn parse(version: u8, body: &[u8]) -> Result<EditList, Error> {
        let bytes = full(b"elst", version, 0, body);
        let elst = BoxRef::parse(&bytes, 0).expect("whole");
        EditList::parse(&elst)
    }

    #[test]
    fn an_empty_edit_delays_and_a_media_time_skips() {
        let list = parse(0, &words(&[2, 500, u32::MAX, 0x1_0000, 9_000, 1_024, 0x1_0000])).expect("valid");
        assert_eq!(list, EditList { delay: 500, media_time: 1_024, duration: 9_000, complex: false });
        let list = parse(1, &words(&[1, 0, 9, 1, 0, 0x1_0000])).expect("valid");
        assert_eq!(list, EditList { delay: 0, media_time: 1 << 32, duration: 9, complex: false });
    }

    #[test]
    fn more_than_one_stretch_of_media_is_complex() {
        assert!(parse(0, &words(&[2, 9, 0, 0x1_0000, 9, 90, 0x1_0000])).expect("valid").complex);
        assert!(parse(0, &words(&[1, 9, 0, 0x2_0000])).expect("valid").complex);
    }

    #[test]
    fn a_count_that_lies_is_refused() {
        assert_eq!(
            parse(0, &words(&[u32::MAX, 9, 0, 0x1_0000])).map_err(|error| error.kind()),
            Err(ErrorKind::Truncated)
        );
    }
}
