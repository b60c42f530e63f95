//! Transport streams that are several, put together as files: the counters of their packets jump where the next one begins,
//! and nothing is lost. ffmpeg calls the packets there damaged.

use std::collections::{HashMap, HashSet};

use super::Probe;
use super::transport::{PACKET, each_packet};
use crate::Error;
use crate::source::Input;

/// Whether a film is a transport stream made of several whole ones.
pub(super) fn is_several(film: &Input, probe: &Probe) -> Result<bool, Error> {
    if probe.format() == "mpegts" { is_joined(film) } else { Ok(false) }
}

/// Whether all jumps of counters are where another recording begins, and there is at least one of those: it begins with its
/// tables, and its clock is behind that of the one before. What is missing within a recording never takes a clock back.
pub(super) fn is_joined(film: &Input) -> Result<bool, Error> {
    let mut counters = Counters::default();
    let is_whole = each_packet(film, &mut |packet| counters.take(packet))?;
    Ok(is_whole && counters.joins > 0 && !counters.is_damaged && !counters.is_open)
}

#[derive(Default)]
struct Counters {
    /// The last of each packet identifier.
    last: HashMap<u16, u8>,
    /// The last clock reference of each, in ticks of 90 kHz.
    clocks: HashMap<u16, u64>,
    /// Identifiers that have not come since the last join: their counters may jump.
    unseen: HashSet<u16>,
    /// Whether it is still to be seen that the clock goes back.
    is_open: bool,
    joins: u32,
    is_damaged: bool,
    /// Packets since one that begins the program association table.
    since_tables: u32,
}

impl Counters {
    fn take(&mut self, packet: &[u8; PACKET]) {
        /// Identifiers of tables and of empty packets (ISO/IEC 13818-1 table 2-3; ETSI EN 300 468 section 5.1.3).
        const PROGRAMS: u16 = 0;
        const TABLES: u16 = 0x1f;
        const NULL: u16 = 0x1fff;
        /// Packets of tables between the first of them and the first that is none.
        const NEAR: u32 = 4;
        let [_, second, third, fourth, length, flags, ..] = *packet;
        let identifier = u16::from_be_bytes([second & 0x1f, third]);
        if identifier == NULL {
            return;
        }
        self.is_damaged |= second & 0x80 != 0;
        let (has_adaptation, has_payload) = (fourth & 0x20 != 0 && length > 0, fourth & 0x10 != 0);
        let begins_tables = identifier == PROGRAMS && second & 0x40 != 0;
        self.since_tables = if begins_tables { 0 } else { self.since_tables.saturating_add(1) };
        if has_payload {
            let counter = fourth & 0xf;
            let is_free = self.unseen.remove(&identifier) || (has_adaptation && flags & 0x80 != 0);
            // A packet may come twice.
            let follows = |&last: &u8| counter == (last + 1) & 0xf || counter == last;
            if !is_free && !self.last.get(&identifier).is_none_or(follows) {
                if identifier <= TABLES || self.since_tables < NEAR {
                    self.is_damaged |= self.is_open;
                    self.is_open = true;
                    self.unseen = self.last.keys().copied().filter(|&other| other != identifier).collect();
                } else {
                    self.is_damaged = true;
                }
            }
            self.last.insert(identifier, counter);
        }
        if has_adaptation && length >= 7 && flags & 0x10 != 0 {
            let clock = packet[6..10].iter().fold(0, |clock, &byte| clock << 8 | u64::from(byte)) << 1;
            self.tick(identifier, clock | u64::from(packet[10] >> 7));
        }
    }

    /// A clock reference, of 33 bits.
    fn tick(&mut self, identifier: u16, clock: u64) {
        let Some(before) = self.clocks.insert(identifier, clock).filter(|_| self.is_open) else { return };
        let goes_back = clock.wrapping_sub(before) & (1 << 32) != 0;
        self.is_damaged |= !goes_back;
        self.joins += u32::from(goes_back);
        self.is_open = false;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packet(identifier: u16, counter: usize, clock: Option<u64>) -> Vec<u8> {
        let [high, low] = identifier.to_be_bytes();
        let counter = u8::try_from(counter % 16).expect("small");
        let mut packet = vec![0x47, high | 0x40, low, 0x10 | counter];
        if let Some(clock) = clock {
            packet[3] |= 0x20;
            packet.extend([7, 0x10]);
            packet.extend(u32::try_from(clock >> 1).expect("32 bits").to_be_bytes());
            packet.extend([u8::from(clock & 1 == 1) << 7, 0]);
        }
        packet.resize(PACKET, 9);
        packet
    }

    /// A recording whose clock begins at a time: tables, and pictures with a clock in every tenth packet.
    fn recording(begin: u64, pictures: usize) -> Vec<Vec<u8>> {
        let tables = [packet(0x11, 0, None), packet(0, 0, None), packet(0x1000, 0, None)];
        let clock = |at: usize| at.is_multiple_of(10).then_some((begin + at as u64 * 900) & ((1 << 33) - 1));
        let pictures = (0..pictures).map(|at| packet(0x100, at, clock(at)));
        tables.into_iter().chain(pictures).collect()
    }

    fn joined(packets: &[Vec<u8>]) -> bool {
        let mut file = tempfile::tempfile().expect("a place for small files");
        file.write_all(&packets.concat()).expect("room");
        is_joined(&Input::of_spool(file, "film.ts".into(), 0).expect("it is there")).expect("readable")
    }

    #[test]
    fn recordings_put_together_are_told_from_damaged_ones() {
        let one = recording(63_000, 100);
        assert!(!joined(&one), "one alone");
        assert!(joined(&[&one[..], &one, &one].concat()), "three");
        let later = recording(63_000 + 100 * 900 + 90_000, 100);
        assert!(!joined(&[&one[..], &later].concat()), "a hole in front of tables looks the same");
        for missing in [4, 50, 103 + 50] {
            let mut damaged = [&one[..], &one].concat();
            damaged.remove(missing);
            assert!(!joined(&damaged), "{missing}");
        }
        let mut cut_off = [&one[..], &one].concat();
        cut_off[102].truncate(100);
        assert!(!joined(&cut_off), "in the middle of a packet");
        assert!(!joined(&recording((1 << 33) - 20_000, 100)), "a clock that begins anew by itself");
    }
}
