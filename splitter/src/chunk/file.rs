//! A chunk in a file.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use manifest::FragmentTable;

use super::{Hashes, PIECE, Sink, Written, make};
use crate::plan::ChunkPlan;
use crate::stream::Stream;
use crate::syncer::Syncer;
use crate::{Error, Progress, Stop};

/// Bytes written to a file between two requests to bring it to the disk, so that the disk works while the next are hashed.
const URGE: u64 = 32 << 20;

/// Writes one chunk to `path`; its file is still to be brought to the disk.
pub(crate) fn write(
    stream: &Stream<'_>,
    plan: &ChunkPlan,
    path: &Path,
    progress: &dyn Progress,
    stop: &Stop,
    syncer: &Syncer,
) -> Result<(Written, File), Error> {
    let file = File::create(path).map_err(Error::io("create", path))?;
    let mut sink = InFile { file, path, syncer, unsynced: 0 };
    let written = make(stream, plan, &mut sink, progress, stop)?;
    Ok((written, sink.file))
}

struct InFile<'a> {
    file: File,
    path: &'a Path,
    syncer: &'a Syncer,
    /// Bytes written since the file was last to be brought to the disk.
    unsynced: u64,
}

impl Sink for InFile<'_> {
    fn take(&mut self, piece: &mut Vec<u8>) -> Result<(), Error> {
        self.file.write_all(piece).map_err(Error::io("write", self.path))?;
        self.unsynced += piece.len() as u64;
        if self.unsynced >= URGE {
            self.syncer.urge(&self.file, self.path);
            self.unsynced = 0;
        }
        piece.clear();
        Ok(())
    }
}

/// A chunk that a killed splitter has left at `path`, if its digests are those of the `table` left beside it.
pub(crate) fn find(
    plan: &ChunkPlan,
    path: &Path,
    table: &Path,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Option<(Written, File)>, Error> {
    let Some(table) = fs::read(table).ok().and_then(|bytes| FragmentTable::decode(&bytes, plan.bytes).ok()) else {
        return Ok(None);
    };
    // Windows brings to the disk only what may be written to.
    let opened = File::options().read(true).write(true).open(path);
    let opened = opened.and_then(|file| Ok((file.metadata()?.len(), file)));
    let Some((_, mut file)) = opened.ok().filter(|&(bytes, _)| bytes == plan.bytes) else { return Ok(None) };
    let mut hashes = Hashes::new();
    let mut buffer = vec![0; PIECE];
    for record in &table.records {
        let mut left = record.bytes as usize;
        while left > 0 {
            stop.check()?;
            let part = &mut buffer[..left.min(PIECE)];
            if file.read_exact(part).is_err() {
                return Ok(None);
            }
            hashes.update(part);
            left -= part.len();
        }
        if hashes.fragment.finish() != record.sha256 {
            return Ok(None);
        }
    }
    progress.written(plan.bytes);
    Ok(Some((Written { sha256: hashes.chunk.finish(), fragments: table }, file)))
}
