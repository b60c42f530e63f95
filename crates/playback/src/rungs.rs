//! Which rung of a switching set the next group comes from: what is asked, and how far a choice has come.
//!
//! It contains no rule by which a rung is chosen: whoever answers knows the sizes of all groups, and measures the link by the
//! effects and facts that pass.

use manifest::MediaTime;

use crate::StreamId;

/// Asks which rung a group is fetched from; answered by [`crate::Input::Chosen`] before any other fact is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The rung that fetches now.
    pub stream: StreamId,
    /// Where the group starts, in every rung.
    pub start: MediaTime,
    /// Where the playhead is, or will be once it can be moved. What lies between the two lies ready; where the group holds it, nothing does.
    pub target: MediaTime,
    /// Film to fetch ahead of the playhead.
    pub goal: MediaTime,
    /// Bytes to fetch ahead of it: less than [`crate::Options::ahead_bytes`] where the browser has refused more.
    pub goal_bytes: u64,
    /// Bytes of the group that are still to come, where it is under way: it may be given up for a lower rung, and no answer is
    /// the answer to go on. `None` asks for the rung of a group that has not been asked for, which waits for the answer.
    pub left: Option<u64>,
}

/// How far the choice of the rung for the next group has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Choice {
    /// There is but one.
    #[default]
    None,
    /// It is to be asked for.
    Open,
    /// It has been asked for. With an answer of another rung, that one waits until this one is done.
    Asked,
    /// It is this one: requests may be sent until its first bytes have come.
    Made,
}
