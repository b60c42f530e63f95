//! What streams, SourceBuffers, inits, requests and checks are called.

/// A stream's place in [`manifest::Film::streams`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub usize);

/// A SourceBuffer: its place in [`crate::Output::Open`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BufferId(pub usize);

/// An init among those of its stream without an index, in the order in which they were seen; equal ones are one. The one that a
/// stream begins with is the first, and the only one of a stream with an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InitId(pub usize);

/// Names one request; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u32);

/// Names one check of a fragment; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId(pub u32);
