//! Whether what lies in a store is what was published there: the store itself is asked, with its keys.
//!
//! 1. The manifest: what it says, and whether it is stored as manifests are.
//! 2. Every file that it names, and the playlists of other players: whether it is there with its length, its digest, and the fields
//!    that the origin would answer with.
//! 3. The bytes of the sample: small files whole, of chunks the first and the last fragment, read as ranges.
//! 4. What uploads that nobody has ended have left.

use std::ops::Range;
use std::path::PathBuf;

use futures_util::{StreamExt, stream};
use manifest::{Digest, Document, Film, FragmentTable, whole_id};
use representation::cache_policy::GROWING;
use sha2::{Digest as _, Sha256};
use store::{Fields, Object, Store};

use super::file::{self, File, LARGEST_PIECE, held_against};
use super::{Finding, LARGEST_MANIFEST, Options, Problem, Review, Row};
use crate::options::EDGE_LIMIT;
use crate::publish::{self, MANIFEST};
use crate::{Error, Progress, playlist, waits};

/// How many files are looked at at once.
const JOBS: usize = 8;

/// Always so: the store is not what viewers ask.
const EDGE: &str = "what an edge and a domain of the store's own add (HTTPS, other sites, tags and conditions, errors, what is kept): \
                    check the https:// address likewise";
const FIELDS: &str = "Content-Type and Cache-Control: a directory keeps none, and who serves it says them";
const LEFTOVERS: &str = "what uploads that were killed have left: this store has no list of them";

/// Looks at what was published at an address of a store. Of `place` the address, the environment, the patience, the waits and the wish to
/// stop count; [`Options::page`] does not.
///
/// # Errors
/// When there is no manifest to go by, the store refuses or cannot be reached, or it was asked to stop.
pub fn check_store(place: &publish::Options, options: &Options, progress: &dyn Progress) -> Result<Review, Error> {
    let (store, runtime) = (place.open_there()?, publish::runtime()?);
    waits::told(&place.waits, progress, || runtime.block_on(look(&store, options, progress)))
}

async fn look(store: &Store, options: &Options, progress: &dyn Progress) -> Result<Review, Error> {
    let url = format!("{}/{MANIFEST}", store.address());
    let json = store.bytes(MANIFEST, LARGEST_MANIFEST).await?;
    let in_manifest = |cause| Error::Manifest { path: PathBuf::from(&url), cause };
    if !Film::parse(&json).map_err(in_manifest)?.is_indexed() {
        return Err(Error::PlainManifest { path: url.into() });
    }
    let document = Document::parse(&json).map_err(in_manifest)?;
    let files = files(&document, &json);
    progress.planned(files.iter().map(|file| file.bytes).sum());

    let look = Look { store, options, is_growing: whole_id(&document.id) != document.id };
    let mut all = stream::iter(&files).map(|file| look.file(file)).buffered(JOBS);
    let (mut rows, mut findings, mut bytes) = (Vec::new(), Vec::new(), json.len() as u64);
    while let Some(looked) = all.next().await {
        let looked = looked?;
        progress.written(looked.row.bytes);
        rows.push(looked.row);
        findings.extend(looked.findings);
        bytes += looked.bytes;
    }
    let mut unseen = vec![EDGE];
    unseen.extend((!store.keeps_fields()).then_some(FIELDS));
    match store.leftovers().await {
        Some(left) => findings.extend(left.iter().filter(|left| publish::is_of_a_cut(left)).map(|left| {
            let problem = Problem::Unfinished { bytes: left.bytes };
            Finding::new(&left.to_string(), problem)
        })),
        None => unseen.push(LEFTOVERS),
    }
    Ok(Review { url, id: document.id, all_files: rows.len(), files: rows, bytes, findings, unseen })
}

/// Every file of the cut, the manifest first.
fn files(document: &Document, json: &[u8]) -> Vec<File> {
    let mut files = vec![File::naming(MANIFEST, json)];
    // Other players are given nothing of a film that still goes up.
    if whole_id(&document.id) == document.id {
        files.extend(playlist::all(document).iter().map(|(name, text)| File::naming(name, text.as_bytes())));
    }
    files.extend(file::of(document));
    files
}

struct Look<'a> {
    store: &'a Store,
    options: &'a Options,
    is_growing: bool,
}

/// What was found of one file.
struct Looked {
    row: Row,
    /// Body bytes that were read.
    bytes: u64,
    findings: Vec<Finding>,
}

/// Why no more is looked at of a file.
enum Trouble {
    Found(Problem),
    Ends(Error),
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::Found(problem)
    }
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Interrupted => Self::Ends(error.into()),
            store::Error::Missing { .. } => Self::Found(Problem::NotThere),
            error => Self::Found(Problem::NoAnswer { why: error.to_string() }),
        }
    }
}

impl Looked {
    fn report(&mut self, problem: Problem) {
        self.findings.push(Finding::new(&self.row.file, problem));
    }
}

impl Look<'_> {
    async fn file(&self, file: &File) -> Result<Looked, Error> {
        let row = Row { file: file.name.clone(), bytes: file.bytes, cache: None, cache_control: None };
        let mut looked = Looked { row, bytes: 0, findings: Vec::new() };
        if file.bytes > EDGE_LIMIT.0 {
            looked.report(Problem::TooLarge { bytes: file.bytes });
        }
        match self.look_at(file, &mut looked).await {
            Ok(()) => {}
            Err(Trouble::Found(problem)) => looked.report(problem),
            Err(Trouble::Ends(error)) => return Err(error),
        }
        Ok(looked)
    }

    async fn look_at(&self, file: &File, looked: &mut Looked) -> Result<(), Trouble> {
        let object = self.store.head(&file.name).await?.ok_or(Problem::NotThere)?;
        if self.store.keeps_fields() {
            looked.row.cache_control = Some(object.fields.cache_control.clone());
            self.fields(&file.name, &object.fields).into_iter().for_each(|problem| looked.report(problem));
        }
        if object.bytes != file.bytes {
            return Err(Problem::Length { expected: file.bytes, found: object.bytes }.into());
        }
        // What somebody else has put there carries none.
        if let Some(found) = object.digest {
            held_against(file.sha256, found)?;
        }
        let is_wanted = file.is_typical || self.options.all || self.options.warm;
        if is_wanted && file.bytes > 0 { self.bytes(file, &object, looked).await } else { Ok(()) }
    }

    /// What is stored of a file's fields, held against what the origin would say.
    fn fields(&self, name: &str, found: &Fields) -> Vec<Problem> {
        let is_grown = self.is_growing && name == MANIFEST;
        let expected = if is_grown { publish::fields_by(name, GROWING) } else { publish::fields(name) };
        let differs = |expected: String, found: &String| (expected != *found).then(|| (expected, found.clone()));
        let kind = differs(expected.content_type, &found.content_type);
        let rules = differs(expected.cache_control, &found.cache_control);
        let kind = kind.map(|(expected, found)| Problem::StoredType { expected, found });
        kind.into_iter().chain(rules.map(|(expected, found)| Problem::StoredRules { expected, found })).collect()
    }

    async fn bytes(&self, file: &File, object: &Object, looked: &mut Looked) -> Result<(), Trouble> {
        let table = match &file.table {
            Some(table) => self.table(table, file.bytes).await?,
            None => None,
        };
        if self.options.warm || table.is_none() {
            let (found, sha256) = self.store.digest(&file.name).await?;
            looked.bytes += found;
            if found != file.bytes {
                return Err(Problem::Length { expected: file.bytes, found }.into());
            }
            held_against(file.sha256, sha256)?;
        }
        let ranges = table.map_or_else(|| vec![(file.bytes - 1..file.bytes, None)], |table| ends(&table));
        for (range, expected) in ranges {
            let asked = range.end - range.start;
            let (found, sha256) = self.range(&file.name, object, range).await?;
            looked.bytes += found;
            if found != asked {
                return Err(Problem::Length { expected: asked, found }.into());
            }
            held_against(expected, sha256)?;
        }
        Ok(())
    }

    /// The fragments of a chunk. A table that is none is a finding of its own file.
    async fn table(&self, name: &str, chunk_bytes: u64) -> Result<Option<FragmentTable>, Trouble> {
        match self.store.bytes(name, LARGEST_PIECE).await {
            Ok(bytes) => Ok(FragmentTable::decode(&bytes, chunk_bytes).ok()),
            Err(error @ store::Error::Interrupted) => Err(error.into()),
            Err(_) => Ok(None),
        }
    }

    /// How many bytes come of a range, and their digest.
    async fn range(&self, name: &str, object: &Object, range: Range<u64>) -> Result<(u64, Digest), Trouble> {
        let mut body = self.store.range(name, object, range).await?;
        let (mut hash, mut bytes) = (Sha256::new(), 0);
        while let Some(piece) = body.next().await {
            let piece = piece?;
            hash.update(&piece);
            bytes += piece.len() as u64;
        }
        Ok((bytes, Digest(hash.finalize().into())))
    }
}

/// The first fragment of a chunk and the last, with their digests.
fn ends(table: &FragmentTable) -> Vec<(Range<u64>, Option<Digest>)> {
    let mut end = 0;
    let fragments = table.records.iter().map(|record| {
        let start = end;
        end += u64::from(record.bytes);
        (start..end, Some(record.sha256))
    });
    let mut fragments: Vec<_> = fragments.collect();
    if fragments.len() > 2 {
        fragments.drain(1..fragments.len() - 1);
    }
    fragments
}
