//! The sound: one tone a second, of a whole number of hertz, so that it passes zero where it changes and never clicks.

/// Which tone sounds in which second.
///
/// The right channel sounds an octave above the left, so that swapped or merged channels show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tone;

impl Tone {
    const LOWEST_HZ: u32 = 300;
    const STEP_HZ: u32 = 50;
    /// Seconds after which the tones begin anew.
    const PERIOD: u32 = 30;

    /// The left channel's frequency in hertz during `second`, counted from the film's start.
    #[must_use]
    pub fn hertz(second: u32) -> u32 {
        Self::LOWEST_HZ + Self::STEP_HZ * (second % Self::PERIOD)
    }

    /// An ffmpeg `aevalsrc` of both channels, lasting `seconds`.
    pub(crate) fn source(seconds: u32) -> String {
        let (lowest, step, period) = (Self::LOWEST_HZ, Self::STEP_HZ, Self::PERIOD);
        let turns = format!("2*PI*({lowest}+{step}*mod(floor(t),{period}))*t");
        format!("aevalsrc='0.2*sin({turns})|0.2*sin(2*{turns})':s=48000:d={seconds}")
    }
}
