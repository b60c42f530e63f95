//! A film of two renditions: which one plays, and that nobody sees how it changes.

use std::time::Duration;

use end_to_end::{Browser, Cut, Origin, Page, sample_film};
use serde_json::json;

const SOON: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_rendition_that_is_wanted_takes_over_without_a_halt_and_the_menu_says_so() {
    let film = sample_film();
    let cut = Cut::with_options(&film, &["--ladder", "360p"]).expect("a cut with a lower rung");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open_short_of_buffer(&browser, &origin, 3.0).await.expect("page");
    page.wait_for_playhead(0.2).await.expect("playback");
    page.wait_until("player.renditions?.length === 2", SOON).await.expect("what chooses is fetched");
    let told = page.execute("player.renditions.map(({ id, height }) => [id, height])").await.expect("renditions");
    assert_eq!(told, json!([[1, 360], [0, 720]]));

    // There and back, as a viewer would, while nothing halts.
    page.execute("void player.addEventListener('rendition', ({ detail }) => (window.told ??= []).push(detail))")
        .await
        .expect("a listener");
    page.execute("void (player.rendition = 1)").await.expect("the lower one");
    page.wait_until("video.videoHeight === 360", SOON).await.expect("the lower one is shown");
    page.run(
        "const menu = document.getElementById('quality'); menu.value = '0'; menu.dispatchEvent(new Event('change'));",
    )
    .await
    .expect("the higher one is chosen in the menu");
    page.wait_until("video.videoHeight === 720", SOON).await.expect("the higher one is shown");
    let menu = page.execute("[document.getElementById('quality').hidden, document.getElementById('quality').value]");
    assert_eq!(menu.await.expect("the menu"), json!([false, "0"]));
    let last = page.execute("[window.told.at(-1).from, window.told.at(-1).to, window.told.at(-1).why]").await;
    assert_eq!(last.expect("it was told of"), json!([1, 0, "it is wanted"]));

    let counted = page.execute(
        "[player.stats().droppedBytes, player.stats().unseenBytes, player.stats().stalls.network?.count ?? 0]",
    );
    assert_eq!(counted.await.expect("statistics"), json!([0, 0, 0]));
    let seconds = page.execute("Object.values(player.renditionStats.seconds).every((seconds) => seconds > 0.5)").await;
    assert_eq!(seconds.expect("statistics of renditions"), json!(true));
    let watch = page.watch().await.expect("notes");
    watch.assert_smooth();
    watch.assert_without_holes();
    watch.assert_frames_right(&film);
    watch.assert_in_order(&film);
}
