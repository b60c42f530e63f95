//! Two browsers in one room of the real relay: they show the same picture at the same time.

use std::time::{Duration, Instant};

use end_to_end::{Browser, Cut, Kind, Origin, Page, accessibility, sample_film, together};

const PATIENCE: Duration = Duration::from_secs(30);

/// Until both stand at the same place, or nearly.
async fn assert_at_one_place(pages: [&Page<'_>; 2]) {
    const NEAR: f64 = 1.0;
    let deadline = Instant::now() + PATIENCE;
    let place = |page| async move { Page::execute(page, "video.currentTime").await.expect("a number").as_f64() };
    loop {
        let [one, other] = [place(pages[0]).await, place(pages[1]).await];
        if one.zip(other).is_some_and(|(one, other)| (one - other).abs() <= NEAR) {
            return;
        }
        assert!(Instant::now() < deadline, "paused at {one:?} and {other:?} s");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

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

    // Each commands, and no command comes back to who gave it. On a slow machine a player may stand for a moment by itself: then
    // there is nothing for a button to pause.
    bo.execute("player.party.command('pause')").await.expect("a command");
    for page in [&ada, &bo] {
        page.wait_until("player.party.state.phase === 'paused' && video.paused", PATIENCE).await.expect("a pause");
    }
    assert_at_one_place([&ada, &bo]).await;
    ada.run("window.causes = []; watchparty.player.party.addEventListener('changed', ({ detail }) => causes.push(detail.cause));")
        .await
        .expect("an ear");
    ada.execute("player.seek(4.2, { origin: 'user' })").await.expect("a seek");
    bo.wait_until("Math.abs(video.currentTime - 4.2) < 0.05 && video.readyState > 2", PATIENCE)
        .await
        .expect("the seek");
    bo.wait_until("document.querySelectorAll('#together-members li').length === 2", PATIENCE).await.expect("both");
    ada.click("#play").await.expect("a click");
    ada.wait_until("player.party.state.phase === 'playing'", PATIENCE).await.expect("the room plays");
    // Where all are ready, the play is told as what comes of it.
    let commands = "causes.filter((cause) => ['play', 'pause', 'seek', 'rate'].includes(cause)).join()";
    let commands = ada.execute(commands).await.expect("words");
    assert!(commands == "seek" || commands == "seek,play", "each once: {commands}");
    together::assert_same_picture([&ada, &bo]).await;

    // Whoever leaves is gone, and goes on alone.
    bo.execute("document.getElementById('together-leave').click()").await.expect("a button");
    ada.wait_until("player.party.members.filter(({ present }) => present).length === 1", PATIENCE).await.expect("one");
    bo.wait_until("!player.party && !video.paused", PATIENCE).await.expect("alone");
    assert_eq!(bo.execute("video.playbackRate").await.expect("a rate"), 1.0, "at the room's rate");

    assert_phone(&bo, link.as_str().expect("an address")).await;
}

/// On a phone the invitation, and the room with everything open, stay within the screen; the panel says how far from the others it is.
async fn assert_phone(page: &Page<'_>, invitation: &str) {
    let frame = format!(
        "(window.phone = Object.assign(document.createElement('iframe'), {{ width: 360, height: 740, src: {invitation:?} }}),
        document.body.append(phone))"
    );
    page.execute(&frame).await.expect("a frame");
    let element = |id: &str| format!("phone.contentDocument?.getElementById('{id}')");
    let fits = "phone.contentDocument.documentElement.scrollWidth <= 360";
    let gate = format!("phone.contentWindow.watchparty?.player.film && !{}.hidden", element("gate"));
    page.wait_until(&gate, PATIENCE).await.expect("the gate");
    assert_eq!(page.execute(fits).await.expect("a flag"), true, "the gate is wider than the screen");
    page.execute(&format!("{}.click()", element("gate-go"))).await.expect("a button");
    page.execute("phone.contentDocument.querySelectorAll('details').forEach((details) => (details.open = true))")
        .await
        .expect("open");
    let drawn =
        format!("!{}.hidden && /ahead|behind|in time/.test({}.value)", element("flow-party"), element("flow-drift"));
    page.wait_until(&drawn, PATIENCE).await.expect("how far it is from the others");
    let label = format!("{}.ariaLabel", element("flow-drifts"));
    let label = page.execute(&label).await.expect("a text");
    let says = |words: &str| label.as_str().is_some_and(|label| label.contains(words));
    assert!(says(" now, between ") && says("of rate and ") && says("to be with the others."), "{label}");
    assert_eq!(page.execute(fits).await.expect("a flag"), true, "the room is wider than the screen");
    accessibility::assert_window_without_serious_findings(page, "phone.contentWindow").await;
}
