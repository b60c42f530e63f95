//! What the fields of an answer say of a file by its place and name alone: its type, and how long caches keep it.
//!
//! The origin answers with them, and what is published in object storage carries them, so that a bucket answers as the
//! origin would. No I/O, no clock, no HTTP library.

pub mod cache_policy;
pub mod mime;
