//! The package's half for Node hosts, under Node alone.

use end_to_end::NodeScripts;

#[test]
fn under_node_alone_rooms_are_kept_and_limits_hold() {
    NodeScripts::of_tests().expect("scripts").test("party_server.mjs").expect("it passes");
}
