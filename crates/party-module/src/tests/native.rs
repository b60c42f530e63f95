//! What serde has parsed, as browsers show theirs: every number is one of JavaScript's.

use serde_json::Value;

use crate::json::Json;

impl Json for Value {
    fn get(&self, name: &str) -> Self {
        Self::get(self, name).cloned().unwrap_or_default()
    }

    fn is_nothing(&self) -> bool {
        self.is_null()
    }

    fn is_object(&self) -> bool {
        matches!(self, Self::Object(_) | Self::Array(_))
    }

    fn is_single(&self) -> bool {
        match self {
            Self::Object(fields) => fields.len() == 1,
            Self::Array(entries) => entries.len() == 1,
            _ => false,
        }
    }

    fn text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn flag(&self) -> Option<bool> {
        self.as_bool()
    }

    fn entries(&self) -> Option<impl Iterator<Item = Self>> {
        self.as_array().map(|entries| entries.clone().into_iter())
    }
}
