//! Boxes of the ISO base media file format (ISO/IEC 14496-12): read, compared, named, written.
//!
//! Pure: no I/O, no clock, and no media payload: only box headers, `moov` and `moof` ever come in here. Every length in
//! a file is a claim of its author, so sizes are `u64` until they are known to fit, arithmetic is checked, and nothing
//! is allocated on a file's word alone.
//!
//! - [`Init`] is what stands before the media: the tracks, their codecs and their edit lists.
//! - [`Fragment`] is what a `moof` says about its media.
//! - [`SampleTable`] is what a progressive file says about its samples.
//! - [`mod@write`] writes inits and fragments.
//! - [`SilentFrame`] is what can stand before sound that begins late.
//! - [`Walker`] finds both in a stream of bytes without touching the payload.

mod codec;
mod edit_list;
mod error;
mod fields;
mod four_cc;
mod fragment;
pub mod framing;
mod header;
mod init;
mod moof;
mod path;
mod picture;
mod references;
mod sample_entry;
mod sample_group;
mod sample_table;
mod silence;
mod stbl;
mod track;
mod tree;
mod walker;
pub mod write;

#[cfg(test)]
mod test_boxes;

pub use codec::{check_configuration, hvcc::units as nal_units};
pub use edit_list::{Edit, EditList};
pub use error::{Error, ErrorKind};
pub use fields::Fields;
pub use four_cc::FourCc;
pub use fragment::{Fragment, TrackFragment};
pub use header::{BoxHeader, BoxSize};
pub use init::{Difference, Init, difference};
pub use moof::{FragmentSample, Moof, Traf};
pub use path::BoxPath;
pub use picture::{Picture, PictureFormat};
pub use references::references;
pub use sample_entry::{Descriptions, SampleEntry};
pub use sample_table::{Sample, SampleTable, Samples, TooManySamples};
pub use silence::SilentFrame;
pub use track::{Track, TrackDefaults, TrackKind};
pub use tree::{BoxRef, Children};
pub use walker::{Event, Walker, WalkerError, Want};
