//! `docs/reliability.md` names tests for each of its promises. They are there.

use std::{collections::HashMap, fs, path::Path};

/// A row of a table of promises.
struct Promise<'a> {
    row: &'a str,
    /// Each with its file.
    tests: Vec<(&'a str, &'a str)>,
}

/// The rows of all tables of promises; other tables are figures. What stands in code type and ends with `.rs` is a file, and what follows
/// are its tests.
fn promises(page: &str) -> Vec<Promise<'_>> {
    let tables = page.split("\n| promise ").skip(1).map(|table| table.lines().take_while(|row| !row.is_empty()));
    // The rest of the heads, and the lines below them.
    let rows = tables.flat_map(|table| table.skip(2));
    rows.map(|row| Promise { row, tests: tests(row) }).collect()
}

fn tests(row: &str) -> Vec<(&str, &str)> {
    let mut file = None;
    let mut tests = Vec::new();
    let columns = row.trim_end_matches(['|', ' ']).rsplit_once('|');
    for word in columns.map_or("", |(_, last)| last).split('`').skip(1).step_by(2) {
        if Path::new(word).extension().is_some_and(|extension| extension == "rs") {
            file = Some(word);
        } else if let Some(file) = file {
            tests.push((file, word));
        }
    }
    tests
}

/// Whether a text of Rust has a function of that name whose attributes make it a test.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<_> = text.lines().map(str::trim_start).collect();
    let is_it = |line: &&str| line.trim_start_matches("async ").starts_with(&format!("fn {name}("));
    lines.iter().position(is_it).is_some_and(|at| {
        let mut above = lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        above.any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
    })
}

#[test]
fn every_promise_names_tests_that_are_there() {
    let root = crate::workspace::root();
    let page = fs::read_to_string(root.join("docs/reliability.md")).expect("the page");
    let promises = promises(&page);
    assert!(promises.len() >= 20, "{} promises were read", promises.len());
    let bare: Vec<_> = promises.iter().filter(|promise| promise.tests.is_empty()).map(|promise| promise.row).collect();
    assert_eq!(bare, [] as [&str; 0], "a promise without a test");

    let named: Vec<_> = promises.iter().flat_map(|promise| promise.tests.clone()).collect();
    let mut texts = HashMap::new();
    for (file, _) in &named {
        texts.entry(*file).or_insert_with(|| fs::read_to_string(root.join(file)).unwrap_or_default());
    }
    let missing: Vec<_> = named.into_iter().filter(|(file, name)| !has_test(&texts[file], name)).collect();
    assert_eq!(missing, [], "no such tests");
}

#[test]
fn tests_are_found_by_file_and_name() {
    let page = "# It\n\n| promise | tests |\n| --- | --- |\n\
                | `It` holds. | `a/b.rs`: `it_holds`, `it_does`; `c.rs`: `so_do_i` |\n| It too. | nothing |\n\nIn `d.rs`: `no_row`.\n\n\
                | figure | |\n| --- | --- |\n| `d.rs` | `nor_this` |\n";
    let promises = promises(page);
    let tests: Vec<_> = promises.iter().map(|promise| promise.tests.as_slice()).collect();
    assert_eq!(tests, [&[("a/b.rs", "it_holds"), ("a/b.rs", "it_does"), ("c.rs", "so_do_i")][..], &[]]);
    for test in ["#[test]\nfn it_holds() {}", "    #[tokio::test(a)]\n    // Why.\n    async fn it_holds() {}"] {
        assert!(has_test(test, "it_holds"), "{test}");
    }
    for other in ["#[test]\nfn it() {}\nfn it_holds() {}", "#[test]\nfn it_holds_too() {}", "// fn it_holds("] {
        assert!(!has_test(other, "it_holds"), "{other}");
    }
}
