//! Boxes inside boxes.

use crate::{BoxHeader, BoxPath, BoxSize, Error, Fields, FourCc};

/// A whole box in memory.
#[derive(Clone, Copy, Debug)]
pub struct BoxRef<'a> {
    /// Its type.
    pub kind: FourCc,
    /// Where it lies in the tree.
    pub path: BoxPath,
    /// Where it begins in the file.
    pub offset: u64,
    /// All its bytes, header included.
    pub bytes: &'a [u8],
    /// Its bytes after the header.
    pub body: &'a [u8],
}

impl<'a> BoxRef<'a> {
    /// The box that begins `bytes`, which stand at `offset` in the file.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Missing`] when there are none, [`crate::ErrorKind::Truncated`] when it does not end in them.
    pub fn parse(bytes: &'a [u8], offset: u64) -> Result<Self, Error> {
        let mut boxes = Children::new(bytes, BoxPath::default(), offset);
        boxes.next().unwrap_or_else(|| Err(Error::missing(BoxPath::default(), offset, "whole")))
    }

    /// The `moov` of a file that begins with `bytes`, or of an init.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Missing`], and those of [`Children`], up to that box.
    pub fn moov(bytes: &'a [u8]) -> Result<Self, Error> {
        let found = Children::new(bytes, BoxPath::default(), 0).find("moov")?;
        found.ok_or_else(|| Error::missing(BoxPath::default(), 0, "moov"))
    }

    /// Its fields, for a plain box.
    #[must_use]
    pub fn fields(&self) -> Fields<'a> {
        Fields::new(self.body, self.path, self.body_offset())
    }

    /// Version, flags and fields, for a full box (section 4.2.2).
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`] when the box has no room for them.
    pub fn full(&self) -> Result<(u8, u32, Fields<'a>), Error> {
        let mut fields = self.fields();
        let [version, flags @ ..] = fields.array::<4>()?;
        let [a, b, c] = flags;
        Ok((version, u32::from_be_bytes([0, a, b, c]), fields))
    }

    /// The boxes inside it, for a plain container.
    #[must_use]
    pub fn children(&self) -> Children<'a> {
        Children::new(self.body, self.path, self.body_offset())
    }

    /// The boxes behind its first `skipped` bytes, for containers that begin with fields.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`] when it is shorter than that.
    pub fn children_after(&self, skipped: usize) -> Result<Children<'a>, Error> {
        let mut fields = self.fields();
        fields.skip(skipped)?;
        Ok(Children::new(fields.rest(), self.path, fields.offset()))
    }

    /// The first box of a type inside it.
    ///
    /// # Errors
    /// Those of [`Children`], up to that box.
    pub fn find(&self, kind: &str) -> Result<Option<BoxRef<'a>>, Error> {
        self.children().find(kind)
    }

    /// The first box of a type inside it, which must be there.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Missing`], and those of [`Children`].
    pub fn need(&self, kind: &'static str) -> Result<BoxRef<'a>, Error> {
        self.find(kind)?.ok_or_else(|| Error::missing(self.path, self.offset, kind))
    }

    /// An error about this box.
    #[must_use]
    pub fn invalid(&self, what: &'static str) -> Error {
        Error::invalid(self.path, self.offset, what)
    }

    fn body_offset(&self) -> u64 {
        self.offset + (self.bytes.len() - self.body.len()) as u64
    }
}

/// The boxes that stand one behind the other in some bytes. Ends at the first error.
#[derive(Clone, Debug)]
pub struct Children<'a> {
    bytes: &'a [u8],
    path: BoxPath,
    offset: u64,
}

impl<'a> Children<'a> {
    /// The boxes in `bytes`, which stand at `offset` in the file, inside the box at `path`.
    #[must_use]
    pub fn new(bytes: &'a [u8], path: BoxPath, offset: u64) -> Self {
        Self { bytes, path, offset }
    }

    fn find(mut self, kind: &str) -> Result<Option<BoxRef<'a>>, Error> {
        let is_it = |child: &BoxRef<'_>| child.kind.0 == *kind.as_bytes();
        Iterator::find(&mut self, |child| child.as_ref().map_or(true, is_it)).transpose()
    }

    fn parse(&self) -> Result<BoxRef<'a>, Error> {
        let truncated = |path, what| Error::truncated(path, self.offset, what);
        let header = BoxHeader::parse(self.bytes, self.path, self.offset)?
            .ok_or_else(|| truncated(self.path, "the header of a box inside it"))?;
        let path = self.path.child(header.kind);
        let size = match header.size {
            BoxSize::ToEnd => self.bytes.len(),
            BoxSize::Known(size) => usize::try_from(size).unwrap_or(usize::MAX),
        };
        let bytes = self.bytes.get(..size).ok_or_else(|| truncated(path, "the box"))?;
        let body = bytes.get(usize::from(header.bytes)..).ok_or_else(|| truncated(path, "its header"))?;
        Ok(BoxRef { kind: header.kind, path, offset: self.offset, bytes, body })
    }
}

impl<'a> Iterator for Children<'a> {
    type Item = Result<BoxRef<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        // QuickTime ends some containers with a 32-bit zero instead of a box.
        if self.bytes.is_empty() || self.bytes == [0; 4] {
            return None;
        }
        let found = self.parse();
        match &found {
            Ok(child) => {
                self.bytes = &self.bytes[child.bytes.len()..];
                self.offset += child.bytes.len() as u64;
            }
            Err(_) => self.bytes = &[],
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::make;

    #[test]
    fn children_come_in_order_with_their_places() {
        let bytes = make(b"moov", &[make(b"free", &[0; 3]), make(b"trak", &[])].concat());
        let moov = Children::new(&bytes, BoxPath::default(), 100).next().expect("one").expect("valid");
        let found: Vec<_> = moov.children().map(|child| child.expect("valid")).collect();
        assert_eq!(found.iter().map(|child| child.offset).collect::<Vec<_>>(), [108, 119]);
        assert_eq!(found[1].path.to_string(), "moov/trak");
        assert_eq!(moov.need("mvhd").expect_err("absent").to_string(), "moov at byte 100: has no mvhd box");
    }

    #[test]
    fn a_child_longer_than_its_parent_is_refused_with_its_place() {
        let mut bytes = make(b"moov", &make(b"trak", &[0; 8]));
        bytes[11] = 17;
        let moov = BoxRef::parse(&bytes, 0).expect("whole");
        let mut children = moov.children();
        let error = children.next().expect("one").expect_err("too long");
        assert_eq!(error.to_string(), "moov/trak at byte 8: the box reaches past the end of the box");
        assert!(children.next().is_none());
    }
}
