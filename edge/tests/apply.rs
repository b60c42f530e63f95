//! `apply.sh` against a stand-in of the API that keeps what it is given.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use edge::Ruleset;
use serde_json::{Value, json};

#[derive(Debug, Default)]
struct Zone {
    /// `None` before the first rule of the phase.
    ruleset: Option<Value>,
    /// Method, path and body of each request that changes something.
    changes: Vec<(String, String, Value)>,
}

/// A zone on a port of its own.
struct Api {
    zone: Arc<Mutex<Zone>>,
    base: String,
}

impl Api {
    fn new(ruleset: Option<Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("it is bound"));
        let zone = Arc::new(Mutex::new(Zone { ruleset, changes: Vec::new() }));
        let shared = zone.clone();
        // Ends with the test's process.
        std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| answer(stream, &shared)));
        Self { zone, base }
    }

    fn apply(&self, arguments: &[&str]) -> Output {
        Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/apply.sh"))
            .args(arguments)
            .env("CLOUDFLARE_API", &self.base)
            .env("CLOUDFLARE_API_TOKEN", "token")
            .output()
            .expect("a shell")
    }
}

fn answer(stream: TcpStream, zone: &Mutex<Zone>) {
    let mut reader = BufReader::new(stream);
    let mut lines = reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let request = lines.next().unwrap_or_default();
    let fields: Vec<_> = lines.map(|line| line.to_ascii_lowercase()).collect();
    let length = fields.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a whole body");
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let is_allowed = fields.contains(&"authorization: bearer token".to_owned());
    let (method, path) = request.split_once(' ').expect("a request");
    let path = path.trim_end_matches(" HTTP/1.1");

    let mut zone = zone.lock().expect("no panic");
    let entrypoint = "/zones/zone/rulesets/phases/http_request_cache_settings/entrypoint";
    let (status, answer) = match (method, path, is_allowed) {
        (_, _, false) => (403, json!({ "errors": [{ "code": 10_000, "message": "Authentication error" }] })),
        ("GET", path, _) if path == entrypoint => match &zone.ruleset {
            Some(ruleset) => (200, json!({ "result": ruleset })),
            None => (404, json!({ "errors": [{ "code": 10_003, "message": "could not find entrypoint ruleset" }] })),
        },
        ("PUT", path, _) if path == entrypoint => {
            zone.changes.push((method.to_owned(), path.to_owned(), body.clone()));
            zone.ruleset = Some(body);
            (200, json!({}))
        }
        ("PATCH", path, _) => {
            zone.changes.push((method.to_owned(), path.to_owned(), body));
            (200, json!({}))
        }
        _ => (405, json!({})),
    };
    let answer = answer.to_string();
    let length = answer.len();
    let head = format!("HTTP/1.1 {status} Status\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}");
    reader.get_mut().write_all(head.as_bytes()).expect("curl reads");
}

#[test]
fn an_empty_zone_gets_the_rules_and_tiered_cache() {
    let api = Api::new(None);
    let output = api.apply(&["zone"]);
    assert!(output.status.success(), "{output:?}");
    let zone = api.zone.lock().expect("no panic");
    let put: Ruleset = serde_json::from_value(zone.ruleset.clone().expect("rules")).expect("the schema holds");
    assert_eq!(put, Ruleset::watchparty());
    let patched: Vec<_> = zone.changes[1..].iter().map(|(_, path, body)| (path.as_str(), &body["value"])).collect();
    let on = json!("on");
    let expected = ["/zones/zone/argo/tiered_caching", "/zones/zone/cache/tiered_cache_smart_topology_enable"];
    assert_eq!(patched, expected.map(|path| (path, &on)));
}

#[test]
fn rules_of_others_stay_and_ours_come_behind_them_once() {
    let theirs = json!({ "id": "1", "version": "3", "last_updated": "2026-01-01T00:00:00Z", "ref": "theirs",
        "expression": "true", "action": "set_cache_settings", "action_parameters": { "cache": false } });
    let api = Api::new(Some(json!({ "id": "r", "version": "3", "rules": [theirs] })));
    for _ in 0..2 {
        assert!(api.apply(&["zone"]).status.success());
        let zone = api.zone.lock().expect("no panic");
        let rules = zone.ruleset.as_ref().expect("rules")["rules"].as_array().expect("a list").clone();
        let references: Vec<_> = rules.iter().map(|rule| rule["ref"].as_str().expect("text")).collect();
        assert_eq!(references, ["theirs", "watchparty_cache", "watchparty_ranges", "watchparty_bypass"]);
        assert_eq!((&rules[0]["id"], &rules[0]["version"]), (&json!("1"), &Value::Null));
    }
}

#[test]
fn a_dry_run_changes_nothing() {
    let api = Api::new(None);
    let output = api.apply(&["--dry-run", "zone"]);
    let printed: Ruleset = serde_json::from_slice(&output.stdout).expect("the ruleset");
    assert_eq!(printed, Ruleset::watchparty());
    assert!(api.zone.lock().expect("no panic").changes.is_empty());
}

#[test]
fn what_the_api_says_against_it_is_passed_on() {
    let api = Api::new(None);
    let output = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/apply.sh"))
        .arg("zone")
        .env("CLOUDFLARE_API", &api.base)
        .env("CLOUDFLARE_API_TOKEN", "wrong")
        .output()
        .expect("a shell");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && message.contains("10000: Authentication error"), "{message}");
    assert_eq!(api.apply(&[]).status.code(), Some(2));
}
