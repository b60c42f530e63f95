//! A restless viewer, for a moment; `cargo xtask soak` has one for long, in a film of gigabytes.

use std::time::Duration;

use end_to_end::{Kind, Recoded, soak};

#[tokio::test(flavor = "multi_thread")]
async fn a_restless_viewer_sees_the_right_pictures_and_leaves_no_request_behind() {
    let recoded = Recoded::with_second_language().expect("the film");
    let plan = soak::Plan { kind: Kind::under_test(), seeds: 0..3, pace: Duration::ZERO };
    let outcome = soak::watch(plan, &recoded.film, |_| ()).await.expect("a viewing");
    assert!(outcome.samples.len() == 3 && outcome.pictures > 20, "{outcome:?}");
    let wasm: Vec<_> = outcome.samples.iter().map(|sample| sample.wasm).collect();
    assert!(wasm[2] - wasm[0] <= f64::from(2 << 16), "WebAssembly's memory grew: {wasm:?}");
}
