//! The benchmark's harness: every contender shows its first frame, and the very frame that is sought. How long that takes
//! is nobody's concern here.

use std::time::Duration;

use end_to_end::sample_film;
use player_bench::{Kind, LOOPBACK, Plan, SMOKE};

#[test]
fn every_contender_starts_and_seeks() {
    let (bench, _directory) = end_to_end::bench().expect("what is measured");
    let film = bench.film("sample", &sample_film()).expect("cuts");
    let plan = Plan {
        key: "smoke",
        kind: Kind::Start,
        link: &LOOPBACK,
        film: &film,
        contenders: SMOKE,
        runs: RUNS,
        limit: Duration::MAX,
        traces: false,
    };
    let part = bench
        .run(&plan, &mut |line| {
            eprintln!("{line}");
            Ok(())
        })
        .expect("a stage");
    for row in &part.rows {
        assert_eq!(row.failures, Vec::<String>::new(), "{}", row.name);
        assert_eq!(row.samples["first frame, ms"].len(), RUNS, "{}", row.name);
        assert_eq!(row.samples["seek, ms"].len(), RUNS, "{}", row.name);
        assert!(row.samples["bytes at the first frame"].iter().all(|bytes| *bytes > 10_000.0), "{row:?}");
    }
    let table = player_bench::table(&part);
    assert!(part.rows.iter().all(|row| table.contains(&row.name)), "{table}");
    assert!(player_bench::picture(&[part]).starts_with("<svg"), "a picture");
}

const RUNS: usize = 3;
