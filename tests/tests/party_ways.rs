//! Rooms without our relay: on a host's own socket.io server behind the edge, and among the tabs of one browser.

use std::time::Duration;

use edge::{Nginx, Settings};
use end_to_end::{Browser, Cut, Kind, NodeScripts, Origin, Page, Site, sample_film, together};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(30);
const ROOM: &str = "abcdefghijklmnopqrstuv";
const REV: &str = "player.party.state.rev";

/// `comeIn(name)` presses the example's button; its player is `watchparty.player` from then on.
const COME_IN: &str = "window.comeIn = async (name) => {
        const { Player } = await import('/watchparty-player/index.js');
        const { attach } = Player;
        Player.attach = async (video, options) => {
            const player = await attach(video, options);
            window.watchparty = { video, player };
            return player;
        };
        // In Firefox the clock of the sound is that of a server, which a slow machine delays.
        document.querySelector('video').muted = true;
        document.querySelector('input').value = name;
        document.querySelector('button').click();
    };";

/// `joinTabs(name)` joins a room of the tabs with a player of its own, which stands at the beginning of the film.
const JOIN_TABS: &str = "window.joinTabs = async (name) => {
        const fetched = ['index', 'party-tabs'].map((name) => import(`/watchparty-player/${name}.js`));
        const [{ Player }, { tabs }] = await Promise.all(fetched);
        const video = document.body.appendChild(Object.assign(document.createElement('video'), { muted: true }));
        const player = await Player.attach(video, { party: { room: tabs('living-room'), name } });
        await player.load('/media/current/manifest.json');
        window.watchparty = { video, player };
    };";

/// What comes of attaching with a way that is refused, as `ws:` is where a page came by https: the error, and what the player says
/// that the page never got.
const REFUSED: &str = "window.refused = async () => {
        const { Player } = await import('/watchparty-player/index.js');
        const [Engine, video] = [watchparty.player.constructor, document.createElement('video')];
        const { attach } = Engine;
        let player;
        Engine.attach = (element, options) => {
            const made = attach(element, options);
            if (element === video) player = made;
            return made;
        };
        const room = { open() { throw new Error('no way'); } };
        const refused = await Player.attach(video, { party: { room } }).then(() => 'attached', ({ message }) => message);
        Engine.attach = attach;
        return [refused, await player.play().catch(({ code }) => code)];
    };";

/// `waits` is for how many seconds yet, at most, the room waits when it begins to.
const WAITS: &str = "watchparty.player.party.addEventListener('changed', ({ detail: { phase, until } }) => {
        if (phase === 'waiting') window.waits = (until - performance.now()) / 1e3;
    });";

/// A page with nothing on it, under the policy of `examples/minimal`.
const EMPTY: &str = r#"<!doctype html><title>A tab</title><link rel="icon" href="data:,"><meta http-equiv="Content-Security-Policy"
content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; media-src blob:; img-src data:"><body>"#;

async fn come_in(page: &Page<'_>, name: &str) {
    page.run(&format!("void comeIn('{name}')")).await.expect("a button");
    page.wait_until("player.party?.connected && player.film", PATIENCE).await.expect("it is in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hosts_own_socket_io_server_behind_the_edge_keeps_a_room() {
    let cut = Cut::new(&sample_film(), Some("350kB")).expect("cut");
    let scripts = NodeScripts::of_example("watch-party").expect("the example");
    let server = scripts.serve("server.js", cut.path(), 0).expect("a server");
    let upstream: std::net::SocketAddr = server.address().parse().expect("an address");
    let edge = Nginx::edge(&Settings { origin: upstream, slice: "0".to_owned(), clock: false }).expect("an edge");
    // In Firefox's turn, one of each.
    let (ada, bo) = tokio::join!(Browser::start(), Browser::start_as(Kind::Chromium));
    let (ada, bo) = (ada.expect("a browser"), bo.expect("a browser"));
    let url = edge.url(&format!("/#{ROOM}"));
    let ada = Page::open_url(&ada, &url, &[together::LINE, COME_IN]).await.expect("page");
    let bo = Page::open_url(&bo, &url, &[together::LINE, COME_IN]).await.expect("page");
    come_in(&ada, "Ada").await;
    come_in(&bo, "Bo").await;
    ada.wait_until("document.querySelectorAll('li').length === 2", PATIENCE).await.expect("both");

    // The browser's own controls are the viewer's.
    bo.execute("void video.play()").await.expect("a play");
    together::assert_same_picture([&ada, &bo]).await;
    // On a slow machine a player may stand for a moment by itself: then there is nothing for the browser's control to pause.
    ada.execute("player.party.command('pause')").await.expect("a pause");
    bo.wait_until("player.party.state.phase === 'paused' && video.paused", PATIENCE).await.expect("a pause");
    let paused = bo.execute(REV).await.expect("a number").as_u64().expect("a count");
    bo.execute("player.seek(4.2, { origin: 'user' })").await.expect("a seek");
    ada.wait_until("Math.abs(video.currentTime - 4.2) < 0.05 && video.readyState > 2", PATIENCE)
        .await
        .expect("the seek");
    ada.wait_until(&format!("player.party.state.phase === 'paused' && {REV} > {paused}"), PATIENCE)
        .await
        .expect("at rest");
    assert_eq!(ada.execute(REV).await.expect("a number"), json!(paused + 1), "one command, one change");

    // The server is another one: who was there comes back to where the room was.
    let port = upstream.port();
    drop(server);
    for page in [&ada, &bo] {
        page.wait_until("!player.party.connected", PATIENCE).await.expect("it is noticed");
    }
    let _server = scripts.serve("server.js", cut.path(), port).expect("a server");
    for page in [&ada, &bo] {
        let back = "player.party.connected && player.party.members.filter(({ present }) => present).length === 2";
        page.wait_until(back, PATIENCE).await.expect("it comes back");
        let place = page.execute("[player.party.state.phase, video.paused, video.currentTime]").await.expect("a place");
        assert_eq!(place[0], "paused", "{place}");
        assert!(place[2].as_f64().is_some_and(|at| (at - 4.2).abs() < 0.05), "{place}");
    }
    ada.execute("void video.play()").await.expect("a play");
    bo.wait_until("!video.paused && video.currentTime > 4.5", PATIENCE).await.expect("the room goes on");

    // What a room that plays waits for is known, and for how long yet: ten seconds from when it stands, which is a second ahead at most.
    bo.run(WAITS).await.expect("an ear");
    ada.execute("player.seek(12.5, { origin: 'user' })").await.expect("a seek");
    bo.wait_until("window.waits > 0 && waits < 12 && player.party.state.until === null", PATIENCE)
        .await
        .expect("a wait with an end");
}

async fn join_tabs(page: &Page<'_>, name: &str) {
    page.run(&format!("void joinTabs('{name}')")).await.expect("a way in");
    page.wait_until("player.party.connected && player.party.state.content", PATIENCE).await.expect("it is in");
}

/// How many tabs keep the room.
async fn keepers(page: &Page<'_>) -> serde_json::Value {
    let keepers = "navigator.locks.query().then(({ held }) => held.filter(({ name }) => name === 'watchparty:living-room').length)";
    page.execute_async(keepers).await.expect("a count")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_tabs_one_keeps_the_room_and_when_it_closes_the_other_goes_on_with_it() {
    let cut = Cut::new(&sample_film(), Some("350kB")).expect("cut");
    let site = Site::example("minimal").expect("site");
    std::fs::write(site.path().join("tab.html"), EMPTY).expect("room");
    let origin = Origin::serve_site(cut.path(), site.path()).expect("origin");
    let browser = Browser::start().await.expect("a browser");
    let url = format!("{}/tab.html", origin.address());
    let scripts = [JOIN_TABS, REFUSED];
    let behind = Page::open_url(&browser, &url, &scripts).await.expect("page").leave().await.expect("a tab");
    let page = Page::open_url(&browser, &url, &scripts).await.expect("page");
    join_tabs(&page, "Ada").await;
    page.execute("player.seek(4.2, { origin: 'user' })").await.expect("a seek");
    page.wait_until("player.party.state.position === 4.2", PATIENCE).await.expect("the seek");

    // The other one comes to where the first is, and what it wants is done there.
    let first = page.switch(behind).await.expect("the other tab");
    join_tabs(&page, "Bo").await;
    page.wait_until("Math.abs(video.currentTime - 4.2) < 0.05", PATIENCE).await.expect("the place");
    page.execute("player.seek(12.5, { origin: 'user' })").await.expect("a seek");
    page.wait_until("player.party.state.position === 12.5", PATIENCE).await.expect("the seek");
    let told = "[player.party.members.find(({ me }) => me).id, player.party.state.rev, player.party.state.content]";
    let before = page.execute(told).await.expect("a state");
    page.run("watchparty.player.party.addEventListener('joined', () => (window.again = true))").await.expect("an ear");
    let behind = page.switch(first).await.expect("the first tab");
    page.wait_until("Math.abs(video.currentTime - 12.5) < 0.05", PATIENCE).await.expect("the place");
    assert_eq!(keepers(&page).await, 1);
    let refused = page.execute_async("refused()").await.expect("outcomes");
    assert_eq!(refused, json!(["no way", "destroyed"]), "where joining fails nothing is left attached");

    // The one that keeps the room closes: the other has the same seat in the same room.
    page.close(behind).await.expect("the other tab");
    page.wait_until("window.again && player.party.connected", PATIENCE).await.expect("the room is here");
    assert_eq!(page.execute(told).await.expect("a state"), before);
    assert_eq!(keepers(&page).await, 1);
    page.execute("player.seek(20, { origin: 'user' })").await.expect("a seek");
    page.wait_until("player.party.state.position === 20 && Math.abs(video.currentTime - 20) < 0.05", PATIENCE)
        .await
        .expect("the seek");
}
