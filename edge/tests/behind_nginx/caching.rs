//! A real edge in front of the real origin: nginx with the rules, and viewers that check every byte.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::stage::{Asked, Cut, LiveOrigin, Viewer};
use edge::{Nginx, Ruleset, Settings};
use origin::Config;

const VIEWERS: u64 = 50;
const PART_BYTES: usize = 1024 * 1024;

struct Stage {
    directory: tempfile::TempDir,
    origin: LiveOrigin,
    edge: Nginx,
}

impl Stage {
    fn new(slice: &str, clock: bool) -> Self {
        Self::configured(slice, clock, |config| config)
    }

    fn configured(slice: &str, clock: bool, configure: impl FnOnce(Config) -> Config) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::create_dir(directory.path().join("media")).expect("room");
        let origin = LiveOrigin::start(configure(Config::loopback(directory.path().join("media"))));
        let settings = Settings { origin: origin.address(), slice: slice.to_owned(), clock };
        let edge = Nginx::edge(&settings).expect("nginx, and libfaketime where the clock is set");
        Self { directory, origin, edge }
    }

    fn media(&self) -> std::path::PathBuf {
        self.directory.path().join("media")
    }

    fn publish(&self, seed: u64) -> Cut {
        let cut = Cut::new(seed);
        cut.publish(&self.media());
        cut
    }

    fn viewer(&self, seed: u64) -> Viewer {
        Viewer::new(self.edge.url("/media/current/"), seed)
    }

    /// What each file was asked of the origin, once everything is said and done.
    fn asked(&mut self) -> BTreeMap<String, Vec<Asked>> {
        self.origin.stop();
        let mut by_path = BTreeMap::<_, Vec<_>>::new();
        for asked in self.origin.asked() {
            by_path.entry(asked.path.clone()).or_default().push(asked);
        }
        by_path
    }
}

/// Viewers that come at once, seek about, and one among them that sees all of the film.
fn watch_together(stage: &Stage, cut: &Cut) {
    thread::scope(|scope| {
        for seed in 0..VIEWERS {
            scope.spawn(move || {
                let mut viewer = stage.viewer(seed);
                assert_eq!(viewer.manifest().0, cut.id);
                if seed == 0 {
                    viewer.stream(cut);
                } else {
                    (0..2).for_each(|_| viewer.seek_and_stream(cut));
                }
            });
        }
    });
}

#[test]
fn fifty_viewers_cost_the_origin_each_chunk_once() {
    let mut stage = Stage::new("0", false);
    let cut = stage.publish(1);
    watch_together(&stage, &cut);
    let asked = stage.asked();
    for (url, content) in cut.files().chain([("manifest.json", &[] as &[u8])]) {
        let [once] = asked[&format!("/media/current/{url}")].as_slice() else {
            panic!("{url} was asked for {:?}", asked[&format!("/media/current/{url}")])
        };
        assert_eq!((once.method.as_str(), once.range.as_str(), once.status), ("GET", "", 200));
        assert!(url == "manifest.json" || once.bytes == content.len() as u64, "{once:?}");
    }
}

#[test]
fn fetched_in_parts_each_part_is_asked_for_once() {
    let mut stage = Stage::new("1m", false);
    let cut = stage.publish(2);
    watch_together(&stage, &cut);
    let asked = stage.asked();
    assert_eq!(asked["/media/current/manifest.json"].len(), 1);
    for (url, content) in cut.chunks() {
        let mut ranges: Vec<_> =
            asked[&format!("/media/current/{url}")].iter().map(|asked| (asked.range.as_str(), asked.status)).collect();
        ranges.sort_unstable();
        let parts: Vec<_> = (0..content.len().div_ceil(PART_BYTES))
            .map(|part| format!("bytes={}-{}", part * PART_BYTES, (part + 1) * PART_BYTES - 1))
            .collect();
        let expected: Vec<_> = parts.iter().map(|part| (part.as_str(), 206)).collect();
        assert_eq!(ranges, expected, "{url}");
    }
}

#[test]
fn the_second_time_is_a_hit() {
    for slice in ["0", "1m"] {
        let stage = Stage::new(slice, false);
        let cut = stage.publish(3);
        let viewer = stage.viewer(0);
        for (url, content) in cut.files().chain([("manifest.json", &[] as &[u8])]) {
            let (first, second) = (viewer.get(url, None), viewer.get(url, None));
            assert_eq!((first.cache.as_str(), second.cache.as_str()), ("MISS", "HIT"), "{url}");
            assert!(url == "manifest.json" || (first.body == content && second.body == content), "{url}");
            assert_eq!(first.etag, second.etag);
            assert!(first.etag.starts_with('"'), "a strong tag stays strong: {}", first.etag);
        }
    }
}

#[test]
fn a_file_that_was_missing_is_there_as_soon_as_it_is() {
    let stage = Stage::new("1m", false);
    let viewer = stage.viewer(0);
    for _ in 0..2 {
        let answer = viewer.get("late/0001.mp4", None);
        assert_eq!((answer.status, answer.cache.as_str()), (404, "MISS"));
    }
    std::fs::create_dir(stage.media().join("late")).expect("room");
    std::fs::write(stage.media().join("late/0001.mp4"), "here").expect("room");
    assert_eq!(viewer.get("late/0001.mp4", None).body, b"here");
}

#[cfg(target_os = "linux")]
#[test]
fn a_manifest_is_asked_for_again_when_its_time_has_run_out() {
    let mut stage = Stage::new("1m", true);
    let cut = stage.publish(4);
    let viewer = stage.viewer(0);
    assert_eq!(viewer.manifest(), (cut.id.clone(), "MISS".to_owned()));
    stage.edge.advance(299).expect("a clock");
    assert_eq!(viewer.manifest(), (cut.id.clone(), "HIT".to_owned()));
    stage.edge.advance(302).expect("a clock");
    assert_eq!(viewer.manifest(), (cut.id.clone(), "REVALIDATED".to_owned()));

    let next = stage.publish(5);
    assert_eq!(viewer.manifest(), (cut.id, "HIT".to_owned()));
    stage.edge.advance(604).expect("a clock");
    assert_eq!(viewer.manifest(), (next.id, "EXPIRED".to_owned()));

    let statuses: Vec<_> = stage.asked()["/media/current/manifest.json"].iter().map(|asked| asked.status).collect();
    assert_eq!(statuses, [200, 304, 200]);
}

#[cfg(target_os = "linux")]
#[test]
fn chunks_are_still_there_a_week_later() {
    let stage = Stage::new("0", true);
    let cut = stage.publish(6);
    let viewer = stage.viewer(0);
    viewer.stream(&cut);
    stage.edge.advance(7 * 24 * 3600 - 60).expect("a clock");
    for (url, _) in cut.chunks() {
        assert_eq!(viewer.get(url, None).cache, "HIT", "{url}");
    }
}

/// Even where the origin says that they may be: here it serves its immutable files below `/api/`.
#[test]
fn what_is_bypassed_is_never_kept() {
    let mut stage = Stage::configured("1m", false, |config| Config { media_path: "/api/".to_owned(), ..config });
    let media = stage.media();
    let paths = ["a.mp4", "state.json", "deep/b.js"];
    for path in paths {
        std::fs::create_dir_all(media.join(path).parent().expect("below")).expect("room");
        std::fs::write(media.join(path), "1").expect("room");
    }
    let viewer = Viewer::new(stage.edge.url("/"), 0);
    let forms = ["api/a.mp4", "api/state.json", "api/deep/b.js", "%61pi/state.json", "api/state.json?x=1"];
    for form in forms {
        for _ in 0..3 {
            let answer = viewer.get(form, None);
            assert_eq!((answer.status, answer.cache.as_str()), (200, "BYPASS"), "{form}");
        }
    }
    let asked: usize = stage.asked().values().map(Vec::len).sum();
    assert_eq!(asked, forms.len() * 3);
}

/// nginx says by its own means what `cache-rules.json` says: so what is proven of one edge holds for the other.
#[test]
fn the_edge_decides_as_the_rules_do() {
    let stage = Stage::configured("0", false, |config| Config { media_path: "/".to_owned(), ..config });
    let viewer = Viewer::new(stage.edge.url(""), 0);
    let rules = Ruleset::watchparty();
    for path in [
        "/api/film.mp4",
        "/API/state.json",
        "/apis.json",
        "/socket.io/socket.io.js",
        "/socketxio/a.js",
        "/admin/app.js",
        "/party/abcdefghijklmnopqrstuv",
        "/party/a.js",
        "/party/login",
        "/login",
        "/x/login.js",
        "/Callback/a.png",
        "/a/callback",
        "/a.MP4",
        "/a/b.json",
        "/a.wasm",
        "/a.html",
        "/a",
        "/a.mp4/b",
        "/a.mp4x",
        "/blogin.css",
        "/a.m3u8",
        "/a.bin",
        "/a.mp4?verify=1",
        "/a.json?verify=1",
        "/a.json?v=verify=1",
        "/a.m3u8?verify=",
    ] {
        let expected = match rules.settings(path).expect("expressions").cache {
            Some(true) => "MISS",
            Some(false) => "BYPASS",
            None => "DYNAMIC",
        };
        assert_eq!(viewer.get(path, None).cache, expected, "{path}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_new_cut_comes_in_without_anybody_getting_bytes_of_both() {
    let mut stage = Stage::new("1m", true);
    let cuts = [stage.publish(7), Cut::new(8)];
    let is_over = AtomicBool::new(false);
    stage.viewer(98).manifest();
    thread::scope(|scope| {
        let viewers: Vec<_> = (0..20)
            .map(|seed| {
                let (stage, cuts, is_over) = (&stage, &cuts, &is_over);
                scope.spawn(move || {
                    let mut viewer = stage.viewer(seed);
                    let mut last_seen = String::new();
                    // One round more after the end, so that everybody sees the new cut.
                    for is_last in std::iter::from_fn(|| Some(is_over.load(Ordering::SeqCst))) {
                        let (id, _) = viewer.manifest();
                        let cut = cuts.iter().find(|cut| cut.id == id).expect("one of the two");
                        viewer.seek_and_stream(cut);
                        // Whoever still plays the old cut can go on: its chunks stay where they are.
                        viewer.seek_and_stream(&cuts[0]);
                        if is_last {
                            last_seen = id;
                            break;
                        }
                    }
                    last_seen
                })
            })
            .collect();
        cuts[1].publish(&stage.media());
        stage.edge.advance(302).expect("a clock");
        // The edge has the new manifest from here on.
        let viewer = stage.viewer(99);
        while viewer.manifest().0 != cuts[1].id {}
        is_over.store(true, Ordering::SeqCst);
        for viewer in viewers {
            assert_eq!(viewer.join().expect("every byte was right"), cuts[1].id);
        }
    });
    assert_eq!(stage.asked()["/media/current/manifest.json"].len(), 2);
}

/// The plan's own layout keeps a name for other bytes. The edge then has parts of the old file: it may fail, never mix.
#[test]
fn a_chunk_replaced_under_its_name_is_never_mixed() {
    let stage = Stage::new("1m", false);
    let file = stage.media().join("part_1.mp4");
    let (old, new) = (vec![1_u8; 3 * PART_BYTES], vec![2_u8; 3 * PART_BYTES]);
    std::fs::write(&file, &old).expect("room");
    let viewer = stage.viewer(0);
    assert_eq!(viewer.get("part_1.mp4", Some((0, 1000))).body, &old[..1000]);
    replace(&file, &new);
    for _ in 0..2 {
        // Cut off where the old file ends: what came is of one version, and everybody can tell that it is not whole.
        let whole = viewer.try_get("part_1.mp4", None);
        assert!(whole.as_ref().is_err() || whole.is_ok_and(|answer| answer.body == old || answer.body == new));
    }
    assert_eq!(viewer.get("part_1.mp4", Some((2 * PART_BYTES, 2 * PART_BYTES + 9))).body, &new[..9]);
}

fn replace(file: &Path, content: &[u8]) {
    let fresh = file.with_extension("fresh");
    std::fs::write(&fresh, content).expect("room");
    std::fs::rename(fresh, file).expect("same directory");
}

#[cfg(target_os = "linux")]
#[test]
fn viewers_of_a_kept_film_do_not_notice_that_the_origin_is_down() {
    let mut stage = Stage::new("1m", true);
    let cut = stage.publish(9);
    let first = stage.viewer(0);
    first.manifest();
    first.stream(&cut);
    stage.origin.stop();
    stage.edge.advance(3600).expect("a clock");
    thread::scope(|scope| {
        for seed in 1..=10 {
            let (stage, cut) = (&stage, &cut);
            scope.spawn(move || {
                let mut viewer = stage.viewer(seed);
                let (id, cache) = viewer.manifest();
                // Of those who come at once, one waits for the origin in vain.
                assert!(id == cut.id && ["STALE", "UPDATING"].contains(&cache.as_str()), "{id} {cache}");
                viewer.seek_and_stream(cut);
            });
        }
    });
    first.stream(&cut);
    assert_eq!(first.get("other/0001.mp4", None).status, 502);
}
