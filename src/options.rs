//! What a page may set: `PlayerOptions` in the types.

use std::time::Duration;

use js_sys::Reflect;
use manifest::MediaTime;
use playback::{Options, span};
use serde::de::{Deserializer, Error, IgnoredAny};
use serde::{Deserialize, Serialize};
use tsify::Tsify;
use wasm_bindgen::JsValue;

use crate::border::given;
use crate::from_js;
use crate::request::{Credentials, Requests};
use crate::timer::window;

/// Seconds kept ahead by default for a viewer who asks browsers to save data: a third of the usual 30.
const FRUGAL: MediaTime = MediaTime::from_millis(10_000);

/// Seconds in a day, the longest wait that can be set: sums of such waits overflow nothing.
const DAY: f64 = 86_400.0;

/// The options of a player, read and checked.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) engine: Options,
    pub(crate) preload: Preload,
    /// Whether to begin where this viewer left the film.
    pub(crate) resume: bool,
    pub(crate) requests: Requests,
}

/// Times are in seconds. What is absent keeps its default, which stands behind the colon.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", default, expecting = "an object")]
pub(crate) struct PlayerOptions {
    /// How much is fetched before anybody plays: `"auto"`; `"metadata"` where the viewer asks browsers to save data.
    #[serde(deserialize_with = "given")]
    #[tsify(optional)]
    preload: Option<Preload>,
    /// Begin where this viewer left the film, unless `load` says otherwise: `false`. The position is kept in the browser's
    /// local storage under the film's content id.
    #[serde(deserialize_with = "given")]
    #[tsify(optional)]
    resume: Option<bool>,
    /// Seconds to keep buffered ahead of the playhead: 30; 10 where the viewer asks browsers to save data.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    ahead: Option<Amount>,
    /// Seconds to keep ahead at first over a link that carries three times the film's bitrate: 10. The goal grows to `ahead`
    /// by a sixth of what has been watched since the start, or since the last seek to where nothing was buffered. With as
    /// much as `ahead` there is no such pacing.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    ahead_at_first: Option<Amount>,
    /// Seconds to keep ahead at first after a seek of the party's to where nothing was buffered: 20. One member who stalls
    /// keeps all the others waiting.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    ahead_at_first_in_party: Option<Amount>,
    /// Seconds to keep buffered behind the playhead: 30.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    behind: Option<Amount>,
    /// The most bytes to keep ahead in each stream: 60 MB.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    ahead_bytes: Option<Amount>,
    /// With fewer seconds than this ahead, pieces are appended as they arrive: 5.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    low: Option<Amount>,
    /// Gaps in the film of up to this many seconds are stepped over: 0.5.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    hole: Option<Amount>,
    /// A playhead that stands still for this many seconds with data before it is nudged: 1.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    nudge: Option<Amount>,
    /// A request that brings no byte for this many seconds has failed: 10. There is no limit on a whole download.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    silence: Option<Amount>,
    /// Seconds to wait before the first retry: 0.25, doubled with each failure in a row.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    backoff: Option<Amount>,
    /// The most seconds to wait before a retry: 8.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    longest_backoff: Option<Amount>,
    /// Whether fragments are compared with their digests: `"preferred"`, where that is possible. With `"required"`, what
    /// cannot be checked is not shown, and a film that cannot be checked is an error.
    #[serde(deserialize_with = "given")]
    #[tsify(optional)]
    integrity: Option<Integrity>,
    /// Every how many seconds to look for a new cut of the film: never.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    poll: Option<Amount>,
    /// What the connection is assumed to carry before anything has been measured, in bits per second: 5e6.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    bandwidth: Option<Amount>,
    /// Seconds of the film until an audio track that is selected takes over: 2.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    handover: Option<Amount>,
    /// Whether a film that has failed because of the network is tried again by itself, every quarter of a minute or so: `true`.
    /// With `false` that is left to `retry`.
    #[serde(deserialize_with = "given")]
    #[tsify(optional)]
    keep_trying: Option<bool>,
    /// How many failures in a row are a fatal error: 8.
    #[serde(deserialize_with = "given")]
    #[tsify(optional, type = "number")]
    attempts: Option<Amount>,
    /// Whether cookies go with the requests for the film: `"same-origin"`, as `fetch` has it.
    #[serde(deserialize_with = "given")]
    #[tsify(optional)]
    credentials: Option<Credentials>,
    /// Header fields that go with every request for the film: none.
    #[tsify(optional, type = "HeadersInit | null")]
    headers: IgnoredAny,
    /// Called with each request before it is sent; may change it, or give another. `null` is none.
    #[tsify(optional, type = "RequestHook | null")]
    request: IgnoredAny,
    /// Names of parameters of the manifest's query that are put on the address of all that it names on the same server: none.
    #[tsify(optional, type = "string | string[]")]
    token: IgnoredAny,
}

/// How much comes before anybody plays: nothing, the manifest, or the film. An element that plays already, or has
/// `autoplay`, waits for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Preload {
    None,
    Metadata,
    // In HTML the empty string is the same.
    #[serde(alias = "")]
    Auto,
}

/// Whether fragments are compared with their digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "lowercase")]
enum Integrity {
    Off,
    Preferred,
    Required,
}

/// A number of 0 or more.
#[derive(Clone, Copy, Debug)]
struct Amount(f64);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        if number >= 0.0 { Ok(Self(number)) } else { Err(D::Error::custom("it is no number of 0 or more")) }
    }
}

/// The defaults, changed as `given` says.
///
/// # Errors
/// Names the member that is not known, or not what it should be.
pub(crate) fn read(given: &JsValue) -> Result<Settings, String> {
    Settings::default_for(saves_data()).changed(given)
}

impl Settings {
    /// `frugal` is for a viewer who asks browsers to save data.
    fn default_for(frugal: bool) -> Self {
        // A seed of this viewer's own: those who fail together must not retry together.
        let seed = (js_sys::Math::random() * 2_f64.powi(53)) as u64;
        let engine = Options { seed, ..Options::default() };
        let ahead = if frugal { FRUGAL } else { engine.ahead };
        let preload = if frugal { Preload::Metadata } else { Preload::Auto };
        let (resume, requests) = (false, Requests::default());
        Self { engine: Options { ahead, ..engine }, preload, resume, requests }
    }

    /// These, changed as `given` says.
    ///
    /// # Errors
    /// Names the member that is not known, or not what it should be.
    pub(crate) fn changed(&self, given: &JsValue) -> Result<Self, String> {
        let options: PlayerOptions = from_js::read_options(given)?;
        let mut requests = self.requests.clone();
        requests.change(given)?;
        requests.credentials = options.credentials.or(requests.credentials);
        Ok(Self {
            engine: engine(&options, &self.engine),
            preload: options.preload.unwrap_or(self.preload),
            resume: options.resume.unwrap_or(self.resume),
            requests,
        })
    }
}

fn engine(given: &PlayerOptions, default: &Options) -> Options {
    Options {
        ahead: media_time(given.ahead, default.ahead),
        ahead_at_first: media_time(given.ahead_at_first, default.ahead_at_first),
        ahead_at_first_in_party: media_time(given.ahead_at_first_in_party, default.ahead_at_first_in_party),
        ahead_bytes: given.ahead_bytes.map_or(default.ahead_bytes, |Amount(bytes)| bytes as u64),
        behind: media_time(given.behind, default.behind),
        low: media_time(given.low, default.low),
        hole: media_time(given.hole, default.hole),
        nudge: duration(given.nudge, default.nudge),
        silence: duration(given.silence, default.silence),
        backoff: duration(given.backoff, default.backoff),
        longest_backoff: duration(given.longest_backoff, default.longest_backoff),
        integrity: given.integrity.map_or(default.integrity, Into::into),
        // No server is asked more often than once in a second.
        poll: given.poll.map_or(default.poll, |Amount(seconds)| span(seconds.clamp(1.0, DAY))),
        bandwidth: given.bandwidth.map_or(default.bandwidth, |Amount(bits)| bits as u64),
        handover: media_time(given.handover, default.handover),
        keep_trying: given.keep_trying.unwrap_or(default.keep_trying),
        attempts: given.attempts.map_or(default.attempts, |Amount(attempts)| attempts as u32),
        ..default.clone()
    }
}

fn media_time(given: Option<Amount>, default: MediaTime) -> MediaTime {
    given.map_or(default, |Amount(seconds)| MediaTime::from_seconds(seconds).unwrap_or(MediaTime::MAX))
}

fn duration(given: Option<Amount>, default: Duration) -> Duration {
    given.and_then(|Amount(seconds)| span(seconds.min(DAY))).unwrap_or(default)
}

impl From<Integrity> for playback::Integrity {
    fn from(integrity: Integrity) -> Self {
        match integrity {
            Integrity::Off => Self::Off,
            Integrity::Preferred => Self::Preferred,
            Integrity::Required => Self::Required,
        }
    }
}

/// `navigator.connection.saveData`, where a browser has it.
fn saves_data() -> bool {
    let get = |object: &JsValue, name| Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default();
    get(&get(&window().navigator(), "connection"), "saveData").is_truthy()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::border::tests::object;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn what_is_given_changes_and_the_rest_stays() {
        let options = read(&object(&[("ahead", 4.5.into()), ("aheadBytes", 1e6.into())])).expect("numbers").engine;
        assert_eq!((options.ahead, options.ahead_bytes), (MediaTime::from_millis(4_500), 1_000_000));
        let options = read(&object(&[("silence", 2.5.into()), ("attempts", 3.into())])).expect("numbers").engine;
        assert_eq!((options.silence, options.attempts), (Duration::from_millis(2_500), 3));
        assert_eq!(options.behind, Options::default().behind);
        assert!(read(&JsValue::UNDEFINED).is_ok() && read(&JsValue::NULL).is_ok());
    }

    #[wasm_bindgen_test]
    fn what_is_changed_later_changes_and_the_rest_stays() {
        let first =
            read(&object(&[("ahead", 4.into()), ("behind", 7.into()), ("resume", JsValue::TRUE)])).expect("options");
        let later =
            first.changed(&object(&[("behind", 9.into()), ("credentials", "include".into())])).expect("options");
        let seconds = |settings: &Settings| (settings.engine.ahead.as_seconds(), settings.engine.behind.as_seconds());
        assert_eq!((seconds(&first), seconds(&later)), ((4.0, 7.0), (4.0, 9.0)));
        assert_eq!((later.resume, later.engine.seed), (true, first.engine.seed));
        assert_eq!(later.requests.credentials, Some(Credentials::Include));
        let same = later.changed(&JsValue::UNDEFINED).expect("nothing");
        assert_eq!((same.requests.credentials, &same.engine), (Some(Credentials::Include), &later.engine));
        let error = later.changed(&object(&[("credentials", "some".into())])).expect_err("another word");
        assert!(error.starts_with("credentials: "), "{error}");
    }

    #[wasm_bindgen_test]
    fn integrity_is_a_word() {
        let given = |value: JsValue| read(&object(&[("integrity", value)]));
        assert_eq!(given("required".into()).expect("a word").engine.integrity, playback::Integrity::Required);
        assert_eq!(given(JsValue::UNDEFINED).expect("absent").engine.integrity, playback::Integrity::Preferred);
        let error = given("perhaps".into()).expect_err("another word");
        assert!(error.starts_with("integrity: ") && error.contains("`preferred`"), "{error}");
        assert!(given(JsValue::TRUE).is_err());
    }

    #[wasm_bindgen_test]
    fn nonsense_is_named() {
        for value in ["30".into(), (-1.0).into(), f64::NAN.into(), JsValue::NULL] {
            let error = read(&object(&[("behind", value)])).expect_err("no number");
            assert!(error.starts_with("behind: "), "{error}");
        }
        assert!(read(&JsValue::from_f64(3.0)).is_err());
        assert!(read(&object(&[("preload", "some".into())])).is_err());
        assert!(read(&object(&[("resume", "yes".into())])).is_err());
        let error = read(&object(&[("ahed", 3.into())])).expect_err("a slip");
        assert!(error.contains("is ahead meant?"), "{error}");
    }

    #[wasm_bindgen_test]
    fn a_viewer_who_saves_data_gets_less_unasked() {
        let frugal = Settings::default_for(true);
        assert_eq!((frugal.engine.ahead, frugal.preload), (FRUGAL, Preload::Metadata));
        let given = frugal.changed(&object(&[("ahead", 20.into())])).expect("a number");
        assert_eq!(given.engine.ahead, MediaTime::from_millis(20_000), "what the page asks for counts more");
        assert_eq!(given.preload, Preload::Metadata);
    }

    #[wasm_bindgen_test]
    fn preload_is_that_of_html() {
        let preload = |value: &str| read(&object(&[("preload", value.into())])).expect("a word").preload;
        use Preload::{Auto, Metadata, None};
        assert_eq!(["none", "metadata", "auto", ""].map(preload), [None, Metadata, Auto, Auto]);
    }
}
