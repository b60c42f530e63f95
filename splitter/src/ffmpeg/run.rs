//! Running ffmpeg: its film into a file, the list of what it read and its complaints to whoever holds the one against the
//! other.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use tempfile::{TempDir, TempPath};

use super::continuity::is_several;
use super::framecrc::{self, Packets};
use super::name::operand;
use super::probe::{PATIENT, ProbedStream};
use super::said::{Said, joined, listen};
use super::{Probe, Recipe};
use crate::source::Input;
use crate::spool::nearest;
use crate::subtitles::Subtitles;
use crate::{Error, Options, Progress};

/// Longest wait for output before the wish to stop is looked at again.
const PATIENCE: Duration = Duration::from_millis(100);

/// A film that ffmpeg wrote.
pub(crate) struct Converted {
    pub(crate) input: Input,
    pub(crate) subtitles: Vec<Subtitles>,
    pub(crate) read: Read,
}

/// What ffmpeg read of the film.
pub(crate) struct Read {
    /// Of the tracks of the recipe, in their order.
    pub(crate) tracks: Vec<Packets>,
    /// Of every other stream that takes time.
    pub(super) others: Vec<Packets>,
    pub(crate) said: Vec<Said>,
}

impl Read {
    /// Every stream that takes time.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Packets> {
        self.tracks.iter().chain(&self.others)
    }
}

/// Converts the film that lies in a place.
pub(crate) fn convert(
    options: &Options,
    film: &Input,
    place: &Path,
    probe: &Probe,
    recipe: &Recipe<'_>,
    progress: &dyn Progress,
) -> Result<Converted, Error> {
    // What is known to be damaged is not published: one such packet ends the film in Chromium.
    let discards = options.keep_going && !is_several(film, probe)?;
    let stamp = film.stamp();
    let film = options.film.as_path();
    let beside = nearest(&options.out);
    let texts = TempDir::with_prefix_in(".partial-subtitles-", &beside).map_err(Error::io("write to", &beside))?;
    let files: Vec<_> = (0..recipe.texts.len()).map(|number| texts.path().join(number.to_string())).collect();
    let spool = Spool::new(&beside).map_err(Error::io("write to", &beside))?;
    let others: Vec<_> = others(probe, recipe).collect();
    let mut child = start((place, film), discards, recipe, &others, &files, &spool)?;
    let lists = child.stdout.take().expect("it is piped");
    let says = child.stderr.take().expect("it is piped");

    let streams = recipe.tracks().len() + others.len();
    let (packets, said, stopped) = std::thread::scope(|scope| {
        let (ended, end) = channel::<()>();
        let listener = scope.spawn(|| listen(says));
        let reader = scope.spawn(move || {
            let _ended = ended;
            framecrc::read(lists, streams, &|seconds| progress.converted(seconds, probe.seconds()))
        });
        let stopped = loop {
            let stopped = options.stop.check();
            if stopped.is_err() {
                // That it has ended already is fine.
                let _ = child.kill();
            }
            if stopped.is_err() || end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Disconnected) {
                break stopped;
            }
        };
        (reader.join().expect("it only counts"), listener.join().expect("it only reads lines"), stopped)
    });
    let said: Vec<_> = said.into_iter().map(|said| said.calling(place, film)).collect();
    let status = child.wait().map_err(Error::io("wait for ffmpeg on", film))?;
    stopped?;
    // Ctrl-C ends ffmpeg, too.
    options.stop.check()?;
    let input = Input::of_spool(spool.file, film.to_owned(), stamp)?;
    if !status.success() || input.bytes == 0 {
        return Err(Error::Ffmpeg { path: film.to_owned(), said: joined(said.iter().filter(|said| said.is_error())) });
    }
    let mut tracks = packets;
    let others = tracks.split_off(recipe.tracks().len());
    let read = Read { tracks, others, said };
    Ok(Converted { input, subtitles: read_texts(film, &recipe.texts, &files)?, read })
}

/// Streams that become no track and take time: text does, covers and data do not.
pub(super) fn others<'a>(probe: &'a Probe, recipe: &Recipe<'_>) -> impl Iterator<Item = &'a ProbedStream> {
    let takes_time = |stream: &ProbedStream| stream.is_video() || stream.is_audio() || stream.is_subtitle();
    let is_track = |stream: &ProbedStream| recipe.tracks().iter().any(|(track, _)| track.index == stream.index);
    probe.streams.iter().filter(move |stream| takes_time(stream) && !is_track(stream))
}

/// What ffmpeg wrote of the tracks of text. One that has no cue is no subtitles.
fn read_texts(film: &Path, streams: &[&ProbedStream], files: &[PathBuf]) -> Result<Vec<Subtitles>, Error> {
    let mut subtitles = Vec::new();
    for (stream, file) in streams.iter().zip(files) {
        let bytes = fs::read(file).map_err(Error::io("read", file))?;
        match captions::webvtt(&bytes) {
            Ok(text) => subtitles.push(Subtitles { language: stream.language(), label: stream.title(), text }),
            Err(captions::Error::NoCue) => {}
            Err(cause) => return Err(Error::Subtitles { path: film.to_owned(), cause }),
        }
    }
    Ok(subtitles)
}

/// Starts ffmpeg with three results: the film, the list of the packets that it reads, and the tracks of text.
///
/// Where it `discards`, packets that are known to be damaged do not come into the film. The list comes through a pipe. When nobody reads that any more, however the splitter ended, ffmpeg ends, too.
fn start(
    (place, film): (&Path, &Path),
    discards: bool,
    recipe: &Recipe<'_>,
    others: &[&ProbedStream],
    texts: &[PathBuf],
    spool: &Spool,
) -> Result<Child, Error> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "level+warning", "-nostdin", "-nostats", "-y"]);
    // The list is made of the film as it is opened once more: what is copied twice from one input has other times.
    for is_list in [false, true] {
        // What is known to be damaged is listed all the same.
        let flags = if discards && !is_list { "+genpts+discardcorrupt" } else { "+genpts" };
        let own = if is_list { Vec::new() } else { recipe.input_options() };
        ffmpeg.args(PATIENT).args(["-fflags", flags]).args(own).arg("-i").arg(operand(place));
    }
    ffmpeg.args(recipe.options());
    // Nothing that differs from run to run is written. Streams that begin late must not end the work.
    let layout = "-map_chapters -1 -fflags +bitexact -max_muxing_queue_size 65536 -strict experimental -f mp4";
    ffmpeg.args(layout.split(' ')).arg(&spool.name);
    for stream in recipe.tracks().iter().map(|(stream, _)| stream).chain(others) {
        ffmpeg.args(["-map", &format!("1:{}", stream.index)]);
    }
    ffmpeg.args("-c copy -copyinkf -f framecrc -flush_packets 0 pipe:1".split(' '));
    for (stream, file) in recipe.texts.iter().zip(texts) {
        let (codec, format) = stream.text_format();
        ffmpeg.args(["-map", &format!("0:{}", stream.index), "-c:s", codec, "-f", format]).arg(file);
    }
    let file = spool.file.try_clone().map_err(Error::io("write what becomes of", film))?;
    ffmpeg.stdin(Stdio::from(file)).stdout(Stdio::piped()).stderr(Stdio::piped());
    ffmpeg.spawn().map_err(|_| Error::NoFfmpeg { path: film.to_owned() })
}

/// The file that ffmpeg writes to: unlike in a pipe, it can go back there and fill in lengths that it learns late. What it
/// cannot go back to is left open, and what stands behind it is lost.
struct Spool {
    file: File,
    /// How ffmpeg, which has the file as its standard input, calls it.
    name: PathBuf,
    /// The file's own name where it must have one; it is removed when this is dropped.
    _named: Option<TempPath>,
}

impl Spool {
    /// A file without a name, so that nothing is left of it however the splitter ends.
    #[cfg(unix)]
    fn new(place: &Path) -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile_in(place)?, name: PathBuf::from("/dev/fd/0"), _named: None })
    }

    #[cfg(windows)]
    fn new(place: &Path) -> io::Result<Self> {
        let (file, named) = tempfile::Builder::new().prefix(".partial-film-").tempfile_in(place)?.into_parts();
        Ok(Self { file, name: named.to_path_buf(), _named: Some(named) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_missing_is_no_film_without_text() {
        let place = TempDir::new().expect("a directory");
        let (there, missing) = (place.path().join("0.vtt"), place.path().join("1.vtt"));
        fs::write(&there, "WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n").expect("room");
        let stream = ProbedStream::default();
        let read = |files: &[PathBuf]| read_texts(Path::new("film"), &vec![&stream; files.len()], files);
        assert_eq!(read(std::slice::from_ref(&there)).expect("it is there").len(), 1);
        fs::write(&there, "WEBVTT\n").expect("room");
        assert_eq!(read(std::slice::from_ref(&there)).expect("it is there"), []);
        assert!(matches!(read(&[there, missing.clone()]), Err(Error::Io { path, .. }) if path == missing));
    }
}
