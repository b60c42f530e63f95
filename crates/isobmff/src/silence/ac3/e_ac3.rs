//! The substreams of E-AC-3 (ETSI TS 102 366 section E.1.3): a sample has a frame of each. Dependent ones bring channels beside
//! those of the independent one before them, or in their place.

use super::{BLOCKS, Layout, NEW, REUSE, SYNC_WORD, USUAL_LOUDNESS, ended, exponents, filled, zeros};
use crate::BoxRef;
use crate::codec::bits::Bits;
use crate::silence::writer::Writer;

const INDEPENDENT: u32 = 0;
const DEPENDENT: u32 = 1;
/// An independent one that was AC-3.
const CONVERTED: u32 = 2;
const IDENTIFICATION: u32 = 16;
/// `numblkscod` of frames of six blocks.
const SIX_BLOCKS: u32 = 3;
/// The most substreams: eight independent ones, each with eight that depend on it.
const MOST: usize = 8 * 9;
/// The least that a frame has: there is room for all fields of every layout.
const LEAST_BYTES: usize = 128;

/// What the frames of a substream hold, by their header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Substream {
    /// `strmtyp`.
    kind: u32,
    /// `substreamid`: counted within its kind.
    id: u32,
    /// Length of its frames in bytes, as far as that is known.
    length: usize,
    /// Code of the rate of samples.
    pub(super) rate: u32,
    mode: u32,
    low: u32,
    /// `dialnorm`.
    loudness: u32,
    /// `chanmap`: where the channels of a dependent one are heard, if its mode does not say so.
    map: Option<u32>,
}

/// The substreams of a sample, in their order. `None` where those are not all that it is.
pub(super) fn of_sample(sample: &[u8]) -> Option<Vec<Substream>> {
    let (mut left, mut streams) = (sample, Vec::<Substream>::new());
    while !left.is_empty() {
        let next = Substream::parse(left)?;
        left = left.get(next.length..)?;
        // Where frames have less than six blocks, those of all substreams come several times.
        if streams.first().is_some_and(|first| (first.kind, first.id) == (next.kind, next.id)) {
            break;
        }
        if streams.len() == MOST || streams.first().is_some_and(|first| first.rate != next.rate) {
            return None;
        }
        streams.push(next);
    }
    (streams.first()?.kind == INDEPENDENT).then_some(streams)
}

/// The first of the substreams of which `dec3` tells (section F.6), which is enough: of others it does not say how they are
/// coded, and silence needs no more channels.
pub(super) fn of_box(dec3: &BoxRef<'_>) -> Option<Vec<Substream>> {
    let mut bits = Bits::new(dec3.body);
    bits.take(13 + 3)?;
    let (rate, identification) = (bits.take(2)?, bits.take(5)?);
    bits.take(1 + 1 + 3)?;
    let (mode, low) = (bits.take(3)?, bits.take(1)?);
    let stream =
        Substream { kind: INDEPENDENT, id: 0, length: 0, rate, mode, low, loudness: USUAL_LOUDNESS, map: None };
    (identification == IDENTIFICATION).then(|| vec![stream])
}

impl Substream {
    /// By the header of a frame.
    fn parse(frame: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(frame);
        if bits.take(16)? != SYNC_WORD {
            return None;
        }
        let (kind, id, length) = (bits.take(2)?, bits.take(3)?, (bits.take(11)? as usize + 1) * 2);
        let rate = bits.take(2)?;
        // numblkscod.
        bits.take(2)?;
        let (mode, low, identification) = (bits.take(3)?, bits.take(1)?, bits.take(5)?);
        if kind > CONVERTED || identification != IDENTIFICATION {
            return None;
        }
        let loudness = bits.take(5)?;
        let mut map = None;
        if kind == DEPENDENT {
            // compre and compr.
            if bits.take(1)? == 1 {
                bits.take(8)?;
            }
            if bits.take(1)? == 1 {
                map = Some(bits.take(16)?);
            }
        }
        // What was AC-3 says of that how long it was, which means nothing here.
        let kind = if kind == CONVERTED { INDEPENDENT } else { kind };
        Some(Self { kind, id, length, rate, mode, low, loudness, map })
    }

    /// A silent frame of six blocks.
    pub(super) fn frame(&self) -> Option<Vec<u8>> {
        let layout = Layout::new(self.mode, self.low);
        let is_independent = self.kind == INDEPENDENT;
        let length = self.length.max(LEAST_BYTES);
        let mut frame = Writer::default();
        let size = (length / 2 - 1) as u32;
        for (value, count) in
            [(SYNC_WORD, 16), (self.kind, 2), (self.id, 3), (size, 11), (self.rate, 2), (SIX_BLOCKS, 2)]
        {
            frame.put(value, count);
        }
        for (value, count) in [(self.mode, 3), (self.low, 1), (IDENTIFICATION, 5)] {
            frame.put(value, count);
        }
        for _ in 0..=u32::from(layout.is_dual()) {
            frame.put(self.loudness, 5);
            frame.put(0, 1);
        }
        if self.kind == DEPENDENT {
            frame.put(self.map.is_some().into(), 1);
            self.map.into_iter().for_each(|map| frame.put(map, 16));
        }
        // Mixing, informational and additional metadata.
        frame.put(0, 3);
        // expstre: exponents of each block are spoken of by itself; ahte; snroffststr: one offset for all.
        frame.put(0b1000, 4);
        // transproce, blkswe, dithflage (so that there is none), bamode, frmfgaincode, dbaflde, skipflde, spxattene.
        frame.put(0b0010_0000, 8);
        if layout.mode > 1 {
            // No coupling in the first block, and nothing new of it in the others.
            zeros(&mut frame, BLOCKS);
        }
        for block in 0..BLOCKS {
            (0..layout.channels).for_each(|_| frame.put(if block == 0 { NEW } else { REUSE }, 2));
        }
        if layout.has_low {
            frame.put(1 << (BLOCKS - 1), BLOCKS as u32);
        }
        if is_independent {
            // Exponents for a converter to AC-3, which are as said.
            zeros(&mut frame, 5 * layout.channels);
        }
        // The offset; where blocks begin is not said.
        zeros(&mut frame, 6 + 4 + 1);
        for block in 0..BLOCKS {
            let is_first = block == 0;
            // Dither, and the range of loudness.
            zeros(&mut frame, layout.channels + 1 + usize::from(layout.is_dual()));
            // No spectral extension, of which the first block has to speak.
            frame.put(0, 1);
            if layout.is_stereo() {
                zeros(&mut frame, if is_first { 4 } else { 1 });
            }
            if is_first {
                exponents(&mut frame, layout);
            }
            if is_independent {
                // No offset for a converter.
                frame.put(0, 1);
            }
        }
        Some(ended(filled(frame, length)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::checksum;
    use crate::test_boxes::make;

    /// The beginning of a frame of 1,024 bytes of 48 kHz in 5.1, and of one of 64 bytes that brings the two at the back.
    const INDEPENDENT_5_1: [u8; 8] = [0x0b, 0x77, 0x01, 0xff, 0x3f, 0x87, 0xc0, 0];
    const DEPENDENT_2_0: [u8; 10] = [0x0b, 0x77, 0x40, 0x1f, 0x34, 0x87, 0xd0, 0x20, 0, 0];

    fn sample(frames: &[(&[u8], usize)]) -> Vec<u8> {
        let long = |&(begins, length): &(&[u8], usize)| [begins, &vec![0; length - begins.len()][..]].concat();
        frames.iter().flat_map(long).collect()
    }

    fn frames(sample: &[u8]) -> Option<Vec<Vec<u8>>> {
        of_sample(sample)?.iter().map(Substream::frame).collect()
    }

    #[test]
    fn one_substream() {
        let silent = frames(&sample(&[(&INDEPENDENT_5_1, 1_024)])).expect("a frame").concat();
        assert_eq!((silent.len(), &silent[..6]), (1_024, &INDEPENDENT_5_1[..6]));
        assert_eq!(checksum::add(0, &silent[2..]), 0);
    }

    #[test]
    fn what_depends_on_another_keeps_its_place() {
        let silent = frames(&sample(&[(&INDEPENDENT_5_1, 1_024), (&DEPENDENT_2_0, 64)])).expect("two frames");
        let [first, second] = &silent[..] else { panic!("{silent:?}") };
        assert_eq!((first.len(), second.len()), (1_024, LEAST_BYTES));
        assert_eq!(checksum::add(0, &second[2..]), 0);
        let known = Substream::parse(&DEPENDENT_2_0).expect("a header");
        assert_eq!(known.map, Some(0x0200));
        assert_eq!(Substream::parse(second), Some(Substream { length: LEAST_BYTES, ..known }));
    }

    #[test]
    fn frames_of_less_blocks_are_one() {
        let three_blocks = [0x0b, 0x77, 0x01, 0xff, 0x2f, 0x87, 0xc0, 0];
        let silent = frames(&sample(&[(&three_blocks, 1_024), (&three_blocks, 1_024)])).expect("a frame");
        assert_eq!(silent, frames(&sample(&[(&INDEPENDENT_5_1, 1_024)])).expect("a frame"));
    }

    #[test]
    fn of_which_no_frame_is_known() {
        let dec3 = |identification: u8| make(b"dec3", &[0x0c, 0, identification << 1, 0x0f, 0]);
        let of = |dec3: &[u8]| of_box(&BoxRef::parse(dec3, 0).expect("whole"));
        let silent = of(&dec3(16)).expect("a substream")[0].frame().expect("a frame");
        assert_eq!((silent.len(), silent[4]), (LEAST_BYTES, INDEPENDENT_5_1[4]));
        assert_eq!([of(&dec3(8)), of(&make(b"dec3", &[0x0c, 0]))], [None, None]);
    }

    #[test]
    fn what_is_no_sample() {
        assert_eq!(of_sample(&[]), None);
        assert_eq!(of_sample(&sample(&[(&INDEPENDENT_5_1, 1_023)])), None, "cut off");
        assert_eq!(of_sample(&sample(&[(&DEPENDENT_2_0, 64)])), None, "of nothing");
        assert_eq!(of_sample(&sample(&[(&INDEPENDENT_5_1, 1_024), (&[1; 10], 10)])), None);
        let other_rate = [0x0b, 0x77, 0x40, 0x1f, 0x74, 0x87, 0xd0, 0x20, 0, 0];
        assert_eq!(of_sample(&sample(&[(&INDEPENDENT_5_1, 1_024), (&other_rate, 64)])), None);
        assert_eq!(of_sample(&sample(&[(&[0x0b, 0x77, 0xc0, 0x1f, 0x34, 0x87, 0xd0, 0x20], 64)])), None, "reserved");
    }

    /// However many of however many channels.
    #[test]
    fn there_is_room_for_every_layout() {
        for mode in 0..8 {
            for low in 0..2 {
                let (kind, map) = (DEPENDENT, Some(0));
                let stream = Substream { kind, id: 0, length: 0, rate: 0, mode, low, loudness: 1, map };
                let silent = stream.frame().expect("a frame");
                assert_eq!((silent.len(), checksum::add(0, &silent[2..])), (LEAST_BYTES, 0));
            }
        }
    }
}
