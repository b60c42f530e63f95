//! Making a rung: the film's pictures, or a sound of it, as they will be published, through ffmpeg, into a file that is kept.
//!
//! 1. The rung's name holds a digest of the film's pictures and of everything that ffmpeg is told. Where a file of that name
//!    is there, it is taken: files get their names when they are whole and on the disk.
//! 2. ffmpeg is fed fragments, whatever container the film came in and wherever it lies, and so sees the times that players
//!    will see.
//! 3. It writes H.264 with a keyframe wherever the film has one and nowhere else, or AAC.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use isobmff::Sample;
use isobmff::write::{FragmentRun, moof};
use manifest::Digest;
use sha2::{Digest as _, Sha256};

use crate::directory::sync_directory;
use crate::ffmpeg::{joined, listen};
use crate::source::Input;
use crate::track::Track;
use crate::{Error, Options, Progress};

/// Where rungs that were made are kept, beside the cuts.
pub(crate) const KEPT: &str = ".rungs";

/// Longest wait for ffmpeg's end before the wish to stop is looked at again.
const PATIENCE: Duration = Duration::from_millis(50);

/// Samples of sound in a fragment that ffmpeg is fed: about a second.
const TOGETHER: usize = 48;

/// What is made, and of what.
pub(super) struct Job<'a> {
    pub(super) options: &'a Options,
    pub(super) input: &'a Input,
    pub(super) track: &'a Track,
    /// Such as `720p`.
    pub(super) name: &'a str,
    /// What ffmpeg is told of the rung, the same for equal rungs of equal films.
    pub(super) words: Vec<String>,
}

/// Where a rung is made, under a name that no other run has: an ffmpeg whose splitter was killed writes on, and may even open its file
/// only while the next one writes.
fn partial(place: &Path) -> PathBuf {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    place.with_extension(format!("{}-{}.partial", process::id(), since.as_nanos()))
}

/// Removes what runs that were killed have left of a rung. What cannot be removed is taken for none.
fn forget_partials(place: &Path) {
    let (Some(directory), Some(name)) = (place.parent(), place.file_stem()) else { return };
    let is_of_it = |path: &Path| {
        let stem = path.file_stem().map(Path::new).and_then(Path::file_stem);
        stem == Some(name) && path.extension().is_some_and(|extension| extension == "partial")
    };
    for entry in fs::read_dir(directory).into_iter().flatten().flatten().filter(|entry| is_of_it(&entry.path())) {
        let _ = fs::remove_file(entry.path());
    }
}

impl Job<'_> {
    /// Where the rung is, or will be.
    pub(super) fn place(&self) -> PathBuf {
        let mut hash = Sha256::new();
        hash.update(env!("CARGO_PKG_VERSION"));
        self.words.iter().for_each(|word| hash.update(format!("{word}\n")));
        hash.update(self.input.bytes.to_be_bytes());
        hash.update(self.input.stamp().to_be_bytes());
        hash.update(&self.track.init);
        for sample in self.track.table.iter() {
            hash.update(sample.offset.to_be_bytes());
            hash.update(sample.size.to_be_bytes());
        }
        let digest = Digest(hash.finalize().into()).to_string();
        self.options.out.join(KEPT).join(format!("{}-{}.mp4", self.name, &digest[..16]))
    }

    /// Makes the rung, unless it is there.
    pub(super) fn run(&self, progress: &dyn Progress) -> Result<PathBuf, Error> {
        let place = self.place();
        if place.exists() {
            return Ok(place);
        }
        let directory = place.parent().expect("it stands in a directory of its own");
        fs::create_dir_all(directory).map_err(Error::io("create", directory))?;
        forget_partials(&place);
        let partial = partial(&place);
        let made = self.encode(&partial, progress).and_then(|()| {
            File::open(&partial).and_then(|file| file.sync_all()).map_err(Error::io("write", &partial))?;
            fs::rename(&partial, &place).map_err(Error::io("rename", &partial))?;
            sync_directory(directory)
        });
        forget_partials(&place);
        if made.is_err() {
            let _ = fs::remove_dir(directory);
        }
        made.map(|()| place)
    }

    fn encode(&self, to: &Path, progress: &dyn Progress) -> Result<(), Error> {
        let path = &self.input.path;
        let mut child = self.start(to)?;
        let mut film = child.stdin.take().expect("it is piped");
        let (comes, says) = (child.stdout.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
        let (ended, said) = thread::scope(|scope| {
            let counter = scope.spawn(|| self.count(comes, progress));
            let listener = scope.spawn(|| listen(says));
            let fed = self.feed(&mut film);
            drop(film);
            let ended = fed.and_then(|()| self.wait(&mut child));
            if ended.is_err() {
                // That it has ended already is fine.
                let _ = child.kill();
                let _ = child.wait();
            }
            counter.join().expect("it only counts");
            (ended, listener.join().expect("it only reads lines"))
        });
        // Ctrl-C ends ffmpeg, too.
        self.options.stop.check()?;
        if ended? {
            return Ok(());
        }
        Err(Error::Ffmpeg { path: path.clone(), said: joined(said.iter().filter(|said| said.is_error())) })
    }

    /// Whether ffmpeg ended well.
    fn wait(&self, child: &mut Child) -> Result<bool, Error> {
        loop {
            self.options.stop.check()?;
            match child.try_wait().map_err(Error::io("wait for ffmpeg on", &self.input.path))? {
                Some(status) => return Ok(status.success()),
                None => thread::sleep(PATIENCE),
            }
        }
    }

    fn start(&self, to: &Path) -> Result<Child, Error> {
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "level+error", "-nostats", "-y", "-progress", "pipe:1"]);
        // Where the film's pictures begin has been made real in their times.
        ffmpeg.args(["-ignore_editlist", "1", "-f", "mp4", "-i", "pipe:0"]).args(&self.words).arg(to);
        ffmpeg.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        ffmpeg.spawn().map_err(|_| Error::NoFfmpegForLadder)
    }

    /// Writes an init, and each group as a fragment. That ffmpeg does not take all of it is no error here: its own words say more.
    fn feed(&self, out: &mut impl Write) -> Result<(), Error> {
        let Self { track, .. } = self;
        if out.write_all(&track.init).is_err() {
            return Ok(());
        }
        let mut group: Vec<Sample> = Vec::new();
        let mut decode_time = track.timing.decode_start;
        let mut samples = track.table.iter().peekable();
        for sequence in 1.. {
            group.extend(samples.next());
            let is_all_sync = track.table.is_all_sync();
            while let Some(sample) =
                samples.next_if(|sample| !sample.is_sync || (is_all_sync && group.len() < TOGETHER))
            {
                group.push(sample);
            }
            if group.is_empty() || !self.feed_group(out, sequence, decode_time, &group)? {
                break;
            }
            decode_time += group.drain(..).map(|sample| u64::from(sample.duration)).sum::<u64>();
        }
        Ok(())
    }

    /// Whether ffmpeg took it.
    fn feed_group(&self, out: &mut impl Write, sequence: u32, time: u64, samples: &[Sample]) -> Result<bool, Error> {
        let mut boxes = Vec::new();
        moof(&mut boxes, sequence, &[FragmentRun { track: 1, decode_time: time, samples }])
            .map_err(|bytes| Error::FragmentTooLarge { stream: self.track.name.clone(), bytes })?;
        if out.write_all(&boxes).is_err() {
            return Ok(false);
        }
        for sample in samples {
            self.options.stop.check()?;
            if out.write_all(&self.input.read_box(sample.offset, sample.size.into())?).is_err() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Tells how far ffmpeg has come, as it says itself.
    fn count(&self, comes: impl Read, progress: &dyn Progress) {
        let of = self.track.timing.seconds(self.track.end());
        for line in BufReader::new(comes).lines().map_while(Result::ok) {
            let micros = line.strip_prefix("out_time_us=").and_then(|micros| micros.trim().parse::<f64>().ok());
            if let Some(micros) = micros {
                progress.encoded(self.name, (micros / 1e6).clamp(0.0, of), of);
            }
        }
    }
}
