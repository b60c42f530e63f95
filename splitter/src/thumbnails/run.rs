//! ffmpeg: keyframes in, sprites out, a line for each picture that it has made.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use isobmff::write::{FragmentRun, moof};

use super::Job;
use crate::{Error, Progress};

/// The most bytes of complaints that are kept.
const MOST_SAID: u64 = 2_000;

/// What ffmpeg calls its sprites, from 1 on.
pub(super) fn sprite(number: usize) -> String {
    format!("sprite-{number}.jpg")
}

/// Makes the sprites of a job in a directory.
pub(super) fn run(job: &Job<'_>, place: &Path, progress: &dyn Progress) -> Result<(), Error> {
    let mut child = start(job, place)?;
    let mut frames = child.stdin.take().expect("it is piped");
    let (made, says) = (child.stdout.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
    let wanted = job.pictures.len();
    let (fed, made, said) = std::thread::scope(|scope| {
        let counter = scope.spawn(move || count(made, wanted, progress));
        let listener = scope.spawn(move || listen(says));
        let fed = feed(job, &mut frames);
        if fed.is_err() {
            // That it has ended already is fine.
            let _ = child.kill();
        }
        drop(frames);
        (fed, counter.join().expect("it only counts"), listener.join().expect("it only reads"))
    });
    let status = child.wait().map_err(Error::io("wait for ffmpeg on", &job.input.path))?;
    fed?;
    if status.success() && made == wanted {
        return Ok(());
    }
    let said = if said.is_empty() { format!("it made {made} of {wanted} pictures") } else { said };
    Err(Error::Thumbnails { path: job.input.path.clone(), said })
}

fn start(job: &Job<'_>, place: &Path) -> Result<Child, Error> {
    let ((width, height), (columns, rows)) = (job.size, job.grid);
    let graph = format!(
        "[0:v:0]scale={width}:{height}:flags=area+bitexact,setsar=1,split[each][all];[all]tile={columns}x{rows}[sprite]"
    );
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostats", "-y", "-ignore_editlist", "1", "-f", "mp4", "-i", "pipe:0"]);
    ffmpeg.args(["-filter_complex", &graph, "-map", "[sprite]", "-fps_mode", "passthrough"]);
    // One thread, so that equal films give equal bytes on every machine.
    ffmpeg.args("-c:v mjpeg -q:v 4 -pix_fmt yuvj420p -threads 1 -flags +bitexact -f image2".split(' '));
    ffmpeg.arg(place.join("sprite-%d.jpg"));
    ffmpeg.args(["-map", "[each]", "-fps_mode", "passthrough", "-f", "framecrc", "pipe:1"]);
    ffmpeg.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    ffmpeg.spawn().map_err(|_| Error::NoFfmpegForThumbnails)
}

/// Writes an init and each keyframe as a fragment of its own. That ffmpeg does not take all of it is no error here: its
/// own words say more.
fn feed(job: &Job<'_>, out: &mut impl Write) -> Result<(), Error> {
    let mut bytes = job.video.init.clone();
    for (sequence, picture) in (1..).zip(job.pictures) {
        job.stop.check()?;
        let run = FragmentRun { track: 1, decode_time: picture.decode_time, samples: &[picture.sample] };
        moof(&mut bytes, sequence, &[run])
            .map_err(|bytes| Error::FragmentTooLarge { stream: job.video.name.clone(), bytes })?;
        bytes.extend(job.input.read_box(picture.sample.offset, picture.sample.size.into())?);
        if out.write_all(&bytes).is_err() {
            break;
        }
        bytes.clear();
    }
    Ok(())
}

/// Counts the pictures that are made; every line of framecrc without a `#` is one.
fn count(made: impl Read, of: usize, progress: &dyn Progress) -> usize {
    let lines = BufReader::new(made).lines().map_while(Result::ok);
    lines.filter(|line| !line.starts_with('#')).fold(0, |made, _| {
        progress.pictured(made + 1, of);
        made + 1
    })
}

/// Its complaints; what it says beyond them is read and dropped.
fn listen(mut says: impl Read) -> String {
    let mut said = Vec::new();
    let _ = says.by_ref().take(MOST_SAID).read_to_end(&mut said);
    let _ = io::copy(&mut says, &mut io::sink());
    String::from_utf8_lossy(&said).trim().replace('\n', "; ")
}
