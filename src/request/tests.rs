use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::border::tests::object;

const MANIFEST: RequestPurpose = RequestPurpose { kind: RequestKind::Manifest, stream: None, chunk: None };

fn with(name: &str, value: &JsValue) -> Result<Requests, String> {
    let mut requests = Requests::default();
    requests.change(name, value).map(|()| requests)
}

/// What the page's `fetch` is given, and what then comes of the request.
async fn sent(requests: &Requests, fetch: &str, purpose: RequestPurpose) -> (web_sys::Request, Result<(), Failure>) {
    let stand_in = format!("(() => {{ const own = window.fetch; window.fetch = {fetch}; return own; }})()");
    let own = js_sys::eval(&stand_in).expect("the page's own");
    let request = built(requests.builder("/a?b=c", purpose).header("Range", "bytes=0-9"));
    let outcome = requests.send(request, RequestInit::new(), purpose).await.map(drop);
    js_sys::Reflect::set(&window(), &"fetch".into(), &own).expect("as before");
    let seen = js_sys::Reflect::get(&window(), &"seen".into()).expect("a member");
    (seen.dyn_into().unwrap_or_else(|_| web_sys::Request::new_with_str("/none").expect("a request")), outcome)
}

const ANSWERS: &str = "(request) => { window.seen = request; return Promise.resolve(new Response('')); }";

#[wasm_bindgen_test]
async fn whatever_the_pages_fetch_gives_is_an_answer_or_a_failure() {
    for (fetch, failure) in [
        ("() => Promise.reject('blocked')", Failure::Network),
        ("() => Promise.resolve(5)", Failure::Page("what came is no Response".to_owned())),
    ] {
        assert_eq!(sent(&Requests::default(), fetch, MANIFEST).await.1, Err(failure));
    }
}

#[wasm_bindgen_test]
async fn headers_and_credentials_go_with_every_request_but_those_for_what_a_viewer_brings() {
    let mut requests = with("headers", &object(&[("x-ticket", "7".into())])).expect("headers");
    requests.credentials = Some(Credentials::Include);
    let (request, outcome) = sent(&requests, ANSWERS, MANIFEST).await;
    assert_eq!((outcome, request.headers().get("x-ticket")), (Ok(()), Ok(Some("7".to_owned()))));
    assert_eq!(request.headers().get("range"), Ok(Some("bytes=0-9".to_owned())));
    assert_eq!(request.credentials(), web_sys::RequestCredentials::Include);
    let (request, _) = sent(&requests, ANSWERS, RequestPurpose::of(RequestKind::Captions)).await;
    assert_eq!(request.headers().get("x-ticket"), Ok(None));
    assert_eq!(request.credentials(), web_sys::RequestCredentials::SameOrigin);
}

#[wasm_bindgen_test]
async fn the_pages_hook_changes_the_request_or_gives_another_and_may_take_its_time() {
    let hooks = [
        "(request, { kind }) => request.headers.set('x-ticket', kind)",
        "async (request, { kind }) => new Request(request, { headers: { ...Object.fromEntries(request.headers), 'x-ticket': kind } })",
    ];
    for hook in hooks {
        let requests = with("request", &js_sys::eval(hook).expect("a function")).expect("a hook");
        let (request, outcome) = sent(&requests, ANSWERS, MANIFEST).await;
        assert_eq!(outcome, Ok(()));
        assert_eq!(request.headers().get("x-ticket"), Ok(Some("manifest".to_owned())));
        assert_eq!(request.headers().get("range"), Ok(Some("bytes=0-9".to_owned())));
    }
    for hook in ["() => { throw new Error('no ticket') }", "async () => { throw new Error('no ticket') }", "() => 5"] {
        let requests = with("request", &js_sys::eval(hook).expect("a function")).expect("a hook");
        let (_, outcome) = sent(&requests, ANSWERS, MANIFEST).await;
        let Err(Failure::Page(what)) = outcome else { panic!("{outcome:?}") };
        assert!(what.contains("no ticket") || what.contains("no Request"), "{what}");
    }
}

#[wasm_bindgen_test]
fn what_is_no_option_is_named() {
    for (name, value) in [
        ("headers", object(&[("a b", "c".into())])),
        ("headers", 5.into()),
        ("request", "sign".into()),
        ("token", 5.into()),
        ("token", Array::of(&[JsValue::from(5)]).into()),
    ] {
        let error = crate::options::read(&object(&[(name, value)])).expect_err("it is none");
        assert!(error.starts_with(&format!("{name}: ")), "{error}");
    }
    let mut requests = with("request", &Function::new_no_args("")).expect("a hook");
    requests.change("request", &JsValue::NULL).expect("none");
    assert!(requests.hook.is_none());
}

#[wasm_bindgen_test]
fn a_token_goes_on_as_it_is_written() {
    let requests = with("token", &Array::of(&[JsValue::from("sig"), "until".into()])).expect("names");
    let address = "https://a/manifest.json?until=9&x=1&sig=a%2Bb=&signature=c#sig=d";
    assert_eq!(requests.token_of(address), "until=9&sig=a%2Bb=");
    assert_eq!(requests.token_of("https://a/manifest.json"), "");
    assert_eq!(Requests::default().token_of(address), "");
}
