//! Listings of the bucket lag behind what was written and removed.

use serde_json::Value;

use crate::stage::{Stage, count, json, succeed};

fn prune(stage: &Stage, more: &[&str]) -> Value {
    let mut prune = stage.splitter_with_keys();
    json(&succeed(prune.args(["prune", "s3://films/x", "--json"]).args(more)))
}

/// Publishes another cut into the same place.
fn publish_another(stage: &Stage) {
    std::fs::remove_dir_all(&stage.cut).expect("it is there");
    stage.cut_with("Two", "500kB");
    succeed(&mut stage.publish("s3://films/x"));
}

#[test]
fn what_no_listing_shows_yet_is_there_all_the_same() {
    let stage = Stage::new();
    stage.bucket.hold_listings();
    succeed(&mut stage.publish("s3://films/x"));
    let again = json(&succeed(&mut stage.publish("s3://films/x")));
    assert_eq!((count(&again["sent"]), again["kept"].as_u64()), (0, Some(stage.expected().len() as u64)));
    let verdict = json(&succeed(stage.splitter_with_keys().args(["verify", "s3://films/x", "--json"])));
    assert_eq!(count(&verdict["findings"]), 0);
    assert_eq!(count(&prune(&stage, &[])["removed"]), 0);
    assert!(stage.there("x") == stage.expected());
}

#[test]
fn an_earlier_cut_stays_until_a_listing_shows_it() {
    let stage = Stage::new();
    stage.bucket.hold_listings();
    succeed(&mut stage.publish("s3://films/x"));
    publish_another(&stage);
    let all = stage.there("x");
    assert!(all.len() > stage.expected().len());
    assert_eq!(count(&prune(&stage, &[])["removed"]), 0);
    assert!(stage.there("x") == all);

    stage.bucket.let_listings_go();
    assert_eq!(count(&prune(&stage, &[])["removed"]), 1);
    assert!(stage.there("x") == stage.expected());
}

#[test]
fn what_listings_still_show_is_not_removed_twice() {
    let stage = Stage::new();
    succeed(&mut stage.publish("s3://films/x"));
    let old = stage.there("x");
    publish_another(&stage);
    // Of an object that is gone and one that is not, the latter counts.
    let (chunk, bytes) = old.iter().find(|(name, _)| name.ends_with("0001.mp4")).expect("a chunk");
    stage.bucket.hold_listings();
    assert_eq!(count(&prune(&stage, &[])["removed"]), 1);
    assert!(stage.there("x") == stage.expected());
    assert_eq!(count(&prune(&stage, &["--dry-run"])["removed"]), 0, "it is gone already");
    stage.bucket.put(&format!("x/{chunk}"), bytes.clone(), None);
    let removed = prune(&stage, &[])["removed"].clone();
    assert_eq!((count(&removed), removed[0]["bytes"].as_u64()), (1, Some(bytes.len() as u64)));
    assert!(stage.there("x") == stage.expected());
}
