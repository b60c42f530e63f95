//! Short names for what the engine imports: wasm-bindgen's hold a hash each, which no compressor makes smaller, once in the
//! module and once in the script.

use std::collections::HashMap;

use crate::wasm::{Bytes, PREAMBLE, sections};

/// The number of the import section.
const IMPORTS: u8 = 2;

/// What wasm-bindgen's own names begin with.
const GENERATED: &[u8] = b"__wb";

/// The module and its script with the same short names in both; `None` where it is no module.
pub(super) fn shorten(module: &[u8], script: &str) -> Option<(Vec<u8>, String)> {
    let mut names = HashMap::new();
    let mut shortened = PREAMBLE.to_vec();
    for (id, section) in sections(module)? {
        shortened.push(id);
        if id == IMPORTS {
            put(&imports(section, &mut names)?, &mut shortened);
        } else {
            put(section.0, &mut shortened);
        }
    }
    Some((shortened, rename(script, &names)))
}

/// The section with its new names, which are noted in `names`.
fn imports<'a>(mut section: Bytes<'a>, names: &mut HashMap<&'a str, String>) -> Option<Vec<u8>> {
    let count = section.number()?;
    let mut renamed = Vec::new();
    put_number(count, &mut renamed);
    for _ in 0..count {
        let import = section.import()?;
        put(import.module, &mut renamed);
        if import.name.starts_with(GENERATED) {
            let next = short(names.len());
            let name = names.entry(std::str::from_utf8(import.name).ok()?).or_insert(next);
            put(name.as_bytes(), &mut renamed);
        } else {
            put(import.name, &mut renamed);
        }
        renamed.extend_from_slice(import.what);
    }
    Some(renamed)
}

/// `a` to `z`, then `ba` and so on.
fn short(mut number: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.insert(0, b'a' + (number % 26) as u8);
        number /= 26;
        if number == 0 {
            return name.into_iter().map(char::from).collect();
        }
    }
}

/// Puts new names in the place of whole words.
fn rename(script: &str, names: &HashMap<&str, String>) -> String {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '$');
    let (mut renamed, mut rest) = (String::with_capacity(script.len()), script);
    while !rest.is_empty() {
        let word = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
        let between = rest[word..].find(is_part).unwrap_or(rest.len() - word);
        renamed += names.get(&rest[..word]).map_or(&rest[..word], String::as_str);
        renamed += &rest[word..word + between];
        rest = &rest[word + between..];
    }
    renamed
}

/// Bytes with their count before them.
fn put(bytes: &[u8], into: &mut Vec<u8>) {
    put_number(bytes.len() as u64, into);
    into.extend_from_slice(bytes);
}

/// An unsigned number in LEB128.
fn put_number(mut number: u64, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_and_script_have_the_same_short_names() {
        // Two imported functions, one of which wasm-bindgen has named, and a section that stays.
        let module = b"\0asm\x01\0\0\0\
            \x01\x04\x01\x60\0\0\
            \x02\x13\x02\x01m\x07__wbg_x\0\0\x01m\x01b\0\0\
            \x03\x02\x01\0";
        let script = "x={__wbg_x:1,__wbg_x2:2,b:3}";
        let (shortened, script) = shorten(module, script).expect("a module");
        let expected = b"\0asm\x01\0\0\0\
            \x01\x04\x01\x60\0\0\
            \x02\x0d\x02\x01m\x01a\0\0\x01m\x01b\0\0\
            \x03\x02\x01\0";
        assert_eq!(shortened, expected);
        assert_eq!(script, "x={a:1,__wbg_x2:2,b:3}");
        assert_eq!(shorten(&module[..30], ""), None, "cut off");
    }

    #[test]
    fn no_two_names_are_the_same() {
        let names: std::collections::HashSet<_> = (0..1_000).map(short).collect();
        assert_eq!(names.len(), 1_000);
    }

    #[test]
    fn long_numbers_are_written_as_they_are_read() {
        for number in [0, 127, 128, 300_000] {
            let mut bytes = Vec::new();
            put_number(number, &mut bytes);
            assert_eq!(Bytes(&bytes).number(), Some(number));
        }
    }
}
