//! Worlds at random, of films and links of every kind, whose people do more than watch and seek: they set the options, change
//! the rate, drag the browser's own slider, and look whether the film has changed. And the decoder hangs, and the browser
//! wants no data for a while.

use std::time::Duration;

use proptest::prelude::*;

use playback::{Error, Input, Options, ReadyState, StreamId};

use super::random::{Form, Recipe, assert_conserved, build, is_justified, recipes, worlds};
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
    /// Safari wants no data for this time, in milliseconds.
    Rest(u64),
    /// The decoder hangs when this much more of the film has been played, in milliseconds.
    Hang(i64),
    /// It fails.
    Break,
}

fn deeds() -> impl Strategy<Value = Vec<(u64, Deed)>> {
    let deed = prop_oneof![
        3 => prop::sample::select(vec![0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0]).prop_map(Deed::Rate),
        3 => (0..90_000_i64).prop_map(Deed::Drag),
        2 => (0..90_000_i64).prop_map(Deed::Seek),
        1 => (1..3_usize).prop_map(Deed::Select),
        2 => Just(Deed::PauseOrPlay),
        1 => Just(Deed::Reload),
        1 => (0..40_000_u64).prop_map(Deed::Rest),
        1 => (0..5_000_i64).prop_map(Deed::Hang),
        1 => Just(Deed::Break),
    ];
    prop::collection::vec((0..15_000_u64, deed), 1..10)
}

/// Films from one that is all keyframes to one with a keyframe every 20 s, up to 32 Mbit/s, over links that may be far too slow.
fn films() -> impl Strategy<Value = Recipe> {
    let group = prop::sample::select(vec![40_i64, 120, 500, 2_000, 4_000, 10_000, 20_000]);
    let quota = prop::sample::select(vec![4_u64 << 20, 12 << 20, 30 << 20, 150 << 20]);
    (recipes(), group, 20_000..4_000_000_u64, 1..400_u64, quota).prop_map(|(recipe, group, rate, mbit, quota)| Recipe {
        group,
        fragments_per_group: (group / 500).max(1),
        // A chunk is longer than a group, and than a second.
        groups_per_chunk: usize::try_from(30_000 / group).unwrap_or(1).max(2),
        rate: rate.min(quota * 200 / group.unsigned_abs()),
        mbit,
        quota,
        ..recipe
    })
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
            ahead_at_first_in_party: ahead_at_first,
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
        Deed::Select(stream) => world.select_audio(StreamId(stream)),
        Deed::PauseOrPlay if world.element.state.paused => world.press_play(),
        Deed::PauseOrPlay => world.press_pause(),
        Deed::Reload => world.reload(),
        Deed::Rest(millis) => {
            world.tell(Input::Streaming(false));
            world.run_for(millis);
            world.tell(Input::Streaming(true));
        }
        Deed::Break => world.break_decoder(),
        Deed::Hang(after) => world.element.sticks_at = Some(world.time() + ms(after)),
    }
}

fn play(recipe: &Recipe, options: &Options, deeds: &[(u64, Deed)]) -> World {
    let mut world = build(recipe, options);
    for (pause, deed) in deeds {
        world.run_for(*pause);
        act(&mut world, *deed);
        assert_conserved(&world);
    }
    world.run_for(100);
    world.change_rate(1.0);
    world.press_play();
    let limit = recipe.seconds.unsigned_abs() * 80 + 2_000;
    let over = world.run_until(limit, |world| world.element.state.ended || world.fatal().is_some());
    assert!(over, "it neither ends nor fails: {}", world.describe());
    assert_conserved(&world);
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: worlds() / 2, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_world_of_restless_people_ends_or_says_why_not(recipe in films(), options in options(), deeds in deeds()) {
        let world = play(&recipe, &options, &deeds);
        if let Some(error) = world.fatal() {
            let breaks = deeds.iter().filter(|(_, deed)| matches!(deed, Deed::Break)).count();
            let is_broken = matches!(error, Error::Decoder { .. }) && breaks > 1;
            prop_assert!(is_broken || is_justified(error, &world), "{error:?}");
        }
    }
}

/// A world that has nothing special.
fn plain() -> Recipe {
    Recipe {
        seconds: 30,
        group: 2_000,
        fragments_per_group: 4,
        groups_per_chunk: 15,
        rate: 400_000,
        form: Form::Plain(true),
        required: false,
        mbit: 30,
        jitter: 0,
        cuts: Vec::new(),
        offline: Vec::new(),
        breaks: 10,
        quota: 2 << 20,
        firefox: false,
        deeds: Vec::new(),
        seed: 0,
    }
}

/// The last group that is known of a film without an index is not whole before the next begins, which finds no room before
/// the playhead moves.
#[test]
fn a_decoder_that_hangs_in_the_last_group_that_a_full_buffer_knows_is_nudged() {
    let seed = 14_166_733_839_658_758_727;
    let recipe = Recipe { seconds: 18, group: 1_000, rate: 404_763, mbit: 33, breaks: 11, seed, ..plain() };
    let deeds = [(8_094, Deed::Drag(6_503)), (3_758, Deed::Reload), (1_499, Deed::Hang(3_382))];
    let world = play(&recipe, &Options::default(), &deeds);
    assert_eq!((world.fatal(), world.player.statistics().nudges), (None, 1));
}

/// Firefox throws out what lies more than 30 s ahead when it is full, the beginning of the group that is being appended too.
#[test]
fn a_group_whose_beginning_is_thrown_out_is_begun_again() {
    let (seconds, group, quota, firefox) = (40, 5_000, 12 << 20, true);
    let seed = 8_773_611_969_507_178_937;
    let recipe = Recipe { seconds, group, rate: 324_704, mbit: 29, breaks: 4, quota, firefox, seed, ..plain() };
    let options = Options { ahead: ms(33_624), ahead_at_first: ms(0), ..Options::default() };
    let world =
        play(&recipe, &options, &[(4_678, Deed::Rate(0.25)), (30, Deed::PauseOrPlay), (13_992, Deed::Seek(73_738))]);
    assert_eq!(world.fatal(), None);
}

/// With nothing that counts as little ahead, too.
#[test]
fn what_lies_further_on_makes_room_for_what_the_playhead_waits_for() {
    let seed = 1_746_228_999_348_374_110;
    let recipe = Recipe { seconds: 15, rate: 204_545, mbit: 99, breaks: 2, firefox: true, seed, ..plain() };
    let (ahead, none) = (ms(10_569), ms(0));
    let options = Options { ahead, ahead_at_first: none, behind: none, low: none, hole: none, ..Options::default() };
    let options = Options { ahead_bytes: 846_918, silence: Duration::from_secs(1), ..options };
    let world = play(&recipe, &options, &[(9_919, Deed::Drag(6_500)), (222, Deed::Select(1))]);
    assert_eq!(world.fatal(), None);
}

/// Chunks that are put elsewhere once more is known of them send the engine elsewhere in the middle of a piece.
#[test]
fn pieces_under_way_when_the_engine_goes_elsewhere_are_let_go() {
    let (seed, form) = (3_270_880_009_820_966_226, Form::Restarting);
    let (mbit, jitter, breaks, quota) = (38, 34, 17, 4 << 20);
    let recipe = Recipe { seconds: 61, rate: 414_646, form, mbit, jitter, breaks, quota, seed, ..plain() };
    let (ahead, none, nudge) = (ms(13_725), ms(0), Duration::from_millis(100));
    let options =
        Options { ahead, ahead_at_first: none, behind: none, low: ms(2_377), hole: none, ..Options::default() };
    let options = Options { ahead_bytes: 15_772_848, handover: none, nudge, ..options };
    let deeds =
        [(5_828, Deed::Select(1)), (250, Deed::Drag(80_521)), (3_328, Deed::Drag(20_727)), (2_325, Deed::Seek(50_195))];
    assert_eq!(play(&recipe, &options, &deeds).fatal(), None);
}
