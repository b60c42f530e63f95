//! A viewer: asks as the player does, and checks what comes.

use std::io::Read;
use std::time::Duration;

use super::Cut;

/// One connection's worth of requests, and a head for random places.
pub(crate) struct Viewer {
    agent: ureq::Agent,
    base: String,
    random: u64,
}

/// What came.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `CF-Cache-Status`.
    pub(crate) cache: String,
    pub(crate) etag: String,
    pub(crate) content_range: String,
    pub(crate) body: Vec<u8>,
}

impl Viewer {
    /// `base` is the URL of the directory that the manifest lies in, with its slash.
    pub(crate) fn new(base: impl Into<String>, seed: u64) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self { agent: config.into(), base: base.into(), random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
    }

    /// Asks, and says what came or why nothing whole came.
    pub(crate) fn try_get(&self, url: &str, range: Option<(usize, usize)>) -> Result<Answer, String> {
        let mut request = self.agent.get(format!("{}{url}", self.base));
        if let Some((start, end)) = range {
            request = request.header("Range", format!("bytes={start}-{}", end - 1));
        }
        let mut response = request.call().map_err(|error| error.to_string())?;
        let field = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let (cache, etag, content_range) = (field("cf-cache-status"), field("etag"), field("content-range"));
        let mut body = Vec::new();
        let status = response.status().as_u16();
        response.body_mut().as_reader().read_to_end(&mut body).map_err(|error| error.to_string())?;
        Ok(Answer { status, cache, etag, content_range, body })
    }

    /// Asks for what must come, once more where the connection breaks: nginx ends those for which a jump of its clock is
    /// a long silence.
    pub(crate) fn get(&self, url: &str, range: Option<(usize, usize)>) -> Answer {
        let answer = self.try_get(url, range).or_else(|_| self.try_get(url, range));
        answer.unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    /// The manifest's content id, and how the cache came by it.
    pub(crate) fn manifest(&self) -> (String, String) {
        let answer = self.get("manifest.json", None);
        assert_eq!(answer.status, 200);
        let document: manifest::Document = serde_json::from_slice(&answer.body).expect("a whole manifest");
        (document.id, answer.cache)
    }

    /// Plays from a random place of every stream, a few ranges on from there.
    pub(crate) fn seek_and_stream(&mut self, cut: &Cut) {
        for (url, content) in cut.chunks() {
            let mut at = self.below(content.len());
            for _ in 0..3 {
                let end = (at + 100_000 + self.below(200_000)).min(content.len());
                self.check(cut, url, content, at, end);
                at = end;
                if at == content.len() {
                    break;
                }
            }
        }
    }

    /// Plays everything, from the first byte to the last.
    pub(crate) fn stream(&self, cut: &Cut) {
        for (url, content) in cut.files() {
            for start in (0..content.len()).step_by(700_000) {
                self.check(cut, url, content, start, (start + 700_000).min(content.len()));
            }
        }
    }

    /// Panics unless exactly those bytes of exactly that cut come.
    fn check(&self, cut: &Cut, url: &str, content: &[u8], start: usize, end: usize) {
        let answer = self.get(url, Some((start, end)));
        assert_eq!(answer.status, 206, "{url} {start}-{end}");
        assert_eq!(answer.content_range, format!("bytes {start}-{}/{}", end - 1, content.len()));
        assert!(answer.body == content[start..end], "bytes {start}-{end} of {url} are not those of the cut {}", cut.id);
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random >> 1).expect("64 bits") % bound
    }
}
