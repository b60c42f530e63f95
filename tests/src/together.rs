//! Whether two pages show the same picture at the same time.

use std::time::{Duration, Instant};

use crate::Page;

/// The longest wait for anything. It only keeps a broken test from waiting for ever.
const PATIENCE: Duration = Duration::from_secs(90);

/// The film is short: on a slow machine it begins again before it is over.
const AGAIN: &str = "player.party.state?.position > 20 && player.party.command({ seek: 1 })";

/// The most seconds that two pictures may be apart at one moment: what friends in two houses do not notice. Machines that run tests
/// are slow; how near two that are not come is measured by `cargo xtask bench party`.
const TOGETHER: f64 = 0.25;

/// Notes where in the film the wall clock's zero would be: for each frame, in Firefox, which stamps frames that it has not shown
/// yet, by the playhead.
pub const LINE: &str = "window.line = [];
    addEventListener('load', () => {
        const note = (media, at) => {
            if (!watchparty.video.paused) line.push(media - (performance.timeOrigin + at) / 1000);
            if (line.length > 7) line.shift();
        };
        const frame = (_, { mediaTime, expectedDisplayTime }) => {
            note(mediaTime, expectedDisplayTime);
            watchparty.video.requestVideoFrameCallback(frame);
        };
        const wait = setInterval(() => {
            if (!window.watchparty) return;
            clearInterval(wait);
            const { video } = watchparty;
            if (navigator.userAgent.includes('Firefox')) setInterval(() => note(video.currentTime, performance.now()), 40);
            else video.requestVideoFrameCallback(frame);
            for (const event of ['seeking', 'pause']) video.addEventListener(event, () => line.splice(0));
        }, 10);
    });";

const MEDIAN: &str = "line.length < 7 || video.paused ? null : line.toSorted((a, b) => a - b)[3]";

/// Waits until both pages, which have run [`LINE`] first, show the same picture at the same time.
///
/// # Panics
/// When they do not.
pub async fn assert_same_picture(pages: [&Page<'_>; 2]) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let [one, other] = [pages[0].execute(MEDIAN).await, pages[1].execute(MEDIAN).await];
        let (one, other) = (one.expect("a number").as_f64(), other.expect("a number").as_f64());
        let apart = one.zip(other).map(|(one, other)| one - other);
        if apart.is_some_and(|apart| apart.abs() <= TOGETHER) {
            return;
        }
        let told =
            "({ place: video.currentTime, paused: video.paused, ...player.party.state, drift: player.party.drift,
            clock: player.party.clock, members: player.party.members })";
        assert!(
            Instant::now() < deadline,
            "{apart:?} s apart: {} and {}",
            pages[0].execute(told).await.expect("a state"),
            pages[1].execute(told).await.expect("a state")
        );
        pages[0].execute(AGAIN).await.expect("a command");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
