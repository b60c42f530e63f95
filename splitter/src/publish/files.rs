//! What belongs to a cut, by its manifest alone: nothing else of the directory goes up.

use std::fs;
use std::path::{Component, Path, PathBuf};

use manifest::{ChunkEntry, Digest, Document, Film, StreamEntry};
use representation::cache_policy::{Place, Policy};
use representation::mime;
use sha2::{Digest as _, Sha256};
use store::{Fields, Source};

use crate::{Error, playlist};

/// What names the rest.
pub(crate) const MANIFEST: &str = "manifest.json";
/// All files of a cut that do not lie below its id.
pub(super) const TOP: [&str; 3] = ["master.m3u8", "manifest.mpd", MANIFEST];

/// One file that is to lie in the store.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    /// Below the address.
    pub(super) name: String,
    pub(super) source: Source,
    pub(super) bytes: u64,
    pub(super) sha256: Digest,
}

/// All of them.
pub(super) struct Files {
    pub(super) document: Document,
    /// Below the content id; they never change under their names. With them the store shows at once whether it takes anything.
    pub(super) small: Vec<Upload>,
    /// Likewise; in the order of the film.
    pub(super) chunks: Vec<Upload>,
    /// Those that name it, in the order in which they are replaced: the manifest last.
    pub(super) top: Vec<Upload>,
}

impl Upload {
    pub(super) fn of_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        let (length, sha256) = (bytes.len() as u64, Digest(Sha256::digest(&bytes).into()));
        Self { name: name.into(), source: Source::Bytes(bytes.into()), bytes: length, sha256 }
    }

    pub(super) fn fields(&self) -> Fields {
        fields(&self.name)
    }
}

/// What the origin would say of a file of that name.
pub(crate) fn fields(name: &str) -> Fields {
    fields_by(name, Policy::of(Place::Media, name))
}

/// The same with other rules for caches.
pub(crate) fn fields_by(name: &str, policy: Policy) -> Fields {
    Fields { content_type: mime::of(name).to_owned(), cache_control: policy.cache_control.to_owned() }
}

impl Files {
    /// What the manifest of a directory names. Lengths are held against the files; digests when they are sent.
    pub(super) fn of_directory(directory: &Path) -> Result<Self, Error> {
        let path = directory.join("manifest.json");
        let json = fs::read(&path).map_err(Error::io("read", &path))?;
        let in_manifest = |cause| Error::Manifest { path: path.clone(), cause };
        if !Film::parse(&json).map_err(in_manifest)?.is_indexed() {
            return Err(Error::PlainManifest { path });
        }
        let document = Document::parse(&json).map_err(in_manifest)?;
        Self::of(document, json, |name, known| file(directory, name, known))
    }

    /// What a manifest names, wherever each of it comes from. `json` is that manifest as it is to be read.
    pub(super) fn of(
        document: Document,
        json: Vec<u8>,
        file: impl Fn(&str, Option<(u64, Digest)>) -> Result<Upload, Error>,
    ) -> Result<Self, Error> {
        let small = small(&document).into_iter().map(|(name, known)| file(name, known));
        let mut small = small.collect::<Result<Vec<_>, _>>()?;
        let in_cut = playlist::in_cut(&document).into_iter();
        small.extend(in_cut.map(|(name, text)| Upload::of_bytes(format!("{}/{name}", document.id), text.into_bytes())));
        let chunks = in_order(&document).into_iter().map(|chunk| file(&chunk.url, Some((chunk.bytes, chunk.sha256))));
        let chunks = chunks.collect::<Result<_, _>>()?;
        let mut top: Vec<_> = playlist::at_top(&document)
            .into_iter()
            .map(|(name, text)| Upload::of_bytes(name, text.into_bytes()))
            .collect();
        top.push(Upload::of_bytes(MANIFEST, json));
        Ok(Self { document, small, chunks, top })
    }

    pub(super) fn bytes(&self) -> u64 {
        self.small.iter().chain(&self.chunks).chain(&self.top).map(|file| file.bytes).sum()
    }
}

/// Every file that a manifest names but for the chunks, with length and digest where it has them.
fn small(document: &Document) -> Vec<(&str, Option<(u64, Digest)>)> {
    let mut small = Vec::new();
    for stream in &document.streams {
        small.push((stream.init.url.as_str(), Some((stream.init.bytes, stream.init.sha256))));
        for table in stream.chunks.iter().flat_map(|chunk| &chunk.fragments) {
            small.push((table.url.as_str(), Some((table.bytes, table.sha256))));
        }
    }
    small.extend(document.subtitles.iter().map(|text| (text.url.as_str(), text.bytes.zip(text.sha256))));
    if let Some(thumbnails) = &document.thumbnails {
        small.push((&thumbnails.url, thumbnails.bytes.zip(thumbnails.sha256)));
        small.extend(thumbnails.pictures.iter().map(|one| (one.url.as_str(), Some((one.bytes, one.sha256)))));
    }
    small
}

/// The chunks in the order in which they are played; those of further rungs come behind all that plays without them.
fn in_order(document: &Document) -> Vec<&ChunkEntry> {
    let streams = document.streams.iter().enumerate().flat_map(|(number, stream)| {
        let is_further = is_further_rung(&document.streams, number);
        stream.chunks.iter().map(move |chunk| ((is_further, stream.timescale.media_time(chunk.start)), chunk))
    });
    let mut chunks: Vec<_> = streams.collect();
    chunks.sort_by_key(|(place, _)| *place);
    chunks.into_iter().map(|(_, chunk)| chunk).collect()
}

/// Whether a stream is a rung behind the first of its set.
pub(super) fn is_further_rung(streams: &[StreamEntry], number: usize) -> bool {
    streams[number].set.is_some() && streams[..number].iter().any(|other| other.set == streams[number].set)
}

fn file(directory: &Path, name: &str, known: Option<(u64, Digest)>) -> Result<Upload, Error> {
    let path = directory.join(below(name)?);
    let length = fs::metadata(&path).map_err(Error::io("read", &path))?.len();
    let (bytes, sha256) = match known {
        Some(known) => known,
        None => {
            let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
            (bytes.len() as u64, Digest(Sha256::digest(&bytes).into()))
        }
    };
    if length != bytes {
        return Err(store::Error::Damaged { path, expected: sha256 }.into());
    }
    Ok(Upload { name: name.to_owned(), source: Source::File(path), bytes, sha256 })
}

/// A name of a manifest as a path that cannot lead out of the directory.
fn below(name: &str) -> Result<PathBuf, Error> {
    let path = Path::new(name);
    let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
    // A store takes any byte in a name; what players ask for has none of these.
    if !is_below || name.contains(['?', '#', '%', '\\', ':']) {
        let cause = std::io::Error::other("the manifest names a file that lies elsewhere");
        return Err(Error::Io { action: "publish", path: path.to_owned(), cause });
    }
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_directory_goes_up() {
        for name in ["../secret", "/etc/passwd", "a/../../b", "https://host/x", "a?b", "./a"] {
            assert!(below(name).is_err() || name == "./a", "{name}");
        }
        assert!(below("0a/video-1/0001.mp4").is_ok());
    }

    #[test]
    fn what_names_a_cut_is_known_by_name() {
        let cut: &[u8] = include_bytes!("../../../fuzz/corpus/manifest/cut.json");
        let document = Document::parse(cut).expect("a manifest");
        let file = |name: &str, _: Option<_>| Ok(Upload::of_bytes(name, Vec::new()));
        let files = Files::of(document, cut.to_vec(), file).expect("it names files");
        assert_eq!(files.top.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), TOP);
    }

    #[test]
    fn a_file_has_the_fields_that_the_origin_gives_it() {
        let fields = |name: &str| Upload::of_bytes(name, Vec::new()).fields();
        let chunk = fields("0a/video-1/0001.mp4");
        assert_eq!(chunk.content_type, "video/mp4");
        assert_eq!(chunk.cache_control, "public, max-age=31536000, immutable, s-maxage=31536000");
        assert_eq!(fields("manifest.json").cache_control, "public, max-age=60, s-maxage=300");
        assert_eq!(fields("0a/video-1.m3u8").content_type, "application/vnd.apple.mpegurl");
    }
}
