//! Cuts under a name that nobody can guess, and links to them.

use std::fs;
use std::path::Path;
use std::process::Command;

use signing::{Keys, Link};
use tempfile::TempDir;

use crate::directory::{files, id, names};
use crate::film::sample;
use crate::program::{cut, fail, findings, json, splitter, succeed};

const OLD: &str = "0123456789abcdef0123456789abcdef";
const NEW: &str = "fedcba9876543210fedcba9876543210";

fn private(out: &Path, keys: &Path) -> Command {
    let mut command = cut(&sample(), out, &["--private", "--key"]);
    command.arg(keys);
    command
}

#[test]
fn only_who_has_the_key_knows_the_name_of_a_private_cut() {
    let directory = TempDir::new().expect("a directory");
    let (open, out, keys) =
        (directory.path().join("open"), directory.path().join("out"), directory.path().join("keys"));
    succeed(&mut cut(&sample(), &open, &[]));
    fs::write(&keys, OLD).expect("room");
    succeed(&mut private(&out, &keys));
    let (content, first) = (id(&open), id(&out));
    assert!(first.len() == 64 && first.starts_with(&content), "{first}");
    assert_eq!(findings(&out), []);
    // The same bytes under another name, and nothing outside it names them.
    let chunks = |out: &Path, id: &str| files(&out.join(id));
    assert_eq!(chunks(&out, &first), chunks(&open, &content));
    succeed(&mut private(&out, &keys));
    assert_eq!(id(&out), first, "the same key makes the same name");

    // Another key makes another name, and once the old cut is pruned what was known of it leads nowhere.
    fs::write(&keys, format!("{NEW}\n{OLD}\n")).expect("room");
    succeed(&mut private(&out, &keys));
    assert_ne!(id(&out), first);
    assert!(names(&out).contains(&first));
    succeed(splitter().arg("prune").arg(&out));
    assert!(!names(&out).contains(&first));
    assert_eq!(findings(&out), []);
}

#[test]
fn a_private_manifest_that_was_changed_is_told() {
    let directory = TempDir::new().expect("a directory");
    let (out, keys) = (directory.path().join("out"), directory.path().join("keys"));
    fs::write(&keys, OLD).expect("room");
    succeed(&mut private(&out, &keys));
    let manifest = out.join("manifest.json");
    let text = fs::read_to_string(&manifest).expect("a manifest");
    fs::write(&manifest, text.replacen("\"bandwidth\":", "\"bandwidth\":1", 1)).expect("room");
    assert!(findings(&out).iter().any(|(problem, ..)| problem == "id"));
}

#[test]
fn private_needs_a_key_and_a_key_a_purpose() {
    for options in [&["--private"][..], &["--key", "keys"]] {
        let status = cut(&sample(), Path::new("out"), options).output().expect("it starts").status;
        assert_eq!(status.code(), Some(2), "{options:?}");
    }
    let directory = TempDir::new().expect("a directory");
    let (out, keys) = (directory.path().join("out"), directory.path().join("keys"));
    fs::write(&keys, "secret").expect("room");
    let said = fail(&mut private(&out, &keys));
    assert!(said.contains("openssl rand -hex 32") && !said.contains("secret"), "{said}");
    assert!(!out.exists());
}

#[test]
fn a_link_is_printed_alone_and_its_code_beside_it() {
    let directory = TempDir::new().expect("a directory");
    let keys = directory.path().join("keys");
    fs::write(&keys, OLD).expect("room");
    let share = |options: &[&str]| {
        let mut command = splitter();
        command.args(["share", "https://h.example/media/film/", "--for", "8h", "--key"]).arg(&keys).args(options);
        command
    };
    let plain = succeed(&mut share(&[]));
    let link = String::from_utf8(plain.stdout).expect("text");
    let (path, query) =
        link.trim_end().strip_prefix("https://h.example").and_then(|link| link.split_once('?')).expect("both");
    assert_eq!((path, link.lines().count()), ("/media/film/manifest.json", 1));
    assert_eq!(plain.stderr, b"", "no terminal, no code");
    let (keys_read, now) = (Keys::read(&keys).expect("a key"), std::time::SystemTime::now());
    let after =
        |hours: u64| Link::check(&keys_read, path, Some(query), now + std::time::Duration::from_secs(hours * 3_600));
    assert!(after(0).is_ok() && after(7).is_ok() && after(9).is_err());

    let page = succeed(&mut share(&["--page", "--qr"]));
    assert!(page.stdout.starts_with(b"https://h.example/#src=/media/film/manifest.json?verify="));
    let drawn = String::from_utf8(page.stderr).expect("text");
    assert!(drawn.contains('▀') && drawn.contains("opens until "), "{drawn}");
    let said = json(&succeed(&mut share(&["--json"])));
    assert!(said["expires"].is_u64() && said["link"] == said["manifest"], "{said}");
    let wrong = share(&["--for", "31d"]).output().expect("it starts");
    assert_eq!(wrong.status.code(), Some(2), "--for is given once");
    let mut long = splitter();
    long.args(["share", "https://h.example/media/film/", "--for", "31d", "--key"]).arg(&keys);
    assert!(fail(&mut long).contains("a second to 30 days"));
}
