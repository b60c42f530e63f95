//! What a stream does about failures.

use manifest::ChunkIndex;

use super::Stream;
use crate::context::Context;
use crate::output::{CacheMode, Output};
use crate::position::Position;
use crate::retry::may_retry;
use crate::{Error, Event, Failure};

/// A chunk that the server says is not there.
#[derive(Debug, Default)]
pub(super) enum Missing {
    #[default]
    None,
    /// The manifest has been asked what became of it.
    Asked { chunk: ChunkIndex, failure: Failure },
    /// The manifest still names it: it is asked for once more.
    Named { chunk: ChunkIndex },
}

impl Stream {
    pub(super) fn fail(&mut self, failure: Failure, cx: &mut Context<'_>) {
        let Position { chunk, offset } = self.fetched;
        let url = self.url(chunk);
        let suspicious = matches!(failure, Failure::WrongRange | Failure::WrongTotal { .. } | Failure::Changed);
        if suspicious || matches!(failure, Failure::Status { status: 416, .. }) {
            self.cache = CacheMode::Reload;
        }
        if failure == Failure::Changed {
            self.etags.remove(chunk);
            self.jump(self.opened, cx);
        }
        if matches!(failure, Failure::Status { status: 404 | 410, .. }) {
            return self.lose(failure, cx);
        }
        if !may_retry(&failure) {
            return cx.fatal(Error::Refused { stream: self.id, url, failure });
        }
        cx.statistics.retries += 1;
        if !cx.online {
            // No fault of the server's, and no use before the network is back.
            return;
        }
        match self.retry.failed(cx.now, cx.options, cx.jitter, offset, failure.clone()) {
            Ok(after) => {
                let history = Vec::new();
                let error = Error::Network { stream: self.id, url, failure, history };
                cx.out.push_back(Output::Event(Event::Retrying { error, after }));
            }
            Err(history) => cx.fatal(Error::Network { stream: self.id, url, failure, history }),
        }
    }

    /// The chunk is not there. The manifest says whether the film has been replaced, or whether it is worth another try.
    fn lose(&mut self, failure: Failure, cx: &mut Context<'_>) {
        let chunk = self.fetched.chunk;
        if matches!(self.missing, Missing::Named { chunk: known } if known == chunk) {
            self.missing = Missing::None;
            let url = self.url(chunk);
            return cx.fatal(Error::Refused { stream: self.id, url, failure });
        }
        self.missing = Missing::Asked { chunk, failure };
        cx.reload_manifest();
    }

    /// The manifest has come; `new_cut` has the content id of the film that took this one's place.
    pub(crate) fn handle_manifest(&mut self, new_cut: Option<&Option<String>>, cx: &mut Context<'_>) {
        let Missing::Asked { chunk, failure } = std::mem::take(&mut self.missing) else { return };
        let url = self.url(chunk);
        if let Some(id) = new_cut {
            return cx.fatal(Error::ContentChanged { url, id: id.clone() });
        }
        self.missing = Missing::Named { chunk };
        // An edge may have kept the answer from before the film was published.
        self.cache = CacheMode::Reload;
        let error = Error::Network { stream: self.id, url, failure, history: Vec::new() };
        cx.out.push_back(Output::Event(Event::Retrying { error, after: std::time::Duration::ZERO }));
    }
}
