//! Chapters: from a track of text that another track refers to (`chap`), or from a list in the headers (`chpl`).

use isobmff::BoxRef;
use manifest::{ChapterEntry, MOST_CHAPTERS, MediaTime};

/// The longest title that is kept, in characters.
const LONGEST_TITLE: usize = 200;

/// Where a part of the film begins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chapter {
    /// In microseconds.
    pub(crate) start: i64,
    pub(crate) title: String,
}

/// Those of a `chpl` box as Nero and ffmpeg write it, on the movie's clock; none where there is none that can be read.
pub(crate) fn of_headers(moov: &BoxRef<'_>) -> Vec<Chapter> {
    let read = || {
        let chpl = moov.find("udta")?.map(|udta| udta.find("chpl")).transpose()?.flatten();
        let Some(chpl) = chpl else { return Ok(Vec::new()) };
        let (version, _, mut fields) = chpl.full()?;
        fields.skip(if version == 0 { 0 } else { 4 })?;
        let count = fields.u8()?;
        let mut chapters = Vec::new();
        for _ in 0..count {
            // In tenths of a microsecond.
            let start = i64::try_from(fields.u64()? / 10).unwrap_or(i64::MAX);
            let length = fields.u8()?;
            chapters.push(Chapter { start, title: text(fields.bytes(usize::from(length))?) });
        }
        Ok(chapters)
    };
    read().unwrap_or_else(|_: isobmff::Error| Vec::new())
}

/// UTF-16 where there is a mark, otherwise UTF-8; one line.
pub(crate) fn text(bytes: &[u8]) -> String {
    let wide = |from: fn([u8; 2]) -> u16, text: &[u8]| {
        let units: Vec<u16> = text.chunks_exact(2).map(|unit| from([unit[0], unit[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        text => String::from_utf8_lossy(text).into_owned(),
    }
}

/// As the manifest of a film of that duration has them: in order, none outside the film or at the time of another, titles
/// of one line.
pub(crate) fn entries(mut chapters: Vec<Chapter>, duration: MediaTime) -> Vec<ChapterEntry> {
    chapters.retain(|chapter| chapter.start < duration.as_micros());
    chapters.sort_by_key(|chapter| chapter.start);
    let mut entries: Vec<ChapterEntry> = Vec::new();
    for Chapter { start, title } in chapters {
        let start = MediaTime::from_micros(start.max(0));
        let words: Vec<_> =
            title.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
        let title = words.join(" ").chars().take(LONGEST_TITLE).collect();
        // Of several at one time the last is the one that goes on.
        match entries.last_mut() {
            Some(last) if last.start == start => last.title = title,
            _ => entries.push(ChapterEntry { start, title }),
        }
    }
    entries.truncate(MOST_CHAPTERS);
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chapter(start: i64, title: &str) -> Chapter {
        Chapter { start, title: title.to_owned() }
    }

    #[test]
    fn entries_are_in_order_and_of_one_line() {
        let chapters = vec![
            chapter(5, "Two"),
            chapter(-7, "Before"),
            chapter(0, " One\r\n of\0 two "),
            chapter(9, &"x".repeat(500)),
            chapter(20, "Behind"),
        ];
        let entries = entries(chapters, MediaTime::from_micros(20));
        let found: Vec<_> = entries.iter().map(|entry| (entry.start.as_micros(), entry.title.as_str())).collect();
        assert_eq!(found[..2], [(0, "One of two"), (5, "Two")]);
        assert_eq!((found[2].0, found[2].1.len()), (9, LONGEST_TITLE));
    }

    #[test]
    fn a_list_in_the_headers_is_read_and_a_damaged_one_is_none() {
        let make = |kind: &[u8; 4], body: &[u8]| [&(8 + body.len() as u32).to_be_bytes()[..], kind, body].concat();
        let read = |chpl: &[u8]| {
            let moov = make(b"moov", &make(b"udta", &make(b"chpl", chpl)));
            of_headers(&BoxRef::parse(&moov, 0).expect("whole"))
        };
        let body = |count: u8| {
            let one = [&10_000_000_u64.to_be_bytes()[..], &[3], b"One"].concat();
            [&[1, 0, 0, 0, 0, 0, 0, 0, count][..], &one].concat()
        };
        assert_eq!(read(&body(1)), [chapter(1_000_000, "One")]);
        assert_eq!(read(&body(2)), []);
        assert_eq!(read(&[]), []);
    }

    #[test]
    fn titles_in_any_encoding() {
        assert_eq!(text(b"\xfe\xff\0H\0i"), "Hi");
        assert_eq!(text(b"\xff\xfeH\0i\0"), "Hi");
        assert_eq!(text(b"\xef\xbb\xbfHi"), "Hi");
        assert_eq!(text("d\u{e9}j\u{e0}".as_bytes()), "d\u{e9}j\u{e0}");
    }
}
