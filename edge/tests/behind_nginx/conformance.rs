//! Each case of RFC 9110 and RFC 9112, asked of the origin (over a directory, and over a bucket) and of nginx over the same files. The table that comes of it
//! stands in `docs/origin.md`; `UPDATE_DOCS=1` writes it there anew.

mod server;

use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use self::server::{CHANGED, Server};
use crate::stage::LiveOrigin;
use edge::Nginx;
use origin::{Config, Media};
use test_bucket::Bucket;

/// A request, and the reason where nginx answers otherwise.
///
/// In field values `TAG` stands for the server's own tag of the file, `DATE` for the time of its last change, `BEFORE`
/// and `AFTER` for times around it.
struct Case {
    section: &'static str,
    name: &'static str,
    /// Method and target; `/f` is a file of 1,000 bytes, `/empty` one of none.
    line: &'static str,
    fields: &'static [(&'static str, &'static str)],
    /// What the origin answers.
    ours: &'static str,
    /// Why nginx may answer otherwise; empty where it must not.
    differs: &'static str,
}

const fn case(
    section: &'static str,
    name: &'static str,
    line: &'static str,
    fields: &'static [(&'static str, &'static str)],
    ours: &'static str,
    differs: &'static str,
) -> Case {
    Case { section, name, line, fields, ours, differs }
}

const CASES: &[Case] = &[
    case("9.3.1", "GET", "GET /f", &[], "200, 1000 bytes", ""),
    case("9.3.2", "HEAD", "HEAD /f", &[], "200, 0 of 1000 bytes", ""),
    case("9.3.7", "OPTIONS", "OPTIONS /f", &[], "204, Allow: GET, HEAD, OPTIONS", "nginx knows no OPTIONS for files"),
    case(
        "9.3.3",
        "POST",
        "POST /f",
        &[("Content-Length", "0")],
        "405, Allow: GET, HEAD, OPTIONS",
        "nginx leaves out Allow, which 15.5.6 demands",
    ),
    case(
        "9.3.4",
        "PUT",
        "PUT /f",
        &[("Content-Length", "0")],
        "405, Allow: GET, HEAD, OPTIONS",
        "nginx leaves out Allow",
    ),
    case("9.3.8", "TRACE", "TRACE /f", &[], "405, Allow: GET, HEAD, OPTIONS", "nginx leaves out Allow"),
    case("14.1.2", "the first 500 bytes", "GET /f", &[("Range", "bytes=0-499")], "206, bytes 0-499/1000", ""),
    case("14.1.2", "from a byte on", "GET /f", &[("Range", "bytes=900-")], "206, bytes 900-999/1000", ""),
    case("14.1.2", "the last 100 bytes", "GET /f", &[("Range", "bytes=-100")], "206, bytes 900-999/1000", ""),
    case(
        "14.1.2",
        "more last bytes than there are",
        "GET /f",
        &[("Range", "bytes=-5000")],
        "206, bytes 0-999/1000",
        "",
    ),
    case("14.1.2", "beyond the end", "GET /f", &[("Range", "bytes=900-5000")], "206, bytes 900-999/1000", ""),
    case(
        "14.1.2",
        "an end beyond 64 bits",
        "GET /f",
        &[("Range", "bytes=0-99999999999999999999")],
        "206, bytes 0-999/1000",
        "nginx counts in 63 bits",
    ),
    case("14.1.2", "a start behind the end", "GET /f", &[("Range", "bytes=1000-")], "416, bytes */1000", ""),
    case("14.1.2", "no last bytes", "GET /f", &[("Range", "bytes=-0")], "416, bytes */1000", ""),
    case(
        "14.1.2",
        "an empty file from its start",
        "GET /empty",
        &[("Range", "bytes=0-")],
        "416, bytes */0",
        "nginx ignores ranges of empty files, which 14.2 allows",
    ),
    case("14.1.2", "the last byte of an empty file", "GET /empty", &[("Range", "bytes=-1")], "200, 0 bytes", ""),
    case("14.2", "a unit in capitals", "GET /f", &[("Range", "BYTES=0-0")], "206, bytes 0-0/1000", ""),
    case("14.2", "an unknown unit", "GET /f", &[("Range", "lines=0-1")], "200, 1000 bytes", ""),
    case(
        "14.2",
        "no range at all",
        "GET /f",
        &[("Range", "bytes=x")],
        "200, 1000 bytes",
        "nginx takes what it cannot read for unsatisfiable; 14.2 says to ignore it",
    ),
    case(
        "14.2",
        "a reversed range",
        "GET /f",
        &[("Range", "bytes=5-4")],
        "200, 1000 bytes",
        "as above: an int-range whose end is below its start is invalid (14.1.1)",
    ),
    case(
        "14.2",
        "a range with HEAD",
        "HEAD /f",
        &[("Range", "bytes=0-9")],
        "200, 0 of 1000 bytes",
        "Range has a meaning only with GET (14.2)",
    ),
    case(
        "14.2",
        "two Range lines",
        "GET /f",
        &[("Range", "bytes=0-0"), ("Range", "bytes=5-5")],
        "200, 1000 bytes",
        "the field is no list: ours ignores it, nginx reads the first line",
    ),
    case("14.6", "two ranges", "GET /f", &[("Range", "bytes=0-9,500-509")], "206, 2 parts", ""),
    case("14.6", "two ranges, the later first", "GET /f", &[("Range", "bytes=500-509,0-9")], "206, 2 parts", ""),
    case(
        "14.6",
        "ranges that overlap",
        "GET /f",
        &[("Range", "bytes=0-499,400-999")],
        "206, bytes 0-999/1000",
        "ours joins ranges that overlap or nearly touch, as 15.3.7.2 advises, so that nobody draws a byte twice",
    ),
    case(
        "14.6",
        "one that is satisfiable among others",
        "GET /f",
        &[("Range", "bytes=5000-,0-9")],
        "206, bytes 0-9/1000",
        "",
    ),
    case(
        "14.2",
        "more ranges than anybody needs",
        "GET /f",
        &[(
            "Range",
            "bytes=0-0,150-150,300-300,450-450,600-600,750-750,900-900,0-1,151-151,301-301,451-451,601-601,751-751,901-901,0-2,152-152,302-302",
        )],
        "200, 1000 bytes",
        "ours answers more than 16 ranges with the whole file, as 14.2 allows; nginx has no such limit until it is given one",
    ),
    case("13.1.2", "If-None-Match, the same tag", "GET /f", &[("If-None-Match", "TAG")], "304", ""),
    case("13.1.2", "If-None-Match, the same tag made weak", "GET /f", &[("If-None-Match", "W/TAG")], "304", ""),
    case("13.1.2", "If-None-Match, any tag", "GET /f", &[("If-None-Match", "*")], "304", ""),
    case("13.1.2", "If-None-Match, in a list", "GET /f", &[("If-None-Match", "\"a\", \"b,c\", TAG")], "304", ""),
    case("13.1.2", "If-None-Match, another tag", "GET /f", &[("If-None-Match", "\"a\"")], "200, 1000 bytes", ""),
    case("13.1.3", "If-Modified-Since, the same date", "GET /f", &[("If-Modified-Since", "DATE")], "304", ""),
    case(
        "13.1.3",
        "If-Modified-Since, a later date",
        "GET /f",
        &[("If-Modified-Since", "AFTER")],
        "304",
        "nginx compares for equality unless told otherwise (if_modified_since exact)",
    ),
    case(
        "13.1.3",
        "If-Modified-Since, an earlier date",
        "GET /f",
        &[("If-Modified-Since", "BEFORE")],
        "200, 1000 bytes",
        "",
    ),
    case("13.1.3", "If-Modified-Since, no date", "GET /f", &[("If-Modified-Since", "lately")], "200, 1000 bytes", ""),
    case("13.1.1", "If-Match, the same tag", "GET /f", &[("If-Match", "TAG")], "200, 1000 bytes", ""),
    case("13.1.1", "If-Match, any tag", "GET /f", &[("If-Match", "*")], "200, 1000 bytes", ""),
    case("13.1.1", "If-Match, another tag", "GET /f", &[("If-Match", "\"a\"")], "412", ""),
    case("13.1.1", "If-Match, the same tag made weak", "GET /f", &[("If-Match", "W/TAG")], "412", ""),
    case(
        "13.1.4",
        "If-Unmodified-Since, the same date",
        "GET /f",
        &[("If-Unmodified-Since", "DATE")],
        "200, 1000 bytes",
        "",
    ),
    case("13.1.4", "If-Unmodified-Since, an earlier date", "GET /f", &[("If-Unmodified-Since", "BEFORE")], "412", ""),
    case(
        "13.2.2",
        "If-Match goes before If-Unmodified-Since",
        "GET /f",
        &[("If-Match", "TAG"), ("If-Unmodified-Since", "BEFORE")],
        "200, 1000 bytes",
        "nginx looks at both; 13.1.4 says to ignore the date",
    ),
    case(
        "13.2.2",
        "If-None-Match goes before If-Modified-Since",
        "GET /f",
        &[("If-None-Match", "\"a\""), ("If-Modified-Since", "DATE")],
        "200, 1000 bytes",
        "",
    ),
    case(
        "13.2.2",
        "…and the other way round",
        "GET /f",
        &[("If-None-Match", "TAG"), ("If-Modified-Since", "BEFORE")],
        "304",
        "nginx wants both to hold; 13.1.3 says to ignore the date",
    ),
    case(
        "13.2.2",
        "If-Match goes before If-None-Match",
        "GET /f",
        &[("If-Match", "\"a\""), ("If-None-Match", "TAG")],
        "412",
        "",
    ),
    case(
        "13.2.2",
        "conditions go before ranges",
        "GET /f",
        &[("If-None-Match", "TAG"), ("Range", "bytes=0-9")],
        "304",
        "",
    ),
    case(
        "13.1.5",
        "If-Range, the same tag",
        "GET /f",
        &[("If-Range", "TAG"), ("Range", "bytes=0-9")],
        "206, bytes 0-9/1000",
        "",
    ),
    case(
        "13.1.5",
        "If-Range, another tag",
        "GET /f",
        &[("If-Range", "\"a\""), ("Range", "bytes=0-9")],
        "200, 1000 bytes",
        "",
    ),
    case(
        "13.1.5",
        "If-Range, the same tag made weak",
        "GET /f",
        &[("If-Range", "W/TAG"), ("Range", "bytes=0-9")],
        "200, 1000 bytes",
        "",
    ),
    case(
        "13.1.5",
        "If-Range, the same date",
        "GET /f",
        &[("If-Range", "DATE"), ("Range", "bytes=0-9")],
        "206, bytes 0-9/1000",
        "",
    ),
    case(
        "13.1.5",
        "If-Range, a later date",
        "GET /f",
        &[("If-Range", "AFTER"), ("Range", "bytes=0-9")],
        "200, 1000 bytes",
        "",
    ),
    case(
        "13.1.5",
        "If-Range, and a range behind the end",
        "GET /f",
        &[("If-Range", "\"a\""), ("Range", "bytes=5000-")],
        "200, 1000 bytes",
        "",
    ),
    case("15.5.5", "a file that is not there", "GET /none", &[], "404", ""),
    case("9112 3.2", "no Host", "GET /f HTTP/1.1", &[("Host", "NONE")], "400", ""),
    case("9112 3.2", "two Hosts", "GET /f", &[("Host", "b")], "400", ""),
    case("9112 3.2.2", "an absolute target", "GET http://other/f", &[], "200, 1000 bytes", ""),
    case("9112 6.3", "two lengths", "GET /f", &[("Content-Length", "1"), ("Content-Length", "2")], "400", ""),
    case(
        "9112 6.1",
        "a length and chunks",
        "GET /f",
        &[("Content-Length", "5"), ("Transfer-Encoding", "chunked")],
        "411",
        "ours takes no chunks with a request at all (9110 15.5.12); both close the connection, as 9112 6.1 demands",
    ),
    case("9112 5.1", "a space before the colon", "GET /f", &[("X ", "a")], "400", ""),
    case("9112 2.3", "HTTP/1.0", "GET /f HTTP/1.0", &[], "200, 1000 bytes", ""),
];

#[test]
fn ours_answers_as_the_standard_says_and_nginx_differs_where_it_is_said() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    write_files(dir.path());
    let origin = LiveOrigin::start(Config { media_path: "/".to_owned(), ..Config::loopback(dir.path()) });
    let nginx =
        Nginx::with_http(&format!("server {{ listen LISTEN; root {}; }}", dir.path().display())).expect("nginx");
    let bucket = Bucket::new();
    write_files(&bucket.films());
    let over_bucket = LiveOrigin::start(Config {
        media: Media::parse("s3://films".into()).expect("an address"),
        environment: bucket.environment().into_iter().collect(),
        media_path: "/".to_owned(),
        ..Config::loopback("")
    });
    let (ours, theirs) = (Server::new(origin.address()), Server::new(nginx.address()));
    let ours_too = Server::new(over_bucket.address());

    let mut table =
        "| section | case | origin | nginx | why they differ |\n| --- | --- | --- | --- | --- |\n".to_owned();
    let mut wrong = Vec::new();
    for case in CASES {
        let (found, other) = (ours.outcome(case), theirs.outcome(case));
        if found != case.ours {
            wrong.push(format!("{}: {found}, not {}", case.name, case.ours));
        }
        let from_bucket = ours_too.outcome(case);
        if from_bucket != case.ours {
            wrong.push(format!("{} from a bucket: {from_bucket}, not {}", case.name, case.ours));
        }
        if (found == other) != case.differs.is_empty() {
            wrong.push(format!("{}: nginx {other}, ours {found}, explained by {:?}", case.name, case.differs));
        }
        let other = if found == other { "the same" } else { &other };
        let _ = writeln!(table, "| {} | {} | {found} | {other} | {} |", case.section, case.name, case.differs);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    hold_against_docs(&table);
}

fn write_files(directory: &Path) {
    for (name, bytes) in [("f", 1000), ("empty", 0)] {
        std::fs::write(directory.join(name), vec![b'x'; bytes]).expect("room");
        let file = File::options().write(true).open(directory.join(name)).expect("it is there");
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(CHANGED)).expect("own file");
    }
}

/// The table of the documentation is this one, letter for letter.
fn hold_against_docs(table: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/origin.md");
    let docs = std::fs::read_to_string(&path).expect("the documentation");
    if docs.contains(table) {
        return;
    }
    assert!(std::env::var_os("UPDATE_DOCS").is_some(), "docs/origin.md has another table: set UPDATE_DOCS=1");
    let (before, rest) = docs.split_once("<!-- conformance -->\n").expect("the mark before the table");
    let (_, after) = rest.split_once("<!-- /conformance -->").expect("the mark behind the table");
    let docs = format!("{before}<!-- conformance -->\n{table}<!-- /conformance -->{after}");
    std::fs::write(path, docs).expect("room");
}
