//! The tests of this room from outside, in one program: each that links everything would be some 150 MB on disk and a
//! minute of linking.

mod appeals;
mod assess;
mod bad_input;
mod bureau;
mod citizen;
mod conflicts;
mod courses;
mod crossing;
mod desk;
mod emergency;
mod feeds;
mod field;
mod gate;
mod kin;
mod known;
mod library;
mod life;
mod linkage;
mod living;
mod matters;
mod money;
mod office;
mod papers;
mod public;
mod push;
mod questions;
mod stats;
mod support;
mod trials;
mod verify;
mod visits;
mod voices;
mod ways;
mod words;
mod work;
