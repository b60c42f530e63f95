//! Worlds at random: whatever the film, the link, the origin and the person do, the film ends or the engine says why not.
//!
//! A world that fails is printed as its [`Recipe`], and its seed is kept in `proptest-regressions`.

use std::time::Duration;

use playback::{BufferId, Error, Event, Failure, Integrity, Options, StreamId};
use proptest::prelude::*;

use virtual_world::{
    Answer, Ask, Chooses, Chunk, Cut, Ending, Flavour, Fragment, Link, PIECE, Setup, Truth, World, ms,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What a world is made from.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    pub(super) seconds: i64,
    pub(super) group: i64,
    pub(super) fragments_per_group: i64,
    pub(super) groups_per_chunk: usize,
    pub(super) rate: u64,
    pub(super) form: Form,
    pub(super) required: bool,
    pub(super) mbit: u64,
    pub(super) jitter: u64,
    pub(super) cuts: Vec<(u64, u64)>,
    pub(super) offline: Vec<(u64, u64)>,
    /// Answers of which one breaks.
    pub(super) breaks: u64,
    pub(super) quota: u64,
    pub(super) firefox: bool,
    /// What the person does, each with the milliseconds since the deed before.
    pub(super) deeds: Vec<(u64, Deed)>,
    pub(super) seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The splitter's: video and sound in two languages.
    Indexed,
    /// The splitter's, with this number of rungs of video.
    Rungs(usize, Chooses),
    /// The splitter's, muxed.
    Muxed,
    /// The plan's array; every chunk has the init, or only the first.
    Plain(bool),
    /// The plan's array over chunks that count from zero.
    Restarting,
    /// The plan's array over chunks of differing inits; every chunk has one, or only where it changes.
    Changing(bool),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Deed {
    Seek(i64),
    Select(usize),
    /// The browser drops that part of the first stream, in ms.
    Drop(i64, i64),
    Pause,
    /// The page calls `load()` of the media element.
    LoadAnew,
}

impl Recipe {
    fn is_indexed(&self) -> bool {
        matches!(self.form, Form::Indexed | Form::Rungs(..) | Form::Muxed)
    }

    /// How many streams of pictures the film has.
    fn rungs(&self) -> usize {
        if let Form::Rungs(rungs, _) = self.form { rungs } else { 1 }
    }

    fn moves(&self) -> bool {
        self.deeds.iter().any(|(_, deed)| matches!(deed, Deed::Seek(_)))
    }
}

fn deeds() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (0..120_000_i64).prop_map(Deed::Seek),
        2 => (1..3_usize).prop_map(Deed::Select),
        1 => (0..60_000_i64, 500..8_000_i64).prop_map(|(from, length)| Deed::Drop(from, from + length)),
        1 => Just(Deed::Pause),
        1 => Just(Deed::LoadAnew),
    ]
}

pub(super) fn recipes() -> impl Strategy<Value = Recipe> {
    let forms = vec![
        Form::Indexed,
        Form::Indexed,
        Form::Indexed,
        Form::Rungs(1, Chooses::Ladder),
        Form::Rungs(2, Chooses::Nobody),
        Form::Rungs(3, Chooses::Dice),
        Form::Rungs(3, Chooses::Ladder),
        Form::Rungs(6, Chooses::Dice),
        Form::Rungs(6, Chooses::Ladder),
        Form::Muxed,
        Form::Plain(true),
        Form::Plain(false),
        Form::Restarting,
        Form::Changing(true),
        Form::Changing(false),
    ];
    let film = (10..80_i64, prop::sample::select(vec![500_i64, 1_000, 2_000, 5_000]), 20_000..600_000_u64);
    let form = (prop::sample::select(forms), prop::bool::weighted(0.2), any::<bool>());
    let spans = || prop::collection::vec((0..80_u64, 1..15_u64), 0..2);
    let link = (2..200_u64, 0..80_u64, spans(), spans(), 2..40_u64);
    let rest = (prop::sample::select(vec![2_u64 << 20, 4 << 20, 12 << 20, 150 << 20]), any::<u64>());
    let deeds = prop::collection::vec((0..20_000_u64, deeds()), 0..4);
    (film, form, link, rest, deeds).prop_map(|(film, (form, required, firefox), link, (quota, seed), deeds)| {
        let (seconds, group, rate) = film;
        let (mbit, jitter, cuts, offline, breaks) = link;
        // A group that does not fit the browser's buffer cannot be played by anybody.
        let rate = rate.min(quota * 200 / group.unsigned_abs());
        let required = required && matches!(form, Form::Indexed | Form::Rungs(..) | Form::Muxed);
        Recipe {
            seconds,
            group,
            fragments_per_group: 4,
            groups_per_chunk: 15,
            rate,
            form,
            required,
            mbit,
            jitter,
            cuts,
            offline,
            breaks,
            quota,
            firefox,
            deeds,
            seed,
        }
    })
}

/// An origin, and all that lies before it, with one answer in `breaks` spoilt.
fn spoiling(seed: u64, breaks: u64) -> impl FnMut(&Ask, u64) -> Answer {
    let mut dice = fastrand::Rng::with_seed(seed);
    move |ask, total| {
        if dice.u64(..breaks) > 0 {
            return Answer::good(ask, total);
        }
        let at = dice.u64(..total.max(1));
        match dice.u8(..9) {
            0 => Answer::status(503),
            1 => Answer::refused(),
            2 => Answer::whole(ask, total),
            3 => Answer::good(ask, total).ending(Ending::Short(at)),
            4 => Answer::good(ask, total).ending(Ending::Silent(at)),
            5 => Answer::good(ask, total).ending(Ending::Reset(at)),
            6 => Answer::status(if dice.bool() { 404 } else { 416 }),
            7 => Answer::mute(),
            _ => Answer::good(ask, total).damaged(at, at + 1 + dice.u64(..100_000)),
        }
    }
}

pub(super) fn build(recipe: &Recipe, options: &Options) -> World {
    let video = Cut {
        group: recipe.group,
        fragments_per_group: recipe.fragments_per_group,
        groups_per_chunk: recipe.groups_per_chunk,
        rate: recipe.rate,
        seed: recipe.seed,
        ..Cut::video(recipe.seconds)
    };
    let muxed = Cut { kind: manifest::Kind::Muxed, ..video.clone() };
    let truth = match recipe.form {
        Form::Indexed => {
            let sound = Cut::audio(recipe.seconds);
            Truth::indexed(&[video, sound.clone(), Cut { seed: 9, ..sound }])
        }
        Form::Rungs(rungs, _) => {
            // Their chunks end at other groups, their groups differ in other places, and one is of another codec.
            let rung = |at: usize| Cut {
                rate: video.rate >> at,
                groups_per_chunk: video.groups_per_chunk + at,
                seed: recipe.seed ^ at as u64,
                variant: usize::from(at == 2),
                ..video.clone()
            };
            let sound = Cut::audio(recipe.seconds);
            let rungs: Vec<_> = (0..rungs).map(rung).collect();
            let default = recipe.seed as usize % rungs.len();
            Truth::ladder(&rungs, default, &[sound.clone(), Cut { seed: 9, ..sound }])
        }
        Form::Muxed => Truth::indexed(&[muxed]),
        Form::Plain(every_chunk_has_init) => Truth::plain(&muxed, every_chunk_has_init),
        Form::Restarting => Truth::restarting(&muxed),
        Form::Changing(every_chunk_has_init) => Truth::changing(&muxed, every_chunk_has_init),
    };
    let mut link = Link::mbit(recipe.mbit);
    link.jitter = Duration::from_millis(recipe.jitter);
    let seconds = Duration::from_secs;
    let spans = |spans: &[(u64, u64)]| spans.iter().map(|(at, length)| (seconds(*at), seconds(at + length))).collect();
    (link.cuts, link.offline) = (spans(&recipe.cuts), spans(&recipe.offline));
    let integrity = if recipe.required { Integrity::Required } else { Integrity::Preferred };
    let options = Options { seed: recipe.seed, integrity, ..options.clone() };
    let origin = spoiling(recipe.seed, recipe.breaks);
    let tables = spoiling(recipe.seed ^ 1, recipe.breaks);
    let mut setup = Setup::new(truth).link(link).origin(origin).tables(tables).options(options).quota(recipe.quota);
    setup.flavour = if recipe.firefox { Flavour::Firefox } else { Flavour::Chrome };
    setup.seed = recipe.seed;
    if let Form::Rungs(_, chooses) = recipe.form {
        setup.chooses = chooses;
    }
    setup.fingerprints = true;
    setup.play()
}

/// The most seconds buffered ahead of and behind the playhead.
#[derive(Debug, Default)]
struct Extremes {
    ahead: f64,
    behind: f64,
}

impl Extremes {
    fn look(&mut self, world: &World) {
        let time = world.time();
        let ends = world.element.buffers.values().filter_map(|buffer| buffer.ranges.around(time));
        for (start, end) in ends {
            self.ahead = self.ahead.max((end - time).as_seconds());
            self.behind = self.behind.max((time - start).as_seconds());
        }
    }
}

/// The most film that the bytes of one read hold, in seconds.
fn most_in_a_read(world: &World) -> f64 {
    let in_chunk = |chunk: &Chunk| {
        let from = |first: usize| {
            let mut left = PIECE;
            let fit = |fragment: &&Fragment| {
                let begins = left > 0;
                left = left.saturating_sub(fragment.bytes);
                begins
            };
            let held = chunk.fragments[first..].iter().take_while(fit);
            held.map(|fragment| (fragment.end - fragment.start).as_seconds()).sum()
        };
        (0..chunk.fragments.len()).map(from).fold(0.0, f64::max)
    };
    world.truth.streams.iter().flat_map(|stream| &stream.chunks).map(in_chunk).fold(0.0, f64::max)
}

/// Asserts that of the bytes of chunks that have come every one is accounted for.
pub(super) fn assert_conserved(world: &World) {
    let statistics = world.player.statistics();
    let gone = [statistics.passed_bytes, statistics.dropped_bytes, statistics.shown_bytes, statistics.unseen_bytes];
    let all = gone.iter().sum::<u64>() + world.player.waiting_bytes();
    assert_eq!(all, statistics.media_bytes, "{gone:?} and {}: {}", world.player.waiting_bytes(), world.describe());
}

/// Plays a world to its end or its fatal error.
fn play(recipe: &Recipe) -> (World, Extremes) {
    let mut world = build(recipe, &Options::default());
    for (pause, deed) in &recipe.deeds {
        world.run_for(*pause);
        match *deed {
            Deed::Seek(to) => world.seek(to),
            Deed::Select(sound) => world.select_audio(StreamId(recipe.rungs() - 1 + sound)),
            Deed::Drop(from, to) if world.element.buffers.contains_key(&BufferId(0)) => {
                world.drop_silently(BufferId(0), from, to);
            }
            Deed::Drop(..) => {}
            Deed::Pause => world.press_pause(),
            Deed::LoadAnew => world.load_anew(),
        }
        assert_conserved(&world);
    }
    world.run_for(100);
    // A film that had ended is paused.
    world.press_play();
    let limit = recipe.seconds.unsigned_abs() * 20 + 2_000;
    let (mut extremes, mut steps) = (Extremes::default(), 0);
    let over = world.run_until(limit, |world| {
        steps += 1;
        if steps % 64 == 0 {
            extremes.look(world);
            assert_conserved(world);
        }
        world.element.state.ended || world.fatal().is_some()
    });
    assert!(over, "it neither ends nor fails: {}", world.describe());
    assert_conserved(&world);
    (world, extremes)
}

/// Whether an error is one that such an origin can cause, and its budget is truly spent.
pub(super) fn is_justified(error: &Error, world: &World) -> bool {
    match error {
        Error::Network { history, .. } => history.len() == 8,
        Error::Integrity { history, .. } => history.len() == 3,
        Error::Refused { failure: Failure::Status { status: 404, .. }, .. } => {
            world.trace.manifests > 0 || !world.truth.film.is_indexed()
        }
        Error::Uncheckable { .. } => true,
        _ => false,
    }
}

/// 2,000, or as many as `PROPTEST_CASES` says; a browser shows only that the engine is the same in there.
pub(super) fn worlds() -> u32 {
    let all = if cfg!(target_arch = "wasm32") { 100 } else { 2_000 };
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(all)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: worlds(), max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_world_ends_or_says_why_not(recipe in recipes()) {
        let (world, extremes) = play(&recipe);
        let statistics = world.player.statistics();
        match world.fatal() {
            Some(error) => prop_assert!(is_justified(error, &world), "{error:?}"),
            // Every moment was shown, in order, but for holes of half a second where the browser dropped something.
            None if !recipe.moves() => world.assert_all_shown(),
            None => {}
        }
        // What is held, ahead and behind.
        let most = world.truth.streams.len() as u64 * ((4 << 20) + 2 * 98_304);
        prop_assert!(world.trace.most_pending <= most, "{} bytes held", world.trace.most_pending);
        if !recipe.moves() && recipe.is_indexed() {
            // A group of sound has 2 s.
            let group = (recipe.group as f64 / 1e3).max(2.0);
            // A read may give seconds of sound beyond the goal, and of low rungs whole groups, from a server that ignores Range.
            let read = if recipe.rungs() > 1 { most_in_a_read(&world) } else { 7.0 };
            // A film of several rungs has a reserve.
            let goal = if recipe.rungs() > 1 { 40.0 } else { 30.0 };
            prop_assert!(extremes.ahead <= goal + read.max(7.0) + group, "{extremes:?}");
            prop_assert!(extremes.behind <= 36.0 + 2.0 * group, "{extremes:?}");
        }
        // No byte comes twice without a reason: a seek, damage, an eviction, a sound that was left for
        // another, or a chunk put by estimate.
        if world.trace.quota_errors == 0 && recipe.form != Form::Restarting {
            prop_assert_eq!((world.trace.wasted, world.trace.overwritten), (0, 0));
        }
        // Nothing damaged stays in a buffer, unless it could not be checked.
        if recipe.is_indexed() && statistics.unchecked_bytes == 0 && world.fatal().is_none() {
            prop_assert!(world.element.buffers.values().all(|buffer| !buffer.has_damage()));
        }
        if recipe.required {
            prop_assert_eq!(statistics.unchecked_bytes, 0);
            prop_assert!(!world.element.has_met_damage);
        }
        // Whoever is not asked changes nothing.
        if !matches!(recipe.form, Form::Rungs(2.., _)) {
            prop_assert_eq!(world.trace.questions, 0);
        }
        // Nothing runs hot: pieces, checks and operations need an input each, and time four a second.
        let pieces = world.trace.bytes / 4_096 + 2 * world.trace.operations as u64 + statistics.checked_fragments;
        let allowed = 2_000 + 40 * world.now().as_secs() + pieces;
        prop_assert!(world.trace.inputs as u64 <= allowed, "{} inputs, {} allowed", world.trace.inputs, allowed);
        // A film that has failed fails again only once the network has been back.
        let told = world.trace.events.iter().filter_map(|(_, event)| match event {
            Event::Fatal(_) => Some(true),
            Event::Reconnected => Some(false),
            _ => None,
        });
        let told: Vec<_> = told.collect();
        prop_assert!(told.windows(2).all(|pair| pair[0] != pair[1]), "{}", world.describe());
    }

    #[test]
    fn equal_worlds_have_equal_traces(recipe in recipes()) {
        let recipe = Recipe { seconds: recipe.seconds.min(30), ..recipe };
        prop_assert_eq!(play(&recipe).0.trace.fingerprint(), play(&recipe).0.trace.fingerprint());
    }
}

#[test]
fn a_film_of_two_hours_is_played_in_a_moment() {
    let mut world = Setup::new(Truth::film(7_200)).link(Link::mbit(20)).play();
    world.run_to_end();
    assert!(world.time() >= ms(7_199_999));
    world.assert_all_shown();
}
