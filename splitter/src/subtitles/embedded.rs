//! Subtitles in a track of the film: 3GPP timed text (`tx3g`, 3GPP TS 26.245) and WebVTT (`wvtt`, ISO/IEC 14496-30).

use captions::Cue;
use isobmff::{BoxPath, BoxRef, Children, FourCc, Sample};

use super::Subtitles;
use crate::Error;
use crate::language::bcp47;
use crate::source::{Input, SourceTrack};

/// Whether a track of text can be read.
pub(crate) fn is_text(format: FourCc) -> bool {
    matches!(&format.0, b"tx3g" | b"wvtt")
}

/// The most bytes of one sample: a screen full of words in colours.
const MOST_BYTES: u32 = 64 << 10;
/// The most bytes of the text of all cues together: captions beside a film may have as many.
const MOST_TEXT: usize = 32 << 20;

/// Reads a track. `moved` is what is added to a composition time to get a time of the film, in ticks. `None` where it
/// says nothing.
pub(crate) fn read(input: &Input, track: &SourceTrack, moved: i64) -> Result<Option<Subtitles>, Error> {
    let entry = track.track.entry();
    let is_vtt = entry.format == b"wvtt";
    let mut cues: Vec<Cue> = Vec::new();
    let mut text_bytes = 0;
    let mut time = i128::from(track.first_decode_time) + i128::from(moved);
    for sample in track.table.iter() {
        let start = milliseconds(time + i128::from(sample.composition_offset), track.track.timescale);
        time += i128::from(sample.duration);
        let end = milliseconds(time + i128::from(sample.composition_offset), track.track.timescale);
        let bytes = load(input, &sample)?;
        let texts = if is_vtt { webvtt(&bytes) } else { timed_text(&bytes).into_iter().collect() };
        for (text, settings) in texts {
            text_bytes += text.len();
            match cues.iter_mut().rev().take(8).find(|cue| cue.end == start && cue.text == text && is_vtt) {
                // A cue that goes on while another begins stands in both samples.
                Some(going_on) => going_on.end = end,
                None => cues.push(Cue { start, end, settings, text }),
            }
        }
        if text_bytes > MOST_TEXT {
            return Err(Error::Subtitles { path: input.path.clone(), cause: captions::Error::TooLarge });
        }
    }
    if cues.is_empty() {
        return Ok(None);
    }
    let language = track.track.language.as_deref().and_then(bcp47);
    let label = crate::label::label(&track.track.name);
    Ok(Some(Subtitles { language, label, text: captions::file(&header(track), &cues) }))
}

fn milliseconds(ticks: i128, timescale: u32) -> u64 {
    let ticks = u128::try_from(ticks).unwrap_or(0);
    u64::try_from((ticks * 1_000 + u128::from(timescale) / 2) / u128::from(timescale)).unwrap_or(u64::MAX)
}

fn load(input: &Input, sample: &Sample) -> Result<Vec<u8>, Error> {
    input.read_box(sample.offset, u64::from(sample.size.min(MOST_BYTES)))
}

/// The words of a `tx3g` sample: their length, then themselves, then boxes of styles (section 5.17).
fn timed_text(bytes: &[u8]) -> Option<(String, String)> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let text = rest.get(..usize::from(u16::from_be_bytes(*length)))?;
    let wide = |from: fn([u8; 2]) -> u16, text: &[u8]| {
        let units: Vec<u16> = text.chunks_exact(2).map(|unit| from([unit[0], unit[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    let text = match text {
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        text => String::from_utf8_lossy(text).into_owned(),
    };
    (!text.trim().is_empty()).then(|| (captions::escape(&text.replace('\r', "\n")), String::new()))
}

/// The cues of a `wvtt` sample: `vttc` boxes with `payl` and `sttg` (section 7.4).
fn webvtt(bytes: &[u8]) -> Vec<(String, String)> {
    let cues = Children::new(bytes, BoxPath::default(), 0).map_while(Result::ok).filter(|child| child.kind == b"vttc");
    let text = |child: Option<BoxRef<'_>>| child.map(|child| String::from_utf8_lossy(child.body).into_owned());
    cues.filter_map(|cue| {
        let payload = text(cue.find("payl").ok()?)?;
        let settings = text(cue.find("sttg").ok()?).unwrap_or_default();
        // Both come from a file: neither may end the cue's line or begin another one.
        Some((payload.replace("-->", "--&gt;"), settings.replace(['\n', '\r'], " ").replace("-->", "")))
    })
    .collect()
}

/// What stands behind the first line of the file that a `wvtt` track was made of.
fn header(track: &SourceTrack) -> String {
    let configuration = || {
        let entry = track.entry()?.ok()?;
        let vttc = entry.children_after(8).ok()?.map_while(Result::ok).find(|child| child.kind == b"vttC")?;
        let text = String::from_utf8_lossy(vttc.body).into_owned();
        let (_, behind) = text.split_once('\n')?;
        Some(behind.trim_end().to_owned()).filter(|behind| !behind.is_empty() && !behind.contains("-->"))
    };
    configuration().map_or_else(String::new, |text| format!("{text}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timed_text_in_either_encoding() {
        let sample =
            |text: &[u8]| [&u16::try_from(text.len()).expect("short").to_be_bytes()[..], text, b"\0\0"].concat();
        assert_eq!(timed_text(&sample(b"a < b")), Some(("a &lt; b".into(), String::new())));
        assert_eq!(timed_text(&sample(b"\xfe\xff\0H\0i")), Some(("Hi".into(), String::new())));
        assert_eq!(timed_text(&sample(b"")), None, "nothing is shown");
        assert_eq!(timed_text(&[0, 9, b'x']), None, "a length that lies");
        assert_eq!(timed_text(&[0]), None);
    }

    #[test]
    fn webvtt_samples_hold_cues() {
        let make = |kind: &[u8; 4], body: &[u8]| {
            [&u32::try_from(8 + body.len()).expect("short").to_be_bytes()[..], kind, body].concat()
        };
        let cue = make(b"vttc", &[make(b"sttg", b"line:0"), make(b"payl", b"<i>Hi</i>")].concat());
        let sample = [cue, make(b"vtte", b""), make(b"vttc", b"")].concat();
        assert_eq!(webvtt(&sample), [("<i>Hi</i>".to_owned(), "line:0".to_owned())]);
        assert_eq!(webvtt(b"\0\0\0\x09vttc"), []);
    }
}
