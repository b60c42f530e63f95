//! What cannot be done is refused with its reason, and what was published before stays as it is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use splitter::{Error, Options, SubtitlesFile};
use tempfile::TempDir;

use crate::directory::files;
use crate::film::{long, sample};
use crate::program::{cut, fail, findings, splitter, succeed};

#[test]
fn chunks_that_no_edge_holds_need_force() {
    let out = TempDir::new().expect("a directory");
    let said = fail(&mut cut(&sample(), out.path(), &["--chunk-size", "600MB"]));
    assert!(said.contains("512.0 MB") && said.contains("--force") && said.contains("Cloudflare"), "{said}");
    succeed(&mut cut(&sample(), out.path(), &["--chunk-size", "600MB", "--force"]));
    assert_eq!(findings(out.path()), []);
}

#[test]
fn a_group_larger_than_a_chunk_is_refused_before_anything_is_written() {
    let out = TempDir::new().expect("a directory");
    let said = fail(&mut cut(&sample(), out.path(), &["--chunk-size", "100kB"]));
    assert!(said.contains("without a keyframe") && said.contains("force_key_frames"), "{said}");
    assert!(files(out.path()).is_empty());
}

#[test]
fn what_is_refused_leaves_no_directory() {
    let place = TempDir::new().expect("a directory");
    let out = place.path().join("media/current");
    let film = place.path().join("film.mp4");
    fail(&mut cut(&film, &out, &[]));
    fs::write(&film, b"\0\0\0\x14ftypisom\0\0\0\0isom").expect("room");
    fail(&mut cut(&film, &out, &[]));
    fail(&mut cut(&sample(), &out, &["--chunk-size", "100kB"]));
    fail(&mut cut(&sample(), &out, &["--subtitles", "en=missing.srt"]));
    fs::write(place.path().join("text.srt"), "1\n00:00:01,000 --> 00:00:02,000\nHi\n").expect("room");
    let mut options = Options::new(sample(), &out);
    // The player refuses a URL with a space, and with it the manifest.
    options.subtitles = vec![SubtitlesFile { language: Some("e n".to_owned()), path: place.path().join("text.srt") }];
    let refused = splitter::cut(&options, &()).map(|report| report.document.id);
    assert!(matches!(refused, Err(Error::Manifest { .. })), "{refused:?}");
    assert!(!place.path().join("media").exists());
}

#[test]
fn what_the_system_says_is_said_once() {
    let place = TempDir::new().expect("a directory");
    let film = place.path().join("film.mp4");
    let said = fail(&mut cut(&film, place.path(), &[]));
    assert_eq!(said.matches("No such file").count(), 1, "{said}");
    fs::write(&film, b"\0\0\0\x14ftypisom\0\0\0\0isom\0\0\xff\xffmoov").expect("room");
    let said = fail(&mut cut(&film, place.path(), &[]));
    assert_eq!(said.matches("moov").count(), 1, "{said}");
}

/// The limit on a file's length stands in for a full disk: the write fails in the middle of a chunk.
#[test]
fn a_write_that_fails_leaves_the_earlier_film_alone() {
    let place = TempDir::new().expect("a directory");
    let out = place.path().join("out");
    succeed(&mut cut(&sample(), &out, &[]));
    let before = files(&out);
    let film = long(place.path(), 4);
    // Without the trap the system would end the program instead of failing the write.
    let script = "trap '' XFSZ; ulimit -f 4000; exec \"$0\" \"$@\"";
    let mut limited = Command::new("sh");
    limited.args(["-c", script]).arg(splitter().get_program()).arg(&film).arg("--out").arg(&out);
    let said = fail(&mut limited);
    assert!(said.contains("cannot write") && said.contains("0001.mp4"), "{said}");
    assert_eq!(files(&out), before);
    assert_eq!(findings(&out), []);
    succeed(&mut cut(&film, &out, &[]));
    assert_eq!(findings(&out), []);
}

#[test]
fn a_directory_that_is_read_only_is_named() {
    let out = TempDir::new().expect("a directory");
    succeed(&mut cut(&sample(), out.path(), &[]));
    let before = files(out.path());
    fs::set_permissions(out.path(), fs::Permissions::from_mode(0o555)).expect("its owner may");
    let said = fail(&mut without_privileges(&cut(&long(&scratch(&out), 2), out.path(), &[])));
    fs::set_permissions(out.path(), fs::Permissions::from_mode(0o755)).expect("its owner may");
    assert!(said.contains("cannot create") && said.contains(&*out.path().to_string_lossy()), "{said}");
    assert_eq!(files(out.path()), before);
}

/// A directory beside another.
fn scratch(beside: &TempDir) -> std::path::PathBuf {
    let path = beside.path().with_extension("scratch");
    fs::create_dir_all(&path).expect("a directory");
    path
}

/// Root may write anywhere unless it gives that up.
fn without_privileges(command: &Command) -> Command {
    let is_root = Path::new("/proc/self").metadata().is_ok_and(|metadata| {
        use std::os::unix::fs::MetadataExt;
        metadata.uid() == 0
    });
    let mut plain = if is_root {
        let mut setpriv = Command::new("setpriv");
        setpriv.args(["--bounding-set=-all", "--inh-caps=-all"]).arg(command.get_program());
        setpriv
    } else {
        Command::new(command.get_program())
    };
    plain.args(command.get_args());
    plain
}

#[test]
fn two_splitters_do_not_write_in_one_place() {
    let out = TempDir::new().expect("a directory");
    let lock = fs::File::create(out.path().join(".splitter.lock")).expect("a file");
    lock.lock().expect("a lock");
    let said = fail(&mut cut(&sample(), out.path(), &[]));
    assert!(said.contains("another splitter is writing"), "{said}");
    lock.unlock().expect("unlocked");
    succeed(&mut cut(&sample(), out.path(), &[]));
}

/// A terminal sends Ctrl-C to ffmpeg, too, which then ends before the splitter has seen that it was asked to stop.
#[test]
fn ctrl_c_while_ffmpeg_works_is_no_fault_of_the_film() {
    let place = TempDir::new().expect("a directory");
    let film = place.path().join("film.mkv");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-i"]).arg(sample()).args(["-c", "copy", "-t", "2"]);
    succeed(ffmpeg.arg(&film));
    for program in ["ffmpeg", "ffprobe"] {
        let programs = place.path().join(program);
        fs::create_dir(&programs).expect("room");
        let script = "#!/bin/sh\n[ \"$1\" = -version ] && exit 0\nkill -s INT $PPID\nexit 255\n";
        fs::write(programs.join(program), script).expect("room");
        fs::set_permissions(programs.join(program), fs::Permissions::from_mode(0o755)).expect("its own");
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").expect("set"));
        let said = fail(cut(&film, &place.path().join("out"), &["--quiet"]).env("PATH", path));
        assert!(said.contains("stopped; nothing was published"), "{program}: {said}");
    }
}
