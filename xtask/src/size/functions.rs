//! The functions of a WebAssembly module with their names (WebAssembly core specification, sections 5.5 and 7.4.1).

use std::collections::HashMap;

use crate::wasm::{Bytes, FUNCTION, sections};

/// A function's name and the length of its body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    name: String,
    pub(super) bytes: u64,
}

/// Crates by which functions are told apart: the name of a generic one begins with where it is from, and contains for whom.
const CRATES: [&str; 20] = [
    "gloo_net",
    "gloo_utils",
    "serde_path_to_error",
    "serde_wasm_bindgen",
    "strsim",
    "tsify",
    "watchparty_player",
    "playback",
    "manifest",
    "isobmff",
    "serde_json",
    "serde_core",
    "base64",
    "fastrand",
    "dlmalloc",
    "wasm_bindgen",
    "js_sys",
    "web_sys",
    "alloc",
    "core",
];

impl Function {
    /// The crate that it comes from, as far as its name tells.
    pub(super) fn origin(&self) -> &'static str {
        CRATES.into_iter().find(|name| self.name.contains(name)).unwrap_or("other")
    }

    /// Without the hash, and not too long for a table.
    pub(super) fn short_name(&self) -> String {
        let name = match self.name.rsplit_once("::h") {
            Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
            _ => &self.name,
        };
        name.chars().take(90).collect()
    }
}

/// All of them in the module's order; `None` where it is no module.
pub(super) fn functions(module: &[u8]) -> Option<Vec<Function>> {
    let (mut imported, mut lengths, mut names) = (0, Vec::new(), HashMap::new());
    for (id, mut section) in sections(module)? {
        match id {
            0 if section.vector()?.0 == b"name" => names = function_names(section)?,
            2 => {
                let count = section.number()?;
                let kinds: Option<Vec<u8>> = (0..count).map(|_| Some(section.import()?.kind)).collect();
                imported = kinds?.into_iter().filter(|kind| *kind == FUNCTION).count() as u64;
            }
            10 => {
                for _ in 0..section.number()? {
                    lengths.push(section.vector()?.0.len() as u64);
                }
            }
            _ => {}
        }
    }
    let named = (imported..).zip(lengths).map(|(index, bytes)| {
        let name = names.get(&index).map_or_else(|| format!("function {index}"), |name| (*name).to_owned());
        Function { name, bytes }
    });
    Some(named.collect())
}

fn function_names(mut section: Bytes<'_>) -> Option<HashMap<u64, &str>> {
    while let Some(kind) = section.byte() {
        let mut part = section.vector()?;
        if kind == 1 {
            let count = part.number()?;
            return (0..count).map(|_| Some((part.number()?, std::str::from_utf8(part.vector()?.0).ok()?))).collect();
        }
    }
    Some(HashMap::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_listed_with_their_names_behind_the_imported_ones() {
        // One imported function and one of four bytes of its own, which is named.
        let module = b"\0asm\x01\0\0\0\
            \x01\x04\x01\x60\0\0\
            \x02\x07\x01\x01a\x01b\0\0\
            \x03\x02\x01\0\
            \x0a\x06\x01\x04\0\x01\x01\x0b\
            \0\x0e\x04name\x01\x07\x01\x01\x04core";
        let function = Function { name: "core".into(), bytes: 4 };
        assert_eq!(function.origin(), "core");
        assert_eq!(functions(module), Some(vec![function]));
        assert_eq!(functions(&module[..40]), None, "cut off");
    }

    #[test]
    fn hashes_are_no_part_of_a_name() {
        let function = Function { name: "isobmff::track::Track::parse::hbaabdca012345678".into(), bytes: 1 };
        assert_eq!((function.origin(), function.short_name().as_str()), ("isobmff", "isobmff::track::Track::parse"));
    }
}
