//! Why something could not be done in a store: the place, what is wrong, and what helps.

use std::io;
use std::path::PathBuf;

use manifest::Digest;

/// Why something could not be done in a store. No variant and no text has keys or signatures in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing says who asks.
    #[error("there are no keys for {place}: set {names}")]
    NoKeys {
        /// The store.
        place: String,
        /// The variables that would be read.
        names: &'static str,
    },
    /// What the environment says of the store makes no sense.
    #[error("{place} cannot be used: {why}")]
    Settings {
        /// The store.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// The store has answered, and will say the same again.
    #[error("{place} refuses to {action} {name}: {code} (status {status}); {remedy}")]
    Refused {
        /// The store.
        place: String,
        /// What was tried, such as `write`.
        action: &'static str,
        /// The name below the prefix.
        name: String,
        /// The status of the answer.
        status: u16,
        /// The store's own word, such as `AccessDenied`; `no reason given` where it has none.
        code: String,
        /// What helps.
        remedy: &'static str,
    },
    /// The store did not answer, or said that it cannot at the moment, for as long as it was asked.
    #[error(
        "{place}: cannot {action} {name}, tried {attempts} times: {why}; run it again: what is there already is not sent again"
    )]
    GaveUp {
        /// The store.
        place: String,
        /// What was tried.
        action: &'static str,
        /// The name below the prefix.
        name: String,
        /// How often.
        attempts: u32,
        /// What came of the last attempt.
        why: String,
    },
    /// The place is a directory in which that cannot be done.
    #[error(
        "{place}: cannot {action} {name}: {why}; see to it and run it again: what is there already is not sent again"
    )]
    Directory {
        /// The directory, as an address.
        place: String,
        /// What was tried.
        action: &'static str,
        /// The name below it.
        name: String,
        /// What the system said.
        why: String,
    },
    /// What lies in the store is not what was sent, time and again.
    #[error(
        "{place}: {name} was written {attempts} times and has another {what} each time; the store is not to be trusted with it"
    )]
    Differs {
        /// The store.
        place: String,
        /// The name below the prefix.
        name: String,
        /// What differs, such as `digest`.
        what: &'static str,
        /// How often it was written.
        attempts: u32,
    },
    /// A file on this machine is not what its manifest says.
    #[error(
        "{path} is not what the manifest says (its SHA-256 should be {expected}): find out with `splitter verify`, and cut the film anew"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// By the manifest.
        expected: Digest,
    },
    /// This machine refused to read.
    #[error("cannot read {path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Nothing has this name.
    #[error("{place} has no {name}")]
    Missing {
        /// The store.
        place: String,
        /// The name below the prefix.
        name: String,
    },
    /// What lies under a name is another object than before.
    #[error("{place}: {name} was replaced while it was read")]
    Changed {
        /// The store.
        place: String,
        /// The name below the prefix.
        name: String,
    },
    /// An object is longer than what it should be may be.
    #[error("{place}: {name} has more than {most} bytes, and is no such file")]
    TooLarge {
        /// The store.
        place: String,
        /// The name below the prefix.
        name: String,
        /// What is read at most.
        most: u64,
    },
    /// The user asked to stop.
    #[error("stopped before all of it was there; run it again to go on: what is there already is not sent again")]
    Interrupted,
}

/// In the place of a store's word.
const NO_REASON: &str = "no reason given";

/// What an answer that is none of the wanted ones says; what a store writes into its body beside the code is not kept, since
/// some repeat there what was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code} (status {status})")]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
}

/// How one attempt failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It may go well the next time.
    Passing(String),
    /// A disk is full, or nobody may write there.
    Disk(String),
    /// The bytes that came are not those that were signed.
    Altered,
    /// There is nothing of that name.
    Missing,
    /// It is refused for good.
    Refused(Refusal),
    /// Something on this side.
    Own(Error),
}

impl Refusal {
    /// Reads the answer's body for the store's own word for it.
    pub(crate) fn new(status: u16, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let code = text.split_once("<Code>").and_then(|(_, rest)| Some(rest.split_once("</Code>")?.0));
        let is_word = |code: &&str| {
            !code.is_empty()
                && code.len() <= 64
                && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
        };
        Self { status, code: code.filter(is_word).unwrap_or(NO_REASON).to_owned() }
    }

    pub(crate) fn failure(self) -> Failure {
        match (self.status, self.code.as_str()) {
            (_, "BadDigest" | "XAmzContentSHA256Mismatch" | "InvalidDigest") => Failure::Altered,
            (_, "RequestTimeout" | "IncompleteBody" | "SlowDown" | "ServiceUnavailable" | "OperationAborted") => {
                Failure::Passing(self.said())
            }
            // Not implemented: asking again brings the same answer.
            (501, _) => Failure::Refused(self),
            (408 | 425 | 429 | 500.., _) => Failure::Passing(self.said()),
            (404, "NoSuchBucket" | "ContainerNotFound") => Failure::Refused(self),
            (404, _) => Failure::Missing,
            _ => Failure::Refused(self),
        }
    }

    /// The same as part of a sentence.
    pub(crate) fn said(&self) -> String {
        match self.code.as_str() {
            NO_REASON => format!("the store answers with status {}", self.status),
            _ => format!("the store says {self}"),
        }
    }

    /// Whether the request may have been signed too long ago, or not yet by the store's clock: answers to HEAD do not say why.
    pub(crate) fn is_of_another_time(&self) -> bool {
        matches!(self.code.as_str(), "RequestTimeTooSkewed" | "RequestExpired")
            || (self.status == 403 && self.code == NO_REASON)
    }

    /// What helps.
    pub(crate) fn remedy(&self) -> &'static str {
        match (self.status, self.code.as_str()) {
            (_, "ExpiredToken" | "TokenRefreshRequired" | "ExpiredTokenException") => {
                "the keys have run out: get new ones and run it again; what is there already is not sent again"
            }
            (_, "InvalidAccessKeyId" | "InvalidToken") => {
                "the store does not know these keys: look at AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN and AWS_ENDPOINT_URL"
            }
            (_, "SignatureDoesNotMatch") => {
                "the secret key is wrong, or the store is another than meant: look at AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL"
            }
            (_, "RequestTimeTooSkewed") => "the clock of this machine is wrong: set it",
            (_, "NoSuchBucket" | "ContainerNotFound") => "there is no such bucket: make it first, or look at its name",
            (_, "AuthorizationHeaderMalformed" | "PermanentRedirect" | "IllegalLocationConstraintException")
            | (301 | 307, _) => "the bucket is in another region: set AWS_REGION",
            (_, "EntityTooLarge") => "the store takes no object that large: cut the film with a smaller --chunk-size",
            (_, "QuotaExceeded" | "InsufficientStorage") | (507, _) => "the store is full",
            (401 | 403, _) => {
                "the keys do not allow that: below the prefix, publishing needs to read, write, list and delete, serving to read \
                 and list"
            }
            (501, _) => "the store lacks something that is needed here",
            _ => "look into the store's own documentation for that word",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_answer_only_the_code_is_kept() {
        let body = b"<Error><Code>SignatureDoesNotMatch</Code><StringToSign>AWS4-HMAC SECRET</StringToSign></Error>";
        let refusal = Refusal::new(403, body);
        assert_eq!(refusal.code, "SignatureDoesNotMatch");
        assert!(!format!("{refusal} {refusal:?}").contains("SECRET"));
        assert_eq!(Refusal::new(500, b"<Code>a b SECRET</Code>").code, "no reason given");
        assert_eq!(Refusal::new(500, b"<Code>").code, "no reason given");
    }

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        let of = |status, code: &str| Refusal { status, code: code.to_owned() }.failure();
        for (status, code) in [(503, "SlowDown"), (500, "InternalError"), (429, ""), (400, "RequestTimeout")] {
            assert!(matches!(of(status, code), Failure::Passing(_)), "{status} {code}");
        }
        for (status, code) in
            [(403, "AccessDenied"), (400, "ExpiredToken"), (501, "NotImplemented"), (404, "NoSuchBucket")]
        {
            assert!(matches!(of(status, code), Failure::Refused(_)), "{status} {code}");
        }
        let said = |status, code| match of(status, code) {
            Failure::Passing(why) => why,
            failure => panic!("{failure:?}"),
        };
        assert_eq!(said(503, "SlowDown"), "the store says SlowDown (status 503)");
        // Answers to HEAD have no word for it.
        assert_eq!(said(503, NO_REASON), "the store answers with status 503");
        assert!(matches!(of(400, "XAmzContentSHA256Mismatch"), Failure::Altered));
        assert!(matches!(of(404, "NoSuchKey"), Failure::Missing));
    }
}
