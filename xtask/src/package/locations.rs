//! Forgets where in the source a module may panic. The compiler writes down a place for each check of an index and each
//! `expect`, and a browser shows none of them: it says `unreachable`.

use std::ops::Range;

use crate::wasm::{Bytes, PREAMBLE, sections};

/// The number of the section with what lies in memory at first.
const DATA: u8 = 11;

/// `i32.const` and `end`, between which the address of a segment stands.
const CONSTANT: u8 = 0x41;
const END: u8 = 0x0b;

/// Length of a `core::panic::Location`: the address and the length of a path, a line and a column.
const LOCATION: usize = 16;

/// The longest of what is taken for a path, the last of lines and the last of columns.
const MOST: [u32; 3] = [300, 100_000, 1_000];

/// The module with zeros in place of locations and their paths; `None` where it is no module as wasm-bindgen makes them.
pub(super) fn forget(module: &[u8]) -> Option<Vec<u8>> {
    let mut forgotten = module.to_vec();
    for (id, section) in sections(module)? {
        if id == DATA {
            let segments = segments(module, section)?;
            for place in locations(module, &segments) {
                forgotten[place].fill(0);
            }
        }
    }
    forgotten.starts_with(PREAMBLE).then_some(forgotten)
}

/// The part of a module that lies in memory from `address` on.
#[derive(Debug)]
struct Segment {
    address: u32,
    place: Range<usize>,
}

fn segments(module: &[u8], mut section: Bytes<'_>) -> Option<Vec<Segment>> {
    let count = section.number()?;
    let mut segments = Vec::new();
    for _ in 0..count {
        if section.number()? != 0 || section.byte()? != CONSTANT {
            return None;
        }
        // Addresses lie below 2³¹: as signed numbers they are written as unsigned ones with room for a sign.
        let address = u32::try_from(section.number()?).ok()?;
        if section.byte()? != END {
            return None;
        }
        let bytes = section.vector()?.0;
        let start = bytes.as_ptr() as usize - module.as_ptr() as usize;
        segments.push(Segment { address, place: start..start + bytes.len() });
    }
    Some(segments)
}

/// Where locations lie, and the paths that they name.
fn locations(module: &[u8], segments: &[Segment]) -> Vec<Range<usize>> {
    let path = |address: u32, length: u32| {
        let segment = segments.iter().rfind(|segment| segment.address <= address)?;
        let start = segment.place.start + (address - segment.address) as usize;
        let place = start..start.checked_add(length as usize)?;
        let text = module.get(place.clone()).filter(|_| place.end <= segment.place.end)?;
        let is_path = text.iter().all(u8::is_ascii_graphic) && text.contains(&b'/') && text.ends_with(b".rs");
        is_path.then_some(place)
    };
    let mut found = Vec::new();
    for Segment { address, place } in segments {
        let mut at = place.start + (address.next_multiple_of(4) - address) as usize;
        while at + LOCATION <= place.end {
            let [path_at, length, line, column] = [0, 4, 8, 12]
                .map(|offset| u32::from_le_bytes(module[at + offset..at + offset + 4].try_into().expect("four bytes")));
            let is_place = length <= MOST[0] && (1..=MOST[1]).contains(&line) && (1..=MOST[2]).contains(&column);
            match path(path_at, length).filter(|_| is_place) {
                Some(path) => {
                    found.extend([at..at + LOCATION, path]);
                    at += LOCATION;
                }
                None => at += 4,
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(number: u32) -> [u8; 4] {
        number.to_le_bytes()
    }

    /// A module with one segment at address 64: a path, other text, a location, and a text of two numbers more.
    fn module(address: u32) -> Vec<u8> {
        let path = b"src/x.rs";
        let text = b"kept";
        let mut data = [&path[..], text].concat();
        data.extend([number(address), number(8), number(12), number(5)].concat());
        data.extend([number(address + 8), number(4), number(1), number(1)].concat());
        let mut module = PREAMBLE.to_vec();
        let length = u8::try_from(data.len()).expect("short");
        module.extend([DATA, length + 6, 1, 0, CONSTANT, 0x20, END, length]);
        module.extend(data);
        module
    }

    #[test]
    fn a_place_goes_with_its_path_and_nothing_else() {
        let module = module(32);
        let forgotten = forget(&module).expect("a module");
        let data = PREAMBLE.len() + 8;
        let mut expected = module.clone();
        expected[data..data + 8].fill(0);
        expected[data + 12..data + 28].fill(0);
        assert_eq!(forgotten, expected);
    }

    #[test]
    fn what_points_elsewhere_stays() {
        for address in [28, 33, 4_000] {
            let module = module(address);
            assert_eq!(forget(&module).as_ref(), Some(&module), "{address}");
        }
    }

    #[test]
    fn what_is_no_module_is_none() {
        assert_eq!(forget(b"no module"), None);
        assert_eq!(forget(&module(32)[..20]), None);
    }
}
