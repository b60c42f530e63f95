//! Whether a file ends where its container says that it does, for containers of which no other sign is left.

use super::adts::frames;
use super::transport::layout;
use crate::source::Input;

/// Why a file of `format` (ffprobe's name of it) is cut off; `None` where nothing shows that.
pub(super) fn cut_off(film: &Input, format: &str) -> Option<&'static str> {
    match format {
        "ogg" => ogg(film),
        "aac" => raw_sound(film),
        "mpegts" => transport_stream(film),
        "mpeg" => program_stream(film),
        _ => None,
    }
}

/// Whether the last picture in a file of `format` has no end: in these, a picture ends where the next one begins, and
/// nothing says how long it is.
pub(crate) fn cuts_last_picture(film: &Input, format: &str) -> bool {
    matches!(format, "mpegts" | "mpeg") && cut_off(film, format).is_some()
}

/// Whether the last bytes of a film are zeros, and more of them than any sample has.
pub(super) fn ends_in_zeros(film: &Input) -> bool {
    const MANY: u64 = 4_096;
    film.bytes > MANY && tail(film, MANY).iter().all(|&byte| byte == 0)
}

fn raw_sound(film: &Input) -> Option<&'static str> {
    let have_holes = frames(film).is_ok_and(|frames| frames.have_holes);
    have_holes.then_some("its frames do not follow each other, so that some are missing or damaged")
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

/// A transport stream is made of packets of one length.
fn transport_stream(film: &Input) -> Option<&'static str> {
    let (first, length) = layout(film).filter(|&(first, length)| first < length)?;
    // Of 192 bytes, four stand in front of the packet itself.
    let before = if length == 192 { 4 } else { 0 };
    let is_whole = (film.bytes + before - first as u64).is_multiple_of(length as u64);
    (!is_whole).then_some("the file ends within a packet")
}

/// A program stream is made of packets that say how long they are (ISO/IEC 13818-1 section 2.5.3).
fn program_stream(film: &Input) -> Option<&'static str> {
    /// Start code and length, and the most that the length can say.
    const LONGEST_PACKET: u64 = 6 + 0xffff;
    /// Identifiers of packets, from private_stream_1 on, and of the system header and the program's map.
    const FIRST_PACKET: u8 = 0xbb;
    let tail = tail(film, LONGEST_PACKET);
    let is_start = |bytes: &[u8]| bytes[..3] == [0, 0, 1] && bytes[3] >= FIRST_PACKET;
    let packet = tail.windows(4).rposition(is_start).map(|at| &tail[at..])?;
    let [high, low] = *packet.get(4..6).and_then(|length| length.first_chunk())?;
    let is_whole = packet.len() >= 6 + usize::from(u16::from_be_bytes([high, low]));
    (!is_whole).then_some("the file ends within a packet")
}

/// The last bytes of a film.
fn tail(film: &Input, most: u64) -> Vec<u8> {
    let bytes = film.bytes.min(most);
    film.read_box(film.bytes - bytes, bytes).unwrap_or_default()
}
