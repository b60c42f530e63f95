//! Viewers' clocks that jump. Machines that sleep are among the faults (`faults.rs`).

use end_to_end::{Browser, Cut, Origin, Page, sample_film};

/// A film that is fetched as it is watched, so that what is missing is missed.
const SHORT: &str = "/?src=/media/current/manifest.json&ahead=4&behind=4";

const DAY: i64 = 24 * 3_600;

/// A wall clock of the page's own, so many milliseconds fast. What counts monotonically goes on as it is, as it does where a
/// machine's clock is set.
const CLOCK: &str = "(() => {
    if ('fast' in window) return;
    window.fast = 0;
    const Own = Date;
    window.Date = class extends Own {
        constructor(...given) {
            if (given.length) super(...given);
            else super(Own.now() + fast);
        }
        static now() {
            return Own.now() + fast;
        }
    };
})();";

#[tokio::test(flavor = "multi_thread")]
async fn a_viewers_clock_that_jumps_by_days_costs_no_picture() {
    let film = sample_film();
    let cut = Cut::new(&film, Some("350kB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open_url(&browser, &format!("{}{SHORT}", origin.address()), &[CLOCK]).await.expect("page");
    for (at, seconds) in [(1.0, 3 * DAY), (3.0, -400 * DAY), (5.0, DAY / 24), (7.0, 0)] {
        page.wait_for_playhead(at).await.expect("playback");
        page.execute(&format!("(window.fast = {})", seconds * 1_000)).await.expect("a jump");
    }
    page.wait_for_playhead(12.0).await.expect("playback");
    let watch = page.watch().await.expect("notes");
    watch.assert_frames_right(&film);
    watch.assert_in_order(&film);
    assert_eq!(watch.events("player", "error").count(), 0, "{:?}", watch.events);
}
