//! Two browsers in one room of the real relay: they show the same picture at the same time.

use std::time::Duration;

use end_to_end::{Browser, Cut, Kind, Origin, Page, sample_film, together};

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn two_browsers_join_play_pause_and_seek_as_one() {
    let cut = Cut::new(&sample_film(), Some("350kB")).expect("cut");
    let origin = Origin::serve_parties(cut.path()).expect("origin");
    // In Firefox's turn, one of each.
    let (ada, bo) = tokio::join!(Browser::start(), Browser::start_as(Kind::Chromium));
    let (ada, bo) = (ada.expect("a browser"), bo.expect("a browser"));
    let url = format!("{}/?src=/media/current/manifest.json", origin.address());
    let ada = Page::open_url(&ada, &url, &[together::LINE]).await.expect("page");
    ada.wait_for_playhead(2.0).await.expect("playback");
    let fetched = "performance.getEntriesByType('resource').filter(({ name }) => /party-module|qr-module|sight\\.js/.test(name)).length";
    assert_eq!(ada.execute(fetched).await.expect("a number"), 0, "who watches alone downloads nothing of it");

    // Whoever opens a room is not interrupted.
    ada.execute(
        "document.getElementById('together').open = true, document.getElementById('together-name').value = 'Ada'",
    )
    .await
    .expect("a form");
    ada.execute("document.getElementById('together-go').click()").await.expect("a button");
    ada.wait_until("player.party?.state?.phase === 'playing' && !video.paused && video.currentTime > 2", PATIENCE)
        .await
        .expect("the room plays where the film was");

    // One click joins, with sound.
    let link = ada.execute("document.getElementById('together-link').value").await.expect("a text");
    // A name and a password in his address are his own.
    let own = link.as_str().expect("an address").replacen("://", "://bo:word@", 1);
    let bo = Page::open_url(&bo, &own, &[together::LINE]).await.expect("page");
    bo.wait_until("!document.getElementById('gate').hidden && player.film", PATIENCE).await.expect("the gate");
    assert_eq!(bo.execute("video.paused").await.expect("a flag"), true, "nothing plays before the person has come in");
    assert_eq!(bo.execute(fetched).await.expect("a number"), 0, "nor is anything of it fetched");
    // The film is short: it begins again before somebody comes late.
    ada.execute("player.seek(1, { origin: 'user' })").await.expect("a seek");
    bo.click("#gate-go").await.expect("a click");
    bo.wait_until("player.party?.connected && !video.paused && !video.muted", PATIENCE).await.expect("playback");
    together::assert_same_picture([&ada, &bo]).await;
    let shared = bo.execute("document.getElementById('together-link').value").await.expect("a text");
    assert_eq!(shared, link, "the room's link is for everybody");

    // Each commands, and no command comes back to who gave it.
    bo.click("#play").await.expect("a click");
    ada.wait_until("video.paused", PATIENCE).await.expect("a pause");
    let rev = "player.party.state.rev";
    let paused = bo.execute(rev).await.expect("a number");
    let place = |page| async move { Page::execute(page, "video.currentTime").await.expect("a number").as_f64() };
    let (one, other) = (place(&ada).await.expect("a number"), place(&bo).await.expect("a number"));
    assert!((one - other).abs() <= 1.0, "paused at {one} and {other} s");
    ada.execute("player.seek(4.2, { origin: 'user' })").await.expect("a seek");
    bo.wait_until("Math.abs(video.currentTime - 4.2) < 0.05 && video.readyState > 2", PATIENCE)
        .await
        .expect("the seek");
    bo.wait_until("document.querySelectorAll('#together-members li').length === 2", PATIENCE).await.expect("both");
    ada.click("#play").await.expect("a click");
    together::assert_same_picture([&ada, &bo]).await;
    let played = ada.execute(rev).await.expect("a number");
    let changes = played.as_u64().zip(paused.as_u64()).map(|(played, paused)| played - paused);
    assert!(changes.is_some_and(|changes| (3..=5).contains(&changes)), "seek, wait and play: {paused} to {played}");

    // Whoever leaves is gone, and goes on alone.
    bo.execute("document.getElementById('together-leave').click()").await.expect("a button");
    ada.wait_until("player.party.members.filter(({ present }) => present).length === 1", PATIENCE).await.expect("one");
    bo.wait_until("!player.party && !video.paused", PATIENCE).await.expect("alone");
    assert_eq!(bo.execute("video.playbackRate").await.expect("a rate"), 1.0, "at the room's rate");
}
