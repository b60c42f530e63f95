//! The stage for the end-to-end tests: a film cut by the real splitter, served by the real origin, played by the built
//! page in a real browser, and watched from inside that page.
//!
//! The programs and the page are built beforehand, which `cargo xtask test` does. What is proven is what a viewer sees
//! and hears: the numbers burnt into the frames, the pitch of the sound.

pub mod accessibility;
mod array_manifest;
mod browser;
mod cut;
pub mod faults;
mod ffplay;
mod head;
mod node;
mod origin;
mod page;
mod peers;
mod place;
mod proxy;
mod recoded;
mod site;
pub mod soak;
mod stage;
pub mod together;
mod trunk;
mod watch;

pub use array_manifest::{ArrayCut, Inits};
pub use browser::{Asleep, Browser, Heap, Kind, MainThread, Trace};
pub use cut::Cut;
pub use ffplay::{Shown, ffplay};
pub use node::{NodeScripts, NodeServer};
pub use origin::Origin;
pub use page::{Hidden, Page};
pub use peers::Peer;
pub use place::{bench, big_film, cuts, hour_film, huge_film, party_bench, program, sample_film, soaks};
pub use proxy::{Damage, Fate, Proxy};
pub use recoded::Recoded;
pub use site::Site;
pub use stage::Stage;
pub use trunk::TrunkServe;
pub use watch::{Event, Frame, Pitch, Watch};
