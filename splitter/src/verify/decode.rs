//! Whether ffmpeg decodes a cut without a complaint.

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};

use manifest::{Document, StreamEntry};

use super::{Finding, LARGEST_MANIFEST, Place, Problem};
use crate::ffmpeg::{is_installed, joined, listen};
use crate::{Error, Stop};

/// Has ffmpeg decode every stream of a cut from its first byte to its last, and says what it complains of.
///
/// # Errors
/// When there is no manifest to go by, ffmpeg is not installed, or it was asked to stop.
pub fn decode(place: &Place, stop: &Stop) -> Result<Vec<Finding>, Error> {
    if !is_installed() {
        return Err(Error::NoFfmpegForDecoding);
    }
    let (document, _) = super::document(place, &place.manifest(LARGEST_MANIFEST)?)?;
    decode_all(place, &document, stop)
}

fn decode_all(place: &Place, document: &Document, stop: &Stop) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for stream in &document.streams {
        let said = run(place, stream, stop)?;
        if !said.is_empty() {
            findings.push(Finding::new(&stream.init.url, Problem::Decode { said }));
        }
    }
    Ok(findings)
}

/// What ffmpeg complains of while it decodes a stream.
fn run(place: &Place, stream: &StreamEntry, stop: &Stop) -> Result<String, Error> {
    let mut child = start().map_err(|_| Error::NoFfmpegForDecoding)?;
    let (mut media, says) = (child.stdin.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
    let (fed, said) = std::thread::scope(|scope| {
        let listener = scope.spawn(move || listen(says));
        let fed = feed(place, stream, &mut media, stop);
        drop(media);
        if stop.is_asked() {
            // That it has ended already is fine.
            let _ = child.kill();
        }
        (fed, listener.join().expect("it only reads lines"))
    });
    let status = child.wait().map_err(Error::io("wait for ffmpeg on", &place.manifest_path()))?;
    stop.check()?;
    if let Err(why) = fed {
        return Ok(why);
    }
    // Where times are rounded to those of whole frames, two may meet: that is no matter of the film.
    let said = joined(said.iter().filter(|said| said.is_error() && !said.is_of("null")));
    Ok(if said.is_empty() && !status.success() { status.to_string() } else { said })
}

fn start() -> io::Result<Child> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args("-v level+error -nostats -i pipe:0 -map 0 -f null -".split(' '));
    ffmpeg.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()
}

/// Hands over the init and every chunk; why not, where one cannot be read. Where ffmpeg takes no more, its words say why.
fn feed(place: &Place, stream: &StreamEntry, to: &mut impl Write, stop: &Stop) -> Result<(), String> {
    let urls = std::iter::once(&stream.init.url).chain(stream.chunks.iter().map(|chunk| &chunk.url));
    let mut buffer = vec![0; 256 << 10];
    for url in urls {
        let mut file = place.open(url).map_err(|why| format!("{url}: {why}"))?;
        loop {
            let read = match file.read(&mut buffer) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(format!("{url}: {error}")),
            };
            if read == 0 {
                break;
            }
            if stop.is_asked() || to.write_all(&buffer[..read]).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}
