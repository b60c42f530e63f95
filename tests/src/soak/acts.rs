//! What a restless viewer does.

use serde_json::{Value, json};
use test_film::Film;

/// Rates at which the film is watched: mostly more than one, so that much of it passes.
const RATES: [f64; 5] = [0.5, 1.0, 1.5, 2.0, 3.0];

/// Seconds before the film's end behind which nobody goes.
const BEFORE_END: f64 = 8.0;

/// Up to where the film is watched, in seconds.
pub(super) fn end(film: &Film) -> f64 {
    f64::from(film.seconds) - BEFORE_END
}

/// All that there is to do, as the page takes it: in an order of the seed's, each at a place and for a time of the seed's, and followed by
/// so many seconds of the film.
pub(super) fn acts(film: &Film, seed: u64) -> Vec<Value> {
    let mut random = fastrand::Rng::with_seed(seed);
    let frame = 1.0 / f64::from(film.frame_rate);
    let mut acts = vec![
        json!({ "act": "seek", "to": random.f64() * end(film), "frame": frame }),
        json!({ "act": "pause", "time": random.u32(100..800) }),
        json!({ "act": "rate", "rate": RATES[random.usize(0..RATES.len())] }),
        json!({ "act": "hide", "time": random.u32(300..2_000) }),
        json!({ "act": "language" }),
    ];
    random.shuffle(&mut acts);
    for act in &mut acts {
        act["watched"] = json!(random.f64() * 1.5);
    }
    acts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_does_all_of_it_and_the_same_each_time() {
        let film = test_film::LIGHT.film("film.mp4".into());
        assert_eq!(acts(&film, 7), acts(&film, 7));
        assert_ne!(acts(&film, 7), acts(&film, 8));
        let mut names: Vec<_> = acts(&film, 7).iter().map(|act| act["act"].to_string()).collect();
        names.sort_unstable();
        assert_eq!(names.join(" "), r#""hide" "language" "pause" "rate" "seek""#);
    }
}
