//! What goes wrong with an answer, as a pure function of the answer.

use std::{io::Write, time::Duration};

use flate2::{Compression, write::GzEncoder};
use serde::Deserialize;

use super::answer::{Answer, Delivery, Step};

/// What goes wrong.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(tag = "does", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Fault {
    /// The connection breaks in the middle of the body (RST).
    Reset,
    /// The connection ends before the body does (FIN).
    Truncate,
    /// No byte comes for so many seconds, then the rest.
    Stall { seconds: u64 },
    /// So many bytes come in a second.
    Trickle { rate: u32 },
    /// The head comes after so many seconds.
    LateHead { seconds: u64 },
    /// Another status, without a body.
    Status { status: u16, retry_after: Option<u32> },
    /// A page in the chunk's place, with 200.
    Page,
    /// The whole object in place of a range, with 200.
    Whole,
    /// It is to be found at another host.
    Redirect,
    /// `Content-Range` and the body are of other bytes than those asked for.
    OtherRange,
    /// `Content-Range` has another total.
    OtherTotal,
    /// `Content-Length` is more than what comes.
    TooLong,
    /// `Content-Length` is less than what would come.
    TooShort,
    /// The body is compressed on its way, and its head says so.
    Compressed,
    /// The head says that the body is compressed, and it is not.
    FalselyCompressed,
    /// One byte is another.
    Flip,
    /// The bytes of another chunk, as that chunk's own.
    Yesterday,
    /// The head does not say that ranges are understood.
    WithoutAcceptRanges,
    /// The connection ends in the middle of the body, and what comes next has another tag.
    OtherTag,
    /// The server takes no connections, and ends those that it has.
    Away,
    /// The browser has no network, and knows it.
    Offline,
    /// The machine sleeps: the browser's processes stand still, and connections are gone when they go on.
    Asleep,
    /// The page stands behind another tab.
    Hidden,
    /// Many fragments come damaged once, over a line of so many bytes in a second: see [`super::corruption`].
    Corrupt { rate: Option<u32> },
    /// The whole line carries so many bytes in a second.
    Throttled { rate: u32 },
}

impl Fault {
    /// Whether it shows in the body alone; the others show in a head.
    pub(super) const fn is_of_body(&self) -> bool {
        matches!(
            self,
            Self::Reset
                | Self::Truncate
                | Self::Stall { .. }
                | Self::Trickle { .. }
                | Self::TooLong
                | Self::TooShort
                | Self::Flip
                | Self::OtherTag
                | Self::Away
                | Self::Offline
                | Self::Asleep
                | Self::Hidden
                | Self::Throttled { .. }
        )
    }

    /// Whether it befalls the browser as a whole.
    pub(super) const fn is_of_browser(&self) -> bool {
        matches!(self, Self::Offline | Self::Asleep | Self::Hidden)
    }

    /// Whether it is random damage.
    pub(super) const fn is_corruption(&self) -> bool {
        matches!(self, Self::Corrupt { .. })
    }

    /// What comes of an answer that is struck at byte `at` of its body. `elsewhere` is the same object at another host.
    pub(super) fn strike(&self, mut answer: Answer, at: usize, elsewhere: &str) -> Delivery {
        let at = at.min(answer.body.len());
        let (before, after) = (answer.body[..at].to_vec(), answer.body[at..].to_vec());
        match self {
            Self::Reset | Self::Away | Self::Offline | Self::Asleep => {
                answer.with(vec![Step::Send(before), Step::Reset])
            }
            Self::Truncate | Self::OtherTag => answer.with(vec![Step::Send(before)]),
            Self::Stall { seconds } => {
                let wait = Step::Wait(Duration::from_secs(*seconds));
                answer.with(vec![Step::Send(before), wait, Step::Send(after)])
            }
            Self::Trickle { rate } => answer.with(vec![Step::Send(before), Step::Slowly(after, *rate)]),
            Self::LateHead { seconds } => {
                let mut delivery = answer.whole();
                // What is sent in pieces has its head as the first of them.
                let head = Step::Send(std::mem::take(&mut delivery.head).into_bytes());
                delivery.steps.splice(0..0, [Step::Wait(Duration::from_secs(*seconds)), head]);
                delivery
            }
            Self::Status { status, retry_after } => {
                let mut bare = Answer::bare(*status, &[]);
                if let Some(seconds) = retry_after {
                    bare.set("Retry-After", &seconds.to_string());
                }
                bare.whole()
            }
            Self::Page => {
                let body = b"<!doctype html><title>Sign in</title>".to_vec();
                let mut page = Answer::bare(200, &[("Content-Type", "text/html; charset=utf-8")]);
                page.set("Content-Length", &body.len().to_string());
                Answer { body, ..page }.whole()
            }
            Self::Redirect => Answer::bare(302, &[("Location", elsewhere)]).whole(),
            Self::OtherRange => other_range(answer).whole(),
            Self::OtherTotal => {
                let range =
                    answer.field("content-range").and_then(|range| range.rsplit_once('/')).map(|(range, total)| {
                        let total: u64 = total.parse().unwrap_or_default();
                        format!("{range}/{}", total + 1_000)
                    });
                if let Some(range) = range {
                    answer.set("Content-Range", &range);
                }
                answer.whole()
            }
            Self::TooLong => {
                answer.set("Content-Length", &(answer.body.len() + 1_000).to_string());
                answer.whole()
            }
            Self::TooShort => {
                answer.set("Content-Length", &at.to_string());
                answer.whole()
            }
            Self::Compressed => {
                let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
                gzip.write_all(&answer.body).expect("memory takes what is written");
                answer.body = gzip.finish().expect("memory takes what is written");
                answer.set("Content-Encoding", "gzip");
                answer.set("Content-Length", &answer.body.len().to_string());
                answer.whole()
            }
            Self::FalselyCompressed => {
                answer.set("Content-Encoding", "gzip");
                answer.whole()
            }
            Self::Flip => {
                if let Some(byte) = answer.body.get_mut(at) {
                    *byte ^= 0x10;
                }
                answer.whole()
            }
            Self::WithoutAcceptRanges => {
                answer.remove("accept-ranges");
                answer.whole()
            }
            // What is asked of the origin, or the line, is another.
            Self::Whole | Self::Yesterday | Self::Throttled { .. } | Self::Hidden | Self::Corrupt { .. } => {
                answer.whole()
            }
        }
    }
}

/// The same number of bytes fewer one, from the second on, and a head that says so.
fn other_range(mut answer: Answer) -> Answer {
    let first = answer.first_byte();
    if answer.body.len() < 2 {
        return answer;
    }
    answer.body.remove(0);
    let total =
        answer.field("content-range").and_then(|range| range.rsplit_once('/')).map(|(_, total)| total.to_owned());
    let last = first + answer.body.len() as u64;
    answer.set("Content-Range", &format!("bytes {}-{last}/{}", first + 1, total.unwrap_or_else(|| "*".to_owned())));
    answer.set("Content-Length", &answer.body.len().to_string());
    answer
}

#[cfg(test)]
mod tests;
