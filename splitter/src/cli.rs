//! What can be typed, and where it leads.

mod check;
mod cut;
mod inspect;
mod prune;
mod publish;
mod sending;
mod share;
mod signals;
mod verify;

use std::env;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

/// Cuts a film into chunks that an edge cache can hold, ready to be served and played.
///
/// Pictures and sound are copied as they are. The result is a directory with manifest.json, which the player is given, the
/// chunks it names, and playlists for other players: master.m3u8 (HLS) and manifest.mpd (DASH). Publishing is atomic:
/// viewers see the old film until the new one is whole. What was killed half-way goes on where it was.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    cut: cut::Cut,
}

#[derive(Debug, Subcommand)]
enum Command {
    Verify(verify::Verify),
    Check(check::Check),
    Inspect(inspect::Inspect),
    Prune(prune::Prune),
    Publish(publish::Publish),
    Share(share::Share),
}

const EXAMPLES: &str = "\
Examples:
  splitter film.mp4                              publish in media/current
  splitter film.mp4 --dry-run                    only say what would be written
  splitter film.mp4 --out /srv/media/current     publish elsewhere
  splitter film.mp4 --chunk-size 100MB           smaller chunks
  splitter film.mp4 film-720.mp4 film-480.mp4    the same film at lower rates, for slower links
  splitter film.mp4 --ladder auto                lower rates made by ffmpeg
  splitter film.mp4 --thumbnails                 with pictures for the seek bar, made by ffmpeg
  splitter verify media/current                  is everything there, to the last bit?
  splitter verify https://example.org/media/current/manifest.json
  splitter check https://example.org/media/current/ --warm
  splitter film.mp4 --out s3://bucket/film       put it into object storage while it is cut
  splitter publish media/current s3://bucket/film  put what was cut into object storage
  splitter check s3://bucket/film                does it lie there as it should?
  splitter inspect film.mp4                      what is in this file?
  splitter inspect media/current                 the streams and the rungs of a cut
  splitter prune media/current                   remove cuts of earlier films
  splitter film.mp4 --private --key keys         under a name that nobody can guess
  splitter share https://example.org/media/current/ --for 8h --key keys

A film that is named like a command is given as ./verify.
Exit status: 0 when all is well, 1 when something is wrong, 2 when the command makes no sense.";

/// Does what the arguments say.
pub(crate) fn run() -> ExitCode {
    let arguments = parse(env::args_os()).unwrap_or_else(|error| error.exit());
    let result = match &arguments.command {
        None => arguments.cut.run(),
        Some(Command::Verify(verify)) => verify.run(),
        Some(Command::Check(check)) => check.run(),
        Some(Command::Inspect(inspect)) => inspect.run(),
        Some(Command::Prune(prune)) => prune.run(),
        Some(Command::Publish(publish)) => publish.run(),
        Some(Command::Share(share)) => share.run(),
    };
    result.unwrap_or_else(|error| {
        // Where standard error is closed, the exit status still says it.
        let _ = writeln!(io::stderr(), "splitter: {error:#}");
        ExitCode::FAILURE
    })
}

/// Reads what was typed.
fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    let arguments = Arguments::try_parse_from(words)?;
    let refused = |no: &dyn Display| Arguments::command().error(ErrorKind::ValueValidation, no);
    match &arguments.command {
        Some(Command::Publish(publish)) => drop(publish.address().map_err(|no| refused(&no))?),
        None => {
            arguments.cut.address().map_err(|no| refused(&no))?;
            arguments.cut.misfit().map_or(Ok(()), |no| Err(refused(&no)))?;
        }
        _ => {}
    }
    // A command behind a film is a slip, and no rung of it.
    match arguments.cut.films.iter().skip(1).find(|film| film.to_str().is_some_and(is_command)) {
        Some(film) => {
            let said = format!("{0} is a command: it comes first, and a film of that name is ./{0}", film.display());
            Err(Arguments::command().error(ErrorKind::ArgumentConflict, said))
        }
        None => Ok(arguments),
    }
}

fn is_command(word: &str) -> bool {
    Arguments::command().find_subcommand(word).is_some()
}

/// Prints something as one line of JSON.
fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    Ok(writeln!(out)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        super::parse(line.split(' ').map(OsString::from))
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_film_is_cut_unless_a_command_is_named() {
        assert!(parse("splitter film.mp4 --out DIR").expect("valid").command.is_none());
        assert!(matches!(parse("splitter verify DIR").expect("valid").command, Some(Command::Verify(_))));
        assert!(parse("splitter ./verify").expect("valid").command.is_none());
        assert_eq!(parse("splitter film.mp4 film-720.mp4 ./verify").expect("valid").cut.films.len(), 3);
        assert!(
            parse("splitter film.mp4 --out s3://b/x --limit-rate 1MB --progressive").expect("valid").command.is_none()
        );
        assert!(parse("splitter film.mp4 --out s3://b/x --ladder auto --spool DIR").is_ok());
        for wrong in [
            "splitter film.mp4 --out s3://b/x --ladder auto",
            "splitter film.mp4 --progressive",
            "splitter film.mp4 --spool DIR",
            "splitter film.mp4 --out s3://KEY:hush@b/x",
        ] {
            let said = parse(wrong).expect_err(wrong).to_string();
            assert!(!said.contains("hush"), "{said}");
        }
        for wrong in ["splitter", "splitter film.mp4 verify DIR", "splitter film.mp4 --chunk-size x", "splitter verify"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
