//! The rules themselves: well-formed, the same in both forms, and deciding as they should.

use edge::{CacheSettings, Mode, RangeMode, Ruleset};

const JSON: &str = include_str!("../cache-rules.json");
const TERRAFORM: &str = include_str!("../main.tf");

fn settings(path: &str) -> CacheSettings {
    Ruleset::watchparty().settings(path).expect("every expression is one")
}

#[test]
fn the_json_is_what_the_api_takes() {
    let ruleset: Ruleset = serde_json::from_str(JSON).expect("the schema holds");
    let references: Vec<_> = ruleset.rules.iter().map(|rule| rule.reference.as_str()).collect();
    assert_eq!(references, ["watchparty_cache", "watchparty_ranges", "watchparty_bypass"]);
}

#[test]
fn a_field_that_the_api_does_not_know_is_refused() {
    for (right, wrong) in [
        ("\"edge_ttl\"", "\"edge_tll\""),
        ("\"respect_origin\"", "\"respect\""),
        ("\"cache\": true", "\"cache\": \"true\""),
        ("\"set_cache_settings\"", "\"cache\""),
        ("\"enabled\": true", "\"enable\": true"),
    ] {
        assert!(serde_json::from_str::<Ruleset>(&JSON.replace(right, wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn terraform_says_the_same() {
    let terraform: serde_json::Value = hcl::from_str(TERRAFORM).expect("HCL");
    let resource = &terraform["resource"]["cloudflare_ruleset"]["watchparty"];
    let ruleset = serde_json::json!({ "description": resource["description"], "rules": resource["rules"] });
    let ruleset: Ruleset = serde_json::from_value(ruleset).expect("the schema holds");
    assert_eq!(ruleset, Ruleset::watchparty());
    for (name, value) in [("kind", "zone"), ("phase", "http_request_cache_settings"), ("zone_id", "${var.zone_id}")] {
        assert_eq!(resource[name], value);
    }
    let known = ["zone_id", "name", "description", "kind", "phase", "rules"];
    assert!(resource.as_object().expect("an object").keys().all(|key| known.contains(&key.as_str())));
    let resources = &terraform["resource"];
    for kind in ["cloudflare_argo_tiered_caching", "cloudflare_tiered_cache"] {
        assert_eq!(resources[kind]["watchparty"]["value"], "on");
        assert_eq!(resources[kind]["watchparty"]["zone_id"], "${var.zone_id}");
    }
}

#[test]
fn what_belongs_to_one_person_is_never_kept() {
    for path in [
        "/api/rooms",
        "/api/state.json",
        "/API/state.json",
        "/api/film.mp4",
        "/socket.io/",
        "/socket.io/socket.io.js",
        "/admin/index.html",
        "/admin/app.js",
        "/login",
        "/auth/login",
        "/login.js",
        "/callback",
        "/auth/callback.json",
        "/auth/Callback",
        "/media/film/manifest.json?verify=1797411600-HPr7pSmPdSblvWlIDHCHZkGT5fdDu6hOEL-nGTqpzVM",
    ] {
        assert_eq!(settings(path).cache, Some(false), "{path}");
    }
}

#[test]
fn the_film_and_the_page_are_kept_as_the_origin_says() {
    for path in [
        "/media/current/0a1b/video-1/0001.mp4",
        "/media/current/0a1b/video-1/0001.MP4",
        "/media/current/0a1b/video-1/0001.bin",
        "/media/current/manifest.json",
        "/media/current/manifest.json?v=2",
        "/media/current/master.m3u8",
        "/media/current/manifest.mpd",
        "/player_bg-0a1b.wasm",
        "/app.js",
        "/apis.json",
        "/blogin.css",
    ] {
        let settings = settings(path);
        assert_eq!(settings.cache, Some(true), "{path}");
        // A manifest that an edge kept for 7 days would hide every new cut: the origin's fields decide, and nobody
        // raises what browsers are told.
        assert_eq!(settings.edge_ttl.map(|ttl| (ttl.mode, ttl.default)), Some((Mode::RespectOrigin, None)), "{path}");
        assert_eq!(settings.browser_ttl.map(|ttl| ttl.mode), Some(Mode::RespectOrigin), "{path}");
        assert_eq!(settings.respect_strong_etags, Some(true), "{path}");
    }
}

#[test]
fn only_media_is_fetched_in_parts() {
    let mode = |path: &str| settings(path).origin_range_requests.map(|requests| requests.mode);
    assert_eq!(mode("/media/current/0a1b/video-1/0001.mp4"), Some(RangeMode::On));
    assert_eq!(mode("/media/current/manifest.json"), None);
    assert_eq!(mode("/app.js"), None);
}

#[test]
fn the_rest_is_left_to_the_edge() {
    for path in ["/", "/index.html", "/room/42", "/mp4", "/film.mp4/", "/party/abcdefghijklmnopqrstuv"] {
        assert_eq!(settings(path), CacheSettings::default(), "{path}");
    }
}

#[test]
fn every_extension_of_the_plan_is_kept() {
    for extension in "mp4 m4s mp3 webm vtt srt js css png jpg jpeg webp svg ico json".split(' ') {
        assert_eq!(settings(&format!("/a.{extension}")).cache, Some(true), "{extension}");
    }
}

/// Whatever the origin grants a year must be kept by the edge, and have a type that browsers know.
#[test]
fn rules_and_origin_agree() {
    use origin::cache_policy::{IMMUTABLE, MANIFEST, Place, Policy};
    let ruleset = Ruleset::watchparty();
    let kept = |name: &str| ruleset.settings(&format!("/media/current/{name}")).expect("expressions").cache;
    for name in [
        "0001.mp4",
        "0001.m4s",
        "a.m4a",
        "a.mp3",
        "a.webm",
        "0001.bin",
        "en.vtt",
        "en.srt",
        "sprite-1.jpg",
        "a.webp",
        "a.avif",
    ] {
        assert_eq!(Policy::of(Place::Media, name), IMMUTABLE, "{name}");
        assert_eq!(kept(name), Some(true), "{name}");
    }
    for name in ["manifest.json", "master.m3u8", "manifest.mpd"] {
        assert_eq!(Policy::of(Place::Media, name), MANIFEST, "{name}");
        assert_eq!(kept(name), Some(true), "{name}");
    }
}
