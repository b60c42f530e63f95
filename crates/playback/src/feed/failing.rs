//! What a feed does about failures.

use std::time::Duration;

use super::{Feed, Missing, Outcome};
use crate::effects::Effects;
use crate::network::Network;
use crate::output::CacheMode;
use crate::position::Position;
use crate::situation::Situation;
use crate::transfer::Verdict;
use crate::{Error, Event, Failure};

impl Feed {
    /// The request under way has failed, and is over.
    pub(super) fn fail(
        &mut self,
        at: &Situation,
        failure: Failure,
        network: &mut Network,
        effects: &mut Effects,
    ) -> Outcome {
        let place = self.fetched;
        let is_suspicious = matches!(failure, Failure::WrongRange | Failure::Changed);
        if is_suspicious || matches!(failure, Failure::Status { status: 416, .. }) {
            self.cache = CacheMode::Reload;
        }
        if failure == Failure::Changed {
            self.etags.remove(place.chunk);
            return Outcome::Changed { at: place };
        }
        if failure.denies_object() {
            self.lose(at, failure, effects);
        } else {
            self.judge(at, place, failure, network, effects);
        }
        Outcome::Fine
    }

    /// Tells of a failure at that byte, and waits before the next attempt if there may be one.
    pub(crate) fn judge(
        &mut self,
        at: &Situation,
        place: Position,
        failure: Failure,
        network: &mut Network,
        effects: &mut Effects,
    ) {
        let (stream, url) = (self.id, self.url(place.chunk));
        match self.transfer.fail(at, place.offset, &failure, &mut network.jitter, effects) {
            Verdict::Again { after } => {
                let error = Error::Network { stream, url, failure, history: Vec::new() };
                effects.tell(Event::Retrying { error, after });
            }
            Verdict::Offline => {}
            Verdict::Spent { history } => effects.fail(Error::Network { stream, url, failure, history }),
            Verdict::Refused => effects.fail(Error::Refused { stream, url, failure }),
        }
    }

    /// The chunk is not there. The manifest says whether the film has been replaced, or whether it is worth another try.
    fn lose(&mut self, at: &Situation, failure: Failure, effects: &mut Effects) {
        let chunk = self.fetched.chunk;
        if matches!(self.missing, Missing::Named { chunk: known } if known == chunk) {
            self.missing = Missing::None;
            let (stream, url) = (self.id, self.url(chunk));
            return effects.fail(Error::refused(stream, url, failure));
        }
        self.missing = Missing::Asked { chunk, failure };
        effects.ask_for_manifest(at.now);
    }

    /// The manifest has come; `new_cut` has the content id of the film that took this one's place.
    pub(crate) fn handle_manifest(&mut self, new_cut: Option<&Option<String>>, effects: &mut Effects) {
        let Missing::Asked { chunk, failure } = std::mem::take(&mut self.missing) else { return };
        let url = self.url(chunk);
        if let Some(id) = new_cut {
            return effects.fail(Error::ContentChanged { url, id: id.clone() });
        }
        self.missing = Missing::Named { chunk };
        // An edge may have kept the answer from before the film was published.
        self.cache = CacheMode::Reload;
        let error = Error::Network { stream: self.id, url, failure, history: Vec::new() };
        effects.tell(Event::Retrying { error, after: Duration::ZERO });
    }

    /// Tries again at once: after a fatal error with a `new_budget`, or because the network is back.
    pub(crate) fn retry(&mut self, new_budget: bool) {
        if new_budget {
            self.transfer.retry.reset();
            self.checks.tables.retry();
            self.missing = Missing::None;
        } else {
            self.transfer.retry.hurry();
            self.checks.tables.hurry();
        }
    }
}
