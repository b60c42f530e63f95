//! Transport streams (ISO/IEC 13818-1): whether AAC in them is configured anew on the way.

use super::adts::{Frame, HEADER};
use crate::Error;
use crate::source::Input;

/// Some writers put 4 bytes in front of each packet, or 16 behind.
const LENGTHS: [usize; 3] = [PACKET, 192, 204];
pub(super) const PACKET: usize = 188;
const SYNC: u8 = 0x47;
/// Bytes that are searched for the first packets.
const HEAD: u64 = 4_096;

/// Where the first packet begins, and how far it is from one to the next.
pub(super) fn layout(film: &Input) -> Option<(usize, usize)> {
    let head = film.read_box(0, film.bytes.min(HEAD)).ok()?;
    let is_layout =
        |&(first, length): &(usize, usize)| head.iter().skip(first).step_by(length).all(|&byte| byte == SYNC);
    let firsts = 0..head.len().saturating_sub(2 * LENGTHS[2]);
    firsts.flat_map(|first| LENGTHS.map(|length| (first, length))).find(is_layout)
}

/// When the configuration of the AAC of each of these packet identifiers changes for the first time, in seconds of it.
pub(super) fn changes(film: &Input, identifiers: &[u16]) -> Result<Vec<Option<f64>>, Error> {
    let mut streams: Vec<_> = identifiers.iter().map(|_| Stream::default()).collect();
    each_packet(film, &mut |packet| {
        let (identifier, begins, payload) = payload(packet);
        if let Some(number) = identifiers.iter().position(|&one| one == identifier) {
            streams[number].take(if begins { media(payload) } else { payload });
        }
    })?;
    Ok(streams.iter().map(|stream| stream.change).collect())
}

/// Hands over every packet; whether there is nothing between them.
pub(super) fn each_packet(film: &Input, then: &mut dyn FnMut(&[u8; PACKET])) -> Result<bool, Error> {
    let Some((first, length)) = layout(film) else { return Ok(false) };
    let mut is_whole = true;
    let mut buffer = vec![0; length * 4_096];
    let mut at = first as u64;
    while at + PACKET as u64 <= film.bytes {
        let there = usize::try_from(film.bytes - at).unwrap_or(usize::MAX).min(buffer.len());
        film.read_exact_at(&mut buffer[..there], at)?;
        let mut taken = 0;
        while let Some(packet) = buffer[..there].get(taken..).and_then(|rest| rest.first_chunk::<PACKET>()) {
            // Where something is missing, the next packet begins anywhere.
            if packet[0] != SYNC || buffer[..there].get(taken + length).is_some_and(|&next| next != SYNC) {
                (taken, is_whole) = (taken + 1, false);
                continue;
            }
            then(packet);
            taken += length;
        }
        at += taken as u64;
    }
    Ok(is_whole)
}

/// Whose packet it is, whether a PES packet begins in it, and what it carries (section 2.4.3.2).
fn payload(packet: &[u8; PACKET]) -> (u16, bool, &[u8]) {
    let [_, second, third, fourth, adaptation, ..] = *packet;
    let identifier = u16::from_be_bytes([second & 0x1f, third]);
    let is_damaged = second & 0x80 != 0;
    let is_scrambled = fourth & 0xc0 != 0;
    let start = if fourth & 0x20 == 0 { 4 } else { 5 + usize::from(adaptation) };
    let is_there = fourth & 0x10 != 0 && !is_damaged && !is_scrambled;
    let payload = packet.get(start..).filter(|_| is_there).unwrap_or_default();
    (identifier, second & 0x40 != 0, payload)
}

/// What a PES packet carries (section 2.4.3.6).
fn media(payload: &[u8]) -> &[u8] {
    match payload {
        [0, 0, 1, _, _, _, _, _, header, rest @ ..] => rest.get(usize::from(*header)..).unwrap_or_default(),
        _ => payload,
    }
}

/// The frames of a stream, which need not keep to the bounds of packets.
#[derive(Default)]
struct Stream {
    /// What is there of the next header.
    header: Vec<u8>,
    /// Bytes of the current frame that have not come.
    left: usize,
    /// Configuration of the frame before, if the next header followed it at once.
    before: Option<[u8; 2]>,
    /// The first that two frames in a row had: one alone may be what bytes look like where frames are missing.
    known: Option<[u8; 2]>,
    seconds: f64,
    change: Option<f64>,
}

impl Stream {
    fn take(&mut self, mut bytes: &[u8]) {
        loop {
            let skipped = self.left.min(bytes.len());
            self.left -= skipped;
            bytes = &bytes[skipped..];
            let (wanted, rest) = bytes.split_at(bytes.len().min(HEADER - self.header.len()));
            self.header.extend(wanted);
            bytes = rest;
            let Some(header) = self.header.first_chunk::<HEADER>() else { return };
            match Frame::parse(header) {
                Some(frame) => {
                    self.left = usize::try_from(frame.bytes).expect("13 bits") - HEADER;
                    self.header.clear();
                    self.frame(frame);
                }
                None => {
                    self.header.remove(0);
                    self.before = None;
                }
            }
        }
    }

    fn frame(&mut self, frame: Frame) {
        let Frame { configuration, seconds, .. } = frame;
        if self.before == Some(configuration) && *self.known.get_or_insert(configuration) != configuration {
            self.change.get_or_insert(self.seconds - seconds);
        }
        self.before = Some(configuration);
        self.seconds += seconds;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Frames of 60 bytes, of 48 kHz or, if `is_other`, of 44.1 kHz, 1024 samples each.
    fn frames(count: usize, is_other: bool) -> Vec<u8> {
        let rate = if is_other { 0x50 } else { 0x4c };
        let frame = [&[0xff, 0xf1, rate, 0x80, 60 >> 3, (60 << 5) as u8, 0xfc][..], &[0xff; 53]].concat();
        frame.repeat(count)
    }

    /// Packets of a stream, among others, with a PES packet for every three.
    fn packets(media: &[u8]) -> Vec<Vec<u8>> {
        let other = [&[SYNC, 0x42, 0, 0x10][..], &frames(4, true)].concat()[..PACKET].to_vec();
        let mut packets = vec![other];
        let mut rest = media;
        for number in 0.. {
            if rest.is_empty() {
                break;
            }
            let begins = number % 3 == 0;
            let header: &[u8] = if begins { &[0, 0, 1, 0xc0, 0, 0, 0x80, 0x80, 5, 0, 0, 0, 0, 0] } else { &[] };
            let (now, later) = rest.split_at(rest.len().min(150));
            let stuffing = PACKET - 6 - header.len() - now.len();
            let head = [SYNC, 1 | u8::from(begins) << 6, 0, 0x30, u8::try_from(stuffing + 1).expect("small"), 0];
            packets.push([&head[..], &vec![0xff; stuffing], header, now].concat());
            rest = later;
        }
        packets
    }

    fn found(bytes: &[u8]) -> Option<f64> {
        let mut file = tempfile::tempfile().expect("a place for small files");
        file.write_all(bytes).expect("room");
        let film = Input::of_spool(file, "film.ts".into(), 0).expect("it is there");
        changes(&film, &[0x1fff, 0x100]).expect("readable")[1]
    }

    #[test]
    fn a_change_is_found_at_its_time() {
        assert_eq!(found(&packets(&frames(90, false)).concat()), None);
        let change = [frames(75, false), frames(20, true), frames(20, false)].concat();
        let packets = packets(&change);
        let seconds = found(&packets.concat()).expect("it changes");
        assert!((seconds - 1.6).abs() < 1e-9, "{seconds}");
        let spaced = |before: usize, behind: usize| {
            packets
                .iter()
                .flat_map(|packet| [&vec![9; before][..], packet, &vec![9; behind]].concat())
                .collect::<Vec<_>>()
        };
        assert_eq!(found(&spaced(4, 0)), Some(seconds));
        assert_eq!(found(&spaced(0, 16)), Some(seconds));
        assert_eq!(found(&[&[1; 77][..], &packets.concat()].concat()), Some(seconds), "something in front");
    }

    #[test]
    fn what_is_missing_is_no_change() {
        let whole = packets(&frames(400, false));
        for missing in [10, 23, 37] {
            let mut some = whole.clone();
            some.remove(missing);
            assert_eq!(found(&some.concat()), None);
            // A hole that does not keep to packets.
            let bytes = whole.concat();
            assert_eq!(found(&[&bytes[..missing * 101], &bytes[missing * 103..]].concat()), None);
        }
        assert_eq!(found(&[]), None);
        assert_eq!(found(&whole.concat()[..PACKET]), None);
    }
}
