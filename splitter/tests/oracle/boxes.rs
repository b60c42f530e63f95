//! Boxes cut and pasted by hand.

/// A box around a body.
pub(crate) fn make(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(8 + body.len()).expect("small");
    [&size.to_be_bytes(), &kind[..], body].concat()
}

/// The type and the bounds of each of the boxes that stand one behind the other, none of them with a 64-bit size.
pub(crate) fn split(bytes: &[u8]) -> Vec<([u8; 4], (usize, usize))> {
    let (mut boxes, mut at) = (Vec::new(), 0);
    while let Some(&[a, b, c, d, kind @ ..]) = bytes[at..].first_chunk::<8>() {
        let end = at + u32::from_be_bytes([a, b, c, d]) as usize;
        boxes.push((kind, (at, end)));
        at = end;
    }
    boxes
}

/// A box whose every descendant of one type is replaced by what `with` makes of its body; sizes around it follow.
pub(crate) fn rewrite(whole: &[u8], kind: &[u8; 4], with: &dyn Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    const CONTAINERS: [&[u8; 4]; 8] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"edts"];
    let own: [u8; 4] = whole[4..8].try_into().expect("four");
    if own == *kind {
        return with(&whole[8..]);
    }
    if !CONTAINERS.contains(&&own) {
        return whole.to_vec();
    }
    let body = &whole[8..];
    let children = split(body).into_iter().flat_map(|(_, (start, end))| rewrite(&body[start..end], kind, with));
    make(&own, &children.collect::<Vec<_>>())
}
