//! MPEG-4 audio: the elementary stream descriptor (ISO/IEC 14496-1 section 7.2.6) and what it carries for AAC
//! (ISO/IEC 14496-3 section 1.6.2).

use super::bits::Bits;
use crate::{BoxRef, Error, Fields};

/// What an `esds` box says about its stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mpeg4Audio {
    /// Registered object type indication: 0x40 for AAC.
    pub(crate) object_type: u8,
    /// The decoder specific information: for AAC an AudioSpecificConfig.
    pub(crate) specific: Vec<u8>,
    config: Option<AudioSpecificConfig>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct AudioSpecificConfig {
    object_type: u32,
    sample_rate: u32,
    channels: u16,
}

pub(crate) const OBJECT_TYPE_AAC: u8 = 0x40;
const ES_DESCRIPTOR: u8 = 3;
const DECODER_CONFIG: u8 = 4;
const DECODER_SPECIFIC: u8 = 5;

impl Mpeg4Audio {
    /// Reads an `esds` box.
    pub(crate) fn parse(esds: &BoxRef<'_>) -> Result<Self, Error> {
        let (_, _, mut fields) = esds.full()?;
        // Encoders are known to leave out the outer descriptors; what is missing is simply not known.
        if tag(&mut fields)? == Some(ES_DESCRIPTOR) {
            fields.skip(2)?;
            let flags = fields.u8()?;
            if flags & 0x80 != 0 {
                fields.skip(2)?;
            }
            if flags & 0x40 != 0 {
                let length = fields.u8()?;
                fields.skip(usize::from(length))?;
            }
            if flags & 0x20 != 0 {
                fields.skip(2)?;
            }
        }
        if tag(&mut fields)? != Some(DECODER_CONFIG) {
            return Err(esds.invalid("the descriptor has no decoder configuration"));
        }
        let object_type = fields.u8()?;
        fields.skip(12)?;
        let specific = match descriptor(&mut fields)? {
            Some((DECODER_SPECIFIC, length)) => fields.bytes(length)?.to_vec(),
            _ => Vec::new(),
        };
        let config = if object_type == OBJECT_TYPE_AAC { AudioSpecificConfig::parse(&specific) } else { None };
        Ok(Self { object_type, specific, config })
    }

    /// The codec string: `mp4a.40.2`, or `mp4a.6B` for MP3.
    pub(crate) fn name(&self) -> String {
        match &self.config {
            Some(config) => format!("mp4a.{:02X}.{}", self.object_type, config.object_type),
            None => format!("mp4a.{:02X}", self.object_type),
        }
    }

    /// Whether a decoder can begin with it: one of the registered codings of sound, and for AAC a configuration of a kind and
    /// a rate that are in use.
    pub(crate) fn is_usable(&self) -> bool {
        const REGISTERED: [u8; 15] =
            [0x40, 0x66, 0x67, 0x68, 0x69, 0x6b, 0xa0, 0xa1, 0xa5, 0xa6, 0xa9, 0xaa, 0xad, 0xdd, 0xe1];
        const AAC: [u32; 12] = [1, 2, 3, 4, 5, 6, 17, 19, 23, 29, 39, 42];
        const RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;
        let is_readable =
            |config: &AudioSpecificConfig| AAC.contains(&config.object_type) && RATES.contains(&config.sample_rate);
        REGISTERED.contains(&self.object_type)
            && (self.object_type != OBJECT_TYPE_AAC || self.config.as_ref().is_some_and(is_readable))
    }

    /// Channels, where the decoder's own configuration says so.
    pub(crate) fn channels(&self) -> Option<u16> {
        self.config.as_ref().map(|config| config.channels).filter(|&channels| channels > 0)
    }

    /// Samples in a second at the decoder's output, where its own configuration says so.
    pub(crate) fn sample_rate(&self) -> Option<u32> {
        self.config.as_ref().map(|config| config.sample_rate).filter(|&rate| rate > 0)
    }
}

impl AudioSpecificConfig {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(bytes);
        let mut object_type = object_type(&mut bits)?;
        let mut sample_rate = sample_rate_of(&mut bits)?;
        let channel_configuration = bits.take(4)?;
        if matches!(object_type, 5 | 29) {
            sample_rate = sample_rate_of(&mut bits)?;
        } else if let Some(extension) = extension_behind(&mut bits, channel_configuration) {
            (object_type, sample_rate) = extension;
        }
        let channels = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0][channel_configuration as usize];
        Some(Self { object_type, sample_rate, channels })
    }
}

/// SBR and PS signalled in the backward compatible way, behind the AAC LC configuration (section 1.6.6).
fn extension_behind(bits: &mut Bits<'_>, channel_configuration: u32) -> Option<(u32, u32)> {
    const SYNC: u32 = 0x2b7;
    const PARAMETRIC_STEREO_SYNC: u32 = 0x548;
    // A channel configuration of 0 puts a program config element in between.
    if channel_configuration == 0 || bits.take(3)? & 0b010 != 0 || bits.take(11)? != SYNC {
        return None;
    }
    if object_type(bits)? != 5 || bits.take(1)? == 0 {
        return None;
    }
    let sample_rate = sample_rate_of(bits)?;
    let parametric_stereo = bits.take(11) == Some(PARAMETRIC_STEREO_SYNC) && bits.take(1) == Some(1);
    Some((if parametric_stereo { 29 } else { 5 }, sample_rate))
}

pub(crate) fn object_type(bits: &mut Bits<'_>) -> Option<u32> {
    match bits.take(5)? {
        31 => Some(32 + bits.take(6)?),
        object_type => Some(object_type),
    }
}

pub(crate) fn sample_rate_of(bits: &mut Bits<'_>) -> Option<u32> {
    const RATES: [u32; 13] =
        [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
    match bits.take(4)? {
        15 => bits.take(24),
        index => RATES.get(index as usize).copied(),
    }
}

fn tag(fields: &mut Fields<'_>) -> Result<Option<u8>, Error> {
    Ok(descriptor(fields)?.map(|(tag, _)| tag))
}

/// The tag and length of a descriptor; the length is spread over seven bits a byte, at most four bytes.
fn descriptor(fields: &mut Fields<'_>) -> Result<Option<(u8, usize)>, Error> {
    if fields.rest().is_empty() {
        return Ok(None);
    }
    let tag = fields.u8()?;
    let mut length = 0;
    for _ in 0..4 {
        let byte = fields.u8()?;
        length = length << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(Some((tag, length)));
        }
    }
    Ok(Some((tag, length)))
}
