//! Short names for what passes between the engine and its script: wasm-bindgen's stand in both, and many hold a hash, which
//! no compressor makes smaller.

use std::collections::{HashMap, HashSet};

use crate::wasm::{Bytes, PREAMBLE, sections};

/// The numbers of the sections with names.
const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;

/// Beginnings of names that nothing but wasm-bindgen's script knows: others may be words of the script's own.
const PRIVATE: [&str; 4] = ["__wb", "player_", "member_", "room_"];

/// The module with short names, and what they stand for; `None` where it is no module, or has such a name already.
pub(super) fn shorten(module: &[u8]) -> Option<(Vec<u8>, Names<'_>)> {
    let mut names = Names::default();
    let mut shortened = PREAMBLE.to_vec();
    for (id, section) in sections(module)? {
        shortened.push(id);
        match id {
            IMPORTS => put(&imports(section, &mut names)?, &mut shortened),
            EXPORTS => put(&exports(section, &mut names)?, &mut shortened),
            _ => put(section.0, &mut shortened),
        }
    }
    let is_taken = names.short.values().any(|short| names.kept.contains(short.as_str()));
    (!is_taken).then_some((shortened, names))
}

/// What stands in the place of the long names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names<'a> {
    short: HashMap<&'a str, String>,
    kept: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    /// The short one for a name, or the name itself.
    fn instead_of(&mut self, name: &'a [u8]) -> Option<&[u8]> {
        let text = std::str::from_utf8(name).ok()?;
        if !PRIVATE.iter().any(|beginning| text.starts_with(beginning)) {
            self.kept.insert(text);
            return Some(name);
        }
        let next = short(self.short.len());
        Some(self.short.entry(text).or_insert(next).as_bytes())
    }

    /// Puts the short names in the place of whole words of a script or of types.
    pub(super) fn rename(&self, text: &str) -> String {
        let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '$');
        let (mut renamed, mut rest) = (String::with_capacity(text.len()), text);
        while !rest.is_empty() {
            let word = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
            let between = rest[word..].find(is_part).unwrap_or(rest.len() - word);
            renamed += self.short.get(&rest[..word]).map_or(&rest[..word], String::as_str);
            renamed += &rest[word..word + between];
            rest = &rest[word + between..];
        }
        renamed
    }
}

fn imports<'a>(mut section: Bytes<'a>, names: &mut Names<'a>) -> Option<Vec<u8>> {
    let count = section.number()?;
    let mut renamed = Vec::new();
    put_number(count, &mut renamed);
    for _ in 0..count {
        let import = section.import()?;
        put(import.module, &mut renamed);
        put(names.instead_of(import.name)?, &mut renamed);
        renamed.extend_from_slice(import.what);
    }
    Some(renamed)
}

fn exports<'a>(mut section: Bytes<'a>, names: &mut Names<'a>) -> Option<Vec<u8>> {
    let count = section.number()?;
    let mut renamed = Vec::new();
    put_number(count, &mut renamed);
    for _ in 0..count {
        put(names.instead_of(section.vector()?.0)?, &mut renamed);
        renamed.push(section.byte()?);
        put_number(section.number()?, &mut renamed);
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
        // Two imported functions, one of which wasm-bindgen has named, and two exports of one of them.
        let module = b"\0asm\x01\0\0\0\
            \x01\x04\x01\x60\0\0\
            \x02\x14\x02\x01m\x07__wbg_x\0\0\x01m\x02it\0\0\
            \x07\x12\x02\x08player_y\0\0\x03run\0\0";
        let script = "x={__wbg_x:1,__wbg_x2:2,it:3};y.player_y(run)";
        let (shortened, names) = shorten(module).expect("a module");
        let expected = b"\0asm\x01\0\0\0\
            \x01\x04\x01\x60\0\0\
            \x02\x0e\x02\x01m\x01a\0\0\x01m\x02it\0\0\
            \x07\x0b\x02\x01b\0\0\x03run\0\0";
        assert_eq!(shortened, expected);
        assert_eq!(names.rename(script), "x={a:1,__wbg_x2:2,it:3};y.b(run)");
        assert_eq!(shorten(&module[..30]), None, "cut off");
    }

    #[test]
    fn a_name_that_is_there_already_is_not_given_again() {
        let with = |name: u8| {
            let mut module = PREAMBLE.to_vec();
            module.extend(*b"\x02\x13\x02\x01m\x07__wbg_x\0\0\x01m\x01");
            module.extend([name, 0, 0]);
            shorten(&module).is_some()
        };
        assert!(with(b'b') && !with(b'a'));
    }

    #[test]
    fn no_two_names_are_the_same() {
        let names: HashSet<_> = (0..1_000).map(short).collect();
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
