//! What is in a file: its tree of boxes and its streams, for people and for programs; and what is in a cut (`cut`).
//!
//! Damage is told where it lies, and does not keep the rest from being shown.

mod cut;
mod fields;
mod summary;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use isobmff::{BoxHeader, BoxPath, BoxRef, BoxSize, Children, SampleEntry, TrackKind};
use serde::Serialize;
use serde_json::{Map, Value};

pub use cut::{Cut, Stream, inspect_cut};
pub use summary::Track;

use crate::Error;
use crate::source::is_first_box;

/// What is in a file.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Whether its samples come in fragments; absent where there is no `moov`.
    pub fragmented: Option<bool>,
    /// In seconds, where the file says.
    pub duration: Option<f64>,
    /// Its tracks, in file order.
    pub tracks: Vec<Track>,
    /// Its boxes, in file order.
    pub boxes: Vec<Node>,
    /// What is wrong, with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// One box.
#[derive(Clone, Debug, Serialize)]
pub struct Node {
    /// Its type.
    pub kind: String,
    /// Where it begins in the file.
    pub offset: u64,
    /// Its length.
    pub bytes: u64,
    /// What its fields say, where they are known and worth it; times in ticks.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Value>,
    /// The boxes in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Node>,
}

/// The largest box that is looked into, in bytes: as large as the largest `moov` that is cut.
const LARGEST: u64 = 256 << 20;
/// The most boxes that are listed: a file can be nothing but empty ones.
const MOST_NODES: usize = 1 << 20;

/// Looks into an ISO file.
///
/// # Errors
/// When the file cannot be read or is none of that family.
pub fn inspect(path: &Path) -> Result<Inspection, Error> {
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let bytes = file.metadata().map_err(Error::io("read", path))?.len();
    let mut inspection = Inspection {
        path: path.to_owned(),
        bytes,
        fragmented: None,
        duration: None,
        tracks: Vec::new(),
        boxes: Vec::new(),
        problems: Vec::new(),
    };
    let mut reader = Reader { inspection: &mut inspection, nodes: 0, streams: summary::Streams::default() };
    reader.read(&mut file)?;
    let Reader { streams, .. } = reader;
    streams.finish(&mut inspection);
    Ok(inspection)
}

struct Reader<'a> {
    inspection: &'a mut Inspection,
    nodes: usize,
    streams: summary::Streams,
}

impl Reader<'_> {
    fn read(&mut self, file: &mut File) -> Result<(), Error> {
        let path = self.inspection.path.clone();
        let io = |action| Error::io(action, &path);
        let mut offset = 0;
        while offset < self.inspection.bytes {
            let left = self.inspection.bytes - offset;
            file.seek(SeekFrom::Start(offset)).map_err(io("read"))?;
            let mut head = Vec::with_capacity(BoxHeader::MAX_BYTES);
            file.take(BoxHeader::MAX_BYTES as u64).read_to_end(&mut head).map_err(io("read"))?;
            let header = match BoxHeader::parse(&head, BoxPath::default(), offset) {
                Ok(Some(header)) if offset == 0 && !is_first_box(header.kind) => {
                    return Err(Error::NotMp4 { path, found: format!("{:?}", header.kind) });
                }
                Ok(Some(header)) if header.kind.is_printable() => header,
                Ok(_) => return self.problem(format!("byte {offset}: the last {left} bytes are no box")),
                Err(error) => return self.problem(error.to_string()),
            };
            let bytes = match header.size {
                BoxSize::Known(bytes) => bytes,
                BoxSize::ToEnd => left,
            };
            let mut node = self.node(header.kind.to_string(), offset, bytes);
            if bytes > left {
                let missing = bytes - left;
                self.inspection.boxes.push(node);
                return self.problem(format!(
                    "{} at byte {offset}: the file ends {missing} bytes before it does",
                    header.kind
                ));
            }
            if is_worth_reading(&header) && bytes <= LARGEST {
                file.seek(SeekFrom::Start(offset)).map_err(io("read"))?;
                let mut body = Vec::new();
                file.take(bytes).read_to_end(&mut body).map_err(io("read"))?;
                if let Some(Ok(parsed)) = Children::new(&body, BoxPath::default(), offset).next() {
                    self.look_into(&parsed, &mut node, None);
                    if let Err(error) = self.streams.take(&parsed, self.inspection.bytes) {
                        self.inspection.problems.push(error.to_string());
                    }
                }
            }
            self.inspection.boxes.push(node);
            offset += bytes;
            if self.nodes >= MOST_NODES {
                return self.problem(format!("byte {offset}: more than {MOST_NODES} boxes; the rest is not listed"));
            }
        }
        Ok(())
    }

    /// Notes what is wrong; nothing behind it can be read.
    fn problem(&mut self, what: String) -> Result<(), Error> {
        self.inspection.problems.push(what);
        Ok(())
    }

    fn node(&mut self, kind: String, offset: u64, bytes: u64) -> Node {
        self.nodes += 1;
        Node { kind, offset, bytes, fields: Map::new(), children: Vec::new() }
    }

    /// Fills in fields and children. `track` is the kind of track that the box belongs to, once that is known.
    fn look_into(&mut self, parsed: &BoxRef<'_>, node: &mut Node, track: Option<TrackKind>) {
        node.fields = fields::of(parsed, track);
        let children = match &parsed.kind.0 {
            b"trak" => return self.look_into_all(parsed.children(), node, fields::handler(parsed)),
            b"moov" | b"mdia" | b"minf" | b"stbl" | b"dinf" | b"edts" | b"mvex" | b"moof" | b"traf" | b"mfra"
            | b"udta" | b"wave" | b"sinf" | b"schi" | b"tref" => Ok(parsed.children()),
            b"stsd" | b"dref" => parsed.children_after(8),
            _ if parsed.path.levels().iter().rev().nth(1).is_some_and(|&parent| parent == b"stsd") => {
                let fields = track.and_then(|kind| SampleEntry::fields_bytes(parsed, kind).ok().flatten());
                let Some(fields) = fields else { return };
                parsed.children_after(fields)
            }
            _ => return,
        };
        match children {
            Ok(children) => self.look_into_all(children, node, track),
            Err(error) => self.inspection.problems.push(error.to_string()),
        }
    }

    fn look_into_all(&mut self, children: Children<'_>, node: &mut Node, track: Option<TrackKind>) {
        for child in children {
            match child {
                Ok(_) if self.nodes >= MOST_NODES => return,
                Ok(child) => {
                    let mut below = self.node(child.kind.to_string(), child.offset, child.bytes.len() as u64);
                    self.look_into(&child, &mut below, track);
                    node.children.push(below);
                }
                Err(error) => self.inspection.problems.push(error.to_string()),
            }
        }
    }
}

fn is_worth_reading(header: &BoxHeader) -> bool {
    matches!(&header.kind.0, b"ftyp" | b"styp" | b"moov" | b"moof" | b"sidx" | b"mfra")
}
