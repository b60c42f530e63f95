//! A cut as the splitter publishes it, of bytes that no two cuts share.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use manifest::Digest;
use sha2::{Digest as _, Sha256};

const STREAMS: [&str; 2] = ["video-1", "audio-1"];
const CHUNKS: usize = 2;
/// No multiple of an edge's part, so that the last part is a short one.
const CHUNK_BYTES: usize = 2_500_000;

/// One cut of one film.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    /// The content id.
    pub(crate) id: String,
    files: Arc<BTreeMap<String, Vec<u8>>>,
    manifest: String,
}

impl Cut {
    /// The cut that `seed` names.
    pub(crate) fn new(seed: u64) -> Self {
        let id = format!("{seed:016x}");
        let mut files = BTreeMap::new();
        let mut streams = Vec::new();
        for (number, name) in STREAMS.into_iter().enumerate() {
            let mut file = |file: &str, bytes: usize| {
                let url = format!("{id}/{name}/{file}");
                let content = noise(seed, &url, bytes);
                let sha256 = Digest(Sha256::digest(&content).into()).to_string();
                files.insert(url.clone(), content);
                serde_json::json!({ "url": url, "bytes": bytes, "sha256": sha256 })
            };
            let chunks: Vec<_> = (0..CHUNKS)
                .map(|chunk| {
                    let mut entry = file(&format!("{:04}.mp4", chunk + 1), CHUNK_BYTES);
                    entry["fragments"] = file(&format!("{:04}.bin", chunk + 1), 400);
                    entry["start"] = chunk.into();
                    entry["duration"] = 1.into();
                    entry["groups"] = serde_json::json!({ "bytes": [CHUNK_BYTES], "ticks": [[1, 1]] });
                    entry
                })
                .collect();
            streams.push(serde_json::json!({
                "kind": if number == 0 { "video" } else { "audio" },
                "mime": "video/mp4", "timescale": 1, "bandwidth": 1,
                "init": file("init.mp4", 1_000), "chunks": chunks,
            }));
        }
        let manifest = serde_json::json!({ "version": 1, "id": id, "duration": CHUNKS, "streams": streams });
        Self { id, files: Arc::new(files), manifest: manifest.to_string() }
    }

    /// As the splitter does it: the files first, the manifest last and by a rename.
    pub(crate) fn publish(&self, media: &Path) {
        for (url, content) in &*self.files {
            let path = media.join(url);
            std::fs::create_dir_all(path.parent().expect("below the directory")).expect("room");
            std::fs::write(path, content).expect("room");
        }
        std::fs::write(media.join(".partial-manifest.json"), &self.manifest).expect("room");
        std::fs::rename(media.join(".partial-manifest.json"), media.join("manifest.json")).expect("same directory");
    }

    /// Every file but the manifest: its URL relative to the manifest, and its bytes.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(url, content)| (url.as_str(), content.as_slice()))
    }

    /// The chunks among them.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files().filter(|(url, _)| url.ends_with(".mp4") && !url.ends_with("init.mp4"))
    }
}

/// Bytes that depend on everything: a byte of another file, cut or place is another byte.
fn noise(seed: u64, url: &str, bytes: usize) -> Vec<u8> {
    let mut state = Sha256::digest(format!("{seed} {url}"));
    let mut content = Vec::with_capacity(bytes + 32);
    // A digest for each 8 kB, xorshift in between: quick even when not optimised.
    while content.len() < bytes {
        state = Sha256::digest(state);
        let mut word = u64::from_le_bytes(state[..8].try_into().expect("8 bytes")) | 1;
        for _ in 0..1024 {
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
            content.extend_from_slice(&word.to_le_bytes());
        }
    }
    content.truncate(bytes);
    content
}
