//! A film behind networks that fail by script: the scenarios that the table names for CI. `cargo xtask faults` plays all of them.

use end_to_end::{Kind, faults};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_network_does_ends_in_the_whole_film_or_in_an_error_that_says_so() {
    let kind = Kind::under_test();
    let telling: Vec<_> = faults::every().into_iter().filter(|scenario| scenario.is_telling(kind)).collect();
    let mut stage = faults::Stage::set(kind).await.expect("a stage");
    let verdicts = stage.play(&telling, 6, |_| ()).await.expect("playback");
    let wrong: Vec<_> = verdicts.iter().filter(|verdict| !verdict.wrong.is_empty()).collect();
    assert!(wrong.is_empty() && verdicts.len() == telling.len(), "{wrong:#?}");
}
