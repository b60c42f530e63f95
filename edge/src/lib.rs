//! The rules of the edge cache, as data: what stands in `cache-rules.json`, what it decides for a URL, and an nginx that
//! decides the same, for tests that need an edge and for whoever runs one.
//!
//! Nothing here talks to Cloudflare: `apply.sh` and `main.tf` do.

mod clock;
mod expression;
mod nginx;
mod ruleset;

pub use clock::Clock;
pub use expression::{Expression, Malformed};
pub use nginx::{Nginx, Settings, program as nginx_program};
pub use ruleset::{
    Action, BrowserTtl, CacheSettings, EdgeTtl, Mode, OriginRangeRequests, RangeMode, Rule, Ruleset, StatusCodeRange,
    StatusCodeTtl,
};
