//! Box headers (ISO/IEC 14496-12 section 4.2).

use crate::{BoxPath, Error, FourCc};

/// How long a box says that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoxSize {
    /// In bytes, header included; never less than the header.
    Known(u64),
    /// Up to the end of the file.
    ToEnd,
}

/// The first bytes of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoxHeader {
    /// Its type. The extended type of a `uuid` box counts as its payload.
    pub kind: FourCc,
    /// Length of the whole box.
    pub size: BoxSize,
    /// Length of this header: 8 bytes, or 16 with a 64-bit size.
    pub bytes: u8,
}

impl BoxHeader {
    /// The longest header there is, in bytes.
    pub const MAX_BYTES: usize = 16;

    /// Reads a header. `Ok(None)` asks for more bytes: 8 are needed, 16 where the first four are 0, 0, 0, 1.
    ///
    /// `offset` and `path` (of the enclosing box) only name the place in an error.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Invalid`] when the size is less than the header's own.
    pub fn parse(bytes: &[u8], path: BoxPath, offset: u64) -> Result<Option<Self>, Error> {
        let Some((&[a, b, c, d, kind @ ..], rest)) = bytes.split_first_chunk::<8>() else { return Ok(None) };
        let kind = FourCc(kind);
        let (size, bytes) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (BoxSize::ToEnd, 8),
            1 => {
                let Some(large) = rest.first_chunk::<8>() else { return Ok(None) };
                (BoxSize::Known(u64::from_be_bytes(*large)), 16)
            }
            size => (BoxSize::Known(u64::from(size)), 8),
        };
        if let BoxSize::Known(size) = size
            && size < u64::from(bytes)
        {
            let what = "the box says that it is shorter than its own header";
            return Err(Error::invalid(path.child(kind), offset, what));
        }
        Ok(Some(Self { kind, size, bytes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn parse(bytes: &[u8]) -> Result<Option<BoxHeader>, Error> {
        BoxHeader::parse(bytes, BoxPath::default(), 0)
    }

    #[test]
    fn short_long_and_endless_sizes() {
        let short = parse(b"\0\0\0\x10moov").expect("valid").expect("whole");
        assert_eq!((short.size, short.bytes), (BoxSize::Known(16), 8));
        let long = parse(b"\0\0\0\x01mdat\0\0\x01\0\0\0\0\0").expect("valid").expect("whole");
        assert_eq!((long.size, long.bytes), (BoxSize::Known(1 << 40), 16));
        assert_eq!(parse(b"\0\0\0\0mdat").expect("valid").expect("whole").size, BoxSize::ToEnd);
    }

    #[test]
    fn too_few_bytes_ask_for_more() {
        assert_eq!(parse(b"\0\0\0\x10moo"), Ok(None));
        assert_eq!(parse(b"\0\0\0\x01mdat\0\0\0\0\0\0\0"), Ok(None));
    }

    #[test]
    fn a_size_below_the_header_is_refused() {
        for bytes in [&b"\0\0\0\x07moov"[..], b"\0\0\0\x02moov", b"\0\0\0\x01moov\0\0\0\0\0\0\0\x0f"] {
            assert_eq!(parse(bytes).map_err(|error| error.kind()), Err(ErrorKind::Invalid), "{bytes:?}");
        }
    }
}
