//! JSON that has been parsed, whoever has parsed it: the browser, or serde for the tests.

#[cfg(target_arch = "wasm32")]
use js_sys::{Array, Object, Reflect};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen::{JsCast, JsValue};

/// A value of which nothing is known.
pub(crate) trait Json: Sized {
    /// What an object has by that name; nothing where it has none, or this is no object.
    fn get(&self, name: &str) -> Self;
    /// Whether it is not there, or `null`.
    fn is_nothing(&self) -> bool;
    /// Whether it is an object, or a list.
    fn is_object(&self) -> bool;
    /// Whether it is an object with one field.
    fn is_single(&self) -> bool;
    fn text(&self) -> Option<String>;
    fn number(&self) -> Option<f64>;
    fn flag(&self) -> Option<bool>;
    /// What a list has.
    fn entries(&self) -> Option<impl Iterator<Item = Self>>;
}

#[cfg(target_arch = "wasm32")]
impl Json for JsValue {
    fn get(&self, name: &str) -> Self {
        Reflect::get(self, &name.into()).unwrap_or(Self::UNDEFINED)
    }

    fn is_nothing(&self) -> bool {
        self.is_undefined() || self.is_null()
    }

    fn is_object(&self) -> bool {
        Self::is_object(self)
    }

    fn is_single(&self) -> bool {
        self.dyn_ref::<Object>().is_some_and(|object| Object::keys(object).length() == 1)
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn flag(&self) -> Option<bool> {
        self.as_bool()
    }

    fn entries(&self) -> Option<impl Iterator<Item = Self>> {
        let list: Array = self.clone().dyn_into().ok()?;
        Some((0..list.length()).map(move |index| list.get(index)))
    }
}
