//! Which rung of a film to fetch next, group by group.
//!
//! It contains no clock, no I/O, no randomness, no player and no media bytes. What it knows of a film are the sizes and lengths of
//! its coming groups in every rung; of the link, what was told to [`Throughput`]; of the viewer, [`Limits`].
//!
//! - [`Throughput`] is told what comes while somebody waits for it, and answers with a [`Forecast`]: a distribution.
//! - [`Chooser::choose`] is asked for the rung of the next group, [`Chooser::give_up`] whether a group under way is still worth
//!   waiting for, and [`Chooser::start`] where nothing lies ready.
//! - [`Ladder`] has all of that for one film, as a player uses it.
//! - A [`Choice`] says why this rung, and why not the next: values, which write themselves as sentences, too.
//!
//! Rungs are numbered from the lowest, 0, whatever the order in the manifest. All lengths are times on the viewer's clock: whoever plays
//! at double speed halves them before handing them over. Every answer takes a number of steps that is bounded by [`HORIZON`] and the number of rungs.

mod ahead;
mod chooser;
mod forecast;
mod give_up;
mod hold;
mod ladder;
mod limits;
mod reason;
mod start;
mod throughput;

pub use ahead::{Ahead, Group, HORIZON, Rung, RungId};
pub use chooser::Chooser;
pub use forecast::Forecast;
pub use give_up::UnderWay;
pub use ladder::{Entry, Ladder, Place};
pub use limits::{Limit, Limits};
pub use reason::{Choice, Obstacle, Why};
pub use throughput::{Source, Throughput};

#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
