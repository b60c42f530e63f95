//! Every input that the fuzzers keep, in one go. `fuzz/corpus/NAME` has those of the target of that name.

use std::fs;
use std::path::Path;

#[test]
fn nothing_in_the_corpora_panics() {
    for &(name, target) in fuzz_targets::TARGETS {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus").join(name);
        let entries = fs::read_dir(&corpus).unwrap_or_else(|error| panic!("{}: {error}", corpus.display()));
        let mut count = 0;
        for entry in entries {
            let path = entry.expect("readable").path();
            target(&fs::read(&path).expect("readable"));
            count += 1;
        }
        assert!(count > 0, "{name} has no inputs");
    }
}
