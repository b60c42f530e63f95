//! The binary table beside a chunk: one record a fragment, so that each can be checked as it arrives.
//!
//! It stands apart from the manifest because it does not fit: a two-hour film has about 29,000 fragments, and their
//! lengths alone carry more entropy than the 20 kB that the whole compressed manifest may take.

use crate::{Cause, Digest, Error};

/// One fragment (`moof` + `mdat`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentRecord {
    /// Length in bytes, boxes and payload.
    pub bytes: u32,
    /// Length in ticks of the stream's timescale.
    pub ticks: u32,
    /// SHA-256 of those bytes.
    pub sha256: Digest,
}

/// The fragments of one chunk, in file order.
///
/// On disk: records of 40 bytes, each the length in bytes and the length in ticks as big-endian `u32`, then the digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FragmentTable {
    /// In file order; their lengths add up to the chunk's.
    pub records: Vec<FragmentRecord>,
}

impl FragmentTable {
    /// Length of a record on disk, in bytes.
    pub const RECORD_BYTES: usize = 40;

    /// The table as it stands on disk.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.records.len() * Self::RECORD_BYTES);
        for record in &self.records {
            bytes.extend_from_slice(&record.bytes.to_be_bytes());
            bytes.extend_from_slice(&record.ticks.to_be_bytes());
            bytes.extend_from_slice(&record.sha256.0);
        }
        bytes
    }

    /// Reads a table and holds it against the chunk that it describes.
    ///
    /// # Errors
    /// [`Cause::FragmentTable`] when the length is no whole number of records, a fragment is empty, or the fragments do
    /// not add up to `chunk_bytes`.
    pub fn decode(bytes: &[u8], chunk_bytes: u64) -> Result<Self, Error> {
        let (rows, rest) = bytes.as_chunks::<{ Self::RECORD_BYTES }>();
        if !rest.is_empty() {
            return Err(Cause::FragmentTable("its length is no multiple of 40 bytes").into());
        }
        let records: Vec<_> = rows.iter().map(read_record).collect();
        if records.iter().any(|record| record.bytes == 0) {
            return Err(Cause::FragmentTable("it has an empty fragment").into());
        }
        // At most 2^32 records of at most 2^32 bytes: no overflow.
        if records.iter().map(|record| u64::from(record.bytes)).sum::<u64>() != chunk_bytes {
            return Err(Cause::FragmentTable("its fragments do not add up to the chunk").into());
        }
        Ok(Self { records })
    }
}

fn read_record(row: &[u8; FragmentTable::RECORD_BYTES]) -> FragmentRecord {
    let (head, digest) = row.split_first_chunk::<8>().expect("a row is longer than its head");
    let [a, b, c, d, e, f, g, h] = *head;
    FragmentRecord {
        bytes: u32::from_be_bytes([a, b, c, d]),
        ticks: u32::from_be_bytes([e, f, g, h]),
        sha256: Digest(digest.try_into().expect("a row ends in a digest")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> FragmentTable {
        let record = |bytes| FragmentRecord { bytes, ticks: 512, sha256: Digest([7; 32]) };
        FragmentTable { records: vec![record(1_000), record(u32::MAX)] }
    }

    #[test]
    fn a_table_survives_the_disk() {
        let encoded = table().encode();
        assert_eq!(encoded.len(), 80);
        assert_eq!(FragmentTable::decode(&encoded, 1_000 + u64::from(u32::MAX)).expect("whole"), table());
    }

    #[test]
    fn a_table_that_does_not_fit_its_chunk_is_refused() {
        let encoded = table().encode();
        assert!(FragmentTable::decode(&encoded[..79], 1_000).is_err());
        assert!(FragmentTable::decode(&encoded, 1_000).is_err());
        assert!(FragmentTable::decode(&[0; 40], 0).is_err());
    }
}
