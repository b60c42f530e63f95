//! The name of the store leads to another address in the middle of an upload.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::stage::Stage;
use tempfile::TempDir;

const NAME: &str = "films.test";
const ADDRESSES: [Ipv4Addr; 2] = [Ipv4Addr::LOCALHOST, Ipv4Addr::new(127, 0, 0, 2)];

/// Names that the system looks up for the programs that are told of it, and for no others (`man nss_wrapper`).
struct Names {
    place: TempDir,
    file: PathBuf,
}

impl Names {
    fn leading_to(address: Ipv4Addr) -> Self {
        let place = TempDir::new().expect("a directory");
        let file = place.path().join("hosts");
        let names = Self { place, file };
        names.lead_to(address, 0);
        let mut lookup = Command::new("getent");
        let found = names.tell(lookup.args(["ahosts", NAME])).output().expect("it starts");
        let found = String::from_utf8_lossy(&found.stdout).into_owned();
        let is_told = found.split_whitespace().next() == Some(&address.to_string());
        assert!(is_told, "libnss-wrapper is not installed; `cargo xtask setup` installs it");
        names
    }

    fn tell<'a>(&self, program: &'a mut Command) -> &'a mut Command {
        program.env("LD_PRELOAD", "libnss_wrapper.so").env("NSS_WRAPPER_HOSTS", &self.file)
    }

    /// The name leads there from now on. Whoever has read the file before looks at its time alone, in seconds.
    fn lead_to(&self, address: Ipv4Addr, version: u64) {
        let next = self.place.path().join("next");
        fs::write(&next, format!("{address} {NAME}\n")).expect("room");
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + version);
        File::options().append(true).open(&next).and_then(|file| file.set_modified(time)).expect("it has a time");
        fs::rename(next, &self.file).expect("the same directory");
    }
}

#[test]
fn a_store_whose_name_leads_elsewhere_is_found_there() {
    let stage = Stage::new();
    let total: u64 = stage.expected().values().map(|bytes| bytes.len() as u64).sum();
    let ways = [stage.publish("s3://films/one"), stage.cut_into(Stage::film(), "s3://films/two")];
    let moves = [(ADDRESSES[0], ADDRESSES[1]), (ADDRESSES[1], ADDRESSES[0])];
    for ((mut program, prefix), (from, to)) in ways.into_iter().zip(["one", "two"]).zip(moves) {
        let names = Arc::new(Names::leading_to(from));
        stage.bucket.forget();
        program.env("AWS_ENDPOINT_URL", format!("http://{NAME}:{}", stage.bucket.address().port()));
        // For a name that is not this machine's own.
        program.env("AWS_ALLOW_HTTP", "true");
        let mut child = names.tell(program.stdout(Stdio::null())).spawn().expect("it starts");
        let (line, told) = (stage.bucket.line(), names.clone());
        stage.bucket.after(total / 2, move || {
            line.move_to(to);
            told.lead_to(to, 1);
        });
        assert!(child.wait().expect("it ends").success());
        assert!(TcpStream::connect((from, stage.bucket.address().port())).is_err(), "it is still where it was");
        assert!(stage.there(prefix) == stage.expected());
        let mut written = stage.bucket.written();
        written.sort_unstable();
        assert!(written.windows(2).all(|pair| pair[0] != pair[1]), "what was whole is sent again: {written:?}");
    }
}
