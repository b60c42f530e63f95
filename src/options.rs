//! The page's options, as an object of numbers: `PlayerOptions` in the types.

use js_sys::Reflect;
use manifest::MediaTime;
use playback::{Integrity, Options, span};
use wasm_bindgen::JsValue;

use crate::timer::window;

/// What is kept ahead for a viewer who asks browsers to save data.
const FRUGAL: MediaTime = MediaTime::from_millis(10_000);

/// What may be set.
#[derive(Clone, Debug)]
pub(crate) struct PlayerOptions {
    pub(crate) engine: Options,
    pub(crate) preload: Preload,
    /// Whether to begin where this viewer left the film.
    pub(crate) resume: bool,
}

/// How much comes before anybody wants to see the film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preload {
    Nothing,
    /// The manifest.
    Metadata,
    Auto,
}

/// The defaults, changed as `given` says; times are in seconds. What is absent stays.
///
/// # Errors
/// Names the member that is not what it should be.
pub(crate) fn read(given: &JsValue) -> Result<PlayerOptions, String> {
    let given = if given.is_null() { &JsValue::UNDEFINED } else { given };
    let frugal = saves_data();
    let default = if frugal { Preload::Metadata } else { Preload::Auto };
    Ok(PlayerOptions {
        engine: engine(given, frugal)?,
        preload: preload(given)?.unwrap_or(default),
        resume: flag(given, "resume")?,
    })
}

fn engine(given: &JsValue, frugal: bool) -> Result<Options, String> {
    // A seed of this viewer's own: those who fail together must not retry together.
    let seed = (js_sys::Math::random() * 2_f64.powi(53)) as u64;
    let mut options = Options { seed, ..Options::default() };
    if frugal {
        options.ahead = FRUGAL;
    }
    let media_times = [
        ("ahead", &mut options.ahead),
        ("aheadAtFirst", &mut options.ahead_at_first),
        ("aheadAtFirstInParty", &mut options.ahead_at_first_in_party),
        ("behind", &mut options.behind),
        ("low", &mut options.low),
        ("hole", &mut options.hole),
        ("handover", &mut options.handover),
    ];
    for (name, option) in media_times {
        if let Some(seconds) = number(given, name)? {
            *option = MediaTime::from_seconds(seconds).unwrap_or(MediaTime::MAX);
        }
    }
    let durations = [
        ("nudge", &mut options.nudge),
        ("silence", &mut options.silence),
        ("backoff", &mut options.backoff),
        ("longestBackoff", &mut options.longest_backoff),
    ];
    for (name, option) in durations {
        if let Some(seconds) = number(given, name)? {
            // A day is as good as for ever, and no sum of such times overflows.
            *option = span(seconds.min(86_400.0)).unwrap_or(*option);
        }
    }
    if let Some(bytes) = number(given, "aheadBytes")? {
        options.ahead_bytes = bytes as u64;
    }
    if let Some(bits) = number(given, "bandwidth")? {
        options.bandwidth = bits as u64;
    }
    if let Some(seconds) = number(given, "poll")? {
        // No server is asked more often than that.
        options.poll = span(seconds.clamp(1.0, 86_400.0));
    }
    if let Some(integrity) = integrity(given)? {
        options.integrity = integrity;
    }
    if let Some(attempts) = number(given, "attempts")? {
        options.attempts = attempts as u32;
    }
    Ok(options)
}

fn integrity(given: &JsValue) -> Result<Option<Integrity>, String> {
    let value = Reflect::get(given, &JsValue::from_str("integrity")).unwrap_or_default();
    match value.as_string().as_deref() {
        Some("off") => Ok(Some(Integrity::Off)),
        Some("preferred") => Ok(Some(Integrity::Preferred)),
        Some("required") => Ok(Some(Integrity::Required)),
        None if value.is_undefined() => Ok(None),
        _ => Err("the option integrity is \"off\", \"preferred\" or \"required\"".into()),
    }
}

fn number(given: &JsValue, name: &str) -> Result<Option<f64>, String> {
    let Some(value) = member(given, name)? else { return Ok(None) };
    let number = value.as_f64().filter(|number| *number >= 0.0);
    number.map(Some).ok_or_else(|| format!("the option {name} is a number of 0 or more"))
}

fn preload(given: &JsValue) -> Result<Option<Preload>, String> {
    let Some(value) = member(given, "preload")? else { return Ok(None) };
    match value.as_string().as_deref() {
        Some("none") => Ok(Some(Preload::Nothing)),
        Some("metadata") => Ok(Some(Preload::Metadata)),
        // In HTML the empty string is the same.
        Some("auto" | "") => Ok(Some(Preload::Auto)),
        _ => Err("the option preload is \"none\", \"metadata\" or \"auto\"".into()),
    }
}

fn flag(given: &JsValue, name: &str) -> Result<bool, String> {
    let Some(value) = member(given, name)? else { return Ok(false) };
    value.as_bool().ok_or_else(|| format!("the option {name} is true or false"))
}

fn member(given: &JsValue, name: &str) -> Result<Option<JsValue>, String> {
    if given.is_undefined() {
        return Ok(None);
    }
    let value = Reflect::get(given, &JsValue::from_str(name)).map_err(|_| "options are an object".to_owned())?;
    Ok(Some(value).filter(|value| !value.is_undefined()))
}

/// `navigator.connection.saveData`, where a browser has it.
fn saves_data() -> bool {
    let get = |object: &JsValue, name| Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default();
    get(&get(&window().navigator(), "connection"), "saveData").is_truthy()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::events::object;
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
    fn integrity_is_a_word() {
        let given = |value: JsValue| read(&object(&[("integrity", value)]));
        assert_eq!(given("required".into()).expect("a word").engine.integrity, Integrity::Required);
        assert_eq!(given(JsValue::UNDEFINED).expect("absent").engine.integrity, Integrity::Preferred);
        assert!(given("perhaps".into()).is_err() && given(JsValue::TRUE).is_err());
    }

    #[wasm_bindgen_test]
    fn nonsense_is_named() {
        for value in ["30".into(), (-1.0).into(), f64::NAN.into(), JsValue::NULL] {
            let error = read(&object(&[("behind", value)])).expect_err("no number");
            assert_eq!(error, "the option behind is a number of 0 or more");
        }
        assert!(read(&JsValue::from_f64(3.0)).is_err());
        assert!(read(&object(&[("preload", "some".into())])).is_err());
        assert!(read(&object(&[("resume", "yes".into())])).is_err());
    }

    #[wasm_bindgen_test]
    fn a_viewer_who_saves_data_gets_less_unasked() {
        let options = engine(&JsValue::UNDEFINED, true).expect("none given");
        assert_eq!(options.ahead, FRUGAL);
        let options = engine(&object(&[("ahead", 20.0.into())]), true).expect("a number");
        assert_eq!(options.ahead, MediaTime::from_millis(20_000), "what the page asks for counts more");
    }

    #[wasm_bindgen_test]
    fn preload_is_that_of_html() {
        let preload = |value: &str| read(&object(&[("preload", value.into())])).expect("a word").preload;
        assert_eq!(["none", "metadata", "auto", ""].map(preload), {
            use Preload::{Auto, Metadata, Nothing};
            [Nothing, Metadata, Auto, Auto]
        });
    }
}
