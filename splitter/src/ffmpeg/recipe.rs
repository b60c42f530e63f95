//! What becomes of each stream, as options of ffmpeg.

use std::ffi::OsString;
use std::process::{Command, Stdio};

use super::Probe;
use super::probe::ProbedStream;
use crate::choice::{FilmTrack, choose};
use crate::track_type::TrackType;
use crate::{Error, Options, Warning};

/// What ffmpeg is told to make of a film's streams.
#[derive(Clone, Debug)]
pub(crate) struct Recipe<'a> {
    /// Those that become pictures and sound, and whether they are re-encoded.
    tracks: Vec<(&'a ProbedStream, bool)>,
    /// Those that become WebVTT.
    pub(crate) texts: Vec<&'a ProbedStream>,
    /// All tracks that could be chosen.
    pub(crate) film_tracks: Vec<FilmTrack>,
    /// What the choice leaves out.
    pub(crate) warnings: Vec<Warning>,
    anew: Anew,
}

/// What may be re-encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anew {
    /// Everything is copied as it is.
    Nothing,
    /// What not every browser plays.
    WhatFewPlay,
    /// That, and all pictures: copied, they would have too few keyframes.
    Pictures,
    /// Everything: copied, it would not be what a player shows.
    Everything,
    /// Everything, with times that are made anew because those of the film are damaged. Where those of pictures are, the fraction
    /// says how many pictures there are in how many seconds.
    Evenly(Option<(u64, u64)>),
}

impl Anew {
    /// Whether nothing is copied.
    pub(crate) fn is_everything(self) -> bool {
        matches!(self, Self::Everything | Self::Evenly(_))
    }

    /// Whether all pictures are re-encoded.
    pub(crate) fn has_pictures(self) -> bool {
        matches!(self, Self::Pictures | Self::Everything | Self::Evenly(_))
    }
}

/// Codecs, by ffmpeg's names, that some browser has a decoder for, so that they may be copied.
const KEPT: [&str; 9] = ["h264", "hevc", "av1", "vp9", "aac", "opus", "flac", "ac3", "eac3"];
/// Codecs, by ffmpeg's names, that all browsers have a decoder for, or nearly all.
const UNIVERSAL: [&str; 6] = ["h264", "av1", "vp9", "aac", "opus", "flac"];
/// Pixel formats, by ffmpeg's names, that browsers' H.264 decoders take.
const PLAIN_PICTURES: [&str; 2] = ["yuv420p", "yuvj420p"];

/// Options of ffmpeg for the H.264 that every browser plays, with a closed GOP every 2 s.
const PICTURES: [&str; 12] = [
    "libx264",
    "-preset",
    "medium",
    "-crf",
    "20",
    "-pix_fmt",
    "yuv420p",
    "-flags",
    "+cgop",
    "-force_key_frames",
    "expr:gte(t,n_forced*2)",
    "-sc_threshold:v",
];

impl<'a> Recipe<'a> {
    /// Copies every stream that browsers have a decoder for; re-encodes the others, and those that only some have one for, as far
    /// as `anew` allows. Without pictures where the options want sound alone.
    ///
    /// # Errors
    /// [`Error::Codec`] where a stream must be re-encoded and that is not allowed.
    pub(crate) fn new(options: &Options, probe: &'a Probe, anew: Anew) -> Result<Self, Error> {
        let film = &options.film;
        let is_kept = |stream: &ProbedStream| {
            let codec = stream.codec_name.as_str();
            stream.is_text() || KEPT.contains(&codec) || codec == "mp3"
        };
        let (mut streams, mut film_tracks) = (Vec::new(), Vec::new());
        for stream in &probe.streams {
            let kind = match stream {
                stream if stream.is_video() && !options.audio_only => TrackType::Video,
                stream if stream.is_audio() && !options.pictures_only => TrackType::Audio,
                stream if stream.is_text() => TrackType::Text,
                _ => continue,
            };
            film_tracks.push(FilmTrack {
                plays: is_kept(stream) || (anew != Anew::Nothing && stream.is_known()),
                is_default: stream.is_default(),
                ..FilmTrack::new(kind, stream.codec_name.clone(), stream.language(), stream.title())
            });
            streams.push(stream);
        }
        let mut warnings = Vec::new();
        let chosen = choose(film, &mut film_tracks, &options.choice, &mut warnings)?;
        let (mut tracks, mut texts) = (Vec::new(), Vec::new());
        for at in chosen {
            let stream: &ProbedStream = streams[at];
            if stream.is_text() {
                texts.push(stream);
                continue;
            }
            if !film_tracks[at].plays && anew != Anew::Nothing {
                let codec = film_tracks[at].codec.clone();
                if stream.is_video() {
                    let named = if stream.is_known() { codec } else { "something unknown".to_owned() };
                    let why = format!("they are coded as {named}, which neither browsers nor ffmpeg play");
                    return Err(Error::NoPictures { path: film.clone(), track: stream.index, why });
                }
                if options.keep_going {
                    let (kind, number) = (film_tracks[at].kind, film_tracks[at].number);
                    warnings.push(Warning::Unplayable { kind, number, codec });
                    film_tracks[at].chosen = false;
                    continue;
                }
                return Err(Error::NoDecoder { path: film.clone(), track: stream.index, codec });
            }
            if !film_tracks[at].plays {
                let codec = if stream.is_known() { stream.codec_name.as_str() } else { "something unknown" };
                return Err(Error::Codec { path: film.clone(), track: stream.index, codec: codec.to_owned() });
            }
            let is_coded = match anew {
                Anew::Nothing => false,
                Anew::WhatFewPlay => !is_universal(stream),
                Anew::Pictures => stream.is_video() || !is_universal(stream),
                Anew::Everything | Anew::Evenly(_) => true,
            };
            tracks.push((stream, is_coded));
        }
        if tracks.is_empty() {
            return Err(Error::NoStreams { path: film.clone() });
        }
        Ok(Self { tracks, texts, film_tracks, warnings, anew })
    }

    /// Whether times are made anew, so that those of the film say nothing of the result's.
    pub(crate) fn is_even(&self) -> bool {
        matches!(self.anew, Anew::Evenly(_))
    }

    /// Options in front of the film.
    pub(crate) fn input_options(&self) -> Vec<OsString> {
        let Anew::Evenly(rate) = self.anew else { return Vec::new() };
        // Edits count in times that are wrong.
        let edits = ["-ignore_editlist".into(), "1".into()];
        let rate = rate.map(|(pictures, seconds)| ["-r".into(), format!("{pictures}/{seconds}").into()]);
        edits.into_iter().chain(rate.into_iter().flatten()).collect()
    }

    /// What becomes of each track of the result, in their order: its stream in the film, and whether that is re-encoded.
    pub(crate) fn tracks(&self) -> &[(&'a ProbedStream, bool)] {
        &self.tracks
    }

    /// Options between the film and the place of the result.
    pub(crate) fn options(&self) -> Vec<OsString> {
        let mut options: Vec<String> = Vec::new();
        for (stream, _) in &self.tracks {
            options.extend(["-map".to_owned(), format!("0:{}", stream.index)]);
        }
        for (number, (stream, anew)) in self.tracks.iter().enumerate() {
            let is_first = self.tracks[..number].iter().all(|(before, _)| before.is_video() != stream.is_video());
            options.extend([format!("-disposition:{number}"), if is_first { "default" } else { "0" }.to_owned()]);
            let codec = format!("-c:{number}");
            match (anew, stream.is_video()) {
                (false, _) => {
                    options.extend([codec, "copy".to_owned()]);
                    if stream.codec_name == "aac" {
                        // Transport streams have a header on every packet. ffmpeg sees that too late by itself.
                        options.extend([format!("-bsf:{number}"), "aac_adtstoasc".to_owned()]);
                    }
                }
                (true, true) => {
                    options.push(codec);
                    options.extend(PICTURES.map(|word| word.replace(":v", &format!(":{number}"))));
                    options.push("0".to_owned());
                    // Colours of 4:2:0 are shared by two pixels each way.
                    if stream.width % 2 > 0 || stream.height % 2 > 0 {
                        options.extend([format!("-filter:{number}"), "pad=ceil(iw/2)*2:ceil(ih/2)*2".to_owned()]);
                    }
                }
                (true, false) => {
                    // 96 kbit/s for each of two channels, less for each of more.
                    let rate =
                        if stream.channels > 2 { 64 * stream.channels.min(8) } else { 96 * stream.channels.max(1) };
                    options.extend([codec, "aac".to_owned(), format!("-b:{number}"), format!("{rate}k")]);
                    if self.is_even() {
                        options.extend([format!("-filter:{number}"), "asetpts=N/SR/TB".to_owned()]);
                    }
                }
            }
        }
        options.into_iter().map(OsString::from).collect()
    }
}

fn is_universal(stream: &ProbedStream) -> bool {
    let is_plain = stream.codec_name != "h264" || PLAIN_PICTURES.contains(&stream.pix_fmt.as_str());
    UNIVERSAL.contains(&stream.codec_name.as_str()) && is_plain
}

/// Whether ffmpeg and ffprobe can be started.
pub(crate) fn is_installed() -> bool {
    ["ffmpeg", "ffprobe"].iter().all(|program| {
        let mut command = Command::new(program);
        command.arg("-version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AudioChoice;

    fn probe(json: &str) -> Probe {
        serde_json::from_str(json).expect("valid")
    }

    fn words(probe: &Probe, anew: Anew) -> String {
        let recipe = Recipe::new(&Options::new("film.mkv", ""), probe, anew).expect("possible");
        let words: Vec<_> = recipe.options().into_iter().map(|word| word.into_string().expect("ASCII")).collect();
        words.join(" ")
    }

    #[test]
    fn what_browsers_play_is_copied() {
        let probe = probe(
            r#"{"streams": [
                {"index": 0, "codec_type": "video", "codec_name": "mjpeg", "disposition": {"attached_pic": 1}},
                {"index": 1, "codec_type": "video", "codec_name": "hevc", "pix_fmt": "yuv420p10le"},
                {"index": 2, "codec_type": "audio", "codec_name": "ac3", "channels": 6},
                {"index": 3, "codec_type": "subtitle", "codec_name": "subrip", "tags": {"language": "eng"}},
                {"index": 4, "codec_type": "subtitle", "codec_name": "hdmv_pgs_subtitle"}
            ], "format": {"duration": "12.5"}}"#,
        );
        assert_eq!(
            words(&probe, Anew::Nothing),
            "-map 0:1 -map 0:2 -disposition:0 default -c:0 copy -disposition:1 default -c:1 copy"
        );
        let recipe = Recipe::new(&Options::new("film.mkv", ""), &probe, Anew::Nothing).expect("possible");
        assert_eq!(recipe.texts.iter().map(|text| text.index).collect::<Vec<_>>(), [3]);
        assert_eq!(probe.seconds(), Some(12.5));
        let anew = words(&probe, Anew::WhatFewPlay);
        assert!(
            anew.contains("-c:0 libx264") && anew.contains("-sc_threshold:0 0") && anew.contains("-c:1 aac -b:1 384k")
        );
    }

    #[test]
    fn what_no_browser_plays_is_refused_unless_it_may_be_coded_anew() {
        let probe = probe(r#"{"streams": [{"index": 0, "codec_type": "video", "codec_name": "mpeg4"}]}"#);
        let refused = Recipe::new(&Options::new("film.avi", ""), &probe, Anew::Nothing);
        assert!(matches!(refused, Err(Error::Codec { track: 0, .. })));
        assert!(words(&probe, Anew::WhatFewPlay).contains("libx264"));
        let high = r#"{"streams": [{"index": 0, "codec_type": "video", "codec_name": "h264", "pix_fmt": "yuv422p"}]}"#;
        let high = serde_json::from_str(high).expect("valid");
        assert!(words(&high, Anew::Nothing).contains("copy") && words(&high, Anew::WhatFewPlay).contains("libx264"));
    }

    #[test]
    fn what_nothing_decodes_is_left_out_beside_others_and_what_is_chosen_comes_in_its_order() {
        let probe = probe(
            r#"{"streams": [
                {"index": 0, "codec_type": "video", "codec_name": "h264", "pix_fmt": "yuv420p"},
                {"index": 1, "codec_type": "audio", "codec_name": "unknown", "disposition": {"default": 1}},
                {"index": 2, "codec_type": "audio", "codec_name": "aac", "tags": {"language": "jpn"}},
                {"index": 3, "codec_type": "audio", "codec_name": "dts", "tags": {"language": "eng"}},
                {"index": 4, "codec_type": "video", "codec_name": "h264", "pix_fmt": "yuv420p"}
            ]}"#,
        );
        let maps = |options: &Options, anew| {
            let recipe = Recipe::new(options, &probe, anew).expect("possible");
            let coded: Vec<_> = recipe.tracks.iter().map(|(stream, anew)| (stream.index, *anew)).collect();
            (coded, recipe.warnings.len())
        };
        let mut options = Options::new("film.mkv", "");
        assert_eq!(maps(&options, Anew::Nothing), (vec![(0, false), (2, false)], 3));
        assert_eq!(maps(&options, Anew::WhatFewPlay), (vec![(0, false), (2, false), (3, true)], 2));
        assert_eq!(maps(&options, Anew::Pictures).0[0], (0, true));
        options.choice.video = Some(2);
        options.choice.audio = vec![AudioChoice::Language("en".to_owned()), AudioChoice::Number(2)];
        assert_eq!(maps(&options, Anew::WhatFewPlay), (vec![(4, false), (3, true), (2, false)], 0));
        assert!(matches!(Recipe::new(&options, &probe, Anew::Nothing), Err(Error::Codec { track: 3, .. })));
    }
}
