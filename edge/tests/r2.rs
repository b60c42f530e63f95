//! The bucket of `r2/main.tf`: read by the domain alone, under the same rules, and open to players of other sites as the
//! origin is.

use std::collections::BTreeSet;

use origin::{Config, Handler};

const TERRAFORM: &str = include_str!("../r2/main.tf");
const RULES: &str = include_str!("../main.tf");

fn names(list: &serde_json::Value) -> BTreeSet<String> {
    let list = list.as_array().expect("a list");
    list.iter().map(|name| name.as_str().expect("text").to_ascii_lowercase()).collect()
}

#[test]
fn each_resource_has_what_the_provider_asks_for_and_nothing_that_it_does_not_know() {
    let terraform: serde_json::Value = hcl::from_str(TERRAFORM).expect("HCL");
    let common = ["account_id", "bucket_name"];
    for (kind, required, optional) in [
        ("cloudflare_r2_bucket", &["account_id", "name"][..], &["jurisdiction", "location", "storage_class"][..]),
        (
            "cloudflare_r2_custom_domain",
            &["account_id", "bucket_name", "domain", "enabled", "zone_id"],
            &["ciphers", "jurisdiction", "min_tls"],
        ),
        ("cloudflare_r2_managed_domain", &["account_id", "bucket_name", "enabled"], &["jurisdiction"]),
        ("cloudflare_r2_bucket_cors", &common, &["jurisdiction", "rules"]),
        ("cloudflare_r2_bucket_lifecycle", &common, &["jurisdiction", "rules"]),
    ] {
        let resource = terraform["resource"][kind]["films"].as_object().expect(kind);
        assert!(required.iter().all(|name| resource.contains_key(*name)), "{kind} lacks one of {required:?}");
        let is_known = |name: &String| required.contains(&name.as_str()) || optional.contains(&name.as_str());
        assert!(resource.keys().all(is_known), "{kind}: {:?}", resource.keys());
        assert_eq!(resource["account_id"], "${var.account_id}");
    }
    let version = |text: &str| {
        let terraform: serde_json::Value = hcl::from_str(text).expect("HCL");
        terraform["terraform"]["required_providers"]["cloudflare"]["version"].clone()
    };
    assert_eq!(version(TERRAFORM), version(RULES));
    assert_eq!(terraform["module"]["rules"]["source"], "../");
    assert_eq!(terraform["module"]["rules"]["zone_id"], "${var.zone_id}");
    let resources = &terraform["resource"];
    assert_eq!(resources["cloudflare_r2_managed_domain"]["films"]["enabled"], false);
    assert_eq!(resources["cloudflare_r2_custom_domain"]["films"]["domain"], "${var.domain}");
}

#[tokio::test]
async fn players_of_other_sites_may_do_what_they_may_do_with_the_origin() {
    let terraform: serde_json::Value = hcl::from_str(TERRAFORM).expect("HCL");
    let rules = &terraform["resource"]["cloudflare_r2_bucket_cors"]["films"]["rules"];
    let [rule] = rules.as_array().expect("a list").as_slice() else { panic!("one rule: {rules}") };
    let directory = tempfile::tempdir().expect("a temporary directory");
    let handler = Handler::new(&Config::loopback(directory.path())).expect("a directory");
    let request = http::Request::options("/media/current/manifest.json").body(()).expect("a request");
    let answer = handler.respond(&request, std::time::SystemTime::now()).await;
    let of_origin = |name: &str| {
        let list = answer.headers()[name].to_str().expect("text");
        list.split(", ").map(str::to_ascii_lowercase).collect::<BTreeSet<_>>()
    };
    assert_eq!(names(&rule["expose_headers"]), of_origin("access-control-expose-headers"));
    assert_eq!(names(&rule["allowed"]["headers"]), of_origin("access-control-allow-headers"));
    assert_eq!(names(&rule["allowed"]["origins"]), BTreeSet::from(["*".to_owned()]));
    let mut methods = of_origin("access-control-allow-methods");
    // A store answers that one by itself.
    methods.remove("options");
    assert_eq!(names(&rule["allowed"]["methods"]), methods);
}
