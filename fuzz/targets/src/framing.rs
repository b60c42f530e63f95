//! Samples held against their framing, and the configurations of decoders.

use isobmff::framing::{Check, Framing, entry_of_init};
use isobmff::{BoxPath, Children, TrackKind, check_configuration};

/// Reads the first byte as a framing, the second as how many samples of which lengths come in pieces of what length, and
/// the rest as these samples; all of it as an init and as a sample entry.
pub fn framing(bytes: &[u8]) {
    if let Ok((entry, kind)) = entry_of_init(bytes, 1) {
        let _ = check_configuration(&entry, kind);
        let _ = Framing::of(&entry, kind);
    }
    for entry in Children::new(bytes, BoxPath::default(), 0).map_while(Result::ok) {
        for kind in [TrackKind::Video, TrackKind::Audio] {
            let _ = check_configuration(&entry, kind);
            let _ = Framing::of(&entry, kind);
        }
    }
    let &[framing, pieces, ref sizes @ ..] = bytes else { return };
    let framings = [
        Framing::NalUnits(1),
        Framing::NalUnits(2),
        Framing::NalUnits(4),
        Framing::Obus,
        Framing::Vp9,
        Framing::Aac,
        Framing::Opus { is_single: true },
        Framing::Opus { is_single: false },
        Framing::Ac3,
        Framing::Mpeg,
        Framing::Flac,
        Framing::Unknown,
    ];
    let framing = framings[usize::from(framing) % framings.len()];
    let (sizes, media) = sizes.split_at(sizes.len().min(usize::from(pieces >> 4)));
    let faults = |piece: usize| {
        let mut check = Check::new(framing);
        check.expect(sizes.iter().map(|&size| u32::from(size)));
        media.chunks(piece).for_each(|bytes| check.take(bytes));
        (check.faults(), check.fault())
    };
    let found = faults(usize::from(pieces & 15) + 1);
    assert!(found.0 <= sizes.len() as u64);
    assert_eq!(found, faults(media.len().max(1)), "pieces make no difference");
}
