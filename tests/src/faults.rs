//! A network that fails by script, real browsers behind it, and a table of what is to come of it.
//!
//! Each scenario is a row of `faults/table.json` at one place of the film. It has a frame of its own in the browser's page, whose
//! server is a `line::Line`: a proxy before the real origin, on a port of its own, that does what the row says. Many are played
//! side by side. What was shown is held against the numbers burnt into the pictures.

mod anatomy;
mod answer;
mod corruption;
mod fault;
mod judge;
mod line;
mod pictures;
mod place;
pub mod shaped;
mod stage;
mod strike;
mod table;
mod tally;
mod toll;

pub use anatomy::Spot;
pub use corruption::{Struck, Wound};
pub use judge::Verdict;
pub use place::Place;
pub use stage::Stage;
pub use table::{Scenario, every};
pub use tally::tally;
pub use toll::Toll;
