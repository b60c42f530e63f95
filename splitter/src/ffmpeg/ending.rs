//! Whether a file ends where its container says that it does, for containers of which no other sign is left.

use crate::source::Input;

/// Why a file of `format` (ffprobe's name of it) is cut off; `None` where nothing shows that.
pub(super) fn cut_off(film: &Input, format: &str) -> Option<&'static str> {
    match format {
        "ogg" => ogg(film),
        "mpegts" => transport_stream(film),
        _ => None,
    }
}

/// The last page of an Ogg file says that its stream ends there (RFC 3533 section 6).
fn ogg(film: &Input) -> Option<&'static str> {
    /// Header and table of lengths, and all that these can say.
    const LONGEST_PAGE: u64 = 27 + 255 + 255 * 255;
    const END_OF_STREAM: u8 = 4;
    let tail = tail(film, LONGEST_PAGE);
    let page = tail.windows(4).rposition(|bytes| bytes == b"OggS").map(|at| &tail[at..])?;
    let segments = usize::from(*page.get(26)?);
    let bytes = 27 + segments + page.get(27..27 + segments)?.iter().map(|&bytes| usize::from(bytes)).sum::<usize>();
    if page.len() < bytes {
        Some("the file ends within a page")
    } else if page[5] & END_OF_STREAM == 0 {
        Some("its last page is not there")
    } else {
        None
    }
}

/// A transport stream is made of packets of 188 bytes, which begin with a sync byte (ISO/IEC 13818-1 section 2.4.3.2); some
/// writers put 4 bytes in front of each or 16 behind.
fn transport_stream(film: &Input) -> Option<&'static str> {
    const SYNC: u8 = 0x47;
    let head = film.read_box(0, film.bytes.min(4_096)).ok()?;
    let lengths = [188_usize, 192, 204];
    let length = lengths.into_iter().find(|&length| {
        let first = if length == 192 { 4 } else { 0 };
        head.iter().skip(first).step_by(length).all(|&byte| byte == SYNC)
    })?;
    let is_whole = film.bytes.is_multiple_of(length as u64);
    (!is_whole).then_some("the file ends within a packet")
}

/// The last bytes of a film.
fn tail(film: &Input, most: u64) -> Vec<u8> {
    let bytes = film.bytes.min(most);
    film.read_box(film.bytes - bytes, bytes).unwrap_or_default()
}
