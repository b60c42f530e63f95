//! Samples made by hand.

use super::*;

/// The fault of samples, whose bytes come in pieces of `piece` bytes.
fn fault(framing: Framing, samples: &[&[u8]], piece: usize) -> Option<(u64, &'static str)> {
    let mut check = Check::new(framing);
    check.expect(samples.iter().map(|sample| u32::try_from(sample.len()).expect("small")));
    samples.concat().chunks(piece).for_each(|bytes| check.take(bytes));
    check.fault()
}

fn is_right(framing: Framing, samples: &[&[u8]]) -> bool {
    let found: Vec<_> = [1, 2, 3, 1_000].iter().map(|&piece| fault(framing, samples, piece)).collect();
    assert!(found.iter().all(|other| *other == found[0]), "pieces make no difference: {found:?}");
    found[0].is_none()
}

#[test]
fn nal_units_fill_their_sample() {
    let four = Framing::NalUnits(4);
    assert!(is_right(four, &[&[0, 0, 0, 2, 0x65, 1, 0, 0, 0, 1, 0x41], &[0, 0, 0, 1, 0x41], &[]]));
    assert!(is_right(Framing::NalUnits(1), &[&[2, 0x65, 1, 1, 0x41]]));
    for wrong in [&[0, 0, 0, 3, 0x65, 1][..], &[0, 0, 0, 0], &[0, 0, 0, 1, 0xe5], &[0, 0, 0], &[0, 0, 0, 1, 0x65, 0]] {
        assert!(!is_right(four, &[wrong]), "{wrong:?}");
        let good = &[0, 0, 0, 1, 0x41][..];
        assert_eq!(fault(four, &[good, wrong, good, wrong], 4).map(|(number, _)| number), Some(1));
    }
}

#[test]
fn faults_are_counted_by_sample() {
    let mut check = Check::new(Framing::NalUnits(2));
    check.expect([3, 3, 0, 3]);
    check.take(&[0, 9, 0x41, 0, 1, 0x41, 9, 9, 0x41, 77, 77]);
    assert_eq!((check.faults(), check.fault().map(|(number, _)| number)), (2, Some(0)));
}

#[test]
fn obus_fill_their_sample() {
    assert!(is_right(Framing::Obus, &[&[0x12, 0, 0x32, 3, 1, 2, 3], &[0x36, 0x08, 0x81, 0x00, 7], &[0x30, 1, 2]]));
    for wrong in [&[0x12, 1][..], &[0x92, 0], &[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0], &[0x12]] {
        assert!(!is_right(Framing::Obus, &[wrong]), "{wrong:?}");
    }
}

#[test]
fn sound_begins_as_its_codec_has_it() {
    let adts = [0xff, 0xf1, 0x50, 0x80, 0x01, 0x3f, 0xfc, 0x21, 0x00];
    assert!(!is_right(Framing::Aac, &[&adts]));
    assert!(is_right(Framing::Aac, &[&adts[..8], &[0xff], &[0xff, 0xf1], &[0x21, 0x10, 5]]));
    let opus = Framing::Opus { is_single: true };
    assert!(is_right(opus, &[&[0xfc], &[0xfd, 1, 2], &[0xff, 6, 1], &[0xfe, 1, 1]]));
    for wrong in [&[0xfd, 1][..], &[0xff], &[0xff, 0], &[0xff, 7], &[0x1b, 3]] {
        assert!(!is_right(opus, &[wrong]), "{wrong:?}");
    }
    assert!(is_right(Framing::Opus { is_single: false }, &[&[0xfd, 1]]));
    assert!(is_right(Framing::Ac3, &[&[0x0b, 0x77, 0, 3, 0x3f, 0x86, 1, 1, 0x0b, 0x77, 0x40, 3, 0x3f, 0x86, 1, 1]]));
    assert!(!is_right(Framing::Ac3, &[&[0x0b, 0x77, 0, 3, 0x3f, 0x86, 1, 1, 1]]));
    assert!(!is_right(Framing::Mpeg, &[&[0xff, 0x1b]]) && !is_right(Framing::Mpeg, &[&[0xff, 0xfb, 1]]));
    assert!(!is_right(Framing::Flac, &[b"fLaC"]));
    assert!(is_right(Framing::Vp9, &[&[0x82]]) && !is_right(Framing::Vp9, &[&[0x42]]));
    assert!(is_right(Framing::Unknown, &[&[0], &[1, 2]]));
}

/// Lengths that ffmpeg's encoders give to frames of these headers.
#[test]
fn sound_is_as_long_as_it_says() {
    let of = |header: &[u8], bytes: usize| [header, &vec![1; bytes - header.len()]].concat();
    let frames: [(Framing, &[u8], usize); 6] = [
        // 32 kbit/s at 48,000 Hz; 128 at 44,100 with and without padding; 64 at 24,000.
        (Framing::Mpeg, &[0xff, 0xfb, 0x14, 0xc4], 96),
        (Framing::Mpeg, &[0xff, 0xfb, 0x90, 0x64], 417),
        (Framing::Mpeg, &[0xff, 0xfb, 0x92, 0x64], 418),
        (Framing::Mpeg, &[0xff, 0xf3, 0x84, 0xc4], 192),
        // 192 kbit/s at 48,000 Hz, 448 at 44,100.
        (Framing::Ac3, &[0x0b, 0x77, 0, 0, 0x14, 0x40], 768),
        (Framing::Ac3, &[0x0b, 0x77, 0, 0, 0x5f, 0x40], 1_952),
    ];
    for (framing, header, bytes) in frames {
        assert!(is_right(framing, &[&of(header, bytes), &of(header, bytes + 9)]), "{header:x?}");
        assert!(!is_right(framing, &[&of(header, bytes - 1)]), "{header:x?}");
    }
    assert!(is_right(Framing::Mpeg, &[&[0xff, 0xfb, 0x04, 0xc4]]), "of a free rate");
}

#[test]
fn flac_ends_with_its_checksum() {
    let body = [0xff, 0xf8, 1, 2, 3];
    let frame = [&body[..], &checksum::add(0, &body).to_be_bytes()].concat();
    assert!(is_right(Framing::Flac, &[&frame, &frame]));
    for cut in 2..frame.len() {
        assert!(!is_right(Framing::Flac, &[&frame, &frame[..cut]]), "{cut}");
    }
}

#[test]
fn a_hole_of_zeros_is_no_sound() {
    for framing in [Framing::Aac, Framing::Opus { is_single: true }, Framing::Obus] {
        assert!(is_right(framing, &[&[0; 15]]) && !is_right(framing, &[&[0; 16]]), "{framing:?}");
        assert_eq!(fault(framing, &[&[0; 4], &[0; 40], &[0; 30]], 7).map(|(number, _)| number), Some(1));
    }
    assert!(is_right(Framing::Unknown, &[&[0; 40]]));
}

/// Whatever the bytes and however they come: the check ends where the samples do.
#[test]
fn nothing_panics() {
    let mut state = 1_u32;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let framings = [
        Framing::NalUnits(4),
        Framing::NalUnits(2),
        Framing::Obus,
        Framing::Vp9,
        Framing::Aac,
        Framing::Opus { is_single: true },
        Framing::Ac3,
        Framing::Mpeg,
        Framing::Flac,
    ];
    for round in 0..2_000 {
        let mut check = Check::new(framings[round % framings.len()]);
        let sizes: Vec<_> = (0..random(20)).map(|_| random(40)).collect();
        check.expect(sizes.iter().copied());
        let bytes: Vec<_> = (0..random(300)).map(|_| [0, 1, 0xff, 0x0b, 0x77][random(5) as usize]).collect();
        bytes.chunks(random(29) as usize + 1).for_each(|bytes| check.take(bytes));
        assert!(check.faults() <= sizes.len() as u64);
    }
}
