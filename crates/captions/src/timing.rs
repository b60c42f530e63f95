//! The lines that say when a cue is shown, as forgivingly as players read them.

/// What such a line says, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timing<'a> {
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// What stands behind the times: settings of WebVTT, coordinates of SubRip.
    pub(crate) rest: &'a str,
}

/// The longest line that is looked at, in bytes: no timing is longer, with all settings.
const LONGEST: usize = 1_000;

/// `00:01:02,345 --> 00:01:04,000`, with whatever behind.
pub(crate) fn timing(line: &str) -> Option<Timing<'_>> {
    if line.len() > LONGEST {
        return None;
    }
    let (start, end) = line.split_once("-->")?;
    let end = end.trim_start();
    let length = end.find(char::is_whitespace).unwrap_or(end.len());
    let (end, rest) = end.split_at(length);
    // Some write a blank between the seconds and their fraction; nobody writes another arrow.
    let is_one = !rest.contains("-->");
    is_one.then_some(Timing { start: time(start.trim())?, end: time(end)?, rest: rest.trim() })
}

/// Milliseconds. Hours may be missing, and a comma, a point or nothing stands in front of the fraction.
pub(crate) fn time(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let mut seconds = 0_u64;
    for part in whole.split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(part.trim().parse().ok()?)?;
    }
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count().min(3);
    let thousandths = fraction[..digits].parse::<u64>().ok()? * 10_u64.pow(3 - u32::try_from(digits).ok()?);
    seconds.checked_mul(1_000)?.checked_add(thousandths)
}

/// Whether a browser takes the line as it stands (W3C WebVTT section 4.1).
pub(crate) fn is_webvtt_timing(line: &str) -> bool {
    let Some((start, end)) = line.split_once("-->") else { return false };
    let end = end.trim_start();
    let end = &end[..end.find(char::is_whitespace).unwrap_or(end.len())];
    is_timestamp(start.trim()) && is_timestamp(end)
}

/// `01:02:03.456` or `02:03.456`.
fn is_timestamp(text: &str) -> bool {
    let Some((whole, fraction)) = text.split_once('.') else { return false };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_below_sixty = |text: &str| text.len() == 2 && is_number(text) && text < "60";
    let is_whole = match *whole.split(':').collect::<Vec<_>>() {
        [minutes, seconds] => is_below_sixty(minutes) && is_below_sixty(seconds),
        [hours, minutes, seconds] => {
            (2..=9).contains(&hours.len()) && is_number(hours) && is_below_sixty(minutes) && is_below_sixty(seconds)
        }
        _ => false,
    };
    is_whole && fraction.len() == 3 && is_number(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn times_of_every_hand() {
        for (line, expected) in [
            ("00:00:01,000 --> 00:00:02,500", Some((1_000, 2_500, ""))),
            ("00:00:00,5-->00:00:01,25  X1:1 X2:2", Some((500, 1_250, "X1:1 X2:2"))),
            ("0:1.0 --> 0:2 line:0", Some((1_000, 2_000, "line:0"))),
            ("this --> that", None),
            ("00:01 --> 00:02 --> 00:03", None),
            ("99999999999999999999:0 --> 1", None),
            ("-->", None),
        ] {
            let found = timing(line).map(|timing| (timing.start, timing.end, timing.rest));
            assert_eq!(found, expected, "{line}");
        }
        assert_eq!(timing(&format!("0:1 --> 0:2 {}", "x".repeat(LONGEST))), None);
    }

    #[test]
    fn what_a_browser_takes() {
        for line in ["00:01.000 --> 00:02.000", "100:00:01.000-->100:00:02.000 line:0"] {
            assert!(is_webvtt_timing(line), "{line}");
        }
        for line in
            ["00:01,000 --> 00:02,000", "0:01.000 --> 0:02.000", "00:60.000 --> 01:00.000", "00:01.5 --> 00:02.5"]
        {
            assert!(!is_webvtt_timing(line), "{line}");
        }
    }
}
