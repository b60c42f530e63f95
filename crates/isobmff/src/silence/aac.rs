//! A silent `raw_data_block` of AAC LC (ISO/IEC 14496-3 section 4.4.2.1).
//!
//! Each element has spectra without a band (`max_sfb` 0), so that no code book is needed. SBR and PS of a track are left
//! out of it: decoders then have no high band to make, and make their output at the rate that the configuration says.

use std::ops::RangeInclusive;

use super::SilentFrame;
use crate::codec::bits::Bits;
use crate::codec::mpeg4_audio::{object_type, sample_rate_of};

const LOW_COMPLEXITY: u32 = 2;
const SBR: u32 = 5;
const PARAMETRIC_STEREO: u32 = 29;
/// Rates of a core up to this may have SBR that the configuration says nothing of (section 1.6.6.1).
const MAY_HIDE_SBR: u32 = 24_000;
/// Rates of a core that the standard has a table for (table 4.82); a configuration can claim any up to 16 MHz.
const RATES: RangeInclusive<u32> = 7_350..=96_000;

/// `id_syn_ele` (table 4.85).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    SingleChannel = 0,
    ChannelPair = 1,
    LowFrequency = 3,
    End = 7,
}

/// The elements of each channel configuration from 1 on (table 1.19).
const CONFIGURATIONS: [&[Element]; 7] = {
    use Element::{ChannelPair as Cpe, LowFrequency as Lfe, SingleChannel as Sce};
    [&[Sce], &[Cpe], &[Sce, Cpe], &[Sce, Cpe, Sce], &[Sce, Cpe, Cpe], &[Sce, Cpe, Cpe, Lfe], &[Sce, Cpe, Cpe, Cpe, Lfe]]
};

/// The silent frame for an `AudioSpecificConfig` in a track of `timescale` ticks a second; `None` where it is not one of AAC LC.
pub(super) fn silence(specific: &[u8], timescale: u32) -> Option<SilentFrame> {
    /// `frameLengthFlag`, `dependsOnCoreCoder` and `extensionFlag`, all off.
    const PLAIN: u32 = 0;
    let mut bits = Bits::new(specific);
    let outer = object_type(&mut bits)?;
    let rate = sample_rate_of(&mut bits).filter(|rate| RATES.contains(rate))?;
    let configuration = bits.take(4)?.checked_sub(1)?;
    let has_extension = matches!(outer, SBR | PARAMETRIC_STEREO);
    let core = if has_extension {
        sample_rate_of(&mut bits)?;
        object_type(&mut bits)?
    } else {
        outer
    };
    let is_plain = core == LOW_COMPLEXITY && bits.take(3)? == PLAIN;
    let may_hide_sbr = rate <= MAY_HIDE_SBR || timescale == 2 * rate;
    if !is_plain || !(has_extension || !may_hide_sbr || says_of_sbr(&mut bits)) {
        return None;
    }
    Some(SilentFrame { bytes: raw_data_block(CONFIGURATIONS.get(configuration as usize)?), samples: 1_024, rate })
}

/// Whether what follows says that there is SBR or none (section 1.6.2.1).
fn says_of_sbr(bits: &mut Bits<'_>) -> bool {
    const SYNC: u32 = 0x2b7;
    bits.take(11) == Some(SYNC) && object_type(bits) == Some(SBR) && bits.take(1).is_some()
}

fn raw_data_block(elements: &[Element]) -> Vec<u8> {
    let mut bits = Writer::default();
    for (at, &element) in elements.iter().enumerate() {
        bits.put(element as u32, 3);
        // element_instance_tag: elements of a kind are counted.
        let before = elements[..at].iter().filter(|&&other| other == element).count();
        bits.put(before as u32, 4);
        if element == Element::ChannelPair {
            // Without common_window.
            bits.put(0, 1);
            individual_channel_stream(&mut bits);
        }
        individual_channel_stream(&mut bits);
    }
    bits.put(Element::End as u32, 3);
    bits.bytes
}

/// Table 4.50: `global_gain` 0; `ics_info` with an ONLY_LONG_SEQUENCE, no bands and no prediction; no pulses, TNS or gain
/// control. Bands that are not there have neither sections nor scale factors.
fn individual_channel_stream(bits: &mut Writer) {
    const GLOBAL_GAIN: u32 = 8;
    const ICS_INFO: u32 = 1 + 2 + 1 + 6 + 1;
    const FLAGS: u32 = 3;
    bits.put(0, GLOBAL_GAIN + ICS_INFO + FLAGS);
}

/// Bits, most significant first; those that are missing of the last byte are 0.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    /// Bits of the last byte that are taken; 0 where all of them are.
    taken: u32,
}

impl Writer {
    fn put(&mut self, value: u32, count: u32) {
        for at in (0..count).rev() {
            if self.taken == 0 {
                self.bytes.push(0);
            }
            let last = self.bytes.last_mut().expect("one was added");
            *last |= u8::from(value >> at & 1 == 1) << (7 - self.taken);
            self.taken = (self.taken + 1) % 8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_channel_and_a_pair() {
        // 000 0000, 22 bits of zeros, 111 for the end.
        assert_eq!(raw_data_block(CONFIGURATIONS[0]), [0, 0, 0, 0b0000_0111]);
        // 001 0000 0, 44 bits of zeros, 111.
        assert_eq!(raw_data_block(CONFIGURATIONS[1]), [0b0010_0000, 0, 0, 0, 0, 0, 0b0000_1110]);
    }

    #[test]
    fn elements_of_a_kind_are_counted() {
        // Front, two pairs and the low frequencies: 29 + 52 + 52 + 29 + 3 bits.
        let bytes = raw_data_block(CONFIGURATIONS[5]);
        let mut bits = Bits::new(&bytes);
        let mut element = |rest: u32| {
            let read = (bits.take(3), bits.take(4));
            (0..rest).for_each(|_| assert_eq!(bits.take(1), Some(0)));
            read
        };
        assert_eq!(element(22), (Some(0), Some(0)));
        assert_eq!(element(45), (Some(1), Some(0)));
        assert_eq!(element(45), (Some(1), Some(1)));
        assert_eq!(element(22), (Some(3), Some(0)));
        assert_eq!((bits.take(3), bytes.len()), (Some(7), 21));
    }

    #[test]
    fn configurations_whose_silence_is_known() {
        let of = |specific: &[u8]| silence(specific, 48_000).map(|frame| (frame.bytes.len(), frame.rate));
        assert_eq!(of(&[0x11, 0x90]), Some((7, 48_000)), "LC, 48 kHz, two channels");
        assert_eq!(of(&[0x12, 0x08]), Some((4, 44_100)), "LC, 44.1 kHz, one channel");
        assert_eq!(of(&[0x2b, 0x11, 0x88, 0]), Some((7, 24_000)), "SBR of 48 kHz on LC of 24 kHz");
        assert_eq!(of(&[0xeb, 0x09, 0x88, 0]), Some((4, 24_000)), "with PS");
        assert_eq!(of(&[0x13, 0x10, 0x56, 0xe5, 0x98]), Some((7, 24_000)), "SBR signalled behind LC");
        assert_eq!(of(&[0x13, 0x10, 0x56, 0xe5, 0]), Some((7, 24_000)), "no SBR, and that is said");
        assert_eq!(of(&[0x11, 0xb8]), Some((28, 48_000)), "seven channels and one");
    }

    #[test]
    fn configurations_whose_silence_is_not_known() {
        for (specific, what) in [
            (&[0x13, 0x10][..], "24 kHz that may hide SBR"),
            (&[0x11, 0x80], "channels by a program config element"),
            (&[0x11, 0xe0], "channel configuration 12"),
            (&[0x11, 0x94], "frames of 960 samples"),
            (&[0x09, 0x90], "AAC Main"),
            (&[0x2b, 0x11, 0x90, 0], "SBR on something else"),
            (&[0xf9, 0x48, 0x40], "xHE-AAC"),
            (&[0x11], "half of one"),
            (&[0x2f, 0xff, 0xff, 0xff, 0x91, 0x88, 0], "a rate of 16 MHz"),
            (&[], "nothing"),
        ] {
            assert_eq!(silence(specific, 48_000), None, "{what}");
        }
        assert_eq!(silence(&[0x11, 0x90], 96_000), None, "48 kHz in a track of twice that");
    }
}
