//! The packets that ffmpeg has read of a film, one a line, as its `framecrc` muxer lists them.

use std::io::{BufRead, BufReader, Read};
use std::ops::Range;

/// The packets of one stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Packets {
    /// Those from the first one on that decoding can start at. Packets without a byte do not count.
    pub(crate) count: u64,
    /// Those of them that are shown, and not decoded alone.
    pub(crate) shown: u64,
    /// Those of them that are damaged, as far as the container shows.
    pub(crate) corrupt: u64,
    /// Those in front of the first that decoding can start at, which nothing decodes.
    pub(crate) undecoded: u64,
    /// How long these last, in seconds.
    pub(crate) undecoded_seconds: f64,
    /// From the first presentation time of those that are shown to the end of the last, in seconds.
    pub(crate) span: Option<Range<f64>>,
    /// Seconds in a tick.
    tick: f64,
}

/// Flags of packets in ffmpeg: `AV_PKT_FLAG_KEY`, `AV_PKT_FLAG_CORRUPT` and `AV_PKT_FLAG_DISCARD`.
const KEY: u32 = 1;
const CORRUPT: u32 = 2;
const DISCARD: u32 = 4;

impl Packets {
    /// Seconds from the first presentation time to the end.
    pub(crate) fn seconds(&self) -> f64 {
        self.span.as_ref().map_or(0.0, |span| span.end - span.start)
    }

    fn add(&mut self, line: &Line) -> Option<f64> {
        if line.bytes == 0 {
            return None;
        }
        if self.count == 0 && line.flags & KEY == 0 {
            self.undecoded += 1;
            self.undecoded_seconds += line.duration.max(0) as f64 * self.tick;
            return None;
        }
        self.count += 1;
        self.corrupt += u64::from(line.flags & CORRUPT != 0);
        // What lies before the edit is decoded, and never shown.
        if line.flags & DISCARD != 0 {
            return None;
        }
        self.shown += 1;
        let time = [line.presentation, line.decode].into_iter().find(|&ticks| ticks != i64::MIN)?;
        let (start, end) = (time as f64 * self.tick, time.saturating_add(line.duration.max(0)) as f64 * self.tick);
        let span = self.span.get_or_insert(start..end);
        *span = span.start.min(start)..span.end.max(end);
        Some(end)
    }
}

/// What a line says of a packet, in ticks.
struct Line {
    stream: usize,
    decode: i64,
    presentation: i64,
    duration: i64,
    bytes: u64,
    flags: u32,
}

impl Line {
    fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split(',').map(str::trim);
        let mut next = || fields.next();
        let (stream, decode) = (next()?.parse().ok()?, next()?.parse().ok()?);
        let (presentation, duration, bytes) = (next()?.parse().ok()?, next()?.parse().ok()?, next()?.parse().ok()?);
        next()?;
        let said = fields.find_map(|field| field.strip_prefix("F=0x"));
        // Flags are listed where they are any other than those of a plain sync sample.
        let flags = said.map_or(Some(KEY), |flags| u32::from_str_radix(flags, 16).ok())?;
        Some(Self { stream, decode, presentation, duration, bytes, flags })
    }
}

/// Reads the whole list, of `streams` streams; tells `heard` how many seconds of film have come.
pub(super) fn read(from: impl Read, streams: usize, heard: &dyn Fn(f64)) -> Vec<Packets> {
    let mut packets = vec![Packets::default(); streams];
    for line in BufReader::new(from).lines().map_while(Result::ok) {
        if let Some(base) = line.strip_prefix("#tb ") {
            time_base(base, &mut packets);
            continue;
        }
        let Some(line) = Line::parse(&line) else { continue };
        if let Some(end) = packets.get_mut(line.stream).and_then(|packets| packets.add(&line)) {
            heard(end);
        }
    }
    packets
}

/// Such as `0: 1/1000`.
fn time_base(text: &str, packets: &mut [Packets]) -> Option<()> {
    let (stream, base) = text.split_once(": ")?;
    let (numerator, denominator) = base.split_once('/')?;
    let (numerator, denominator): (f64, f64) = (numerator.parse().ok()?, denominator.trim().parse().ok()?);
    packets.get_mut(stream.parse::<usize>().ok()?)?.tick = numerator / denominator.max(1.0);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn packets_are_counted_from_the_first_that_can_be_decoded() {
        let list = "#software: Lavf59.27.100\n#tb 0: 1/1000\n#tb 1: 1/48000\n\
                    0,        -40,          0,       40,       57, 0xe3f7185f, F=0x0\n\
                    0,          0,         80,       40,      751, 0xd0530364\n\
                    1,          0,      48000,     1024,      212, 0x28a266af, S=1,       10, 0x1\n\
                    0,         40,         40,       40,       57, 0xe3f7185f, F=0x2\n\
                    0,         80,         60,       40,        0, 0x00000000, F=0x0\n";
        let last = Cell::new(0.0);
        let packets = read(list.as_bytes(), 2, &|seconds| last.set(seconds));
        let [video, audio] = &packets[..] else { panic!("two streams") };
        assert_eq!((video.count, video.corrupt, video.span.clone()), (2, 1, Some(0.04..0.12)));
        assert_eq!((video.undecoded, video.undecoded_seconds), (1, 0.04));
        assert_eq!((audio.count, audio.corrupt), (1, 0));
        assert!((audio.seconds() - 1_024.0 / 48_000.0).abs() < 1e-9);
        assert!((last.get() - 0.08).abs() < 1e-9);
    }

    #[test]
    fn packets_that_are_not_shown_take_no_time() {
        let list = "#tb 0: 1/1000\n\
                    0,      -2000,      -2000,     2000,       57, 0xe3f7185f, F=0x5\n\
                    0,          0,          0,       40,       57, 0xe3f7185f, F=0x0\n";
        let packets = read(list.as_bytes(), 1, &|_| ());
        assert_eq!((packets[0].count, packets[0].shown, packets[0].span.clone()), (2, 1, Some(0.0..0.04)));
    }

    #[test]
    fn other_lines_say_nothing() {
        for line in ["", "#tb x", "#tb 7: 1/0", "0, 1", "9, 0, 0, 1, 1, 0x0", "0, 0, 0, 1, 1, 0x0, F=0xzz"] {
            assert_eq!(read(line.as_bytes(), 1, &|_| ())[0].count, 0, "{line}");
        }
    }
}
