//! The fields of one box, read in order.

use crate::{BoxPath, Error};

/// A reader over the fields of one box. Reading past its end is [`crate::ErrorKind::Truncated`], with the box and the place.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    bytes: &'a [u8],
    path: BoxPath,
    offset: u64,
}

impl<'a> Fields<'a> {
    /// Over `bytes`, which stand at `offset` in the file.
    pub(crate) fn new(bytes: &'a [u8], path: BoxPath, offset: u64) -> Self {
        Self { bytes, path, offset }
    }

    /// What has not been read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// Where the next field stands in the file.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// An error about the field that comes next.
    #[must_use]
    pub fn invalid(&self, what: &'static str) -> Error {
        Error::invalid(self.path, self.offset, what)
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`], as for every other method here.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let Some((taken, rest)) = self.bytes.split_at_checked(count) else { return Err(self.truncated()) };
        self.advance(taken, rest);
        Ok(taken)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let Some((taken, rest)) = self.bytes.split_first_chunk::<N>() else { return Err(self.truncated()) };
        self.advance(taken, rest);
        Ok(*taken)
    }

    /// Steps over `count` bytes.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`].
    pub fn skip(&mut self, count: usize) -> Result<(), Error> {
        self.bytes(count).map(drop)
    }

    /// An unsigned byte.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`].
    pub fn u8(&mut self) -> Result<u8, Error> {
        self.array().map(u8::from_be_bytes)
    }

    /// Two bytes, big-endian, unsigned.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`].
    pub fn u16(&mut self) -> Result<u16, Error> {
        self.array().map(u16::from_be_bytes)
    }

    /// Four bytes, big-endian, unsigned.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`].
    pub fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_be_bytes)
    }

    /// Four bytes, big-endian, two's complement.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`].
    pub fn i32(&mut self) -> Result<i32, Error> {
        self.array().map(i32::from_be_bytes)
    }

    /// Eight bytes, big-endian, unsigned.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`].
    pub fn u64(&mut self) -> Result<u64, Error> {
        self.array().map(u64::from_be_bytes)
    }

    /// Eight bytes, big-endian, two's complement.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`].
    pub fn i64(&mut self) -> Result<i64, Error> {
        self.array().map(i64::from_be_bytes)
    }

    /// Four bytes, or eight where the box's version is not 0 (times and durations of section 8).
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`].
    pub fn u32_or_u64(&mut self, version: u8) -> Result<u64, Error> {
        if version == 0 { self.u32().map(u64::from) } else { self.u64() }
    }

    fn advance(&mut self, taken: &[u8], rest: &'a [u8]) {
        self.bytes = rest;
        self.offset = self.offset.saturating_add(taken.len() as u64);
    }

    fn truncated(&self) -> Error {
        Error::truncated(self.path, self.offset, "a field")
    }
}
