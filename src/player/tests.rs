use std::rc::Weak;

use super::*;
use crate::border::tests::object;
use crate::timer::window;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Response;

/// Players that come and go.
const TIMES: usize = 200;
/// After how many of them memory is looked at.
const AT_ONCE: usize = 20;

fn video() -> HtmlMediaElement {
    let element = window().document().expect("a document").create_element("video");
    element.expect("an element").unchecked_into()
}

/// Where no script is needed.
fn none() -> Function {
    Function::new_no_args("")
}

/// The plan's manifest, of a chunk that never comes.
fn manifest() -> JsValue {
    // The page's script brings what reads films without an index.
    let module = "return Promise.resolve(() => ({ reader: () => ({ take: () => [] }) }))";
    crate::fetch_with(none(), Function::new_no_args(module), none());
    let body = r#"[{"url": "/nothing-is-here.mp4", "bytes": 1000}]"#;
    Response::new_with_opt_str(Some(body)).expect("a response").into()
}

async fn load(player: &Player, source: JsValue) -> Result<(), JsValue> {
    JsFuture::from(player.load(source, &JsValue::UNDEFINED)).await.map(drop)
}

fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}

fn code(thrown: &JsValue) -> String {
    member(thrown, "code").as_string().unwrap_or_default()
}

fn wasm_bytes() -> f64 {
    let buffer = member(&wasm_bindgen::memory(), "buffer");
    member(&buffer, "byteLength").as_f64().expect("a length")
}

/// Lets the browser do what it has put off.
async fn breathe() {
    let wait = Promise::new(&mut |resolve, _| {
        window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 20).expect("a timer");
    });
    JsFuture::from(wait).await.expect("a timer");
}

/// One viewing that ends while the first request is under way.
async fn come_and_go(video: &HtmlMediaElement) -> Weak<Mailbox> {
    let player = Player::attach(video.clone(), &JsValue::UNDEFINED).expect("a player");
    load(&player, manifest()).await.expect("a film");
    let mailbox = Rc::downgrade(&player.mailbox().expect("a film is loaded"));
    player.destroy();
    assert_eq!(player.state(), "idle");
    mailbox
}

#[wasm_bindgen_test]
async fn two_hundred_players_leave_nothing_behind() {
    let video = video();
    let mut settled = Vec::new();
    for _ in 0..TIMES / AT_ONCE {
        let mut mailboxes = Vec::new();
        for _ in 0..AT_ONCE {
            mailboxes.push(come_and_go(&video).await);
        }
        // Aborted requests let go when the browser says that they have ended.
        while mailboxes.iter().any(|mailbox| mailbox.strong_count() > 0) {
            breathe().await;
        }
        settled.push(wasm_bytes());
    }
    assert!(settled.iter().all(|bytes| *bytes == settled[0]), "{settled:?}");
    assert!(!video.has_attribute("src"), "the element is the page's own again");
}

#[wasm_bindgen_test]
async fn a_destroyed_player_says_so() {
    let player = Player::attach(video(), &JsValue::UNDEFINED).expect("a player");
    player.destroy();
    let thrown = load(&player, manifest()).await.expect_err("destroyed");
    assert_eq!(code(&thrown), "destroyed");
    assert!(player.film().is_null() && player.flow().is_null() && player.duration().is_none());
}

#[wasm_bindgen_test]
async fn what_is_no_film_is_refused_with_a_code() {
    let player = Player::attach(video(), &JsValue::UNDEFINED).expect("a player");
    let nonsense = Response::new_with_opt_str(Some("nonsense")).expect("a response");
    let thrown = load(&player, nonsense.into()).await.expect_err("no manifest");
    assert_eq!((code(&thrown).as_str(), player.state().as_str()), ("manifest-invalid", "failed"));
    for nothing in [JsValue::from_f64(5.0), JsValue::UNDEFINED, "".into(), object(&[])] {
        let thrown = load(&player, nothing).await.expect_err("no source");
        assert_eq!(code(&thrown), "argument-invalid");
    }
}

#[wasm_bindgen_test]
async fn a_load_that_is_overtaken_is_told() {
    let player = Rc::new(Player::attach(video(), &JsValue::UNDEFINED).expect("a player"));
    let (first, waiting) = (player.clone(), Rc::new(RefCell::new(None)));
    let seen = waiting.clone();
    let gate = Promise::new(&mut |resolve, _| {
        seen.replace(Some(resolve));
    });
    let outcome = Rc::new(RefCell::new(None));
    let told = outcome.clone();
    wasm_bindgen_futures::spawn_local(async move {
        told.replace(Some(load(&first, gate.into()).await));
    });
    breathe().await;
    load(&player, manifest()).await.expect("a film");
    waiting.take().expect("resolvable").call1(&JsValue::NULL, &manifest()).expect("resolves");
    breathe().await;
    let thrown = outcome.take().expect("it has ended").expect_err("superseded");
    assert_eq!(code(&thrown), "superseded");
    assert!(!player.film().is_null(), "the later film stays");
}

#[wasm_bindgen_test]
fn arguments_are_checked() {
    let player = Player::attach(video(), &JsValue::UNDEFINED).expect("a player");
    let thrown = player.seek(f64::NAN, &JsValue::UNDEFINED).expect_err("no time");
    assert_eq!(code(&thrown), "argument-invalid");
    let nobody = object(&[("origin", "nobody".into())]);
    assert_eq!(code(&player.seek(1.0, &nobody).expect_err("nobody")), "argument-invalid");
    for thrown in [player.retry(), player.select_audio(0.0), player.check_for_update()] {
        let thrown = thrown.expect_err("without a film");
        assert_eq!(
            (code(&thrown).as_str(), member(&thrown, "action").as_string().as_deref()),
            ("no-film", Some("load"))
        );
    }
    for rate in [99.0, f64::NAN] {
        assert_eq!(code(&player.set_playback_rate(rate).expect_err("no rate")), "argument-invalid");
    }
    player.set_playback_rate(1.5).expect("a rate");
    assert_eq!(player.playback_rate(), 1.5);
    assert_eq!(code(&player.configure(&object(&[("ahed", 3.into())])).expect_err("a slip")), "option-invalid");
    player.configure(&object(&[("ahead", 3.into())])).expect("an option");
    let options = object(&[("ahead", "much".into())]);
    assert_eq!(code(&Player::attach(video(), &options).err().expect("no number")), "option-invalid");
}

#[wasm_bindgen_test]
async fn a_load_whose_signal_is_aborted_is_given_up() {
    let player = Player::attach(video(), &JsValue::UNDEFINED).expect("a player");
    let controller = web_sys::AbortController::new().expect("a controller");
    let signal = object(&[("signal", controller.signal().into())]);
    let never = Promise::new(&mut |_, _| {});
    let loading = player.load(never.clone().into(), &signal);
    breathe().await;
    controller.abort();
    let thrown = JsFuture::from(loading).await.expect_err("aborted");
    assert_eq!((code(&thrown).as_str(), player.state().as_str()), ("aborted", "idle"));
    let thrown = JsFuture::from(player.load(never.into(), &signal)).await.expect_err("aborted before");
    assert_eq!(code(&thrown), "aborted");
    let wrong = object(&[("signal", 5.into())]);
    let thrown = JsFuture::from(player.load(manifest(), &wrong)).await.expect_err("no signal");
    assert_eq!(code(&thrown), "argument-invalid");
    // Once the film is there, the signal has done its work.
    let controller = web_sys::AbortController::new().expect("a controller");
    let signal = object(&[("signal", controller.signal().into())]);
    JsFuture::from(player.load(manifest(), &signal)).await.expect("a film");
    controller.abort();
    assert!(!player.film().is_null());
    for (id, expected) in [(77.0, "argument-invalid"), (0.5, "argument-invalid"), (f64::NAN, "argument-invalid")] {
        assert_eq!(code(&player.select_audio(id).expect_err("no such track")), expected);
    }
}

#[wasm_bindgen_test]
async fn a_manifest_that_never_comes_is_an_error_in_the_end() {
    let options = object(&[("silence", 0.05.into()), ("backoff", 0.01.into()), ("attempts", 2.into())]);
    let player = Player::attach(video(), &options).expect("a player");
    // Of a promise of the page's, which it cannot ask for again.
    let never = Promise::new(&mut |_, _| {});
    let thrown = load(&player, never.into()).await.expect_err("nothing");
    assert_eq!(
        (code(&thrown).as_str(), member(&thrown, "action").as_string().as_deref()),
        ("manifest-network", Some("retry"))
    );
    let hang = "request => new Promise(() => {})";
    player.configure(&object(&[("request", js_sys::eval(hang).expect("a hook"))])).expect("an option");
    let thrown = load(&player, "/film.json".into()).await.expect_err("nothing");
    assert_eq!((code(&thrown).as_str(), player.state().as_str()), ("manifest-network", "failed"));
    assert_eq!(Array::from(&member(&thrown, "history")).length(), 2);
    // What is gone on with in the background comes at last.
    let answer = "request => new Request('data:application/json,' + encodeURIComponent('[{\"url\": \"/no.mp4\", \"bytes\": 1000}]'))";
    player.configure(&object(&[("request", js_sys::eval(answer).expect("a hook"))])).expect("an option");
    player.retry().expect("a film is on its way");
    while player.film().is_null() {
        breathe().await;
    }
}

#[wasm_bindgen_test]
async fn with_preload_none_nothing_is_asked_for_until_the_film_is_wanted() {
    let options = object(&[("preload", "none".into())]);
    let player = Player::attach(video(), &options).expect("a player");
    load(&player, manifest()).await.expect("nothing can have failed");
    breathe().await;
    assert!(player.film().is_null());
    player.seek(0.5, &JsValue::UNDEFINED).expect("a time");
    breathe().await;
    assert!(!player.film().is_null());
}

#[wasm_bindgen_test]
async fn with_preload_metadata_the_film_is_known_and_nothing_of_it_asked_for() {
    let options = object(&[("preload", "metadata".into())]);
    let player = Player::attach(video(), &options).expect("a player");
    load(&player, manifest()).await.expect("a film");
    assert!(!player.film().is_null());
    let asked = || player.mailbox().and_then(|mailbox| mailbox.look(|driver| driver.requests().count())).unwrap_or(0);
    breathe().await;
    assert_eq!(asked(), 0);
    player.element.dispatch_event(&Event::new("play").expect("an event")).expect("a listener");
    assert_eq!(asked(), 1);
}

#[wasm_bindgen_test]
async fn without_what_reads_it_a_film_without_an_index_is_no_film() {
    let player = Player::attach(video(), &JsValue::UNDEFINED).expect("a player");
    let manifest = manifest();
    let unindexed = Function::new_no_args("return Promise.reject(new TypeError('it did not come'))");
    crate::fetch_with(none(), unindexed, none());
    let thrown = load(&player, manifest).await.expect_err("no reader");
    assert_eq!(code(&thrown), "engine-missing");
    assert!(member(&thrown, "message").as_string().is_some_and(|why| why.ends_with("TypeError: it did not come")));
    assert!(player.film().is_null());
}

#[wasm_bindgen_test]
async fn subtitles_of_the_viewers_own_are_shown_and_go_with_the_film() {
    let video = video();
    let player = Player::attach(video.clone(), &JsValue::UNDEFINED).expect("a player");
    load(&player, manifest()).await.expect("a film");
    // The page's script brings what reads them.
    let source = "return bytes.length ? Promise.resolve('WEBVTT') : Promise.reject('no captions')";
    crate::fetch_with(Function::new_with_args("bytes", source), none(), none());
    let blob = |text: &str| web_sys::Blob::new_with_str_sequence(&Array::of(&[JsValue::from(text)])).expect("a blob");
    let text = blob("1");
    let id = player.add_text_track(&object(&[("src", text.into()), ("language", "de".into())])).expect("a track");
    JsFuture::from(player.show_text_track(Some(id))).await.expect("text");
    let track = Array::from(&player.text_tracks()).get(0);
    assert_eq!(member(&track, "label").as_string().as_deref(), Some("de"));
    assert!(member(&track, "active").is_truthy() && !member(&track, "fromFilm").is_truthy());
    assert_eq!(
        code(&JsFuture::from(player.show_text_track(Some(7))).await.expect_err("no such track")),
        "argument-invalid"
    );
    let empty = player.add_text_track(&object(&[("src", blob("").into())])).expect("a track");
    let thrown = JsFuture::from(player.show_text_track(Some(empty))).await.expect_err("no captions");
    assert_eq!((code(&thrown).as_str(), member(&thrown, "fatal").as_bool()), ("subtitles-invalid", Some(false)));
    player.detach();
    assert!(video.first_element_child().is_none() && Array::from(&player.text_tracks()).length() == 0);
}

#[wasm_bindgen_test]
async fn subtitles_that_cannot_be_had_are_no_end_of_the_film() {
    let options = object(&[("preload", "metadata".into())]);
    let player = Player::attach(video(), &options).expect("a player");
    load(&player, manifest()).await.expect("a film");
    let id = player.add_text_track(&object(&[("src", "/no-subtitles-here.vtt".into())])).expect("a track");
    let thrown = JsFuture::from(player.show_text_track(Some(id))).await.expect_err("they are not there");
    assert_eq!((code(&thrown).as_str(), member(&thrown, "fatal").as_bool()), ("subtitles-network", Some(false)));
    assert_ne!(player.state(), "failed");
}

#[wasm_bindgen_test]
async fn a_seek_right_after_load_says_where_the_film_begins() {
    let player = Player::attach(video(), &JsValue::UNDEFINED).expect("a player");
    let loading = player.load(manifest(), &JsValue::UNDEFINED);
    assert_eq!(player.state(), "loading");
    player.seek(12.5, &JsValue::UNDEFINED).expect("a time");
    JsFuture::from(loading).await.expect("a film");
    assert_eq!(player.read(playback::Player::target), MediaTime::from_seconds(12.5));
}
