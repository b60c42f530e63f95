//! Worlds at random, whose people do more than watch and seek: they set the options, change the rate, drag the browser's own
//! slider, and look whether the film has changed. And the decoder hangs, and the browser wants no data for a while.

use std::time::Duration;

use proptest::prelude::*;

use playback::{Input, Options, ReadyState};

use super::random::{Form, Recipe, build, is_justified, recipes, worlds};
use virtual_world::{World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[derive(Clone, Copy, Debug)]
enum Deed {
    Rate(f64),
    Drag(i64),
    Seek(i64),
    Select(usize),
    PauseOrPlay,
    Reload,
    /// Safari wants no data for so many ms.
    Rest(u64),
    /// The decoder hangs so many ms further on.
    Hang(i64),
}

fn deeds() -> impl Strategy<Value = Vec<(u64, Deed)>> {
    let deed = prop_oneof![
        3 => prop::sample::select(vec![0.25, 0.5, 1.0, 1.5, 2.0, 4.0]).prop_map(Deed::Rate),
        3 => (0..90_000_i64).prop_map(Deed::Drag),
        2 => (0..90_000_i64).prop_map(Deed::Seek),
        1 => (1..3_usize).prop_map(Deed::Select),
        2 => Just(Deed::PauseOrPlay),
        1 => Just(Deed::Reload),
        1 => (0..40_000_u64).prop_map(Deed::Rest),
        1 => (0..5_000_i64).prop_map(Deed::Hang),
    ];
    prop::collection::vec((0..15_000_u64, deed), 1..10)
}

/// Those that a page may set.
fn options() -> impl Strategy<Value = Options> {
    let spans = [60_000_i64, 30_000, 40_000, 10_000, 2_000, 5_000].map(|most| (0..most).prop_map(ms));
    let waits = [100..5_000_u64, 1_000..20_000].map(|wait| wait.prop_map(Duration::from_millis));
    (spans, waits, 0..60_000_000_u64).prop_map(|(spans, [nudge, silence], ahead_bytes)| {
        let [ahead, ahead_at_first, behind, low, hole, handover] = spans;
        Options {
            ahead,
            ahead_at_first,
            behind,
            low,
            hole,
            handover,
            nudge,
            silence,
            ahead_bytes,
            ..Options::default()
        }
    })
}

fn act(world: &mut World, deed: Deed) {
    match deed {
        Deed::Rate(rate) => world.change_rate(rate),
        Deed::Drag(to) if world.element.state.ready >= ReadyState::Metadata => world.drag(to),
        Deed::Drag(to) | Deed::Seek(to) => world.seek(to),
        Deed::Select(stream) => world.select_audio(stream),
        Deed::PauseOrPlay if world.element.state.paused => world.press_play(),
        Deed::PauseOrPlay => world.press_pause(),
        Deed::Reload => world.reload(),
        Deed::Rest(millis) => {
            world.tell(Input::Streaming(false));
            world.run_for(millis);
            world.tell(Input::Streaming(true));
        }
        Deed::Hang(after) => world.element.sticks_at = Some(world.time() + ms(after)),
    }
}

fn play(recipe: &Recipe, options: Options, deeds: &[(u64, Deed)]) -> World {
    let mut world = build(recipe, options);
    for (pause, deed) in deeds {
        world.run_for(*pause);
        act(&mut world, *deed);
    }
    world.run_for(100);
    world.press_play();
    let limit = recipe.seconds.unsigned_abs() * 80 + 2_000;
    let over = world.run_until(limit, |world| world.element.state.ended || world.fatal().is_some());
    assert!(over, "it neither ends nor fails: {}", world.describe());
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: worlds() / 2, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_world_of_restless_people_ends_or_says_why_not(recipe in recipes(), options in options(), deeds in deeds()) {
        let world = play(&recipe, options, &deeds);
        if let Some(error) = world.fatal() {
            prop_assert!(is_justified(error, &world), "{error:?}");
        }
    }
}

/// The last group that is known of a film without an index is not whole before the next begins, which finds no room before
/// the playhead moves.
#[test]
fn a_decoder_that_hangs_in_the_last_group_that_a_full_buffer_knows_is_nudged() {
    let recipe = Recipe {
        seconds: 18,
        group: 1_000,
        rate: 404_763,
        form: Form::Plain(true),
        required: false,
        mbit: 33,
        jitter: 0,
        cuts: Vec::new(),
        offline: Vec::new(),
        breaks: 11,
        quota: 2 << 20,
        firefox: false,
        deeds: Vec::new(),
        seed: 14_166_733_839_658_758_727,
    };
    let world = play(
        &recipe,
        Options::default(),
        &[(8_094, Deed::Drag(6_503)), (3_758, Deed::Reload), (1_499, Deed::Hang(3_382))],
    );
    assert_eq!((world.fatal(), world.player.statistics().nudges), (None, 1));
}
