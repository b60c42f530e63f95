//! Boxes for tests, made by hand.

/// A box with a body.
pub(crate) fn make(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(8 + body.len()).expect("small");
    [&size.to_be_bytes(), &kind[..], body].concat()
}

/// A full box with version, flags and a body.
pub(crate) fn full(kind: &[u8; 4], version: u8, flags: u32, body: &[u8]) -> Vec<u8> {
    let head = (u32::from(version) << 24 | flags).to_be_bytes();
    make(kind, &[&head, body].concat())
}

/// Big-endian 32-bit words.
pub(crate) fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// Inits and fragments of a small film.
pub(crate) mod film {
    use super::{full, make, words};

    /// `ftyp` and a fragmented `moov` around the `trak` boxes; each track's defaults are 512 ticks and no sync sample.
    pub(crate) fn init(traks: &[Vec<u8>]) -> Vec<u8> {
        let mvhd = full(b"mvhd", 0, 0, &[words(&[0, 0, 1_000, 0]), vec![0; 80]].concat());
        let trex: Vec<u8> =
            (1..=2).chain([7]).flat_map(|id| full(b"trex", 0, 0, &words(&[id, 1, 512, 0, 0x0101_0000]))).collect();
        let moov = make(b"moov", &[mvhd, traks.concat(), make(b"mvex", &trex)].concat());
        [make(b"ftyp", b"iso6\0\0\0\0mp41"), moov].concat()
    }

    /// A `trak` of H.264, 1280x720, 12,800 ticks a second, presented from composition time 1,024 on.
    pub(crate) fn video(id: u32) -> Vec<u8> {
        let avcc = make(b"avcC", &[1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 0]);
        let mut entry = vec![0; 78];
        entry[24..28].copy_from_slice(&[0x05, 0x00, 0x02, 0xd0]);
        let entry = make(b"avc1", &[entry, avcc].concat());
        let elst = full(b"elst", 0, 0, &words(&[1, 0, 1_024, 0x1_0000]));
        trak(id, b"vide", 12_800, 0x55c4, &entry, Some(make(b"edts", &elst)))
    }

    /// A `trak` of AAC, 44,100 ticks a second, in English.
    pub(crate) fn audio(id: u32) -> Vec<u8> {
        let config = [&[4, 17, 0x40, 0x15, 0, 0, 0][..], &[0; 8], &[5, 2, 0x12, 0x10]].concat();
        let esds = full(b"esds", 0, 0, &[&[3, 22, 0, 1, 0][..], &config].concat());
        let mut entry = vec![0; 28];
        entry[17] = 2;
        let entry = make(b"mp4a", &[entry, esds].concat());
        trak(id, b"soun", 44_100, 0x15c7, &entry, None)
    }

    fn trak(id: u32, handler: &[u8; 4], timescale: u32, language: u32, entry: &[u8], edts: Option<Vec<u8>>) -> Vec<u8> {
        let tkhd = full(b"tkhd", 0, 3, &[words(&[0, 0, id, 0, 0]), vec![0; 16 + 36 + 8]].concat());
        let mdhd = full(b"mdhd", 0, 0, &words(&[0, 0, timescale, 0, language << 16]));
        let hdlr = full(b"hdlr", 0, 0, &[&[0; 4], &handler[..], &[0; 12], b"handler\0"].concat());
        let stsd = full(b"stsd", 0, 0, &[&words(&[1]), entry].concat());
        let empty = |kind| full(kind, 0, 0, &words(&[0]));
        let stsz = full(b"stsz", 0, 0, &words(&[0, 0]));
        let stbl = make(b"stbl", &[stsd, empty(b"stts"), empty(b"stsc"), stsz, empty(b"stco")].concat());
        let mdia = make(b"mdia", &[mdhd, hdlr, make(b"minf", &stbl)].concat());
        make(b"trak", &[tkhd, edts.unwrap_or_default(), mdia].concat())
    }

    /// A fragment of one track: three samples of 100 bytes, 512 ticks each, the first a sync sample.
    pub(crate) fn fragment(track: u32, decode_time: u64) -> Vec<u8> {
        let tfhd = full(b"tfhd", 0, 0x02_0000, &words(&[track]));
        let tfdt = full(b"tfdt", 1, 0, &decode_time.to_be_bytes());
        // Data offset, first sample flags, sizes, composition offsets.
        let flags = 0x1 | 0x4 | 0x200 | 0x800;
        let trun = full(b"trun", 1, flags, &words(&[3, 0, 0x0200_0000, 100, 1_024, 100, 2_048, 100, 0]));
        let traf = make(b"traf", &[tfhd, tfdt, trun].concat());
        let moof = make(b"moof", &[full(b"mfhd", 0, 0, &words(&[1])), traf].concat());
        [moof, make(b"mdat", &[0xab; 300])].concat()
    }
}
