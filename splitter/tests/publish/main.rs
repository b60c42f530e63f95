//! A cut goes up into a real S3 server, which refuses what R2 refuses and fails in every way that networks know.

#[path = "../chance/mod.rs"]
mod chance;
mod checked;
mod faults;
mod film;
mod google;
mod killed;
mod leftovers;
mod listing;
mod long;
#[cfg(target_os = "linux")]
mod moved;
mod parts;
mod progressive;
mod secrets;
mod served;
mod stage;
mod watched;
mod whole;
