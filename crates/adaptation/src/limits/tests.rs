use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const fn rung(height: u32, kbps: u64) -> Rung {
    Rung { bits_per_second: kbps * 1_000, height, is_smooth: true }
}

const RUNGS: [Rung; 4] = [rung(360, 800), rung(480, 1_600), rung(720, 4_000), rung(1080, 12_000)];

fn ceiling(limits: Limits) -> (usize, Option<Limit>) {
    let (rung, limit) = limits.ceiling(&Ahead { rungs: &RUNGS, groups: &[] });
    (rung.0, limit)
}

#[test]
fn without_limits_the_highest_may_be_chosen() {
    assert_eq!(ceiling(Limits::default()), (3, None));
}

#[test]
fn no_more_lines_than_are_shown_but_no_fewer_either() {
    let shown = |lines| ceiling(Limits { shown_height: Some(lines), ..Limits::default() });
    assert_eq!(shown(1080), (3, None));
    assert_eq!(shown(720), (2, Some(Limit::Shown(720))));
    assert_eq!(shown(500), (2, Some(Limit::Shown(500))), "480 lines would be blurred");
    assert_eq!(shown(100), (0, Some(Limit::Shown(100))));
}

#[test]
fn what_is_wanted_is_not_exceeded() {
    assert_eq!(ceiling(Limits { max_height: Some(700), ..Limits::default() }), (1, Some(Limit::MaxHeight(700))));
    let max_bits_per_second = Some(4_000_000);
    assert_eq!(ceiling(Limits { max_bits_per_second, ..Limits::default() }), (2, Some(Limit::MaxRate(4_000_000))));
    assert_eq!(ceiling(Limits { saves_data: true, ..Limits::default() }), (1, Some(Limit::SavesData)));
}

#[test]
fn what_the_device_cannot_do_is_not_asked_of_it() {
    let undropped = Some(RungId(1));
    assert_eq!(ceiling(Limits { undropped, ..Limits::default() }), (1, Some(Limit::Dropped)));
    // Eight seconds of 4 Mbit/s are 4 MB.
    let quota = Some(4_000_000);
    assert_eq!(ceiling(Limits { quota, ..Limits::default() }), (2, Some(Limit::Quota(4_000_000))));
    let rungs = [RUNGS[0], Rung { is_smooth: false, ..RUNGS[1] }];
    let ahead = Ahead { rungs: &rungs, groups: &[] };
    assert_eq!(Limits::default().ceiling(&ahead), (RungId(0), Some(Limit::NotSmooth)));
}

#[test]
fn where_there_is_no_rung_the_lowest_is_meant() {
    assert_eq!(Limits::default().ceiling(&Ahead { rungs: &[], groups: &[] }), (RungId::LOWEST, None));
}
