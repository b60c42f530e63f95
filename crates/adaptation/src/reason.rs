//! Why this rung, and why not the next.

use std::fmt;
use std::time::Duration;

use crate::{Limit, RungId};

/// The rung to fetch a group from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The rung.
    pub rung: RungId,
    /// Why this one.
    pub why: Why,
    /// What stands against the next higher one; `None` where there is none.
    pub next: Option<Obstacle>,
}

/// Why a rung was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing lies ready: its first picture comes soonest, or hardly later than the soonest.
    Start,
    /// It is the one before, and there is no reason to leave it.
    Stays,
    /// More is carried than the one before takes.
    Rises,
    /// The one before would leave too little ready.
    Falls,
    /// A limit came below the one before.
    Limited,
    /// A group of a higher one was under way that would not have come in time.
    GivenUp,
    /// The viewer or the page wants this one, whatever the link carries.
    Wanted,
}

/// What stands against a rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A limit, whatever the link carries.
    Limit(Limit),
    /// Nothing is known of the link yet.
    Unknown,
    /// Its first picture would come later, by this time.
    Later(Duration),
    /// The next group alone might leave too little ready, if the link did as badly as it does one time of ten.
    Risky {
        /// What would be left.
        leaves: Duration,
        /// What should be.
        needs: Duration,
    },
    /// Playing on with it would leave too little ready.
    Drains {
        /// What would be left.
        leaves: Duration,
        /// What should be.
        needs: Duration,
    },
    /// The rung was changed only just now.
    TooSoon,
    /// A group of it was given up just now.
    GivenUp,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rung, self.why)?;
        match &self.next {
            Some(obstacle) => write!(f, "; not {}: {obstacle}", self.rung.above()),
            None if self.why == Why::Wanted => Ok(()),
            None => f.write_str("; there is no higher one"),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "its first picture comes soonest",
            Self::Stays => "it can be played on",
            Self::Rises => "the link carries more than the one before takes",
            Self::Falls => "the one before would leave too little ready",
            Self::Limited => "the one before is no longer wanted",
            Self::GivenUp => "a higher one would not have come in time",
            Self::Wanted => "it is wanted",
        })
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |span: &Duration| (span.as_secs(), span.subsec_millis() / 100);
        let mut of = |text: &str, leaves: &Duration, needs: &Duration| {
            let ((left, tenths), (needed, needed_tenths)) = (seconds(leaves), seconds(needs));
            write!(f, "{text} {left}.{tenths} s ready, and {needed}.{needed_tenths} s are needed")
        };
        match self {
            Self::Risky { leaves, needs } => of("a slow moment would leave", leaves, needs),
            Self::Drains { leaves, needs } => of("it would leave", leaves, needs),
            Self::Limit(limit) => limit.fmt(f),
            Self::Unknown => f.write_str("nothing is known of the link yet"),
            Self::Later(later) => {
                let (whole, tenths) = seconds(later);
                write!(f, "its first picture would come {whole}.{tenths} s later")
            }
            Self::TooSoon => f.write_str("the rung was changed only just now"),
            Self::GivenUp => f.write_str("a group of it was given up just now"),
        }
    }
}
