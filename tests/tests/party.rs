//! Two browsers in one room of the real relay: they show the same picture at the same time.

use std::time::{Duration, Instant};

use end_to_end::{Browser, Cut, Kind, Origin, Page, accessibility, sample_film, together};

const PATIENCE: Duration = Duration::from_secs(30);

/// All sockets of a page, to be closed; while `isCut` there is nothing where new ones go.
const SOCKETS: &str = "window.sockets = [];
    window.WebSocket = class extends WebSocket {
        constructor(url) {
            super(window.isCut ? url.replace('/party/', '/nowhere/') : url);
            sockets.push(this);
        }
    };";

/// All that a page says of its room, in `said`.
const SAID: &str = "window.said = [];
    new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach(({ data }) => said.push(data))))
        .observe(document.getElementById('together-notice'), { childList: true });";

const FOCUS: &str = "document.activeElement.id";

async fn wait_until_said(page: &Page<'_>, words: &str) {
    page.wait_until(&format!("said.some((text) => text.includes({words:?}))"), PATIENCE).await.expect(words);
}

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
    ada.run(SAID).await.expect("an ear");
    ada.click("#together-go").await.expect("a button");
    ada.wait_until("player.party?.state?.phase === 'playing' && !video.paused && video.currentTime > 2", PATIENCE)
        .await
        .expect("the room plays where the film was");
    assert_eq!(ada.execute(FOCUS).await.expect("an id"), "together-link", "the keyboard goes on with the link");

    // One click joins, with sound.
    let link = ada.execute("document.getElementById('together-link').value").await.expect("a text");
    assert_link_is_copied(&ada, &link).await;
    // A name and a password in his address are his own.
    let own = link.as_str().expect("an address").replacen("://", "://bo:word@", 1);
    let bo = Page::open_url(&bo, &own, &[together::LINE, SOCKETS]).await.expect("page");
    bo.wait_until("!document.getElementById('gate').hidden && player.film", PATIENCE).await.expect("the gate");
    bo.run(SAID).await.expect("an ear");
    assert_gate_keeps_the_keyboard(&bo).await;
    assert_eq!(bo.execute("video.paused").await.expect("a flag"), true, "nothing plays before the person has come in");
    assert_eq!(bo.execute(fetched).await.expect("a number"), 0, "nor is anything of it fetched");
    // The film is short: it begins again before somebody comes late.
    ada.execute("player.seek(1, { origin: 'user' })").await.expect("a seek");
    bo.click("#gate-go").await.expect("a click");
    bo.wait_until("player.party?.connected && !video.paused && !video.muted", PATIENCE).await.expect("playback");
    assert_eq!(bo.execute(FOCUS).await.expect("an id"), "play", "the keyboard goes to the film");
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
    assert_host_rules_and_hands_over(&ada, &bo).await;
    assert_lost_room_is_told_on_the_film(&bo).await;
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
    bo.click("#together-leave").await.expect("a button");
    ada.wait_until("player.party.members.filter(({ present }) => present).length === 1", PATIENCE).await.expect("one");
    bo.wait_until("!player.party && !video.paused", PATIENCE).await.expect("alone");
    assert_eq!(bo.execute(FOCUS).await.expect("an id"), "together-go", "the keyboard goes where a room is opened");
    assert_eq!(bo.execute("video.playbackRate").await.expect("a rate"), 1.0, "at the room's rate");

    assert_phone(&bo, link.as_str().expect("an address")).await;
}

/// Where there is no clipboard, as over plain http, what is selected is copied; where that is refused, too, the page says so.
async fn assert_link_is_copied(page: &Page<'_>, link: &serde_json::Value) {
    let without = "Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true });
        document.addEventListener('copy', () => (window.copied = document.activeElement.value));";
    page.run(without).await.expect("no clipboard");
    page.click("#together-copy").await.expect("a button");
    wait_until_said(page, "The link is copied.").await;
    assert_eq!(page.execute("copied").await.expect("a text"), *link);
    assert_eq!(page.execute(FOCUS).await.expect("an id"), "together-copy");
    let refusing =
        "Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new Error()) } });
        document.execCommand = () => false; said.splice(0);";
    page.run(refusing).await.expect("a refusal");
    page.click("#together-copy").await.expect("a button");
    wait_until_said(page, "does not allow copying").await;
    assert_eq!(page.execute("said.join().includes('is copied')").await.expect("a flag"), false);
    let selected = "(({ id, value, selectionStart, selectionEnd }) => [id, value.slice(selectionStart, selectionEnd)])(document.activeElement)";
    let expected = serde_json::json!(["together-link", link]);
    assert_eq!(page.execute(selected).await.expect("a selection"), expected, "to be copied by hand");
}

/// Behind the invitation nothing has the focus, and no key does anything.
async fn assert_gate_keeps_the_keyboard(page: &Page<'_>) {
    assert_eq!(page.execute(FOCUS).await.expect("an id"), "gate-name");
    let behind = format!("(document.getElementById('play').focus(), {FOCUS})");
    assert_eq!(page.execute(&behind).await.expect("an id"), "gate-name", "the controls can be reached");
    let ignored = "[' ', 'k', 'f', 'ArrowRight'].every((key) =>
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })))";
    assert_eq!(page.execute(ignored).await.expect("a flag"), true, "a key has done something");
}

/// The host says whom the room waits for and who may command, all see it, and the next host can do the same.
async fn assert_host_rules_and_hands_over(host: &Page<'_>, heir: &Page<'_>) {
    let rules = |words: &str| format!("document.getElementById('together-rules').textContent.endsWith({words:?})");
    let controls = "document.getElementById('together-host').hidden";
    let choose = |menu: &str, option: usize| {
        format!(
            "(({{ options }}) => (options[{option}].selected = true, options[0].parentNode.dispatchEvent(new Event('change'))))
            (document.getElementById('together-{menu}'))"
        )
    };
    assert_eq!(host.execute(controls).await.expect("a flag"), false);
    assert_eq!(heir.execute(controls).await.expect("a flag"), true);
    heir.wait_until(&rules("seek. The room waits for everybody, 10 s at most."), PATIENCE).await.expect("the rules");
    for (option, words) in [(4, "The room waits for nobody."), (1, "The room waits for everybody, 10 s at most.")] {
        host.execute(&choose("policy", option)).await.expect("a choice");
        heir.wait_until(&rules(words), PATIENCE).await.expect("the rules");
        wait_until_said(heir, words).await;
    }

    host.wait_until("document.getElementById('together-heir').length === 2", PATIENCE).await.expect("an heir");
    host.execute(&choose("heir", 1)).await.expect("a choice");
    host.click("#together-hand-over").await.expect("a button");
    heir.wait_until(&format!("!{controls}"), PATIENCE).await.expect("the other is the host");
    wait_until_said(heir, "You are the host now.").await;
    host.wait_until(controls, PATIENCE).await.expect("this one is not");
    wait_until_said(host, "is the host now.").await;
    assert_eq!(host.execute(FOCUS).await.expect("an id"), "together-rules", "the keyboard stays there");
    for start in ["Only the host", "Everybody may"] {
        heir.click("#together-control").await.expect("a checkbox");
        let told = format!("document.getElementById('together-rules').textContent.startsWith({start:?})");
        host.wait_until(&told, PATIENCE).await.expect("the rules");
    }
}

/// That the room does not answer is seen on the film, wherever else the page is closed, until it does again.
async fn assert_lost_room_is_told_on_the_film(page: &Page<'_>) {
    let notice = "document.getElementById('together-notice')";
    let cut = "(document.getElementById('together').open = false, window.isCut = true, sockets.at(-1).close())";
    page.execute(cut).await.expect("a socket");
    let told = format!("{notice}.offsetHeight > 20 && {notice}.textContent.includes('Trying again in')");
    page.wait_until(&told, PATIENCE).await.expect("it is told");
    page.execute("(window.isCut = false, dispatchEvent(new Event('online')))").await.expect("an event");
    page.wait_until(&format!("player.party.connected && {notice}.offsetHeight === 1"), PATIENCE)
        .await
        .expect("it is back");
    page.execute("document.getElementById('together').open = true").await.expect("a card");
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
    // What the host sees, and whoever is lost.
    let all = format!(
        "({host}.hidden = false, {notice}.textContent = 'The room does not answer. Trying again in 12 s…',
        {notice}.toggleAttribute('data-shown', true))",
        host = element("together-host").replace("?.", "."),
        notice = element("together-notice").replace("?.", ".")
    );
    page.execute(&all).await.expect("all of it");
    assert_eq!(page.execute(fits).await.expect("a flag"), true, "the room is wider than the screen");
    accessibility::assert_window_without_serious_findings(page, "phone.contentWindow").await;
}
