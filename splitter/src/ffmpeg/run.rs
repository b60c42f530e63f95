//! Running ffmpeg: its film into the spool, its progress to whoever listens, its complaints into the error.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::probe::ProbedStream;
use super::recipe::operand;
use super::{Probe, Recipe};
use crate::source::Input;
use crate::spool::{nearest, spool};
use crate::subtitles::{Subtitles, vtt};
use crate::{Error, Options, Progress};

/// The most lines of complaints that are kept.
const MOST_SAID: usize = 8;

/// A film that ffmpeg wrote.
pub(crate) struct Converted {
    pub(crate) input: Input,
    pub(crate) subtitles: Vec<Subtitles>,
}

/// Converts a film.
pub(crate) fn convert(
    options: &Options,
    probe: &Probe,
    recipe: &Recipe<'_>,
    progress: &dyn Progress,
) -> Result<Converted, Error> {
    let film = options.film.as_path();
    let place = nearest(&options.out);
    let texts = TempDir::with_prefix_in(".partial-subtitles-", &place).map_err(Error::io("write to", &place))?;
    let files: Vec<_> = (0..recipe.texts.len()).map(|number| texts.path().join(format!("{number}.vtt"))).collect();
    let mut child = start(film, recipe, &files)?;
    let film_bytes = child.stdout.take().expect("it is piped");
    let says = child.stderr.take().expect("it is piped");

    let (spooled, said) = std::thread::scope(|scope| {
        let listener = scope.spawn(|| listen(says, probe.seconds(), progress));
        let spooled = spool(film_bytes, film.to_owned(), &options.out, &options.stop);
        if spooled.is_err() {
            // It writes on to nobody otherwise; that it has ended already is fine.
            let _ = child.kill();
        }
        (spooled, listener.join().expect("it only reads lines"))
    });
    let status = child.wait().map_err(Error::io("wait for ffmpeg on", film))?;
    let input = spooled?;
    if !status.success() || input.bytes == 0 {
        return Err(Error::Ffmpeg { path: film.to_owned(), said });
    }
    Ok(Converted { input, subtitles: read_texts(&recipe.texts, &files)? })
}

/// What ffmpeg wrote of the tracks of text. One that has no cue is no subtitles.
fn read_texts(streams: &[&ProbedStream], files: &[PathBuf]) -> Result<Vec<Subtitles>, Error> {
    let mut subtitles = Vec::new();
    for (stream, file) in streams.iter().zip(files) {
        let bytes = fs::read(file).map_err(Error::io("read", file))?;
        let text = vtt(&String::from_utf8_lossy(&bytes));
        subtitles.extend(text.map(|text| Subtitles { language: stream.language(), label: stream.title(), text }));
    }
    Ok(subtitles)
}

fn start(film: &Path, recipe: &Recipe<'_>, texts: &[PathBuf]) -> Result<Child, Error> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-nostats", "-progress", "pipe:2", "-y", "-fflags", "+genpts", "-i"]);
    ffmpeg.arg(operand(film)).args(recipe.options());
    // Edit lists are right only where the headers are written late; nothing that differs from run to run is written.
    let layout = "-map_chapters -1 -fflags +bitexact -movflags +frag_keyframe+delay_moov+default_base_moof \
                  -strict experimental -f mp4 pipe:1";
    ffmpeg.args(layout.split_whitespace());
    for (stream, file) in recipe.texts.iter().zip(texts) {
        ffmpeg.args(["-map", &format!("0:{}", stream.index), "-f", "webvtt"]).arg(file);
    }
    ffmpeg.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    ffmpeg.spawn().map_err(|_| Error::NoFfmpeg { path: film.to_owned() })
}

/// Tells how far it is; gives its last complaints.
fn listen(says: impl Read, seconds: Option<f64>, progress: &dyn Progress) -> String {
    let mut said: Vec<String> = Vec::new();
    for line in BufReader::new(says).lines().map_while(Result::ok) {
        match line.split_once('=') {
            Some(("out_time_us", microseconds)) => {
                if let Ok(microseconds) = microseconds.trim().parse::<f64>() {
                    progress.converted(microseconds.max(0.0) / 1e6, seconds);
                }
            }
            Some((key, _)) if is_report(key) => {}
            _ => {
                if said.len() == MOST_SAID {
                    said.remove(0);
                }
                said.push(line);
            }
        }
    }
    said.join("; ")
}

/// Whether a line with this key is one of ffmpeg's reports on its progress.
fn is_report(key: &str) -> bool {
    const REPORTS: [&str; 10] = [
        "frame",
        "fps",
        "bitrate",
        "total_size",
        "out_time",
        "out_time_ms",
        "dup_frames",
        "drop_frames",
        "speed",
        "progress",
    ];
    REPORTS.contains(&key) || key.starts_with("stream_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Heard(Mutex<Vec<(f64, Option<f64>)>>);

    impl Progress for Heard {
        fn converted(&self, seconds: f64, of: Option<f64>) {
            self.0.lock().expect("one thread").push((seconds, of));
        }
    }

    #[test]
    fn progress_and_complaints_are_told_apart() {
        let heard = Heard::default();
        let lines =
            "frame=1\nout_time_us=1500000\nout_time=N/A\n[mp4] a=b\nspeed=2x\nprogress=end\nout_time_us=N/A\nBad\n";
        assert_eq!(listen(lines.as_bytes(), Some(3.0), &heard), "[mp4] a=b; Bad");
        assert_eq!(*heard.0.lock().expect("one thread"), [(1.5, Some(3.0))]);
    }

    #[test]
    fn text_that_is_missing_is_no_film_without_text() {
        let place = TempDir::new().expect("a directory");
        let (there, missing) = (place.path().join("0.vtt"), place.path().join("1.vtt"));
        fs::write(&there, "WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n").expect("room");
        let stream = ProbedStream::default();
        let read = |files: &[PathBuf]| read_texts(&vec![&stream; files.len()], files);
        assert_eq!(read(std::slice::from_ref(&there)).expect("it is there").len(), 1);
        fs::write(&there, "WEBVTT\n").expect("room");
        assert_eq!(read(std::slice::from_ref(&there)).expect("it is there"), []);
        assert!(matches!(read(&[there, missing.clone()]), Err(Error::Io { path, .. }) if path == missing));
    }
}
