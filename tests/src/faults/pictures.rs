//! What each picture of a film looks like, to the last pixel: damage is noticed where it leaves the burnt-in number as it is, too.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufReader, Read},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use test_film::Film;

use super::judge::Told;
use crate::{Frame, Kind};

/// Digests of the pictures, by their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Pictures(BTreeMap<u32, BTreeSet<u32>>);

impl Pictures {
    /// As ffmpeg decodes them: H.264 leaves a decoder no choice. A browser that gives its pictures in RGB is learned from instead.
    pub(super) fn decode(film: &Film, [width, height]: [u32; 2]) -> Result<Self> {
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-nostdin", "-loglevel", "error", "-i"]).arg(&film.path);
        ffmpeg.args(["-map", "0:v", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"]);
        let mut running = ffmpeg.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start ffmpeg")?;
        let mut out = BufReader::new(running.stdout.take().context("its output is a pipe")?);
        let (mut pictures, mut picture) = (Self::default(), vec![0; (width * height * 3 / 2) as usize]);
        for number in 0..film.period.min(film.seconds * film.frame_rate) {
            out.read_exact(&mut picture).with_context(|| format!("ffmpeg gives no picture {number}"))?;
            pictures.0.entry(number).or_default().insert(digest(&picture));
        }
        ensure!(running.wait()?.success(), "{ffmpeg:?} failed");
        Ok(pictures)
    }

    /// Whether what the browser gives is held against what ffmpeg decodes.
    pub(super) const fn are_decoded_for(kind: Kind) -> bool {
        matches!(kind, Kind::Chromium)
    }

    /// Learns from a film that nothing has befallen.
    pub(super) fn learn(&mut self, told: &Told) {
        for frame in &told.frames {
            if let Some((number, picture)) = frame.number().zip(frame.picture) {
                self.0.entry(number).or_default().insert(picture);
            }
        }
    }

    /// Whether anything is known of such a picture: one without a number is none of them.
    pub(super) fn know(&self, frame: &Frame) -> bool {
        frame.picture.is_some() && frame.number().is_none_or(|number| self.0.contains_key(&number))
    }

    /// Whether such a picture is not among them. Of one that has never been seen nothing is known.
    pub(super) fn lack(&self, frame: &Frame) -> bool {
        let Some(number) = frame.number() else { return true };
        self.0.get(&number).is_some_and(|known| frame.picture.is_some_and(|picture| !known.contains(&picture)))
    }
}

/// As the page makes it: FNV-1a, 32 bits at a time.
fn digest(picture: &[u8]) -> u32 {
    let (words, _) = picture.as_chunks::<4>();
    words.iter().fold(0x811c_9dc5, |hash, word| (hash ^ u32::from_le_bytes(*word)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_tells_pixels_apart() {
        assert_eq!(digest(&[]), 0x811c_9dc5);
        assert_ne!(digest(&[1, 0, 0, 0, 0, 0, 0, 0]), digest(&[0, 0, 0, 0, 1, 0, 0, 0]));
    }
}
