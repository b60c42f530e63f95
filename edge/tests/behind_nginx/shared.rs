//! A film that only those with a link may watch, behind an edge that many ask at once.

use std::thread;
use std::time::{Duration, SystemTime};

use edge::{Nginx, Settings};
use origin::Config;
use signing::{Keys, Link};

use crate::stage::{Cut, LiveOrigin, Viewer};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const MANIFEST: &str = "/media/current/manifest.json";
const VIEWERS: usize = 10;

fn link(expires: SystemTime) -> String {
    let keys = Keys::parse(KEY.as_bytes()).expect("a key");
    format!("manifest.json?{}", Link::sign(&keys, MANIFEST, expires).expect("in time").query())
}

#[test]
fn the_manifest_is_each_viewers_own_and_the_chunks_are_everybodys() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (media, keys) = (directory.path().join("media"), directory.path().join("keys"));
    std::fs::create_dir(&media).expect("room");
    std::fs::write(&keys, KEY).expect("room");
    let cut = Cut::new(1);
    cut.publish(&media);
    let mut origin = LiveOrigin::start(Config { share_key: Some(keys), ..Config::loopback(&media) });
    let settings = Settings { origin: origin.address(), slice: "0".to_owned(), clock: false };
    let edge = Nginx::edge(&settings).expect("nginx");
    let (now, hour) = (SystemTime::now(), Duration::from_secs(3_600));
    let (good, late) = (link(now + hour), link(now - hour));

    thread::scope(|scope| {
        for seed in 0..VIEWERS {
            let (cut, edge, good, late) = (&cut, &edge, &good, &late);
            scope.spawn(move || {
                let viewer = Viewer::new(edge.url("/media/current/"), seed as u64);
                let answer = viewer.get(good, None);
                assert_eq!((answer.status, answer.cache.as_str()), (200, "BYPASS"));
                assert!(String::from_utf8(answer.body).expect("JSON").contains(&cut.id));
                for (target, status) in [("manifest.json", 403), (late, 410), (&format!("{good}x"), 403)] {
                    assert_eq!(viewer.get(target, None).status, status, "{target}");
                }
                viewer.stream(cut);
            });
        }
    });

    // What was asked by a good link is answered to nobody without one, and what was refused stands in nobody's way.
    let viewer = Viewer::new(edge.url("/media/current/"), 0);
    assert_eq!(viewer.get("manifest.json", None).status, 403);
    assert_eq!(viewer.get(&good, None).status, 200);
    let journals = [edge.errors(), edge.journal().expect("it is there")];
    assert!(journals[1].contains("\"GET /media/current/manifest.json HTTP/1.1\""), "{}", journals[1]);
    assert!(journals.iter().all(|text| !text.contains("verify")), "{journals:?}");
    origin.stop();
    let asked = origin.asked();
    for (url, _) in cut.chunks() {
        let times = asked.iter().filter(|asked| asked.path == format!("/media/current/{url}")).count();
        assert_eq!(times, 1, "{url}");
    }
    let manifests: Vec<_> = asked.iter().filter(|asked| asked.path == MANIFEST && asked.status == 200).collect();
    assert_eq!(manifests.len(), VIEWERS + 1);
    // Even an edge whose origin is gone says nothing of links.
    assert_eq!(viewer.get(&good, None).status, 502);
    assert!(!edge.errors().contains("verify"), "{}", edge.errors());
}
