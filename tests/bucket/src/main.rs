//! For measurements, until it is killed:
//!
//! - `test-bucket DIR`: a bucket, `films`, with the files of a directory.
//! - `test-bucket --bare DIR`: the directories of a directory as buckets, without what the tests put before them.

use std::io::{self, Write};
use std::path::Path;

use test_bucket::{Bucket, serve_bare};

fn main() -> io::Result<()> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let tell = |endpoint: &str| writeln!(io::stdout(), "{endpoint}");
    match &*arguments {
        [directory] => fill(Path::new(directory), tell),
        [bare, directory] if bare == "--bare" => {
            match serve_bare(Path::new(directory), |address| tell(&format!("http://{address}")))? {}
        }
        _ => Err(io::Error::other("usage: test-bucket [--bare] DIR")),
    }
}

fn fill(directory: &Path, tell: impl Fn(&str) -> io::Result<()>) -> io::Result<()> {
    let bucket = Bucket::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name().and_then(|name| name.to_str())) {
            bucket.put(name, std::fs::read(&path)?, None);
        }
    }
    tell(&bucket.endpoint())?;
    loop {
        std::thread::park();
    }
}
