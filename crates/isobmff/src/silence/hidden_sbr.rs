//! Whether there is SBR of which the configuration of AAC does not speak.
//!
//! It lies in a fill element behind an element of sound (ISO/IEC 14496-3 section 4.5.2.8.2.2). Where that begins is known only
//! to who decodes what is before it. But its length stands in it, and no other sound comes behind it where there is but one
//! element. So it is looked for from the end of a frame: whether one of any of its possible lengths would begin there. One frame in
//! some thirty looks so by chance; of several frames each has SBR, or few seem to.

use crate::codec::bits::Bits;

/// The `id_syn_ele` of what fills a frame, and may be SBR.
pub(super) const FILL: u32 = 6;
/// The `id_syn_ele` behind the last element.
pub(super) const END: u32 = 7;
/// The `extension_type` of SBR (table 4.121).
pub(super) const SBR_DATA: u32 = 13;
/// `id_syn_ele` of data that are no sound.
const DATA: u32 = 4;
/// Elements that may stand between SBR and the end.
const MOST_BEHIND: u32 = 2;
/// Places where those may begin that are looked at: few do by chance.
const MOST_PLACES: usize = 32;
/// Frames that say enough, and the part of them, one in so many, that may seem to have SBR and do not.
const ENOUGH: usize = 4;
const CHANCE: usize = 4;
/// SBR, without and with a checksum.
const EXTENSIONS: [u32; 2] = [SBR_DATA, SBR_DATA + 1];

/// Whether frames of one element each have no SBR for certain.
pub(super) fn is_missing(frames: &[Vec<u8>]) -> bool {
    let ends = frames.iter().filter_map(|frame| Some((frame, end(frame)?)));
    let (known, with) =
        ends.fold((0, 0), |(known, with), (frame, end)| (known + 1, with + usize::from(may_follow_sbr(frame, end))));
    known >= ENOUGH && with * CHANCE <= known
}

/// The bit at which the last element of a frame ends: behind it are END and what fills the last byte.
fn end(frame: &[u8]) -> Option<usize> {
    let last = frame.last().filter(|&&last| last > 0)?;
    let end = (frame.len() * 8 - last.trailing_zeros() as usize).checked_sub(3)?;
    (Bits::at(frame, end).take(3)? == END).then_some(end)
}

/// Whether an element of SBR ends at that bit, or others that end there may follow one. Bytes that can be taken for too many
/// things say nothing.
fn may_follow_sbr(frame: &[u8], end: usize) -> bool {
    let mut ends = vec![end];
    for _ in 0..=MOST_BEHIND {
        let mut begins = Vec::new();
        for end in ends {
            for (begin, extension) in fills(frame, end) {
                if extension.is_some_and(|extension| EXTENSIONS.contains(&extension)) {
                    return true;
                }
                begins.push(begin);
            }
            begins.extend(data(frame, end).take(MOST_PLACES));
            if begins.len() >= MOST_PLACES {
                return true;
            }
        }
        ends = begins;
    }
    false
}

/// Where fill elements may begin that end at that bit, and their `extension_type` (table 4.11).
fn fills(frame: &[u8], end: usize) -> impl Iterator<Item = (usize, Option<u32>)> {
    const ESCAPE: u32 = 15;
    let short = (0..ESCAPE).map(|count| (3 + 4, count, count));
    let long = (0..=255).map(|more| (3 + 4 + 8, ESCAPE << 8 | more, ESCAPE - 1 + more));
    short.chain(long).filter_map(move |(head, coded, count)| {
        let begin = end.checked_sub(head as usize + 8 * count as usize)?;
        let mut bits = Bits::at(frame, begin);
        let is_fill = bits.take(3)? == FILL && bits.take(head - 3)? == coded;
        let extension = if count > 0 { bits.take(4) } else { None };
        is_fill.then_some((begin, extension))
    })
}

/// Where elements of data may begin that end at that bit (table 4.10).
fn data(frame: &[u8], end: usize) -> impl Iterator<Item = usize> {
    const ESCAPE: u32 = 255;
    let is_aligned = end.is_multiple_of(8);
    let most_filled = if is_aligned { 7 } else { 0 };
    (0..=2 * ESCAPE).flat_map(move |count| {
        (0..=most_filled).filter_map(move |filled| {
            let head = if count < ESCAPE { 3 + 4 + 1 + 8 } else { 3 + 4 + 1 + 8 + 8 };
            let begin = end.checked_sub(head + filled + 8 * count as usize)?;
            let mut bits = Bits::at(frame, begin);
            if bits.take(3)? != DATA {
                return None;
            }
            bits.take(4)?;
            let may_fill = bits.take(1)? == 1;
            let is_long = match count.checked_sub(ESCAPE) {
                None => bits.take(8)? == count,
                Some(more) => bits.take(8)? == ESCAPE && bits.take(8)? == more,
            };
            let fits = if may_fill { is_aligned } else { filled == 0 };
            (is_long && fits).then_some(begin)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::silence::writer::Writer;

    /// A frame of noise, and behind it `elements`: each an id, what stands between that and its length, and bytes.
    fn frame(seed: u32, elements: &[(u32, &[u8])]) -> Vec<u8> {
        let (mut frame, mut noise) = (Writer::default(), seed);
        let mut next = || {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise >> 16
        };
        for _ in 0..100 + seed % 50 {
            frame.put(next(), 11);
        }
        for &(id, bytes) in elements {
            let count = bytes.len() as u32;
            frame.put(id, 3);
            match (id, count) {
                (FILL, ..15) => frame.put(count, 4),
                (FILL, _) => {
                    frame.put(15, 4);
                    frame.put(count - 14, 8);
                }
                _ => {
                    frame.put(next(), 4);
                    frame.put(1, 1);
                    frame.put(count.min(255), 8);
                    frame.put(count.saturating_sub(255), if count < 255 { 0 } else { 8 });
                    frame.align();
                }
            }
            bytes.iter().for_each(|&byte| frame.put(byte.into(), 8));
        }
        frame.put(END, 3);
        frame.bytes
    }

    fn frames(elements: &[(u32, &[u8])]) -> Vec<Vec<u8>> {
        (0..32).map(|seed| frame(seed, elements)).collect()
    }

    fn with_sbr(frames: &[Vec<u8>]) -> usize {
        frames.iter().filter(|frame| may_follow_sbr(frame, end(frame).expect("an end"))).count()
    }

    #[test]
    fn sbr_of_every_length_and_whatever_fills_the_rest() {
        let sbr = [0xd5; 269];
        let filled = [0x10; 30];
        for behind in [
            &[][..],
            &[(FILL, &filled[..0])],
            &[(FILL, &filled[..14])],
            &[(FILL, &filled[..15]), (DATA, &filled)],
            &[(DATA, &sbr[..])],
            &[(DATA, &sbr[..]), (FILL, &filled)],
        ] {
            for length in [1, 14, 15, 269] {
                let frames = frames(&[&[(FILL, &sbr[..length])], behind].concat());
                assert_eq!(with_sbr(&frames), frames.len(), "{length} bytes in front of {behind:?}");
                assert!(!is_missing(&frames[..16]));
            }
        }
        assert_eq!(with_sbr(&frames(&[(FILL, &[0xe0, 1, 2])])), 32, "with a checksum");
    }

    #[test]
    fn sound_without_sbr() {
        let filled = [0x10; 30];
        for behind in [&[][..], &[(FILL, &filled[..])], &[(DATA, &filled), (FILL, &filled[..3])]] {
            let frames = frames(behind);
            assert!(with_sbr(&frames) < 5, "{} of 32", with_sbr(&frames));
            assert!(frames.chunks(16).all(is_missing));
        }
    }

    #[test]
    fn what_says_nothing() {
        assert!(!is_missing(&[]));
        assert!(!is_missing(&frames(&[])[..3]), "too few");
        for frame in [&[][..], &[0], &[0xff, 0], &[0x60], &[0x01]] {
            assert_eq!(end(frame), None, "{frame:?}");
        }
        assert!(!is_missing(&vec![vec![0; 9]; 16]));
        // Wherever two bytes begin, an element of data that ends at the end.
        let anything: Vec<u8> = (0..128).rev().flat_map(|pairs| [0b1000_0001, 2 * pairs]).chain([0xe0]).collect();
        assert!(!is_missing(&vec![anything; 16]));
    }
}
