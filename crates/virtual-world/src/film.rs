//! Films without pictures: which bytes carry which time.

use manifest::{
    ChunkEntry, ChunkIndex, Digest, Document, FileEntry, Film, FragmentRecord, FragmentTable, GroupIndex, InitEntry,
    Kind, MediaTime, StreamEntry, Timescale, VERSION,
};
use playback::StreamId;

/// How a stream is cut.
#[derive(Clone, Debug)]
pub struct Cut {
    pub kind: Kind,
    /// Presentation time of the first frame, in ms; negative where a stream begins with priming.
    pub start: i64,
    /// Length of the stream in ms.
    pub length: i64,
    /// Length of a group in ms.
    pub group: i64,
    pub fragments_per_group: i64,
    pub groups_per_chunk: usize,
    /// Average bytes in a second.
    pub rate: u64,
    /// Group lengths in bytes vary by up to that factor, seeded.
    pub variance: f64,
    pub seed: u64,
    /// Which of the types of pictures, where there are rungs.
    pub variant: usize,
}

impl Cut {
    /// 2 s groups of four fragments, thirty seconds to a chunk, 250 kB/s.
    pub fn video(seconds: i64) -> Self {
        Self {
            kind: Kind::Video,
            start: 0,
            length: seconds * 1_000,
            group: 2_000,
            fragments_per_group: 4,
            groups_per_chunk: 15,
            rate: 250_000,
            variance: 2.0,
            seed: 1,
            variant: 0,
        }
    }

    /// 2 s groups of four fragments, two minutes to a chunk, 16 kB/s.
    pub fn audio(seconds: i64) -> Self {
        Self { kind: Kind::Audio, groups_per_chunk: 60, rate: 16_000, variance: 1.1, seed: 2, ..Self::video(seconds) }
    }

    pub fn muxed(seconds: i64) -> Self {
        Self { kind: Kind::Muxed, ..Self::video(seconds) }
    }
}

/// `moof` + `mdat`.
#[derive(Clone, Copy, Debug)]
pub struct Fragment {
    /// Where in its chunk it begins.
    pub offset: u64,
    pub bytes: u64,
    pub start: MediaTime,
    pub end: MediaTime,
    pub sync: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Chunk {
    /// Length of the init that it begins with, or 0.
    pub init: u64,
    /// Which of the two types of muxed streams its media are of.
    pub variant: usize,
    pub fragments: Vec<Fragment>,
}

impl Chunk {
    pub fn bytes(&self) -> u64 {
        self.fragments.last().map_or(self.init, |last| last.offset + last.bytes)
    }
}

#[derive(Clone, Debug)]
pub struct Stream {
    pub kind: Kind,
    pub chunks: Vec<Chunk>,
    /// Where there are no frames though the index says so, in ms.
    pub holes: Vec<(MediaTime, MediaTime)>,
    /// Whether the times in every chunk count from zero.
    pub begins_anew: bool,
    /// The switching set that it is a rung of.
    pub set: Option<u32>,
    /// Whether it is the rung to begin with.
    pub default: bool,
}

impl Stream {
    pub fn cut(cut: &Cut) -> Self {
        let mut dice = fastrand::Rng::with_seed(cut.seed);
        let (mut chunks, mut at, mut groups) = (Vec::new(), cut.start, 0);
        while at < cut.start + cut.length {
            if groups % cut.groups_per_chunk == 0 {
                chunks.push(Chunk { variant: cut.variant, ..Chunk::default() });
            }
            groups += 1;
            let chunk = chunks.last_mut().expect("just pushed");
            let group_end = (at + cut.group).min(cut.start + cut.length);
            let step = (cut.group / cut.fragments_per_group).max(1);
            let factor = cut.variance.powf(dice.f64() * 2.0 - 1.0);
            let mut sync = true;
            while at < group_end {
                let end = if group_end - at < 2 * step { group_end } else { at + step };
                let bytes = (cut.rate as f64 * factor * (end - at) as f64 / 1e3).max(64.0) as u64;
                let offset = chunk.bytes();
                let (start, stop) = (MediaTime::from_millis(at), MediaTime::from_millis(end));
                chunk.fragments.push(Fragment { offset, bytes, start, end: stop, sync });
                (at, sync) = (end, false);
            }
        }
        Self { kind: cut.kind, chunks, holes: Vec::new(), begins_anew: false, set: None, default: false }
    }

    /// Puts an init of `init` bytes before a chunk's first fragment.
    fn prepend(&mut self, chunk: usize, init: u64) {
        let chunk = &mut self.chunks[chunk];
        chunk.init = init;
        chunk.fragments.iter_mut().for_each(|fragment| fragment.offset += init);
    }

    pub fn end(&self) -> MediaTime {
        let last = self.chunks.last().and_then(|chunk| chunk.fragments.last());
        last.expect("a stream has fragments").end
    }

    pub fn start(&self) -> MediaTime {
        self.chunks[0].fragments[0].start
    }

    /// What is to be added to the times in a chunk.
    pub fn offset(&self, chunk: ChunkIndex) -> MediaTime {
        if self.begins_anew { self.chunks[chunk.0].fragments[0].start } else { MediaTime::ZERO }
    }

    pub fn bytes(&self) -> u64 {
        self.chunks.iter().map(Chunk::bytes).sum()
    }

    /// What the splitter writes beside a chunk.
    pub fn table(&self, id: StreamId, chunk: ChunkIndex) -> FragmentTable {
        let record = |fragment: &Fragment| FragmentRecord {
            bytes: u32::try_from(fragment.bytes).expect("fragments are small"),
            ticks: ms(fragment.end - fragment.start) as u32,
            sha256: digest(id, chunk, fragment.offset),
        };
        FragmentTable { records: self.chunks[chunk.0].fragments.iter().map(record).collect() }
    }

    fn entry(&self, id: usize) -> StreamEntry {
        let mime = match self.kind {
            Kind::Video => VIDEO_MIMES[self.chunks[0].variant],
            Kind::Audio => "audio/mp4; codecs=\"mp4a.40.2\"",
            Kind::Muxed => MUXED_MIMES[0],
        };
        let chunks = self.chunks.iter().enumerate().map(|(at, chunk)| chunk_entry(id, at, chunk));
        StreamEntry {
            kind: self.kind,
            mime: mime.to_owned(),
            timescale: Timescale::new(1_000).expect("not zero"),
            bandwidth: self.bytes() * 8_000 / ((self.end() - self.start()).as_micros() / 1_000).max(1) as u64,
            width: None,
            height: None,
            frame_rate: None,
            channels: None,
            sample_rate: None,
            language: None,
            label: None,
            default: self.default,
            set: self.set,
            open_gop: false,
            init: InitEntry { url: format!("{id}/init.mp4"), bytes: 700, sha256: Digest([1; 32]), data: None },
            chunks: chunks.collect(),
        }
    }
}

/// Stands in for a fragment's digest.
pub(crate) fn digest(StreamId(stream): StreamId, ChunkIndex(chunk): ChunkIndex, offset: u64) -> Digest {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&offset.to_be_bytes());
    (bytes[8], bytes[16]) = (stream as u8, chunk as u8);
    Digest(bytes)
}

/// Of every fragment table.
pub(crate) const TABLE_DIGEST: Digest = Digest([3; 32]);

/// Of what is damaged.
pub(crate) const WRONG_DIGEST: Digest = Digest([0xee; 32]);

/// Types of muxed streams: that of most films, and others that a film may change to.
pub(crate) const MUXED_MIMES: [&str; 2] =
    ["video/mp4; codecs=\"avc1.64001f, mp4a.40.2\"", "video/mp4; codecs=\"avc1.4d401e, mp4a.40.2\""];

/// Types of pictures: those of most rungs, and another family's.
pub(crate) const VIDEO_MIMES: [&str; 2] =
    ["video/mp4; codecs=\"avc1.64001f\"", "video/mp4; codecs=\"hvc1.1.6.L120.90\""];

/// Which variant of its kind a type is.
pub(crate) fn variant_of(mime: &str) -> Option<usize> {
    [MUXED_MIMES, VIDEO_MIMES].iter().find_map(|mimes| mimes.iter().position(|known| *known == mime))
}

fn ms(time: MediaTime) -> i64 {
    time.as_micros() / 1_000
}

fn chunk_entry(stream: usize, at: usize, chunk: &Chunk) -> ChunkEntry {
    let mut groups = GroupIndex::default();
    for fragment in &chunk.fragments {
        let ticks = ms(fragment.end - fragment.start) as u64;
        if fragment.sync {
            groups.bytes.push(fragment.bytes);
            groups.ticks.push((ticks, 1));
        } else {
            *groups.bytes.last_mut().expect("a chunk begins with a group") += fragment.bytes;
            groups.ticks.last_mut().expect("a chunk begins with a group").0 += ticks;
        }
    }
    ChunkEntry {
        url: format!("{stream}/{at}.mp4"),
        bytes: chunk.bytes(),
        sha256: Digest([2; 32]),
        start: ms(chunk.fragments[0].start),
        duration: groups.ticks.iter().map(|(ticks, _)| ticks).sum(),
        groups,
        fragments: Some(FileEntry {
            url: format!("{stream}/{at}.bin"),
            bytes: chunk.fragments.len() as u64 * 40,
            sha256: TABLE_DIGEST,
        }),
    }
}

/// What the manifest says, and what the chunks are.
#[derive(Clone, Debug)]
pub struct Truth {
    pub streams: Vec<Stream>,
    pub film: Film,
    /// What inits say the film's length is.
    pub said: Option<MediaTime>,
    longest: u64,
}

fn longest(streams: &[Stream]) -> u64 {
    let fragments = streams.iter().flat_map(|stream| &stream.chunks).flat_map(|chunk| &chunk.fragments);
    fragments.map(|fragment| fragment.bytes).max().unwrap_or(0)
}

impl Truth {
    /// With the splitter's manifest.
    pub fn indexed(cuts: &[Cut]) -> Self {
        Self::of(cuts.iter().map(Stream::cut).collect())
    }

    fn of(streams: Vec<Stream>) -> Self {
        let end = streams.iter().map(Stream::end).max().expect("a film has streams");
        let document = Document {
            version: VERSION,
            id: "c0ffee".into(),
            name: None,
            duration: end,
            streams: streams.iter().enumerate().map(|(id, stream)| stream.entry(id)).collect(),
            subtitles: Vec::new(),
            thumbnails: None,
            chapters: Vec::new(),
        };
        let longest = longest(&streams);
        Self { streams, film: document.check().expect("the film agrees with itself"), said: None, longest }
    }

    /// With the plan's plain array. Every chunk has the init, or only the first.
    pub fn plain(cut: &Cut, every_chunk_has_init: bool) -> Self {
        let mut stream = Stream::cut(cut);
        let with_init = if every_chunk_has_init { stream.chunks.len() } else { 1 };
        (0..with_init).for_each(|chunk| stream.prepend(chunk, 1_200));
        Self::array(stream)
    }

    /// With the plan's plain array, of which the first entry is the init alone.
    pub fn with_lone_init(cut: &Cut) -> Self {
        let mut stream = Stream::cut(cut);
        stream.chunks.insert(0, Chunk { init: 1_200, variant: 0, fragments: Vec::new() });
        Self::array(stream)
    }

    fn array(stream: Stream) -> Self {
        let entries = stream.chunks.iter().enumerate();
        let entries = entries.map(|(at, chunk)| format!(r#"{{"url":"part_{at}.mp4","bytes":{}}}"#, chunk.bytes()));
        let json = format!("[{}]", entries.collect::<Vec<_>>().join(","));
        let film = Film::parse(json.as_bytes()).expect("a plain manifest");
        let longest = longest(std::slice::from_ref(&stream));
        Self { streams: vec![stream], film, said: None, longest }
    }

    /// With the plan's plain array over chunks of which two by two need another init, which all of them have or only the
    /// first of two.
    pub fn changing(cut: &Cut, every_chunk_has_init: bool) -> Self {
        let mut stream = Stream::cut(cut);
        for at in 0..stream.chunks.len() {
            stream.chunks[at].variant = at / 2 % 2;
            if every_chunk_has_init || at % 2 == 0 {
                stream.prepend(at, 1_200);
            }
        }
        Self::array(stream)
    }

    /// With the plan's plain array over chunks that were made one by one: the times in each count from zero.
    pub fn restarting(cut: &Cut) -> Self {
        let mut truth = Self::plain(cut, true);
        truth.streams[0].begins_anew = true;
        truth
    }

    /// Video of `seconds` and two audio streams.
    pub fn two_languages(seconds: i64) -> Self {
        Self::indexed(&[Cut::video(seconds), Cut::audio(seconds), Cut { seed: 9, ..Cut::audio(seconds) }])
    }

    /// Rungs of pictures, of which `default` is the one to begin with, and sound. They come in any order, and are put into that of their
    /// rates.
    pub fn ladder(rungs: &[Cut], default: usize, sound: &[Cut]) -> Self {
        let mut streams: Vec<_> = rungs.iter().map(Stream::cut).collect();
        streams.iter_mut().for_each(|stream| stream.set = Some(1));
        streams.sort_by_key(|stream| std::cmp::Reverse(stream.bytes()));
        streams[default].default = true;
        streams.extend(sound.iter().map(Stream::cut));
        Self::of(streams)
    }

    /// The same film with `factor` times the bytes in some groups of its first stream.
    pub fn swell(&mut self, chunk: usize, groups: std::ops::Range<usize>, factor: u64) {
        let (mut group, mut offset) = (0, 0);
        for fragment in &mut self.streams[0].chunks[chunk].fragments {
            group += usize::from(fragment.sync);
            if groups.contains(&(group - 1)) {
                fragment.bytes *= factor;
            }
            fragment.offset = offset;
            offset += fragment.bytes;
        }
        *self = Self::of(std::mem::take(&mut self.streams));
    }

    /// Video and audio of `seconds`.
    pub fn film(seconds: i64) -> Self {
        Self::indexed(&[Cut::video(seconds), Cut::audio(seconds)])
    }

    pub fn longest_fragment(&self) -> u64 {
        self.longest
    }

    pub fn end(&self) -> MediaTime {
        self.streams.iter().map(Stream::end).max().expect("a film has streams")
    }

    pub fn with_hole(mut self, stream: usize, from: i64, to: i64) -> Self {
        self.streams[stream].holes.push((MediaTime::from_millis(from), MediaTime::from_millis(to)));
        self
    }
}
