//! One file of the cut: which are looked at, and how.

use manifest::{Digest, Document, FragmentTable};
use sha2::{Digest as _, Sha256};
use std::io::Read;
use url::Url;

use super::fields::{self, is_strong};
use super::finding::Problem;
use super::kind::Kind;
use super::{Look, Row};
use crate::options::EDGE_LIMIT;
use crate::{Error, Stop};

/// The longest body that is read into memory, in bytes: an init, a table, a fragment.
pub(super) const LARGEST_PIECE: u64 = 64 << 20;

/// A file beside the manifest.
pub(super) struct File {
    /// As the manifest names it.
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) sha256: Option<Digest>,
    kind: Kind,
    /// The table of its fragments, by its name.
    pub(super) table: Option<String>,
    /// Whether a sample contains it.
    pub(super) is_typical: bool,
}

/// Every file beside the manifest, in the order of the manifest.
pub(super) fn of(document: &Document) -> Vec<File> {
    let mut files = Vec::new();
    for stream in &document.streams {
        let init = &stream.init;
        files.push(File {
            name: init.url.clone(),
            bytes: init.bytes,
            sha256: Some(init.sha256),
            kind: Kind::Media,
            table: None,
            is_typical: true,
        });
        for (number, chunk) in stream.chunks.iter().enumerate() {
            let is_typical = number == 0 || number + 1 == stream.chunks.len();
            if let Some(table) = &chunk.fragments {
                files.push(File {
                    name: table.url.clone(),
                    bytes: table.bytes,
                    sha256: Some(table.sha256),
                    kind: Kind::Side,
                    table: None,
                    is_typical,
                });
            }
            files.push(File {
                name: chunk.url.clone(),
                bytes: chunk.bytes,
                sha256: Some(chunk.sha256),
                kind: Kind::Media,
                table: chunk.fragments.as_ref().map(|table| table.url.clone()),
                is_typical,
            });
        }
    }
    let side = |name: &str, bytes, sha256| {
        let (name, sha256) = (name.to_owned(), Some(sha256));
        File { name, bytes, sha256, kind: Kind::Side, table: None, is_typical: true }
    };
    let texts = document.subtitles.iter().filter_map(|text| Some(side(&text.url, text.bytes?, text.sha256?)));
    files.extend(texts);
    if let Some(thumbnails) = &document.thumbnails {
        files.extend(
            thumbnails.bytes.zip(thumbnails.sha256).map(|(bytes, sha256)| side(&thumbnails.url, bytes, sha256)),
        );
        files.extend(thumbnails.pictures.iter().map(|picture| side(&picture.url, picture.bytes, picture.sha256)));
    }
    files
}

impl File {
    /// One that names others, with these bytes.
    pub(super) fn naming(name: &str, bytes: &[u8]) -> Self {
        let sha256 = Some(Digest(Sha256::digest(bytes).into()));
        let (name, bytes) = (name.to_owned(), bytes.len() as u64);
        Self { name, bytes, sha256, kind: Kind::Manifest, table: None, is_typical: true }
    }

    fn types(&self) -> &'static [&'static str] {
        match (self.kind, self.name.rsplit('.').next()) {
            (Kind::Media, _) => &["video/mp4", "audio/mp4"],
            (_, Some("bin")) => &["application/octet-stream"],
            (_, Some("vtt")) => &["text/vtt"],
            (_, Some("jpg")) => &["image/jpeg"],
            _ => &[],
        }
    }
}

impl Look {
    /// Its fields, its ranges, its conditions.
    pub(super) fn file(&mut self, manifest: &Url, file: &File) -> Row {
        let mut row = Row { file: file.name.clone(), bytes: file.bytes, cache: None, cache_control: None };
        if file.bytes > EDGE_LIMIT.0 {
            self.report(&file.name, Problem::TooLarge { bytes: file.bytes });
        }
        if let Err(problem) = self.look_at(manifest, file, &mut row) {
            self.report(&file.name, problem);
        }
        row
    }

    fn look_at(&mut self, manifest: &Url, file: &File, row: &mut Row) -> Result<(), Problem> {
        let url = manifest.join(&file.name).map_err(|why| Problem::NoAnswer { why: why.to_string() })?;
        let (answer, cache) = self.until_kept(&url, &file.name, &[("Range", "bytes=0-0")])?;
        row.cache = cache;
        row.cache_control = answer.header("cache-control").map(str::to_owned);
        match answer.status {
            206 => {}
            200 => return Err(Problem::NoRanges),
            found => return Err(Problem::Status { expected: 206, found }),
        }
        let problems = fields::of(&answer.headers, file.kind, file.types());
        problems.into_iter().for_each(|problem| self.report(&file.name, problem));
        let etag = answer.header("etag").unwrap_or_default().to_owned();
        let is_newer = fields::written(&etag).zip(self.written).is_some_and(|(file, manifest)| file > manifest);
        if file.sha256.is_some() && is_newer {
            self.report(&file.name, Problem::NewerThanManifest);
        }
        self.range(file, answer, 0, 0)?;

        let last = file.bytes.saturating_sub(1);
        let answer = self.ask("GET", &url, &[("Range", &format!("bytes={last}-"))])?;
        let again = answer.header("etag").unwrap_or_default();
        if again != etag {
            return Err(Problem::TagChanges { first: etag, second: again.to_owned() });
        }
        self.range(file, answer, last, last)?;

        let answer = self.ask("GET", &url, &[("Range", &format!("bytes={}-", file.bytes))])?;
        let (found, place) = (answer.status, answer.header("content-range").unwrap_or_default().to_owned());
        let expected = format!("bytes */{}", file.bytes);
        if found != 416 || place != expected {
            self.report(&file.name, Problem::Behind { status: found, content_range: place, expected });
        }
        let _ = self.body(answer, LARGEST_PIECE);
        if is_strong(&etag) { self.conditions(&url, file, &etag) } else { Ok(()) }
    }

    /// Holds an answer to a range against the file.
    fn range(&mut self, file: &File, answer: crate::http::Answer, first: u64, last: u64) -> Result<(), Problem> {
        let expected = format!("bytes {first}-{last}/{}", file.bytes);
        let found = answer.header("content-range").unwrap_or_default().to_owned();
        if answer.status != 206 {
            return Err(Problem::Status { expected: 206, found: answer.status });
        }
        if found != expected {
            return Err(Problem::ContentRange { expected, found });
        }
        let body = self.body(answer, LARGEST_PIECE)?;
        let (expected, found) = (last - first + 1, body.len() as u64);
        if found == expected { Ok(()) } else { Err(Problem::Length { expected, found }) }
    }

    /// What a player that goes on after a break relies on, and what an edge does when a time has run out.
    fn conditions(&mut self, url: &Url, file: &File, etag: &str) -> Result<(), Problem> {
        let status = |fields: &[(&str, &str)]| self.ask("GET", url, fields).map(|answer| answer.status);
        let same = status(&[("Range", "bytes=0-0"), ("If-Range", etag)])?;
        let other = status(&[("Range", "bytes=0-0"), ("If-Range", "\"another\"")])?;
        let not_modified = status(&[("If-None-Match", etag)])?;
        let head = self.ask("HEAD", url, &[])?;
        if same != 206 {
            self.report(&file.name, Problem::IfRangeFails { found: same });
        }
        if other != 200 {
            self.report(&file.name, Problem::IfRangeIgnored { found: other });
        }
        if not_modified != 304 {
            self.report(&file.name, Problem::NotConditional { found: not_modified });
        }
        let length = head.header("content-length").and_then(|text| text.parse().ok());
        if head.status != 200 || length != Some(file.bytes) {
            self.report(&file.name, Problem::Head { status: head.status, length, expected: file.bytes });
        }
        Ok(())
    }

    /// Its bytes: all of a small file, and of a chunk where `whole`; otherwise the first and the last fragment.
    pub(super) fn bytes_of(&mut self, manifest: &Url, file: &File, whole: bool, stop: &Stop) -> Result<(), Error> {
        let Ok(url) = manifest.join(&file.name) else { return Ok(()) };
        let is_small = file.bytes <= 1 << 20;
        let looked = if whole || is_small || file.table.is_none() {
            self.whole(&url, file, stop)
        } else {
            self.fragments(manifest, &url, file)
        };
        if let Err(problem) = looked {
            self.report(&file.name, problem);
        }
        stop.check()
    }

    fn whole(&mut self, url: &Url, file: &File, stop: &Stop) -> Result<(), Problem> {
        let answer = self.ask("GET", url, &[])?;
        if answer.status != 200 {
            return Err(Problem::Status { expected: 200, found: answer.status });
        }
        let broken = |why: std::io::Error| Problem::NoAnswer { why: why.to_string() };
        let mut reader = answer.into_reader(file.bytes + 1);
        let (mut hash, mut buffer, mut found) = (Sha256::new(), vec![0; 1 << 18], 0);
        while let read @ 1.. = reader.read(&mut buffer).map_err(broken)? {
            if stop.check().is_err() {
                return Ok(());
            }
            hash.update(&buffer[..read]);
            found += read as u64;
        }
        self.bytes += found;
        if found != file.bytes {
            return Err(Problem::Length { expected: file.bytes, found });
        }
        held_against(file.sha256, Digest(hash.finalize().into()))
    }

    fn fragments(&mut self, manifest: &Url, url: &Url, file: &File) -> Result<(), Problem> {
        let Some(table) = file.table.as_ref().and_then(|name| manifest.join(name).ok()) else { return Ok(()) };
        let answer = self.ask("GET", &table, &[])?;
        let body = self.body(answer, LARGEST_PIECE)?;
        // A table that is none is a finding of its own file.
        let Ok(table) = FragmentTable::decode(&body, file.bytes) else { return Ok(()) };
        let mut start = 0;
        for (number, record) in table.records.iter().enumerate() {
            let end = start + u64::from(record.bytes);
            if number == 0 || number + 1 == table.records.len() {
                let answer = self.ask("GET", url, &[("Range", &format!("bytes={start}-{}", end - 1))])?;
                let body = self.body(answer, LARGEST_PIECE)?;
                held_against(Some(record.sha256), Digest(Sha256::digest(&body).into()))?;
            }
            start = end;
        }
        Ok(())
    }
}

pub(super) fn held_against(expected: Option<Digest>, found: Digest) -> Result<(), Problem> {
    match expected {
        Some(expected) if expected != found => Err(Problem::Digest { expected, found }),
        _ => Ok(()),
    }
}
