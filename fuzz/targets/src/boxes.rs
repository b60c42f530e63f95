//! The tree of boxes, inits and sample entries.

use isobmff::{BoxPath, BoxRef, Children, Init, SilentFrame, TrackKind, difference, write};

/// Reads bytes as a file of headers.
pub fn boxes(bytes: &[u8]) {
    walk(Children::new(bytes, BoxPath::default(), 0), 0);
    let Ok(init) = Init::parse(bytes) else { return };
    assert!(init.timescale > 0 && !init.tracks.is_empty());
    assert!(init.mime().contains("codecs="));
    assert!(!matches!(difference(bytes, bytes), Ok(Some(_))), "an init differs from itself");
    for track in &init.tracks {
        let _ = (track.entry(), track.shift(), track.is_turned());
    }
}

/// Every box as a container, as far as any film nests them.
fn walk(children: Children<'_>, depth: u32) {
    for child in children.map_while(Result::ok) {
        assert!(child.bytes.len() >= child.body.len());
        let _ = (child.full().is_ok(), child.path.to_string());
        for kind in [TrackKind::Video, TrackKind::Audio] {
            rewrite(&child, kind);
        }
        for frames in [vec![], vec![child.body.to_vec()], vec![child.body.to_vec(); 5]] {
            let silent = SilentFrame::of(&child, 48_000, &frames).ok().flatten();
            assert!(silent.is_none_or(|frame| frame.samples > 0 && frame.rate > 0 && frame.bytes.len() < 1 << 20));
        }
        if depth < 12 {
            walk(child.children(), depth + 1);
        }
    }
}

/// A box as a sample entry: what is written of it can be read.
fn rewrite(entry: &BoxRef<'_>, kind: TrackKind) {
    let _ = write::parameter_sets_in_samples(entry);
    let Ok(entries) = write::sample_entries(entry, kind, &[&[0x40], &[0x42], &[0x44]]) else { return };
    let written = Children::new(&entries[8..], BoxPath::default(), 0).next().expect("one was written");
    assert_eq!(written.expect("it is whole").bytes.len(), entries.len() - 8);
}
