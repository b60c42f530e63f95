//! A manifest's text, parsed by the browser: no other parser of JSON is downloaded.

use js_sys::{Array, JsString, Object, Uint8Array};
use manifest::{Cause, Error, Film, Json};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::from_js;
use crate::js_error::describe;

#[wasm_bindgen]
extern "C" {
    /// With texts that stay outside of WebAssembly's memory, unlike those of web-sys and js-sys.
    type TextDecoder;
    #[wasm_bindgen(constructor)]
    fn new(encoding: &str, options: &DecoderOptions) -> TextDecoder;
    #[wasm_bindgen(method, catch)]
    fn decode(this: &TextDecoder, bytes: &Uint8Array) -> Result<JsString, JsValue>;

    #[wasm_bindgen(extends = Object)]
    type DecoderOptions;
    #[wasm_bindgen(method, setter)]
    fn set_fatal(this: &DecoderOptions, is_fatal: bool);

    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn parse(text: &JsString) -> Result<JsValue, JsValue>;
}

/// Reads either form of manifest.
pub(crate) fn read(bytes: &Uint8Array) -> Result<Film, Error> {
    let length = bytes.length() as usize;
    if length > Film::LARGEST_MANIFEST {
        return Err(Cause::TooLarge { bytes: length, limit: Film::LARGEST_MANIFEST }.into());
    }
    Film::read(&bytes.to_vec(), |_| json(bytes).map(Parsed).map_err(|thrown| describe(&thrown)))
}

fn json(bytes: &Uint8Array) -> Result<JsValue, JsValue> {
    let options: DecoderOptions = Object::new().unchecked_into();
    // A browser would put U+FFFD where bytes are no UTF-8. A byte order mark it takes away by itself.
    options.set_fatal(true);
    TextDecoder::new("utf-8", &options).decode(bytes).and_then(|text| parse(&text))
}

struct Parsed(JsValue);

impl Json for Parsed {
    fn is_array(&self) -> bool {
        Array::is_array(&self.0)
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T, String> {
        from_js::read(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use manifest::{Document, VERSION};
    use serde_json::Value;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::cases::{Answer, CUT, cases};
    use super::*;

    fn read_text(text: &[u8]) -> Result<Film, Error> {
        read(&Uint8Array::from(text))
    }

    #[wasm_bindgen_test]
    fn hostile_manifests_are_answered_as_the_table_says() {
        for case in cases() {
            let answer = read_text(&case.json).map(drop).map_err(|error| error.to_string());
            let expected = match case.answer {
                Answer::Film | Answer::OnlyInBrowsers => Ok(()),
                Answer::Refused(words) => Err(words),
                Answer::NotInBrowsers => Err(""),
            };
            match (answer, expected) {
                (Ok(()), Ok(())) => {}
                (Err(message), Err(words)) if message.contains(words) => {}
                (answer, expected) => panic!("{}: {expected:?} was expected, it is {answer:?}", case.name),
            }
        }
    }

    /// Calls `then` with a copy of `whole` for each of its values, in which that value is another, or gone.
    fn changed(whole: &Value, place: &str, then: &mut dyn FnMut(&Value)) {
        let others = [Value::Null, Value::from(1.5), Value::from(-1), Value::from("text"), Value::from([1, 2])];
        for other in others {
            let mut copy = whole.clone();
            *copy.pointer_mut(place).expect("it is there") = other;
            then(&copy);
        }
        match whole.pointer(place).expect("it is there") {
            Value::Object(members) => {
                for name in members.keys() {
                    let mut copy = whole.clone();
                    copy.pointer_mut(place).and_then(Value::as_object_mut).expect("an object").remove(name);
                    then(&copy);
                    changed(whole, &format!("{place}/{name}"), then);
                }
            }
            // One of them stands for all.
            Value::Array(items) if !items.is_empty() => changed(whole, &format!("{place}/0"), then),
            _ => {}
        }
    }

    #[wasm_bindgen_test]
    fn every_change_of_a_manifest_means_the_same_to_the_browser_and_to_serde_json() {
        let mut whole: Value = serde_json::from_str(CUT).expect("JSON");
        let sha256 = "0a".repeat(32);
        whole["subtitles"] = serde_json::json!([{ "url": "a.vtt", "bytes": 7, "sha256": sha256, "language": "en",
            "label": "English", "default": true }]);
        whole["chapters"] = serde_json::json!([{ "start": 0, "title": "One" }, { "start": 2.5, "title": "Two" }]);
        whole["thumbnails"] = serde_json::json!({ "url": "b.vtt", "bytes": 7, "sha256": sha256, "unknown": [{}],
            "pictures": [{ "url": "c.jpg", "bytes": 9, "sha256": sha256 }] });
        let mut count = 0;
        changed(&whole, "", &mut |value| {
            let text = value.to_string();
            let ours = read_text(text.as_bytes()).ok();
            assert_eq!(ours, Film::parse(text.as_bytes()).ok(), "{text}");
            let json = js_sys::JSON::parse(&text).expect("JSON");
            let theirs =
                serde_wasm_bindgen::from_value::<Document>(json).ok().filter(|document| document.version == VERSION);
            assert_eq!(ours, theirs.and_then(|document| document.check().ok()), "{text}");
            count += 1;
        });
        assert!(count > 200, "{count} documents");
    }
}

#[cfg(test)]
#[path = "../crates/manifest/tests/hostile/cases.rs"]
mod cases;
