//! What was asked of the store, in the text format of Prometheus.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::fault::Fault;

/// What has happened since the start.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    answered: AtomicU64,
    missing: AtomicU64,
    failed: AtomicU64,
    broken: AtomicU64,
    bytes: AtomicU64,
}

impl Counts {
    /// Something was asked, in one attempt or several.
    pub(crate) fn asked(&self, fault: Option<&Fault>) {
        let count = match fault {
            None => &self.answered,
            Some(Fault::Missing) => &self.missing,
            Some(_) => &self.failed,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Bytes of an object came.
    pub(crate) fn came(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The bytes of an answer broke off.
    pub(crate) fn broke(&self) {
        self.broken.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn render(&self) -> String {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        format!(
            "# HELP origin_store_requests_total What was asked of the store, by what came of it.\n\
             # TYPE origin_store_requests_total counter\n\
             origin_store_requests_total{{outcome=\"answered\"}} {}\n\
             origin_store_requests_total{{outcome=\"missing\"}} {}\n\
             origin_store_requests_total{{outcome=\"failed\"}} {}\n\
             # HELP origin_store_answers_broken_total Answers of the store that broke off.\n\
             # TYPE origin_store_answers_broken_total counter\n\
             origin_store_answers_broken_total {}\n\
             # HELP origin_store_bytes_total Bytes of objects that came from the store.\n\
             # TYPE origin_store_bytes_total counter\n\
             origin_store_bytes_total {}\n",
            of(&self.answered),
            of(&self.missing),
            of(&self.failed),
            of(&self.broken),
            of(&self.bytes)
        )
    }
}
