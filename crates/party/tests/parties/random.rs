//! Worlds at random: whatever the networks, clocks, players and people do, in the end all are together.

use party::{Action, MemberInput, Phase, Rate};
use proptest::prelude::*;

use crate::network::Way;
use crate::player::Traits;
use crate::world::{SECOND, Setup, World, film};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What a viewer is made from.
#[derive(Clone, Debug)]
struct Recipe {
    delay: (i64, i64),
    jitter: i64,
    loss: u8,
    is_stream: bool,
    clock: (i64, i64),
    drift: i64,
    start: i64,
    seek: i64,
    /// Of the film's rate, in hundredths.
    link: i64,
    is_throttled: bool,
    keeps_pitch: bool,
    partitions: Vec<(i64, i64)>,
}

#[derive(Clone, Debug)]
enum Deed {
    Play,
    Pause,
    Seek(i64),
    Rate(u32),
    Sleep(i64, bool),
    Unfollow,
    Follow,
    Restart,
    Join,
}

fn recipes() -> impl Strategy<Value = Recipe> {
    let way = ((0..200_000_i64, 0..200_000_i64), 0..150_000_i64, 0..6_u8, any::<bool>());
    let partitions = prop::collection::vec((0..60_i64, 1..35_i64), 0..2);
    let clock = (-1_000_000_000_000_i64..1_000_000_000_000, -200..=200_i64);
    let player = (-200..=200_i64, 5_000..120_000_i64, 20_000..500_000_i64, any::<bool>());
    let link = prop_oneof![6 => 200..1_000_i64, 1 => 30..100_i64];
    (way, partitions, clock, player, link, prop::bool::weighted(0.1)).prop_map(
        |(
            (delay, jitter, loss, is_stream),
            partitions,
            clock,
            (drift, start, seek, keeps_pitch),
            link,
            is_throttled,
        )| {
            let partitions = partitions.into_iter().map(|(at, length)| (at * SECOND, (at + length) * SECOND)).collect();
            Recipe {
                delay,
                jitter,
                loss,
                is_stream,
                clock,
                drift,
                start,
                seek,
                link,
                is_throttled,
                keeps_pitch,
                partitions,
            }
        },
    )
}

fn deeds() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => Just(Deed::Play),
        2 => Just(Deed::Pause),
        4 => (0..6_000_i64).prop_map(Deed::Seek),
        1 => (500_000..2_000_000_u32).prop_map(Deed::Rate),
        1 => (1..70_i64, any::<bool>()).prop_map(|(span, counted)| Deed::Sleep(span, counted)),
        1 => Just(Deed::Unfollow),
        1 => Just(Deed::Follow),
        1 => Just(Deed::Restart),
        1 => Just(Deed::Join),
    ]
}

impl Recipe {
    fn setup(&self, seed: u64) -> Setup {
        let base = Setup::new(seed);
        let traits = Traits {
            start: (self.start, 10_000),
            seek: (self.seek, self.seek / 2),
            drift: self.drift,
            link: self.link * 10_000,
            keeps_pitch: self.keeps_pitch,
            growing: None,
        };
        let way = Way {
            delay: self.delay,
            loss: self.loss,
            is_stream: self.is_stream,
            partitions: self.partitions.clone(),
            ..Way::stream(0, self.jitter)
        };
        Setup { traits, way, clock: self.clock, is_throttled: self.is_throttled, ..base }
    }

    /// What its clock may be off by: unequal ways, and jitter that probes cannot tell from them.
    fn allowed(&self, rate: f64) -> i64 {
        let clock = (self.delay.0 - self.delay.1).abs() / 2 + self.jitter / 4;
        // A timer of a throttled tab may be a second late when it is to play or to pause, and is put right after.
        ((clock + 40_000 + if self.is_throttled { 60_000 } else { 0 }) as f64 * rate.max(1.0)) as i64
    }
}

fn act(world: &mut World, viewer: usize, deed: &Deed, recipes: &mut Vec<Recipe>) {
    match deed {
        Deed::Play => world.act(viewer, Action::Play),
        Deed::Pause => world.act(viewer, Action::Pause),
        Deed::Seek(to) => world.act(viewer, Action::Seek(film(*to))),
        Deed::Rate(rate) => world.act(viewer, Action::Rate(Rate::from_millionths(*rate).expect("it is played"))),
        Deed::Sleep(span, is_counted) => world.sleep(viewer, span * SECOND, *is_counted),
        Deed::Unfollow => world.input_to(viewer, MemberInput::Follow(false)),
        Deed::Follow => world.input_to(viewer, MemberInput::Follow(true)),
        Deed::Restart => {
            let epoch = world.room.state().stamp.epoch + 1;
            world.restart_room(epoch);
        }
        Deed::Join => {
            let recipe = recipes[viewer].clone();
            world.join(recipe.setup(100 + recipes.len() as u64));
            recipes.push(recipe);
        }
    }
}

/// No more changes of the rate than one in two seconds, but for what the room asks for.
fn most_in_a_minute(times: &[i64]) -> usize {
    let within = |from: i64| times.iter().filter(|at| (from..from + 60 * SECOND).contains(*at)).count();
    times.iter().map(|at| within(*at)).max().unwrap_or(0)
}

fn worlds() -> u32 {
    let all = if cfg!(target_arch = "wasm32") { 30 } else { 600 };
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(all)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: worlds(), max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn in_the_end_all_are_together(
        recipes in prop::collection::vec(recipes(), 1..7),
        deeds in prop::collection::vec((0..8_000_i64, any::<prop::sample::Index>(), deeds()), 0..14),
        seed in any::<u64>(),
    ) {
        let mut recipes = recipes;
        let setups = recipes.iter().zip(1..).map(|(recipe, seed)| recipe.setup(seed)).collect();
        let mut world = World::new(seed, setups);
        world.run(6 * SECOND);
        for (pause, viewer, deed) in &deeds {
            world.run(pause * 1_000);
            let viewer = viewer.index(world.viewers.len());
            act(&mut world, viewer, deed, &mut recipes);
        }
        // Until every partition has healed, everybody is awake, and then some.
        world.run((100 * SECOND - world.now).max(0) + 80 * SECOND);
        for viewer in 0..world.viewers.len() {
            world.input_to(viewer, MemberInput::Follow(true));
        }
        // Whoever cannot keep up is given up; the others settle.
        world.run(100 * SECOND);
        // A stall may have changed the room at the last moment: what is lost then is found with the next echoes.
        for _ in 0..12 {
            if world.states.last().is_some_and(|(made, _)| world.now - made > 15 * SECOND) {
                break;
            }
            world.run(8 * SECOND);
        }

        let newest = world.room.state().clone();
        for (n, viewer) in world.viewers.iter().enumerate() {
            // Every room reaches one state.
            prop_assert_eq!(viewer.member.state().map(|state| state.stamp), Some(newest.stamp), "viewer {}", n);
            // Nobody was shown a command twice, or an older one after a newer one.
            prop_assert!(viewer.shown.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", viewer.shown);
            // Corrections are few, whatever happens; commands of people come on top.
            let people = deeds.len() + world.states.len();
            prop_assert!(most_in_a_minute(&viewer.player.rates) <= 32 + people, "{:?}", viewer.player.rates);
            let late: Vec<i64> = viewer.player.seeks.iter().copied().filter(|at| *at > world.now - 100 * SECOND).collect();
            prop_assert!(most_in_a_minute(&late) <= 12, "{:?}", late);
            prop_assert!(world.longest <= party::LONGEST_TO_MEMBER);
        }
        // No deadlock: a room that is to play plays, at the latest when its limit is over.
        if newest.phase == Phase::Waiting {
            let waits = (world.room_time() - newest.at).as_micros();
            prop_assert!(waits <= 11 * SECOND, "it has waited for {} µs", waits);
        }
        // Convergence of whoever has a link that carries the film.
        let rate = if newest.phase == Phase::Playing { newest.rate.ratio() } else { 1.0 };
        if newest.phase != Phase::Waiting && (world.room_time() - newest.at).as_micros() > 15 * SECOND {
            for (n, recipe) in recipes.iter().enumerate() {
                let keeps_up = recipe.link as f64 > 115.0 * rate;
                let drift = world.drift(n);
                prop_assert!(
                    !keeps_up || drift.abs() <= recipe.allowed(rate),
                    "viewer {} is {} µs off in {:?}, may be {}", n, drift, newest, recipe.allowed(rate)
                );
            }
        }
    }
}
