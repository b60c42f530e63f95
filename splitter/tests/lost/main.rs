//! Films of which a part would be lost: pictures that nothing plays or that are not there, configurations that no decoder
//! takes, tables that contradict each other. Each is refused with its reason, and published without what is missing only
//! where that is asked for.

#[path = "../oracle/boxes.rs"]
mod boxes;
mod film;
mod fragments;
mod roles;
mod tables;
mod times;
