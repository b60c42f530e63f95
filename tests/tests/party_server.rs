//! The package under Node alone: what it holds, and its half for Node hosts.

use end_to_end::NodeScripts;

#[test]
fn under_node_alone_the_package_is_what_it_says_and_rooms_are_kept_within_limits() {
    let scripts = NodeScripts::of_tests().expect("scripts");
    for script in ["package.mjs", "party_server.mjs", "party_tabs.mjs", "growing_party.mjs"] {
        scripts.test(script).expect("it passes");
    }
}
