//! Which rungs are worth making below a film.

use std::str::FromStr;

use serde::Serialize;

use crate::track::Track;

/// Which rungs are made of a film.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LadderChoice {
    /// Those that its size and rate leave room for.
    Auto,
    /// Of these heights, in pixels: those of pictures of 16:9 that the film's fit into.
    Heights(Vec<u32>),
}

/// A choice of rungs that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is neither `auto` nor a list of heights such as 1080p,720p,480p")]
pub struct NoLadderChoice;

impl FromStr for LadderChoice {
    type Err = NoLadderChoice;

    fn from_str(text: &str) -> Result<Self, NoLadderChoice> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let height = |word: &str| word.strip_suffix('p').unwrap_or(word).parse().ok();
        let heights: Option<Vec<u32>> = text.split(',').map(height).collect();
        let mut heights =
            heights.filter(|all| all.iter().all(|height| (16..=8_640).contains(height))).ok_or(NoLadderChoice)?;
        heights.sort_unstable_by(|one, other| other.cmp(one));
        heights.dedup();
        Ok(Self::Heights(heights))
    }
}

/// A rung that is to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WantedRung {
    /// Such as `720p`.
    pub name: String,
    /// Width and height in pixels; `None` of sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<(u32, u32)>,
    /// The most bits per second that it may take for long; of sound about as many.
    pub most_bits_per_second: u64,
}

/// Filters of ffmpeg that map a wide range of light to that of H.264 as every screen shows it.
const TONE_MAPPED: &str = "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,\
                           zscale=t=bt709:m=bt709:r=tv,";

/// Whether an init says that its pictures have the transfer function of PQ or HLG (ITU-T H.273 table 3), which pictures of 8 bits
/// lack.
fn is_high_dynamic_range(init: &[u8]) -> bool {
    const COLOURS: &[u8] = b"colrnclx";
    let at = init.windows(COLOURS.len()).position(|window| window == COLOURS);
    // Two bytes of primaries come first.
    let transfer = at.and_then(|at| init.get(at + COLOURS.len() + 2..at + COLOURS.len() + 4));
    matches!(transfer, Some([0, 16 | 18]))
}

impl WantedRung {
    /// What ffmpeg is told of it.
    pub(super) fn words(&self, preset: &str, pictures: &Track) -> Vec<String> {
        let timescale = pictures.timing.timescale;
        let colours = if is_high_dynamic_range(&pictures.init) { TONE_MAPPED } else { "" };
        let ((width, height), most) = (self.size.unwrap_or_default(), self.most_bits_per_second);
        let line = format!(
            "-map 0:v:0 -vf scale={width}:{height}:flags=lanczos,setsar=1,{colours}format=yuv420p -c:v libx264 -preset {preset} -profile:v high \
             -crf 21 -maxrate {most} -bufsize {} -flags +cgop+bitexact -g 100000 -sc_threshold 0 -force_key_frames source \
             -forced-idr 1 -fps_mode passthrough -enc_time_base 1:{timescale} -video_track_timescale {timescale} \
             -map_metadata -1 -fflags +bitexact -f mp4",
            most * 2
        );
        line.split_whitespace().map(str::to_owned).collect()
    }
}

/// A rate of sound, in bits per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoundRate(pub u32);

/// A rate of sound that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no rate of sound such as 128k, between 16k and 640k")]
pub struct NoSoundRate;

impl FromStr for SoundRate {
    type Err = NoSoundRate;

    fn from_str(text: &str) -> Result<Self, NoSoundRate> {
        let thousands = text.strip_suffix('k').and_then(|thousands| thousands.parse::<u32>().ok()?.checked_mul(1_000));
        let bits = thousands.or_else(|| text.parse().ok());
        bits.filter(|bits| (16_000..=640_000).contains(bits)).map(Self).ok_or(NoSoundRate)
    }
}

/// What of a film decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pictures {
    /// As shown, in pixels.
    pub(super) size: (u32, u32),
    /// Pictures in a second.
    pub(super) rate: f64,
    /// Average.
    pub(super) bits_per_second: u64,
}

/// Heights that are made unasked.
const HEIGHTS: [u32; 7] = [2_160, 1_440, 1_080, 720, 480, 360, 240];
/// Bits per second that 720 lines of film take at most, which pictures of 720p are given by most services.
const AT_720: f64 = 2.8e6;
/// Exponent by which those bits grow with the height: pixels grow by the square, the detail in them by less.
const GROWTH: f64 = 1.5;
/// Pictures in a second above which a film takes half as many bits more.
const FAST: f64 = 32.0;
/// The least rate of the rung above, as a multiple of a rung's own: with less between them, a switch gains nothing.
const STEP: f64 = 1.5;
/// Share of the bits that a height usually takes below which no rung of it is made: fewer lines look better at that rate.
const STARVED: f64 = 0.5;

/// The rungs to make, the highest first.
///
/// # Errors
/// A height that is more than the film's, which is said.
pub(super) fn wanted(choice: &LadderChoice, film: Pictures) -> Result<Vec<WantedRung>, (u32, u32)> {
    let (long, short) = (film.size.0.max(film.size.1), film.size.0.min(film.size.1));
    // The height of the smallest picture of 16:9 that it fits into, lying on its side where it stands.
    let lines = short.max((u64::from(long) * 9).div_ceil(16).try_into().unwrap_or(u32::MAX)).max(1);
    let asked = match choice {
        LadderChoice::Auto => &HEIGHTS[..],
        LadderChoice::Heights(heights) => heights,
    };
    let is_auto = *choice == LadderChoice::Auto;
    let mut above = film.bits_per_second as f64;
    let mut rungs = Vec::new();
    for &height in asked {
        if height > lines {
            if is_auto {
                continue;
            }
            return Err((height, lines));
        }
        let usual = AT_720 * (f64::from(height) / 720.0).powf(GROWTH) * if film.rate > FAST { 1.5 } else { 1.0 };
        let most = usual.min(above / STEP);
        // As many lines as the film has are worth it where they take far less.
        let least = if height == lines { usual } else { usual * STARVED };
        if is_auto && most < least {
            continue;
        }
        let scaled = |edge: u32| {
            let half = f64::from(edge) * f64::from(height) / f64::from(lines) / 2.0;
            (half.round() as u32 * 2).max(2)
        };
        let size = Some((scaled(film.size.0), scaled(film.size.1)));
        rungs.push(WantedRung { name: format!("{height}p"), size, most_bits_per_second: most.max(1_000.0) as u64 });
        above = most;
    }
    Ok(rungs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(size: (u32, u32), megabits: f64) -> Vec<(String, (u32, u32), u64)> {
        let film = Pictures { size, rate: 24.0, bits_per_second: (megabits * 1e6) as u64 };
        let rungs = wanted(&LadderChoice::Auto, film).expect("never too high");
        rungs
            .into_iter()
            .map(|rung| (rung.name, rung.size.expect("pictures"), rung.most_bits_per_second / 1_000))
            .collect()
    }

    fn names(size: (u32, u32), megabits: f64) -> Vec<String> {
        auto(size, megabits).into_iter().map(|(name, ..)| name).collect()
    }

    #[test]
    fn a_film_of_many_bits_gets_its_own_height_for_fewer() {
        let rungs = auto((1_920, 1_080), 22.0);
        assert_eq!(rungs[0], ("1080p".to_owned(), (1_920, 1_080), 5_143));
        assert_eq!(rungs[1], ("720p".to_owned(), (1_280, 720), 2_800));
        assert_eq!(names((1_920, 1_080), 22.0), ["1080p", "720p", "480p", "360p", "240p"]);
        assert_eq!(names((1_920, 1_080), 5.0), ["720p", "480p", "360p", "240p"]);
    }

    #[test]
    fn a_film_of_few_bits_gets_none_that_would_starve_and_none_larger() {
        assert_eq!(names((1_920, 1_080), 1.0), ["360p", "240p"]);
        assert_eq!(names((640, 360), 3.0), ["360p", "240p"]);
        assert_eq!(names((160, 90), 3.0), [""; 0]);
    }

    #[test]
    fn wide_and_standing_films_keep_their_shape() {
        assert_eq!(auto((1_920, 800), 4.0)[0].1, (1_280, 534));
        assert_eq!(auto((1_080, 1_920), 4.0)[0].1, (720, 1_280));
    }

    #[test]
    fn neighbours_are_far_enough_apart() {
        for megabits in 1..60 {
            let rates: Vec<_> =
                auto((3_840, 2_160), f64::from(megabits)).into_iter().map(|(_, _, rate)| rate).collect();
            assert!(rates.windows(2).all(|pair| pair[0] as f64 >= 1.4 * pair[1] as f64), "{rates:?}");
        }
    }

    #[test]
    fn rates_of_sound_are_read_as_people_write_them() {
        assert_eq!(("128k".parse(), "64000".parse()), (Ok(SoundRate(128_000)), Ok(SoundRate(64_000))));
        for wrong in ["", "k", "15k", "641k", "5000000k", "fast"] {
            assert_eq!(wrong.parse::<SoundRate>(), Err(NoSoundRate), "{wrong}");
        }
    }

    #[test]
    fn heights_are_taken_as_they_are_but_never_above_the_film() {
        let film = Pictures { size: (1_280, 720), rate: 60.0, bits_per_second: 4_000_000 };
        let choice: LadderChoice = "480p,720,480p".parse().expect("heights");
        assert_eq!(choice, LadderChoice::Heights(vec![720, 480]));
        let rungs = wanted(&choice, film).expect("below the film");
        assert_eq!(rungs.iter().map(|rung| rung.most_bits_per_second).collect::<Vec<_>>(), [2_666_666, 1_777_777]);
        assert_eq!(wanted(&LadderChoice::Heights(vec![1_080]), film), Err((1_080, 720)));
        for wrong in ["", "high", "720p,", "15p", "9000p"] {
            assert!(wrong.parse::<LadderChoice>().is_err(), "{wrong}");
        }
    }
}
