//! Worlds at random: whatever the film, the link, the origin and the person do, the film ends or the engine says why not.

use std::time::Duration;

use playback::{Error, Options};
use proptest::prelude::*;

use crate::world::{Answer, Ask, Cut, Ending, Flavour, Link, Setup, Truth, World, ms};

/// What a world is made from; printed when a world fails.
#[derive(Clone, Debug)]
struct Recipe {
    seconds: i64,
    group: i64,
    rate: u64,
    is_indexed: bool,
    has_own_inits: bool,
    mbit: u64,
    jitter: u64,
    cuts: Vec<(u64, u64)>,
    /// One answer in so many breaks.
    breaks: u64,
    quota: u64,
    firefox: bool,
    seeks: Vec<(u64, i64)>,
    seed: u64,
}

fn recipes() -> impl Strategy<Value = Recipe> {
    let film = (20..180_i64, prop::sample::select(vec![500_i64, 1_000, 2_000, 5_000]), 20_000..600_000_u64);
    let form = (any::<bool>(), any::<bool>(), any::<bool>());
    let link = (2..200_u64, 0..80_u64, prop::collection::vec((0..120_u64, 1..15_u64), 0..3), 2..40_u64);
    let rest = (prop::sample::select(vec![4_u64 << 20, 12 << 20, 150 << 20]), any::<u64>());
    let seeks = prop::collection::vec((0..20_000_u64, 0..180_000_i64), 0..4);
    (film, form, link, rest, seeks).prop_map(
        |((seconds, group, rate), (is_indexed, own, firefox), link, rest, seeks)| {
            let (mbit, jitter, cuts, breaks) = link;
            let (quota, seed) = rest;
            let has_own_inits = own;
            Recipe {
                seconds,
                group,
                rate,
                is_indexed,
                has_own_inits,
                mbit,
                jitter,
                cuts,
                breaks,
                quota,
                firefox,
                seeks,
                seed,
            }
        },
    )
}

fn build(recipe: &Recipe) -> World {
    // A group that does not fit the browser's buffer cannot be played by anybody.
    let rate = recipe.rate.min(recipe.quota * 200 / recipe.group.unsigned_abs());
    let video = Cut { group: recipe.group, rate, seed: recipe.seed, ..Cut::video(recipe.seconds) };
    let truth = if recipe.is_indexed {
        Truth::indexed(&[video, Cut::audio(recipe.seconds)])
    } else {
        Truth::plain(&Cut { kind: manifest::Kind::Muxed, ..video }, recipe.has_own_inits)
    };
    let mut link = Link::mbit(recipe.mbit);
    link.jitter = Duration::from_millis(recipe.jitter);
    let seconds = Duration::from_secs;
    link.cuts = recipe.cuts.iter().map(|(at, length)| (seconds(*at), seconds(at + length))).collect();
    let mut dice = fastrand::Rng::with_seed(recipe.seed);
    let breaks = recipe.breaks;
    let origin = move |ask: &Ask, total: u64| {
        if dice.u64(..breaks) > 0 {
            return Answer::good(ask, total);
        }
        let at = dice.u64(..total.max(1));
        match dice.u8(..6) {
            0 => Answer::status(503),
            1 => Answer::refused(),
            2 => Answer::whole(ask, total),
            3 => Answer::good(ask, total).ending(Ending::Short(at)),
            4 => Answer::good(ask, total).ending(Ending::Silent(at)),
            _ => Answer::good(ask, total).ending(Ending::Reset(at)),
        }
    };
    let options = Options { seed: recipe.seed, ..Options::default() };
    let mut setup = Setup::new(truth).link(link).origin(origin).options(options).quota(recipe.quota);
    setup.flavour = if recipe.firefox { Flavour::Firefox } else { Flavour::Chrome };
    setup.seed = recipe.seed;
    setup.play()
}

/// Plays a world to its end or its fatal error.
fn play(recipe: &Recipe) -> World {
    let mut world = build(recipe);
    for (pause, to) in &recipe.seeks {
        world.run_for(*pause);
        world.seek(*to);
        // A film that had ended is paused.
        world.press_play();
    }
    let limit = recipe.seconds.unsigned_abs() * 20 + 2_000;
    let over = world.run_until(limit, |world| world.element.state.ended || world.fatal().is_some());
    assert!(over, "it neither ends nor fails: {}", world.describe());
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn every_world_ends_or_says_why_not(recipe in recipes()) {
        let world = play(&recipe);
        match world.fatal() {
            Some(Error::Network { history, .. }) => prop_assert_eq!(history.len(), 8, "the budget was not spent"),
            Some(other) => prop_assert!(false, "{}", other),
            None if recipe.seeks.is_empty() => world.assert_all_shown(),
            None => {}
        }
        let most = world.truth.streams.len() as u64 * ((4 << 20) + 2 * 98_304);
        prop_assert!(world.trace.most_held <= most, "{} bytes held", world.trace.most_held);
        // Nothing runs hot: pieces and operations need an input each, and time four a second.
        let pieces = world.trace.bytes / 4_096 + 2 * world.trace.operations as u64;
        let allowed = 2_000 + 40 * world.now().as_secs() + pieces;
        prop_assert!(world.trace.inputs as u64 <= allowed, "{} inputs, {} allowed", world.trace.inputs, allowed);
    }

    #[test]
    fn equal_worlds_have_equal_traces(recipe in recipes()) {
        prop_assert_eq!(play(&recipe).trace.fingerprint(), play(&recipe).trace.fingerprint());
    }
}

#[test]
fn a_film_of_two_hours_is_played_in_a_moment() {
    let mut world = Setup::new(Truth::film(7_200)).link(Link::mbit(20)).play();
    world.run_to_end();
    assert!(world.time() >= ms(7_199_999));
    world.assert_all_shown();
}
