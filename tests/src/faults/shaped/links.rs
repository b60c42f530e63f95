//! The links: round trips, losses, and steps of the rate.

use player_bench::Link;

const MEGABIT: u64 = 1_000_000;

/// All of them. The film has 0.8 Mbit/s.
pub(super) static LINKS: [Link; 20] = [
    Link::new("5 Mbit/s, 30 ms, 0.1 % lost", 5 * MEGABIT, 30, 1),
    Link::new("5 Mbit/s, 30 ms, 0.5 % lost", 5 * MEGABIT, 30, 5),
    Link::new("5 Mbit/s, 30 ms, 1 % lost", 5 * MEGABIT, 30, 10),
    Link::new("5 Mbit/s, 30 ms, 3 % lost", 5 * MEGABIT, 30, 30),
    Link::new("5 Mbit/s, 100 ms, 0.1 % lost", 5 * MEGABIT, 100, 1),
    Link::new("5 Mbit/s, 100 ms, 0.5 % lost", 5 * MEGABIT, 100, 5),
    Link::new("5 Mbit/s, 100 ms, 1 % lost", 5 * MEGABIT, 100, 10),
    Link::new("5 Mbit/s, 100 ms, 3 % lost", 5 * MEGABIT, 100, 30),
    Link::new("5 Mbit/s, 200 ms, 0.1 % lost", 5 * MEGABIT, 200, 1),
    Link::new("5 Mbit/s, 200 ms, 0.5 % lost", 5 * MEGABIT, 200, 5),
    Link::new("5 Mbit/s, 200 ms, 1 % lost", 5 * MEGABIT, 200, 10),
    Link::new("5 Mbit/s, 200 ms, 3 % lost", 5 * MEGABIT, 200, 30),
    Link::new("5 Mbit/s, 300 ms, 0.1 % lost", 5 * MEGABIT, 300, 1),
    Link::new("5 Mbit/s, 300 ms, 0.5 % lost", 5 * MEGABIT, 300, 5),
    Link::new("5 Mbit/s, 300 ms, 1 % lost", 5 * MEGABIT, 300, 10),
    Link::new("5 Mbit/s, 300 ms, 3 % lost", 5 * MEGABIT, 300, 30),
    Link::new("4 and 0.5 Mbit/s by turns, 4 s each, 60 ms, 0.1 % lost", 4 * MEGABIT, 60, 1)
        .by_turns([4 * MEGABIT, MEGABIT / 2], 4),
    Link::new("2 and 0.3 Mbit/s by turns, 3 s each, 100 ms, 0.5 % lost", 2 * MEGABIT, 100, 5)
        .by_turns([2 * MEGABIT, MEGABIT * 3 / 10], 3),
    Link::new("0.4 and 3 Mbit/s by turns, 5 s each, 150 ms, 0.1 % lost", 3 * MEGABIT, 150, 1)
        .by_turns([MEGABIT * 4 / 10, 3 * MEGABIT], 5),
    Link::new("0.6 Mbit/s, below the film's own, 60 ms, 0.1 % lost", MEGABIT * 6 / 10, 60, 1),
];
