//! Where random instants come from, at which programs are killed.

/// The seed, unless `KILL_SEED` has another.
const SEED: u64 = 19;

fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

/// How many programs are killed: as many as usual, unless `KILLS` says another number.
pub(crate) fn kills(usual: u64) -> u64 {
    number("KILLS", usual)
}

pub(crate) fn random() -> fastrand::Rng {
    let seed = number("KILL_SEED", SEED);
    // Shown where the test fails.
    eprintln!("KILL_SEED={seed}");
    fastrand::Rng::with_seed(seed)
}
