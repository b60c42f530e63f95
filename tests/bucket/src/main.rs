//! `test-bucket DIR`: a bucket, `films`, with the files of a directory, until it is killed. For measurements.

use std::io::Write;

use test_bucket::Bucket;

fn main() -> std::io::Result<()> {
    let directory = std::env::args_os().nth(1).ok_or_else(|| std::io::Error::other("usage: test-bucket DIR"))?;
    let bucket = Bucket::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name().and_then(|name| name.to_str())) {
            bucket.put(name, std::fs::read(&path)?, None);
        }
    }
    writeln!(std::io::stdout(), "{}", bucket.endpoint())?;
    loop {
        std::thread::park();
    }
}
