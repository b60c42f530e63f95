//! A chunk of a film without an index, as the player meets it.

use std::ops::Range;

use manifest::ChunkIndex;
use unindexed::{ChunkReader, Found, Inits};

/// Most bytes of silence in front of a sound that begins late, whatever a chunk says of that.
const MOST_SILENCE: usize = 64 << 20;

/// Reads bytes as a chunk twice: whole, and in pieces that overlap, which must tell the same.
pub fn unindexed(bytes: &[u8]) {
    let (whole, silence) = read(bytes, usize::MAX, 0);
    assert!(silence.iter().map(|(_, piece)| piece.len()).sum::<usize>() < MOST_SILENCE);
    assert!(whole.iter().filter(|found| matches!(found, Found::Malformed(_))).count() <= 1);
    for found in &whole {
        if let Found::Fragment(facts) = found {
            assert!(facts.end_offset <= bytes.len() as u64);
        }
    }
    if bytes.len() < 4_096 {
        assert_eq!((whole, silence), read(bytes, 5, 2), "how a chunk is cut into pieces shows");
    }
}

/// Fragments of silence, and where each belongs.
type Silence = Vec<(u64, Vec<u8>)>;

/// Reads a chunk in pieces, each of which begins some bytes before the end of the one before.
fn read(bytes: &[u8], piece: usize, overlap: usize) -> (Vec<Found>, Silence) {
    let mut inits = Inits::default();
    let mut reader = ChunkReader::new(ChunkIndex(0), 0, bytes.len() as u64, None);
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let start = at.saturating_sub(overlap);
        let part = &bytes[start..at.saturating_add(piece).min(bytes.len())];
        let copy = |range: Range<u32>| part[range.start as usize..range.end as usize].to_vec();
        let length = u32::try_from(part.len()).expect("a fuzzer's input is short");
        found.extend(reader.take(start as u64, length, copy, |_| true, &mut inits));
        at = start + part.len();
    }
    let silence = inits.silence(ChunkIndex(0), 0..u64::MAX).map(|(at, piece)| (at, piece.to_vec())).collect();
    (found, silence)
}
