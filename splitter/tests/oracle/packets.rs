//! The packets of a file, as ffprobe reads them.

use std::cmp::Ordering;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::program::output;

/// The packets of one stream in file order.
#[derive(Debug)]
pub(crate) struct Packets {
    /// `video`, `audio` or another word of ffprobe's.
    pub(crate) kind: String,
    /// ffprobe's name of the codec.
    pub(crate) codec: String,
    pub(crate) packets: Vec<Packet>,
    /// All durations together, in ticks, as the file's own headers say.
    pub(crate) ticks: Option<i64>,
}

/// One packet. Times are exact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) presentation: Seconds,
    /// Not known where that does not matter.
    pub(crate) decode: Option<Seconds>,
    /// Not known for the first packet of a fragmented file.
    pub(crate) duration: Option<Seconds>,
    pub(crate) is_key: bool,
    /// Of its bytes.
    pub(crate) hash: String,
}

impl Packets {
    /// Corrects the duration of the last packet, which ffprobe gets wrong where there is an edit list; forgets it where
    /// nothing in the file says it plainly.
    pub(crate) fn settle_end(&mut self, is_fragmented: bool) {
        let [first, .., last] = &self.packets[..] else { return };
        let (Some(first), Some(last)) = (first.decode, last.decode) else { return };
        let before = last.ticks - first.ticks;
        // With an uneven frame rate, headers that count decode times and headers that count pictures disagree.
        let mut known = self.packets[1..].iter().rev().skip(1).map(|packet| packet.duration);
        let is_even =
            self.kind == "audio" || known.next().flatten().is_some_and(|first| known.all(|other| other == Some(first)));
        let ticks = self.ticks.filter(|_| !is_fragmented && is_even).map(|ticks| ticks - before);
        let duration = ticks.map(|ticks| Seconds { ticks, ..last });
        self.packets.last_mut().expect("there are two").duration = duration;
    }

    /// Moves all decode times, by ticks.
    pub(crate) fn decode_later(&mut self, ticks: i64) {
        self.packets.iter_mut().flat_map(|packet| &mut packet.decode).for_each(|decode| decode.ticks += ticks);
    }

    /// Moves all times, by ticks.
    pub(crate) fn show_and_decode_earlier(&mut self, ticks: i64) {
        self.decode_later(-ticks);
        self.packets.iter_mut().for_each(|packet| packet.presentation.ticks -= ticks);
    }

    /// Pictures that begin late, the first of which is shown from zero on instead.
    pub(crate) fn held(mut self) -> Self {
        let (first, late) =
            (0..).zip(&mut self.packets).min_by_key(|(_, packet)| packet.presentation).expect("packets");
        late.presentation.ticks = 0;
        // It may be decoded earlier too.
        late.decode = late.decode.filter(|_| first > 0);
        self
    }
}

impl Packet {
    /// When the next one is due.
    pub(crate) fn end(&self) -> Option<Seconds> {
        let duration = self.duration?.ticks;
        Some(Seconds { ticks: self.presentation.ticks + duration, ..self.presentation })
    }
}

/// A fraction of whole numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seconds {
    ticks: i64,
    /// Of numerator and denominator.
    base: (i64, i64),
}

impl Seconds {
    pub(crate) fn new(ticks: i64, timescale: u32) -> Self {
        Self { ticks, base: (1, timescale.into()) }
    }
}

impl Seconds {
    /// Whether this is in the film and not before it.
    pub(crate) fn is_shown(self) -> bool {
        self.ticks >= 0
    }

    pub(crate) fn as_f64(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "only for tolerances")]
        let seconds = self.ticks as f64 * self.base.0 as f64 / self.base.1 as f64;
        seconds
    }
}

impl Ord for Seconds {
    fn cmp(&self, other: &Self) -> Ordering {
        let scaled = |a: &Self, b: &Self| i128::from(a.ticks) * i128::from(a.base.0) * i128::from(b.base.1);
        scaled(self, other).cmp(&scaled(other, self))
    }
}

impl PartialOrd for Seconds {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Seconds {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Seconds {}

/// All streams of a file. `options` go in front of the file's name.
pub(crate) fn read(file: &Path, options: &[&str]) -> Vec<Packets> {
    let shown = "packet=stream_index,pts,dts,duration,flags,data_hash:\
                 stream=index,codec_type,codec_name,time_base,duration_ts";
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-of", "json", "-show_data_hash", "sha256", "-show_entries", shown]);
    let json = output(ffprobe.args(options).arg(file));
    let json: Value = serde_json::from_slice(&json).expect("ffprobe writes JSON");
    let mut streams = Vec::new();
    let mut bases = Vec::new();
    for stream in list(&json["streams"]) {
        let (numerator, denominator) = text(&stream["time_base"]).split_once('/').expect("a fraction");
        bases.push((numerator.parse().expect("a number"), denominator.parse().expect("a number")));
        let (kind, codec) = (text(&stream["codec_type"]).to_owned(), text(&stream["codec_name"]).to_owned());
        streams.push(Packets { kind, codec, packets: Vec::new(), ticks: stream["duration_ts"].as_i64() });
    }
    for packet in list(&json["packets"]) {
        let at = packet["stream_index"].as_u64().expect("an index") as usize;
        let seconds = |field: &str| packet[field].as_i64().map(|ticks| Seconds { ticks, base: bases[at] });
        let time = |field: &str| seconds(field).unwrap_or_else(|| panic!("a packet without {field}: {packet}"));
        streams[at].packets.push(Packet {
            presentation: time("pts"),
            decode: Some(time("dts")),
            duration: seconds("duration"),
            is_key: text(&packet["flags"]).starts_with('K'),
            hash: text(&packet["data_hash"]).to_owned(),
        });
    }
    streams
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
