//! What the engine costs: inputs a second, in whole sessions of a virtual world that costs something itself.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use virtual_world::{Link, Setup, Truth, World};

fn session(seconds: i64) -> World {
    Setup::new(Truth::film(seconds)).link(Link::mbit(20)).play()
}

fn played(mut world: World) -> World {
    world.run_to_end();
    world
}

fn sessions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("session");
    group.sample_size(20);
    for (name, seconds) in [("ten minutes", 600), ("two hours", 7_200)] {
        let inputs = played(session(seconds)).trace.inputs;
        group.throughput(Throughput::Elements(inputs as u64));
        group.bench_function(name, |bencher| {
            bencher.iter_batched(|| session(seconds), |world| black_box(played(world)), BatchSize::PerIteration);
        });
    }
}

criterion_group!(benches, sessions);
criterion_main!(benches);
