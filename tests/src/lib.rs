//! The stage for the end-to-end tests: a film cut by the real splitter, served by the real origin, played by the built
//! page in a real Chromium, and watched from inside that page.
//!
//! The programs and the page are built beforehand, which `cargo xtask test` does. What is proven is what a viewer sees
//! and hears: the numbers burnt into the frames, the pitch of the sound.

mod array_manifest;
mod browser;
mod cut;
mod origin;
mod page;
mod place;
mod process;
mod proxy;
mod trunk;
mod watch;

pub use array_manifest::{ArrayCut, Inits};
pub use browser::{Browser, Kind};
pub use cut::Cut;
pub use origin::Origin;
pub use page::Page;
pub use place::{big_film, sample_film, two_languages};
pub use proxy::{Damage, Proxy};
pub use trunk::TrunkServe;
pub use watch::{Frame, Pitch, Watch};
