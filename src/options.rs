//! What a page may set: `PlayerOptions` in the types.

use std::time::Duration;

use js_sys::Reflect;
use manifest::MediaTime;
use playback::{Options, span};
use serde::{Deserialize, Serialize};
use tsify::Tsify;
use wasm_bindgen::JsValue;

use crate::from_js::{self, read as read_value};
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
#[derive(Tsify)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is there for the types: `MEMBERS` says how each is read")]
pub(crate) struct PlayerOptions {
    /// What is fetched before anybody plays: `"auto"`; `"metadata"` where the viewer asks browsers to save data.
    #[tsify(optional)]
    preload: Option<Preload>,
    /// Begin where this viewer left the film, unless `load` says otherwise: `false`. The position is kept in the browser's
    /// local storage under the film's content id.
    #[tsify(optional)]
    resume: Option<bool>,
    /// Seconds to keep buffered ahead of the playhead: 30; 10 where the viewer asks browsers to save data. Of a film of several
    /// rungs a third more.
    #[tsify(optional)]
    ahead: Option<f64>,
    /// Seconds to keep ahead at first over a link that carries three times the film's bitrate: 10. The goal grows to `ahead`
    /// by a sixth of what has been watched since the start, or since the last seek to where nothing was buffered. With as
    /// much as `ahead` there is no such pacing.
    #[tsify(optional)]
    ahead_at_first: Option<f64>,
    /// Seconds to keep ahead at first after a seek of the party's to where nothing was buffered: 20. One member who stalls
    /// keeps all the others waiting.
    #[tsify(optional)]
    ahead_at_first_in_party: Option<f64>,
    /// Seconds to keep buffered behind the playhead: 30.
    #[tsify(optional)]
    behind: Option<f64>,
    /// The most bytes to keep ahead in each stream: 60 MB.
    #[tsify(optional)]
    ahead_bytes: Option<f64>,
    /// With fewer seconds than this ahead, pieces are appended as they arrive: 5.
    #[tsify(optional)]
    low: Option<f64>,
    /// Gaps in what is buffered of up to this many seconds are stepped over at once, longer ones after `nudge`: 0.5.
    #[tsify(optional)]
    hole: Option<f64>,
    /// A playhead that stands still for this many seconds with data before it is nudged: 1.
    #[tsify(optional)]
    nudge: Option<f64>,
    /// A seek after which none follows for this many seconds has come to rest, which the event `seek` tells: 0.5; with 0 at once.
    #[tsify(optional)]
    seek_rest: Option<f64>,
    /// A request that brings no byte for this many seconds has failed: 10. There is no limit on a whole download.
    #[tsify(optional)]
    silence: Option<f64>,
    /// Seconds to wait before the first retry: 0.25, doubled with each failure in a row.
    #[tsify(optional)]
    backoff: Option<f64>,
    /// The most seconds to wait before a retry: 8.
    #[tsify(optional)]
    longest_backoff: Option<f64>,
    /// Whether fragments are compared with their digests: `"preferred"`, where that is possible. With `"required"`, what
    /// cannot be checked is not shown, and a film that cannot be checked is an error.
    #[tsify(optional)]
    integrity: Option<Integrity>,
    /// Seconds between two looks for a new cut of the film, 1 at least: no looks.
    #[tsify(optional)]
    poll: Option<f64>,
    /// What the connection is assumed to carry before anything has been measured, in bits per second: 5e6.
    #[tsify(optional)]
    bandwidth: Option<f64>,
    /// Seconds for which the old audio track plays on once another is selected, so that nobody waits for that: 2.
    #[tsify(optional)]
    handover: Option<f64>,
    /// Whether a film that has failed because of the network is tried again by itself, every quarter of a minute or so: `true`.
    /// With `false` that is left to `retry`.
    #[tsify(optional)]
    keep_trying: Option<bool>,
    /// Failures in a row, with less than 64 KiB between them, that are a fatal error: 8.
    #[tsify(optional)]
    attempts: Option<f64>,
    /// Whether cookies go with the requests for the film: `"same-origin"`, as `fetch` has it.
    #[tsify(optional)]
    credentials: Option<Credentials>,
    /// Header fields that go with every request for the film: none.
    #[tsify(optional, type = "HeadersInit | null")]
    headers: (),
    /// Called with each request before it is sent; may change it, or give another. `null` is none.
    #[tsify(optional, type = "RequestHook | null")]
    request: (),
    /// Names of parameters of the manifest's query that are put on the address of all that it names on the same server: none.
    #[tsify(optional, type = "string | string[]")]
    token: (),
}

/// What is fetched before anybody plays: nothing, manifest and inits, or the film. An element that plays already, or has
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

/// How a member of [`PlayerOptions`] is read, and what it changes.
#[derive(Clone, Copy)]
enum Member {
    Preload,
    Resume,
    Time(fn(&mut Options) -> &mut MediaTime),
    Wait(fn(&mut Options) -> &mut Duration),
    Count(fn(&mut Options) -> &mut u64),
    Integrity,
    Poll,
    KeepTrying,
    Attempts,
    Credentials,
    /// That is for requests to read.
    OfRequests,
}

/// Each member and the way it is read, in the order of [`PlayerOptions`]. What serde would derive for all of them is 5 kB of what every viewer
/// downloads.
const MEMBERS: [(&str, Member); 24] = [
    ("preload", Member::Preload),
    ("resume", Member::Resume),
    ("ahead", Member::Time(|options| &mut options.ahead)),
    ("aheadAtFirst", Member::Time(|options| &mut options.ahead_at_first)),
    ("aheadAtFirstInParty", Member::Time(|options| &mut options.ahead_at_first_in_party)),
    ("behind", Member::Time(|options| &mut options.behind)),
    ("aheadBytes", Member::Count(|options| &mut options.ahead_bytes)),
    ("low", Member::Time(|options| &mut options.low)),
    ("hole", Member::Time(|options| &mut options.hole)),
    ("nudge", Member::Wait(|options| &mut options.nudge)),
    ("seekRest", Member::Wait(|options| &mut options.seek_rest)),
    ("silence", Member::Wait(|options| &mut options.silence)),
    ("backoff", Member::Wait(|options| &mut options.backoff)),
    ("longestBackoff", Member::Wait(|options| &mut options.longest_backoff)),
    ("integrity", Member::Integrity),
    ("poll", Member::Poll),
    ("bandwidth", Member::Count(|options| &mut options.bandwidth)),
    ("handover", Member::Time(|options| &mut options.handover)),
    ("keepTrying", Member::KeepTrying),
    ("attempts", Member::Attempts),
    ("credentials", Member::Credentials),
    ("headers", Member::OfRequests),
    ("request", Member::OfRequests),
    ("token", Member::OfRequests),
];

const NAMES: [&str; MEMBERS.len()] = {
    let mut names = [""; MEMBERS.len()];
    let mut number = 0;
    while number < MEMBERS.len() {
        names[number] = MEMBERS[number].0;
        number += 1;
    }
    names
};

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
        let mut changed = self.clone();
        from_js::each_member(given, &NAMES, &mut |number, value| changed.change(MEMBERS[number], value))?;
        Ok(changed)
    }

    fn change(&mut self, (name, member): (&str, Member), value: &JsValue) -> Result<(), String> {
        let engine = &mut self.engine;
        match member {
            Member::Preload => self.preload = read_value(value)?,
            Member::Resume => self.resume = read_value(value)?,
            Member::Time(of) => *of(engine) = MediaTime::from_seconds(amount(value)?).unwrap_or(MediaTime::MAX),
            Member::Wait(of) => *of(engine) = span(amount(value)?.min(DAY)).unwrap_or_default(),
            Member::Count(of) => *of(engine) = amount(value)? as u64,
            Member::Integrity => engine.integrity = read_value::<Integrity>(value)?.into(),
            // No server is asked more often than once in a second.
            Member::Poll => engine.poll = span(amount(value)?.clamp(1.0, DAY)),
            Member::KeepTrying => engine.keep_trying = read_value(value)?,
            Member::Attempts => engine.attempts = amount(value)? as u32,
            Member::Credentials => self.requests.credentials = Some(read_value(value)?),
            Member::OfRequests => self.requests.change(name, value)?,
        }
        Ok(())
    }
}

/// A number of 0 or more.
fn amount(value: &JsValue) -> Result<f64, String> {
    let number: f64 = read_value(value)?;
    if number >= 0.0 { Ok(number) } else { Err("it is no number of 0 or more".to_owned()) }
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
    fn what_is_read_is_what_the_types_have() {
        let members = PlayerOptions::DECL.lines().filter_map(|line| line.trim_start().split_once("?: "));
        assert_eq!(members.map(|(name, _)| name).collect::<Vec<_>>(), NAMES);
    }

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
