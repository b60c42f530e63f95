//! A film's name, for programs and for people.

use std::ffi::OsString;
use std::path::Path;

/// Name of a film that comes through standard input, in messages.
pub(crate) const STANDARD_INPUT: &str = "standard input";

/// A film's name as ffmpeg and ffprobe take it for one, whatever it begins with: no option, no protocol.
pub(super) fn operand(film: &Path) -> OsString {
    if film.is_absolute() {
        return film.into();
    }
    Path::new(".").join(film).into()
}

/// The command to type, with the film's name quoted for a shell.
pub(crate) fn by_hand(film: &Path, options: &str) -> String {
    format!("ffmpeg -i {} {options} film.mp4", quoted(film))
}

/// A film's name for a shell; a word that stands for one where it has none.
pub(crate) fn quoted(film: &Path) -> String {
    if film == Path::new(STANDARD_INPUT) {
        return "FILM".to_owned();
    }
    let name = operand(film).to_string_lossy().into_owned();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,=@:".contains(c);
    let quoted = if name.chars().all(is_plain) { name } else { format!("'{}'", name.replace('\'', r"'\''")) };
    quoted.trim_start_matches("./").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_typed_as_it_is() {
        let command = |film| by_hand(Path::new(film), "-c copy");
        assert_eq!(command("film.mkv"), "ffmpeg -i film.mkv -c copy film.mp4");
        assert_eq!(command(STANDARD_INPUT), "ffmpeg -i FILM -c copy film.mp4");
        assert_eq!(command("a film's.mkv"), r"ffmpeg -i './a film'\''s.mkv' -c copy film.mp4");
    }
}
