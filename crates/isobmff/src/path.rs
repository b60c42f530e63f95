//! Where a box lies in the tree of boxes.

use std::fmt;

use crate::FourCc;

/// The types of the boxes around a box, and its own, as in `moov/trak/mdia`. The top level is the empty path.
///
/// Holds the first twelve levels, which is deeper than any box that is read.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct BoxPath {
    levels: [FourCc; 12],
    depth: u8,
}

impl BoxPath {
    /// The path of a child of this box.
    #[must_use]
    pub fn child(mut self, kind: FourCc) -> Self {
        if let Some(level) = self.levels.get_mut(usize::from(self.depth)) {
            *level = kind;
            self.depth += 1;
        }
        self
    }

    /// The type of the box itself; `None` at the top level.
    #[must_use]
    pub fn kind(&self) -> Option<FourCc> {
        self.levels().last().copied()
    }

    /// From the outermost box inwards.
    #[must_use]
    pub fn levels(&self) -> &[FourCc] {
        &self.levels[..usize::from(self.depth)]
    }
}

impl fmt::Display for BoxPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.levels() {
            [] => f.write_str("the top level"),
            [first, rest @ ..] => {
                write!(f, "{first}")?;
                rest.iter().try_for_each(|level| write!(f, "/{level}"))
            }
        }
    }
}

impl fmt::Debug for BoxPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BoxPath({self})")
    }
}
