//! The film's file: random access, and a look at its top level.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use isobmff::{BoxHeader, BoxPath, BoxSize, FourCc};

use super::settings::Settings;
use crate::{Error, Stop};

/// A film's file, open for reading from any place by any thread.
pub(crate) struct Input {
    file: File,
    pub(crate) path: PathBuf,
    /// Its length.
    pub(crate) bytes: u64,
    modified: Option<SystemTime>,
    stamp: u128,
    /// What is read behind the file's end, though it stands in no file.
    behind: Vec<u8>,
}

/// What stands at the top level: boxes of headers with where they begin.
#[derive(Default)]
pub(crate) struct TopLevel {
    pub(crate) moov: Option<(u64, Vec<u8>)>,
    /// Offsets and lengths only: there are thousands.
    pub(crate) moofs: Vec<(u64, u64)>,
    /// Where a `moof` begins that the file ends within.
    pub(crate) cut_off: Option<u64>,
    /// Where another film begins: a second `moov` that is none of the first again, or its `ftyp`.
    pub(crate) second_film: Option<u64>,
    /// Where headers begin by which fragments cannot be read as by the first.
    pub(crate) other_settings: Option<u64>,
    /// Offsets and lengths of what is no box: what a recorder or a copy has left behind.
    pub(crate) junk: Vec<(u64, u64)>,
}

impl TopLevel {
    /// Whether nothing that comes can matter: the headers are there, and they announce no fragments.
    fn is_complete(&self) -> bool {
        self.moov.as_ref().is_some_and(|(_, moov)| !moov.windows(4).any(|word| word == b"mvex"))
    }

    /// Notes what is no box; what follows other junk is one with it.
    fn add_junk(&mut self, start: u64, end: u64) {
        match self.junk.last_mut() {
            Some((offset, bytes)) if *offset + *bytes == start => *bytes = end - *offset,
            _ => self.junk.push((start, end - start)),
        }
    }

    /// Whether the headers are there, and announce fragments.
    fn is_announced(&self) -> bool {
        self.moov.is_some() && !self.is_complete()
    }
}

/// The largest `moov` or `moof` that is read, in bytes: that of a progressive film of a week.
const MAX_BOX: u64 = 256 << 20;
/// The most boxes at the top level: fragments of half a second for a month.
const MAX_BOXES: usize = 1 << 24;
/// The most stretches of bytes that are no box: the user is warned of each.
const MAX_JUNK: usize = 256;

impl Input {
    pub(crate) fn open(path: PathBuf) -> Result<Self, Error> {
        let opened = File::open(&path).and_then(|file| Ok((file.metadata()?, file)));
        let (metadata, file) = opened.map_err(Error::io("open", &path))?;
        if !metadata.is_file() {
            let cause = io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file");
            return Err(Error::Io { action: "read", path, cause });
        }
        let modified = metadata.modified().ok();
        let since = modified.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        let stamp = since.map_or(0, |since| since.as_nanos());
        Ok(Self { file, path, bytes: metadata.len(), modified, stamp, behind: Vec::new() })
    }

    /// A film that was written to a file without a name. `stamp` says what is in it.
    pub(crate) fn of_spool(file: File, path: PathBuf, stamp: u128) -> Result<Self, Error> {
        let metadata = file.metadata().map_err(Error::io("read", &path))?;
        let modified = metadata.modified().ok();
        Ok(Self { file, path, bytes: metadata.len(), modified, stamp, behind: Vec::new() })
    }

    /// The same file once more.
    pub(crate) fn another(&self) -> Result<Self, Error> {
        let file = self.file.try_clone().map_err(Error::io("read", &self.path))?;
        Ok(Self { file, path: self.path.clone(), behind: self.behind.clone(), ..*self })
    }

    /// Where other programs find the file for as long as it is open here, even if it has no name.
    pub(crate) fn system_name(&self) -> Option<PathBuf> {
        #[cfg(target_os = "linux")]
        {
            use std::os::fd::AsRawFd;
            Some(format!("/proc/{}/fd/{}", std::process::id(), self.file.as_raw_fd()).into())
        }
        #[cfg(not(target_os = "linux"))]
        None
    }

    /// Adds bytes to samples that no film has; where they are read, behind the file's end.
    pub(crate) fn add_behind(&mut self, bytes: &[u8]) -> u64 {
        let offset = self.bytes + self.behind.len() as u64;
        self.behind.extend_from_slice(bytes);
        offset
    }

    /// Fills `buffer` from `offset` on, either of the file or of what was added behind it.
    pub(crate) fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> Result<(), Error> {
        let at = offset.checked_sub(self.bytes).and_then(|at| usize::try_from(at).ok());
        if let Some(there) = at.and_then(|at| self.behind.get(at..)?.get(..buffer.len())) {
            buffer.copy_from_slice(there);
            return Ok(());
        }
        read_exact_at(&self.file, buffer, offset).map_err(Error::io("read", &self.path))
    }

    /// Tells two states of a film apart: when its file was last written, or a digest of what was spooled.
    pub(crate) fn stamp(&self) -> u128 {
        self.stamp
    }

    /// Refuses a file that was written to since it was opened.
    pub(crate) fn check_unchanged(&self) -> Result<(), Error> {
        let now = self.file.metadata().map_err(Error::io("read", &self.path))?;
        if now.len() == self.bytes && now.modified().ok() == self.modified {
            return Ok(());
        }
        Err(Error::Changed { path: self.path.clone() })
    }

    /// Reads a box of headers whole.
    pub(crate) fn read_box(&self, offset: u64, bytes: u64) -> Result<Vec<u8>, Error> {
        // The caller has held the length against the file's, so this much is really there.
        let length = usize::try_from(bytes).expect("no box longer than MAX_BOX is read");
        let mut buffer = vec![0; length];
        self.read_exact_at(&mut buffer, offset)?;
        Ok(buffer)
    }

    /// Steps over the boxes of the top level, and over what is none.
    pub(crate) fn scan(&self, stop: &Stop) -> Result<TopLevel, Error> {
        let (mut top, mut window) = (TopLevel::default(), Window::default());
        let (mut offset, mut ftyp, mut settings) = (0, None, None);
        for number in 0..=MAX_BOXES {
            stop.check()?;
            if number == MAX_BOXES || top.junk.len() > MAX_JUNK {
                let what = "it has more boxes, or bytes between them that are none, than any film";
                let cause = isobmff::Error::invalid(BoxPath::default(), offset, what);
                return Err(Error::Box { path: self.path.clone(), cause });
            }
            let header = match self.header(offset) {
                Ok(Some(header)) if number == 0 || header.kind.is_printable() => header,
                Ok(None) if offset == self.bytes => break,
                Err(error) if number == 0 => return Err(error),
                Ok(_) | Err(Error::Box { .. }) => {
                    let next = if top.is_complete() { self.bytes } else { self.find_headers(offset, &mut window)? };
                    top.add_junk(offset, next);
                    offset = next;
                    continue;
                }
                Err(error) => return Err(error),
            };
            if number == 0 && !is_first_box(header.kind) {
                return Err(Error::NotMp4 { path: self.path.clone(), found: format!("{:?}", header.kind) });
            }
            let left = self.bytes - offset;
            let bytes = match header.size {
                BoxSize::Known(bytes) => bytes,
                BoxSize::ToEnd if header.kind == b"mdat" => left,
                BoxSize::ToEnd => {
                    // A writer that could not go back has left its length open: what follows is no part of it.
                    let path = BoxPath::default().child(header.kind);
                    let cause = isobmff::Error::invalid(path, offset, "only media may last to the end of the file");
                    return Err(Error::Box { path: self.path.clone(), cause });
                }
            };
            let is_whole = bytes <= left;
            if matches!(&header.kind.0, b"moov" | b"moof") {
                if bytes > MAX_BOX {
                    let (path, kind) = (self.path.clone(), header.kind.to_string());
                    return Err(Error::BoxTooLarge { path, kind, offset, bytes, limit: MAX_BOX });
                }
                if !is_whole && header.kind == b"moof" && top.moov.is_some() {
                    top.cut_off = Some(offset);
                    break;
                }
                if !is_whole {
                    let path = BoxPath::default().child(header.kind);
                    let cause = isobmff::Error::truncated(path, offset, "the box reaches past the file: it");
                    return Err(Error::Box { path: self.path.clone(), cause });
                }
            }
            match &header.kind.0 {
                b"moov" => match &top.moov {
                    None => top.moov = Some((offset, self.read_box(offset, bytes)?)),
                    Some((place, first)) if top.other_settings.is_none() => {
                        let another = self.read_box(offset, bytes)?;
                        if *first != another {
                            let begin = ftyp.unwrap_or(offset);
                            top.second_film.get_or_insert(begin);
                            let settings = settings.get_or_insert_with(|| Settings::of(first, *place));
                            let differ = settings.is_none() || *settings != Settings::of(&another, offset);
                            top.other_settings = differ.then_some(begin);
                        }
                    }
                    Some(_) => {}
                },
                b"ftyp" if number > 0 => ftyp = Some(offset),
                b"moof" => top.moofs.push((offset, bytes)),
                _ => {}
            }
            if !is_whole {
                // A length that is damaged hides no fragments.
                let next = if top.is_announced() { self.find_headers(offset, &mut window)? } else { self.bytes };
                if next == self.bytes {
                    break;
                }
                top.add_junk(offset, next);
                offset = next;
                continue;
            }
            offset += bytes;
        }
        Ok(top)
    }

    /// Where the next `moov` or `moof` behind `offset` begins; the end of the file where there is none.
    fn find_headers(&self, offset: u64, window: &mut Window) -> Result<u64, Error> {
        /// Bytes of the header of a box, and of the one that stands first in it.
        const HEADERS: usize = 16;
        let is_headers =
            |window: &[u8]| matches!((&window[4..8], &window[12..]), (b"moov", b"mvhd" | b"cmov") | (b"moof", b"mfhd"));
        // Those that begin right here are damaged.
        let mut offset = offset + 1;
        while self.bytes - offset >= HEADERS as u64 {
            // Bytes are read once, however often something is found among them.
            if window.from(offset).len() < HEADERS {
                let there = usize::try_from(self.bytes - offset).unwrap_or(usize::MAX).min(Window::BYTES);
                window.bytes.resize(there, 0);
                self.read_exact_at(&mut window.bytes, offset)?;
                window.offset = offset;
            }
            let there = window.from(offset);
            if let Some(at) = there.windows(HEADERS).position(is_headers) {
                return Ok(offset + at as u64);
            }
            offset += (there.len() - HEADERS + 1) as u64;
        }
        Ok(self.bytes)
    }

    /// The header of the box at `offset`; `None` at the end of the file, or where less than a header is left.
    fn header(&self, offset: u64) -> Result<Option<BoxHeader>, Error> {
        let left = usize::try_from(self.bytes - offset).unwrap_or(usize::MAX);
        let mut buffer = [0; BoxHeader::MAX_BYTES];
        let buffer = &mut buffer[..left.min(BoxHeader::MAX_BYTES)];
        self.read_exact_at(buffer, offset)?;
        BoxHeader::parse(buffer, BoxPath::default(), offset)
            .map_err(|cause| Error::Box { path: self.path.clone(), cause })
    }
}

/// Bytes of the film that are searched.
#[derive(Default)]
struct Window {
    offset: u64,
    bytes: Vec<u8>,
}

impl Window {
    /// Bytes read at a time.
    const BYTES: usize = 1 << 20;

    /// What is there from a place in the film on.
    fn from(&self, offset: u64) -> &[u8] {
        let at = offset.checked_sub(self.offset).and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| self.bytes.get(at..)).unwrap_or_default()
    }
}

/// Whether a file of this family can begin with such a box.
pub(crate) fn is_first_box(kind: FourCc) -> bool {
    const FIRST: [&[u8; 4]; 12] =
        [b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"free", b"skip", b"wide", b"pnot", b"uuid", b"pdin", b"sidx"];
    FIRST.iter().any(|&first| kind == first)
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buffer = &mut buffer[read..];
                offset += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
