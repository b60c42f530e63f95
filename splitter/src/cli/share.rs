//! `splitter share URL`.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use qrcodegen::{QrCode, QrCodeEcc};
use signing::Keys;
use splitter::share;

use super::print_json;

/// The light edge around a code, in modules, which readers want.
const EDGE: i32 = 4;

/// Prints a link to a private film that expires
///
/// The film is one that `origin --share-key FILE` serves with the same keys, or a bucket behind a rule that knows them. The link goes to standard
/// output; in a terminal, a code for phones and the time when it expires go to standard error. Who has a link can pass it on: it
/// opens for everybody until then, or until its key is taken out of the file.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  openssl rand -hex 32 > keys                                         a key, once
  splitter film.mp4 --out media/film --private --key keys
  origin --media media --media-path /media/ --site dist --share-key keys
  splitter share https://example.org/media/film/ --for 8h --key keys --page
  splitter share https://cdn.example.org/film/master.m3u8 --for 2d --key keys
")]
pub(super) struct Share {
    /// URL of a manifest or playlist, or of the directory that a manifest lies in
    #[arg(value_name = "URL")]
    address: String,

    /// How long it opens, such as 90m, 8h or 2d; 30 days at most
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    life: Duration,

    /// File of the keys, one a line; the first signs
    #[arg(long, value_name = "FILE")]
    key: PathBuf,

    /// Make it a link to the page that plays the film: the one at the root of the same host, or at this address
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "/")]
    page: Option<String>,

    /// Print a code for phones, where standard error is no terminal, too
    #[arg(long)]
    qr: bool,

    /// Print link, manifest and end (seconds since 1970) as JSON, and nothing else
    #[arg(long)]
    json: bool,
}

impl Share {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let keys = Keys::read(&self.key)?;
        let shared = share::share(&self.address, self.page.as_deref(), &keys, self.life, SystemTime::now())?;
        let link = shared.link.as_str();
        if self.json {
            let expires = shared.expires.duration_since(UNIX_EPOCH)?.as_secs();
            let said = serde_json::json!({ "link": link, "manifest": shared.manifest.as_str(), "expires": expires });
            print_json(&said)?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut err = io::stderr().lock();
        if self.qr || err.is_terminal() {
            match code(link) {
                Some(code) => write!(err, "{code}")?,
                None => writeln!(err, "the link is too long for a code")?,
            }
            writeln!(err, "opens until {}", httpdate::fmt_http_date(shared.expires))?;
        }
        writeln!(io::stdout().lock(), "{link}")?;
        Ok(ExitCode::SUCCESS)
    }
}

/// A text as a code, black on white whatever the terminal's colours are, two modules to a character.
fn code(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let modules = -EDGE..code.size() + EDGE;
    let mut drawn = String::new();
    for y in modules.clone().step_by(2) {
        drawn.push_str("\x1b[30;107m");
        drawn.extend(modules.clone().map(|x| match (code.get_module(x, y), code.get_module(x, y + 1)) {
            (false, false) => ' ',
            (true, false) => '▀',
            (false, true) => '▄',
            (true, true) => '█',
        }));
        drawn.push_str("\x1b[0m\n");
    }
    Some(drawn)
}

/// Reads whole numbers with units, such as `8h` or `1d12h`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write a time as numbers and units, such as 90m, 8h, 2d or 1d12h".to_owned();
    let (mut rest, mut seconds) = (text.trim(), 0_u64);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let unit = match rest[digits..].chars().next() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3_600,
            Some('d') => 86_400,
            _ => return Err(wrong()),
        };
        let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        let more = number.checked_mul(unit).and_then(|more| seconds.checked_add(more));
        seconds = more.ok_or_else(wrong)?;
        rest = &rest[digits + 1..];
    }
    if seconds == 0 { Err(wrong()) } else { Ok(Duration::from_secs(seconds)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, seconds) in [("8h", 28_800), ("90m", 5_400), ("2d", 172_800), ("1d12h", 129_600), (" 30s ", 30)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in
            ["", "8", "h", "8 h", "-8h", "8w", "0h", "1.5h", "8hours", "99999999999999999999s", "9999999999999999999d"]
        {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    /// Every module is where the library has it, and the edge is light.
    #[test]
    fn a_code_is_drawn_two_rows_to_a_line() {
        let text = "https://example.org/#src=/media/film/manifest.json?verify=1797411600-HPr7pSmPdSblvWlIDHCHZkGT5fdDu6hOEL-nGTqpzVM";
        let (drawn, code) =
            (code(text).expect("it is short"), QrCode::encode_text(text, QrCodeEcc::Low).expect("short"));
        let rows: Vec<Vec<char>> = drawn
            .lines()
            .map(|line| line.trim_start_matches("\x1b[30;107m").trim_end_matches("\x1b[0m").chars().collect())
            .collect();
        for y in 0..code.size() + 2 * EDGE {
            for x in 0..code.size() + 2 * EDGE {
                let character = rows[usize::try_from(y / 2).expect("small")][usize::try_from(x).expect("small")];
                let is_dark = if y % 2 == 0 { "▀█" } else { "▄█" }.contains(character);
                assert_eq!(is_dark, code.get_module(x - EDGE, y - EDGE), "{x} {y}");
            }
        }
        assert!(super::code(&"x".repeat(3_000)).is_none());
    }
}
