//! A silent `raw_data_block` of AAC LC (ISO/IEC 14496-3 section 4.4.2.1).
//!
//! Each element has spectra without a band (`max_sfb` 0), so that no code book is needed. SBR and PS that the configuration
//! speaks of are left out of it: decoders then have no high band to make, and make their output at the rate that it says. Of
//! SBR that it does not speak of, decoders learn by the first frames or never. So those of silence have it then, too, but
//! without a header, with which decoders do nothing but double the rate (section 4.6.18.2).

use std::ops::RangeInclusive;

use super::SilentFrame;
use super::hidden_sbr::{self, END, FILL, SBR_DATA};
use super::writer::Writer;
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
}

/// The elements of each channel configuration from 1 on (table 1.19).
const CONFIGURATIONS: [&[Element]; 7] = {
    use Element::{ChannelPair as Cpe, LowFrequency as Lfe, SingleChannel as Sce};
    [&[Sce], &[Cpe], &[Sce, Cpe], &[Sce, Cpe, Sce], &[Sce, Cpe, Cpe], &[Sce, Cpe, Cpe, Lfe], &[Sce, Cpe, Cpe, Cpe, Lfe]]
};

/// The silent frame for an `AudioSpecificConfig` in a track of `timescale` ticks a second, some of whose frames are `frames`; `None`
/// where it is not one of AAC LC.
pub(super) fn silence(specific: &[u8], timescale: u32, frames: &[Vec<u8>]) -> Option<SilentFrame> {
    /// `frameLengthFlag`, `dependsOnCoreCoder` and `extensionFlag`, all off.
    const PLAIN: u32 = 0;
    let mut bits = Bits::new(specific);
    let outer = object_type(&mut bits)?;
    let rate = sample_rate_of(&mut bits).filter(|rate| RATES.contains(rate))?;
    let configuration = bits.take(4)?;
    let has_extension = matches!(outer, SBR | PARAMETRIC_STEREO);
    let core = if has_extension {
        sample_rate_of(&mut bits)?;
        object_type(&mut bits)?
    } else {
        outer
    };
    if core != LOW_COMPLEXITY || bits.take(3)? != PLAIN {
        return None;
    }
    let elements = match configuration.checked_sub(1) {
        None => program(&mut bits)?,
        Some(at) => counted(CONFIGURATIONS.get(at as usize)?),
    };
    let may_hide_sbr = rate <= MAY_HIDE_SBR || timescale == 2 * rate;
    let is_one_element = matches!(elements[..], [(Element::SingleChannel | Element::ChannelPair, _)]);
    let is_told = has_extension || says_of_sbr(&mut bits);
    let has_none = is_told || !may_hide_sbr || is_one_element && hidden_sbr::is_missing(frames);
    Some(SilentFrame { bytes: raw_data_block(&elements, !has_none), samples: 1_024, rate })
}

/// With the `element_instance_tag` of each: elements of a kind are counted.
fn counted(elements: &[Element]) -> Vec<(Element, u32)> {
    let mut counts = [0; 4];
    let mut count = |&element: &Element| {
        let tag = counts[element as usize];
        counts[element as usize] += 1;
        (element, tag)
    };
    elements.iter().map(&mut count).collect()
}

/// The elements of a `program_config_element` (table 4.2), which stands where the channel configuration is 0. `None` where it
/// is cut off, or has coupling channels.
fn program(bits: &mut Bits<'_>) -> Option<Vec<(Element, u32)>> {
    // element_instance_tag, object_type and sampling_frequency_index.
    bits.take(4 + 2 + 4)?;
    let pairs = [bits.take(4)?, bits.take(4)?, bits.take(4)?];
    let (low, data) = (bits.take(2)?, bits.take(3)?);
    if bits.take(4)? > 0 {
        return None;
    }
    // How it is to be mixed down to one channel, to two, and by a matrix.
    for length in [4, 4, 3] {
        if bits.take(1)? == 1 {
            bits.take(length)?;
        }
    }
    let mut elements = Vec::new();
    for _ in 0..pairs.iter().sum() {
        let element = if bits.take(1)? == 1 { Element::ChannelPair } else { Element::SingleChannel };
        elements.push((element, bits.take(4)?));
    }
    for _ in 0..low {
        elements.push((Element::LowFrequency, bits.take(4)?));
    }
    for _ in 0..data {
        bits.take(4)?;
    }
    bits.align();
    for _ in 0..bits.take(8)? {
        bits.take(8)?;
    }
    (!elements.is_empty()).then_some(elements)
}

/// Whether what follows says that there is SBR or none (section 1.6.2.1).
fn says_of_sbr(bits: &mut Bits<'_>) -> bool {
    const SYNC: u32 = 0x2b7;
    bits.take(11) == Some(SYNC) && object_type(bits) == Some(SBR) && bits.take(1).is_some()
}

fn raw_data_block(elements: &[(Element, u32)], has_sbr: bool) -> Vec<u8> {
    let mut bits = Writer::default();
    for &(element, tag) in elements {
        bits.put(element as u32, 3);
        bits.put(tag, 4);
        if element == Element::ChannelPair {
            // Without common_window.
            bits.put(0, 1);
            individual_channel_stream(&mut bits);
        }
        individual_channel_stream(&mut bits);
        if has_sbr && element != Element::LowFrequency {
            // One byte: EXT_SBR_DATA, no header, and bits that fill it (tables 4.11, 4.57 and 4.62).
            bits.put(FILL, 3);
            bits.put(1, 4);
            bits.put(SBR_DATA, 4);
            bits.put(0, 4);
        }
    }
    bits.put(END, 3);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_channel_and_a_pair() {
        // 000 0000, 22 bits of zeros, 111 for the end.
        assert_eq!(raw_data_block(&counted(CONFIGURATIONS[0]), false), [0, 0, 0, 0b0000_0111]);
        // 001 0000 0, 44 bits of zeros, 111.
        assert_eq!(raw_data_block(&counted(CONFIGURATIONS[1]), false), [0b0010_0000, 0, 0, 0, 0, 0, 0b0000_1110]);
    }

    #[test]
    fn elements_of_a_kind_are_counted() {
        // Front, two pairs and the low frequencies: 29 + 52 + 52 + 29 + 3 bits.
        let bytes = raw_data_block(&counted(CONFIGURATIONS[5]), false);
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
        let of = |specific: &[u8]| silence(specific, 48_000, &[]).map(|frame| (frame.bytes.len(), frame.rate));
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
            (&[0x11, 0x80][..], "a program config element that is missing"),
            (&[0x11, 0x80, 0x04, 0xc4, 0, 0x04, 0, 0], "a coupling channel"),
            (&[0x11, 0xe0], "channel configuration 12"),
            (&[0x11, 0x94], "frames of 960 samples"),
            (&[0x09, 0x90], "AAC Main"),
            (&[0x2b, 0x11, 0x90, 0], "SBR on something else"),
            (&[0xf9, 0x48, 0x40], "xHE-AAC"),
            (&[0x11], "half of one"),
            (&[0x2f, 0xff, 0xff, 0xff, 0x91, 0x88, 0], "a rate of 16 MHz"),
            (&[], "nothing"),
        ] {
            assert_eq!(silence(specific, 48_000, &[]), None, "{what}");
        }
    }

    /// 29 bits of an element, a fill element of one byte and the end; twice 52 and 29 and two fill elements for three channels and low frequencies.
    #[test]
    fn sbr_that_is_not_spoken_of_is_there_from_the_first_frame_on() {
        let of = |specific: &[u8], timescale, frames: &[Vec<u8>]| {
            silence(specific, timescale, frames).map(|frame| frame.bytes)
        };
        let filled = vec![0, 0, 0, 0b0000_0110, 0b0001_1101, 0b0000_1110];
        assert_eq!(of(&[0x13, 0x08], 24_000, &[]), Some(filled.clone()), "24 kHz");
        assert_eq!(of(&[0x11, 0x88], 96_000, &[]), Some(filled.clone()), "48 kHz in a track of twice that");
        assert_eq!(of(&[0x11, 0x88], 48_000, &[]).map(|bytes| bytes.len()), Some(4));
        let plain = vec![0x01, 0x40, 0x22, 0x80, 0xa3, 0x7f, 0xf8, 0x07];
        assert_eq!(of(&[0x13, 0x08], 24_000, &vec![plain.clone(); 16]).map(|bytes| bytes.len()), Some(4));
        assert_eq!(of(&[0x13, 0x08], 24_000, &vec![filled.clone(); 16]), Some(filled.clone()));
        assert_eq!(of(&[0x13, 0x08], 24_000, std::slice::from_ref(&plain)), Some(filled), "who knows");
        assert_eq!(
            of(&[0x13, 0x30], 24_000, &vec![plain; 16]).map(|bytes| bytes.len()),
            Some(27),
            "behind another element"
        );
    }
}
