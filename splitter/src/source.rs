//! The film as it comes: its tracks, and the bytes of their samples.
//!
//! 1. Step over the boxes of the top level; read `moov` and every `moof` whole, nothing else.
//! 2. Sort its tracks: what is cut, what names chapters, what is left out.
//! 3. Build each track's table of samples from the one or the others.
//! 4. Hold the tables against the file's length and against the pictures, and mend what browsers play all the same.

mod durations;
mod edits;
mod fragmented;
mod input;
mod keyframes;
mod mend;
mod missing;
mod places;
mod settings;
mod sort;
mod undecodable;

use std::ops::Range;

use isobmff::{
    BoxPath, BoxRef, Children, Descriptions, Init, PictureFormat, SampleEntry, SampleTable, Track, TrackKind,
    check_configuration, nal_units, write,
};

pub(crate) use input::{Input, is_first_box};
pub(crate) use keyframes::Keyframes;
use sort::Sorted;
pub(crate) use sort::{Role, chapter_tracks, is_empty, role, second_choice};

use crate::chapters::Chapter;
use crate::choice::FilmTrack;
use crate::subtitles::Subtitles;
use crate::{Error, Options, Warning};

/// The most bytes of a sample that are searched for parameter sets, which stand at its beginning.
const MAX_PARAMETER_SETS: u32 = 1 << 20;

/// A film that can be cut.
pub(crate) struct Source {
    pub(crate) input: Input,
    /// Ticks in a second of the movie's own clock.
    pub(crate) timescale: u32,
    /// Those that are cut: video before audio, the default of a kind first; at least one.
    pub(crate) tracks: Vec<SourceTrack>,
    /// Tracks of text that can be read.
    pub(crate) texts: Vec<SourceTrack>,
    /// Texts that have become WebVTT.
    pub(crate) subtitles: Vec<Subtitles>,
    /// A track of text whose samples are names of chapters.
    pub(crate) chapter_track: Option<SourceTrack>,
    /// Chapters that the headers name, on the movie's clock.
    pub(crate) chapters: Vec<Chapter>,
    /// All tracks that could be chosen.
    pub(crate) film_tracks: Vec<FilmTrack>,
    /// Whether samples come in fragments.
    pub(crate) is_fragmented: bool,
    pub(crate) warnings: Vec<Warning>,
}

/// A track with samples.
pub(crate) struct SourceTrack {
    pub(crate) track: Track,
    /// The body of an `stsd` with the entry that its samples use.
    pub(crate) sample_entries: Vec<u8>,
    /// Path and place of the `stsd` in the film.
    stsd: (BoxPath, u64),
    /// Which of its entries are the same.
    descriptions: Descriptions,
    /// How its pictures are written, where they show what they are.
    pictures: Option<PictureFormat>,
    pub(crate) keyframes: Keyframes,
    /// Whether its samples come in fragments.
    is_in_fragments: bool,
    /// Display size as it stands in `tkhd`: 16.16 fixed point.
    pub(crate) size: [u32; 2],
    /// Decode time of the first sample in ticks, before the edit list.
    pub(crate) first_decode_time: u64,
    pub(crate) table: SampleTable,
}

impl Source {
    /// Reads the boxes of a film, and of its tracks those that are chosen.
    pub(crate) fn read(input: Input, options: &Options) -> Result<Self, Error> {
        let top = input.scan(&options.stop)?;
        let Some((moov_offset, moov_bytes)) = &top.moov else {
            return Err(Error::NoMoov { path: input.path.clone(), bytes: input.bytes });
        };
        let in_box = |cause| Error::Box { path: input.path.clone(), cause };
        let moov = BoxRef::parse(moov_bytes, *moov_offset).map_err(in_box)?;
        if moov.find("cmov").map_err(in_box)?.is_some() {
            return Err(Error::CompressedHeaders { path: input.path.clone() });
        }
        let mut init = Init::from_moov(&moov).map_err(|cause| match durations::has_clocks(&moov) {
            Ok(false) => Error::NoClock { path: input.path.clone(), cause },
            _ => in_box(cause),
        })?;
        let mut warnings: Vec<_> = top.junk.iter().map(|&(offset, bytes)| Warning::Junk { offset, bytes }).collect();
        let traks = traks(&moov).map_err(in_box)?;
        let second_choice = sort::second_choice(&mut init, &traks);
        let init = init;
        let sorted = Sorted::new(&input, &init, &traks, &second_choice, options, &mut warnings)?;
        let (mut tracks, mut reasons, mut is_cut_off) = (Vec::new(), Vec::new(), false);
        for &(track, trak) in &sorted.chosen {
            match source_track(track, &trak, input.bytes) {
                Ok((read, cut_off)) => {
                    is_cut_off |= cut_off > 0;
                    reasons.extend((cut_off > 0).then(|| {
                        let (id, all) = (track.id, read.table.count() + cut_off);
                        format!("{cut_off} of {all} samples of track {id} lie past the end of the file")
                    }));
                    tracks.push(read);
                }
                // A film is one without its subtitles, too.
                Err(_) if track.kind == TrackKind::Text => {
                    warnings.push(Warning::LeftOut { track: track.id, codec: "damaged text".to_owned() });
                }
                Err(cause) => return Err(in_box(cause)),
            }
            check_count(&tracks).map_err(|what| in_box(trak.invalid(what)))?;
        }
        if init.is_fragmented {
            let is_behind = |&&begin: &&u64| top.moofs.last().is_some_and(|&(offset, _)| offset > begin);
            match (top.other_settings.as_ref().filter(is_behind), top.second_film) {
                (Some(&offset), _) => return Err(Error::TwoFilms { path: input.path, offset }),
                // Its samples are not in fragments.
                (None, Some(offset)) if top.other_settings.is_some() => warnings.push(Warning::SecondFilm { offset }),
                _ => {}
            }
            let numbers: Vec<_> = traks.iter().filter_map(Track::number).collect();
            let read = fragmented::read(&input, &top.moofs, (&init, &numbers), &mut tracks);
            let read = read.map_err(|error| match (error, top.second_film) {
                (Error::Backwards { path, .. }, Some(offset)) => Error::TwoFilms { path, offset },
                (error, _) => error,
            })?;
            reasons.extend(read.cut_off.map(|offset| format!("the file ends within the fragment at byte {offset}")));
            reasons.extend(read.missing);
            warnings.extend(read.gaps);
        } else if let Some(offset) = top.second_film {
            warnings.push(Warning::SecondFilm { offset });
        }
        warnings.extend(missing::check(&input, &top, &init, &tracks, reasons, options)?);
        tracks
            .iter_mut()
            .filter(|track| track.track.kind != TrackKind::Text)
            .for_each(|track| mend::table(track, &mut warnings));
        sorted.check_there(&input, &tracks, &mut warnings)?;
        tracks.retain(|track| track.table.count() > 0);
        let listed = tracks.iter().map(|track| track.table.bytes()).sum();
        let is_text = |track: &SourceTrack| track.track.kind == TrackKind::Text;
        let (mut texts, mut tracks): (Vec<_>, Vec<_>) = tracks.into_iter().partition(is_text);
        if tracks.is_empty() {
            return Err(Error::NoStreams { path: input.path });
        }
        if listed > input.bytes {
            return Err(Error::Overlapping { path: input.path, listed, bytes: input.bytes });
        }
        let chapter_track =
            texts.iter().position(|text| sorted.chapters == Some(text.track.id)).map(|at| texts.remove(at));
        if let Some(Range { start, end }) = places::overlap(&tracks) {
            return Err(Error::Overlap { path: input.path, start, end });
        }
        warnings.extend(edits::settle(&mut tracks, &traks, init.timescale, &input.path)?);
        mend::ends(&mut tracks, &mut warnings);
        if !init.is_fragmented && !is_cut_off {
            durations::check(&input, &init, &tracks)?;
        }
        for track in &mut tracks {
            track.settle_entry(&input)?;
            keyframes::settle(&input, track, &mut warnings)?;
            keyframes::check_first(&input, track, &mut warnings)?;
        }
        let (film_tracks, chapters) = (sorted.film_tracks, crate::chapters::of_headers(&moov));
        Ok(Self {
            timescale: init.timescale,
            tracks,
            texts,
            subtitles: Vec::new(),
            chapter_track,
            chapters,
            film_tracks,
            is_fragmented: init.is_fragmented,
            warnings,
            input,
        })
    }
}

/// Refuses tracks that together ask for more memory than any film: samples without bytes cost a file nothing.
fn check_count(tracks: &[SourceTrack]) -> Result<(), &'static str> {
    /// The most samples of all tracks together: those of eight days of AAC at 48 kHz (1,024 to a sample).
    const MOST_SAMPLES: u64 = 1 << 25;
    let samples: u64 = tracks.iter().map(|track| u64::from(track.table.count())).sum();
    if samples > MOST_SAMPLES { Err("the tracks together have more samples than any film") } else { Ok(()) }
}

fn traks<'a>(moov: &BoxRef<'a>) -> Result<Vec<BoxRef<'a>>, isobmff::Error> {
    moov.children().filter(|child| child.as_ref().map_or(true, |child| child.kind == b"trak")).collect()
}

/// Reads a track; how many of its samples lie past the end of the file, too.
fn source_track(track: &Track, trak: &BoxRef<'_>, file_bytes: u64) -> Result<(SourceTrack, u32), isobmff::Error> {
    let stbl = trak.need("mdia")?.need("minf")?.need("stbl")?;
    let stsd = stbl.need("stsd")?;
    let has_samples = SampleTable::listed(&stbl)? > 0;
    let (table, cut_off) = match has_samples {
        true => SampleTable::from_stbl_of_cut_off(&stbl, file_bytes)?,
        false => (SampleTable::default(), 0),
    };
    if cut_off > 0 && table.count() == 0 {
        return Err(stbl.invalid("its samples lie past the end of the file, which is cut off or damaged"));
    }
    let read = SourceTrack {
        track: track.clone(),
        sample_entries: stsd.body.to_vec(),
        stsd: (stsd.path, stsd.offset),
        descriptions: Descriptions::parse(&stsd),
        pictures: None,
        keyframes: Keyframes::default(),
        is_in_fragments: !has_samples,
        size: [track.width << 16, track.height << 16],
        first_decode_time: 0,
        table,
    };
    Ok((read, cut_off))
}

impl SourceTrack {
    /// A track without a file, for tests of what follows.
    #[cfg(test)]
    pub(crate) fn made_up(track: Track, table: SampleTable) -> Self {
        Self {
            track,
            sample_entries: Vec::new(),
            stsd: (BoxPath::default(), 0),
            descriptions: Descriptions::default(),
            pictures: None,
            keyframes: Keyframes::default(),
            is_in_fragments: false,
            size: [0; 2],
            first_decode_time: 0,
            table,
        }
    }

    /// The entry that its samples use, once that is settled.
    pub(crate) fn entry(&self) -> Option<Result<BoxRef<'_>, isobmff::Error>> {
        Children::new(self.sample_entries.get(8..)?, BoxPath::default(), 0).next()
    }

    /// Makes the entry that the samples use the only one, as every player reads it.
    fn settle_entry(&mut self, input: &Input) -> Result<(), Error> {
        let in_box = |cause| Error::Box { path: input.path.clone(), cause };
        let (path, offset) = self.stsd;
        let missing = || isobmff::Error::missing(path, offset, "entry that the samples use");
        let entries = self.sample_entries.get(8..).unwrap_or_default();
        let mut entries = Children::new(entries, path, offset + 16);
        let entry = entries.nth((self.table.description() as usize).saturating_sub(1)).ok_or_else(missing);
        let entry = entry.and_then(|entry| entry).map_err(in_box)?;
        let parsed = SampleEntry::parse(&entry, self.track.kind).map_err(in_box)?;
        self.track.entries = vec![parsed];
        self.pictures = PictureFormat::of(&entry).map_err(in_box)?.filter(|_| self.track.kind == TrackKind::Video);

        let length_bytes = write::parameter_sets_in_samples(&entry).map_err(in_box)?;
        let sample = match self.table.iter().next().filter(|_| length_bytes.is_some()) {
            Some(sample) => input.read_box(sample.offset, u64::from(sample.size.min(MAX_PARAMETER_SETS)))?,
            None => Vec::new(),
        };
        let units: Vec<_> = length_bytes.map_or(Vec::new(), |bytes| nal_units(&sample, bytes).collect());
        self.sample_entries = write::sample_entries(&entry, self.track.kind, &units).map_err(in_box)?;
        let written = self.sample_entries.get(8..).unwrap_or_default();
        let written = Children::new(written, path, offset + 16).next().ok_or_else(missing).and_then(|entry| entry);
        written.and_then(|entry| check_configuration(&entry, self.track.kind)).map_err(in_box)
    }
}
