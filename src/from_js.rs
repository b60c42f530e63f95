//! JavaScript's values as serde reads them, with the place of what is wrong.
//!
//! `serde_wasm_bindgen` reads them, too, but does not say where it stopped, and `serde_path_to_error` around it, with floats
//! and strings written out in messages, is 30 kB of what every viewer downloads. Tests hold this against it.

use std::fmt::{self, Display};

use js_sys::{Array, Object, Reflect};
use serde::de::value::{StrDeserializer, U32Deserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast, JsValue};

/// Reads a value. Members of objects that are not known are passed over.
///
/// # Errors
/// Say what is wrong, behind the path of the member (`streams[0].init.bytes: …`).
pub(crate) fn read<T: DeserializeOwned>(value: &JsValue) -> Result<T, String> {
    T::deserialize(Value { value: value.clone(), is_strict: false }).map_err(|wrong| wrong.to_string())
}

/// Reads an object that a page gives; of nothing at all, too. A member that is `undefined` is absent.
///
/// # Errors
/// Names the member that is not known and the one that may have been meant, or the one that is not what it should be.
pub(crate) fn read_options<T: DeserializeOwned>(given: &JsValue) -> Result<T, String> {
    T::deserialize(Value::of_options(given)).map_err(|wrong| wrong.to_string())
}

/// Reads such an object member by member, in the order of the names that are known: `read` is told the number of each that
/// is there, and says what is wrong with it.
///
/// # Errors
/// As those of [`read_options`].
pub(crate) fn each_member(
    given: &JsValue,
    known: &'static [&'static str],
    read: &mut dyn FnMut(usize, &JsValue) -> Result<(), String>,
) -> Result<(), String> {
    let mut each = || {
        let mut members = Value::of_options(given).object(known, &"an object")?;
        while members.advance()?.is_some() {
            read(members.next - 1, &members.value).map_err(|what| members.locate(Wrong::custom(what)))?;
        }
        Ok(())
    };
    each().map_err(|wrong: Wrong| wrong.to_string())
}

struct Value {
    value: JsValue,
    /// Whether members that are not known are an error.
    is_strict: bool,
}

impl Value {
    /// What a page gives, an empty object for nothing.
    fn of_options(given: &JsValue) -> Self {
        let value = if given.is_undefined() || given.is_null() { Object::new().into() } else { given.clone() };
        Self { value, is_strict: true }
    }

    #[cold]
    #[inline(never)]
    fn wrong(&self, expected: &dyn Expected) -> Wrong {
        let found = match &self.value {
            value if value.is_undefined() || value.is_null() => Unexpected::Unit,
            value if value.is_string() => Unexpected::Str(""),
            value if value.as_bool().is_some() => Unexpected::Bool(true),
            value if value.as_f64().is_some() => Unexpected::Float(0.0),
            value if Array::is_array(value) => Unexpected::Seq,
            _ => Unexpected::Map,
        };
        Wrong::invalid_type(found, expected)
    }

    #[inline(never)]
    fn object(&self, known: &'static [&'static str], expected: &dyn Expected) -> Result<Members, Wrong> {
        // Not by its class: what another frame has made is of that frame's.
        let is_object = self.value.is_object() && !Array::is_array(&self.value);
        let object: &Object = is_object.then(|| self.value.unchecked_ref()).ok_or_else(|| self.wrong(expected))?;
        if self.is_strict {
            let names = Object::keys(object);
            let mut names = names.iter().filter_map(|name| name.as_string());
            if let Some(name) = names.find(|name| !known.contains(&&**name)) {
                return Err(Wrong::custom(unknown(&name, known)));
            }
        }
        Ok(Members { object: object.clone(), known, next: 0, value: JsValue::UNDEFINED })
    }
}

fn unknown(name: &str, known: &[&str]) -> String {
    let distance = |known: &&&str| strsim::levenshtein(&name.to_ascii_lowercase(), &known.to_ascii_lowercase());
    // Further away than that it is no slip of the finger.
    let meant = known.iter().min_by_key(distance).filter(|known| distance(known) <= name.len().div_ceil(2));
    let meant = meant.map_or(String::new(), |meant| format!("; is {meant} meant?"));
    format!("there is no member {name}{meant}")
}

impl<'de> Deserializer<'de> for Value {
    type Error = Wrong;

    /// No type that is read here says so little of itself.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        Err(self.wrong(&visitor))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.value.as_bool() {
            Some(value) => visitor.visit_bool(value),
            None => Err(self.wrong(&visitor)),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.value.as_f64() {
            Some(number) => visitor.visit_f64(number),
            None => Err(self.wrong(&visitor)),
        }
    }

    /// Whether it is whole is the visitor's affair.
    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.value.as_string() {
            Some(text) => visitor.visit_string(text),
            None => Err(self.wrong(&visitor)),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.value.dyn_into::<Array>() {
            Ok(array) => visitor.visit_seq(Items { length: array.length(), array, next: 0 }),
            Err(value) => Err(Self { value, ..self }.wrong(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let members = self.object(known, &visitor)?;
        visitor.visit_map(members)
    }

    /// Of all variants only the name.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match self.value.as_string() {
            Some(name) => visitor.visit_enum(StrDeserializer::new(&name)),
            None => Err(self.wrong(&visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 char bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct map
        identifier
    }
}

/// The members of an object that are known.
struct Members {
    object: Object,
    known: &'static [&'static str],
    /// The next to look for.
    next: usize,
    /// Of the one before it.
    value: JsValue,
}

impl Members {
    /// Goes to the next that is there, and says which that is.
    fn advance(&mut self) -> Result<Option<u32>, Wrong> {
        while let Some(name) = self.known.get(self.next) {
            self.next += 1;
            let value = Reflect::get(&self.object, &JsValue::from_str(name));
            self.value = value.map_err(|_| Wrong::custom(format_args!("its member {name} cannot be read")))?;
            if !self.value.is_undefined() {
                return Ok(u32::try_from(self.next - 1).ok());
            }
        }
        Ok(None)
    }
}

impl Members {
    #[inline(never)]
    fn take(&mut self) -> Value {
        Value { value: std::mem::take(&mut self.value), is_strict: false }
    }

    /// The error of the value that has been taken, with its place before its path.
    #[cold]
    #[inline(never)]
    fn locate(&self, wrong: Wrong) -> Wrong {
        wrong.below(self.known[..self.next].last().copied().unwrap_or_default())
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some(number) = self.advance()? else { return Ok(None) };
        // What serde derives knows members by their numbers, too: names would be compared again with all of them. A member with a
        // serde alias has two names and one number, and would shift those of all that follow: no struct read here may have one.
        let number: U32Deserializer<Wrong> = number.into_deserializer();
        seed.deserialize(number).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        seed.deserialize(self.take()).map_err(|wrong| self.locate(wrong))
    }
}

/// The items of an array.
struct Items {
    array: Array,
    next: u32,
    length: u32,
}

impl Items {
    #[inline(never)]
    fn take(&mut self) -> Option<Value> {
        let value = (self.next < self.length).then(|| self.array.get(self.next))?;
        self.next += 1;
        Some(Value { value, is_strict: false })
    }

    /// The error of the value that has been taken, with its place before its path.
    #[cold]
    #[inline(never)]
    fn locate(&self, wrong: Wrong) -> Wrong {
        wrong.below(&format!("[{}]", self.next - 1))
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Wrong;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Wrong> {
        let Some(value) = self.take() else { return Ok(None) };
        seed.deserialize(value).map(Some).map_err(|wrong| self.locate(wrong))
    }
}

/// An error and its path. Behind a pointer: every value that is read may be wrong, and results stay small.
#[derive(Debug)]
struct Wrong(Box<(String, String)>);

impl Wrong {
    /// The same error, with the name of the enclosing member before its path.
    fn below(mut self, member: &str) -> Self {
        let path = &mut self.0.0;
        if !path.is_empty() && !path.starts_with('[') {
            path.insert(0, '.');
        }
        path.insert_str(0, member);
        self
    }
}

impl Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, what) = &*self.0;
        if path.is_empty() { f.write_str(what) } else { write!(f, "{path}: {what}") }
    }
}

impl std::error::Error for Wrong {}

impl Error for Wrong {
    #[cold]
    fn custom<T: Display>(what: T) -> Self {
        Self(Box::new((String::new(), what.to_string())))
    }

    #[cold]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Unit | Unexpected::Option => "nothing",
            Unexpected::Bool(_) => "true or false",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "another number",
            Unexpected::Char(_) | Unexpected::Str(_) => "a text",
            Unexpected::Seq => "a list",
            Unexpected::Map => "an object",
            _ => "something else",
        };
        Self::custom(format_args!("expected {expected}, found {found}"))
    }

    #[cold]
    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::border::tests::object;

    /// A member that is there has a value, and `null` is none.
    fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        T::deserialize(deserializer).map(Some)
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Shape {
        #[serde(deserialize_with = "given")]
        round_corners: Option<f64>,
        label: Option<String>,
    }

    /// As no struct may be that is read here, see [`Members::next_key_seed`].
    #[derive(Debug, PartialEq, Deserialize)]
    struct Aliased {
        #[serde(alias = "title")]
        label: f64,
        corners: f64,
    }

    #[wasm_bindgen_test]
    fn a_struct_with_an_alias_cannot_be_read() {
        let given = object(&[("label", 1.into()), ("corners", 2.into())]);
        assert!(read::<Aliased>(&given).is_err());
        let by_name: Aliased = serde_wasm_bindgen::from_value(given).expect("names are no numbers");
        assert_eq!(by_name, Aliased { label: 1.0, corners: 2.0 });
    }

    fn shape(members: &[(&str, JsValue)]) -> Result<Shape, String> {
        read_options(&object(members))
    }

    #[wasm_bindgen_test]
    fn what_is_absent_keeps_its_default() {
        for nothing in [JsValue::UNDEFINED, JsValue::NULL, object(&[]), object(&[("label", JsValue::UNDEFINED)])] {
            assert_eq!(read_options(&nothing), Ok(Shape::default()));
        }
    }

    #[wasm_bindgen_test]
    fn a_member_that_is_not_known_is_named_and_so_is_the_nearest() {
        let error = shape(&[("roundcorner", 3.into())]).expect_err("a slip");
        assert_eq!(error, "there is no member roundcorner; is roundCorners meant?");
        let error = shape(&[("z", 3.into())]).expect_err("nothing like it");
        assert_eq!(error, "there is no member z");
        assert!(read::<Shape>(&object(&[("z", 3.into())])).is_ok(), "a manifest may have more");
    }

    #[wasm_bindgen_test]
    fn a_member_that_is_wrong_is_named() {
        for (wrong, found) in [(JsValue::NULL, "nothing"), ("3".into(), "a text"), (JsValue::TRUE, "true or false")] {
            let error = shape(&[("roundCorners", wrong)]).expect_err("no number");
            assert_eq!(error, format!("roundCorners: expected f64, found {found}"));
        }
        assert!(read_options::<Shape>(&JsValue::from_f64(3.0)).is_err());
        assert!(read_options::<Shape>(&Array::new()).is_err());
        assert!(read_options::<Shape>(&js_sys::Function::new_no_args("")).is_err());
    }
}
