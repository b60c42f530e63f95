//! Keys, and what is signed with them: links that expire, and names that nobody can guess. The relay signs leave to enter its
//! rooms with the same keys.
//!
//! It has no clock and no randomness: the time is an argument, and keys come from files.
//!
//! One key serves several purposes because no message of one is a message of another: what a link signs begins with `/`, what
//! a name is made of with `cut:`, and a token of the relay is base64url, which has neither character.

mod key_file;
mod keys;
mod link;

pub use key_file::KeyFile;
pub use keys::{Error, Fault, Keys};
pub use link::{LIFETIME, Link, PARAMETER, Refusal};
