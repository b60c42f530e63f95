//! Sound that ffmpeg decodes but does not encode.

/// Single bits, most significant first.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn of(bytes: &[u8]) -> Self {
        Self(bytes.iter().flat_map(|byte| (0..8).map(move |at| byte >> (7 - at) & 1 == 1)).collect())
    }

    fn put(&mut self, fields: &[(u32, u32)]) {
        for &(value, count) in fields {
            self.0.extend((0..count).map(|at| value >> (count - 1 - at) & 1 == 1));
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| bits.iter().zip(0..).fold(0, |byte, (&bit, at)| byte | u8::from(bit) << (7 - at));
        self.0.chunks(8).map(byte).collect()
    }
}

/// AAC LC of one channel in ADTS frames (ISO/IEC 13818-7 section 6.2), to each of which SBR of one band is added: ISO/IEC 14496-3
/// tables 4.63 to 4.75.
pub(super) fn with_sbr(adts: &[u8]) -> Vec<u8> {
    const HEADER: usize = 7;
    const SBR: [(u32, u32); 20] = [
        // A fill element of six bytes; EXT_SBR_DATA.
        (6, 3),
        (6, 4),
        (13, 4),
        // bs_header_flag; bs_amp_res, bs_start_freq, bs_stop_freq, bs_xover_band, and nothing more.
        (1, 1),
        (0, 1),
        (10, 4),
        (0, 4),
        (1, 3),
        (0, 4),
        // No bs_data_extra; FIXFIX with one envelope of the lower resolution; no differences in time.
        (0, 1),
        (0, 2 + 2),
        (0, 1),
        (0, 2),
        // No inverse filtering in the one band of noise.
        (0, 2),
        // Envelope and noise.
        (20, 7),
        (10, 5),
        // Neither harmonics nor extended data, and what fills the last byte.
        (0, 1),
        (0, 1),
        (0, 3),
        // END.
        (7, 3),
    ];
    let (mut left, mut filled) = (adts, Vec::new());
    while let [_, _, _, fourth, fifth, sixth, ..] = *left {
        let length = usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth >> 5);
        let (frame, rest) = left.split_at(length);
        let mut bits = Bits::of(&frame[HEADER..]);
        let end = bits.0.iter().rposition(|&bit| bit).expect("END") - 2;
        bits.0.truncate(end);
        bits.put(&SBR);
        let (mut header, block) = (frame[..HEADER].to_vec(), bits.bytes());
        let length = HEADER + block.len();
        header[3] = header[3] & !3 | (length >> 11) as u8;
        header[4] = (length >> 3) as u8;
        header[5] = header[5] & 0x1f | (length << 5) as u8;
        filled.extend([header, block].concat());
        left = rest;
    }
    filled
}

/// E-AC-3 of 48 kHz in 5.1 with a dependent substream that brings noise from behind (ETSI TS 102 366 section E.1.2).
pub(super) fn with_noise_behind(frames: &[u8]) -> Vec<u8> {
    let (mut left, mut both, noise) = (frames, Vec::new(), noise_behind());
    while let [_, _, third, fourth, ..] = *left {
        let (frame, rest) = left.split_at(2 * ((usize::from(third & 7) << 8 | usize::from(fourth)) + 1));
        both.extend([frame, &noise].concat());
        left = rest;
    }
    both
}

/// A frame of two channels whose mantissas have no bits: dither stands in for them.
fn noise_behind() -> Vec<u8> {
    const LENGTH: usize = 64;
    let mut bits = Bits::default();
    // A dependent substream of six blocks, in stereo without low frequencies; bsid, dialnorm, no compr; Lrs and Rrs; no metadata.
    bits.put(&[(0x0b77, 16), (1, 2), (0, 3), (LENGTH as u32 / 2 - 1, 11), (0, 2), (3, 2), (2, 3), (0, 1)]);
    bits.put(&[(16, 5), (31, 5), (0, 1), (1, 1), (0x0200, 16), (0, 3)]);
    // expstre alone; blkswe, dithflage and all others are off.
    bits.put(&[(0b1000, 4), (0, 8)]);
    // No coupling. New exponents in the first block alone; the offset of noise.
    bits.put(&[(0, 6), (0b1111, 4), (0, 5 * 4), (0, 6 + 4), (0, 1)]);
    for block in 0..6 {
        // Neither dynamic range nor spectral extension; rematrixing.
        bits.put(&[(0, 2), (0, if block == 0 { 4 } else { 1 })]);
        if block == 0 {
            // The least bandwidth, and exponents of 6 throughout.
            bits.put(&[(0, 12)]);
            for _ in 0..2 {
                bits.put(&[(6, 4), (62, 7), (62, 7), (62, 7), (62, 7), (62, 7), (62, 7), (0, 2)]);
            }
        }
    }
    let mut bytes = bits.bytes();
    bytes.resize(LENGTH, 0);
    bytes
}
