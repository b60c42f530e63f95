//! What one session costs: a film of two hours, played as fast as this machine goes.

use std::time::{Duration, Instant};

use virtual_world::{Cut, Link, Setup, Truth};

use crate::report::line;

/// Sessions that are played; the fastest counts, for nothing makes a machine faster than it is.
const TIMES: usize = 5;

/// Plays it and says how long that took.
pub(crate) fn measure() {
    let film = std::rc::Rc::new(Truth::indexed(&[Cut { rate: 625_000, ..Cut::video(7_200) }, Cut::audio(7_200)]));
    let mut fastest = Duration::MAX;
    let mut inputs = 0;
    for _ in 0..TIMES {
        let begin = Instant::now();
        let mut world = Setup::new(film.clone()).link(Link::mbit(50)).play();
        world.run_to_end();
        fastest = fastest.min(begin.elapsed());
        inputs = world.trace.inputs;
    }
    line(&format!(
        "Two hours at 5 Mbit/s: {inputs} inputs in {} ms, {:.2} million a second, the virtual browser included.",
        fastest.as_millis(),
        inputs as f64 / fastest.as_secs_f64() / 1e6,
    ));
}
