//! Tracks (ISO/IEC 14496-12 section 8.3 to 8.5).

use crate::{BoxRef, EditList, Error, FourCc, SampleEntry};

/// What a track carries, by its handler (section 8.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrackKind {
    /// `vide`.
    Video,
    /// `soun`.
    Audio,
    /// `text`, `sbtl`, `subt` or `clcp`.
    Text,
    /// Anything else: time codes, hints, metadata.
    Other(FourCc),
}

impl TrackKind {
    fn from_handler(handler: FourCc) -> Self {
        match &handler.0 {
            b"vide" => Self::Video,
            b"soun" => Self::Audio,
            b"text" | b"sbtl" | b"subt" | b"clcp" => Self::Text,
            _ => Self::Other(handler),
        }
    }
}

/// What holds for the samples of fragments that do not say otherwise (`trex`, section 8.8.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrackDefaults {
    /// The track.
    pub track: u32,
    /// Number of the sample entry, from 1.
    pub description: u32,
    /// In ticks.
    pub duration: u32,
    /// In bytes.
    pub size: u32,
    /// Section 8.8.3.1.
    pub flags: u32,
}

impl TrackDefaults {
    /// Reads a `trex` box.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Truncated`].
    pub fn parse(trex: &BoxRef<'_>) -> Result<Self, Error> {
        let (_, _, mut fields) = trex.full()?;
        Ok(Self {
            track: fields.u32()?,
            description: fields.u32()?,
            duration: fields.u32()?,
            size: fields.u32()?,
            flags: fields.u32()?,
        })
    }
}

/// One track, as its `trak` box describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Its number in the file; never 0.
    pub id: u32,
    /// Whether the file wants it played unasked (`track_enabled`).
    pub enabled: bool,
    /// What it carries.
    pub kind: TrackKind,
    /// Ticks in a second; never 0.
    pub timescale: u32,
    /// Length of its media in ticks; 0 where it is in fragments.
    pub duration: u64,
    /// BCP 47 tag of `elng`, else the ISO 639-2 code of `mdhd`; absent where undetermined.
    pub language: Option<String>,
    /// The name of the handler, which authors use for a label; may be empty.
    pub name: String,
    /// Display width in pixels before rotation (video); the coded one where the file gives none.
    pub width: u32,
    /// Display height in pixels before rotation (video).
    pub height: u32,
    /// The transformation of the picture: rows of a, b, u, c, d, v, x, y, w (section 6.2.2).
    pub matrix: [i32; 9],
    /// What its decoder must know; at least one.
    pub entries: Vec<SampleEntry>,
    /// Where its media lies on the film's timeline.
    pub edits: EditList,
    /// The defaults of its fragments, where the file has fragments.
    pub defaults: Option<TrackDefaults>,
    /// Whether `moov` itself lists samples, as in a progressive file.
    pub has_samples: bool,
}

impl Track {
    /// Reads a `trak` box.
    ///
    /// # Errors
    /// With the place of the box that is missing or damaged.
    pub fn parse(trak: &BoxRef<'_>) -> Result<Self, Error> {
        Self::parse_as(trak, None)
    }

    /// The track as what its samples are coded as, where its handler says something else: an auxiliary picture (`auxv`), a
    /// sequence of stills (`pict`), nothing. `None` where the handler is right, or the coding is no picture's or sound's.
    ///
    /// # Errors
    /// Those of [`Self::parse`].
    pub fn as_coded(trak: &BoxRef<'_>) -> Result<Option<Self>, Error> {
        let track = Self::parse(trak)?;
        let coded = match (track.kind, &track.entry().format.0) {
            (TrackKind::Other(_), b"avc1" | b"avc3" | b"hvc1" | b"hev1" | b"av01" | b"vp08" | b"vp09") => {
                TrackKind::Video
            }
            (TrackKind::Other(_), b"mp4a" | b"Opus" | b"fLaC" | b"ac-3" | b"ec-3") => TrackKind::Audio,
            _ => return Ok(None),
        };
        Self::parse_as(trak, Some(coded)).map(Some)
    }

    /// Reads a `trak` box, whose samples are `coded` whatever its handler says.
    fn parse_as(trak: &BoxRef<'_>, coded: Option<TrackKind>) -> Result<Self, Error> {
        let header = TrackHeader::parse(&trak.need("tkhd")?)?;
        let mdia = trak.need("mdia")?;
        let (timescale, duration, language) = media_header(&mdia.need("mdhd")?)?;
        let language = match mdia.find("elng")? {
            Some(elng) => extended_language(&elng)?.or(language),
            None => language,
        };
        let (kind, name) = handler(&mdia.need("hdlr")?)?;
        let kind = coded.unwrap_or(kind);
        let stbl = mdia.need("minf")?.need("stbl")?;
        let stsd = stbl.need("stsd")?;
        let entries = stsd
            .children_after(8)?
            .map(|entry| entry.and_then(|entry| SampleEntry::parse(&entry, kind)))
            .collect::<Result<Vec<_>, _>>()?;
        let Some(entry) = entries.first() else { return Err(stsd.invalid("describes no codec")) };
        let edits = match trak.find("edts")? {
            Some(edts) => edts.find("elst")?.map(|elst| EditList::parse(&elst)).transpose()?.unwrap_or_default(),
            None => EditList::default(),
        };
        let [width, height] = match header.size {
            [0, _] | [_, 0] => [u32::from(entry.width), u32::from(entry.height)],
            size => size,
        };
        Ok(Self {
            id: header.id,
            enabled: header.enabled,
            kind,
            timescale,
            duration,
            language,
            name,
            width,
            height,
            matrix: header.matrix,
            entries,
            edits,
            defaults: None,
            has_samples: has_samples(&stbl)?,
        })
    }

    /// The number of a `trak`, as far as it can be read.
    #[must_use]
    pub fn number(trak: &BoxRef<'_>) -> Option<u32> {
        let tkhd = trak.find("tkhd").ok()??;
        TrackHeader::parse(&tkhd).ok().map(|header| header.id)
    }

    /// Whether a `trak` carries pictures or sound, or is too damaged to say that it does not.
    pub(crate) fn may_be_film(trak: &BoxRef<'_>) -> bool {
        let kind = || -> Result<bool, Error> {
            let Some(mdia) = trak.find("mdia")? else { return Ok(false) };
            match mdia.find("hdlr")? {
                Some(hdlr) => handler(&hdlr).map(|(kind, _)| matches!(kind, TrackKind::Video | TrackKind::Audio)),
                None => Ok(true),
            }
        };
        kind().unwrap_or(true)
    }

    /// The sample entry that the track begins with.
    #[must_use]
    pub fn entry(&self) -> &SampleEntry {
        self.entries.first().expect("a track is parsed only when it has an entry")
    }

    /// What is added to a composition time to get a time on the film's timeline, in ticks, as MediaSource does it:
    /// by the media time of the first edit. Initial delays are not followed by browsers.
    #[must_use]
    pub fn shift(&self) -> i64 {
        i64::try_from(self.edits.media_time).map_or(i64::MIN, |time| -time)
    }

    /// Whether the picture is shown lying on its side, so that width and height change places.
    #[must_use]
    pub fn is_turned(&self) -> bool {
        let [a, b, _, c, d, ..] = self.matrix;
        a == 0 && d == 0 && b != 0 && c != 0
    }

    /// Width and height of its pictures as they are shown, in pixels.
    #[must_use]
    pub fn shown_size(&self) -> (u32, u32) {
        if self.is_turned() { (self.height, self.width) } else { (self.width, self.height) }
    }
}

struct TrackHeader {
    id: u32,
    enabled: bool,
    matrix: [i32; 9],
    size: [u32; 2],
}

impl TrackHeader {
    /// Section 8.3.2.
    fn parse(tkhd: &BoxRef<'_>) -> Result<Self, Error> {
        let (version, flags, mut fields) = tkhd.full()?;
        fields.skip(if version == 0 { 8 } else { 16 })?;
        let id = fields.u32()?;
        if id == 0 {
            return Err(tkhd.invalid("a track has the number 0"));
        }
        fields.skip(4)?;
        fields.u32_or_u64(version)?;
        fields.skip(16)?;
        let mut matrix = [0; 9];
        for value in &mut matrix {
            *value = fields.i32()?;
        }
        let size = [whole_pixels(fields.u32()?), whole_pixels(fields.u32()?)];
        Ok(Self { id, enabled: flags & 1 != 0, matrix, size })
    }
}

/// The nearest number of pixels to a 16.16 size, as browsers have it: sizes of pixels that are not square have a
/// fraction.
fn whole_pixels(size: u32) -> u32 {
    size.saturating_add(0x8000) >> 16
}

/// Timescale, duration and language (section 8.4.2).
fn media_header(mdhd: &BoxRef<'_>) -> Result<(u32, u64, Option<String>), Error> {
    let (version, _, mut fields) = mdhd.full()?;
    fields.skip(if version == 0 { 8 } else { 16 })?;
    let timescale = fields.u32()?;
    if timescale == 0 {
        return Err(mdhd.invalid("the timescale is 0"));
    }
    let duration = fields.u32_or_u64(version)?;
    let packed = fields.u16()?;
    let letters: String = [10, 5, 0].map(|shift| char::from((packed >> shift & 0x1f) as u8 + 0x60)).iter().collect();
    let known = letters.bytes().all(|letter| letter.is_ascii_lowercase()) && letters != "und";
    Ok((timescale, duration, known.then_some(letters)))
}

fn extended_language(elng: &BoxRef<'_>) -> Result<Option<String>, Error> {
    let (_, _, fields) = elng.full()?;
    let tag = text(fields.rest());
    let valid = !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    Ok((valid && tag != "und").then_some(tag))
}

/// The handler and its name (section 8.4.3).
fn handler(hdlr: &BoxRef<'_>) -> Result<(TrackKind, String), Error> {
    let (_, _, mut fields) = hdlr.full()?;
    fields.skip(4)?;
    let kind = TrackKind::from_handler(FourCc(fields.array()?));
    fields.skip(12)?;
    let name = fields.rest();
    // QuickTime counts the name's bytes in front of it instead of ending it with a zero.
    let name = match name {
        [count, counted @ ..] if usize::from(*count) == counted.len() => counted,
        name => name,
    };
    Ok((kind, text(name)))
}

/// Up to the first zero. What is no UTF-8 is Latin-1, as programs wrote it before there was a rule.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    let bytes = &bytes[..end];
    str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|&byte| char::from(byte)).collect(), str::to_owned)
}

fn has_samples(stbl: &BoxRef<'_>) -> Result<bool, Error> {
    let Some(stts) = stbl.find("stts")? else { return Ok(false) };
    let (_, _, mut fields) = stts.full()?;
    Ok(fields.u32()? > 0)
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn texts_end_at_a_zero_and_are_utf_8_or_else_latin_1() {
        assert_eq!([text(b"Le caf\xc3\xa9\0more"), text(b"Le caf\xe9\0"), text(b"")], ["Le café", "Le café", ""]);
    }
}
