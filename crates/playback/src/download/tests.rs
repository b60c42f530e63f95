use super::*;
use crate::ResponseHead;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A server that answers the `n`th request, counted from 0, as it likes; `None` is never.
struct World<S> {
    download: Download,
    server: S,
    now: Now,
    sent: Vec<Now>,
    told: Vec<Trouble>,
}

impl<S: FnMut(usize) -> Option<Vec<Answer>>> World<S> {
    fn new(options: Options, expected: Option<u64>, server: S) -> Self {
        let download = Download::new(options, expected, 1_000);
        Self { download, server, now: Now::default(), sent: Vec::new(), told: Vec::new() }
    }

    /// Until it is over, or for an hour.
    fn run(&mut self) -> Option<Errand> {
        while self.now < Now::default() + Duration::from_secs(3_600) {
            match self.download.poll(self.now) {
                Errand::Send => {
                    let answers = (self.server)(self.sent.len());
                    self.sent.push(self.now);
                    for answer in answers.into_iter().flatten() {
                        self.download.handle_answer(self.now, &answer);
                    }
                }
                Errand::Wait(until) => {
                    assert!(until > self.now, "it waits for the past");
                    self.now = until;
                }
                Errand::Tell(trouble) => self.told.push(trouble),
                end => return Some(end),
            }
        }
        None
    }
}

fn head(status: u16, retry_after: Option<u64>) -> Answer {
    let retry_after = retry_after.map(Duration::from_secs);
    Answer::Head(ResponseHead { status, retry_after, ..ResponseHead::default() })
}

fn good(bytes: u64) -> Option<Vec<Answer>> {
    Some(vec![head(200, None), Answer::Bytes(bytes), Answer::End])
}

#[test]
fn a_server_that_asks_for_patience_gets_it_and_the_object_comes() {
    let mut world = World::new(Options::default(), None, |nth| match nth {
        0 => Some(vec![head(503, Some(7))]),
        1 => Some(vec![head(200, None), Answer::Bytes(500), Answer::Failed(Failure::Network)]),
        _ => good(900),
    });
    assert_eq!(world.run(), Some(Errand::Done));
    assert_eq!(world.sent.len(), 3);
    assert!(world.sent[1] - world.sent[0] >= Duration::from_secs(7));
    assert!(matches!(world.told[..], [Trouble::Again { .. }, Trouble::Again { .. }]), "{:?}", world.told);
}

#[test]
fn a_server_that_never_answers_is_told_once_and_asked_on_slowly() {
    let mut world = World::new(Options::default(), None, |nth| if nth < 12 { None } else { good(1) });
    assert_eq!(world.run(), Some(Errand::Done));
    assert_eq!(world.sent.len(), 13);
    assert_eq!(world.told.len(), 8, "seven retries, and then that there is none");
    let Some(Trouble::Spent { failure: Failure::Silence, history }) = world.told.last() else {
        panic!("{:?}", world.told)
    };
    assert_eq!(history.len(), 8);
    let slow = world.sent.windows(2).skip(8).map(|pair| pair[1] - pair[0]);
    // The silence itself, and half a minute's quarter or less.
    assert!(slow.into_iter().all(|wait| (17..=25).contains(&wait.as_secs())), "{:?}", world.sent);
}

#[test]
fn without_keep_trying_it_is_over_with_the_budget() {
    let options = Options { keep_trying: false, attempts: 3, ..Options::default() };
    let mut world = World::new(options, None, |_| Some(vec![Answer::Failed(Failure::Network)]));
    let Some(Errand::Over { failure: Failure::Network, history }) = world.run() else { panic!("it is not over") };
    assert_eq!((world.sent.len(), world.told.len(), history.len()), (3, 2, 3));
}

#[test]
fn what_trying_again_cannot_change_is_over_at_once() {
    let page = |content_length| {
        let content_type = Some("text/html".to_owned());
        Answer::Head(ResponseHead { status: 200, content_length, content_type, ..ResponseHead::default() })
    };
    let long = Answer::Head(ResponseHead { status: 200, content_length: Some(1_001), ..ResponseHead::default() });
    let cases = [
        (vec![head(404, None)], Failure::Status { status: 404, retry_after: None }),
        (vec![page(None)], Failure::WrongType { found: "text/html".to_owned() }),
        (vec![page(Some(14))], Failure::WrongType { found: "text/html".to_owned() }),
        (vec![long], Failure::TooLarge { limit: 1_000 }),
        (vec![head(200, None), Answer::Bytes(600), Answer::Bytes(401)], Failure::TooLarge { limit: 1_000 }),
        (vec![head(200, None), Answer::Bytes(99), Answer::End], Failure::WrongTotal { found: 99, expected: 100 }),
    ];
    for (answers, failure) in cases {
        let mut world = World::new(Options::default(), Some(100), |_| Some(answers.clone()));
        assert_eq!(world.run(), Some(Errand::Over { failure, history: Vec::new() }));
        assert_eq!((world.sent.len(), world.told.len()), (1, 0));
    }
}

#[test]
fn whoever_hurries_does_not_wait() {
    let mut download = Download::new(Options::default(), None, 10);
    let now = Now::default();
    assert_eq!(download.poll(now), Errand::Send);
    download.handle_answer(now, &head(503, Some(60)));
    assert!(matches!(download.poll(now), Errand::Tell(Trouble::Again { .. })));
    assert!(matches!(download.poll(now), Errand::Wait(_)));
    download.hurry();
    assert_eq!(download.poll(now), Errand::Send);
}
