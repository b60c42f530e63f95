//! A real S3 server with one bucket, for tests: it refuses what R2 refuses, counts, and fails as it is told.

mod bare;
mod bucket;
mod fault;
mod google;
mod line;
mod listing;
mod rules;
mod seen;
mod uploads;

pub use bare::serve_bare;
pub use bucket::{Bucket, KEY_ID, SECRET};
pub use fault::Fault;
pub use line::Line;
pub use seen::Seen;
