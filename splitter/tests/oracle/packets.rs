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
}

/// One packet. Times are exact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) presentation: Seconds,
    pub(crate) decode: Seconds,
    /// Where ffprobe does not say it, as for the first packet of a fragmented file, up to the next decode time.
    pub(crate) duration: Option<Seconds>,
    pub(crate) is_key: bool,
    /// Of its bytes.
    pub(crate) hash: String,
}

impl Packet {
    /// When the next one is due. A packet of unknown duration, the last of some films, counts as ending at once.
    pub(crate) fn end(&self) -> Seconds {
        let ticks = self.duration.map_or(0, |duration| duration.ticks);
        Seconds { ticks: self.presentation.ticks + ticks, ..self.presentation }
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

    /// How long this is after a time of the same stream.
    fn after(self, before: Self) -> Self {
        Self { ticks: self.ticks - before.ticks, ..self }
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
    let shown = "packet=stream_index,pts,dts,duration,flags,data_hash:stream=index,codec_type,codec_name,time_base";
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
        streams.push(Packets { kind, codec, packets: Vec::new() });
    }
    for packet in list(&json["packets"]) {
        let at = packet["stream_index"].as_u64().expect("an index") as usize;
        let seconds = |field: &str| packet[field].as_i64().map(|ticks| Seconds { ticks, base: bases[at] });
        let time = |field: &str| seconds(field).unwrap_or_else(|| panic!("a packet without {field}: {packet}"));
        let decode = time("dts");
        if let Some(before) = streams[at].packets.last_mut() {
            before.duration = before.duration.or_else(|| Some(decode.after(before.decode)));
        }
        streams[at].packets.push(Packet {
            presentation: time("pts"),
            decode,
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
