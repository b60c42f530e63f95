//! Worlds at random, whose people do more than watch and seek: they change the rate, drag the browser's own slider, and look
//! whether the film has changed; and the decoder hangs.

use proptest::prelude::*;

use super::random::{Recipe, build, is_justified, recipes, worlds};
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
        1 => (0..5_000_i64).prop_map(Deed::Hang),
    ];
    prop::collection::vec((0..15_000_u64, deed), 1..10)
}

fn act(world: &mut World, deed: Deed) {
    match deed {
        Deed::Rate(rate) => world.change_rate(rate),
        Deed::Drag(to) if world.element.state.ready >= playback::ReadyState::Metadata => world.drag(to),
        Deed::Drag(to) | Deed::Seek(to) => world.seek(to),
        Deed::Select(stream) => world.select_audio(stream),
        Deed::PauseOrPlay if world.element.state.paused => world.press_play(),
        Deed::PauseOrPlay => world.press_pause(),
        Deed::Reload => world.reload(),
        Deed::Hang(after) => world.element.sticks_at = Some(world.time() + ms(after)),
    }
}

fn play(recipe: &Recipe, deeds: &[(u64, Deed)]) -> World {
    let mut world = build(recipe);
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
    fn every_world_of_restless_people_ends_or_says_why_not(recipe in recipes(), deeds in deeds()) {
        let world = play(&recipe, &deeds);
        if let Some(error) = world.fatal() {
            prop_assert!(is_justified(error, &world), "{error:?}");
        }
    }
}
